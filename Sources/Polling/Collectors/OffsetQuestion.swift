// ListOffsets questions: which rows a broker is asked for, the request, and the answer brought back
// to its rows.
package import ClusterModel
package import KafkaWire

/// One ListOffsets request in terms of rows.
package struct OffsetQuestion {
    package enum Kind: Int {
        /// Each replica's own log end, from the broker that holds it: replica_id -2, timestamp -1
        /// (`ListOffsetsRequest.DEBUGGING_REPLICA_ID`; the broker answers from its local log).
        case logEnd
        /// The high watermark from the leader: replica_id -1, timestamp -1.
        case highWatermark
        /// The leader's first offset: replica_id -2, timestamp -2.
        case logStart
        /// The last stable offset from the leader: replica_id -1, timestamp -1, isolation level 1
        /// (KIP-98): up to there no transaction is open.
        case lastStable
    }
    var kind: Kind
    var broker: BrokerID
    /// Replica rows for log ends, partition rows else; ascending, so topics come in one piece.
    var rows: [Int32]
    /// The layout the rows belong to.
    var layout: UInt64

    package init(kind: Kind, broker: BrokerID, rows: [Int32], layout: UInt64) {
        self.kind = kind
        self.broker = broker
        self.rows = rows
        self.layout = layout
    }

    private static let latest: Int64 = -1
    private static let earliest: Int64 = -2

    package func request(_ working: WorkingCluster) -> ListOffsetsColumns {
        var request = ListOffsetsColumns(
            replicaID: kind == .highWatermark || kind == .lastStable ? -1 : -2,
            timestamp: kind == .logStart ? Self.earliest : Self.latest,
            isolationLevel: kind == .lastStable ? 1 : 0)
        let topicOf = working.cluster.partitions.topic
        let numbers = working.cluster.partitions.partition
        let isOfReplicas = kind == .logEnd
        let partitionOfReplica = isOfReplicas ? working.partitionOfReplica : []
        let names = working.topicNames.names
        func place(_ row: Int32) -> Int {
            isOfReplicas ? Int(partitionOfReplica[Int(row)]) : Int(row)
        }
        var (topic, count, bytes) = (Int32(-1), 0, 0)
        for row in rows where topicOf[place(row)] != topic {
            topic = topicOf[place(row)]
            count += 1
            bytes += names.range(Int(topic)).count
        }
        request.reserve(topics: count, nameBytes: bytes, partitions: rows.count)
        topic = -1
        for row in rows {
            let partition = place(row)
            if topicOf[partition] != topic {
                topic = topicOf[partition]
                request.begin(Int(topic), of: names)
            }
            request.add(partition: numbers[partition])
        }
        return request
    }

    /// Errors of an answer, counted by code, with the first partition that had it.
    package struct Faults {
        var counts: [KafkaError: Int] = [:]
        var example: [KafkaError: PartitionKey] = [:]
        var total = 0
        /// Partitions asked for that the answer leaves out, or gives no offset for.
        var missing = 0
        /// A broker knows of a later election than we do.
        var hasNewerEpoch = false
        /// Whether an error or an epoch says that our leaders are out of date.
        var needsMetadata: Bool { hasNewerEpoch || counts.keys.contains { $0.refreshMetadata } }

        fileprivate mutating func note(
            _ reported: ListOffsetsResponse.Partition, of topics: NameColumn, _ topic: Int
        ) {
            counts[reported.error, default: 0] += 1
            if example[reported.error] == nil {
                example[reported.error] = PartitionKey(
                    topic: topics[topic], partition: reported.partitionIndex)
            }
        }
    }

    /// Brings the answer to `request` to its rows. Answers come in the order of the questions,
    /// which is checked; one that does not is looked up by name.
    package func fold(
        _ response: OffsetColumns, to request: ListOffsetsColumns, asked: UInt64, answered: UInt64,
        into working: inout WorkingCluster
    ) -> Faults {
        var faults = Faults()
        var next = 0
        var answeredCount = 0
        let isCurrent = layout == working.cluster.layout
        let asked = Instant(ns: asked)
        let answered = Instant(ns: answered)
        for topic in 0..<response.topics.count {
            // The question lies in one piece: holding the answer to it costs less than looking at
            // the rows of the table, which are far apart.
            let isExpected =
                topic < request.topics.count
                && response.topics.isSame(topic, as: topic, of: request.topics)
            var found: Int??
            for place in response.rows(of: topic) {
                let reported = response.partitions[place]
                defer { next += 1 }
                faults.total += 1
                if reported.error.isError {
                    answeredCount += 1
                    faults.note(reported, of: response.topics, topic)
                    continue
                }
                let row: Int
                if isCurrent, isExpected, next < rows.count,
                    request.rows(of: topic).contains(next),
                    request.partitions[next] == reported.partitionIndex
                {
                    row = Int(rows[next])
                } else {
                    let known = found ?? working.topicNames.find(topic, of: response.topics)
                    found = .some(known)
                    guard let known else { continue }
                    guard let other = find(reported.partitionIndex, known, working) else {
                        if reported.offset >= 0 { answeredCount += 1 }
                        continue
                    }
                    row = other
                }
                guard reported.offset >= 0 else { continue }
                answeredCount += 1
                let sample = OffsetSample(end: reported.offset, asked: asked, answered: answered)
                switch kind {
                case .logEnd:
                    let isNewer = working.foldLogEnd(
                        replica: row, sample, epoch: reported.leaderEpoch)
                    if isNewer { faults.hasNewerEpoch = true }
                case .highWatermark: working.foldHighWatermark(partition: row, sample.end)
                case .logStart: working.foldLogStart(partition: row, sample.end)
                case .lastStable: working.foldLastStable(partition: row, sample.end)
                }
            }
        }
        if isCurrent { faults.missing = max(0, rows.count - answeredCount) }
        return faults
    }

    /// The offsets that an answer tells, by the partition's row.
    func ends(_ response: OffsetColumns, _ working: WorkingCluster) -> [Int32: Int64] {
        var ends: [Int32: Int64] = [:]
        for topic in 0..<response.topics.count {
            guard let index = working.topicNames.find(topic, of: response.topics) else { continue }
            for place in response.rows(of: topic) {
                let reported = response.partitions[place]
                guard !reported.error.isError, reported.offset >= 0,
                    let row = working.cluster.row(
                        ofPartition: reported.partitionIndex, topicIndex: index)
                else { continue }
                ends[Int32(row)] = reported.offset
            }
        }
        return ends
    }

    private func find(_ partition: Int32, _ topicIndex: Int, _ working: WorkingCluster) -> Int? {
        guard let row = working.cluster.row(ofPartition: partition, topicIndex: topicIndex) else {
            return nil
        }
        return kind == .logEnd ? working.replicaRow(partition: row, broker: broker) : row
    }
}
