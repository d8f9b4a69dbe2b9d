// ListOffsets questions: which rows a broker is asked for, the request, and the answer brought back
// to its rows.
import ClusterModel
import KafkaWire

/// One ListOffsets request in terms of rows.
struct OffsetAsk {
    enum Kind: Int {
        /// Each replica's own log end, from the broker that holds it: replica_id -2, timestamp -1
        /// (`ListOffsetsRequest.DEBUGGING_REPLICA_ID`; the broker answers from its local log).
        case logEnd
        /// The high watermark from the leader: replica_id -1, timestamp -1.
        case highWatermark
        /// The leader's first offset: replica_id -2, timestamp -2.
        case logStart
    }
    var kind: Kind
    var broker: BrokerID
    /// Replica rows for log ends, partition rows else; ascending, so topics come in one piece.
    var rows: [Int32]
    /// The layout the rows belong to.
    var layout: UInt64

    private static let latest: Int64 = -1
    private static let earliest: Int64 = -2

    func request(_ draft: Draft) -> ListOffsetsRequest {
        var request = ListOffsetsRequest()
        request.replicaID = kind == .highWatermark ? -1 : -2
        let timestamp = kind == .logStart ? Self.earliest : Self.latest
        let topicOf = draft.cluster.partitions.topic
        let numbers = draft.cluster.partitions.partition
        let isOfReplicas = kind == .logEnd
        let partitionOfReplica = isOfReplicas ? draft.partitionOfReplica : []
        request.topics.reserveCapacity(min(rows.count, Self.likelyTopics))
        var entries: [ListOffsetsRequest.Partition] = []
        var topic: Int32 = -1
        for row in rows {
            let partition = isOfReplicas ? Int(partitionOfReplica[Int(row)]) : Int(row)
            if topicOf[partition] != topic {
                if topic >= 0 {
                    request.topics.append(
                        ListOffsetsRequest.Topic(
                            name: draft.topicNames[Int(topic)], partitions: entries))
                    entries = []
                }
                topic = topicOf[partition]
            }
            entries.append(
                ListOffsetsRequest.Partition(
                    partitionIndex: numbers[partition], timestamp: timestamp))
        }
        if topic >= 0 {
            request.topics.append(
                ListOffsetsRequest.Topic(name: draft.topicNames[Int(topic)], partitions: entries))
        }
        return request
    }

    private static let likelyTopics = 64

    private func partitionRow(_ row: Int32, _ draft: Draft) -> Int {
        kind == .logEnd ? Int(draft.partitionOfReplica[Int(row)]) : Int(row)
    }

    /// Errors of an answer, counted by code, with the first partition that had it.
    struct Faults {
        var counts: [KafkaError: Int] = [:]
        var example: [KafkaError: PartitionKey] = [:]
        var total = 0
        /// Partitions asked for that the answer leaves out, or gives no offset for.
        var missing = 0
        /// Whether an error says that our picture of leaders is old.
        var needsMetadata: Bool { counts.keys.contains { $0.refreshMetadata } }
    }

    /// Brings an answer to its rows. Answers come in the order of the questions, which is checked;
    /// one that does not is looked up by name.
    func fold(
        _ response: ListOffsetsResponse, asked: UInt64, answered: UInt64, into draft: inout Draft
    ) -> Faults {
        var faults = Faults()
        let sample = (asked: Instant(ns: asked), answered: Instant(ns: answered))
        var next = 0
        var answeredCount = 0
        let isCurrent = layout == draft.cluster.layout
        for topic in response.topics {
            let topicIndex = expectedTopic(topic.name, next, isCurrent, draft)
            for told in topic.partitions {
                faults.total += 1
                defer { next += 1 }
                if told.error.isError {
                    answeredCount += 1
                    faults.counts[told.error, default: 0] += 1
                    if faults.example[told.error] == nil {
                        faults.example[told.error] = PartitionKey(
                            topic: topic.name, partition: told.partitionIndex)
                    }
                    continue
                }
                guard let topicIndex, told.offset >= 0 else { continue }
                answeredCount += 1
                var row: Int?
                if isCurrent && next < rows.count {
                    let expected = partitionRow(rows[next], draft)
                    if draft.cluster.partitions.topic[expected] == Int32(topicIndex),
                        draft.cluster.partitions.partition[expected] == told.partitionIndex
                    {
                        row = Int(rows[next])
                    }
                }
                row = row ?? find(told.partitionIndex, topicIndex, draft)
                guard let row else { continue }
                apply(
                    OffsetSample(end: told.offset, asked: sample.asked, answered: sample.answered),
                    row: row, into: &draft)
            }
        }
        if isCurrent { faults.missing = max(0, rows.count - answeredCount) }
        return faults
    }

    /// The topic of the row expected next where the answer names it, else the one of that name.
    private func expectedTopic(
        _ name: String, _ next: Int, _ isCurrent: Bool, _ draft: Draft
    ) -> Int? {
        if isCurrent && next < rows.count {
            let row = partitionRow(rows[next], draft)
            let topic = Int(draft.cluster.partitions.topic[row])
            if draft.topicNames[topic] == name { return topic }
        }
        return draft.cluster.topicIndex(named: name)
    }

    private func find(_ partition: Int32, _ topicIndex: Int, _ draft: Draft) -> Int? {
        guard let row = draft.cluster.row(ofPartition: partition, topicIndex: topicIndex) else {
            return nil
        }
        return kind == .logEnd ? draft.replicaRow(partition: row, broker: broker) : row
    }

    private func apply(_ sample: OffsetSample, row: Int, into draft: inout Draft) {
        switch kind {
        case .logEnd: draft.foldLogEnd(replica: row, sample)
        case .highWatermark: draft.foldHighWatermark(partition: row, sample.end)
        case .logStart: draft.foldLogStart(partition: row, sample.end)
        }
    }
}
