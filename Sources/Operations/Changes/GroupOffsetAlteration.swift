// Committed offsets of a group, set or made absent by an administrator. Source: Kafka's
// OffsetCommitRequest.json, OffsetDeleteRequest.json and ConsumerGroupCommand.
package import ClusterModel
package import JSON
package import KafkaClient
package import Planning

/// Commits of one group for partitions, each from what it is to what it is to be.
package struct GroupOffsetAlteration: Operation {
    /// One partition; nil is "nothing committed".
    package struct Item: Hashable, Sendable {
        package var partition: PartitionKey
        package var before: CommittedOffset?
        package var after: CommittedOffset?
        /// Of the partition's log, as they were read with `before`; nil unknown.
        var start: Int64?
        var end: Int64?

        package init(
            _ partition: PartitionKey, from before: CommittedOffset?, to after: CommittedOffset?
        ) {
            self.partition = partition
            self.before = before
            self.after = after
        }
    }

    /// Where the commits are to go. What is meant by it is read from the cluster before the review,
    /// and `items` are exact from then on.
    package enum Wish: Hashable, Sendable {
        /// Where the items say.
        case exact
        case earliest, latest
        case offset(Int64)
        /// So many records on, or back.
        case shift(Int64)
        /// The first record at or after this time, milliseconds since 1970; else the end.
        case time(Int64)
        /// Where another group is.
        case group(String)
        case delete
    }

    package static let kind = "alter_group_offsets"
    package var group: String
    package var items: [Item]
    package var wish: Wish
    /// Topics and partitions that are meant; empty: all that the group has committed for.
    var scope: [ObjectID] = []
    /// Of a share group: where it begins to read, by Kafka's requests for that (4.1 and later).
    package var isShare = false
    /// Who reads with the group, in words.
    var members = GroupFacts.nobody
    /// Who of them reads a topic, by its name.
    var readers: [String: String] = [:]
    /// What else was read of the group; nil before.
    var told: GroupFacts?
    /// What is meant and stays as it is.
    var skipped: [Proposal.Skip] = []
    /// Offsets asked for that the log does not have, in words.
    var clamped: [String] = []

    package init(_ group: String, _ items: [Item], _ wish: Wish = .exact) {
        self.group = group
        self.items = items
        self.wish = wish
    }

    /// What was read beside the facts is not part of what is changed.
    package static func == (a: Self, b: Self) -> Bool {
        a.group == b.group && a.wish == b.wish && a.before == b.before && a.after == b.after
    }

    package var summary: String {
        let partitions =
            items.count == 1 ? "\(items[0].partition)" : counted(items.count, "partition")
        let offsets = "the committed offset\(items.count == 1 ? "" : "s") of \(partitions)"
        let verb =
            switch wish {
            case .exact: items.allSatisfy { $0.after == nil } ? "delete" : "set"
            case .delete: "delete"
            default: "reset"
            }
        let target =
            switch wish {
            case .exact, .delete: ""
            case .earliest: " to the start of the log"
            case .latest: " to the end of the log"
            case .offset(let offset): " to \(offset)"
            case .shift(let count): " by \(count)"
            case .time(let ms): " to \(WallTime(ms: ms).iso8601)"
            case .group(let other): " to those of group \(other)"
            }
        return "\(verb) \(offsets) of group \(group)\(target)"
    }

    /// A commit of an administrator is taken only while nobody reads with the group.
    private var holds: [Fact] {
        // A deletion is taken where nobody reads the topic.
        if wish == .delete, !items.isEmpty {
            return Set(items.map(\.partition.topic)).sorted().map { topic in
                Fact(GroupFacts.subject(group), GroupFacts.readers(topic), readers[topic])
            }
        }
        // What is meant is not read yet: then this alone is there to be read.
        guard !items.isEmpty || wish != .exact else { return [] }
        return [Fact(GroupFacts.subject(group), GroupFacts.members, members)]
    }
    package var before: [Fact] { holds + items.map { fact($0.partition, $0.before) } }
    package var after: [Fact] { holds + items.map { fact($0.partition, $0.after) } }
    package var resources: [String] { items.map { subject($0.partition) } }
    package var confirmation: Confirmation { .resource(group) }
    package var undo: GroupOffsetAlteration? {
        var undo = GroupOffsetAlteration(
            group, items.map { Item($0.partition, from: $0.after, to: $0.before) })
        undo.isShare = isShare
        return undo
    }

    func subject(_ partition: PartitionKey) -> String { "\(partition) of group \(group)" }

    private func fact(_ partition: PartitionKey, _ commit: CommittedOffset?) -> Fact {
        Fact(subject(partition), GroupFacts.committed, commit?.text)
    }

    package func restricted(to isWanted: (String) -> Bool) -> GroupOffsetAlteration {
        var some = self
        some.items = items.filter { isWanted(subject($0.partition)) }
        if some.items.isEmpty { some.wish = .exact }
        return some
    }

    // MARK: By hand

    package func byHand(_ tools: KafkaTools) -> [String] {
        if isShare { return shareByHand(tools) }
        let own = ["--group", group]
        let deleted = items.filter { $0.after == nil }
        let set = items.filter { $0.after != nil }
        var lines: [String] = []
        if !set.isEmpty {
            var target = toolTarget
            if target.isEmpty {
                let file = "reset.csv"
                let rows = set.map { item in
                    Self.csv(item.partition.topic)
                        + ",\(item.partition.partition),\(item.after?.offset ?? 0)"
                }
                lines.append(KafkaTools.write(rows.joined(separator: "\n"), to: file))
                target = ["--from-file", file]
            } else {
                target += Self.named(set)
            }
            lines.append(tools.consumerGroups(own + ["--reset-offsets"] + target + ["--execute"]))
        }
        if !deleted.isEmpty {
            lines.append(
                tools.consumerGroups(own + ["--delete-offsets"] + Self.named(deleted)))
        }
        return lines
    }

    /// Their tool knows places, and no offsets.
    private func shareByHand(_ tools: KafkaTools) -> [String] {
        let own = ["--group", group]
        let deleted = items.filter { $0.after == nil }
        let set = items.filter { $0.after != nil }
        var lines: [String] = []
        let isPlace =
            switch wish {
            case .earliest, .latest: true
            default: false
            }
        if !set.isEmpty {
            lines.append(
                isPlace
                    ? tools.shareGroups(
                        own + ["--reset-offsets"] + toolTarget + Self.named(set) + ["--execute"])
                    : "# kafka-share-groups.sh resets to the earliest, the latest or a time, and "
                        + "to no offset")
        }
        if !deleted.isEmpty {
            let topics = Set(deleted.map(\.partition.topic)).sorted().flatMap { ["--topic", $0] }
            lines.append(tools.shareGroups(own + ["--delete-offsets"] + topics))
        }
        return lines
    }

    private var toolTarget: [String] {
        switch wish {
        case .exact, .group, .delete: []
        case .earliest: ["--to-earliest"]
        case .latest: ["--to-latest"]
        case .offset(let offset): ["--to-offset", "\(offset)"]
        case .shift(let count): ["--shift-by", "\(count)"]
        case .time(let ms): ["--to-datetime", WallTime(ms: ms).iso8601]
        }
    }

    /// "--topic orders:0,1", as the tool names partitions.
    private static func named(_ items: [Item]) -> [String] {
        Dictionary(grouping: items, by: \.partition.topic).sorted { $0.key < $1.key }
            .flatMap { topic, own in
                let numbers = own.map { "\($0.partition.partition)" }.joined(separator: ",")
                return ["--topic", "\(topic):\(numbers)"]
            }
    }

    private static func csv(_ text: String) -> String {
        let isPlain = !text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
        if isPlain { return text }
        let inner = text.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"" + inner.joined(separator: "\"\"") + "\""
    }

    // MARK: Document

    package var document: JSONValue {
        .object([
            .init("group", .string(group)),
            .init("deletes", .bool(wish == .delete)), .init("share", .bool(isShare)),
            .partitions(items, \.partition) { item in
                [
                    .init("before", item.before?.document ?? .null),
                    .init("after", item.after?.document ?? .null),
                ]
            },
        ])
    }

    package init?(_ document: JSONValue) {
        guard let group = document["group"]?.string, let deletes = document["deletes"]?.bool,
            let list = document["partitions"]?.array
        else { return nil }
        self.init(group, [], deletes ? .delete : .exact)
        isShare = document["share"]?.bool ?? false
        for entry in list {
            guard let partition = PartitionKey(entry), let before = entry["before"],
                let after = entry["after"], before == .null || CommittedOffset(before) != nil,
                after == .null || CommittedOffset(after) != nil
            else { return nil }
            items.append(
                Item(partition, from: CommittedOffset(before), to: CommittedOffset(after)))
        }
    }
}

