// What is read of a group before it is changed, as the facts and words of a proposal.
internal import ClusterModel
internal import JSON
internal import KafkaClient
internal import Planning

/// What was read of a group.
struct GroupFacts: Hashable, Sendable {
    var isListed: Bool
    /// Empty where the broker is too old to say.
    var type: String
    var state: String

    // Properties of the facts about a group and about its commits.
    static let members = "members"
    static let state = "state"
    static let type = "type"
    static let committed = "committed offset"
    static let start = "log start"
    static let end = "log end"
    static let target = "target"
    /// Why an offset of the log is not known.
    static let fault = "fault"
    /// The value of `members` where nobody reads with the group.
    static let nobody = "none"

    static func subject(_ group: String) -> String { "group \(group)" }

    /// The facts of the group itself.
    static func facts(_ group: String, _ reading: GroupReading) -> [Fact] {
        let subject = subject(group)
        return [
            Fact(subject, state, reading.isListed ? reading.state : nil),
            Fact(subject, type, reading.type),
            Fact(subject, members, words(reading.members)),
        ]
    }

    /// The property that names the members that read a topic; nil: nobody does.
    static func readers(_ topic: String) -> String { "members that read \(topic)" }

    /// The property that counts the partitions of a topic that a share group knows.
    static func known(_ topic: String) -> String { "partitions of \(topic)" }

    /// A fact for each topic of a share group; none of other groups.
    static func known(
        _ topics: some Sequence<String>, _ group: String, _ reading: GroupReading
    ) -> [Fact] {
        guard reading.type == "share" else { return [] }
        return topics.map { topic in
            Fact(
                subject(group), known(topic),
                "\(reading.commits.keys.count { $0.topic == topic })")
        }
    }

    /// A fact for each topic: its readers. Of whom nobody tells what it reads, it may read all.
    static func readers(
        of topics: some Sequence<String>, _ group: String, _ reading: GroupReading
    ) -> [Fact] {
        topics.map { topic in
            let own = reading.members.filter { $0.topics?.contains(topic) ?? true }
            return Fact(subject(group), readers(topic), own.isEmpty ? nil : words(own))
        }
    }

    /// Nil where the facts are not of a whole reading.
    init?(_ group: String, _ facts: [Fact]) {
        let subject = Self.subject(group)
        let own = facts.filter { $0.subject == subject }
        guard let type = own.first(where: { $0.property == Self.type }) else { return nil }
        let state = own.first { $0.property == Self.state }?.value
        isListed = state != nil
        self.type = type.value ?? ""
        self.state = state ?? ""
    }

    /// "2: indexer-1 on /10.0.0.1, indexer-2 on /10.0.0.2".
    private static func words(_ members: [GroupReading.Member]) -> String {
        guard !members.isEmpty else { return nobody }
        let named = members.prefix(Limits.namedMembers)
            .map { "\($0.clientID) on \($0.host)" + ($0.instanceID.map { " (\($0))" } ?? "") }
        let more = members.count - named.count
        return "\(members.count): " + named.joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
    }

    /// Why a change that needs a group without members cannot be made now; nil where it can.
    func activity(_ group: String, _ members: String) -> String? {
        guard members != Self.nobody else { return nil }
        let state = state.isEmpty ? "" : " (\(state))"
        return "group \(group) is active\(state): its members are \(members); stop them first"
    }

    /// What to do about an error of Kafka's that says too little; nil where it says enough.
    static func advice(_ error: String?) -> String? {
        switch error {
        case "UNKNOWN_MEMBER_ID": "the group has members now: stop them first"
        case "GROUP_SUBSCRIBED_TO_TOPIC": "its members subscribe to the topic: stop them first"
        case "NON_EMPTY_GROUP": "the group has members: stop them first"
        case "NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS":
            "the group is moving to another coordinator: ask again in a moment"
        default: nil
        }
    }
}

extension CommittedOffset {
    /// "500", "500 epoch 3", "500 epoch 3 metadata m": all that a commit holds.
    var text: String {
        "\(offset)" + (leaderEpoch >= 0 ? " epoch \(leaderEpoch)" : "")
            + (metadata.isEmpty ? "" : " metadata \(metadata)")
    }

    init?(text: String) {
        var rest = text[...]
        func number() -> Substring {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == "-") }
            rest = rest.dropFirst(digits.count)
            return digits
        }
        func skips(_ word: String) -> Bool {
            guard rest.hasPrefix(word) else { return false }
            rest = rest.dropFirst(word.count)
            return true
        }
        guard let offset = Int64(number()) else { return nil }
        self.init(offset)
        if skips(" epoch ") {
            guard let epoch = Int32(number()) else { return nil }
            leaderEpoch = epoch
        }
        if skips(" metadata ") {
            metadata = String(rest)
        } else if !rest.isEmpty {
            return nil
        }
    }

    var document: JSONValue {
        .object([
            .init("offset", .integer(offset)),
            .init("leader_epoch", .integer(Int64(leaderEpoch))),
            .init("metadata", .string(metadata)),
        ])
    }

    init?(_ document: JSONValue) {
        guard let offset = document["offset"]?.integer,
            let epoch = document["leader_epoch"]?.integer.flatMap({ Int32(exactly: $0) }),
            let metadata = document["metadata"]?.string
        else { return nil }
        self.init(offset, leaderEpoch: epoch, metadata: metadata)
    }
}
