// What the ZooKeeper client will hold, wait for and accept at most.

/// Bounds of the client.
enum Limits {
    static let nanosecondsPerMillisecond: UInt64 = 1_000_000
    static let nanosecondsPerSecond: UInt64 = 1_000_000_000
    /// The greatest answer read: the children of `/brokers/topics` of a large cluster are several
    /// MiB, and a server bounds only what it accepts, not what it sends.
    static let answerBytes = 64 << 20
}
