// The memory behind the verdicts of groups: what each did at the reads before, the windows of its
// trend, and the verdict that stands until enough windows in a row say something else.

internal import ClusterModel

/// Watches all groups. Flat arrays by history index: a group takes 320 bytes and no allocation.
struct GroupWatch: Sendable {
    private var ends = EndSamples()
    private var limits = GroupLimits(.standard)
    private var memories: [GroupMemory] = []
    /// `Limits.trendWindows` a group, the oldest first.
    private var windows: [TrendWindow] = []

    /// Looks at every group of which something was read since, and says how it stands.
    mutating func advance(_ cluster: inout Cluster, isOnlyLook: Bool = false) {
        ends.follow(cluster)
        limits = GroupLimits(cluster.thresholds)
        var most = -1
        for place in cluster.groups.indices {
            most = max(most, min(cluster.groups[place].historyIndex, Limits.watchedGroups - 1))
        }
        if memories.count <= most {
            let more = most + 1 - memories.count
            memories.append(contentsOf: repeatElement(GroupMemory(), count: more))
            windows.append(
                contentsOf: repeatElement(TrendWindow(), count: more * Limits.trendWindows))
        }
        // Taken out, so that a group is written without a copy of all.
        var groups = cluster.groups
        cluster.groups = []
        for place in groups.indices {
            let index = groups[place].historyIndex
            guard memories.indices.contains(index) else { continue }
            let owner = groups[place].id.hashValue
            if memories[index].owner != owner { memories[index] = GroupMemory(owner: owner) }
            if memories[index].hasSeen(groups[place]) {
                groups[place].standing = memories[index].standing
                continue
            }
            look(at: groups[place], index, cluster, isOnlyLook: isOnlyLook)
            groups[place].standing = memories[index].standing
        }
        cluster.groups = groups
    }

    private mutating func look(
        at group: ConsumerGroup, _ index: Int, _ cluster: Cluster, isOnlyLook: Bool
    ) {
        let before = memories[index].offsetsAt
        let isRead = group.offsetsAt != before
        memories[index].see(group)
        guard group.commits, let offsets = group.offsets, group.offsetsAt.happened else { return }
        let now = max(group.offsetsAt, group.describedAt)
        var signs = GroupSigns()
        signs.limits = limits
        signs.memberCount = group.members?.count
        signs.hasLoneMember = hasLoneMember(group)
        if before.happened { signs.readGap = Float(group.offsetsAt.seconds(since: before)) }
        let sums = add(offsets, of: group, to: &signs, cluster)
        memories[index].follow(state: group.state, at: now)
        if isOnlyLook { return memories[index].judgeOneLook(signs, sums, at: now) }
        signs.rebalancingSeconds = memories[index].rebalancingSeconds(at: now)
        if signs.stillPartitions > 0, signs.movingPartitions == 0 {
            // What was before a stop says nothing of what comes after it.
            memories[index].windowCount = 0
        }
        let isWindow =
            isRead && (signs.committedAt == group.offsetsAt || !signs.hasLag)
            && addWindow(signs, sums, index, at: group.offsetsAt)
        signs.trend = trend(index)
        memories[index].judge(signs, sums, isWindow: isWindow, isRead: isRead, at: now)
    }

    // MARK: One read

    /// What the offsets of a group add up to.
    struct Sums {
        var lag: Int64 = 0
        var lost: Int64 = 0
        /// How long behind the worst of its partitions is was reckoned, or is not known of some.
        var isEstimated = false
        /// Of some partition with lag it is not known how long it is behind.
        var isUnknown = false
    }

