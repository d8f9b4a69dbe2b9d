// Reading the tree: stored znodes as they are, and the computed ones of topics, partitions, states
// and topic configs, in the JSON of the release (orders of keys as Kafka's own writers leave them).
import JSON
import KafkaWire
import ZooKeeperClient

/// A znode that is computed.
enum ComputedZnode {
    case topic(Int)
    case partitions(Int)
    case partition(row: Int)
    case state(row: Int)
    case topicConfig(Int)
}

/// A znode as a reader sees it.
struct ZnodeView {
    var data: [UInt8]?
    var stat: ZnodeStat
}

extension Machine {
    /// The wall clock now, milliseconds since 1970.
    var wallMs: Int64 { shape.wallStartMs + Int64(seconds * 1000) }

    /// A path of Kafka's with the chroot before it.
    func rooted(_ path: String) -> String { shape.zooKeeper.chroot + path }

    /// Which computed znode a path names, if any.
    func computed(_ path: String) -> ComputedZnode? {
        var rest = path[...]
        if !shape.zooKeeper.chroot.isEmpty {
            guard rest.hasPrefix(shape.zooKeeper.chroot + "/") else { return nil }
            rest = rest.dropFirst(shape.zooKeeper.chroot.count)
        }
        let isConfig = rest.hasPrefix("/config/topics/")
        guard isConfig || rest.hasPrefix("/brokers/topics/") else { return nil }
        let parts = rest.split(separator: "/").dropFirst(2)
        guard let name = parts.first, let topic = topicIndex[String(name)] else { return nil }
        if isConfig { return parts.count == 1 ? .topicConfig(topic) : nil }
        let below = parts.dropFirst()
        guard let word = below.first else { return .topic(topic) }
        guard word == "partitions", below.count <= 3 else { return nil }
        guard let number = below.dropFirst().first else { return .partitions(topic) }
        guard let partition = Int32(number), "\(partition)" == number,
            let row = row(topic, partition)
        else { return nil }
        guard let last = below.dropFirst(2).first else { return .partition(row: row) }
        return last == "state" ? .state(row: row) : nil
    }

    /// A server that was cut off before a topic was made knows nothing of it.
    private func holds(_ computed: ComputedZnode, _ tree: ZnodeTree) -> Bool {
        switch computed {
        case .topic(let index), .partitions(let index), .topicConfig(let index):
            tree.topics.count > index && tree.leader.count >= topics[index].partitions.upperBound
        case .partition(let row), .state(let row): tree.leader.count > row
        }
    }

    func statePath(_ row: Int) -> String {
        let topic = topic(of: row)
        return rooted(
            "/brokers/topics/\(topic.name)/partitions/\(row - topic.firstPartition)/state")
    }

    // MARK: Reading

    /// - Parameter withData: false where only the stat is wanted; the data's length is right still.
    func znode(_ path: String, in tree: ZnodeTree) -> ZnodeView? {
        if var node = tree.nodes[path] {
            node.stat.childCount = Int32(clamping: node.children.count)
            return ZnodeView(data: node.data, stat: node.stat)
        }
        guard let computed = computed(path), holds(computed, tree) else { return nil }
        var view = view(computed, in: tree)
        view.stat.dataBytes = Int32(clamping: view.data?.count ?? 0)
        return view
    }

    func children(_ path: String, in tree: ZnodeTree) -> [String]? {
        if let node = tree.nodes[path] { return node.children }
        guard let computed = computed(path), holds(computed, tree) else { return nil }
        return switch computed {
        case .topic: ["partitions"]
        case .partitions(let topic): (0..<topics[topic].partitionCount).map { "\($0)" }
        case .partition: ["state"]
        case .state, .topicConfig: []
        }
    }

    private func view(_ computed: ComputedZnode, in tree: ZnodeTree) -> ZnodeView {
        switch computed {
        case .topic(let index):
            var view = born(topicBirth(index) + 1, index)
            view.data = Array(topicJSON(index, in: tree).utf8)
            view.stat.childCount = 1
            view.stat.childrenVersion = 1
            view.stat.childrenZxid = topicBirth(index) + 2
            mark(&view, tree.topicMarks[Int32(index)])
            return view
        case .partitions(let index):
            let count = topics[index].partitionCount
            var view = born(topicBirth(index) + 2, index)
            view.stat.childCount = Int32(count)
            view.stat.childrenVersion = Int32(count)
            view.stat.childrenZxid = topicBirth(index) + 1 + 2 * Int64(count)
            return view
        case .partition(let row):
            var view = born(rowBirth(row), Int(topicOf[row]))
            view.stat.childCount = 1
            view.stat.childrenVersion = 1
            view.stat.childrenZxid = rowBirth(row) + 1
            return view
        case .state(let row):
            var view = born(rowBirth(row) + 1, Int(topicOf[row]))
            let epochs = zooKeeper.firstEpochs[row]
            if epochs > 0 {
                view.stat.modifiedZxid = zooKeeper.lastBirth + 1 + Int64(row)
                view.stat.modifiedMs = shape.wallStartMs - 60_000 - Int64(row % 100_000) * 700
                view.stat.version = epochs
            }
            view.data = Array(stateJSON(row, in: tree).utf8)
            mark(&view, tree.stateMarks[Int32(row)])
            return view
        case .topicConfig(let index):
            var view = born(topicBirth(index), index)
            view.data = Array(configJSON(tree.topics[index].overrides).utf8)
            mark(&view, tree.configMarks[Int32(index)])
            return view
        }
    }

