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

    // MARK: Hot partitions and brokers

    /// A partition is hot that takes so many records a second, so many times the mean of the
    /// others of its topic, such a share of all that its broker takes, and such a share of what a
    /// broker takes in the mean.
    static let hotRate: Float = 1_000
    static let hotTimes: Float = 3
    static let hotShare: Float = 0.25
    static let hotShareOfMean = 0.5
    /// A broker is hot that takes so many times the mean of its peers.
    static let hotBrokerTimes = 2.0

    // MARK: Volumes, moves and placement

    /// Samples of a volume, the least time between two in seconds, and how long it must have been
    /// watched for a forecast: where a deletion was seen (retention looks every 5 minutes by
    /// default, log.retention.check.interval.ms), and where none was.
    static let watchedVolumes = 20_000
    static let volumeSamples = 64
    static let volumeSampleSeconds = 60.0
    static let volumeSeconds = 900.0
    static let volumeSecondsWithoutLoss = 3_600.0
    /// A volume that is full within so many seconds is told.
    static let fillingSeconds = 3 * 86_400.0
    /// Moves followed, and how long a new replica may get nothing, in seconds.
    static let watchedMoves = 2_000
    static let stuckMoveSeconds = 120.0
    /// A broker has too many leaders or replicas from so many times the mean on, and from so many
    /// more.
    static let skewTimes = 1.5
    static let skewLeast = 20.0

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
    /// A verdict changes when so many windows in a row say the same.
    static let windowsToChange = 3
    /// A partition stands still when its oldest unread record has waited so long, in seconds, and
    /// so many times the longest pause that was seen between two commits: the first where the
    /// whole group stands, the second where others of its partitions move.
    static let leastStillSeconds: Float = 6
    static let leastStalledSeconds: Float = 15
    static let stillPauses: Float = 1.25
    /// The same for one whose commit was never seen to change: consumers commit every 5 s, Kafka
    /// Streams every 30 s and sinks of Connect every 60 s by default; who commits without members
    /// (Flink, Spark) every minute or two.
    static let firstStillSeconds: Float = 75
    static let firstStillWithoutMembers: Float = 120
    /// Nearer than this no group is said to fall behind, and one is well before its trend is known,
    /// in seconds.
    static let leastBehindSeconds: Float = 10
    /// A pause between two commits counts for that up to here, in seconds: a stop is no pause.
    static let nearPauseSeconds: Float = 30
    /// It must lose so much from the old half of its windows to the new one, in seconds.
    static let leastLossSeconds: Float = 1
    /// Farther than this a group that comes nearer is said to be catching up, in seconds.
    static let catchingUpSeconds: Float = 30
    /// So long a rebalance may take, in seconds.
    static let rebalanceSeconds = 60.0
    /// Retention that comes to an unread record within so many seconds is told.
    static let lossSeconds = 3_600.0
}
