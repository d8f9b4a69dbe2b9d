// What kinds of change share on their way to the client.
internal import ClusterModel
internal import KafkaClient
internal import Planning

/// One step for so many things as one request may name.
func batches<Item>(_ items: [Item], _ step: ([Item]) -> Step) -> [Step] {
    stride(from: 0, to: items.count, by: Limits.partitionsPerRequest).map { start in
        step(Array(items[start..<min(start + Limits.partitionsPerRequest, items.count)]))
    }
}

extension KafkaClient {
    /// The topics of these partitions, read from any broker.
    func readPartitions(
        of partitions: [PartitionKey],
        completion: @escaping (Result<PartitionReading, ClientError>) -> Void
    ) {
        readPartitions(ofTopics: Set(partitions.map(\.topic)).sorted(), completion: completion)
    }
}

extension PartitionName {
    init(_ key: PartitionKey) { self.init(topic: key.topic, number: key.partition) }

    var resource: String { "\(topic)-\(number)" }
}

extension StepOutcome {
    init(_ outcome: PartitionOutcome) {
        self.init(outcome.partition.resource, error: outcome.error, message: outcome.message)
    }
}
