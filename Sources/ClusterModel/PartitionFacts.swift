// What one look at a partition's replicas says: sums, rules and screens judge a row by these facts,
// so that each of them is worked out in one place.

/// The columns that say who leads and who replicates, alone: a scan of all rows hands them on
/// without counting references to every column of the table for every row.
package struct Assignments: Sendable, Equatable {
    package let leader: [Int32]
    package let firstReplica: [Int32]
    package let replicaBroker: [Int32]
    package let replicaFlags: [ReplicaFlags]

    package init(_ table: PartitionTable) {
        (leader, firstReplica) = (table.leader, table.firstReplica)
        (replicaBroker, replicaFlags) = (table.replicaBroker, table.replicaFlags)
    }

    package var count: Int { leader.count }

    /// The places of the row's replicas in the columns of replicas.
    package func replicas(of row: Int) -> Range<Int> {
        Int(firstReplica[row])..<Int(firstReplica[row + 1])
    }

    /// The facts of a row. No initialiser: its caller would count references to each column.
    package func facts(
        _ row: Int, minInsyncReplicas: Int?, isCapped: Bool = true
    ) -> PartitionFacts {
        PartitionFacts(
            row, of: self, minInsyncReplicas: minInsyncReplicas, isCapped: isCapped)
    }
}

/// One row's facts.
package struct PartitionFacts: Sendable {
    package var row: Int
    /// -1 where there is none.
    package var leader: Int32
    /// The leader's replica row; -1 where it is not in the assignment.
    package var leaderReplica = -1
    /// The broker that should lead: the assignment's first replica that is not being removed; while
    /// a partition moves, Kafka lists the target's replicas before those that will go (KIP-455).
    package var preferred: Int32 = -1
    package var replicaCount: Int
    package var inSyncCount = 0
    /// Replicas that should be in sync: the assignment without those being added.
    package var wantedCount = 0
    package var isMoving = false
    /// `min.insync.replicas` of the topic; nil unknown.
    package var minInsyncReplicas: Int?
    /// It counts for no more than all replicas; see `Cluster.capsMinISR`.
    package var isCapped: Bool

    @inline(__always)
    package init(
        _ row: Int, of table: PartitionTable, minInsyncReplicas: Int? = nil, isCapped: Bool = true
    ) {
        self.init(
            row, of: Assignments(table), minInsyncReplicas: minInsyncReplicas, isCapped: isCapped)
    }

    @inline(__always)
    init(_ row: Int, of table: Assignments, minInsyncReplicas: Int?, isCapped: Bool = true) {
        self.row = row
        self.isCapped = isCapped
        self.minInsyncReplicas = minInsyncReplicas
        leader = table.leader[row]
        let first = Int(table.firstReplica[row])
        let end = Int(table.firstReplica[row + 1])
        replicaCount = end - first
        for i in first..<end {
            let flags = table.replicaFlags[i]
            if flags.contains(.inSync) { inSyncCount += 1 }
            if !flags.contains(.adding) { wantedCount += 1 }
            if !flags.isDisjoint(with: [.adding, .removing]) { isMoving = true }
            if preferred < 0, !flags.contains(.removing) { preferred = table.replicaBroker[i] }
            if leader >= 0, table.replicaBroker[i] == leader { leaderReplica = i }
        }
        if preferred < 0, first < end { preferred = table.replicaBroker[first] }
    }

    package var isOffline: Bool { leader < 0 }
    package var isWrongLeader: Bool { leader >= 0 && leader != preferred }
    /// Fewer in sync than wanted: Kafka's own rule, by which a partition that is being moved is not
    /// under-replicated for that reason alone.
    package var isUnderReplicated: Bool { inSyncCount < wantedCount }
    /// The replicas that must be in sync for writes with acks=all; nil unknown.
    package var leastInSync: Int? {
        minInsyncReplicas.map { isCapped ? min($0, max(1, replicaCount)) : $0 }
    }
    /// nil while the topic's `min.insync.replicas` is unknown.
    package var isUnderMinISR: Bool? { leastInSync.map { inSyncCount < $0 } }
}

extension Cluster {
    /// The facts of the row, with its topic's settings.
    package func facts(_ row: Int) -> PartitionFacts {
        PartitionFacts(
            row, of: partitions,
            minInsyncReplicas: minInsyncReplicas(topic: Int(partitions.topic[row])),
            isCapped: capsMinISR)
    }

    /// `min.insync.replicas` of every topic; -1 where it is not known.
    package var minInsyncReplicasByTopic: [Int32] {
        topics.indices.map { Int32(clamping: minInsyncReplicas(topic: $0) ?? -1) }
    }

    /// The same is known of every topic, or of those whose configs are not refused.
    package var knowsMinInsyncReplicas: Bool {
        let unknown = topics.indices.count { minInsyncReplicas(topic: $0) == nil }
        if unknown == 0 { return true }
        return unknown < topics.count && absence(in: .configs) == .noneTold
    }

    /// Metadata has been answered: that there are no partitions, or no faults, is a fact.
    package var knowsPartitions: Bool {
        partitions.count > 0 || health(.metadata).answeredAt.happened
    }
}
