// What one read of a group shows, and which verdict that is: a table without memory, after Burrow's
// rules (caching.go of its evaluator; ours differ where OffsetFetch tells no commit's time).

internal import ClusterModel

/// What is seen of a group at one read of its offsets, with what the reads before it showed.
struct GroupSigns: Sendable {
    var limits = GroupLimits(.standard)
    /// Records wait in some partition: more than one, since a transaction ends with a marker, which
    /// is a place in the log and no record to read.
    var hasLag = false
    /// The lag of a part is not known.
    var isPartial = false
    /// nil while not described.
    var memberCount: Int?
    /// Something was committed since it is watched, and when last; before that, when it was seen
    /// first.
    var hasMoved = false
    var committedAt = Instant.never
    /// Partitions whose commit changed not long ago.
    var movingPartitions = 0
    /// Partitions whose commit stands though records have waited for longer than it takes this
    /// group to commit; and those of them of which that holds even while others move.
    var stillPartitions = 0
    var stalledPartitions = 0
    /// How long it has been rebalancing without a break, in seconds; 0: it is not.
    var rebalancingSeconds = 0.0
    var rewoundPartitions = 0
    var uncommittedPartitions = 0
    var lostPartitions = 0
    var hasLoneMember = false
    /// The longest pause seen between two commits of a partition, and the time since the read
    /// before, in seconds; 0: none was seen.
    var longestPause: Float = 0
    var readGap: Float = 0
    var secondsBehind = Float.nan
    var trend: GroupTrend?
    /// Seconds of writing until retention comes to the first unread record: of all partitions with
    /// lag, and of those that stand still. NaN: retention has deleted nothing yet.
    var margin = Float.nan
    var stillMargin = Float.nan

    /// How long records may wait before a partition stands still, by the longest pause between two
    /// of its commits.
    static func stillLimit(
        pause: Float, memberCount: Int?, least: Float, _ limits: GroupLimits
    ) -> Float {
        if pause > 0 { return max(least, Limits.stillPauses * pause) }
        return memberCount == 0 ? limits.unseenAlone : limits.unseen
    }

    /// It commits nothing at all though records wait.
    private var standsStill: Bool { stillPartitions > 0 && movingPartitions == 0 }

    /// Seconds until retention deletes what was not read, if it goes on like this; NaN: never.
    var secondsUntilLoss: Float {
        if standsStill || stalledPartitions > 0 { return stillMargin }
        guard let trend, trend.fallsBehind, trend.secondsLostPerMinute > 0 else { return .nan }
        return margin / (trend.secondsLostPerMinute / 60)
    }

    /// What this read alone says; nil: it cannot tell.
    var verdict: GroupVerdict? {
        if lostPartitions > 0 { return .losingData }
        if rebalancingSeconds > limits.rebalancing { return .rebalancing }
        if let fault = lagging {
            return secondsUntilLoss <= limits.loss ? .losingData : fault
        }
        // Whether it stands still is more than all that follows, and not known yet.
        if hasLag, !hasMoved { return nil }
        if rewoundPartitions > 0 { return .rewound }
        if hasLoneMember { return .loneMember }
        if uncommittedPartitions > 0 { return .uncommitted }
        if !hasLag { return isPartial ? nil : .ok }
        if let trend {
            let isFar = secondsBehind >= limits.catchingUp
            return trend.comesNearer && isFar ? .catchingUp : .ok
        }
        return secondsBehind < nearSeconds ? .ok : nil
    }

    /// Nearer than this it is well whatever its trend turns out to be: nobody is said to fall
    /// behind who is nearer than the least, or than what it takes from one commit to the next.
    private var nearSeconds: Float {
        max(limits.behind, min(longestPause, Limits.nearPauseSeconds))
    }

    /// While no trend is known: it is farther behind than one that is well would be, by more than
    /// what passes between two reads.
    var isNoLongerNear: Bool { hasLag && secondsBehind >= nearSeconds + readGap }

    /// What one look shows by itself, where no other follows; nil: it cannot tell.
    var verdictOfOneLook: GroupVerdict? {
        if lostPartitions > 0 { return .losingData }
        if hasLag, memberCount == 0 { return .noMembers }
        if hasLoneMember { return .loneMember }
        if uncommittedPartitions > 0 { return .uncommitted }
        return hasLag || isPartial ? nil : .ok
    }

    /// Whether what it has not read grows older because of it.
    private var lagging: GroupVerdict? {
        // While it rebalances nobody commits, which is no fault of its own.
        if rebalancingSeconds == 0 {
            if standsStill, let memberCount { return memberCount == 0 ? .noMembers : .stopped }
            if stalledPartitions > 0, movingPartitions > 0 { return .stalled }
        }
        guard let trend, trend.fallsBehind, secondsBehind >= limits.behind else {
            return nil
        }
        return .fallingBehind
    }
}

/// The thresholds of groups as they are held against each commit of 200,000.
struct GroupLimits: Sendable {
    let behind: Float
    /// What it must lose from the old half of its windows to the new one, in seconds.
    let losing: Float
    let catchingUp: Float
    let stopped: Float
    let stalled: Float
    let unseen: Float
    let unseenAlone: Float
    let loss: Float
    let rebalancing: Double
    let windows: Int

    init(_ thresholds: Thresholds) {
        behind = Float(thresholds[.groupBehind])
        losing = Float(thresholds[.groupLosing])
        catchingUp = Float(thresholds[.groupCatchingUp])
        stopped = Float(thresholds[.groupStopped])
        stalled = Float(thresholds[.groupStalled])
        unseen = Float(thresholds[.groupUnseen])
        unseenAlone = Float(thresholds[.groupUnseenAlone])
        loss = Float(thresholds[.groupLoss])
        rebalancing = thresholds[.groupRebalancing]
        windows = Int(thresholds[.groupWindows])
    }
}

/// How far behind a group was over its last windows: the older half of them against the newer one.
struct GroupTrend: Sendable, Equatable {
    /// The least and the greatest of each half, in seconds or, where the time is not known from
    /// samples, in records.
    var old: (least: Float, most: Float)
    var new: (least: Float, most: Float)
    /// Means of the halves, seconds behind and records behind.
    var oldMeans: (seconds: Float, records: Float)
    var newMeans: (seconds: Float, records: Float)
    /// From the middle of one half to the middle of the other.
    var seconds: Float
    /// The least difference that counts, in the unit of the halves.
    var leastChange: Float

    /// In every new window it was farther behind than in any old one: commits come in steps, and
    /// what goes up and down with them is no trend.
    var fallsBehind: Bool { new.least - old.most >= leastChange }
    var comesNearer: Bool { old.least - new.most >= leastChange }
    var secondsLostPerMinute: Float { (newMeans.seconds - oldMeans.seconds) / seconds * 60 }
    var recordsPerSecond: Float { (newMeans.records - oldMeans.records) / seconds }

    static func == (a: GroupTrend, b: GroupTrend) -> Bool {
        a.old == b.old && a.new == b.new && a.oldMeans == b.oldMeans && a.newMeans == b.newMeans
            && a.seconds == b.seconds && a.leastChange == b.leastChange
    }
}
