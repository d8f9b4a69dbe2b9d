// Leadership of a partition that nobody leads to a replica that was not in sync: records that only
// the last leader had are lost for good. Source: Kafka's ElectLeadersRequest.json,
// PartitionChangeBuilder and kafka-leader-election.sh.
package import ClusterModel
package import JSON
package import KafkaClient
package import Planning

/// Elections of any live replica as the leader of partitions that have none.
package struct UncleanElection: Operation {
    /// One partition without leader, and who would lead it.
    package struct Item: Hashable, Sendable {
        package var partition: PartitionKey
        /// The first live replica of the assignment, which Kafka takes.
        package var candidate: BrokerID
        /// Who leads it, where it is led again since.
        package var leader: BrokerID = .none
        /// What the candidate lacks of the last end that was read of the last leader; nil unknown.
        package var mayLose: Int64?

        package init(
            _ partition: PartitionKey, candidate: BrokerID, leader: BrokerID = .none,
            mayLose: Int64? = nil
        ) {
            self.partition = partition
            self.candidate = candidate
            self.leader = leader
            self.mayLose = mayLose
        }
    }

    package static let kind = "elect_unclean_leaders"
    package var items: [Item]

    package init(_ items: [Item]) { self.items = items }

    package var summary: String {
        let subject =
            items.count == 1 ? "\(items[0].partition)" : counted(items.count, "partition")
        return "elect a leader of \(subject) that was not in sync"
    }

    package var before: [Fact] { items.map { Self.fact($0.partition, $0.leader) } }
    package var after: [Fact] { items.map { Self.fact($0.partition, $0.candidate) } }
    package var confirmation: Confirmation {
        if items.count == 1 { return .resource("\(items[0].partition)") }
        let topics = Set(items.map(\.partition.topic))
        return topics.count == 1 ? .resource(items[0].partition.topic) : .cluster
    }
    /// What is lost does not come back.
    package var undo: UncleanElection? { nil }

    private static func fact(_ partition: PartitionKey, _ leader: BrokerID) -> Fact {
        Fact("\(partition)", "leader", leader.exists ? "\(leader)" : nil)
    }

    package func restricted(to isWanted: (String) -> Bool) -> UncleanElection {
        UncleanElection(items.filter { isWanted("\($0.partition)") })
    }

    /// A partition that is led again needs no election.
    package func rebased(on facts: [Fact]) -> UncleanElection {
        let now = FactTable(facts)
        return UncleanElection(
            items.filter { now.value("\($0.partition)", "leader", else: nil) == nil })
    }

    package func byHand(_ tools: KafkaTools) -> [String] {
        tools.elections("unclean", items.map(\.partition))
    }

    package var document: JSONValue {
        .object([
            .partitions(items, \.partition) { item in
                [
                    .init("candidate", .integer(Int64(item.candidate.value))),
                    .init("leader", .integer(Int64(item.leader.value))),
                    .init("may_lose", item.mayLose.map(JSONValue.integer) ?? .null),
                ]
            }
        ])
    }

    package init?(_ document: JSONValue) {
        guard let list = document["partitions"]?.array else { return nil }
        items = []
        for entry in list {
            guard let partition = PartitionKey(entry), let candidate = BrokerID(entry["candidate"]),
                let leader = BrokerID(entry["leader"])
            else { return nil }
            items.append(
                Item(
                    partition, candidate: candidate, leader: leader,
                    mayLose: entry["may_lose"]?.integer))
        }
    }
}

