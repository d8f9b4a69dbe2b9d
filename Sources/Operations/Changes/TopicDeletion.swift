// Topics deleted with all their records. Source: Kafka's DeleteTopicsRequest.json and
// kafka-topics.sh.
package import ClusterModel
package import JSON
package import KafkaClient
package import Planning

/// The end of topics; nothing brings their records back.
package struct TopicDeletion: Operation {
    /// One topic as it is when it is deleted.
    package struct Item: Hashable, Sendable {
        package var topic: String
        /// 0: it is not there.
        package var partitions: Int
        /// Nil where the cluster has none, before Kafka 2.8, or nobody has read it.
        package var id: String?
        /// When its newest record was written, milliseconds since 1970; nil unknown.
        var lastWriteMs: Int64?

        package init(_ topic: String, partitions: Int, id: String? = nil) {
            self.topic = topic
            self.partitions = partitions
            self.id = id
        }
    }

    package static let kind = "delete_topics"
    package var items: [Item]

    package init(_ items: [Item]) { self.items = items }

    package var summary: String {
        items.count == 1
            ? "delete topic \(items[0].topic)" : "delete \(counted(items.count, "topic"))"
    }

    package var before: [Fact] {
        items.flatMap { item -> [Fact] in
            let subject = TopicFacts.subject(item.topic)
            let id = item.id.map { [Fact(subject, TopicFacts.id, $0)] } ?? []
            return [
                Fact(
                    subject, TopicFacts.partitions,
                    item.partitions == 0 ? nil : "\(item.partitions)")
            ] + id
        }
    }
    package var after: [Fact] { before.map { Fact($0.subject, $0.property, nil) } }
    package var confirmation: Confirmation {
        items.count == 1 ? .resource(items[0].topic) : .cluster
    }
    /// What is deleted does not come back.
    package var undo: TopicDeletion? { nil }

    package func restricted(to isWanted: (String) -> Bool) -> TopicDeletion {
        TopicDeletion(items.filter { isWanted(TopicFacts.subject($0.topic)) })
    }

    package func rebased(on facts: [Fact]) -> TopicDeletion {
        let now = FactTable(facts)
        return TopicDeletion(
            items.map { item in
                let subject = TopicFacts.subject(item.topic)
                let count = now.value(
                    subject, TopicFacts.partitions,
                    else: item.partitions == 0 ? nil : "\(item.partitions)")
                var next = Item(
                    item.topic, partitions: count.flatMap { Int($0) } ?? 0,
                    id: now.value(subject, TopicFacts.id, else: item.id))
                next.lastWriteMs = now.value(
                    subject, TopicFacts.lastWrite, else: item.lastWriteMs.map { "\($0)" }
                ).flatMap { Int64($0) }
                return next
            })
    }

    package func byHand(_ tools: KafkaTools) -> [String] {
        items.map { tools.topics(["--delete", "--topic", $0.topic]) }
    }

    package var document: JSONValue {
        .object([
            .init(
                "topics",
                .array(
                    items.map { item in
                        .object([
                            .init("topic", .string(item.topic)),
                            .init("partitions", .integer(Int64(item.partitions))),
                            .init("id", item.id.map(JSONValue.string) ?? .null),
                        ])
                    }))
        ])
    }

    package init?(_ document: JSONValue) {
        guard let list = document["topics"]?.array else { return nil }
        items = []
        for entry in list {
            guard let topic = entry["topic"]?.string,
                let count = entry["partitions"]?.integer.flatMap({ Int(exactly: $0) }),
                count >= 0
            else { return nil }
            items.append(Item(topic, partitions: count, id: entry["id"]?.string))
        }
    }
}

extension TopicDeletion {
    package static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal {
        var items: [Item] = []
        for case .topic(let name) in request.subjects {
            let index = cluster.topicIndex(named: name)
            items.append(
                Item(name, partitions: index.map { cluster.topics[$0].partitionCount } ?? 0))
        }
        var proposal = Proposal(TopicDeletion(items))
        if items.isEmpty { proposal.refusal = "no topic is named" }
        return proposal
    }