extension GroupOffsetAlteration {
    package var neededRight: Rights.Operation? { nil }
    package var neededRights: [NeededRight] {
        let sets = items.contains { $0.after != nil }
        let deletes = items.contains { $0.after == nil }
        return (sets ? [NeededRight(.group(group), .read)] : [])
            + (deletes ? [NeededRight(.group(group), .delete)] : [])
            + NeededRight.topics(items.map(\.partition.topic), .read)
    }
    package static var isChecked: Bool { true }
    /// Not later: members that are started again commit in the ordinary course.
    package static var readAgainAfterNs: [UInt64] { [Limits.readAgainNs] }

    package var steps: [Step] {
        let set = items.compactMap { item in
            item.after.map { (partition: PartitionName(item.partition), commit: $0) }
        }
        let deleted = items.filter { $0.after == nil }.map { PartitionName($0.partition) }
        func resources(_ names: [PartitionName]) -> [String] {
            names.map { "\($0.resource) of group \(group)" }
        }
        func told(_ outcomes: [PartitionOutcome]) -> [StepOutcome] {
            outcomes.map {
                StepOutcome(
                    resources([$0.partition])[0], error: $0.error,
                    message: $0.message ?? GroupFacts.advice($0.error))
            }
        }
        return batches(set) { commits in
            Step(resources(commits.map(\.partition))) { [group, isShare] client, completion in
                if isShare {
                    client.setShareOffsets(
                        commits.map { ($0.partition, $0.commit.offset) }, of: group
                    ) { completion($0.map(told)) }
                } else {
                    client.commitOffsets(commits, of: group) { completion($0.map(told)) }
                }
            }
        }
            // Of a share group whole topics are deleted, and never half of one.
            + (isShare ? [deleted].filter { !$0.isEmpty } : chunks(deleted)).map { names in
                Step(resources(names)) { [group, isShare] client, completion in
                    if isShare {
                        client.deleteShareOffsets(of: names, of: group) {
                            completion($0.map(told))
                        }
                    } else {
                        client.deleteOffsets(of: names, of: group) { completion($0.map(told)) }
                    }
                }
            }
    }
}
