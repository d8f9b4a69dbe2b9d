// `highwater config`: what is set on topics and brokers, read, compared, changed and carried from
// one cluster to another by scripts.
internal import Arguments
internal import ClusterModel
internal import KafkaClient
internal import KafkaConfigs
internal import Operations
internal import Planning

/// One run of `config`.
struct ConfigCommand: Subcommand {
    static let entry = CommandEntry(
        "config", "read, compare, set, copy, export configs",
        options: [
            Option("topic", value: "TOPIC", "a topic; may be repeated"),
            Option("broker", value: "ID", "a broker's own configs; may be repeated"),
            Option("all-brokers", "the default of all brokers"),
            Option("overrides", "with get: only what is set on the resource itself"),
            Option("raw", "with set: values as Kafka keeps them, not read as 7d or 10GiB"),
            Option("from", value: "TOPIC", "with copy: the topic whose overrides are copied"),
            Option(
                "exact",
                "with copy and import: unset, on the resources named, overrides that the topic or "
                    + "the file does not have"),
            Option("other-cluster", "with import: the file may be of another cluster"),
        ] + ChangeOptions.table,
        arguments: [
            Argument("VERB", choices: Verb.allCases.map(\.rawValue)),
            Argument("KEY[=VALUE]", isRepeated: true),
        ])

    private enum Verb: String, CaseIterable {
        case get, set, unset, diff, copy, export, `import`

        /// Options that say what only it does.
        var options: [String] {
            switch self {
            case .get: ["overrides"]
            case .set: ["raw"]
            case .copy: ["from", "exact"]
            case .import: ["exact", "other-cluster"]
            case .unset, .diff, .export: []
            }
        }
    }

    private enum Task {
        case read(ConfigReading)
        case change(ChangeRun, ConfigWish)
    }

    private let task: Task

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        let verb = invocation.arguments.first.flatMap(Verb.init) ?? .get
        let words = Array(invocation.arguments.dropFirst())
        let special = Set(Verb.allCases.flatMap(\.options)).subtracting(verb.options).sorted()
        if let option = special.first(where: { invocation.has($0) }) {
            throw Ending(
                code: .usage, sentence: "config \(verb.rawValue) does not take --\(option)")
        }
        switch verb {
        case .get, .diff, .export:
            let way: ConfigReading.Way =
                verb == .get ? .get : verb == .diff ? .diff : .export
            task = .read(
                try ConfigReading(
                    way, try Self.subjects(invocation), keys: words, invocation, host))
        case .set, .unset:
            let wish = ConfigWish(
                subjects: try Self.subjects(invocation),
                values: try Self.values(verb, words), isRaw: invocation.has("raw"))
            task = .change(try ChangeRun(invocation, host), wish)
        case .copy:
            let wish = try Self.copy(try Self.subjects(invocation), words, invocation)
            task = .change(try ChangeRun(invocation, host), wish)
        case .import:
            guard let path = words.first, words.count == 1 else {
                throw Ending(
                    code: .usage, sentence: "config import takes the FILE that export has written")
            }
            let wish = ConfigWish(
                file: try ConfigFile(reading: path), isExact: invocation.has("exact"),
                mayBeOthers: invocation.has("other-cluster"))
            task = .change(try ChangeRun(invocation, host), wish)
        }
    }

    private static func copy(
        _ subjects: [ObjectID], _ words: [String], _ invocation: Invocation
    ) throws(Ending) -> ConfigWish {
        guard let source = invocation.value("from"), invocation.all("from").count == 1,
            subjects.allSatisfy({ $0.kind == "topic" }), words.isEmpty
        else {
            throw Ending(
                code: .usage,
                sentence: "config copy takes one --from TOPIC and --topic TOPIC, which may be "
                    + "repeated")
        }
        return ConfigWish(
            copying: source, to: subjects.map(\.name), isExact: invocation.has("exact"))
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
        _ verb: Verb, _ words: [String]
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
                        ? "config set takes KEY=VALUE, such as retention.ms=7d: \(word)"
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
        switch task {
        case .read(let reading): return try reading.run()
        case .change(let road, let wish):
            return try road.run(
                reading: wish.subjects.contains { $0.kind == "topic" } ? [.configs] : []
            ) { (cluster: Cluster, session: ClusterSession) throws(Ending) -> ChangeRequest in
                try wish.check(cluster)
                try cluster.requireKnown(wish.subjects)
                return try wish.request(cluster, session)
            }
        }
    }
}

/// What is to be set, as it was typed or as a file has it.
private struct ConfigWish {
    var subjects: [ObjectID]
    private var values: [ChangeRequest.Value] = []
    private var isRaw = false
    private var file: ConfigFile?
    /// The topic whose overrides are copied.
    private var source: String?
    /// What else is set on the resources goes.
    private var isExact = false
    /// The file may be of another cluster.
    private var mayBeOthers = false

