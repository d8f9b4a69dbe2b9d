// Leadership back to the preferred replica, the first of the assignment. Moves no data. Source:
// Kafka's ElectLeadersRequest.json and kafka-leader-election.sh.
package import ClusterModel
package import JSON
package import KafkaClient
package import Planning

/// Elections of the preferred leader of partitions that another broker leads.
package struct PreferredElection: Operation {
    /// One partition: who leads it and who would.
    package struct Item: Hashable, Sendable {
        package var partition: PartitionKey
        package var leader: BrokerID
        package var preferred: BrokerID

        package init(_ partition: PartitionKey, leader: BrokerID, preferred: BrokerID) {
            self.partition = partition
            self.leader = leader
            self.preferred = preferred
        }
    }

    package static let kind = "elect_preferred_leaders"
    package var items: [Item]
    /// Asked for every partition of the cluster, not for some by name.
    package var isWhole: Bool

    package init(_ items: [Item], isWhole: Bool = false) {
        self.items = items
        self.isWhole = isWhole
    }

    package var summary: String {
        let subject =
            items.count == 1 ? "\(items[0].partition)" : counted(items.count, "partition")
        return "elect the preferred leader of \(subject)"
    }

    package var before: [Fact] { facts { $0.leader } }
    package var after: [Fact] { facts { $0.preferred } }
    package var confirmation: Confirmation { isWhole ? .cluster : .yes }
    /// Kafka elects the preferred leader or any; an earlier one cannot be asked for.
    package var undo: PreferredElection? { nil }

    /// Who leads, and who is preferred: an assignment that has changed makes another election.
    private func facts(_ leader: (Item) -> BrokerID) -> [Fact] {
        items.flatMap { item in
            Self.facts(item.partition, leader: leader(item), preferred: item.preferred)
        }
    }

    /// The two values of a partition that an election depends on.
    private static func facts(
        _ partition: PartitionKey, leader: BrokerID, preferred: BrokerID
    ) -> [Fact] {
        let subject = "\(partition)"
        return [
            Fact(subject, "leader", leader.exists ? "\(leader)" : nil),
            Fact(subject, "preferred leader", preferred.exists ? "\(preferred)" : nil),
        ]
    }

    package func restricted(to isWanted: (String) -> Bool) -> PreferredElection {
        let items = items.filter { isWanted("\($0.partition)") }
        return PreferredElection(items, isWhole: isWhole && items.count == self.items.count)
    }

    package func rebased(on facts: [Fact]) -> PreferredElection {
        let now = FactTable(facts)
        let items = items.map { item in
            let known = Self.facts(item.partition, leader: item.leader, preferred: item.preferred)
            let ids = known.map { fact in
                BrokerID(
                    now.value(fact.subject, fact.property, else: fact.value).flatMap { Int32($0) }
                        ?? -1)
            }
            return Item(item.partition, leader: ids[0], preferred: ids[1])
        }
        return PreferredElection(items.filter { $0.leader != $0.preferred }, isWhole: isWhole)
    }

    package func byHand(_ tools: KafkaTools) -> [String] {
        if isWhole {
            return [
                tools.leaderElection(["--election-type", "preferred", "--all-topic-partitions"])
            ]
        }
        return tools.elections("preferred", items.map(\.partition))
    }

    package var document: JSONValue {
        .object([
            .partitions(items, \.partition) { item in
                [
                    .init("leader", .integer(Int64(item.leader.value))),
                    .init("preferred", .integer(Int64(item.preferred.value))),
                ]
            },
            .init("all", .bool(isWhole)),
        ])
    }

    package init?(_ document: JSONValue) {
        guard let list = document["partitions"]?.array, let isWhole = document["all"]?.bool
        else { return nil }
        items = []
        for entry in list {
            guard let partition = PartitionKey(entry), let leader = BrokerID(entry["leader"]),
                let preferred = BrokerID(entry["preferred"])
            else { return nil }
            items.append(Item(partition, leader: leader, preferred: preferred))
        }
        self.isWhole = isWhole
    }
}

extension PreferredElection {
    /// What an election would change, in the whole cluster, in topics, among partitions, or among
    /// those that brokers should lead.
    package static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal {
        let table = cluster.partitions
        let isWhole = request.subjects.contains(.cluster)
        var items: [Item] = []
        var skipped: [Proposal.Skip] = []
        var unready = 0
        for row in partitionRows(of: request.subjects, in: cluster) where table.isWrongLeader(row) {
            guard Leadership.canElect(table, row) else {
                unready += 1
                skipped.append(
                    .init(
                        "\(cluster.key(ofRow: row))",
                        "its preferred replica, broker \(table.preferredLeader(row)), is not "
                            + "in sync"
                    ))
                continue
            }
            items.append(
                Item(
                    cluster.key(ofRow: row), leader: BrokerID(table.leader[row]),
                    preferred: BrokerID(table.preferredLeader(row))))
        }
        var proposal = Proposal(PreferredElection(items, isWhole: isWhole))
        proposal.counts = [
            .init("partitions", items.count),
            .init("topics", Set(items.map(\.partition.topic)).count),
            .init("brokers", Set(items.flatMap { [$0.leader, $0.preferred] }).count),
        ]
        proposal.skipped = skipped
        if unready > 0 {
            let stay = unready == 1 ? "stays as it is" : "stay as they are"
            proposal.warnings.append(
                "\(counted(unready, "partition")) \(stay): the preferred replica is not in sync")
        }
        if items.isEmpty {
            proposal.refusal = "no partition asked about can have another leader now"
            proposal.isSettled = unready == 0
        }
        return proposal
    }
}

extension PreferredElection {
    package func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        client.readFacts(
            of: items.map(\.partition),
            { key, state in
                Self.facts(
                    key, leader: BrokerID(state?.leader ?? -1),
                    preferred: BrokerID(state?.replicas.first ?? -1))
            }, completion: completion)
    }

    package var neededRight: Rights.Operation? { .alter }

    /// In requests of at most a thousand partitions, as Kafka's own leader rebalance sends them.
    package var steps: [Step] {
        batches(items) { items in
            let partitions = items.map { PartitionName($0.partition) }
            return Step(partitions.map(\.resource)) { client, completion in
                client.electLeaders(of: partitions, isUnclean: false) { result in
                    completion(result.map { $0.map(StepOutcome.init) })
                }
            }
        }
    }
}
