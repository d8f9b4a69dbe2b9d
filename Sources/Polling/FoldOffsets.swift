// Folds log end offsets, high watermarks and log starts, and works rates out of them: always from
// two samples of the same partition with that partition's own times.
import ClusterModel

/// A sample of a log end offset and the span of time the broker read it in.
struct EndSample: Equatable {
    var end: Int64
    /// When the question left and when the answer was here, monotonic ns.
    var asked: UInt64
    var answered: UInt64

    /// Two samples closer than this make no rate: the error would be larger than the value.
    static let leastSpan: UInt64 = 250 * Limits.millisecond

    /// Records a second from `earlier` to this sample; NaN where the log was cut or the samples are
    /// too close. Where a slow answer makes the moment of reading unsure, the longest possible span
    /// is taken: a rate is never above what was written.
    func rate(since earlier: EndSample) -> Float {
        guard earlier.end >= 0, end >= earlier.end, answered > earlier.answered else { return .nan }
        let middle = (asked / 2 + answered / 2)
        let earlierMiddle = (earlier.asked / 2 + earlier.answered / 2)
        guard middle > earlierMiddle, middle - earlierMiddle >= Self.leastSpan else { return .nan }
        let span = middle - earlierMiddle
        let unsure = max(answered - asked, earlier.answered - earlier.asked)
        let whole = unsure * 10 <= span ? span : answered - earlier.asked
        return Float(Double(end - earlier.end) * 1e9 / Double(whole))
    }
}

extension Draft {
    /// One replica's own log end offset, as its broker answered it.
    mutating func foldLogEnd(replica: Int, _ sample: EndSample) {
        let row = Int(partitionOfReplica[replica])
        let before = EndSample(
            end: cluster.partitions.replicaEnd[replica], asked: replicaAsked[replica],
            answered: cluster.partitions.replicaEndAt[replica])
        let isFirst = before.end < 0
        guard isFirst || sample.asked > before.answered else { return }
        let tooClose =
            !isFirst && sample.end >= before.end
            && sample.answered - before.answered < EndSample.leastSpan
        if tooClose { return }
        cluster.partitions.replicaRate[replica] = isFirst ? .nan : sample.rate(since: before)
        cluster.partitions.replicaEnd[replica] = sample.end
        cluster.partitions.replicaEndAt[replica] = sample.answered
        replicaAsked[replica] = sample.asked
        if cluster.partitions.replicaBroker[replica] == cluster.partitions.leader[row] {
            foldLeaderEnd(row, sample)
        }
    }

    /// The partition's end goes on across leaders; where a new leader's log is shorter (an unclean
    /// election, a topic made anew), the series starts again.
    private mutating func foldLeaderEnd(_ row: Int, _ sample: EndSample) {
        let before = EndSample(
            end: leaderEnd[row], asked: leaderEndEarliest[row], answered: leaderEndLatest[row])
        let rate = before.end < 0 ? Float.nan : sample.rate(since: before)
        cluster.partitions.recordsPerSecond[row] = rate
        cluster.partitions.bytesPerSecond[row] = rate * bytesPerRecord[row]
        leaderEnd[row] = sample.end
        leaderEndEarliest[row] = sample.asked
        leaderEndLatest[row] = sample.answered
    }

    mutating func foldHighWatermark(partition row: Int, _ offset: Int64) {
        cluster.partitions.highWatermark[row] = offset
    }

    mutating func foldLogStart(partition row: Int, _ offset: Int64) {
        cluster.partitions.logStart[row] = offset
    }

    /// The size of one replica's log. Bytes a record come from growth where there was some, else
    /// from the whole log; cleaning makes logs shrink, and a negative step says nothing.
    mutating func foldSize(replica: Int, bytes: Int64, dir: Int32) {
        let row = Int(partitionOfReplica[replica])
        let isLeader =
            cluster.partitions.replicaBroker[replica] == cluster.partitions.leader[row]
        if isLeader {
            let end = cluster.partitions.replicaEnd[replica]
            let start = cluster.partitions.logStart[row]
            if start >= 0 && end > start && bytes > 0 {
                bytesPerRecord[row] = Float(Double(bytes) / Double(end - start))
            }
        }
        cluster.partitions.replicaSize[replica] = bytes
        cluster.partitions.replicaDir[replica] = dir
    }

    /// Rates of partitions whose leader has not been sampled for `limit` ns are not known any more:
    /// the last offset stays, with its age, but nobody can say what flows now.
    mutating func forgetOldRates(now: UInt64, limit: UInt64) {
        for row in 0..<cluster.partitions.count
        where now > leaderEndLatest[row] &+ limit && !cluster.partitions.recordsPerSecond[row].isNaN
        {
            cluster.partitions.recordsPerSecond[row] = .nan
            cluster.partitions.bytesPerSecond[row] = .nan
        }
    }
}
