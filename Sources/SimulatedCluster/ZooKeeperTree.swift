// The znodes of a simulated ensemble. What is big is not kept but computed from the cluster's
// columns: topics, their partitions and states. All else is stored.
import KafkaWire
import ZooKeeperClient

/// A stored znode.
struct StoredZnode: Sendable {
    var data: [UInt8]?
    var stat = ZnodeStat()
    /// Names, ascending.
    var children: [String] = []
}

/// When a computed znode last changed, if it has since the start.
struct ZnodeMark: Sendable {
    var zxid: Int64
    var ms: Int64
    var version: Int32
    var controllerEpoch: Int32
}

/// A tree at one moment. A server cut off from the others keeps its own.
struct ZnodeTree: Sendable {
    var nodes: [String: StoredZnode] = [:]
    /// The newest change.
    var zxid: Int64 = 0

    // The cluster's state that ZooKeeper last stored. These share their storage with the machine's
    // columns until one of them changes, which is also how a change is noticed.
    var leader: [Int32] = []
    var epoch: [Int32] = []
    var inSync: [UInt32] = []
    var replicaBroker: [Int32] = []
    var oddReplicas: [Int32: IDList] = [:]
    var moves: [Int32: Move] = [:]
    var topics: [SimulatedTopic] = []

    /// By row, topic and topic.
    var stateMarks: [Int32: ZnodeMark] = [:]
    var topicMarks: [Int32: ZnodeMark] = [:]
    var configMarks: [Int32: ZnodeMark] = [:]

    /// A partition's replicas as they were stored, where those of its topic stand in `rows`.
    func replicas(_ partition: Int, _ rows: Range<Int>) -> IDList {
        if let move = moves[Int32(partition)] { return move.replicas }
        if let list = oddReplicas[Int32(partition)] { return list }
        return IDList(Array(replicaBroker[rows]))
    }

    // MARK: Stored znodes

    /// Creates a znode whose parent is there and that is not.
    mutating func insert(_ path: String, _ data: [UInt8]?, owner: Int64 = 0, ms: Int64) {
        var node = StoredZnode(data: data)
        node.stat.createdZxid = zxid
        node.stat.modifiedZxid = zxid
        node.stat.childrenZxid = zxid
        node.stat.createdMs = ms
        node.stat.modifiedMs = ms
        node.stat.ephemeralOwner = owner
        node.stat.dataBytes = Int32(clamping: data?.count ?? 0)
        nodes[path] = node
        let (parent, name) = Self.split(path)
        guard var above = nodes[parent], path != "/" else { return }
        nodes[parent] = nil
        above.children.insert(name, at: Self.place(name, in: above.children))
        above.stat.childrenVersion += 1
        above.stat.childrenZxid = zxid
        nodes[parent] = above
    }

    mutating func remove(_ path: String) {
        nodes[path] = nil
        let (parent, name) = Self.split(path)
        guard var above = nodes[parent] else { return }
        nodes[parent] = nil
        let at = Self.place(name, in: above.children)
        if at < above.children.count, above.children[at] == name { above.children.remove(at: at) }
        above.stat.childrenVersion += 1
        above.stat.childrenZxid = zxid
        nodes[parent] = above
    }

    mutating func setData(_ path: String, _ data: [UInt8]?, ms: Int64) {
        nodes[path]?.data = data
        nodes[path]?.stat.version += 1
        nodes[path]?.stat.modifiedZxid = zxid
        nodes[path]?.stat.modifiedMs = ms
        nodes[path]?.stat.dataBytes = Int32(clamping: data?.count ?? 0)
    }

    /// The parent's path and the name in it; the root is its own parent.
    static func split(_ path: String) -> (parent: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: 0x2f) else { return ("/", path) }
        let name = String(path[path.utf8.index(after: slash)...])
        return (slash == path.startIndex ? "/" : String(path[..<slash]), name)
    }

    private static func place(_ name: String, in names: [String]) -> Int {
        var low = 0
        var high = names.count
        while low < high {
            let middle = (low + high) / 2
            if names[middle] < name { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether a server would take this path: absolute, no empty or relative parts, nothing
    /// unprintable (ZooKeeper's PathUtils).
    static func isValid(_ path: String) -> Bool {
        guard path.utf8.first == 0x2f else { return false }
        if path.utf8.count == 1 { return true }
        for part in path.utf8.dropFirst().split(separator: 0x2f, omittingEmptySubsequences: false) {
            if part.isEmpty || part.elementsEqual([0x2e]) || part.elementsEqual([0x2e, 0x2e]) {
                return false
            }
        }
        return path.unicodeScalars.allSatisfy { scalar in
            scalar.value > 0x1f && !(0x7f...0x9f).contains(scalar.value)
                && !(0xf000...0xf8ff).contains(scalar.value)
                && !(0xfff0...0xffff).contains(scalar.value)
        }
    }
}

/// Whether two columns are the same because they are one: no element was written since the copy.
func isOne<Element>(_ first: [Element], _ second: [Element]) -> Bool {
    first.withUnsafeBufferPointer { one in
        second.withUnsafeBufferPointer { other in
            one.baseAddress == other.baseAddress && one.count == other.count
        }
    }
}
