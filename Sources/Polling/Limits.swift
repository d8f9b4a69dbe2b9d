// Every bound of what is asked of a cluster, in one place.

/// How often, and for how long we believe an answer.
package enum Limits {
    /// The longest time between two whole Metadata answers.
    static let longestMetadataInterval: UInt64 = 60 * second
    /// The shortest time between two whole Metadata answers that an event asked for; it doubles as
    /// long as such answers change nothing.
    static let shortestMetadataInterval: UInt64 = 1 * second

    static let groupListInterval: UInt64 = 5 * second
    /// The same where lists are long.
    static let longestGroupListInterval: UInt64 = 15 * second
    /// How long lists of groups are gathered from all brokers before those that came are worked on.
    static let groupListGrace: UInt64 = 250 * millisecond
    /// Committed offsets that stand still for so long are a rate of 0; before, consumers are taken
    /// to be between two commits (auto.commit.interval.ms is 5 s by default).
    static let commitPatience: UInt64 = 15 * second
    /// How much of the longest pause between two commits is remembered with each commit.
    static let pauseMemory: Float = 0.95

    static let configInterval: UInt64 = 60 * second
    /// The same where there are so many that their size asks for longer.
    static let longestConfigInterval: UInt64 = 300 * second
    /// Configs of topics that are new since the last time.
    static let newConfigInterval: UInt64 = 5 * second
    /// Configs of topics in view.
    static let configViewInterval: UInt64 = 5 * second
    static let logDirInterval: UInt64 = 30 * second
    /// The same in a large cluster while no sizes are in view.
    static let longLogDirInterval: UInt64 = 120 * second
    /// The least time before a broker that failed to list its directories is asked again.
    static let logDirRetry: UInt64 = 5 * second
    /// The least time that a rate is an average over, once it was seen for so long: batches
    /// of producers make it differ by 10 % from one look to the next over 2 s, by 2 % over this.
    static let steadySeconds = 5.0
    /// Of so many partitions earlier ends are kept to measure rates from: all of a cluster of usual
    /// size, 2 MB. In a larger one they are kept of those that were asked less than `sweepSeconds`
    /// before, which are those in view.
    static let steadiedPartitions = 10_000
    static let sweepSeconds = 3.0
    /// The longest time that is taken for that between two rounds of a slow link.
    static let longestSpacing: UInt64 = 10 * second
    static let logStartInterval: UInt64 = 30 * second
    /// The longest time between two questions for the end of a partition that stands still: no rate
    /// shown is older than 10 s, one round and the answer included.
    static let stillLeader: UInt64 = 8 * second
    /// The same while it is in view.
    static let stillInView: UInt64 = 4 * second
    /// The same for a follower that has all that the leader has, for the start of a log, and for a
    /// group that commits nothing and whose members stay.
    static let stillFollower: UInt64 = 28 * second
    static let stillStart: UInt64 = 120 * second
    static let stillGroup: UInt64 = 28 * second
    /// What an offset takes on the wire, question and answer (ListOffsets version 6 and later).
    static let offsetBytes = 44
    /// So many brokers are asked for offsets before their answers are looked at.
    static let brokersPerSlice = 64
    /// The longest time between two questions about the topics in view.
    static let longestViewMetadata: UInt64 = 6 * second
    /// Partitions of topics that are not well which Metadata is asked about between whole answers.
    static let illPartitions = 400
    /// Records a second that an idle KRaft controller writes to the metadata log (KIP-835, one each
    /// metadata.max.idle.interval.ms, 500 by default).
    static let idleMetadataRecords = 2.0
    /// The longest time between two whole Metadata answers that only their size asks for.
    static let longestPacedMetadata: UInt64 = 20 * second
    /// Less than the usual refresh, so that they are asked in every round of it.
    static let reassignmentInterval: UInt64 = 1500 * millisecond
    static let quorumInterval: UInt64 = 1500 * millisecond
    /// For an address that is not a broker's to show which cluster answers there.
    static let bootstrapProof: UInt64 = 500 * millisecond
    static let fencedInterval: UInt64 = 5 * second
    /// While the operator scrolls, what comes into view is asked for this often.
    static let interestInterval: UInt64 = 250 * millisecond

    /// A forwarded request to a frozen controller hangs far longer than it says; this is our end.
    static let forwardedTimeout: UInt64 = 5 * second
    /// A forwarded question that is not answered so soon makes us ask the controllers themselves.
    static let controllerPatience: UInt64 = 1 * second
    /// How often, while brokers do not answer: an election is shown within two seconds.
    static let controllerInterval: UInt64 = 800 * millisecond
    /// For one controller, its connection included.
    static let controllerTimeout: UInt64 = 1 * second
    /// The least time before a controller is asked again that could not be; it doubles three times.
    static let controllerRetry: UInt64 = 5 * second
    /// What a server refused is asked again after so long.
    static let refusalInterval: UInt64 = 300 * second
    static let slowTimeout: UInt64 = 20 * second
    /// Everything else: design.md asks for all that the others know within 3 s.
    static let fastTimeout: UInt64 = 2 * second
    /// The first questions to a large cluster, asked all at once.
    static let firstTimeout: UInt64 = 5 * second
    /// How long a snapshot's answer may be owed, of a whole run of `limit`: most of it; the rest is
    /// for what others can answer instead.
    static func onceTimeout(of limit: UInt64) -> UInt64 { limit / 5 * 4 }
    /// The same where any other broker can answer as well.
    static func onceFallback(of limit: UInt64) -> UInt64 { limit / 5 }
    /// When nothing more is asked in a snapshot.
    static func onceEnd(of limit: UInt64) -> UInt64 { limit / 20 * 19 }
    /// The least time a question is given, near the end of a run.
    static let leastOnce: UInt64 = 100 * millisecond
    /// In a snapshot, what was not asked or whose connection was cut is asked again: after so long
    /// at first, twice as long each time, at the longest after a second.
    static let firstRepeat: UInt64 = 150 * millisecond
    static let longestRepeat: UInt64 = second
    /// How often, where a connection is cut, and where nobody listens.
    static let repeatsOfCuts = 6
    static let repeatsOfRefusals = 3
    /// A coordinator that is loading its groups is asked again so soon, in a snapshot.
    static let loadingRetry: UInt64 = 300 * millisecond

    /// The shortest refresh interval that may be asked for.
    package static let leastRefresh: UInt64 = 500 * millisecond
    /// How long a round's answers are gathered before a cluster is published without the late ones.
    static let publishDelay: UInt64 = 400 * millisecond
    /// How long after its questions the publication of a large cluster waits for late answers.
    static let roundGrace: UInt64 = 800 * millisecond
    /// The least time between two publications of a large cluster in its first pass.
    static let largePublishDelay: UInt64 = 1600 * millisecond
    /// How long after the first pass of a large cluster the memory it took is given back.
    static let trimDelay: UInt64 = 3 * second
    static let firstPublishDelay: UInt64 = 100 * millisecond

    /// Rounds in which every living broker leaves a group or topic out before it is believed gone.
    static let absentRounds = 2
    /// Answers in a row with an older leader epoch before a topic without an id (before Kafka 2.8)
    /// is believed to have been made anew.
    static let olderEpochRounds = 3

    /// Two answers closer than this give no rate of the metadata log.
    static let leastWatermarkSeconds = 0.5
    /// For one question to ZooKeeper.
    static let znodeTimeout: UInt64 = 4 * second
    /// How often the ensemble's servers are asked how they are, in view and out of it.
    static let probeInterval: UInt64 = 1800 * millisecond
    static let hiddenProbeInterval: UInt64 = 10 * second
    /// How often a broker is asked where the ensemble is, until it answers.
    static let connectInterval: UInt64 = 10 * second
    /// Brokers asked for it one after the other.
    static let connectBrokers = 3
    /// The list of topics is megabytes in a large cluster: it is read again so much later.
    static let topicListInterval: UInt64 = 5 * second
    /// Registrations asked for at once.
    static let znodesAtOnce = 32
    /// Config changes looked at of those that came at once.
    static let configChangesAtOnce = 50
    /// Partitions in view whose stored state is watched.
    static let watchedStates = 64
    /// Topics named of those that wait to be deleted.
    static let deletingTopics = 50
    /// Registrations younger than this are events even when they are read for the first time.
    static let recentRegistrationMs: Int64 = 3_600_000
    /// Up to here partitions that change at once have an event each.
    static let eventsEach = 8
    /// A failure whose question is not asked any more is shown so long beyond its turns.
    static let failureGrace: UInt64 = 8 * second
    /// A broker that is not listed and holds nothing is forgotten after so many seconds.
    static let forgetBrokerSeconds = 300.0

    /// Partitions in view whose own history is kept.
    static let watchedPartitions = 512

    static let second: UInt64 = 1_000_000_000
    static let millisecond: UInt64 = 1_000_000
}

