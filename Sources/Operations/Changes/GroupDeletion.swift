// A group deleted with all that it has committed. Source: Kafka's DeleteGroupsRequest.json and
// ConsumerGroupCommand.
package import ClusterModel
package import JSON
package import KafkaClient
package import Planning

/// The end of a group without members; its undo commits the same offsets again.
package struct GroupDeletion: Operation {
    /// What it has committed for one partition.
    package struct Item: Hashable, Sendable {
        package var partition: PartitionKey
        package var commit: CommittedOffset

        package init(_ partition: PartitionKey, _ commit: CommittedOffset) {
            self.partition = partition
            self.commit = commit
        }
    }

    package static let kind = "delete_group"
    package var group: String
    /// Kafka's word; nil: the group is not there.
    package var state: String?
    package var items: [Item]
    private var members = GroupFacts.nobody
    private var told: GroupFacts?
    /// It is about no group at all.
    private var isNothing = false

    package init(_ group: String, state: String? = "Empty", _ items: [Item] = []) {
        self.group = group
        self.state = state
        self.items = items
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.group == b.group && a.before == b.before
    }

    package var summary: String { "delete group \(group)" }

    private var subject: String { GroupFacts.subject(group) }

    package var before: [Fact] {
        if isNothing { return [] }
        return [Fact(subject, GroupFacts.state, state)]
            + items.map { Fact(subject, Self.property($0.partition), $0.commit.text) }
    }
    package var after: [Fact] { before.map { Fact($0.subject, $0.property, nil) } }
    package var confirmation: Confirmation { .resource(group) }
    /// The group is there again with what it had committed.
    package var undo: GroupOffsetAlteration? {
        items.isEmpty || isNothing
            ? nil
            : GroupOffsetAlteration(
                group, items.map { .init($0.partition, from: nil, to: $0.commit) })
    }

    private static func property(_ partition: PartitionKey) -> String {
        "\(GroupFacts.committed) of \(partition)"
    }

    package func restricted(to isWanted: (String) -> Bool) -> GroupDeletion {
        var some = self
        some.isNothing = isNothing || !isWanted(subject)
        return some
    }

    package func rebased(on facts: [Fact]) -> GroupDeletion {
        let now = FactTable(facts)
        var next = self
        next.state = now.value(subject, GroupFacts.state, else: state)
        next.members =
            now.value(subject, GroupFacts.members, else: members) ?? GroupFacts.nobody
        let told = GroupFacts(group, facts)
        next.told = told ?? self.told
        var commits = Dictionary(
            (told == nil ? items : []).map { ($0.partition, $0.commit) },
            uniquingKeysWith: { _, last in last })
        let prefix = "\(GroupFacts.committed) of "
        for fact in facts where fact.subject == subject && fact.property.hasPrefix(prefix) {
            guard let key = PartitionKey(parsing: String(fact.property.dropFirst(prefix.count)))
            else { continue }
            commits[key] = fact.value.flatMap { CommittedOffset(text: $0) }
        }
        next.items = commits.sorted { $0.key < $1.key }.map { Item($0.key, $0.value) }
        return next
    }

    package func byHand(_ tools: KafkaTools) -> [String] {
        if told?.type == "share" {
            return [tools.shareGroups(["--group", group, "--delete"])]
        }
        return [tools.consumerGroups(["--group", group, "--delete"])]
    }

    package var document: JSONValue {
        .object([
            .init("group", .string(group)), .init("state", state.map(JSONValue.string) ?? .null),
            .partitions(items, \.partition) { [.init("commit", $0.commit.document)] },
        ])
    }

    package init?(_ document: JSONValue) {
        guard let group = document["group"]?.string, let state = document["state"],
            state == .null || state.string != nil, let list = document["partitions"]?.array
        else { return nil }
        self.init(group, state: state.string)
        for entry in list {
            guard let partition = PartitionKey(entry),
                let commit = entry["commit"].flatMap({ CommittedOffset($0) })
            else { return nil }
            items.append(Item(partition, commit))
        }
    }
}

extension GroupDeletion {
    package static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal {
        let groups = request.subjects.compactMap { subject in
            if case .group(let id) = subject { id } else { nil }
        }
        var proposal = Proposal(GroupDeletion(groups.first ?? ""))
        if groups.count != 1 { proposal.refusal = "groups are deleted one at a time" }
        return proposal
    }

    package func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        client.readPartitions(ofTopics: []) { result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let known):
                client.readGroup(group) { result in
                    completion(
                        result.map { reading in
                            // A share group's own are not committed: nothing sets them again.
                            let kept = reading.type == "share" ? [:] : reading.commits
                            let commits = kept.map { name, commit in
                                (
                                    PartitionKey(topic: name.topic, partition: name.number), commit
                                )
                            }
                            let facts = commits.sorted { $0.0 < $1.0 }
                                .map { Fact(subject, Self.property($0.0), $0.1.text) }
                            return FactReading(
                                clusterID: known.clusterID,
                                facts: GroupFacts.facts(group, reading) + facts)
                        })
                }
            }
        }
    }

    package var neededRight: Rights.Operation? { nil }
    package var neededRights: [NeededRight] { [NeededRight(.group(group), .delete)] }
    package static var isChecked: Bool { true }
    package static var readAgainAfterNs: [UInt64] { [Limits.readAgainNs] }

    package func complete(_ proposal: inout Proposal) {
        proposal.counts = [
            .init("partitions", items.count),
            .init("topics", Set(items.map(\.partition.topic)).count),
        ]
        guard let told else { return }
        guard told.isListed else {
            proposal.refusal = "the cluster has no group \(group)"
            return
        }
        proposal.refusal = told.activity(group, members)
        if told.type == "share" {
            proposal.warnings = [
                "what a share group has read is kept with it: nothing brings that back"
            ]
        }
    }

    package var steps: [Step] {
        [
            Step([subject]) { [group, subject] client, completion in
                client.deleteGroup(group) { result in
                    completion(
                        result.map {
                            [StepOutcome(subject, error: $0, message: GroupFacts.advice($0))]
                        })
                }
            }
        ]
    }
}
