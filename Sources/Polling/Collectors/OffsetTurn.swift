// Which offsets are asked in a round where all of them would cost too much: what moves in each,
// what stands still less and less often.
import ClusterModel

/// One round of a small cluster, or one pass over a large one.
struct OffsetTurn {
    /// Grows by one from turn to turn.
    var number: UInt64
    /// From one turn to the next.
    var ns: UInt64
    var now: UInt64

    /// Whether the end of the replica at `replica` is asked for. Replicas that are not where the
    /// leader is always are: they have lag. The others take turns, so that each turn asks about as
    /// many.
    func isDue(replica: Int, isInView: Bool = false, _ working: WorkingCluster) -> Bool {
        let row = Int(working.partitionOfReplica[replica])
        guard isStill(row, working),
            working.cluster.partitions.replicaLogEnd[replica] == working.leaderLogEnd[row].end
        else { return true }
        let isLeader =
            working.cluster.partitions.replicaBroker[replica]
            == working.cluster.partitions.leader[row]
        return isTurn(
            of: isLeader ? row : row &+ replica, row, working,
            most: !isLeader
                ? Limits.stillFollower : isInView ? Limits.stillInView : Limits.stillLeader)
    }

    /// A high watermark that has reached the end of a log stays there with it.
    func isHighWatermarkDue(_ row: Int, _ working: WorkingCluster) -> Bool {
        let known = working.cluster.partitions.highWatermark[row]
        return known < 0 || known != working.leaderLogEnd[row].end
            || now < working.movedAt[row] + 2 * ns
    }

    /// The start of a log moves when old segments are deleted, which its size shows, too.
    func isStartDue(_ row: Int, _ working: WorkingCluster) -> Bool {
        guard working.cluster.partitions.logStart[row] >= 0 else { return true }
        let isMoving = working.movedAt[row] + Limits.logStartInterval > now
        let every = isMoving ? Limits.logStartInterval : Limits.stillStart
        return (number &+ UInt64(row)) % max(1, every / max(1, ns)) == 0
    }

    /// Nothing was seen to change at the last look, and its rate is known to be 0.
    private func isStill(_ row: Int, _ working: WorkingCluster) -> Bool {
        working.movedAt[row] > 0 && working.cluster.partitions.recordsPerSecond[row] == 0
    }

    private func isTurn(
        of place: Int, _ row: Int, _ working: WorkingCluster, most: UInt64
    ) -> Bool {
        let stillNs = now - min(now, working.movedAt[row])
        let every = Pace.rounds(still: stillNs, round: ns, most: most)
        return (number &+ UInt64(place)) % every == 0
    }
}
