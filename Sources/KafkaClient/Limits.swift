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
    /// An "any broker" request is also tried elsewhere after this share of its time without a
    /// byte, at the latest after so long.
    static let hedgeShare: UInt64 = 3
    static let longestHedge: UInt64 = 2 * nanosecondsPerSecond
    /// Where no connection stands yet the next candidate follows after this head start.
    static let headStart: UInt64 = 120 * nanosecondsPerMillisecond
    /// A connection that does not stand after so long is no better than one that was never tried.
    static let youngConnecting: UInt64 = nanosecondsPerSecond
    /// Doublings of the back-off; more would overflow long before they matter.
    static let backoffDoublings = 16
    /// A broker may ask for more, but is asked again at least this often.
    static let throttleMs: Int32 = 300_000
    /// So long after its last wait a broker is still said to throttle.
    static let throttleMemory: UInt64 = 10 * nanosecondsPerSecond
    /// Weight of the newest round trip in the average is one in so many.
    static let roundTripWeight: UInt64 = 8
    /// Newest version of ApiVersions tried first; an older broker names its own.
    static let firstApiVersions: Int16 = 3
    /// Up to so many brokers each connection asks for Metadata to learn the cluster's id: the
    /// answer grows with the number of brokers (64 of 64 brokers: 200 KB in all).
    static let provenBrokers = 64
    /// The first version of Metadata that names the cluster (KIP-78).
    static let clusterIDVersion: Int16 = 2
    /// Tried where the broker met last speaks it: up to version 3 it leaves out features that may
    /// be at level 0 (KIP-1022, Kafka 3.9).
    static let newestApiVersions: Int16 = 4
    /// Servers that an examination looks at side by side.
    static let examinedAtOnce = 32
    /// Steps a login may take before it is given up.
    static let loginSteps = 16
    /// A broker that grants more is believed to grant this: a day.
    static let longestSessionMs: Int64 = 86_400_000
    /// A new login that cannot begin yet is tried again after so long.
    static let renewalDelay: UInt64 = 50 * nanosecondsPerMillisecond

    /// Bytes under way before the link was measured, and at the least: half a second of a slow one.
    static let leastWindow = 128 * 1024
    /// What an exchange costs beside its bytes: headers, and work at both ends.
    static let exchangeBytes = 1024
    /// Answers are taken to be so many times as large as their requests until one has come.
    static let unknownShare = 2.0
    /// How much the link may be asked for beyond a round trip: what is asked next waits so long.
    static let windowSpan: UInt64 = 200 * nanosecondsPerMillisecond
    /// Nothing is measured to be quicker.
    static let leastTrip: UInt64 = 20_000
    /// Half of the time that rates and round trips are believed for.
    static let recentSpan: UInt64 = 5 * nanosecondsPerSecond
    /// Half of the time that the least round trip of a broker is believed for.
    static let leastTripSpan: UInt64 = 30 * nanosecondsPerSecond
    /// How often it is looked for brokers that hold room and answer nothing.
    static let stallInterval: UInt64 = 250 * nanosecondsPerMillisecond
    /// After so long without an answer, while others answer, what is owed holds no room any more.
    static let stall: UInt64 = nanosecondsPerSecond
    /// The same while nobody answers, which is the link's fault.
    static let aloneStall: UInt64 = 3 * nanosecondsPerSecond
    /// Bytes of an answer that prove that it is on its way.
    static let progressBytes: UInt64 = 1024
    /// An answer may take so many of a broker's usual round trips,
    static let roundTrips: UInt64 = 4
    /// so many times the longest that any broker owed one in the last seconds,
    static let longTrips: UInt64 = 2
    /// and so many times what the link takes for all that is under way,
    static let carries: UInt64 = 3
    /// but no longer than this where less was allowed.
    static let longestPatience: UInt64 = 20 * nanosecondsPerSecond
    /// The longest time from leaving to an answer that keeps coming in small pieces.
    static let longestAnswer: UInt64 = 60 * nanosecondsPerSecond
    /// For one address, however long a run may take: Kafka's own default.
    static let longestConnect: UInt64 = 10 * nanosecondsPerSecond
}
