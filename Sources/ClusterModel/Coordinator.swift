// What keeps the cluster's state, from its own answers: the ZooKeeper ensemble with the znodes that
// Kafka keeps there, or what the KRaft quorum adds to `Quorum`.

/// The coordinator at one moment. In ZooKeeper mode it is read from the ensemble; in KRaft mode the
/// voters are in `Cluster.quorum` and this holds what else the brokers report of the controllers.
package struct Coordinator: Sendable, Equatable {
    /// Our own session with the ensemble.
    package enum Session: Sendable, Equatable {
        /// No ensemble is known or none is needed.
        case none
        case connecting(since: Instant)
        /// `isReadOnly`: the server is cut off from the ensemble and may be behind.
        case connected(server: String, isReadOnly: Bool)
        case lost(since: Instant, why: String)
    }
    package var session = Session.none
    /// The path all of Kafka's nodes are below; empty where there is none.
    package var chroot = ""
    /// Where the ensemble's addresses come from: an option, a file, a broker's config.
    package var origin = ""
    /// In the order of the connect string.
    package var servers: [ZooKeeperServer] = []
    /// Voting servers of the ensemble, where a server reported it; the connect string may name
    /// fewer.
    package var ensembleSize: Int?

    /// When the active controller was elected: the ctime of `/controller`, or when the quorum's
    /// leader was first seen to lead (`isSinceSeen`).
    package var controllerSince: WallTime?
    package var isSinceSeen = false
    /// Ascending by broker.
    package var registrations: [Registration] = []
    package var pending = PendingWork()
    /// State of a migration to KRaft from the znode `/migration`, in words; nil without one.
    package var migration: String?
    /// Nodes that may not be read with our identity.
    package var protectedPaths: [String] = []
    /// What is stored of the partitions and topics in view.
    package var storedStates: [PartitionKey: StoredState] = [:]
    package var storedTopics: [String: StoredTopic] = [:]
    /// Topics below `/brokers/topics`.
    package var topicCount: Int?

    // KRaft.
    /// Feature levels: what is finalised and what the brokers support.
    package var features: [Feature] = []
    package var featuresEpoch: Int64?
    /// Brokers say which of them are registered and fenced (DescribeCluster v2, Kafka 4.0): only
    /// then is one that is not listed known not to be registered.
    package var tellsFenced = false
    /// Addresses of the controllers (DescribeQuorum v2), ascending by id.
    package var controllers: [ControllerAddress] = []
    /// How fast the metadata log's high watermark moves; nil before the second answer.
    package var highWatermarkPerSecond: Double?

    package init() {}
}

/// One server of the ensemble, from its four-letter words or its AdminServer.
package struct ZooKeeperServer: Sendable, Equatable {
    package var host: String
    package var port: Int32
    /// `leader`, `follower`, `observer`, `standalone`, `read-only`; nil unknown.
    package var mode: String?
    package var version: String?
    /// Hexadecimal, as ZooKeeper's own tools print it.
    package var zxid: String?
    package var latencyAverageMs: Double?
    package var latencyMaximumMs: Double?
    package var outstanding: Int64?
    package var connections: Int64?
    package var watches: Int64?
    package var nodes: Int64?
    package var dataBytes: Int64?
    /// Followers that the leader holds in step; nil on others.
    package var syncedFollowers: Int64?
    /// What could not be had of this server, in one sentence; nil where everything was.
    package var error: String?
    /// True where the server answered a four-letter word or serves our session.
    package var isServing: Bool?
    package var answeredAt = Instant.never
    package init(host: String, port: Int32) {
        self.host = host
        self.port = port
    }
    package var name: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A broker's entry with the coordinator. What KRaft does not report is nil.
package struct Registration: Sendable, Equatable {
    package var broker: BrokerID
    package var registeredAt: WallTime?
    /// The broker epoch: in ZooKeeper mode the zxid that made the node.
    package var epoch: Int64?
    package var endpoints: [String]
    package var rack: String?
    /// The session that keeps the node; nil unknown.
    package var session: Int64?
    /// On KRaft: registered, and taken off the list of live brokers; nil where that is not told.
    package var isFenced: Bool?
    package init(
        broker: BrokerID, registeredAt: WallTime? = nil, epoch: Int64? = nil,
        endpoints: [String] = [], rack: String? = nil, session: Int64? = nil
    ) {
        self.broker = broker
        self.registeredAt = registeredAt
        self.epoch = epoch
        self.endpoints = endpoints
        self.rack = rack
        self.session = session
    }
}

/// The controller's queues below `/admin`; nil where not known.
package struct PendingWork: Sendable, Equatable {
    package var reassignments: Int?
    package var preferredElections: Int?
    package var topicDeletions: Int?
    package var deletingTopics: [String] = []
    package init() {}
}

/// A partition's state as the znode holds it.
package struct StoredState: Sendable, Equatable {
    package var leader: BrokerID
    package var leaderEpoch: Int32
    package var controllerEpoch: Int32
    package var isr: [BrokerID]
    /// When the node changed last.
    package var changedAt: WallTime
    package init(
        leader: BrokerID, leaderEpoch: Int32, controllerEpoch: Int32, isr: [BrokerID],
        changedAt: WallTime
    ) {
        self.leader = leader
        self.leaderEpoch = leaderEpoch
        self.controllerEpoch = controllerEpoch
        self.isr = isr
        self.changedAt = changedAt
    }
}

/// A topic's assignment as the znode holds it.
package struct StoredTopic: Sendable, Equatable {
    /// Replicas by partition, the preferred leader first.
    package var assignment: [Int32: [BrokerID]]
    package init(assignment: [Int32: [BrokerID]] = [:]) { self.assignment = assignment }
}

/// A feature of the cluster (KIP-584) by name.
package struct Feature: Sendable, Equatable {
    package var name: String
    /// The level in force; nil where it is not finalised.
    package var finalized: Int16?
    /// What the brokers that answered all support.
    package var supported: ClosedRange<Int16>?
    package init(name: String, finalized: Int16?, supported: ClosedRange<Int16>?) {
        self.name = name
        self.finalized = finalized
        self.supported = supported
    }
}

/// Where a controller listens.
package struct ControllerAddress: Sendable, Equatable {
    package var id: BrokerID
    package var endpoints: [String]
    /// Why it could not be asked itself, while brokers do not answer for it, and since when.
    package var error: String?
    package var failingSince = Instant.never
    package init(id: BrokerID, endpoints: [String]) {
        self.id = id
        self.endpoints = endpoints
    }
}
