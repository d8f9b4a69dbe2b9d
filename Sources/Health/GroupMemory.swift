// What is remembered of one group from read to read, and how its verdict changes.

internal import ClusterModel

/// The memory of one group. Numbers only: it lies in a flat array.
struct GroupMemory: Sendable {
    /// The hash of its id: history indexes are given again.
    var owner = 0
    var offsetsAt = Instant.never
    private var describedAt = Instant.never
    private var state = 0
    var windowCount = 0
    private var rebalancingSince = Instant.never
    private(set) var standing = GroupStanding()
    /// What the last windows say instead of the verdict, how many of them, and since when.
    private var candidate = GroupVerdict.ok
    /// Its windows have covered a trend at some time.
    private var hadTrend = false
    private var streak = 0
    private var candidateSince = Instant.never

    init(owner: Int = 0) { self.owner = owner }

    /// Nothing was read of it since it was looked at.
    func hasSeen(_ group: ConsumerGroup) -> Bool {
        group.offsetsAt == offsetsAt && group.describedAt == describedAt
            && (group.state?.hashValue ?? 0) == state
    }

    mutating func see(_ group: ConsumerGroup) {
        offsetsAt = group.offsetsAt
        describedAt = group.describedAt
        state = group.state?.hashValue ?? 0
    }

    /// Kafka's words for a group that is dealing out partitions, of both protocols.
    private static let rebalances: Set<String> = [
        "PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling",
    ]

    mutating func follow(state: String?, at now: Instant) {
        guard let state, Self.rebalances.contains(state) else { return rebalancingSince = .never }
        if !rebalancingSince.happened { rebalancingSince = now }
    }

    /// A little more than 0 as soon as it rebalances.
    func rebalancingSeconds(at now: Instant) -> Double {
        rebalancingSince.happened ? max(0.001, now.seconds(since: rebalancingSince)) : 0
    }

    /// Takes in what a read showed. The verdict changes once enough windows in a row say the same;
    /// of what is well nobody has to be told late.
    mutating func judge(
        _ signs: GroupSigns, _ sums: GroupWatch.Sums, isWindow: Bool, isRead: Bool,
        at now: Instant
    ) {
        note(signs, sums)
        if signs.trend != nil { hadTrend = true }
        guard let verdict = signs.verdict else {
            // That it is well was said before its windows cover enough to say so.
            if standing.verdict == .ok, !hadTrend, isWindow, signs.isNoLongerNear {
                standing.verdict = nil
                standing.since = .never
                streak = 0
            }
            return
        }
        if verdict == standing.verdict {
            streak = 0
        } else if standing.verdict == nil && verdict.severity == nil {
            adopt(verdict, since: now)
        } else if standing.verdict?.standsStill == true && verdict.standsStill {
            // Its last member left, or the last partition stood still: it is no other fault.
            adopt(verdict, since: standing.since)
        } else if isRead && counts(verdict, signs, isWindow) {
            add(verdict, signs, at: now)
        }
        noteCourse(signs)
    }

    /// Takes in the only look that there will be.
    mutating func judgeOneLook(_ signs: GroupSigns, _ sums: GroupWatch.Sums, at now: Instant) {
        note(signs, sums)
        standing.verdict = signs.verdictOfOneLook
        standing.since = now
        standing.isSinceStart = true
        standing.isFromOneLook = true
        noteCourse(signs)
    }

    /// Whether this read is a window for the verdict: a trend has one every few seconds.
    private func counts(_ verdict: GroupVerdict, _ signs: GroupSigns, _ isWindow: Bool) -> Bool {
        if standing.verdict?.standsStill == true { return true }
        switch verdict {
        case .fallingBehind, .catchingUp: return isWindow
        case .ok: return isWindow || !signs.hasLag
        default: return true
        }
    }

    private mutating func add(_ verdict: GroupVerdict, _ signs: GroupSigns, at now: Instant) {
        let isSame = verdict == candidate
        // Of two faults in turn it is a fault all the time.
        let isWorse =
            verdict.severity ?? .notice > .notice && candidate.severity ?? .notice > .notice
        if streak > 0, isSame || isWorse {
            streak += 1
        } else {
            streak = 1
            candidateSince = verdict.standsStill ? signs.committedAt : now
        }
        candidate = verdict
        guard streak >= signs.limits.windows else { return }
        adopt(verdict, since: candidateSince)
        // Nobody saw when it began.
        standing.isSinceStart = verdict.standsStill && !signs.hasMoved
    }

    private mutating func adopt(_ verdict: GroupVerdict, since: Instant) {
        standing.verdict = verdict
        standing.since = since
        streak = 0
    }

    private mutating func note(_ signs: GroupSigns, _ sums: GroupWatch.Sums) {
        standing.secondsBehind = signs.isPartial ? .nan : signs.secondsBehind
        standing.isEstimated = sums.isEstimated
        standing.lostRecords = sums.lost
        standing.secondsLostPerMinute = signs.trend?.secondsLostPerMinute ?? .nan
        standing.lagPerSecond = signs.trend?.recordsPerSecond ?? .nan
    }

    /// What goes with the verdict.
    private mutating func noteCourse(_ signs: GroupSigns) {
        let lost = standing.secondsLostPerMinute
        let isNearing = standing.verdict == .catchingUp && lost < 0
        standing.secondsToCatchUp = isNearing ? standing.secondsBehind / -lost * 60 : .nan
        standing.secondsUntilLoss =
            standing.verdict == .losingData && signs.lostPartitions == 0
            ? signs.secondsUntilLoss : .nan
        let count =
            switch standing.verdict {
            case .stalled: signs.stalledPartitions
            case .stopped, .noMembers: signs.stillPartitions
            case .rewound: signs.rewoundPartitions
            case .uncommitted: signs.uncommittedPartitions
            case .losingData: max(signs.lostPartitions, 1)
            default: 0
            }
        standing.partitionCount = Int32(clamping: count)
    }
}
