// Configs as brokers tell them now: listed, compared, or written for another cluster to take.
internal import Arguments
internal import ClusterModel
internal import JSON
internal import KafkaClient
internal import Operations
internal import Transport

/// One question about configs.
@MainActor
struct ConfigReading {
    enum Way { case get, diff, export }

    private let way: Way
    private let subjects: [ObjectID]
    private let keys: [String]
    private let onlyOverrides: Bool
    private let format: AnswerFormat
    private let setup: Setup
    private let host: Host

    init(
        _ way: Way, _ subjects: [ObjectID], keys: [String], _ invocation: Invocation, _ host: Host
    ) throws(Ending) {
        self.way = way
        self.subjects = subjects
        self.keys = keys
        self.host = host
        onlyOverrides = invocation.has("overrides")
        format = AnswerFormat(invocation)
        if way == .diff, subjects.count < 2 {
            throw Ending(code: .usage, sentence: "config diff compares two or more: name them")
        }
        if let wrong = keys.first(where: { $0.contains("=") }) {
            throw Ending(
                code: .usage, sentence: "this verb takes KEY, such as retention.ms: \(wrong)")
        }
        setup = try Setup(invocation, host)
    }

    func run() throws(Ending) -> ExitCode {
        let question = try FactQuestion(setup)
        defer { question.end() }
        let cluster = try question.cluster()
        try cluster.requireKnown(subjects)
        var told: [(subject: ObjectID, configs: [ConfigInForce])] = []
        for subject in subjects {
            guard let resource = ConfigResource(subject) else { continue }
            let all = try question.configs(of: resource)
            if let missing = keys.first(where: { key in !all.contains { $0.name == key } }),
                way == .get, subject != .cluster
            {
                throw Ending(code: .usage, sentence: "\(subject) has no config \(missing)")
            }
            told.append((subject, keys.isEmpty ? all : all.filter { keys.contains($0.name) }))
        }
        switch way {
        case .get: list(told)
        case .diff: compare(told)
        case .export:
            host.output.line(
                ConfigFile(clusterID: cluster.clusterID ?? "", told.map(Self.entry)).document.text)
        }
        return .done
    }

    private static func entry(
        _ told: (subject: ObjectID, configs: [ConfigInForce])
    ) -> ConfigFile.Entry {
        let own = told.configs.filter(\.isOwn)
        return ConfigFile.Entry(
            subject: told.subject,
            configs: own.compactMap { config in config.value.map { (config.name, $0) } },
            hidden: own.filter { $0.value == nil }.map(\.name))
    }

    private func shown(_ config: ConfigInForce) -> String {
        config.value ?? (config.isSensitive ? "(hidden)" : "not set")
    }

    private func name(_ subject: ObjectID) -> String {
        switch subject {
        case .cluster: "all brokers"
        case .topic(let name): "topic \(name)"
        default: "\(subject)"
        }
    }

    private func list(_ told: [(subject: ObjectID, configs: [ConfigInForce])]) {
        let told = told.map { entry in
            (
                subject: entry.subject,
                configs: onlyOverrides ? entry.configs.filter(\.isOwn) : entry.configs
            )
        }
        if format == .json {
            let document = JSONValue.array(
                told.map { entry in
                    .object([
                        .init("resource", .string(name(entry.subject))),
                        .init("configs", .array(entry.configs.map(\.document))),
                    ])
                })
            return host.output.line(JSONValue.object([.init("resources", document)]).text)
        }
        for entry in told {
            host.output.line(printable(name(entry.subject)))
            for config in entry.configs {
                host.output.line(
                    printable("  \(config.name)=\(shown(config))  (\(config.sourceName))"))
            }
        }
    }

    /// The keys whose values in force are not the same everywhere.
    private func compare(_ told: [(subject: ObjectID, configs: [ConfigInForce])]) {
        var differences: [(key: String, values: [ConfigInForce?])] = []
        for key in Set(told.flatMap { $0.configs.map(\.name) }).sorted() {
            let values = told.map { entry in entry.configs.first { $0.name == key } }
            let isSame = values.allSatisfy { $0?.value == values[0]?.value && $0 != nil }
            if !isSame { differences.append((key, values)) }
        }
        if format == .json {
            let list = differences.map { difference in
                JSONValue.object([
                    .init("key", .string(difference.key)),
                    .init(
                        "values",
                        .array(
                            zip(told, difference.values).map { entry, config in
                                .object([
                                    .init("resource", .string(name(entry.subject))),
                                    .init("value", .init(config?.value)),
                                    .init("source", .init(config?.sourceName)),
                                ])
                            })),
                ])
            }
            return host.output.line(JSONValue.object([.init("differences", .array(list))]).text)
        }
        for difference in differences {
            host.output.line(printable(difference.key))
            for (entry, config) in zip(told, difference.values) {
                host.output.line(
                    printable(
                        "  \(name(entry.subject)): "
                            + (config.map { "\(shown($0))  (\($0.sourceName))" } ?? "no such key"))
                )
            }
        }
    }
}

extension ConfigInForce {
    fileprivate var document: JSONValue {
        .object([
            .init("name", .string(name)), .init("value", .init(value)),
            .init("source", .string(sourceName)), .init("override", .bool(isOwn)),
            .init("sensitive", .bool(isSensitive)), .init("read_only", .bool(isReadOnly)),
        ])
    }
}