    init(subjects: [ObjectID], values: [ChangeRequest.Value], isRaw: Bool) {
        self.subjects = subjects
        self.values = values
        self.isRaw = isRaw
    }

    init(file: ConfigFile, isExact: Bool, mayBeOthers: Bool) {
        self.file = file
        self.isExact = isExact
        self.mayBeOthers = mayBeOthers
        subjects = file.resources.map(\.subject)
    }

    init(copying source: String, to topics: [String], isExact: Bool) {
        self.source = source
        self.isExact = isExact
        subjects = topics.map { .topic($0) }
    }

    /// A file of another cluster is taken only where that is said.
    func check(_ cluster: Cluster) throws(Ending) {
        guard let file, !mayBeOthers, let id = cluster.clusterID, file.clusterID != id else {
            return
        }
        let other = file.clusterID.map { "cluster \($0)" } ?? "a cluster that it does not name"
        throw Ending(
            code: .refused,
            sentence: "nothing was sent: the file was exported from \(other), and cluster \(id) "
                + "answers: --other-cluster takes it all the same")
    }

    func request(_ cluster: Cluster, _ session: ClusterSession) throws(Ending) -> ChangeRequest {
        if let file { return try Self.request(file, isExact: isExact, cluster, session) }
        if let source {
            do throws(CopyFault) {
                return try ChangeRequest(
                    copyingOverridesOf: source, to: subjects.map(\.name), isExact: isExact,
                    in: cluster)
            } catch {
                throw Ending(code: .refused, sentence: "nothing was sent: \(error.sentence)")
            }
        }
        var raw: [ChangeRequest.Value] = []
        for value in values {
            raw.append(.init(value.key, try self.raw(value, cluster)))
        }
        return ChangeRequest(ConfigAlteration.kind, of: subjects, values: raw)
    }

    /// What the file has is set; of what else is set, `isExact` unsets all but what the file names
    /// as hidden.
    private static func request(
        _ file: ConfigFile, isExact: Bool, _ cluster: Cluster, _ session: ClusterSession
    ) throws(Ending) -> ChangeRequest {
        var items: [ConfigAlteration.Item] = []
        for entry in file.resources {
            guard let resource = ConfigResource(entry.subject) else { continue }
            items += entry.configs.map { .init(resource, $0.key, from: nil, to: $0.value) }
            guard isExact else { continue }
            let wanted = Set(entry.configs.map(\.key) + entry.hidden)
            let own = try overrides(of: entry.subject, resource, cluster, session)
            items += own.filter { !wanted.contains($0) }
                .map { .init(resource, $0, from: nil, to: nil) }
        }
        return ChangeRequest(ConfigAlteration(items))
    }

    /// The keys that are set on a resource itself.
    private static func overrides(
        of subject: ObjectID, _ resource: ConfigResource, _ cluster: Cluster,
        _ session: ClusterSession
    ) throws(Ending) -> [String] {
        if case .topic(let name) = subject, let index = cluster.topicIndex(named: name),
            let known = cluster.overrides(topic: index)
        {
            return known.map(\.name)
        }
        return try session.configs(of: resource).filter(\.isOwn).map(\.name)
    }

    /// The value that Kafka is to keep: the same for each subject.
    private func raw(
        _ value: ChangeRequest.Value, _ cluster: Cluster
    ) throws(Ending) -> String? {
        guard let typed = value.value, !isRaw else { return value.value }
        let release = cluster.kafkaVersion.flatMap { KafkaRelease($0) }
        var found: String?
        for subject in subjects {
            let known =
                subject.kind == "topic"
                ? ConfigCatalogue.topic(value.key, release)
                : ConfigCatalogue.broker(value.key, release)
            let form = ConfigForm(value.key, known)
            let present = present(value.key, subject, cluster)
            if case .list = form.kind, present == nil, typed.hasPrefix("+") || typed.hasPrefix("-")
            {
                throw Ending(
                    code: .refused,
                    sentence: "nothing was sent: \(value.key) is not set on \(subject), so that "
                        + "nothing is added to or taken from it: write the whole list")
            }
            let raw: String
            do throws(ConfigFault) {
                raw = try form.raw(typed, present: present)
            } catch {
                throw Ending(code: .usage, sentence: error.sentence)
            }
            guard found == nil || found == raw else {
                throw Ending(
                    code: .refused,
                    sentence: "nothing was sent: \(value.key)=\(typed) is another value for "
                        + "\(subject): name one at a time")
            }
            found = raw
        }
        return found
    }

    private func present(_ key: String, _ subject: ObjectID, _ cluster: Cluster) -> String? {
        guard case .topic(let name) = subject, let index = cluster.topicIndex(named: name) else {
            return nil
        }
        return cluster.overrides(topic: index)?.first { $0.name == key }?.value
    }
}
