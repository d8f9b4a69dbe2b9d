// Commits against the log: the ends beside them, and which of them are outside of it.
import ClusterModel

extension WorkingCluster {
    /// Records from a commit to the start of the log: starts only grow, and this one was read
    /// before the commit.
    func lost(_ committed: Int64?, _ row: Int32) -> Int64 {
        guard let committed, row >= 0 else { return 0 }
        return max(0, cluster.partitions.logStart[Int(row)] - committed)
    }

    /// Partitions for which one of these groups has committed more than the log had when its end
    /// was read, and more than can have been written since: their leaders are asked once more.
    /// `isOnce`: no rates are known, and each is asked.
    func suspectCommits(of ids: [String], isOnce: Bool, now: UInt64) -> [Int32] {
        var rows: Set<Int32> = []
        for id in ids {
            guard let index = groupIndex(id) else { continue }
            let group = cluster.groups[index]
            guard let offsets = group.offsets, group.offsetRowsLayout == cluster.layout else {
                continue
            }
            for (offset, row) in zip(offsets, group.offsetRows) where row >= 0 {
                guard let committed = offset.committed, offset.beyondEnd == 0,
                    let leader = cluster.partitions.leaderReplica(Int(row))
                else { continue }
                let end = cluster.partitions.replicaLogEnd[leader]
                guard end >= 0, committed > end else { continue }
                let rate = Double(cluster.partitions.recordsPerSecond[Int(row)])
                let age = Double(now - min(now, cluster.partitions.replicaLogEndAt[leader])) / 1e9
                let isPossible = !isOnce && !(Double(committed - end) > 2 * rate * (age + 1))
                if !isPossible { rows.insert(row) }
            }
        }
        return rows.sorted()
    }

    /// Judges commits by log ends, by row, that were asked for after the commits had been read.
    mutating func judgeCommits(of ids: [String], by ends: [Int32: Int64]) {
        for id in ids {
            guard let index = groupIndex(id), var offsets = cluster.groups[index].offsets,
                cluster.groups[index].offsetRowsLayout == cluster.layout
            else { continue }
            let rows = cluster.groups[index].offsetRows
            cluster.groups[index].offsets = nil
            for (at, row) in rows.enumerated() {
                guard let committed = offsets[at].committed, let end = ends[row] else { continue }
                offsets[at].beyondEnd = max(0, committed - end)
            }
            cluster.groups[index].offsets = offsets
        }
    }

    /// Puts the newest high watermarks beside the committed offsets. `isOnce`: what was read first
    /// and what last in a pass is told from nothing, and a moment apart.
    mutating func joinEnds(isOnce: Bool) {
        for index in cluster.groups.indices
        where cluster.groups[index].offsets?.isEmpty == false {
            joinEnds(index, offsetRows(index), isOnce: isOnce)
        }
    }

    private mutating func joinEnds(_ index: Int, _ rows: [Int32], isOnce: Bool) {
        // A topic that is gone has no end any more; one that was never seen has none yet.
        func end(_ row: Int32) -> Int64? {
            let end = row >= 0 ? cluster.partitions.highWatermark[Int(row)] : -1
            return end >= 0 ? end : nil
        }
        // Whether all topics were named after the commits had been read.
        let isNewer =
            wholeTopicsAt > 0 && (isOnce || wholeTopicsAt > cluster.groups[index].offsetsAt.ns)
        func isGone(_ offset: GroupOffset, _ row: Int32) -> Bool {
            row < 0 && offset.committed != nil && (isNewer || offset.isGone)
        }
        guard var offsets = cluster.groups[index].offsets,
            let first = offsets.indices.first(where: {
                offsets[$0].highWatermark != end(rows[$0])
                    || offsets[$0].isGone != isGone(offsets[$0], rows[$0])
                    || isOnce && offsets[$0].lost != lost(offsets[$0].committed, rows[$0])
            })
        else { return }
        cluster.groups[index].offsets = nil
        for at in first..<offsets.count {
            let next = end(rows[at])
            if offsets[at].highWatermark != next { offsets[at].highWatermark = next }
            offsets[at].isGone = isGone(offsets[at], rows[at])
            if isOnce { offsets[at].lost = lost(offsets[at].committed, rows[at]) }
            if let next, let committed = offsets[at].committed, committed <= next {
                offsets[at].beyondEnd = 0
            }
        }
        cluster.groups[index].offsets = offsets
    }
}
