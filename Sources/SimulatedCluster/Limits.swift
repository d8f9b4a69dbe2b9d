// Every bound and fixed number of the simulation, in one place.

enum Limits {
    static let nanosecondsPerSecond: UInt64 = 1_000_000_000
    /// Replicas of one partition that a membership mask can hold.
    static let replicasPerPartition = 32
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
    /// What a broker can send or take for new replicas, and one volume write.
    static let networkBytesPerSecond = 160e6
    static let volumeBytesPerSecond = 110e6
    /// replica.fetch.max.bytes: what passes a throttle at once.
    static let fetchBytes = 1_048_576.0
    /// Between two looks at whether moves have filled a volume.
    static let fillCheckSeconds = 10
    /// From a change of a throttle to its effect.
    static let throttleDelaySeconds = 0.15
    /// Partitions one KRaft request may change; the others are answered with -1.
    static let changesPerRequest = 10_000
    /// A longer config value makes a KRaft broker end the connection.
    static let configValueBytes = 32_767
    /// What members of a group read of a partition in a second that begin far behind.
    static let resumedRecordsPerSecond = 50_000.0
    /// Changes that brokers with an old view are kept for.
    static let formerLeaders = 4_096
    /// Largest request taken by a simulated broker (socket.request.max.bytes).
    static let requestBytes = 100 << 20
    static let readBytes = 64 * 1024
    /// From so many partitions on the answer that names all topics is kept as bytes.
    static let keptMetadataPartitions = 20_000
    static let zooKeeperServers = 9
    /// jute.maxbuffer: the largest request a ZooKeeper server takes.
    static let zooKeeperFrameBytes = 0xfffff
    /// How long notes of config changes stay (brokers purge them after 15 minutes).
    static let changeNoteSeconds = 900.0
    /// Partitions in one note of an ISR change.
    static let isrChangePartitions = 3_000
}
