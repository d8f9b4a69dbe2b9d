// Every bound and threshold of this module in one place.

/// The numbers that rules of the model depend on.
enum Limits {
    /// A value older than this many of its refresh intervals is stale.
    static let staleIntervals = 3.0
    /// What a server of the ensemble said of itself longer ago says nothing of now: three of the
    /// longest intervals at which they are asked.
    static let oldestServerSeconds = 30.0
    /// The refresh interval assumed where Polling has not said one, in seconds.
    static let assumedIntervalSeconds = 2.0
    /// Nothing is stale before this age: one late answer at a short interval is no illness.
    static let leastStaleSeconds = 5.0
    /// Two offsets closer than this give no usable rate: the answer's own jitter is as large.
    static let leastRateSeconds = 0.25
    /// Two reads no further apart are of the same round: everybody is asked at once.
    static let sameReadNs: UInt64 = 1_000_000_000
    /// A follower in sync that lacks no more than its leader writes in so many seconds is in step:
    /// it fetches twice a second at the least, and two brokers are never asked at the same moment.
    static let inStepSeconds: Float = 1.5
    /// Brokers (or racks) that the heat map of lag lays out on a side; of more, those furthest
    /// behind: its cells are that many squared.
    static let heatSides = 256
    /// Changes of leaders kept for screens and findings.
    static let leaderChanges = 256
    /// A sum enters `History` only while at most this share of its partitions has no fresh rate:
    /// otherwise the first sweep would draw a ramp that never happened.
    static let historyStaleShare = 0.5
    /// Brokers whose rates are kept; ids beyond are left out of `History`.
    static let historyBrokers = 8_192
    /// Topics and groups whose series are kept: those with a history index below this.
    static let historyIndexes = 65_536
    /// Partitions whose rates are kept, those that were looked at.
    static let historyPartitions = 128
    /// Events kept; the older half goes when it is full.
    static let events = 4_000
    /// A graph waits this many ticks for its next value before it draws a gap.
    static let historyGraceTicks = 2.0
}
