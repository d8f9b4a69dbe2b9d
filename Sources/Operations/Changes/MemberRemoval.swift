// A member taken out of its group, so that its partitions go to others without waiting for its
// session to end. Source: Kafka's LeaveGroupRequest.json and removeMembersFromConsumerGroup.
package import ClusterModel
package import JSON
package import KafkaClient
package import Planning

/// Members that are to leave a group.
package struct MemberRemoval: Operation {
    /// One member.
    package struct Item: Hashable, Sendable {
        package var id: String
        /// Set for static members, who are removed by it.
        package var instanceID: String?
        /// "indexer-1 on /10.0.0.1".
        package var client: String

        package init(_ id: String, instanceID: String? = nil, client: String) {
            self.id = id
            self.instanceID = instanceID
            self.client = client
        }
    }

    package static let kind = "remove_members"
    package var group: String
    package var items: [Item]
    /// Why, for the broker's log.
    package var reason: String
    /// What was asked for: member ids, instance ids or client ids; not looked up yet.
    private var names: [String] = []
    private var told: GroupFacts?
    private var memberCount = 0
    private var missing: [String] = []

    package init(_ group: String, _ items: [Item], reason: String = "") {
        self.group = group
        self.items = items
        self.reason = reason
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.group == b.group && a.items == b.items && a.reason == b.reason && a.names == b.names
    }

    package var summary: String {
        let who = items.count == 1 ? "member \(items[0].client)" : counted(items.count, "member")
        return "remove \(who) from group \(group)"
    }

    private func subject(_ item: Item) -> String {
        "member \(item.instanceID ?? item.id) of group \(group)"
    }

    package var before: [Fact] {
        // Who is meant is read first.
        if items.isEmpty, !names.isEmpty {
            return [Fact(GroupFacts.subject(group), GroupFacts.state, nil)]
        }
        return items.map { Fact(subject($0), "client", $0.client) }
    }
    package var after: [Fact] { before.map { Fact($0.subject, $0.property, nil) } }
    package var confirmation: Confirmation { .resource(group) }
    /// A consumer joins again by itself, or not at all.
    package var undo: MemberRemoval? { nil }

    package func restricted(to isWanted: (String) -> Bool) -> MemberRemoval {
        var some = self
        some.items = items.filter { isWanted(subject($0)) }
        some.names = []
        return some
    }

    package func rebased(on facts: [Fact]) -> MemberRemoval {
        var next = self
        guard let told = GroupFacts(group, facts) else {
            let now = FactTable(facts)
            next.items = items.filter { now.value(subject($0), "client", else: $0.client) != nil }
            return next
        }
        next.told = told
        let all = facts.filter { $0.property == Self.memberFact }.compactMap(Self.item)
        next.memberCount = all.count
        if names.isEmpty {
            next.items = items.filter { item in all.contains { subject($0) == subject(item) } }
        } else {
            next.items = []
            next.missing = []
            for name in names {
                let found = all.filter {
                    $0.id == name || $0.instanceID == name || $0.client.hasPrefix("\(name) on ")
                }
                if found.isEmpty { next.missing.append(name) }
                next.items += found.filter { !next.items.contains($0) }
            }
        }
        return next
    }

    /// One of its members, in a fact whose subject is the id.
    private static let memberFact = "member"

    private static func item(_ fact: Fact) -> Item? {
        // Instance and client are told apart by a sign that neither a host nor Kafka's ids have.
        guard let parts = fact.value?.split(separator: "\n", omittingEmptySubsequences: false),
            parts.count == 2
        else { return nil }
        return Item(
            fact.subject, instanceID: parts[0].isEmpty ? nil : String(parts[0]),
            client: String(parts[1]))
    }

    /// Kafka's tools have no command for it: what a program would ask.
    package func byHand(_ tools: KafkaTools) -> [String] {
        ["# Kafka's tools have no command for this: Admin.removeMembersFromConsumerGroup does it"]
    }

    package var document: JSONValue {
        .object([
            .init("group", .string(group)), .init("reason", .string(reason)),
            .init(
                "members",
                .array(
                    items.map { item in
                        .object([
                            .init("id", .string(item.id)),
                            .init(
                                "instance_id", item.instanceID.map(JSONValue.string) ?? .null),
                            .init("client", .string(item.client)),
                        ])
                    })),
        ])
    }

    package init?(_ document: JSONValue) {
        guard let group = document["group"]?.string, let reason = document["reason"]?.string,
            let list = document["members"]?.array
        else { return nil }
        self.init(group, [], reason: reason)
        for entry in list {
            guard let id = entry["id"]?.string, let client = entry["client"]?.string else {
                return nil
            }
            items.append(Item(id, instanceID: entry["instance_id"]?.string, client: client))
        }
    }
}

extension MemberRemoval {
    /// Members of the group among the subjects by "member" (an id of the member, of its instance or
    /// of its client), for the reason "reason".
    package static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal {
        var change = MemberRemoval("", [])
        for subject in request.subjects {
            switch subject {
            case .group(let id): change.group = id
            case .member(let group, let id):
                change.group = group
                change.names.append(id)
            default: break
            }
        }
        for value in request.values {
            if value.key == "member", let name = value.value { change.names.append(name) }
            if value.key == "reason" { change.reason = value.value ?? "" }
        }
        var proposal = Proposal(change)
        if change.names.isEmpty { proposal.refusal = "no member is named" }
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
                            FactReading(clusterID: known.clusterID, facts: facts(reading))
                        })
                }
            }
        }
    }

    private func facts(_ reading: GroupReading) -> [Fact] {
        let all = reading.members.map { member in
            Item(
                member.id, instanceID: member.instanceID,
                client: "\(member.clientID) on \(member.host)".filter { !$0.isNewline })
        }
        return GroupFacts.facts(group, reading)
            + all.map { Fact($0.id, Self.memberFact, "\($0.instanceID ?? "")\n\($0.client)") }
            + all.map { Fact(subject($0), "client", $0.client) }
    }

    package var neededRight: Rights.Operation? { nil }
    package var neededRights: [NeededRight] { [NeededRight(.group(group), .read)] }
    package static var isChecked: Bool { true }
    /// A consumer that is removed joins again in the ordinary course.
    package static var readAgainAfterNs: [UInt64] { [] }

    package func complete(_ proposal: inout Proposal) {
        proposal.counts = [
            .init("members", items.count), .init("members that stay", memberCount - items.count),
        ]
        proposal.skipped = missing.map {
            .init("member \($0)", "group \(group) has no such member")
        }
        proposal.warnings =
            items.isEmpty
            ? []
            : [
                "the group rebalances, and a consumer that is alive joins it again by itself"
            ]
        guard let told else { return }
        if !told.isListed {
            proposal.refusal = "the cluster has no group \(group)"
        } else if told.type == "share" {
            proposal.refusal = "members of share groups cannot be removed by anybody else"
        } else if items.isEmpty {
            proposal.refusal =
                missing.isEmpty
                ? "the group has none of these members any more"
                : "group \(group) has no member \(missing.joined(separator: ", "))"
        }
    }

    package var steps: [Step] {
        batches(items) { items in
            let resources = items.map { subject($0) }
            return Step(resources) { [group, reason] client, completion in
                client.removeMembers(
                    items.map { ($0.id, $0.instanceID) }, of: group, reason: reason
                ) { result in
                    completion(
                        result.map { errors in
                            zip(resources, errors).map { StepOutcome($0, error: $1) }
                        })
                }
            }
        }
    }
}
