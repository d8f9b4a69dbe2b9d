// More partitions for a topic; there is no way back. Source: Kafka's CreatePartitionsRequest.json
// and kafka-topics.sh.
package import ClusterModel
package import JSON
package import KafkaClient
package import Planning

/// New partitions of one topic, with their replicas where the review shows them.
package struct PartitionAddition: Operation {
    package static let kind = "add_partitions"
    package var topic: String
    /// How many it has now and then.
    package var present: Int
    package var count: Int
    /// The brokers of each new partition, the preferred leader first.
    package var replicas: [[Int32]]

    package init(_ topic: String, from present: Int, to count: Int, replicas: [[Int32]]) {
        self.topic = topic
        self.present = present
        self.count = count
        self.replicas = replicas
    }

    package var summary: String {
        "add \(counted(replicas.count, "partition")) to topic \(topic)"
    }

    private var subject: String { TopicFacts.subject(topic) }

    package var before: [Fact] {
        guard !replicas.isEmpty else { return [] }
        return [Fact(subject, TopicFacts.partitions, present == 0 ? nil : "\(present)")]
            + replicas.indices.map { Fact(subject, TopicFacts.replicas(present + $0), nil) }
    }
    package var after: [Fact] {
        guard !replicas.isEmpty else { return [] }
        return [Fact(subject, TopicFacts.partitions, "\(count)")]
            + replicas.enumerated().map {
                Fact(subject, TopicFacts.replicas(present + $0), TopicFacts.text($1))
            }
    }
    package var confirmation: Confirmation { .resource(topic) }
    /// Kafka takes no partition away.
    package var undo: PartitionAddition? { nil }

    package func restricted(to isWanted: (String) -> Bool) -> PartitionAddition {
        isWanted(subject) ? self : PartitionAddition(topic, from: present, to: count, replicas: [])
    }

    /// Where somebody else has added some, fewer are missing.
    package func rebased(on facts: [Fact]) -> PartitionAddition {
        let known = present == 0 ? nil : "\(present)"
        let now =
            FactTable(facts).value(subject, TopicFacts.partitions, else: known)
            .flatMap { Int($0) } ?? 0
        return PartitionAddition(
            topic, from: now, to: count, replicas: replicas.suffix(max(0, count - now)))
    }

    package func byHand(_ tools: KafkaTools) -> [String] {
        [tools.topics(["--alter", "--topic", topic, "--partitions", "\(count)"])]
    }

    package var document: JSONValue {
        .object([
            .init("topic", .string(topic)), .init("before", .integer(Int64(present))),
            .init("after", .integer(Int64(count))),
            .init(
                "replicas",
                .array(replicas.map { .array($0.map { .integer(Int64($0)) }) })),
        ])
    }

    package init?(_ document: JSONValue) {
        guard let topic = document["topic"]?.string,
            let present = document["before"]?.integer.flatMap({ Int(exactly: $0) }),
            let count = document["after"]?.integer.flatMap({ Int(exactly: $0) }),
            let lists = document["replicas"]?.array, present >= 0, count >= 0
        else { return nil }
        self.init(topic, from: present, to: count, replicas: [])
        for list in lists {
            guard let ids = list.array?.compactMap({ BrokerID($0)?.value }),
                ids.count == list.array?.count
            else { return nil }
            replicas.append(ids)
        }
    }
}

extension PartitionAddition {
    /// The topic among the subjects; the value "partitions" is how many it has then.
    package static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal {
        var name = ""
        for case .topic(let wanted) in request.subjects { name = wanted }
        let text = request.values.first { $0.key == TopicFacts.partitions }?.value ?? ""
        let placement = Placement(cluster)
        var change = PartitionAddition(name, from: 0, to: Int(text) ?? 0, replicas: [])
        guard let index = cluster.topicIndex(named: name) else {
            var proposal = Proposal(change)
            proposal.refusal = "the cluster has no topic \(name)"
            return proposal
        }
        let topic = cluster.topics[index]
        change.present = topic.partitionCount
        let factor = min(topic.replicationFactor, placement.brokerCount)
        let more = change.count - change.present
        var refusal: String?
        if more < 1 {
            refusal =
                "topic \(name) has \(counted(change.present, "partition")): \(text) is not more, "
                + "and Kafka takes none away"
        } else if more > Limits.newPartitions {
            refusal = "Kafka adds at most \(Limits.newPartitions) partitions in one request"
        } else {
            change.replicas = placement.lists(count: more, factor: factor, first: change.present)
        }
        var proposal = Proposal(change)
        proposal.refusal = refusal
        let racks = placement.racks(change.replicas)
        proposal.counts = [
            .init("new partitions", change.replicas.count),
            .init("new replicas", change.replicas.count * factor), .init("racks", racks.count),
        ]
        proposal.preview = placement.preview(change.replicas)
        proposal.warnings = [
            "records with a key go to other partitions from now on: who relies on the order of a "
                + "key, or joins topics by it, reads a mixture"
        ]
        let policy = cluster.overrides(topic: index)?.first { $0.name == "cleanup.policy" }?.value
        if policy?.contains("compact") == true {
            proposal.warnings.append(
                "the topic is compacted: old values of a key that moves stay in its old partition")
        }
        if factor < topic.replicationFactor {
            proposal.warnings.append(
                "only \(counted(placement.brokerCount, "broker")) are there: the new partitions "
                    + "have \(factor) of \(topic.replicationFactor) replicas")
        }
        return proposal
    }

    package func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        client.readTopic(topic) { [self] result in
            completion(
                result.map { reading in
                    let there = reading.replicas
                    let all = max(there.count, present + replicas.count)
                    return FactReading(
                        clusterID: reading.clusterID,
                        facts: [
                            Fact(
                                subject, TopicFacts.partitions,
                                there.isEmpty ? nil : "\(there.count)")
                        ]
                            + (min(present, all)..<all).map { number in
                                Fact(
                                    subject, TopicFacts.replicas(number),
                                    there.indices.contains(number)
                                        ? TopicFacts.text(there[number]) : nil)
                            })
                })
        }
    }

    package var neededRight: Rights.Operation? { nil }
    package var neededRights: [NeededRight] { NeededRight.topics([topic], .alter) }
    package static var isChecked: Bool { true }

    package func complete(_ proposal: inout Proposal) {
        if present == 0 {
            proposal.refusal = "the cluster has no topic \(topic)"
        } else if present >= count {
            proposal.refusal = "topic \(topic) has \(counted(present, "partition")) already"
            proposal.isSettled = present == count
        }
    }

    package func validate(
        _ client: KafkaClient,
        _ completion: @escaping (Result<[StepOutcome], ClientError>) -> Void
    ) {
        send(client, validatesOnly: true, completion)
    }

    private func send(
        _ client: KafkaClient, validatesOnly: Bool,
        _ completion: @escaping (Result<[StepOutcome], ClientError>) -> Void
    ) {
        client.addPartitions(
            to: topic, count: Int32(clamping: count), replicas: replicas,
            validatesOnly: validatesOnly
        ) { completion($0.map { [StepOutcome($0)] }) }
    }

    package var steps: [Step] {
        guard !replicas.isEmpty else { return [] }
        return [
            Step([subject]) { client, completion in send(client, validatesOnly: false, completion) }
        ]
    }
}
