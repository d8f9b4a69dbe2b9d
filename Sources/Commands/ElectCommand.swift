// `highwater elect preferred|unclean`: leaders of partitions, from a script.
internal import Arguments
internal import ClusterModel
internal import Operations
internal import Planning

/// One run of `elect`.
struct ElectCommand: Subcommand {
    static let entry = CommandEntry(
        "elect", "elect leaders: the preferred, or unclean any live",
        options: [
            Option("all", "every partition of the cluster"),
            Option("topic", value: "TOPIC", "the partitions of a topic; may be repeated"),
            Option("partition", value: "TOPIC-N", "one partition; may be repeated"),
            Option(
                "broker", value: "ID",
                "the partitions that this broker should lead; may be repeated"
            ),
        ] + ChangeOptions.table,
        arguments: [Argument("KIND", choices: ["preferred", "unclean"])])

    private let road: ChangeRun
    private let isUnclean: Bool
    private let subjects: [ObjectID]

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        isUnclean = invocation.arguments.first == "unclean"
        subjects = try Self.subjects(invocation)
        road = try ChangeRun(invocation, host)
    }

    private static func subjects(_ invocation: Invocation) throws(Ending) -> [ObjectID] {
        var subjects: [ObjectID] = invocation.all("topic").map { .topic($0) }
        for text in invocation.all("partition") {
            guard let key = PartitionKey(parsing: text) else {
                throw Ending(
                    code: .usage, sentence: "--partition is TOPIC-N, such as orders-17: \(text)")
            }
            subjects.append(.partition(key))
        }
        for text in invocation.all("broker") {
            guard let id = Int32(text), id >= 0 else {
                throw Ending(code: .usage, sentence: "--broker is the number of a broker: \(text)")
            }
            subjects.append(.broker(BrokerID(id)))
        }
        guard invocation.has("all") != !subjects.isEmpty else {
            throw Ending(
                code: .usage,
                sentence: subjects.isEmpty
                    ? "elect what? --all, --topic TOPIC, --partition TOPIC-N or --broker ID"
                    : "--all is everything: leave it out to name some")
        }
        return invocation.has("all") ? [.cluster] : subjects
    }

    func run() throws(Ending) -> ExitCode {
        // What may be lost is measured on the ends of logs, and on how far groups have read.
        try road.run(reading: isUnclean ? [.offsets, .groups] : []) {
            (cluster: Cluster) throws(Ending) -> ChangeRequest in
            try cluster.requireKnown(subjects)
            return ChangeRequest(
                isUnclean ? UncleanElection.kind : PreferredElection.kind, of: subjects)
        }
    }
}

extension Cluster {
    /// Refuses what the cluster does not have.
    func requireKnown(_ subjects: [ObjectID]) throws(Ending) {
        for subject in subjects {
            let isKnown =
                switch subject {
                case .topic(let name): topicIndex(named: name) != nil
                case .partition(let key): row(of: key) != nil
                case .broker(let id): brokerIndex(id) != nil
                default: true
                }
            guard !isKnown else { continue }
            throw Ending(
                code: .refused,
                sentence: "nothing was sent: the cluster has no \(subject.kind) \(subject.name)")
        }
    }
}
