// `highwater topic`: topics made, widened and deleted by scripts.
internal import Arguments
internal import ClusterModel
internal import Operations
internal import Planning

/// One run of `topic`.
struct TopicCommand: Subcommand {
    static let entry = CommandEntry(
        "topic", "create and delete topics, add partitions",
        options: [
            Option("partitions", value: "COUNT", "with create: how many partitions"),
            Option(
                "replication-factor", value: "COUNT", "with create: how many replicas of each"),
            Option(
                "replica-assignment", value: "ID:ID,ID:ID",
                "with create: the brokers of each partition, instead of both"),
            Option(
                "config", value: "KEY=VALUE",
                "with create: an override, such as retention.ms=7d; may be repeated"),
            Option("to", value: "COUNT", "with add-partitions: how many there are then"),
        ] + ChangeOptions.table,
        arguments: [
            Argument("VERB", choices: Verb.allCases.map(\.rawValue)),
            Argument("TOPIC", isRepeated: true),
        ])

    private enum Verb: String, CaseIterable {
        case create, delete
        case addPartitions = "add-partitions"

        /// The options that it takes.
        var options: [String] {
            switch self {
            case .create: ["partitions", "replication-factor", "replica-assignment", "config"]
            case .delete: []
            case .addPartitions: ["to"]
            }
        }
    }

    private let road: ChangeRun
    private let verb: Verb
    private let topics: [String]
    private let values: [ChangeRequest.Value]

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        verb = invocation.arguments.first.flatMap(Verb.init) ?? .create
        let names = Array(invocation.arguments.dropFirst())
        topics = names
        guard !names.isEmpty, verb == .delete || names.count == 1 else {
            throw Ending(
                code: .usage,
                sentence: "topic \(verb.rawValue) takes "
                    + (verb == .delete ? "the names of topics" : "the name of one topic"))
        }
        guard Set(names).count == names.count else {
            throw Ending(code: .usage, sentence: "a topic is named twice")
        }
        for other in Verb.allCases where other != verb {
            if let option = other.options.first(where: { invocation.has($0) }) {
                throw Ending(
                    code: .usage, sentence: "topic \(verb.rawValue) does not take --\(option)")
            }
        }
        values = try Self.values(verb, invocation)
        road = try ChangeRun(invocation, host)
    }

    private static func values(
        _ verb: Verb, _ invocation: Invocation
    ) throws(Ending) -> [ChangeRequest.Value] {
        func count(_ option: String) throws(Ending) -> ChangeRequest.Value {
            guard let text = invocation.value(option) else {
                throw Ending(
                    code: .usage, sentence: "topic \(verb.rawValue) needs --\(option) COUNT")
            }
            guard let number = Int(text), number > 0 else {
                throw Ending(code: .usage, sentence: "--\(option) is a count: \(text)")
            }
            return .init(option == "to" ? "partitions" : option, text)
        }
        switch verb {
        case .delete: return []
        case .addPartitions: return [try count("to")]
        case .create:
            var values: [ChangeRequest.Value] = []
            if let text = invocation.value("replica-assignment") {
                guard !invocation.has("partitions"), !invocation.has("replication-factor") else {
                    throw Ending(
                        code: .usage,
                        sentence: "--replica-assignment says both: leave --partitions and "
                            + "--replication-factor out")
                }
                values.append(.init("replica-assignment", text))
            } else {
                values = [try count("partitions"), try count("replication-factor")]
            }
            var seen: Set<String> = []
            for text in invocation.all("config") {
                let parts = text.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let key = String(parts[0])
                guard parts.count == 2, !key.isEmpty, seen.insert(key).inserted else {
                    throw Ending(
                        code: .usage,
                        sentence: "--config is KEY=VALUE, such as retention.ms=7d, each key once: "
                            + text)
                }
                values.append(.init(key, String(parts[1])))
            }
            return values
        }
    }

    func run() throws(Ending) -> ExitCode {
        // What is deleted is weighed: its bytes, and who reads it.
        try road.run(reading: verb == .delete ? [.logDirs, .groups] : [.configs]) {
            (cluster: Cluster) throws(Ending) -> ChangeRequest in
            let kind =
                switch verb {
                case .create: TopicCreation.kind
                case .delete: TopicDeletion.kind
                case .addPartitions: PartitionAddition.kind
                }
            let subjects = topics.map { ObjectID.topic($0) }
            if verb != .create { try cluster.requireKnown(subjects) }
            return ChangeRequest(kind, of: subjects, values: values)
        }
    }
}
