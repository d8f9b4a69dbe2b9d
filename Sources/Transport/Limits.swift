// Every bound of this module, in one place, each with its reason.

enum Limits {
    /// Bytes read in one call; shared by all connections of a loop.
    static let scratchBytes = 128 * 1024
    /// Bytes taken from one connection before the others get their turn.
    static let readBytesPerTurn = 512 * 1024
    /// Readiness reports taken at once.
    static let eventsPerWait = 2_048
    /// Posts and timers run before sockets get their turn.
    static let postsPerTurn = 1024
    static let timersPerTurn = 1024
    /// Events handled between two looks at "stop".
    static let eventsPerStopCheck = 16
    /// The largest answer taken from a peer. Any text read as a length is larger than this.
    static let frameBytes = 256 << 20
    /// Requests sent and not answered on one connection, abandoned ones included.
    static let unansweredRequests = 512
    /// Bytes waiting to be sent on one connection.
    static let queuedBytes = 64 << 20
    /// Threads that look up names; one that hangs is left behind. More than names in any list of
    /// bootstrap servers, so that those that hang do not keep the others waiting.
    static let resolverThreads = 64
    static let resolverStackBytes = 256 * 1024
    /// Bytes of an HTTP answer: tokens are a few thousand.
    static let httpBytes = 1 << 20
    /// Bytes that tell who answers where it is not HTTP.
    static let httpFirstBytes = 16
    /// Bytes of a proxy's answer to CONNECT.
    static let proxyAnswerBytes = 64 * 1024
    /// Cancelled timers are swept out of the heap when they are more than this and half of it.
    static let staleTimers = 1024
    /// Open descriptors asked for, when the system allows as many.
    static let descriptors: UInt = 16_384
    /// Characters of a text of others; many servers in one error fit, a hostile name does not.
    static let printableScalars = 2000
    static let nanosecondsPerMillisecond: UInt64 = 1_000_000
    static let nanosecondsPerSecond: UInt64 = 1_000_000_000
}