    private mutating func add(
        _ offsets: [GroupOffset], of group: ConsumerGroup, to signs: inout GroupSigns,
        _ cluster: Cluster
    ) -> Sums {
        var sums = Sums()
        signs.secondsBehind = 0
        let isIndexed =
            group.offsetRowsLayout == cluster.layout && group.offsetRows.count == offsets.count
        // By place, not by element: a copy of an offset would retain its topic's name.
        for at in offsets.indices {
            let row =
                isIndexed
                ? Int(group.offsetRows[at]) : cluster.row(of: offsets[at].partition) ?? -1
            guard let committed = offsets[at].committed else {
                let isTheirs = offsets[at].member != nil && isWritten(row, cluster)
                if isTheirs { signs.uncommittedPartitions += 1 }
                continue
            }
            let commit = Commit(
                row: row, offset: committed, readAt: group.offsetsAt,
                since: offsets[at].committedSince, pause: offsets[at].longestPause,
                memberCount: signs.memberCount)
            if commit.pause > 0 { signs.hasMoved = true }
            signs.longestPause = max(signs.longestPause, commit.pause)
            signs.committedAt = max(signs.committedAt, commit.since)
            if commit.isMoving(limits) { signs.movingPartitions += 1 }
            guard let lag = offsets[at].lag else {
                if !offsets[at].isGone, offsets[at].beyondEnd == 0 { signs.isPartial = true }
                continue
            }
            sums.lag = sums.lag.addingReportingOverflow(lag).partialValue
            if offsets[at].lost > 0 {
                signs.lostPartitions += 1
                sums.lost = sums.lost.addingReportingOverflow(offsets[at].lost).partialValue
            }
            let rewound = offsets[at].rewound
            if rewound > 0, rewound <= lag { signs.rewoundPartitions += 1 }
            add(commit, hasLag: lag > 1, to: &signs, &sums, cluster)
        }
        // A part that nothing is known of may be the worst.
        if sums.isUnknown {
            sums.isEstimated = true
            if signs.secondsBehind == 0 { signs.secondsBehind = .nan }
        }
        return sums
    }

    /// One commit as it was read.
    private struct Commit {
        var row: Int
        var offset: Int64
        var readAt: Instant
        /// When it was seen to change last, and the longest pause before such a change; 0: none.
        var since: Instant
        var pause: Float
        var memberCount: Int?

        var stood: Float { Float(readAt.seconds(since: since)) }
        func limit(_ least: Float, _ limits: GroupLimits) -> Float {
            GroupSigns.stillLimit(pause: pause, memberCount: memberCount, least: least, limits)
        }
        func isMoving(_ limits: GroupLimits) -> Bool {
            pause > 0 && stood < limit(limits.stopped, limits)
        }
    }

    /// Holds one commit against the log: how long the first unread record has waited, and how far
    /// retention is from it.
    private mutating func add(
        _ commit: Commit, hasLag: Bool, to signs: inout GroupSigns, _ sums: inout Sums,
        _ cluster: Cluster
    ) {
        let row = commit.row
        if hasLag { signs.hasLag = true }
        guard row >= 0, let leader = cluster.partitions.leaderReplica(row) else {
            if hasLag { sums.isUnknown = true }
            return
        }
        let end = cluster.partitions.replicaLogEnd[leader]
        let endAt = Instant(ns: cluster.partitions.replicaLogEndAt[leader])
        guard end >= 0, endAt.happened else {
            if hasLag { sums.isUnknown = true }
            return
        }
        ends.take(row, end: end, at: endAt)
        guard hasLag else { return }
        let rate = cluster.partitions.recordsPerSecond[row]
        let moment = ends.moment(of: commit.offset, row, end: end, at: endAt, rate: rate)
        let seconds = moment.map { Float($0.seconds + commit.readAt.seconds(since: endAt)) }
        if let moment, let seconds {
            if seconds > signs.secondsBehind {
                (signs.secondsBehind, sums.isEstimated) = (seconds, moment.isEstimated)
            }
        } else {
            sums.isUnknown = true
        }
        // Of a record whose age is not known it is known that it waits.
        let waited = min(commit.stood, seconds ?? commit.stood)
        let isStill = waited >= commit.limit(limits.stopped, limits)
        if isStill { signs.stillPartitions += 1 }
        if waited >= commit.limit(limits.stalled, limits) { signs.stalledPartitions += 1 }
        let start = cluster.partitions.logStart[row]
        guard start > 0, rate > 0 else { return }
        let margin = Float(max(0, commit.offset - start)) / rate
        if !(signs.margin <= margin) { signs.margin = margin }
        if isStill, !(signs.stillMargin <= margin) { signs.stillMargin = margin }
    }

