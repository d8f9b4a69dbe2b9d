// One partition and one replica as values to read: what the columns of `PartitionTable` mean, for
// the few rows that are shown. Scans over all rows use the table's own functions instead.

/// One row of the partition table, with its replicas. It holds no part of the cluster, so that a
/// frame can keep it; making one costs an allocation, so a sort over 200,000 rows must not.
package struct PartitionView: Sendable, Equatable {
    package var row: Int
    package var key: PartitionKey
    package var topicIndex: Int
    /// `BrokerID.none` where the partition has no leader.
    package var leader: BrokerID
    /// The first replica of the assignment; of the target assignment while it is being moved.
    package var preferredLeader: BrokerID
    /// nil where the cluster is too old to say.
    package var leaderEpoch: Int32?
    package var errorCode: Int16
    package var logStart: Int64?
    package var highWatermark: Int64?
    /// Up to here no transaction is open: who reads committed records reads no further.
    package var lastStableOffset: Int64?
    /// Records behind it when it was read: those of open transactions and what came after them.
    package var openRecords: Int64
    /// The leader's log end offset.
    package var logEnd: Int64?
    /// When the leader's log end offset was answered.
    package var logEndAt: Instant
    package var recordsPerSecond: Double?
    package var bytesPerSecond: Double?
    /// The rates may be wrong by more than a sure one.
    package var isRateUnsure: Bool
    /// Bytes of the leader's replica.
    package var sizeBytes: Int64?
    /// The largest lag known of any replica; nil while none is known.
    package var worstLag: Int64?
    /// `min.insync.replicas` of the topic.
    package var minInsyncReplicas: Int?
    /// Fewer in sync than the assignment, without those being added, asks for.
    package var isUnderReplicated: Bool
    /// nil while the topic's `min.insync.replicas` is unknown.
    package var isUnderMinISR: Bool?
    /// The leader's broker does not answer, or its offset is older than three refresh intervals.
    package var isStale: Bool
    /// As the assignment lists them.
    package var replicas: [ReplicaView]

    package var topic: String { key.topic }
    package var partition: Int32 { key.partition }
    package var isr: [BrokerID] { ids(.inSync) }
    package var offlineReplicas: [BrokerID] { ids(.offline) }
    package var addingReplicas: [BrokerID] { ids(.adding) }
    package var removingReplicas: [BrokerID] { ids(.removing) }

    package var isOffline: Bool { !leader.exists }
    package var isWrongLeader: Bool { leader.exists && leader != preferredLeader }
    package var isMoving: Bool {
        replicas.contains { !$0.flags.isDisjoint(with: [.adding, .removing]) }
    }

    private func ids(_ flag: ReplicaFlags) -> [BrokerID] {
        replicas.filter { $0.flags.contains(flag) }.map(\.broker)
    }
}

/// One replica of a partition.
package struct ReplicaView: Sendable, Equatable {
    /// Its row in the replica columns.
    package var row: Int
    package var broker: BrokerID
    package var flags: ReplicaFlags
    package var isLeader: Bool
    /// The replica's own log end offset.
    package var logEnd: Int64?
    package var logEndAt: Instant
    /// The leader's end less its own, never negative; nil unless both are known. Where `isStale`,
    /// it is measured against the last end that the broker reported and may be too large.
    package var lag: Int64?
    /// Growth of the lag in records a second, negative while it catches up.
    package var lagPerSecond: Double?
    /// Seconds until the lag is gone at the present rates; 0 in step, nil unknown, infinity never.
    package var secondsToCatchUp: Double?
    package var sizeBytes: Int64?
    /// The log directory's path.
    package var dir: String?
    /// The broker does not answer, or the offset is older than its refresh interval allows.
    package var isStale: Bool

    package var isInSync: Bool { flags.contains(.inSync) }
    package var isOffline: Bool { flags.contains(.offline) }
    package var isAdding: Bool { flags.contains(.adding) }
    package var isRemoving: Bool { flags.contains(.removing) }
}

extension Cluster {
    /// The partition at `row` of the table.
    package func partition(_ row: Int) -> PartitionView {
        let table = partitions
        let topicIndex = Int(table.topic[row])
        let leaderReplica = table.leaderReplica(row)
        let logEndAt = Instant(ns: leaderReplica.map { table.replicaLogEndAt[$0] } ?? 0)
        let topic = topics[topicIndex]
        let least = minInsyncReplicas(topic: topicIndex)
        let facts = PartitionFacts(
            row, of: table, minInsyncReplicas: least, isCapped: capsMinISR)
        let leader = BrokerID(facts.leader)
        return PartitionView(
            row: row,
            key: PartitionKey(topic: topic.name, partition: table.partition[row]),
            topicIndex: topicIndex, leader: leader,
            preferredLeader: BrokerID(facts.preferred),
            leaderEpoch: known(table.leaderEpoch[row]), errorCode: table.errorCode[row],
            logStart: known(table.logStart[row]), highWatermark: known(table.highWatermark[row]),
            lastStableOffset: table.lastStable.isEmpty ? nil : known(table.lastStable[row]),
            openRecords: table.openRecords.isEmpty ? 0 : table.openRecords[row],
            logEnd: known(table.logEnd(row)), logEndAt: logEndAt,
            recordsPerSecond: known(table.recordsPerSecond[row]),
            bytesPerSecond: known(table.bytesPerSecond[row]),
            isRateUnsure: !table.rateError.isEmpty
                && Double(table.rateError[row]) > RateRule.sureShare,
            sizeBytes: leaderReplica.flatMap { known(table.replicaSize[$0]) },
            worstLag: known(table.worstLag(row)), minInsyncReplicas: least,
            isUnderReplicated: facts.isUnderReplicated,
            isUnderMinISR: facts.isUnderMinISR,
            isStale: isStale(offsetAt: logEndAt, of: leader),
            replicas: table.replicas(of: row).map { replica($0, of: row) })
    }

    /// The replica at `index` of the replica columns.
    package func replica(_ index: Int) -> ReplicaView {
        replica(index, of: partitions.row(ofReplica: index))
    }

    /// The replica at `index`, one of the partition at `row`.
    package func replica(_ index: Int, of row: Int) -> ReplicaView {
        let table = partitions
        let broker = BrokerID(table.replicaBroker[index])
        let endAt = Instant(ns: table.replicaLogEndAt[index])
        let dir = Int(table.replicaDir[index])
        return ReplicaView(
            row: index, broker: broker, flags: table.replicaFlags[index],
            isLeader: broker.exists && table.leader[row] == broker.value,
            logEnd: known(table.replicaLogEnd[index]), logEndAt: endAt,
            lag: known(table.lag(index, of: row)),
            lagPerSecond: known(table.lagPerSecond(index, of: row)),
            secondsToCatchUp: known(table.secondsToCatchUp(index, of: row)),
            sizeBytes: known(table.replicaSize[index]),
            dir: logDirs.indices.contains(dir) ? logDirs[dir].path : nil,
            isStale: isStale(offsetAt: endAt, of: broker))
    }
}

/// Unknown offsets, sizes and epochs are negative in the columns.
private func known<Number: SignedInteger>(_ number: Number) -> Number? {
    number < 0 ? nil : number
}

/// Unknown rates are NaN in the columns.
private func known(_ rate: Float) -> Double? { rate.isNaN ? nil : Double(rate) }
