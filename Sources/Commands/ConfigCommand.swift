// `highwater config set|unset`: configs of topics and brokers, from a script.
internal import Arguments
internal import ClusterModel
internal import Operations
internal import Planning

/// One run of `config`.
struct ConfigCommand: Subcommand {
    static let entry = CommandEntry(
        "config", "set or take away configs of topics and brokers",
        options: [
            Option("topic", value: "TOPIC", "a topic; may be repeated"),
            Option("broker", value: "ID", "a broker's own configs; may be repeated"),
            Option("all-brokers", "the default of all brokers"),
        ] + ChangeOptions.table,
        arguments: [
            Argument("VERB", choices: Verb.allCases.map(\.rawValue)),
            Argument("KEY[=VALUE]", isRepeated: true),
        ])

    private enum Verb: String, CaseIterable {
        case set, unset
    }

    private let road: ChangeRun
    private let subjects: [ObjectID]
    private let values: [ChangeRequest.Value]

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        let verb = invocation.arguments.first.flatMap(Verb.init) ?? .set
        subjects = try Self.subjects(invocation)
        values = try Self.values(verb, invocation.arguments.dropFirst())
        road = try ChangeRun(invocation, host)
    }

    private static func subjects(_ invocation: Invocation) throws(Ending) -> [ObjectID] {
        var subjects: [ObjectID] = invocation.all("topic").map { .topic($0) }
        for text in invocation.all("broker") {
            guard let id = Int32(text), id >= 0 else {
                throw Ending(code: .usage, sentence: "--broker is the number of a broker: \(text)")
            }
            subjects.append(.broker(BrokerID(id)))
        }
        if invocation.has("all-brokers") { subjects.append(.cluster) }
        guard !subjects.isEmpty else {
            throw Ending(
                code: .usage,
                sentence: "configs of what? --topic TOPIC, --broker ID or --all-brokers")
        }
        var seen: Set<ObjectID> = []
        return subjects.filter { seen.insert($0).inserted }
    }

    private static func values(
        _ verb: Verb, _ words: ArraySlice<String>
    ) throws(Ending) -> [ChangeRequest.Value] {
        var values: [ChangeRequest.Value] = []
        var seen: Set<String> = []
        for word in words {
            let parts = word.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(parts[0])
            guard !key.isEmpty, (parts.count == 2) == (verb == .set) else {
                throw Ending(
                    code: .usage,
                    sentence: verb == .set
                        ? "config set takes KEY=VALUE, such as retention.ms=604800000: \(word)"
                        : "config unset takes KEY, such as retention.ms: \(word)")
            }
            guard seen.insert(key).inserted else {
                throw Ending(code: .usage, sentence: "\(key) is named twice")
            }
            values.append(.init(key, parts.count == 2 ? String(parts[1]) : nil))
        }
        guard !values.isEmpty else {
            throw Ending(
                code: .usage,
                sentence: verb == .set ? "config set needs KEY=VALUE" : "config unset needs KEY")
        }
        return values
    }

    func run() throws(Ending) -> ExitCode {
        let hasTopics = subjects.contains { if case .topic = $0 { true } else { false } }
        return try road.run(
            reading: hasTopics ? [.configs] : []
        ) { (cluster: Cluster) throws(Ending) -> ChangeRequest in
            try cluster.requireKnown(subjects)
            return ChangeRequest(ConfigAlteration.kind, of: subjects, values: values)
        }
    }
}
