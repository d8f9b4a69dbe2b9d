// Every bound and threshold of the rules in one place.

/// The numbers the rules depend on.
enum Limits {
    /// Up to here every faulty partition or group has a finding of its own.
    static let findingsEach = 20
    /// Findings beyond this are left out, those of the last rules first.
    static let findings = 500
    /// So long after the first cluster, what is found counts as having been there before it, in
    /// seconds: much is read, or read twice, only then.
    static let startSeconds = 10.0
    /// Findings that are over are remembered so long, in seconds, and so many.
    static let rememberedSeconds = 3_600.0
    static let remembered = 4_000
    /// Changes of leaders are reported so long, in seconds.
    static let leaderChangeSeconds = 300.0
    /// What brokers and ZooKeeper say of a partition is compared so long after its last change.
    static let settledMs: Int64 = 6_000
}
