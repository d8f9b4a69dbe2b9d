// Builds the partition table anew when topics, partitions or replicas came or went, carrying over
// what was known of each replica.
import ClusterModel

/// The next table. What is told is appended topic by topic, in ascending order of name.
struct TableBuilder {
    private let old: Draft
    /// The old table, held by itself: going through `old` for each row would retain all columns.
    private let from: PartitionTable
    private let answer: TopicAnswers
    private(set) var topics: [Topic] = []
    private(set) var table = PartitionTable()
    private(set) var leaderEnd: [Int64] = []
    private(set) var leaderEndAsked: [UInt64] = []
    private(set) var leaderEndAnswered: [UInt64] = []
    private(set) var bytesPerRecord: [Float] = []
    private(set) var replicaAsked: [UInt64] = []

    init(old: Draft, answer: TopicAnswers) {
        self.old = old
        from = old.cluster.partitions
        self.answer = answer
        topics.reserveCapacity(answer.topics.count)
        table.reserve(
            partitions: answer.partitions.count, replicas: answer.replicaBroker.count)
    }

    /// A topic as it was, but for the error it is described with now.
    mutating func carry(topic known: Topic, errorCode: Int16? = nil) {
        let at = topics.count
        var topic = known
        topic.errorCode = errorCode ?? known.errorCode
        topic.firstPartition = table.count
        for row in known.partitions {
            let told = TopicAnswers.Partition(
                number: from.partition[row], leader: from.leader[row],
                leaderEpoch: from.leaderEpoch[row], errorCode: from.errorCode[row],
                firstReplica: 0, replicaCount: 0)
            append(told, topic: at, oldRow: row)
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
    mutating func add(_ entry: TopicAnswers.Entry, slot: Int) {
        var topic = Topic(
            name: entry.name, id: entry.id, isInternal: entry.isInternal,
            errorCode: entry.errorCode, slot: slot)
        fill(&topic, entry, known: nil)
    }

    /// A topic that was there, with other partitions or replicas than before.
    mutating func merge(_ entry: TopicAnswers.Entry, known: Topic) {
        var topic = known
        topic.id = entry.id ?? known.id
        topic.errorCode = entry.errorCode
        fill(&topic, entry, known: known)
    }

    private mutating func fill(_ topic: inout Topic, _ entry: TopicAnswers.Entry, known: Topic?) {
        let at = topics.count
        topic.firstPartition = table.count
        topic.partitionCount = entry.count
        topic.replicationFactor = 0
        var row = known?.partitions.lowerBound ?? 0
        let end = known?.partitions.upperBound ?? 0
        for offset in 0..<entry.count {
            let told = answer.partitions[entry.first + offset]
            while row < end && from.partition[row] < told.number { row += 1 }
            let same = row < end && from.partition[row] == told.number ? row : nil
            topic.replicationFactor = max(topic.replicationFactor, Int(told.replicaCount))
            var newest = told
            var isOlder = false
            if let same, told.leaderEpoch < from.leaderEpoch[same] {
                // Without an epoch (2.4, no leader) the news is taken and the epoch stays.
                isOlder = told.leaderEpoch >= 0
                newest.leaderEpoch = from.leaderEpoch[same]
                if isOlder {
                    newest.leader = from.leader[same]
                    newest.errorCode = from.errorCode[same]
                }
            }
            append(newest, topic: at, oldRow: same)
            for n in 0..<Int(told.replicaCount) {
                let broker = answer.replicaBroker[Int(told.firstReplica) + n]
                let before = same.flatMap { oldReplica(of: $0, broker: broker) }
                var flags = answer.replicaFlags[Int(told.firstReplica) + n]
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
        _ told: TopicAnswers.Partition, topic: Int, oldRow: Int?
    ) {
        table.topic.append(Int32(topic))
        table.partition.append(told.number)
        table.leader.append(told.leader)
        table.leaderEpoch.append(told.leaderEpoch)
        table.errorCode.append(told.errorCode)
        table.logStart.append(oldRow.map { from.logStart[$0] } ?? -1)
        table.highWatermark.append(oldRow.map { from.highWatermark[$0] } ?? -1)
        table.recordsPerSecond.append(oldRow.map { from.recordsPerSecond[$0] } ?? .nan)
        table.bytesPerSecond.append(oldRow.map { from.bytesPerSecond[$0] } ?? .nan)
        leaderEnd.append(oldRow.map { old.leaderEnd[$0] } ?? -1)
        leaderEndAsked.append(oldRow.map { old.leaderEndAsked[$0] } ?? 0)
        leaderEndAnswered.append(oldRow.map { old.leaderEndAnswered[$0] } ?? 0)
        bytesPerRecord.append(oldRow.map { old.bytesPerRecord[$0] } ?? .nan)
    }

    private mutating func append(broker: Int32, flags: ReplicaFlags, oldReplica: Int?) {
        table.replicaBroker.append(broker)
        table.replicaFlags.append(flags)
        table.replicaEnd.append(oldReplica.map { from.replicaEnd[$0] } ?? -1)
        table.replicaEndAt.append(oldReplica.map { from.replicaEndAt[$0] } ?? 0)
        table.replicaRate.append(oldReplica.map { from.replicaRate[$0] } ?? .nan)
        table.replicaSize.append(oldReplica.map { from.replicaSize[$0] } ?? -1)
        table.replicaDir.append(oldReplica.map { from.replicaDir[$0] } ?? -1)
        replicaAsked.append(oldReplica.map { old.replicaAsked[$0] } ?? 0)
    }

    private mutating func close() {
        table.firstReplica.append(Int32(table.replicaCount))
    }
}
