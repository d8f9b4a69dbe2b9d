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
    // MARK: Hot partitions and brokers

    /// A hot partition takes such a share of what a broker takes in the mean.
    static let hotShareOfMean = 0.5

    // MARK: Volumes, moves and placement

    /// Samples of a volume, the least time between two in seconds, and how long it must have been
    /// watched for a forecast: where a deletion was seen (retention looks every 5 minutes by
    /// default, log.retention.check.interval.ms), and where none was.
    static let watchedVolumes = 20_000
    static let volumeSamples = 64
    static let volumeSampleSeconds = 60.0
    static let volumeSeconds = 900.0
    static let volumeSecondsWithoutLoss = 3_600.0
    /// Moves followed.
    static let watchedMoves = 2_000

    // MARK: Groups

    /// Groups watched: those with a history index below this.
    static let watchedGroups = 65_536
    /// Samples of a log's end kept for each partition that a group has committed for, 96 bytes in
    /// all: 20 MB where 200,000 are.
    static let endSamples = 8
    /// The least time between two of them, in seconds.
    static let endSampleSeconds = 5.0
    /// Windows that a trend is judged over, and the least time between two, in seconds: 2 minutes.
    /// Burrow keeps 10, of one commit each (its `intervals`, `min-distance`).
    static let trendWindows = 12
    static let trendSeconds = 10.0
    /// A trend is told of no fewer windows, half of them old and half new.
    static let leastTrendWindows = 6
    /// After it had stood still.
    static let leastTrendWindowsAfterStop = 4
    /// A partition stands still only after so many times the longest pause that was seen between
    /// two commits.
    static let stillPauses: Float = 1.25
    /// A pause between two commits counts for that up to here, in seconds: a stop is no pause.
    static let nearPauseSeconds: Float = 30
}
