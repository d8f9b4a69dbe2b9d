// `highwater group`: what groups have committed, their members and they themselves, changed by
// scripts.
internal import Arguments
internal import ClusterModel
internal import Operations
internal import Planning

/// One run of `group`.
struct GroupCommand: Subcommand {
    static let entry = CommandEntry(
        "group", "reset offsets, delete groups, remove members",
        options: [
            Option("group", value: "GROUP", "the group"),
            Option(
                "topic", value: "TOPIC[:N,N]",
                "only this topic, or partitions of it; may be repeated"),
            Option("earliest", "with reset: to the start of the log"),
            Option("latest", "with reset: to the end of the log"),
            Option("to-offset", value: "OFFSET", "with reset: to an offset"),
            Option("by", value: "COUNT", "with reset: so many records on, or back with -COUNT"),
            Option(
                "to-time", value: "TIME",
                "with reset: to the first record since 2026-11-23T12:48:00Z, or 2h ago"),
            Option("to-group", value: "GROUP", "with reset: to where another group is"),
            Option(
                "member", value: "ID",
                "with remove-member: its member, instance or client id; may be repeated"),
        ] + ChangeOptions.table,
        arguments: [Argument("VERB", choices: Verb.allCases.map(\.rawValue))])

    private enum Verb: String, CaseIterable {
        case reset
        case deleteOffsets = "delete-offsets"
        case delete
        case removeMember = "remove-member"
    }

    private let road: ChangeRun
    private let verb: Verb
    private let group: String
    /// Topics and partitions.
    private let scope: [ObjectID]
    private let values: [ChangeRequest.Value]

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        verb = invocation.arguments.first.flatMap(Verb.init) ?? .reset
        guard let group = invocation.value("group"), invocation.all("group").count == 1 else {
            throw Ending(code: .usage, sentence: "which group? one --group GROUP")
        }
        self.group = group
        try Self.check(verb, invocation)
        scope = try Self.scope(invocation)
        values = try Self.values(verb, invocation)
        road = try ChangeRun(invocation, host)
    }

    /// Options of another verb change nothing in silence.
    private static func check(_ verb: Verb, _ invocation: Invocation) throws(Ending) {
        let places = ["earliest", "latest", "to-offset", "by", "to-time", "to-group"]
        var foreign = verb == .reset ? [] : places
        if verb != .removeMember { foreign.append("member") }
        if verb == .delete || verb == .removeMember { foreign.append("topic") }
        if let option = foreign.first(where: { invocation.has($0) }) {
            throw Ending(
                code: .usage, sentence: "group \(verb.rawValue) does not take --\(option)")
        }
        guard verb == .reset else { return }
        let given = places.filter { invocation.has($0) }
        guard given.count == 1 else {
            throw Ending(
                code: .usage,
                sentence: (given.isEmpty ? "reset to where?" : "reset to one place:") + " "
                    + places.map { "--\($0)" }.joined(separator: ", "))
        }
    }

    private static func scope(_ invocation: Invocation) throws(Ending) -> [ObjectID] {
        var scope: [ObjectID] = []
        for text in invocation.all("topic") {
            guard let colon = text.lastIndex(of: ":") else {
                scope.append(.topic(text))
                continue
            }
            let topic = String(text[..<colon])
            for part in text[text.index(after: colon)...].split(
                separator: ",", omittingEmptySubsequences: false)
            {
                guard let number = Int32(part), number >= 0, !topic.isEmpty else {
                    throw Ending(
                        code: .usage,
                        sentence: "--topic is TOPIC or TOPIC:N,N, such as orders:0,3: \(text)")
                }
                scope.append(.partition(PartitionKey(topic: topic, partition: number)))
            }
        }
        return scope
    }

    private static func values(
        _ verb: Verb, _ invocation: Invocation
    ) throws(Ending) -> [ChangeRequest.Value] {
        typealias Asked = GroupOffsetAlteration.Asked
        switch verb {
        case .delete: return []
        case .deleteOffsets: return [.init(Asked.delete.rawValue, nil)]
        case .removeMember:
            let names = invocation.all("member")
            guard !names.isEmpty else {
                throw Ending(code: .usage, sentence: "remove which member? --member ID")
            }
            let note = invocation.value("note").map { [ChangeRequest.Value("reason", $0)] } ?? []
            return names.map { .init("member", $0) } + note
        case .reset:
            if invocation.has("earliest") { return [.init(Asked.earliest.rawValue, nil)] }
            if invocation.has("latest") { return [.init(Asked.latest.rawValue, nil)] }
            let texts: [(option: String, asked: Asked, form: String)] = [
                ("to-offset", .offset, "an offset, such as 1000"),
                ("by", .shift, "a count of records, such as 100 or -100"),
                ("to-time", .time, Moment.forms), ("to-group", .group, "a group"),
            ]
            for (option, asked, form) in texts {
                guard let text = invocation.value(option) else { continue }
                guard GroupOffsetAlteration.wish(asked, text, nowMs: 0) != nil else {
                    throw Ending(code: .usage, sentence: "--\(option) is \(form): \(text)")
                }
                return [.init(asked.rawValue, text)]
            }
            return []
        }
    }

    func run() throws(Ending) -> ExitCode {
        try road.run(reading: []) { (cluster: Cluster) throws(Ending) -> ChangeRequest in
            // Commits of a topic that was deleted can be deleted.
            if verb == .reset { try cluster.requireKnown(scope) }
            let kind =
                switch verb {
                case .reset, .deleteOffsets: GroupOffsetAlteration.kind
                case .delete: GroupDeletion.kind
                case .removeMember: MemberRemoval.kind
                }
            return ChangeRequest(kind, of: [.group(group)] + scope, values: values)
        }
    }
}
