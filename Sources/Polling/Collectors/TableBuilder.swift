// Builds the partition table anew when topics, partitions or replicas came or went, carrying over
// what was known of each replica.
import ClusterModel

/// The next table. Topics are appended one by one, in ascending order of name.
struct TableBuilder {
    private let old: WorkingCluster
    /// The old table, held by itself: going through `old` for each row would retain all columns.
    private let from: PartitionTable
    private let answer: TopicAnswers
    private(set) var topics: [Topic] = []
    private(set) var table = PartitionTable()
    private(set) var leaderEnd: [OffsetSample] = []
    private(set) var bytesPerRecord: [Float] = []
    private(set) var replicaAsked: [UInt64] = []
    /// For each row the one it had before, or -1.
    private var oldRows: [Int32] = []
    private var oldReplicas: [Int32] = []

    init(old: WorkingCluster, answer: TopicAnswers) {
        self.old = old
        from = old.cluster.partitions
        self.answer = answer
        topics.reserveCapacity(answer.topics.count)
        table.topic.reserveCapacity(answer.partitions.count)
        table.partition.reserveCapacity(answer.partitions.count)
        table.leader.reserveCapacity(answer.partitions.count)
        table.leaderEpoch.reserveCapacity(answer.partitions.count)
        table.errorCode.reserveCapacity(answer.partitions.count)
        table.firstReplica.reserveCapacity(answer.partitions.count + 1)
        table.replicaBroker.reserveCapacity(answer.replicaBroker.count)
        table.replicaFlags.reserveCapacity(answer.replicaBroker.count)
        oldRows.reserveCapacity(answer.partitions.count)
        oldReplicas.reserveCapacity(answer.replicaBroker.count)
    }

    /// A topic as it was, but for the error it is described with now.
    mutating func carry(topic known: Topic, errorCode: Int16? = nil) {
        let at = topics.count
        var topic = known
        topic.errorCode = errorCode ?? known.errorCode
        topic.firstPartition = table.count
        for row in known.partitions {
            let reported = TopicAnswers.Partition(
                number: from.partition[row], leader: from.leader[row],
                leaderEpoch: from.leaderEpoch[row], errorCode: from.errorCode[row],
                firstReplica: 0, replicaCount: 0)
            append(reported, topic: at, oldRow: row)
            for replica in from.replicas(of: row) {
                append(
                    broker: from.replicaBroker[replica], flags: from.replicaFlags[replica],
                    oldReplica: replica)
            }
            close()
        }
        topics.append(topic)
    }

    /// A topic that was not there: its replicas stand in the answer as they will in the table.
    mutating func add(_ entry: TopicAnswers.Entry, slot: Int) {
        var topic = Topic(
            name: entry.name, id: entry.id, isInternal: entry.isInternal,
            errorCode: entry.errorCode, slot: slot)
        let at = topics.count
        topic.firstPartition = table.count
        topic.partitionCount = entry.count
        topic.replicationFactor = 0
        topics.append(topic)
        guard entry.count > 0 else { return }
        let partitions = answer.partitions[entry.first..<entry.first + entry.count]
        let replicas = Int(answer.partitions[entry.first].firstReplica)
        var (end, factor) = (replicas, Int32(0))
        let shift = table.replicaCount - replicas
        for reported in partitions {
            append(reported, topic: at, oldRow: nil)
            end = Int(reported.firstReplica) + Int(reported.replicaCount)
            table.firstReplica.append(Int32(end + shift))
            factor = max(factor, reported.replicaCount)
        }
        topics[at].replicationFactor = Int(factor)
        table.replicaBroker.append(contentsOf: answer.replicaBroker[replicas..<end])
        table.replicaFlags.append(contentsOf: answer.replicaFlags[replicas..<end])
        oldReplicas.append(contentsOf: repeatElement(-1, count: end - replicas))
    }

    /// A topic that was there, with other partitions or replicas than before.
    mutating func merge(_ entry: TopicAnswers.Entry, known: Topic) {
        var topic = known
        topic.id = entry.id ?? known.id
        topic.errorCode = entry.errorCode
        let at = topics.count
        topic.firstPartition = table.count
        topic.partitionCount = entry.count
        topic.replicationFactor = 0
        var row = known.partitions.lowerBound
        let end = known.partitions.upperBound
        for offset in 0..<entry.count {
            let reported = answer.partitions[entry.first + offset]
            while row < end && from.partition[row] < reported.number { row += 1 }
            let same = row < end && from.partition[row] == reported.number ? row : nil
            topic.replicationFactor = max(topic.replicationFactor, Int(reported.replicaCount))
            var newest = reported
            var isOlder = false
            if let same, reported.leaderEpoch < from.leaderEpoch[same] {
                // Without an epoch (2.4, no leader) the answer is taken and the epoch stays.
                isOlder = reported.leaderEpoch >= 0
                newest.leaderEpoch = from.leaderEpoch[same]
                if isOlder {
                    newest.leader = from.leader[same]
                    newest.errorCode = from.errorCode[same]
                }
            }
            append(newest, topic: at, oldRow: same)
            for n in 0..<Int(reported.replicaCount) {
                let broker = answer.replicaBroker[Int(reported.firstReplica) + n]
                let before = same.flatMap { oldReplica(of: $0, broker: broker) }
                var flags = answer.replicaFlags[Int(reported.firstReplica) + n]
                if let before {
                    let known = from.replicaFlags[before]
                    flags = isOlder ? known : flags.union(known.intersection(.moving))
                }
                append(broker: broker, flags: flags, oldReplica: before)
            }
            close()
        }
        topics.append(topic)
    }

    private func oldReplica(of row: Int, broker: Int32) -> Int? {
        for replica in from.replicas(of: row) where from.replicaBroker[replica] == broker {
            return replica
        }
        return nil
    }

    private mutating func append(
        _ reported: TopicAnswers.Partition, topic: Int, oldRow: Int?
    ) {
        table.topic.append(Int32(topic))
        table.partition.append(reported.number)
        table.leader.append(reported.leader)
        table.leaderEpoch.append(reported.leaderEpoch)
        table.errorCode.append(reported.errorCode)
        oldRows.append(Int32(oldRow ?? -1))
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
        table.endBefore = carried(from.endBefore, oldRows, -1)
        table.endBeforeAt = carried(from.endBeforeAt, oldRows, 0)
        table.recordsPerSecond = carried(from.recordsPerSecond, oldRows, .nan)
        table.bytesPerSecond = carried(from.bytesPerSecond, oldRows, .nan)
        leaderEnd = carried(old.leaderEnd, oldRows, .unknown)
        bytesPerRecord = carried(old.bytesPerRecord, oldRows, .nan)
        table.replicaEnd = carried(from.replicaEnd, oldReplicas, -1)
        table.replicaEndAt = carried(from.replicaEndAt, oldReplicas, 0)
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
