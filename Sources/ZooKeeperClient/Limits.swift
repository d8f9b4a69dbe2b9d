// What the ZooKeeper client will hold, wait for and accept at most, each with its reason.

/// Bounds of the client.
enum Limits {
    static let nanosecondsPerMillisecond: UInt64 = 1_000_000
    static let nanosecondsPerSecond: UInt64 = 1_000_000_000
    /// The greatest answer read: the children of `/brokers/topics` of a large cluster are several
    /// MiB, and a server bounds only what it accepts, not what it sends.
    static let answerBytes = 64 << 20
    /// Requests sent and not answered: enough to hide the network, few for a server whose default
    /// bound on all its clients' requests is 1000.
    static let inFlight = 64
    /// Requests waiting for their turn: every topic of a large cluster at once.
    static let queued = 65_536
    /// Servers one read is asked of before it fails with what ended the last connection.
    static let readAttempts = 4
    /// Bytes of paths in one setWatches; servers refuse frames over 1 MiB, Java clients stay at
    /// this.
    static let setWatchesBytes = 128 << 10
    /// Doublings of the back-off; more would overflow long before they matter.
    static let backoffDoublings = 16
    /// A connection that lived so long was a good one: the next loss is tried again at once.
    static let settledNs = 2 * nanosecondsPerSecond
    /// How long every server closes instead of granting a session, until we take it that the
    /// ensemble's data was replaced by older and forget the newest change we have seen.
    static let refusedNs = 30 * nanosecondsPerSecond
    /// How often a session on a read-only server looks for one with a quorum, at first and at last.
    static let searchMinNs = nanosecondsPerSecond
    static let searchMaxNs = 30 * nanosecondsPerSecond
    /// For the whole of a four-letter word or an HTTP request.
    static let wordTimeoutNs = 3 * nanosecondsPerSecond
    /// The longest answer to a word: `cons` has a line for every connection.
    static let wordBytes = 4 << 20
    /// How long closing waits for the server's word.
    static let closeNs = nanosecondsPerSecond
    /// Shortest time between two looks at a connection's silence, against a server that grants
    /// absurdly short sessions.
    static let heartbeatMinNs = 100 * nanosecondsPerMillisecond
    /// Steps a SASL login may take before it is given up.
    static let saslSteps = 16
}
