// All that is known of a cluster at one moment. Polling makes a new value with every publication,
// everyone else only reads it.

/// What keeps the cluster's state: learned from the brokers' API lists.
package enum CoordinatorKind: String, Sendable {
    case zookeeper, kraft
}

/// Everything known of a cluster at one moment: a value. Sections carry their own age and health;
/// nothing is removed because a refresh failed.
package struct Cluster: Sendable {
    /// Grows with every publication: what depends on rows is recomputed when it changes.
    package var revision: UInt64 = 0
    /// Grows only when rows come, go or move: row indexes are stable while it stays the same.
    package var layout: UInt64 = 0
    package var takenAt: Instant = .never
    package var takenAtWall = WallTime(ms: 0)
    /// When topics and leaders were answered first: of what happened before nothing is known.
    package var watchedSince: Instant = .never

    package var clusterID: String?
    /// Another cluster that answers where this one was expected: nothing of it is in here.
    package var otherCluster: OtherCluster?
    package var kind: CoordinatorKind?
    /// The oldest release whose fingerprint all answering brokers show, e.g. "4.3"; nil unknown.
    package var kafkaVersion: String?
    /// Brokers take no more than all replicas of a partition for `min.insync.replicas`, whatever it
    /// says: from 3.7 on (KAFKA-15583); before, writes with acks=all are refused where it is above
    /// the number of replicas (seen on 3.3.2, 3.9.2 and 4.3.1).
    package var capsMinISR = true
    /// The active controller: DescribeQuorum's leader, or Metadata's controller in ZooKeeper mode.
    package var controller: BrokerID?
    package var controllerEpoch: Int32?
    /// What our principal may do to the cluster itself; nil where it is not told.
    package var rights: Rights?

    /// Ascending by id. Brokers that only replica lists name are here too, as missing.
    package var brokers: [Broker] = []
    /// Ascending by name.
    package var topics: [Topic] = []
    package var partitions = PartitionTable()
    /// Overrides of topics, by the topics' history indexes.
    package var configs = TopicConfigs()
    /// All configs of the one resource whose configs are in view; nil while none is.
    package var configsInView: ResourceConfigs?
    package var logDirs: [LogDir] = []
    /// Ascending by id.
    package var groups: [ConsumerGroup] = []
    package var quorum: Quorum?
    package var coordinator = Coordinator()
    /// What happened since the observation began.
    package var events = EventLog()
    /// Leaders that changed lately, newest last, in bounded number.
    package var leaderChanges: [LeaderChange] = []

    package var sections: [Section: SectionHealth] = [:]
    package var failures: [ObservationFailure] = []
    package var history = History()
    package var traffic = Traffic()

    /// Sums and counts over everything, filled by `summarise()`.
    package var totals = Totals()

    /// What rules judge by.
    package var thresholds = Thresholds.standard
    /// What is in maintenance, of the objects of this cluster.
    package var maintenance = Maintenance()

    // Filled by the rules of Health.
    /// What is wrong, worst first.
    package var findings: [Finding] = []
    /// The counts of the health strip by the rule's name; a count that is not known is missing.
    package var counts: [String: Int] = [:]
    /// The same of what is in maintenance, or wrong because of something that is: part of `counts`.
    package var countsInMaintenance: [String: Int] = [:]
    /// By row of `partitions` a bit for each rule that holds for it; empty until judged.
    package var partitionMarks: [UInt16] = []
    /// What the stop of each broker alone would cost, by its place in `brokers`; empty until
    /// judged.
    package var stopCosts: [StopCost] = []

    /// Kafka's names of its error codes, from whoever reads the protocol.
    package var errorNames: [Int16: String] = [:]

    package init() {}

    package func health(_ section: Section) -> SectionHealth {
        sections[section] ?? SectionHealth()
    }

    /// Kafka's name of an error; nil where there is none.
    package func errorName(_ code: Int16) -> String? {
        code == 0 ? nil : errorNames[code] ?? "ERROR_\(code)"
    }
}

/// What watching costs the cluster, over the last seconds.
package struct Traffic: Sendable, Equatable {
    package var requestsPerSecond: Double = 0
    package var bytesInPerSecond: Double = 0
    package var bytesOutPerSecond: Double = 0
    package var openConnections = 0
    /// Answers so far with bytes behind their last field: those bytes were passed over.
    package var overlongAnswers: UInt64 = 0
    package init() {}
}

/// Sums behind the title. Filled by `Cluster.summarise()`.
package struct Totals: Sendable, Equatable {
    package var recordsPerSecond: Double?
    package var bytesPerSecond: Double?
    /// Partitions whose rate is not fresh, of `Cluster.partitions.count`.
    package var staleRateCount = 0
    /// The rates may be wrong by more than a sure one.
    package var isRateUnsure = false
    package var racks = 0
    package init() {}
}