    /// What goes with the topics, as far as the cluster is known.
    package func describe(_ proposal: inout Proposal, in cluster: Cluster) {
        let found = items.compactMap { item in
            cluster.topicIndex(named: item.topic).map { cluster.topics[$0] }
        }
        let sizes = found.compactMap(\.sizeBytes)
        proposal.counts = [
            .init("topics", items.count),
            .init("partitions", items.reduce(0) { $0 + $1.partitions }),
        ]
        if sizes.count == found.count, !found.isEmpty {
            proposal.counts.append(.init("bytes", Int(sizes.reduce(0, &+))))
        } else {
            proposal.warnings.append("how much is deleted is not known: sizes were not read")
        }
        for topic in found.prefix(Limits.namedLosses) {
            if topic.isInternal {
                proposal.warnings.append(
                    "\(topic.name) is Kafka's own: groups, transactions or share groups lose "
                        + "their state")
            }
            if let rate = topic.recordsPerSecond, rate > 0 {
                proposal.warnings.append(
                    "\(topic.name) is written to: about \(Int(rate.rounded(.up))) records/s")
            }
        }
        let names = Set(items.map(\.topic))
        let readers = cluster.groups.filter { group in
            group.offsets?.contains { names.contains($0.partition.topic) && $0.committed != nil }
                ?? false
        }
        for group in readers.prefix(Limits.namedLosses) {
            let count = group.memberCount.map { ", \(counted($0, "member"))" } ?? ""
            proposal.warnings.append(
                "group \(group.id) has committed offsets of it (\(group.state ?? "state unknown")"
                    + "\(count))")
        }
        if cluster.absence(in: .groups) == .none, !cluster.groups.isEmpty || readers.isEmpty {
            proposal.counts.append(.init("groups that read it", readers.count))
        } else if readers.isEmpty {
            proposal.warnings.append("which groups read it is not known: they were not all read")
        }
    }

    package func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        let names = items.map(\.topic)
        client.readTopics(names) { [self] result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let (clusterID, topics)):
                client.readPartitions(ofTopics: names) { result in
                    let states = (try? result.get())?.states ?? [:]
                    client.readLogs(
                        of: Array(states.keys), at: .newestTime, leaders: states
                    ) { times in
                        completion(
                            .success(
                                FactReading(
                                    clusterID: clusterID, facts: facts(topics, times))))
                    }
                }
            }
        }
    }

    private func facts(
        _ topics: [String: TopicReading], _ times: [PartitionName: LogOffset]
    ) -> [Fact] {
        var newest: [String: Int64] = [:]
        for case (let partition, .known(let ms?)) in times {
            newest[partition.topic] = max(newest[partition.topic] ?? 0, ms)
        }
        return items.flatMap { item -> [Fact] in
            let subject = TopicFacts.subject(item.topic)
            let told = topics[item.topic]
            let count = told?.replicas.count ?? 0
            return [
                Fact(subject, TopicFacts.partitions, count == 0 ? nil : "\(count)"),
                Fact(subject, TopicFacts.id, told?.topicID),
                Fact(subject, TopicFacts.lastWrite, newest[item.topic].map { "\($0)" }),
            ]
        }
    }

    package var neededRight: Rights.Operation? { nil }
    package var neededRights: [NeededRight] {
        NeededRight.topics(items.map(\.topic), .delete)
    }
    package static var isChecked: Bool { true }
    /// Not later: where a broker is down the last of it goes when that one is back.
    package static var readAgainAfterNs: [UInt64] { [Limits.readOnceMoreNs] }

    package func complete(_ proposal: inout Proposal) {
        let missing = items.filter { $0.partitions == 0 }
        if let first = missing.first, missing.count == items.count {
            proposal.refusal = "the cluster has no topic \(first.topic)"
        }
        proposal.warnings += items.prefix(Limits.namedLosses).compactMap { item in
            item.lastWriteMs.map {
                "\(item.topic): its newest record is of \(WallTime(ms: $0).iso8601)"
            }
        }
    }

    package var steps: [Step] {
        batches(items.map(\.topic), of: Limits.topicsPerRequest) { topics in
            Step(topics.map(TopicFacts.subject)) { client, completion in
                client.deleteTopics(topics) { completion($0.map { $0.map { StepOutcome($0) } }) }
            }
        }
    }
}