    /// Records come to it, and there are some.
    private func isWritten(_ row: Int, _ cluster: Cluster) -> Bool {
        row >= 0 && cluster.partitions.recordsPerSecond[row] > 0
            && cluster.partitions.highWatermark[row] > max(0, cluster.partitions.logStart[row])
    }

    /// One of several members has all of several partitions.
    private func hasLoneMember(_ group: ConsumerGroup) -> Bool {
        guard let members = group.members, members.count > 1, group.state == "Stable" else {
            return false
        }
        var (all, most) = (0, 0)
        for place in members.indices {
            let count = members[place].assignment.count
            all += count
            most = max(most, count)
        }
        return all > 1 && most == all
    }

    // MARK: Windows

    /// One window: how far behind at its end.
    private struct TrendWindow: Sendable {
        /// Tenths of seconds of the monotonic clock.
        var time: UInt32 = 0
        var seconds = Float.nan
        var records = Float.nan
        var isEstimated = false
    }

    /// Adds a window where its time has come; true where it did. Windows end with a commit: a look
    /// between two of them would show as a slope what comes in steps.
    private mutating func addWindow(
        _ signs: GroupSigns, _ sums: Sums, _ index: Int, at now: Instant
    ) -> Bool {
        guard !signs.isPartial, !signs.secondsBehind.isNaN else { return false }
        let time = UInt32(truncatingIfNeeded: now.ns / 100_000_000)
        let first = index * Limits.trendWindows
        var count = memories[index].windowCount
        if count > 0 {
            let least = UInt32(Limits.trendSeconds * 10)
            guard time &- windows[first + count - 1].time >= least else { return false }
        }
        if count == Limits.trendWindows {
            for place in first..<(first + count - 1) { windows[place] = windows[place + 1] }
            count -= 1
        }
        windows[first + count] = TrendWindow(
            time: time, seconds: signs.secondsBehind, records: Float(sums.lag),
            isEstimated: sums.isEstimated)
        memories[index].windowCount = count + 1
        return true
    }

    /// The newer half of the windows against the older: of those whose seconds are known from
    /// samples, else of records.
    private func trend(_ index: Int) -> GroupTrend? {
        let first = index * Limits.trendWindows
        let count = memories[index].windowCount
        let hasStood = memories[index].standing.verdict?.standsStill == true
        let least = hasStood ? Limits.leastTrendWindowsAfterStop : Limits.leastTrendWindows
        guard count >= least else { return nil }
        var known = 0
        while known < count, !windows[first + count - 1 - known].isEstimated { known += 1 }
        if known == 0 { return trend(first, count, inSeconds: false) }
        return known >= least ? trend(first + count - known, known, inSeconds: true) : nil
    }

    private func trend(_ first: Int, _ count: Int, inSeconds: Bool) -> GroupTrend? {
        let half = count / 2
        let old = windows[first..<(first + half)]
        let new = windows[(first + count - half)..<(first + count)]
        let seconds = Float(middle(new) - middle(old)) / 10
        guard seconds > 0 else { return nil }
        let (was, now) = (mean(old), mean(new))
        // As many records as a second's lag is.
        let second = now.seconds > 0 ? now.records / now.seconds : 1
        return GroupTrend(
            old: bounds(old, inSeconds), new: bounds(new, inSeconds), oldMeans: was,
            newMeans: now, seconds: seconds,
            leastChange: limits.losing * (inSeconds ? 1 : max(1, second)))
    }

    private func middle(_ windows: ArraySlice<TrendWindow>) -> Double {
        windows.reduce(0) { $0 + Double($1.time) } / Double(windows.count)
    }

    private func mean(_ windows: ArraySlice<TrendWindow>) -> (seconds: Float, records: Float) {
        let sum = windows.reduce((Float(0), Float(0))) { ($0.0 + $1.seconds, $0.1 + $1.records) }
        return (sum.0 / Float(windows.count), sum.1 / Float(windows.count))
    }

    private func bounds(
        _ windows: ArraySlice<TrendWindow>, _ inSeconds: Bool
    ) -> (least: Float, most: Float) {
        windows.reduce((Float.infinity, -Float.infinity)) {
            let one = inSeconds ? $1.seconds : $1.records
            return (min($0.0, one), max($0.1, one))
        }
    }
}
