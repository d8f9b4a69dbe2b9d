// Consumer groups of every kind, with members, committed offsets and lag.

/// One group. `type` tells classic groups from those of the newer protocols (KIP-848 and later).
package struct ConsumerGroup: Sendable, Equatable {
    package var id: String
    /// `classic`, `consumer`, `share`, `streams`, or nil where the broker is too old to say.
    package var type: String?
    /// The classic protocol type (`consumer`, `connect`, …) as listed.
    package var protocolType: String
    /// The assignor, where one is chosen.
    package var assignor: String
    /// Kafka's own word: Empty, Stable, PreparingRebalance, Assigning, Dead, …; nil unknown.
    package var state: String?
    package var coordinator: BrokerID
    /// nil while not described.
    package var members: [GroupMember]?
    /// nil while offsets are not read.
    package var offsets: [GroupOffset]?
    /// The rows of `offsets` in the partition table (-1: not there), for `Cluster.layout` as it is
    /// in `offsetRowsLayout`: whoever fills sums need not look ten thousand groups' names up.
    package var offsetRows: [Int32] = []
    package var offsetRowsLayout: UInt64 = 0
    package var errorCode: Int16
    package var describedAt: Instant
    package var offsetsAt: Instant
    /// Column in `History.groups`.
    package var historyIndex: Int

    /// Filled by `Cluster.summarise()`: sum over the partitions with a known lag; nil if none has.
    package var lag: Int64?
    /// Partitions with a committed offset whose lag is unknown: not those whose topic is gone, nor
    /// those where the commit is beyond the end.
    package var unknownLagCount: Int
    /// Records a second committed, from two reads of the offsets; nil unknown.
    package var consumedPerSecond: Double?
    /// Records a second written to the partitions it reads; nil unknown.
    package var producedPerSecond: Double?
    /// How it stands, by the rules of Health.
    package var standing = GroupStanding()

    package init(id: String, coordinator: BrokerID, historyIndex: Int = 0) {
        self.id = id
        self.coordinator = coordinator
        self.historyIndex = historyIndex
        type = nil
        protocolType = ""
        assignor = ""
        state = nil
        members = nil
        offsets = nil
        errorCode = 0
        describedAt = .never
        offsetsAt = .never
        lag = nil
        unknownLagCount = 0
        consumedPerSecond = nil
        producedPerSecond = nil
    }
    package var memberCount: Int? { members?.count }
}

/// One member of a group.
package struct GroupMember: Sendable, Equatable {
    package var id: String
    package var instanceID: String?
    package var clientID: String
    package var host: String
    /// Assigned partitions; empty while rebalancing.
    package var assignment: [PartitionKey]
    package init(
        id: String, instanceID: String? = nil, clientID: String, host: String,
        assignment: [PartitionKey] = []
    ) {
        self.id = id
        self.instanceID = instanceID
        self.clientID = clientID
        self.host = host
        self.assignment = assignment
    }
}

/// One partition that a group has committed for, or is assigned.
package struct GroupOffset: Sendable, Equatable {
    package var partition: PartitionKey
    /// nil: nothing committed (an assigned partition).
    package var committed: Int64?
    /// What the commit is measured against; nil unknown. The document calls it `log_end_offset`, as
    /// kafka-consumer-groups.sh does.
    package var highWatermark: Int64?
    /// Index into `members`; nil where no member is assigned.
    package var member: Int?
    package var consumedPerSecond: Double?
    package var errorCode: Int16
    /// Records committed beyond the log's end, which was read after the commit; 0: none. Such a
    /// consumer is going to be reset, or to wait until the log has grown past it.
    package var beyondEnd: Int64 = 0
    /// Records between the commit and the log's start: deleted before the group read them.
    package var lost: Int64 = 0
    /// When the commit was seen to change last; at first, when it was seen.
    package var committedSince = Instant.never
    /// The longest time from one change to the next, in seconds; 0: none was seen.
    package var longestPause: Float = 0
    /// Records to the highest offset it had committed before the commit went back; 0: it has not,
    /// or has come there again.
    package var rewound: Int64 = 0
    /// The partition is in no whole Metadata answer read after the commit: its topic was deleted.
    package var isGone = false

    package init(partition: PartitionKey, committed: Int64?, highWatermark: Int64? = nil) {
        self.partition = partition
        self.committed = committed
        self.highWatermark = highWatermark
        member = nil
        consumedPerSecond = nil
        errorCode = 0
    }
    /// Records between the committed offset and the end; nil unknown, and where the commit is
    /// outside the log. Never negative: the end may have been read a moment before the commit.
    package var lag: Int64? {
        guard let committed, let highWatermark, beyondEnd == 0, !isGone else { return nil }
        return max(0, highWatermark - committed)
    }
}

extension ConsumerGroup {
    /// Partitions of deleted topics that it still has a commit of.
    package var goneCount: Int { offsets?.count { $0.isGone } ?? 0 }
    /// Whether groups of this kind commit offsets at all: share groups keep theirs elsewhere.
    package var commits: Bool { type != "share" }
}
