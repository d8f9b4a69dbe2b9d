// What a simulated cluster is before anything happens to it: sizes, release, coordinator, rights.

/// What keeps the simulated cluster's state.
package enum Coordination: String, CaseIterable, Sendable {
    case kraft, zookeeper
}

/// What the one principal may not do. Hidden topics are left out of "all" and refused by name.
package struct Access: Sendable, Equatable {
    package var hiddenTopicPrefix: String?
    package var hiddenGroupPrefix: String?
    /// Without DESCRIBE on the cluster: no quorum, no reassignments, no log directories.
    package var deniesCluster = false
    package var deniesConfigs = false
    /// A viewer: everything may be described and nothing changed.
    package var isReadOnly = false
    /// The share of topics and of groups, 0 to 1, that are hidden, picked by the seed.
    package var hiddenShare = 0.0

    package init() {}
}

/// How an exchange fails.
package enum ExchangeFault: String, CaseIterable, Sendable {
    /// The connection ends instead of an answer.
    case closed
    /// Nothing comes any more.
    case silent
    /// The API's own retriable error.
    case error
    /// An answer whose frame is whole and whose contents end too soon.
    case truncated
}

/// Chances that something goes wrong with one exchange, each 0 to 1.
package struct FaultRates: Sendable, Equatable {
    /// The connection ends instead of an answer.
    package var drop = 0.0
    /// The broker never answers this request.
    package var silence = 0.0
    /// The answer is late by up to `delaySeconds`.
    package var delay = 0.0
    package var delaySeconds = 1.5
    /// The answer holds one of the API's own retriable errors.
    package var error = 0.0
    /// The ZooKeeper session of whoever asks expires instead of an answer.
    package var zooKeeperExpiry = 0.0
    /// Seconds by which the last broker learns of a new leader later than the first; each broker
    /// has its own delay. Meanwhile it answers Metadata with what it knew.
    package var staleSeconds = 0.0
    /// The exchange that is certain to fail, counted from 1 over all brokers; 0: none.
    package var failingExchange = 0
    /// How it fails.
    package var failure = ExchangeFault.closed

    package init() {}

    var isNone: Bool {
        drop == 0 && silence == 0 && delay == 0 && error == 0 && zooKeeperExpiry == 0
            && failingExchange == 0
    }
}

/// Everything that decides a simulated cluster. Equal shapes live equal lives.
package struct Shape: Sendable, Equatable {
    package var seed: UInt64 = 1
    package var brokers = 9
    package var racks = 3
    package var volumesPerBroker = 2
    /// Without those of the internal topic.
    package var partitions = 900
    /// Of the internal topic that keeps the groups; Kafka's default.
    package var offsetsPartitions = Limits.offsetsPartitions
    package var groups = 40
    /// Networks and volumes copy new replicas so many times as fast as real ones, so that moves of
    /// the usual terabytes end within the time of a test.
    package var copySpeed = 1.0
    /// Group names as nobody should give them, and anybody may: control characters, wide and
    /// right-to-left letters, no end. Kafka takes them all.
    package var hasOddNames = false
    package var release = Release.v43
    /// So many of the first brokers already run the next release: an upgrade that stopped halfway.
    package var upgradedBrokers = 0
    package var coordination = Coordination.kraft
    package var zooKeeper = ZooKeeperShape()
    package var scenario = Scenario.quietDay
    /// Seconds after the start at which the scenario's story begins.
    package var storyAtSeconds = 60.0
    /// Milliseconds since 1970 at the start; the day's swing follows it.
    package var wallStartMs: Int64 = 1_772_442_000_000
    package var access = Access()
    package var faultRates = FaultRates()
    /// From then on no exchange fails and no scenario begins, so that recovery can be observed.
    package var faultsEndAtSeconds = Double.infinity

    package init() {}

    /// The same with every number in its bounds.
    func bounded() -> Shape {
        var shape = self
        shape.brokers = min(max(1, brokers), Limits.brokers)
        shape.racks = min(max(1, racks), shape.brokers)
        shape.volumesPerBroker = min(max(1, volumesPerBroker), 16)
        shape.partitions = min(max(1, partitions), Limits.partitions)
        shape.offsetsPartitions = min(max(1, offsetsPartitions), Limits.offsetsPartitions)
        shape.groups = min(max(0, groups), Limits.groups)
        shape.zooKeeper = zooKeeper.bounded()
        if scenario == .zooKeeperLeaderLost {
            shape.coordination = .zookeeper
            if release == .v43 { shape.release = .v39 }
            return shape
        }
        if release < .v28 && coordination == .kraft { shape.coordination = .zookeeper }
        if release == .v28 { shape.coordination = .zookeeper }
        if release == .v43 { shape.coordination = .kraft }
        return shape
    }

    /// How long a broker's absence goes unnoticed: its session with the coordinator.
    var sessionSeconds: Double { coordination == .kraft ? 9 : 6 }
    /// replica.lag.time.max.ms; the release before 2.5 had another default.
    var replicaLagSeconds: Double { release == .v24 ? 10 : 30 }
}
