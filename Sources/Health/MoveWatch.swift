// Which replicas that are being added get no records: the memory behind stuck reassignments.

internal import ClusterModel

/// A replica that is being added and gets nothing.
struct StuckMove: Sendable {
    var row: Int
    var broker: Int32
    /// Its broker does not answer.
    var isGone: Bool
    var since: Instant?
}

/// Follows the log ends of replicas that are being added.
struct MoveWatch: Sendable {
    private struct Copy: Sendable {
        var end: Int64
        var since: Instant
    }
    private var copies: [ReplicaKey: Copy] = [:]

    /// - Parameter rows: those that are being moved.
    mutating func advance(_ cluster: Cluster, _ rows: [Int]) -> [StuckMove] {
        guard !rows.isEmpty else {
            copies = [:]
            return []
        }
        var next: [ReplicaKey: Copy] = [:]
        var stuck: [StuckMove] = []
        let patience = cluster.thresholds[.moveStuck]
        for row in rows.prefix(Limits.watchedMoves) {
            for place in cluster.partitions.replicas(of: row)
            where cluster.partitions.replicaFlags[place].contains(.adding) {
                let broker = cluster.partitions.replicaBroker[place]
                if let holder = cluster.broker(BrokerID(broker)), holder.isIll {
                    stuck.append(
                        StuckMove(row: row, broker: broker, isGone: true, since: holder.state.since)
                    )
                    continue
                }
                let key = ReplicaKey(
                    partition: cluster.key(ofRow: row), broker: BrokerID(broker))
                let end = cluster.partitions.replicaLogEnd[place]
                guard end >= 0 else { continue }
                var copy = copies[key] ?? Copy(end: end, since: cluster.takenAt)
                if copy.end != end { copy = Copy(end: end, since: cluster.takenAt) }
                next[key] = copy
                let isBehind = cluster.partitions.lag(place, of: row) > 0
                if isBehind, cluster.takenAt.seconds(since: copy.since) >= patience {
                    stuck.append(
                        StuckMove(row: row, broker: broker, isGone: false, since: copy.since))
                }
            }
        }
        copies = next
        return stuck
    }
}
