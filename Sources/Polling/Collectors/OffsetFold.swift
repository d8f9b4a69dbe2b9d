// Folds log end offsets, high watermarks and log starts, and works rates out of them: always from
// two samples of the same partition with that partition's own times (`RateRule`).
import ClusterModel

extension WorkingCluster {
    /// One replica's own log end offset, as its broker answered it.
    /// - Parameter epoch: the leader epoch that the broker knows; -1: not told.
    /// - Returns: whether that is of a later election than ours. Who led before may follow by now,
    ///   and a follower's end is none to measure what is written from.
    @discardableResult
    mutating func foldLogEnd(replica: Int, _ sample: OffsetSample, epoch: Int32 = -1) -> Bool {
        let row = Int(partitionOfReplica[replica])
        let known = cluster.partitions.leaderEpoch[row]
        let isOfThisEpoch = epoch < 0 || known < 0 || epoch == known
        let isLeader =
            isOfThisEpoch
            && cluster.partitions.replicaBroker[replica] == cluster.partitions.leader[row]
        let isNewer = known >= 0 && epoch > known
        let before = OffsetSample(
            end: cluster.partitions.replicaLogEnd[replica],
            asked: Instant(ns: replicaAsked[replica]),
            answered: Instant(ns: cluster.partitions.replicaLogEndAt[replica]))
        switch RateRule.judge(before, sample) {
        case .keep: return isNewer
        case .rate(let rate, let error):
            let isKnown = error <= RateRule.worstShare
            cluster.partitions.replicaRate[replica] = isKnown ? Float(rate) : .nan
        // Where no end is known there is no rate either.
        case .first: break
        case .reset: cluster.partitions.replicaRate[replica] = .nan
        }
        cluster.partitions.replicaLogEnd[replica] = sample.end
        cluster.partitions.replicaLogEndAt[replica] = sample.answered.ns
        replicaAsked[replica] = sample.asked.ns
        if isLeader {
            cluster.partitions.logEndBefore[row] = before.end
            cluster.partitions.logEndBeforeAt[row] = before.answered.ns
            foldLeaderEnd(row, sample)
        }
        return isNewer
    }

    /// The partition's end goes on across leaders; where a new leader's log is shorter (an unclean
    /// election, a topic made anew), the series starts again.
    private mutating func foldLeaderEnd(_ row: Int, _ sample: OffsetSample) {
        var now = Float.nan
        switch RateRule.judge(leaderLogEnd[row], sample) {
        case .keep: return
        case .rate(let rate, let error):
            let best = steadied(row, sample, (rate, error))
            if best.error <= RateRule.worstShare { now = Float(best.rate) }
            note(error: best.error, row)
        case .first:
            movedAt[row] = sample.answered.ns
            return leaderLogEnd[row] = sample
        case .reset: earlierLogEnds[row] = nil
        }
        if sample.end != leaderLogEnd[row].end || movedAt[row] == 0 {
            if isSparing, cluster.partitions.recordsPerSecond[row] == 0 { woken.append(Int32(row)) }
            movedAt[row] = sample.answered.ns
        } else if isSparing {
            standStill(row, sample)
        }
        cluster.partitions.recordsPerSecond[row] = now
        cluster.partitions.bytesPerSecond[row] = now * bytesPerRecord[row]
        leaderLogEnd[row] = sample
    }

    /// The leader's log has not grown: a follower in sync that had all of it has all of it now.
    private mutating func standStill(_ row: Int, _ sample: OffsetSample) {
        let leader = cluster.partitions.leader[row]
        for replica in cluster.partitions.replicas(of: row)
        where cluster.partitions.replicaLogEnd[replica] == sample.end
            && cluster.partitions.replicaBroker[replica] != leader
            && cluster.partitions.replicaFlags[replica].contains(.inSync)
            && cluster.partitions.replicaLogEndAt[replica] < sample.asked.ns
        {
            cluster.partitions.replicaLogEndAt[replica] = sample.answered.ns
            replicaAsked[replica] = sample.asked.ns
        }
    }