extension UncleanElection {
    /// Of the partitions asked about those that nobody leads and a live replica could.
    package static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal {
        let table = cluster.partitions
        var items: [Item] = []
        var skipped: [Proposal.Skip] = []
        var warnings: [String] = []
        let rows = partitionRows(of: request.subjects, in: cluster)
        let read = farthestCommits(of: rows.filter { table.isOffline($0) }, in: cluster)
        let isNamed = !request.subjects.contains(.cluster)
        for row in rows {
            let key = cluster.key(ofRow: row)
            guard table.isOffline(row) else {
                if isNamed {
                    skipped.append(.init("\(key)", "broker \(table.leader[row]) leads it"))
                }
                continue
            }
            let live = table.replicas(of: row).first { replica in
                let broker = cluster.broker(BrokerID(table.replicaBroker[replica]))
                return broker.map { $0.isListed && !$0.isFenced } ?? false
            }
            guard let live else {
                skipped.append(.init("\(key)", "none of its replicas is on a broker that is there"))
                continue
            }
            let (lost, sentence) = loss(cluster, row, candidate: live, read[key])
            items.append(
                Item(key, candidate: BrokerID(table.replicaBroker[live]), mayLose: lost))
            warnings.append("\(key): " + sentence)
        }
        var proposal = Proposal(UncleanElection(items))
        proposal.counts = [
            .init("partitions", items.count),
            .init("topics", Set(items.map(\.partition.topic)).count),
            .init(
                "records known to be lost", Int(items.reduce(0) { $0 &+ ($1.mayLose ?? 0) })),
            .init("partitions with a loss not known", items.count { $0.mayLose == nil }),
        ]
        proposal.skipped = skipped
        let shown = warnings.prefix(Limits.namedLosses)
        proposal.warnings = Array(shown)
        if warnings.count > shown.count {
            proposal.warnings.append(
                "and \(counted(warnings.count - shown.count, "more partition")) may lose records")
        }
        if items.isEmpty {
            proposal.isSettled = skipped.isEmpty
            proposal.refusal =
                skipped.count == 1
                ? "\(skipped[0].resource): \(skipped[0].reason)"
                : "no partition asked about is without leader and has a live replica"
        }
        return proposal
    }

    /// How far groups have read partitions: the log was at least so long.
    private static func farthestCommits(
        of rows: [Int], in cluster: Cluster
    ) -> [PartitionKey: (offset: Int64, group: String)] {
        guard !rows.isEmpty else { return [:] }
        let wanted = Set(rows.map { cluster.key(ofRow: $0) })
        var farthest: [PartitionKey: (offset: Int64, group: String)] = [:]
        for group in cluster.groups {
            for entry in group.offsets ?? [] where wanted.contains(entry.partition) {
                guard let committed = entry.committed,
                    committed > farthest[entry.partition]?.offset ?? -1
                else { continue }
                farthest[entry.partition] = (committed, group.id)
            }
        }
        return farthest
    }

    /// What the candidate lacks, and a sentence that says of what.
    /// - Parameter read: how far a group has read the partition.
    private static func loss(
        _ cluster: Cluster, _ row: Int, candidate: Int, _ read: (offset: Int64, group: String)?
    ) -> (Int64?, String) {
        let table = cluster.partitions
        let own = table.replicaLogEnd[candidate]
        let broker = table.replicaBroker[candidate]
        // The last leader: who was in sync to the last, else whose end is the greatest.
        let others = table.replicas(of: row).filter { $0 != candidate }
        let inSync = others.filter { table.replicaFlags[$0].contains(.inSync) }
        let last = (inSync.isEmpty ? others : inSync).max {
            table.replicaLogEnd[$0] < table.replicaLogEnd[$1]
        }
        guard let last else { return (0, "its only replica leads it again with what it has") }
        let end = table.replicaLogEnd[last]
        let name = "broker \(table.replicaBroker[last])"
        if own >= 0, let read, read.offset > max(end, own) {
            let lost = read.offset - own
            return (
                lost,
                "at least \(counted(Int(lost), "record")) are lost: group \(read.group) has read "
                    + "up to \(read.offset), broker \(broker) ends at \(own)"
            )
        }
        guard end >= 0 else {
            return (
                nil,
                "how many records are lost is not known: the end of \(name), the last in sync, was "
                    + "never read" + (own < 0 ? "" : "; broker \(broker) ends at \(own)")
            )
        }
        guard own >= 0 else {
            return (
                nil,
                "how many records are lost is not known: \(name) ended at \(end), and the end of "
                    + "broker \(broker) was not read"
            )
        }
        let lost = max(0, end - own)
        return (
            lost,
            "at least \(counted(Int(lost), "record")) may be lost: \(name) ended at \(end) when it "
                + "was read last, broker \(broker) ends at \(own)"
        )
    }
}

extension UncleanElection {
    package func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        client.readFacts(
            of: items.map(\.partition),
            { key, state in [Self.fact(key, BrokerID(state?.leader ?? -1))] },
            completion: completion)
    }
    package var neededRight: Rights.Operation? { .alter }

    package var steps: [Step] {
        batches(items) { items in
            let partitions = items.map { PartitionName($0.partition) }
            return Step(partitions.map(\.resource)) { client, completion in
                client.electLeaders(of: partitions, isUnclean: true) { result in
                    completion(result.map { $0.map(StepOutcome.init) })
                }
            }
        }
    }
}
