// Preferred elections: in requests of at most a thousand partitions, as Kafka's own leader
// rebalance sends them (rebalancing.md).
internal import ClusterModel
package import KafkaClient
package import Planning

/// Carries out a `PreferredElection`.
package struct PreferredElectionOperation: Operation {
    private let change: PreferredElection

    package init(_ change: PreferredElection) { self.change = change }

    package func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        let partitions = change.items.map(\.partition)
        client.readPartitions(ofTopics: Set(partitions.map(\.topic)).sorted()) { result in
            completion(
                result.map { reading in
                    FactReading(
                        clusterID: reading.clusterID,
                        facts: partitions.flatMap { key -> [Fact] in
                            let state = reading.states[PartitionName(key)]
                            return PreferredElection.facts(
                                key, leader: BrokerID(state?.leader ?? -1),
                                preferred: BrokerID(state?.replicas.first ?? -1))
                        })
                })
        }
    }

    package var steps: [Step] {
        stride(from: 0, to: change.items.count, by: Limits.partitionsPerRequest).map { start in
            let end = min(start + Limits.partitionsPerRequest, change.items.count)
            let partitions = change.items[start..<end].map { PartitionName($0.partition) }
            return Step(partitions.map(\.resource)) { client, completion in
                client.electPreferredLeaders(partitions) { result in
                    completion(
                        result.map { outcomes in
                            outcomes.map {
                                StepOutcome(
                                    $0.partition.resource, error: $0.error, message: $0.message)
                            }
                        })
                }
            }
        }
    }
}

extension PartitionName {
    fileprivate init(_ key: PartitionKey) { self.init(topic: key.topic, number: key.partition) }

    fileprivate var resource: String { "\(topic)-\(number)" }
}