    /// Producers write in batches: over a short time one batch more or less is much. A rate is
    /// measured from the newest earlier sample that lies `steadySeconds` back, else from the oldest
    /// there is. That is the same round for all partitions, so that their sum is of one time, too.
    private mutating func steadied(
        _ row: Int, _ sample: OffsetSample, _ last: (rate: Double, error: Double)
    ) -> (rate: Double, error: Double) {
        let base = leaderLogEnd[row]
        let seconds = sample.asked.seconds(since: base.asked)
        if seconds >= Limits.steadySeconds
            || (last.rate == 0 && cluster.partitions.recordsPerSecond[row] == 0)
        {
            if !earlierLogEnds.isEmpty { earlierLogEnds[row] = nil }
            return last
        }
        // The sweep of a large cluster comes back too late to measure from what was before; what
        // is in view is asked more often.
        guard
            cluster.partitions.count <= Limits.steadiedPartitions || seconds < Limits.sweepSeconds
        else { return last }
        var bases = earlierLogEnds[row] ?? []
        bases.append(base)
        while bases.count > 1, sample.asked.seconds(since: bases[1].asked) >= Limits.steadySeconds {
            bases.removeFirst()
        }
        earlierLogEnds[row] = bases
        guard case .rate(let rate, let error) = RateRule.judge(bases[0], sample) else {
            return last
        }
        return (rate, error)
    }

    /// Most clusters are near, and no error need be kept.
    private mutating func note(error: Double, _ row: Int) {
        if cluster.partitions.rateError.isEmpty {
            guard error > RateRule.sureShare else { return }
            cluster.partitions.rateError = Array(repeating: 0, count: cluster.partitions.count)
        }
        cluster.partitions.rateError[row] = Float(error)
    }

    mutating func foldHighWatermark(partition row: Int, _ offset: Int64) {
        if cluster.partitions.highWatermark[row] != offset {
            cluster.partitions.highWatermark[row] = offset
        }
    }

    mutating func foldLogStart(partition row: Int, _ offset: Int64) {
        if cluster.partitions.logStart[row] != offset { cluster.partitions.logStart[row] = offset }
    }

    /// The high watermark was read before, on the same connection: what lies between the two is of
    /// open transactions.
    mutating func foldLastStable(partition row: Int, _ offset: Int64) {
        if cluster.partitions.lastStable.isEmpty {
            cluster.partitions.lastStable = Array(repeating: -1, count: cluster.partitions.count)
            cluster.partitions.openRecords = Array(repeating: 0, count: cluster.partitions.count)
        }
        let open = max(0, cluster.partitions.highWatermark[row] - offset)
        if cluster.partitions.openRecords[row] != open {
            cluster.partitions.openRecords[row] = open
        }
        if cluster.partitions.lastStable[row] != offset {
            cluster.partitions.lastStable[row] = offset
        }
    }

    /// The size of one replica's log in the directory at index `dir`. The leader's size over its
    /// records gives bytes a record: the mean of all that the log holds now.
    mutating func foldSize(replica: Int, bytes: Int64, dir: Int32) {
        let row = Int(partitionOfReplica[replica])
        if cluster.partitions.replicaBroker[replica] == cluster.partitions.leader[row] {
            let end = cluster.partitions.replicaLogEnd[replica]
            let start = cluster.partitions.logStart[row]
            if start >= 0 && end > start && bytes > 0 {
                bytesPerRecord[row] = Float(Double(bytes) / Double(end - start))
            }
        }
        if cluster.partitions.replicaSize[replica] != bytes {
            cluster.partitions.replicaSize[replica] = bytes
            movedAt[row] = 0
        }
        if cluster.partitions.replicaDir[replica] != dir {
            cluster.partitions.replicaDir[replica] = dir
        }
    }

    /// Rates of what has not been sampled for `limit` ns are not known any more: the last offset
    /// stays, with its age, but what flows now is not known. Gives the oldest sample still shown.
    mutating func forgetOldRates(now: UInt64, limit: UInt64) -> Instant {
        for row in leaderLogEnd.indices
        where now > leaderLogEnd[row].answered.ns &+ limit
            && !cluster.partitions.recordsPerSecond[row].isNaN
        {
            cluster.partitions.recordsPerSecond[row] = .nan
            cluster.partitions.bytesPerSecond[row] = .nan
        }
        var oldest = UInt64.max
        for replica in replicaAsked.indices {
            let answered = cluster.partitions.replicaLogEndAt[replica]
            guard answered > 0 else { continue }
            oldest = min(oldest, answered)
            if now > answered &+ limit, !cluster.partitions.replicaRate[replica].isNaN {
                cluster.partitions.replicaRate[replica] = .nan
            }
        }
        return oldest == .max ? .never : Instant(ns: oldest)
    }
}
