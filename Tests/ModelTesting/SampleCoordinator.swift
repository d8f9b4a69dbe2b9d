// A cluster on ZooKeeper with one server of the ensemble down, and events of every kind.

package import ClusterModel
internal import Health

extension SampleCluster {
    /// The ill cluster as one on ZooKeeper: three servers of which one is silent, a chroot, a
    /// controller elected two hours ago, queues, protected nodes, a disagreement about orders-0.
    package static func zooKeeper() -> Cluster {
        var cluster = ill()
        let wall = cluster.takenAtWall.ms
        cluster.kind = .zookeeper
        cluster.kafkaVersion = "3.9"
        cluster.quorum = nil
        cluster.sections[.quorum] = SectionHealth(
            state: .unsupported("This cluster keeps its state in ZooKeeper: no quorum."))
        var coordinator = Coordinator()
        coordinator.session = .connected(server: "zk-1.example.com:2181", isReadOnly: false)
        coordinator.chroot = "/kafka"
        coordinator.origin = "zookeeper.connect of broker 1"
        coordinator.ensembleSize = 3
        for (number, mode) in ["follower", "leader"].enumerated() {
            var server = ZooKeeperServer(host: "zk-\(number + 1).example.com", port: 2181)
            server.mode = mode
            server.version = "3.8.4"
            server.zxid = "0x300000a1f"
            server.latencyAverageMs = 0.4
            server.latencyMaximumMs = 31
            server.outstanding = 0
            server.connections = Int64(7 + number)
            server.isServing = true
            server.answeredAt = cluster.takenAt
            if number == 1 {
                server.watches = 1_204
                server.nodes = 3_377
                server.dataBytes = 412_000
                server.syncedFollowers = 1
            }
            coordinator.servers.append(server)
        }
        var silent = ZooKeeperServer(host: "zk-3.example.com", port: 2181)
        silent.isServing = false
        silent.error = "zk-3.example.com:2181 did not answer srvr within 2 s"
        coordinator.servers.append(silent)
        coordinator.controllerSince = WallTime(ms: wall - 7_263_000)
        for broker in cluster.brokers where broker.id != BrokerID(9) && broker.id != BrokerID(3) {
            coordinator.registrations.append(
                Registration(
                    broker: broker.id, registeredAt: WallTime(ms: wall - 86_400_000 * 12),
                    epoch: 12_884_901_930 + Int64(broker.id.value),
                    endpoints: ["CLIENT://kafka-\(broker.id).example.com:9092"],
                    rack: broker.rack, session: 0x1000_0a3f_7bd0_0000))
        }
        coordinator.pending.reassignments = 1
        coordinator.pending.preferredElections = 0
        coordinator.pending.topicDeletions = 2
        coordinator.topicCount = cluster.topics.count
        coordinator.protectedPaths = ["/config/users"]
        coordinator.storedStates[PartitionKey(topic: "orders", partition: 0)] = StoredState(
            leader: BrokerID(3), leaderEpoch: 9, controllerEpoch: 41,
            isr: [BrokerID(3)], changedAt: WallTime(ms: wall - 120_000))
        coordinator.storedTopics["orders"] = StoredTopic(
            assignment: [0: [BrokerID(2), BrokerID(3), BrokerID(1)]])
        if let orders = cluster.topic(named: "orders") {
            cluster.configs.set(
                [ConfigOverride(name: "retention.ms", value: "86400000")],
                historyIndex: orders.historyIndex)
        }
        cluster.coordinator = coordinator
        addEvents(&cluster)
        judge(&cluster)
        return cluster
    }

    /// A KRaft quorum of three of which one does not fetch, with feature levels.
    package static func kraftQuorum() -> Cluster {
        var cluster = healthy()
        let wall = cluster.takenAtWall.ms
        func replica(_ id: Int32, _ end: Int64, _ age: Int64) -> Quorum.Replica {
            Quorum.Replica(
                id: BrokerID(id), logEndOffset: end, lastFetchAt: WallTime(ms: wall - age),
                lastCaughtUpAt: WallTime(ms: wall - age - 300))
        }
        cluster.quorum = Quorum(
            leader: BrokerID(3002), leaderEpoch: 17, highWatermark: 48_211,
            voters: [
                replica(3001, 48_212, 120), replica(3002, 48_213, 0), replica(3003, 47_902, 31_400),
            ],
            observers: [replica(1, 48_212, 90), replica(2, 48_212, 200), replica(3, 48_100, 900)])
        cluster.controller = BrokerID(3002)
        cluster.controllerEpoch = 17
        cluster.coordinator.controllerSince = WallTime(ms: wall - 95_000)
        cluster.coordinator.isSinceSeen = true
        cluster.coordinator.highWatermarkPerSecond = 2
        cluster.coordinator.featuresEpoch = 48_000
        cluster.coordinator.features = [
            Feature(name: "group.version", finalized: 1, supported: 0...1),
            Feature(name: "kraft.version", finalized: 1, supported: 0...1),
            Feature(name: "metadata.version", finalized: 27, supported: 7...30),
            Feature(name: "streams.version", finalized: nil, supported: 0...1),
        ]
        cluster.coordinator.controllers = [3001, 3002, 3003].map {
            ControllerAddress(
                id: BrokerID($0), endpoints: ["CONTROLLER://kraft-\($0).example.com:9093"])
        }
        addEvents(&cluster)
        judge(&cluster)
        return cluster
    }

    /// What the rules say of it now.
    private static func judge(_ cluster: inout Cluster) {
        var health = HealthState()
        health.watchPast(of: cluster)
        health.advance(&cluster)
    }

    private static func addEvents(_ cluster: inout Cluster) {
        let isZooKeeper = cluster.kind == .zookeeper
        func add(
            _ secondsAgo: Int64, _ subject: ObjectID, _ change: ClusterEvent.Change,
            _ source: String
        ) {
            cluster.events.append(
                ClusterEvent(
                    at: WallTime(ms: cluster.takenAtWall.ms - secondsAgo * 1000),
                    seenAt: Instant(ns: cluster.takenAt.ns - UInt64(secondsAgo) * 1_000_000_000),
                    isExact: source.hasPrefix("/"), subject: subject, change: change,
                    source: source))
        }
        add(
            7_263, .controller,
            .elected(cluster.controller ?? .none, as: .broker, epoch: 41),
            isZooKeeper ? "/controller" : "DescribeQuorum")
        add(
            320, .topic("orders"),
            .config(key: "retention.ms", from: "604800000", to: "86400000"),
            isZooKeeper ? "/config/topics/orders" : "DescribeConfigs")
        add(
            300, .broker(BrokerID(9)), .left, isZooKeeper ? "/brokers/ids/9" : "Metadata")
        add(
            299, .broker(BrokerID(9)), .leadersLost(count: 1204, without: 1), "Metadata")
        let (one, two, three) = (BrokerID(1), BrokerID(2), BrokerID(3))
        add(
            290, .partition(PartitionKey(topic: "orders", partition: 0)),
            .inSync(from: [one, two, three], to: [two]), "Metadata")
        add(
            120, .partition(PartitionKey(topic: "clicks", partition: 1)),
            .leader(from: two, to: three, epoch: 12), "Metadata")
        add(
            60, .partition(PartitionKey(topic: "payments", partition: 0)),
            .moveBegan(adding: [BrokerID(4)], removing: [one]), "ListPartitionReassignments")
        add(
            12, isZooKeeper ? .server("zk-3.example.com:2181") : .voter(BrokerID(3003)),
            isZooKeeper ? .stoppedServing : .stoppedFetching,
            isZooKeeper ? "srvr" : "DescribeQuorum")
    }
}
