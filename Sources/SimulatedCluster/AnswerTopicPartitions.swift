// DescribeTopicPartitions: what Metadata tells of topics, in pages, with the replicas that may
// still be elected safely.
import KafkaWire

extension Handler {
    static let describeTopicPartitions = reads(RequestContext.describeTopicPartitions)
}

extension RequestContext {
    func describeTopicPartitions(
        _ request: DescribeTopicPartitionsRequest
    ) -> DescribeTopicPartitionsResponse {
        var response = DescribeTopicPartitionsResponse()
        let from = request.cursor
        var names =
            request.topics.isEmpty
            ? machine.topicIndex.keys.sorted().filter { !isHidden(topic: $0) }
            : Set(request.topics.map(\.name)).sorted()
        if let from { names.removeAll { $0 < from.topicName } }
        var left = Int(max(1, min(request.responsePartitionLimit, 2_000)))
        for name in names {
            let index = isHidden(topic: name) ? nil : machine.topicIndex[name]
            let first = from.map { $0.topicName == name ? Int($0.partitionIndex) : 0 } ?? 0
            guard left > 0 else {
                var cursor = DescribeTopicPartitionsResponse.Cursor()
                cursor.topicName = name
                cursor.partitionIndex = Int32(max(0, first))
                response.nextCursor = cursor
                break
            }
            guard let topic = index.map({ machine.topics[$0] }) else {
                response.topics.append(refused(name))
                continue
            }
            let numbers = max(0, first)..<max(max(0, first), topic.partitionCount)
            var entry = described(topic)
            entry.partitions = numbers.prefix(left).map { described(topic, $0) }
            left -= entry.partitions.count
            response.topics.append(entry)
            if entry.partitions.count < numbers.count {
                var cursor = DescribeTopicPartitionsResponse.Cursor()
                cursor.topicName = name
                cursor.partitionIndex = Int32(numbers.lowerBound + entry.partitions.count)
                response.nextCursor = cursor
                break
            }
        }
        return response
    }

    private func refused(_ name: String) -> DescribeTopicPartitionsResponse.Topic {
        var entry = DescribeTopicPartitionsResponse.Topic()
        entry.name = name
        entry.error =
            isHidden(topic: name) ? .topicAuthorizationFailed : .unknownTopicOrPartition
        entry.topicAuthorizedOperations = isHidden(topic: name) ? 0 : topicOperations
        return entry
    }

    private func described(_ topic: SimulatedTopic) -> DescribeTopicPartitionsResponse.Topic {
        var entry = DescribeTopicPartitionsResponse.Topic()
        entry.name = topic.name
        entry.topicID = topic.id
        entry.isInternal = topic.isInternal
        entry.topicAuthorizedOperations = topicOperations
        return entry
    }

    private func described(
        _ topic: SimulatedTopic, _ number: Int
    ) -> DescribeTopicPartitionsResponse.Partition {
        let known = partition(topic.firstPartition + number, number: number)
        var entry = DescribeTopicPartitionsResponse.Partition()
        entry.error = known.error
        entry.partitionIndex = known.partitionIndex
        entry.leaderID = known.leaderID
        entry.leaderEpoch = known.leaderEpoch
        entry.replicaNodes = known.replicaNodes
        entry.isrNodes = known.isrNodes
        entry.offlineReplicas = known.offlineReplicas
        if shape.release >= .v43 {
            entry.eligibleLeaderReplicas = []
            entry.lastKnownELR = []
            // A partition that lost its last leader keeps it as the one that may be elected.
            if known.leaderID < 0 {
                entry.eligibleLeaderReplicas =
                    machine.inSyncBrokers(topic.firstPartition + number)
            }
        }
        return entry
    }

    // MARK: What the one principal may do

    /// Kafka's bits: read 3, write 4, create 5, delete 6, alter 7, describe 8, cluster action 9,
    /// describe configs 10, alter configs 11, idempotent write 12.
    private func operations(_ all: Int32) -> Int32 {
        var denied: Int32 = 0
        if shape.access.isReadOnly {
            for bit in [3, 4, 5, 6, 7, 9, 11, 12] { denied |= 1 << Int32(bit) }
        }
        if shape.access.deniesConfigs { denied |= 1 << 10 | 1 << 11 }
        return all & ~denied
    }

    var topicOperations: Int32 { operations(0b1101_1111_1000) }
    var clusterOperations: Int32 { shape.access.deniesCluster ? 0 : operations(0b1_1111_1010_0000) }
    var groupOperations: Int32 {
        operations(shape.release >= .v43 ? 0b1101_0100_1000 : 0b1_0100_1000)
    }
}
