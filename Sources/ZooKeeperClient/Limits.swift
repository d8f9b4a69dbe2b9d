// What the ZooKeeper client will hold, wait for and accept at most.

/// Bounds of the client.
package enum Limits {
    /// The greatest answer read: the children of `/brokers/topics` of a large cluster are several
    /// MiB, and a server bounds only what it accepts, not what it sends.
    package static let answerBytes = 64 << 20
}
