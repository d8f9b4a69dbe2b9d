// Every bound and fixed number of the simulation, in one place.

enum Limits {
    static let nanosecondsPerSecond: UInt64 = 1_000_000_000
    /// Replicas of one partition that a membership mask can hold.
    static let replicasPerPartition = 8
    /// Earlier stretches of a partition's traffic that are kept for readers that are behind.
    static let pastStretches = 8
    /// Partitions of the internal offsets topic, Kafka's default.
    static let offsetsPartitions = 50
    /// The largest cluster that may be asked for: the one of the benchmarks, twice.
    static let brokers = 2_000
    static let partitions = 400_000
    static let groups = 20_000
    /// A follower is caught up when it has all records but those of this last stretch.
    static let caughtUpSeconds = 0.05
    /// Between two looks at replicas that are behind or moving.
    static let reviewSeconds = 1.0
    /// auto.leader.rebalance: leader.imbalance.check.interval.seconds.
    static let leaderBalanceSeconds = 300.0
    /// Largest request taken by a simulated broker (socket.request.max.bytes).
    static let requestBytes = 100 << 20
    static let readBytes = 64 * 1024
    static let zooKeeperServers = 9
    /// jute.maxbuffer: the largest request a ZooKeeper server takes.
    static let zooKeeperFrameBytes = 0xfffff
    /// How long notes of config changes stay (brokers purge them after 15 minutes).
    static let changeNoteSeconds = 900.0
    /// Partitions in one note of an ISR change.
    static let isrChangePartitions = 3_000
}
