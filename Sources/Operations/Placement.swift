// Where the replicas of new partitions go: over the racks in turn, and first to the brokers that
// lead least. Source: the rack-aware assignment of Kafka's AdminUtils.
internal import ClusterModel
internal import Planning

/// The brokers that can take new replicas, and how they are taken.
struct Placement {
    /// Racks in turn; within a rack who leads least goes first.
    private var order: [Int32] = []
    private var rackOf: [Int32: String] = [:]
    private var rackCount = 0
    /// What each broker has now.
    private var leaders = Tally()
    private var replicas = Tally()

    /// Counts by broker id: of ids as people give them in an array, since a large cluster has
    /// 600,000 replicas.
    private struct Tally {
        private var dense = [Int](repeating: 0, count: Limits.denseBrokerIDs)
        private var sparse: [Int32: Int] = [:]

        mutating func add(_ id: Int32) {
            if dense.indices.contains(Int(id)) {
                dense[Int(id)] += 1
            } else {
                sparse[id, default: 0] += 1
            }
        }

        subscript(_ id: Int32) -> Int {
            dense.indices.contains(Int(id)) ? dense[Int(id)] : sparse[id] ?? 0
        }
    }

    /// Those that are there and not fenced.
    init(_ cluster: Cluster) {
        let live = cluster.brokers.filter { $0.isListed && !$0.isFenced && $0.id.exists }
        let table = cluster.partitions
        for row in 0..<table.count { leaders.add(table.leader[row]) }
        for replica in 0..<table.replicaCount { replicas.add(table.replicaBroker[replica]) }
        // Where some broker has no rack Kafka looks at none.
        let hasRacks = live.allSatisfy { $0.rack != nil }
        var byRack: [String: [Int32]] = [:]
        for broker in live {
            let id = broker.id.value
            let rack = hasRacks ? broker.rack ?? "" : "\(id)"
            rackOf[id] = rack
            byRack[rack, default: []].append(id)
        }
        rackCount = byRack.count
        func load(_ id: Int32) -> (Int, Int, Int32) {
            (leaders[id], replicas[id], id)
        }
        var queues = byRack.values.map { ids in ids.sorted { load($0) < load($1) } }
            .sorted { load($0[0]) < load($1[0]) }
        while !queues.isEmpty {
            order += queues.map { $0[0] }
            queues = queues.map { Array($0.dropFirst()) }.filter { !$0.isEmpty }
        }
    }

    var brokerCount: Int { order.count }

    /// The brokers of each of `count` partitions, the preferred leader first. `factor` must not be
    /// more than there are brokers.
    /// - Parameter first: the number of the first of them, of a topic that has some.
    func lists(count: Int, factor: Int, first: Int = 0) -> [[Int32]] {
        guard (1...max(1, order.count)).contains(factor), !order.isEmpty else { return [] }
        return (first..<first + count).map { number in
            let place = (number - first) % order.count
            // Each further round over the brokers spreads the followers otherwise.
            let shift = (number - first) / order.count
            var list = [order[place]]
            var racks: Set<String> = [rackOf[order[place]] ?? ""]
            var step = 0
            while list.count < factor {
                let turn = (shift * rackCount + step) % max(1, order.count - 1)
                let broker = order[(place + 1 + turn) % order.count]
                let rack = rackOf[broker] ?? ""
                step += 1
                // After a whole round the racks that are left have no broker more.
                let isNew = !racks.contains(rack) || racks.count == rackCount || step > order.count
                guard isNew, !list.contains(broker) else { continue }
                list.append(broker)
                racks.insert(rack)
            }
            return list
        }
    }

    /// What brokers lead and have before and after these partitions are there.
    func preview(_ lists: [[Int32]]) -> [ValueChange] {
        var moreLeaders: [Int32: Int] = [:]
        var moreReplicas: [Int32: Int] = [:]
        for list in lists {
            if let first = list.first { moreLeaders[first, default: 0] += 1 }
            for broker in list { moreReplicas[broker, default: 0] += 1 }
        }
        return moreReplicas.keys.sorted().flatMap { id -> [ValueChange] in
            func row(_ property: String, _ now: Int, _ more: Int) -> ValueChange {
                ValueChange(
                    resource: "broker \(id)", property: property, before: "\(now)",
                    after: "\(now + more)")
            }
            return [
                row("leaders", leaders[id], moreLeaders[id] ?? 0),
                row("replicas", replicas[id], moreReplicas[id] ?? 0),
            ]
        }
    }

    /// Why these lists cannot be; nil where they can.
    func fault(in lists: [[Int32]]) -> String? {
        for (number, list) in lists.enumerated() {
            if list.isEmpty || Set(list).count != list.count || list.count != lists[0].count {
                return "partition \(number) is not on as many different brokers as the others"
            }
            if let unknown = list.first(where: { rackOf[$0] == nil }) {
                return "broker \(unknown) is not there"
            }
        }
        return nil
    }

    /// The racks that these lists use, and how many partitions have two replicas in one.
    func racks(_ lists: [[Int32]]) -> (count: Int, doubled: Int) {
        var used: Set<String> = []
        var doubled = 0
        for list in lists {
            let racks = list.compactMap { rackOf[$0] }
            used.formUnion(racks)
            if Set(racks).count < min(racks.count, rackCount) { doubled += 1 }
        }
        return (used.count, doubled)
    }
}

/// Facts about a topic.
enum TopicFacts {
    static let partitions = "partitions"
    /// Nil before Kafka 2.8.
    static let id = "id"
    static let lastWrite = "last write"

    static func subject(_ topic: String) -> String { "topic \(topic)" }
    static func replicas(_ number: Int) -> String { "replicas of \(number)" }

    /// "1,2,3".
    static func text(_ brokers: [Int32]) -> String {
        brokers.map { "\($0)" }.joined(separator: ",")
    }

    static func brokers(_ text: String?) -> [Int32] {
        (text ?? "").split(separator: ",").compactMap { Int32($0) }
    }
}
