// Every bound and default of this module, in one place, each with its reason.

enum Limits {
    static let nanosecondsPerMillisecond: UInt64 = 1_000_000
    static let nanosecondsPerSecond: UInt64 = 1_000_000_000
    /// Requests sent to a broker and not answered; it handles them one at a time anyway.
    static let inFlight = 32
    /// Requests waiting for a connection, a free place or the end of a throttle.
    static let queued = 1024
    /// Known brokers an "any broker" request may be tried on, beside all bootstrap servers.
    static let anyCandidates = 6
    /// Attempts of one "any broker" request that may run at the same time.
    static let anyAttemptsAtOnce = 3
    /// An "any broker" request is also tried elsewhere after this share of its time.
    static let hedgeShare: UInt64 = 3
    /// Doublings of the back-off; more would overflow long before they matter.
    static let backoffDoublings = 16
    /// A broker may ask for more, but is asked again at least this often.
    static let throttleMs: Int32 = 300_000
    /// Weight of the newest round trip in the average is one in so many.
    static let roundTripWeight: UInt64 = 8
    /// Newest version of ApiVersions tried first; an older broker names its own.
    static let firstApiVersions: Int16 = 3
    /// Steps a login may take before it is given up.
    static let loginSteps = 16
}
