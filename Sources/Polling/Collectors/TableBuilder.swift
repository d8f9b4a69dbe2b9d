// Builds the partition table anew when topics, partitions or replicas came or went, carrying over
// what was known of each replica.
import ClusterModel
import KafkaWire

/// The next table. Topics are appended one by one, in ascending order of name.
struct TableBuilder {
    private let old: WorkingCluster
    /// The old table, held by itself: going through `old` for each row would retain all columns.
    private let from: PartitionTable
    /// Its topics are in any order.
    private let answer: MetadataColumns
    private(set) var topics: [Topic] = []
    private(set) var table = PartitionTable()
    private(set) var leaderLogEnd: [OffsetSample] = []
    private(set) var bytesPerRecord: [Float] = []
    private(set) var movedAt: [UInt64] = []
    private(set) var replicaAsked: [UInt64] = []
    /// For each row the one it had before, or -1.
    private var oldRows: [Int32] = []
    private var oldReplicas: [Int32] = []

    init(old: WorkingCluster, answer: MetadataColumns) {
        self.old = old
        from = old.cluster.partitions
        self.answer = answer
        // Most brokers that an answer names it names twice: as a replica and in sync.
        let replicas = answer.ids.count / 2
        topics.reserveCapacity(answer.topics.count)
        table.topic.reserveCapacity(answer.partitions.count)
        table.partition.reserveCapacity(answer.partitions.count)
        table.leader.reserveCapacity(answer.partitions.count)
        table.leaderEpoch.reserveCapacity(answer.partitions.count)
        table.errorCode.reserveCapacity(answer.partitions.count)
        table.firstReplica.reserveCapacity(answer.partitions.count + 1)
        table.replicaBroker.reserveCapacity(replicas)
        table.replicaFlags.reserveCapacity(replicas)
        oldRows.reserveCapacity(answer.partitions.count)
        oldReplicas.reserveCapacity(replicas)
    }

    /// A topic as it was, but for the error it is described with now.
    mutating func carry(topic known: Topic, errorCode: Int16? = nil) {
        let at = topics.count
        var topic = known
        topic.errorCode = errorCode ?? known.errorCode
        topic.firstPartition = table.count
        for row in known.partitions {
            append(from.partition[row], topic: at, oldRow: row)
            append(from.leader[row], from.leaderEpoch[row], from.errorCode[row])
            for replica in from.replicas(of: row) {
                append(
                    broker: from.replicaBroker[replica], flags: from.replicaFlags[replica],
                    oldReplica: replica)
            }
            close()
        }
        topics.append(topic)
    }

    /// A topic that was not there.
    mutating func add(_ place: Int, historyIndex: Int) {
        let entry = answer.topics[place]
        append(
            place,
            as: Topic(
                name: entry.name ?? "", id: entry.id, isInternal: entry.isInternal,
                historyIndex: historyIndex),
            oldRows: 0..<0)
    }

    /// A topic that was there, with other partitions or replicas than before.
    mutating func merge(_ place: Int, known: Topic) {
        var topic = known
        topic.id = answer.topics[place].id ?? known.id
        append(place, as: topic, oldRows: known.partitions)
    }

    /// Topic `place` of the answer; `oldRows` are the rows it had.
    private mutating func append(_ place: Int, as known: Topic, oldRows: Range<Int>) {
        let rows = answer.rows(of: place)
        var topic = known
        topic.errorCode = answer.topics[place].error.code
        topic.firstPartition = table.count
        topic.partitionCount = rows.count
        topic.replicationFactor = 0
        var old = oldRows.lowerBound
        for at in rows {
            let reported = answer.partitions[at]
            while old < oldRows.upperBound && from.partition[old] < reported.partitionIndex {
                old += 1
            }
            let isKnown =
                old < oldRows.upperBound && from.partition[old] == reported.partitionIndex
            topic.replicationFactor = max(topic.replicationFactor, reported.replicas.count)
            append(reported, topic: topics.count, oldRow: isKnown ? old : nil)
        }
        topics.append(topic)
    }

