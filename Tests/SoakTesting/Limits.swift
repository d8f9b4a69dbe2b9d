// Every bound and fixed number of trials and soaks, in one place.

enum Limits {
    /// Faults reported of one session; the first says most.
    static let faults = 8
    /// A rate is taken between two answers whose own moments are not exactly known, and its grain
    /// is a record in a quarter of a second.
    static let rateSlack = 1.25
    static let rateGrain = 4.0
    /// Connections beside two to each broker: to bootstrap servers before their ids are known.
    static let spareLanes = 4
    /// How long a picture may go on saying of a broker what is so no more, beside three refreshes:
    /// a time-out, a new connection, two metadata answers.
    static let noticeSeconds = 10.0
    /// The same while exchanges fail at random.
    static let faultSeconds = 20.0
    /// No answer takes longer without faults.
    static let answerNs: UInt64 = 1_000_000_000

    /// Seconds of a trial with faults, and how long its picture may need to be right afterwards.
    static let faultSpanSeconds = 24.0
    static let recoverySeconds = 90.0
    /// Lines of a soak's trace that are kept for the report.
    static let tracedLines = 200
    /// Keys kept for the report of a failure.
    static let reportedKeys = 60
}
