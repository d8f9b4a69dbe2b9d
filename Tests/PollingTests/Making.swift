// What the tests of the folds share: answers and drafts in a few words.
import ClusterModel
import KafkaWire
import Testing

@testable import Polling

let second: UInt64 = 1_000_000_000

/// A partition of a Metadata answer.
func told(
    _ number: Int32, leader: Int32 = 1, epoch: Int32 = 3, replicas: [Int32] = [1, 2, 3],
    isr: [Int32]? = nil, offline: [Int32] = [], error: Int16 = 0
) -> MetadataResponse.Partition {
    var partition = MetadataResponse.Partition()
    partition.partitionIndex = number
    partition.leaderID = leader
    partition.leaderEpoch = epoch
    partition.replicaNodes = IDList(replicas)
    partition.isrNodes = IDList(isr ?? replicas)
    partition.offlineReplicas = IDList(offline)
    partition.error = KafkaError(rawValue: error)
    return partition
}

/// A topic of a Metadata answer; `id` 0 is none.
func told(
    _ name: String, id: UInt64 = 0, error: Int16 = 0, _ partitions: [MetadataResponse.Partition]
) -> MetadataResponse.Topic {
    var topic = MetadataResponse.Topic()
    topic.name = name
    topic.topicID = KafkaUUID(high: id == 0 ? 0 : 9, low: id)
    topic.error = KafkaError(rawValue: error)
    topic.partitions = partitions
    return topic
}

/// An answer as a client reads it in columns.
func columns<R: ColumnsRequest>(_ type: R.Type, _ answer: R.Plain.Response) -> R.Response {
    do {
        let version = R.versions.upperBound
        let frame = try encodeResponse(R.Plain.self, answer, version: version, correlationID: 1)
        return try decodeResponse(type, version: version, bytes: Array(frame.dropFirst(8)))
    } catch {
        Issue.record("\(R.name): \(error)")
        return R.Response()
    }
}

extension WorkingCluster {
    /// Folds topics as one whole (or partial) answer.
    @discardableResult
    mutating func take(
        _ topics: [MetadataResponse.Topic], whole: Bool = true, at now: UInt64 = 10 * second
    ) -> Bool {
        var answer = MetadataResponse()
        answer.topics = topics
        let isTaken = fold(
            topics: columns(MetadataColumnsRequest.self, answer), whole: whole, now: now)
        if isTaken { reconcileBrokers(now: now) }
        return isTaken
    }

    /// Folds what a broker says of its log directories.
    mutating func fold(
        logDirs told: [DescribeLogDirsResponse.LogDir], broker: BrokerID, now: UInt64
    ) {
        var answer = DescribeLogDirsResponse()
        answer.results = told
        fold(
            logDirs: columns(LogDirColumnsRequest.self, answer), broker: broker, now: now)
    }

    func row(_ topic: String, _ partition: Int32) -> Int? {
        cluster.row(of: PartitionKey(topic: topic, partition: partition))
    }

    func replica(_ topic: String, _ partition: Int32, _ broker: Int32) -> Int? {
        row(topic, partition).flatMap { replicaRow(partition: $0, broker: BrokerID(broker)) }
    }

    /// One replica's end, read at `seconds` within `span` seconds.
    mutating func end(
        _ topic: String, _ partition: Int32, _ broker: Int32, _ end: Int64, at seconds: Double,
        span: Double = 0.002, epoch: Int32 = -1
    ) {
        guard let replica = replica(topic, partition, broker) else { return }
        foldLogEnd(
            replica: replica,
            OffsetSample(
                end: end, asked: Instant(ns: UInt64(seconds * 1e9)),
                answered: Instant(ns: UInt64((seconds + span) * 1e9))), epoch: epoch)
    }

    func rate(_ topic: String, _ partition: Int32) -> Float {
        row(topic, partition).map { cluster.partitions.recordsPerSecond[$0] } ?? -1
    }

    /// Faults in the structure of the picture; empty when every index points where it should.
    var faults: [String] {
        var faults: [String] = []
        let table = cluster.partitions
        let rows = table.count
        let replicas = table.replicaCount
        let perRow: [(String, Int)] = [
            ("topic", table.topic.count), ("leader", table.leader.count),
            ("leaderEpoch", table.leaderEpoch.count), ("errorCode", table.errorCode.count),
            ("firstReplica", table.firstReplica.count - 1), ("logStart", table.logStart.count),
            ("logEndBefore", table.logEndBefore.count),
            ("logEndBeforeAt", table.logEndBeforeAt.count),
            ("highWatermark", table.highWatermark.count), ("leaderLogEnd", leaderLogEnd.count),
            ("records", table.recordsPerSecond.count), ("bytes", table.bytesPerSecond.count),
            ("bytesPerRecord", bytesPerRecord.count),
        ]
        let perReplica: [(String, Int)] = [
            ("flags", table.replicaFlags.count), ("end", table.replicaLogEnd.count),
            ("endAt", table.replicaLogEndAt.count), ("rate", table.replicaRate.count),
            ("size", table.replicaSize.count), ("dir", table.replicaDir.count),
            ("asked", replicaAsked.count), ("partitionOf", partitionOfReplica.count),
            ("last", Int(table.firstReplica.last ?? -1)),
        ]
        for (name, count) in perRow where count != rows {
            faults.append("\(name): \(count) of \(rows)")
        }
        for (name, count) in perReplica where count != replicas {
            faults.append("\(name): \(count) of \(replicas)")
        }
        guard faults.isEmpty else { return faults }
        var next = 0
        for (index, topic) in cluster.topics.enumerated() {
            if index > 0, cluster.topics[index - 1].name >= topic.name { faults.append("order") }
            if topic.firstPartition != next { faults.append("\(topic.name) first") }
            next += topic.partitionCount
            for row in topic.partitions {
                if Int(table.topic[row]) != index { faults.append("\(topic.name) row \(row)") }
                if row > topic.firstPartition, table.partition[row - 1] >= table.partition[row] {
                    faults.append("\(topic.name) numbers")
                }
                for replica in table.replicas(of: row)
                where Int(partitionOfReplica[replica]) != row { faults.append("back \(replica)") }
            }
        }
        if next != rows { faults.append("rows \(next) of \(rows)") }
        var listed = 0
        for (broker, own) in rowsOfBroker {
            listed += own.count
            for replica in own where table.replicaBroker[Int(replica)] != broker.value {
                faults.append("rows of \(broker)")
            }
            if own != own.sorted() { faults.append("order of \(broker)") }
            if cluster.brokerIndex(broker) == nil { faults.append("no broker \(broker)") }
        }
        if listed != replicas { faults.append("listed \(listed) of \(replicas)") }
        if Set(cluster.topics.map(\.historyIndex)).count != cluster.topics.count {
            faults.append("historyIndexes")
        }
        return faults
    }
}
