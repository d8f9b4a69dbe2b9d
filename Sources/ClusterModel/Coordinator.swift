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
    /// Why it could not be asked itself, while brokers do not answer for it.
    package var error: String?
    package init(id: BrokerID, endpoints: [String]) {
        self.id = id
        self.endpoints = endpoints
    }
}

extension Cluster {
    /// Whether the coordinator outlives the loss of one more of its servers or voters; nil where
    /// too little is known to say.
    package var survivesOneMoreLoss: Bool? {
        switch kind {
        case .zookeeper: coordinator.ensembleSurvivesLoss
        case .kraft: quorum?.survivesLoss(at: takenAtWall)
        case nil: nil
        }
    }

    /// Whether the coordinator can carry out changes now; nil where too little is known to say.
    package var coordinatorHasQuorum: Bool? {
        switch kind {
        case .zookeeper: coordinator.ensembleHasQuorum
        case .kraft: quorum?.leader.exists
        case nil: nil
        }
    }
}

extension Coordinator {
    fileprivate var ensembleHasQuorum: Bool? {
        switch session {
        case .connected(_, let isReadOnly): return !isReadOnly
        case .none, .connecting, .lost: break
        }
        if servers.contains(where: { $0.mode == "leader" || $0.mode == "standalone" }) {
            return true
        }
        let size = max(ensembleSize ?? 0, servers.count)
        let possible = servers.count { $0.isServing != false && $0.mode != "read-only" }
        let unnamed = max(0, size - servers.count)
        return size > 0 && possible + unnamed < size / 2 + 1 ? false : nil
    }

    fileprivate var ensembleSurvivesLoss: Bool? {
        let modes = servers.map(\.mode)
        if modes.contains("standalone") { return false }
        let size = max(ensembleSize ?? 0, servers.filter { $0.mode != "observer" }.count)
        guard size > 1 else { return size == 1 && servers.first?.isServing == true ? false : nil }
        let majority = size / 2 + 1
        let alive = modes.count { $0 == "leader" || $0 == "follower" }
        // The leader counts the followers in step, those we do not know of too.
        if let synced = servers.compactMap(\.syncedFollowers).max() {
            return max(alive, Int(clamping: synced) + 1) - 1 >= majority
        }
        if alive - 1 >= majority { return true }
        let unreported = servers.count { $0.isServing != false && $0.mode == nil }
        let unnamed = max(0, size - servers.count { $0.mode != "observer" })
        return alive + unreported + unnamed - 1 >= majority ? nil : false
    }
}

extension Quorum {
    /// A voter that has fetched within this many milliseconds keeps up (healthy ones are one fetch
    /// wait, 500 ms, old: seen on real controllers).
    package static let healthyFetchMs: Int64 = 3_000

    /// When the leader answered, by its own clock, which stamps the others' fetches too; our clock
    /// may be wrong by more than they are late. Its own entry says it (LeaderState of Kafka, from
    /// DescribeQuorum v1 on); nil where it does not.
    package var reportedAt: WallTime? { voters.first { $0.id == leader }?.lastFetchAt }

    /// Whether a voter took part when the leader answered, or at `now` where that is not known; nil
    /// where it is not known when the voter fetched last.
    package func isVoting(_ voter: Replica, at now: WallTime) -> Bool? {
        if voter.id == leader { return true }
        if let fetched = voter.lastFetchAt {
            return (reportedAt ?? now).ms &- fetched.ms < Self.healthyFetchMs
        }
        return voter.logEndOffset < 0 ? false : nil
    }

    fileprivate func survivesLoss(at now: WallTime) -> Bool? {
        let majority = voters.count / 2 + 1
        guard leader.exists, !voters.isEmpty else { return false }
        let states = voters.map { isVoting($0, at: now) }
        let alive = states.count { $0 == true }
        if alive - 1 >= majority { return true }
        return alive + states.count { $0 == nil } - 1 >= majority ? nil : false
    }
}
