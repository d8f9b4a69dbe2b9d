// Every bound of what is asked of a cluster, in one place.

/// How much we ask, how often, and for how long we believe an answer.
package enum Limits {
    /// Partitions whose Metadata is asked whole in every round; above, the interval grows with size.
    static let wholeMetadataPartitions = 2_000
    /// The longest time between two whole Metadata answers.
    static let longestMetadataInterval: UInt64 = 60 * second
    /// The shortest time between two whole Metadata answers that an event asked for.
    static let shortestMetadataInterval: UInt64 = 1 * second

    /// Replicas asked for their log end in one round over all brokers; the rest waits its turn.
    static let replicasPerRound = 60_000
    /// Entries in one ListOffsets request: one request keeps one of the broker's threads busy.
    static let offsetsPerRequest = 10_000

    /// Groups described, and their offsets fetched, in one request and in one round.
    static let groupsPerRequest = 100
    static let groupsPerRound = 1_000
    static let groupListInterval: UInt64 = 5 * second

    static let topicsPerConfigRequest = 200
    static let configInterval: UInt64 = 60 * second
    static let logDirInterval: UInt64 = 30 * second
    static let logStartInterval: UInt64 = 30 * second
    static let reassignmentInterval: UInt64 = 2 * second

    /// A forwarded request to a frozen controller hangs far longer than it says; this is our end.
    static let forwardedTimeout: UInt64 = 5 * second
    static let slowTimeout: UInt64 = 20 * second
    /// Everything else: design.md asks for all that the others know within 3 s.
    static let fastTimeout: UInt64 = 2 * second

    /// The shortest refresh interval that may be asked for.
    package static let leastRefresh: UInt64 = 250 * millisecond
    /// How long a round's answers are gathered before a picture is published without the late ones.
    static let publishDelay: UInt64 = 400 * millisecond
    static let firstPublishDelay: UInt64 = 100 * millisecond

    /// Rounds in which every living broker leaves a group or topic out before it is believed gone.
    static let absentRounds = 2

    /// Partitions whose own history is kept because somebody looks at them.
    static let watchedPartitions = 512

    static let second: UInt64 = 1_000_000_000
    static let millisecond: UInt64 = 1_000_000
}
