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
    /// Reads these partitions from any broker; `facts` makes of each what the change depends on,
    /// of nil where the broker does not know the partition.
    func readFacts(
        of partitions: [PartitionKey],
        _ facts: @escaping (PartitionKey, PartitionReading.State?) -> [Fact],
        completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        readPartitions(ofTopics: Set(partitions.map(\.topic)).sorted()) { result in
            completion(
                result.map { reading in
                    FactReading(
                        clusterID: reading.clusterID,
                        facts: partitions.flatMap { facts($0, reading.states[PartitionName($0)]) })
                })
        }
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