/// How much is asked at once. A value, so that tests can show with a small cluster what happens to
/// a large one.
package struct Budget: Sendable {
    /// Partitions whose Metadata is asked whole in every round; above, the interval grows with
    /// size.
    package var wholeMetadataPartitions = 2_000
    /// Topics in view whose Metadata is asked in the rounds between.
    package var topicsPerMetadataRequest = 200
    /// Replicas asked for their log end in one round over all brokers; the rest waits its turn. Not
    /// so the first time: each broker is then asked for all it has.
    package var replicasPerRound = 60_000
    /// Where that takes many rounds, they are asked for at once in every other one: a question
    /// costs a broker and us more than what it asks about. What is in view is asked in each.
    package var roundsPerPiece = 2
    /// How much faster sweeps go while what they bring is in view (`Interest.wantsAllReplicas`,
    /// `wantsAllGroups`).
    package var haste = 2
    /// Entries in one ListOffsets request: one request keeps one of the broker's threads busy.
    package var offsetsPerRequest = 10_000
    /// Groups described, and their offsets fetched, in one request and in one round.
    package var groupsPerRequest = 100
    package var groupsPerRound = 1_000
    package var topicsPerConfigRequest = 200
    package var configRequestsPerRound = 10
    /// Bytes a second, both ways, up to which everything of a kind is asked in every round. Where
    /// that would be more, what stands still is asked less often. Together they are what watching a
    /// cluster at rest may cost.
    package var offsetBytesPerSecond = 16_000
    package var groupBytesPerSecond = 8_000
    package var groupListBytesPerSecond = 4_000
    package var metadataBytesPerSecond = 8_000
    package var logDirBytesPerSecond = 3_000
    package var configBytesPerSecond = 4_000

    package init() {}
}