    private func mark(_ view: inout ZnodeView, _ mark: ZnodeMark?) {
        guard let mark else { return }
        view.stat.modifiedZxid = mark.zxid
        view.stat.modifiedMs = mark.ms
        view.stat.version = mark.version
    }

    /// A znode as it was created with its topic, in days before the start.
    private func born(_ zxid: Int64, _ topic: Int) -> ZnodeView {
        var stat = ZnodeStat()
        stat.createdZxid = zxid
        stat.modifiedZxid = zxid
        stat.childrenZxid = zxid
        let left = Int64(topics.count - topic)
        stat.createdMs = shape.wallStartMs - 86_400_000 - left * 61_003
        stat.modifiedMs = stat.createdMs
        return ZnodeView(data: nil, stat: stat)
    }

    /// The change that wrote a topic's config; its znode, the list of partitions and each partition
    /// with its state come after it.
    private func topicBirth(_ index: Int) -> Int64 {
        Self.treeBirth + 3 * Int64(index) + 2 * Int64(topics[index].firstPartition)
    }

    private func rowBirth(_ row: Int) -> Int64 {
        let index = Int(topicOf[row])
        let number = row - topics[index].firstPartition
        return topicBirth(index) + 3 + 2 * Int64(number)
    }

    /// The first change after Kafka's fixed znodes, in the ensemble's first epoch.
    static let treeBirth: Int64 = 1 << 32 | 100

    // MARK: What is written there

    private func topicJSON(_ index: Int, in tree: ZnodeTree) -> String {
        let topic = topics[index]
        var lists: [String] = []
        var adding: [String] = []
        var removing: [String] = []
        for row in topic.partitions {
            let number = row - topic.firstPartition
            let move = tree.moves.isEmpty ? nil : tree.moves[Int32(row)]
            if let move {
                adding.append("\"\(number)\":\(json(move.adding))")
                removing.append("\"\(number)\":\(json(move.removing))")
            }
            lists.append("\"\(number)\":\(json(tree.replicas(row, replicaRows(row))))")
        }
        let id = shape.release >= .v28 ? "\"topic_id\":\"\(topic.id)\"," : ""
        return "{\"partitions\":{\(lists.joined(separator: ","))},\(id)"
            + "\"adding_replicas\":{\(adding.joined(separator: ","))},"
            + "\"removing_replicas\":{\(removing.joined(separator: ","))},"
            + "\"version\":\(shape.release >= .v28 ? 3 : 2)}"
    }

    private func json(_ list: IDList) -> String {
        "[" + list.map { "\($0)" }.joined(separator: ",") + "]"
    }

    private func stateJSON(_ row: Int, in tree: ZnodeTree) -> String {
        var list = IDList()
        for (position, id) in tree.replicas(row, replicaRows(row)).enumerated()
        where tree.inSync[row] & 1 << UInt32(position) != 0 { list.append(id) }
        let controller = tree.stateMarks[Int32(row)]?.controllerEpoch ?? Self.firstControllerEpoch
        return "{\"controller_epoch\":\(controller),\"leader\":\(tree.leader[row]),\"version\":1,"
            + "\"leader_epoch\":\(tree.epoch[row]),\"isr\":\(json(list))}"
    }

    func configJSON(_ entries: [ConfigEntry]) -> String {
        let pairs = entries.map { "\(jsonText($0.name)):\(jsonText($0.value))" }
        return "{\"version\":1,\"config\":{\(pairs.joined(separator: ","))}}"
    }

    /// A broker's registration: version 5 with features since 2.7.
    func registrationJSON(_ index: Int, ms: Int64) -> String {
        let broker = brokers[index]
        let isNew = broker.release >= .v28
        let endpoint = jsonText("PLAINTEXT://\(broker.host):\(broker.port)")
        return "{" + (isNew ? "\"features\":{}," : "")
            + "\"listener_security_protocol_map\":{\"PLAINTEXT\":\"PLAINTEXT\"},"
            + "\"endpoints\":[\(endpoint)],\"rack\":\(jsonText(broker.rack)),\"jmx_port\":-1,"
            + "\"port\":\(broker.port),\"host\":\(jsonText(broker.host)),"
            + "\"version\":\(isNew ? 5 : 4),\"timestamp\":\"\(ms)\"}"
    }

    func controllerJSON(_ id: Int32, ms: Int64) -> String {
        shape.release >= .v39
            ? "{\"version\":2,\"brokerid\":\(id),\"timestamp\":\"\(ms)\","
                + "\"kraftControllerEpoch\":-1}"
            : "{\"version\":1,\"brokerid\":\(id),\"timestamp\":\"\(ms)\"}"
    }
}
