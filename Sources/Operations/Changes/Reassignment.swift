// Replicas of partitions onto other brokers, or the same in another order. Source: Kafka's
// AlterPartitionReassignmentsRequest.json and kafka-reassign-partitions.sh.
package import ClusterModel
package import JSON
package import KafkaClient
package import Planning

/// Assignments of partitions, each the whole list of brokers with the preferred leader first.
package struct Reassignment: Operation {
    /// One partition and its assignment before and after.
    package struct Item: Hashable, Sendable {
        package var partition: PartitionKey
        package var before: [BrokerID]
        package var after: [BrokerID]

        package init(_ partition: PartitionKey, from before: [BrokerID], to after: [BrokerID]) {
            self.partition = partition
            self.before = before
            self.after = after
        }
    }

    package static let kind = "reassign_partitions"
    package var items: [Item]

    package init(_ items: [Item]) { self.items = items }

    package var summary: String {
        let subject =
            items.count == 1 ? "\(items[0].partition)" : counted(items.count, "partition")
        return "reassign \(subject)"
    }

    package var before: [Fact] { items.map { Self.fact($0.partition, $0.before) } }
    package var after: [Fact] { items.map { Self.fact($0.partition, $0.after) } }
    package var confirmation: Confirmation {
        let topics = Set(items.map(\.partition.topic))
        return topics.count == 1 ? .resource(items[0].partition.topic) : .cluster
    }
    package var undo: Reassignment? {
        Reassignment(items.map { Item($0.partition, from: $0.after, to: $0.before) })
    }

    private static func fact(_ partition: PartitionKey, _ brokers: [BrokerID]) -> Fact {
        Fact(
            "\(partition)", "replicas",
            brokers.map(\.description).joined(separator: ","))
    }

    package func restricted(to isWanted: (String) -> Bool) -> Reassignment {
        Reassignment(items.filter { isWanted("\($0.partition)") })
    }

    package func rebased(on facts: [Fact]) -> Reassignment {
        let now = FactTable(facts)
        return Reassignment(
            items.map { item in
                let known = Self.fact(item.partition, item.before)
                let text = now.value(known.subject, known.property, else: known.value) ?? ""
                return Item(
                    item.partition,
                    from: text.split(separator: ",").compactMap { Int32($0).map { BrokerID($0) } },
                    to: item.after)
            })
    }

    package func byHand(_ tools: KafkaTools) -> [String] {
        let file = "reassign.json"
        let list = JSONValue.object([
            .init("version", .integer(1)),
            .init(
                "partitions",
                .array(
                    items.map { item in
                        .object(
                            item.partition.members + [.init("replicas", item.after.document)])
                    })),
        ])
        return [
            KafkaTools.write(list.text, to: file),
            tools.reassignPartitions(["--reassignment-json-file", file, "--execute"]),
        ]
    }

    package var document: JSONValue {
        .object([
            .partitions(items, \.partition) { item in
                [
                    .init("before", item.before.document), .init("after", item.after.document),
                ]
            }
        ])
    }

    package init?(_ document: JSONValue) {
        guard let list = document["partitions"]?.array else { return nil }
        items = []
        for entry in list {
            guard let partition = PartitionKey(entry), let before = brokers(entry["before"]),
                let after = brokers(entry["after"])
            else { return nil }
            items.append(Item(partition, from: before, to: after))
        }
    }
}

extension Reassignment {
    /// Partitions onto the brokers that the value "replicas" lists, the preferred leader first:
    /// "3,1,2".
    package static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal {
        let text = request.values.first { $0.key == "replicas" }?.value ?? ""
        let after = text.split(separator: ",").compactMap { Int32($0) }.map { BrokerID($0) }
        var items: [Item] = []
        for case .partition(let key) in request.subjects {
            guard let row = cluster.row(of: key) else { continue }
            let before = cluster.partitions.replicas(of: row).map {
                BrokerID(cluster.partitions.replicaBroker[$0])
            }
            items.append(Item(key, from: before, to: after))
        }
        let unknown = after.filter { cluster.broker($0) == nil }
        var proposal = Proposal(Reassignment(items))
        proposal.counts = [
            .init("partitions", items.count),
            .init("replicas", items.reduce(0) { $0 + Set($1.after).subtracting($1.before).count }),
        ]
        if after.isEmpty || Set(after).count != after.count || !unknown.isEmpty {
            proposal.refusal =
                unknown.first.map { "broker \($0) is not known" }
                ?? "no list of different brokers: \"\(text)\""
        } else if items.isEmpty {
            proposal.refusal = "no partition asked about is known"
        }
        return proposal
    }

    package func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        client.readFacts(
            of: items.map(\.partition),
            { key, state in [Self.fact(key, (state?.replicas ?? []).map { BrokerID($0) })] },
            completion: completion)
    }
    package var neededRight: Rights.Operation? { .alter }

    package var steps: [Step] {
        batches(items) { items in
            let moves = items.map {
                (partition: PartitionName($0.partition), replicas: Optional($0.after.map(\.value)))
            }
            return Step(moves.map(\.partition.resource)) { client, completion in
                client.reassign(moves) { result in
                    completion(result.map { $0.map(StepOutcome.init) })
                }
            }
        }
    }
}

extension [BrokerID] {
    fileprivate var document: JSONValue { .array(map { .integer(Int64($0.value)) }) }
}

private func brokers(_ document: JSONValue?) -> [BrokerID]? {
    guard let list = document?.array else { return nil }
    let ids = list.compactMap { BrokerID($0) }
    return ids.count == list.count ? ids : nil
}