    private mutating func append(
        _ reported: MetadataColumns.Partition, topic: Int, oldRow: Int?
    ) {
        append(reported.partitionIndex, topic: topic, oldRow: oldRow)
        // Without an epoch (2.4, no leader) the answer is taken and the epoch stays.
        let knownEpoch = oldRow.map { from.leaderEpoch[$0] } ?? reported.leaderEpoch
        let isOlder = reported.leaderEpoch >= 0 && reported.leaderEpoch < knownEpoch
        if isOlder, let oldRow {
            append(from.leader[oldRow], knownEpoch, from.errorCode[oldRow])
        } else {
            append(reported.leaderID, max(reported.leaderEpoch, knownEpoch), reported.error.code)
        }
        for place in reported.replicas {
            let before = oldRow.flatMap { oldReplica(of: $0, broker: answer.ids[place]) }
            var flags = answer.flags(reported, replica: place)
            if let before {
                let known = from.replicaFlags[before]
                flags = isOlder ? known : flags.union(known.intersection(.moving))
            }
            append(broker: answer.ids[place], flags: flags, oldReplica: before)
        }
        close()
    }

    private func oldReplica(of row: Int, broker: Int32) -> Int? {
        for replica in from.replicas(of: row) where from.replicaBroker[replica] == broker {
            return replica
        }
        return nil
    }

    private mutating func append(_ partition: Int32, topic: Int, oldRow: Int?) {
        table.topic.append(Int32(topic))
        table.partition.append(partition)
        oldRows.append(Int32(oldRow ?? -1))
    }

    private mutating func append(_ leader: Int32, _ epoch: Int32, _ errorCode: Int16) {
        table.leader.append(leader)
        table.leaderEpoch.append(epoch)
        table.errorCode.append(errorCode)
    }

    private mutating func append(broker: Int32, flags: ReplicaFlags, oldReplica: Int?) {
        table.replicaBroker.append(broker)
        table.replicaFlags.append(flags)
        oldReplicas.append(Int32(oldReplica ?? -1))
    }

    private mutating func close() {
        table.firstReplica.append(Int32(table.replicaBroker.count))
    }

    /// After the last topic: carries over what was known, column by column.
    mutating func finish() {
        table.logStart = carried(from.logStart, oldRows, -1)
        table.highWatermark = carried(from.highWatermark, oldRows, -1)
        table.logEndBefore = carried(from.logEndBefore, oldRows, -1)
        table.logEndBeforeAt = carried(from.logEndBeforeAt, oldRows, 0)
        table.recordsPerSecond = carried(from.recordsPerSecond, oldRows, .nan)
        table.bytesPerSecond = carried(from.bytesPerSecond, oldRows, .nan)
        if !from.lastStable.isEmpty {
            table.lastStable = carried(from.lastStable, oldRows, -1)
            table.openRecords = carried(from.openRecords, oldRows, 0)
        }
        if !from.rateError.isEmpty { table.rateError = carried(from.rateError, oldRows, 0) }
        leaderLogEnd = carried(old.leaderLogEnd, oldRows, .unknown)
        bytesPerRecord = carried(old.bytesPerRecord, oldRows, .nan)
        movedAt = carried(old.movedAt, oldRows, 0)
        table.replicaLogEnd = carried(from.replicaLogEnd, oldReplicas, -1)
        table.replicaLogEndAt = carried(from.replicaLogEndAt, oldReplicas, 0)
        table.replicaRate = carried(from.replicaRate, oldReplicas, .nan)
        table.replicaSize = carried(from.replicaSize, oldReplicas, -1)
        table.replicaDir = carried(from.replicaDir, oldReplicas, -1)
        replicaAsked = carried(old.replicaAsked, oldReplicas, 0)
    }

    /// The elements of an old column at the places named, `unknown` where that is -1.
    private func carried<Element>(
        _ column: [Element], _ places: [Int32], _ unknown: Element
    ) -> [Element] {
        if column.isEmpty { return Array(repeating: unknown, count: places.count) }
        return places.map { $0 < 0 ? unknown : column[Int($0)] }
    }
}
