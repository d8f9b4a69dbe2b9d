// `highwater moves`: which replicas are on their way now, by whomever, how far they are, and which
// throttles were left behind. It only reads.
internal import Arguments
internal import ClusterModel
internal import JSON
internal import KafkaClient
internal import Operations
internal import Planning
internal import Settings
internal import TerminalIO
internal import Transport

/// One run of `moves`.
struct MovesCommand: Subcommand {
    static let entry = CommandEntry(
        "moves", "list what is being moved, and throttles left behind",
        options: [
            Option(
                "timeout", value: "DURATION", kind: .duration,
                "limit for reading the cluster (10s)"),
            AnswerFormat.option,
        ])

    private let host: Host
    private let setup: Setup
    private let format: AnswerFormat
    private let timeoutNs: UInt64

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        self.host = host
        format = AnswerFormat(invocation)
        timeoutNs = try invocation.timeoutNs(or: .seconds(10))
        setup = try Setup(invocation, host)
    }

    func run() throws(Ending) -> ExitCode {
        let session = ClusterSession(
            loop: try Setup.startLoop(), config: setup.client.within(timeoutNs))
        defer { session.loop.stop() }
        let (cluster, _) = ClusterPass(
            session: session, ensemble: setup.ensemble, sections: [.metadata, .brokers],
            timeoutNs: timeoutNs
        ).run()
        if let sentence = cluster.otherClusterSentence {
            throw Ending(code: .noCluster, sentence: sentence)
        }
        guard let id = cluster.clusterID, cluster.knowsPartitions else {
            throw Ending(
                code: .noCluster,
                sentence: cluster.failures.first?.message ?? "no broker has answered in time")
        }
        let journals = JournalStore.folder(
            ConfigFolders(environment: host.environment).state)
        let records = (try? journals.read(id))?.records ?? []
        let reading = try read(session, cluster, records)
        let open = records.filter { !$0.isEnded && $0.change is PlanExecution }
        switch format {
        case .json: host.output.line(document(reading, id, open).text)
        case .text: for line in lines(reading, open) { host.output.line(printable(line)) }
        }
        return reading.unread.isEmpty ? .done : .partial
    }

    private func read(
        _ session: ClusterSession, _ cluster: Cluster, _ records: [JournalRecord]
    ) throws(Ending) -> MovesReading {
        let maker = Operator(
            session, journal: { _ throws(JournalError) in throw JournalError.noFolder })
        let inbox = Inbox<Swift.Result<MovesReading, OperationRefusal>>()
        maker.readMoves(topics: cluster.topics.map { $0.name }, records: records) {
            inbox.post($0)
        }
        while true {
            _ = inbox.wait(milliseconds: ChangeRun.waitMs)
            guard let result = inbox.drain().first else { continue }
            switch result {
            case .success(let reading): return reading
            case .failure(let why): throw Ending(code: .noCluster, sentence: why.sentence)
            }
        }
    }

    // MARK: Text

    private func lines(_ reading: MovesReading, _ open: [JournalRecord]) -> [String] {
        var lines: [String] = []
        for record in open {
            lines.append(
                "\(record.id)  \(record.summary)  not finished: highwater resume, undo, adopt or "
                    + "forget \(record.id)")
        }
        if reading.moves.isEmpty { lines.append("nothing is being moved") }
        for move in reading.moves {
            var words = ["\(move.topic)-\(move.partition)", "to \(list(move.target))"]
            if !move.adding.isEmpty { words.append("+\(list(move.adding))") }
            if !move.removing.isEmpty { words.append("-\(list(move.removing))") }
            if let done = move.bytesDone, let total = move.bytesTotal, !move.adding.isEmpty {
                let percent =
                    total > 0 ? " (\(Int(min(1, Double(done) / Double(total)) * 100)) %)" : ""
                words.append("\(readableBytes(done)) of \(readableBytes(total))\(percent)")
            }
            words.append(move.owner.map { "by \($0)" } ?? "by somebody else")
            lines.append(words.joined(separator: "  "))
        }
        for throttle in reading.throttles {
            lines.append(
                "\(throttle.resource)  \(throttle.key)=\(throttle.value.prefix(Self.shownText))"
                    + (throttle.isLeftBehind ? "  left behind: nothing that moves needs it" : ""))
        }
        let left = reading.throttles.filter(\.isLeftBehind)
        if !left.isEmpty, open.isEmpty {
            lines.append(
                "to take them away: highwater config unset --topic TOPIC or --broker ID KEY")
        }
        lines += reading.unread.map { "not known: the throttle of \($0)" }
        return lines
    }

    private static let shownText = 60

    private func list(_ brokers: [Int32]) -> String {
        brokers.map(String.init).joined(separator: ",")
    }

    // MARK: JSON

    private func document(
        _ reading: MovesReading, _ clusterID: String, _ open: [JournalRecord]
    ) -> JSONValue {
        func ids(_ brokers: [Int32]) -> JSONValue {
            .array(brokers.map { .integer(Int64($0)) })
        }
        return .object([
            .init("schema", .string("highwater.moves")), .init("schema_version", .string("1.0")),
            .init("cluster_id", .string(clusterID)),
            .init(
                "unfinished",
                .array(
                    open.map {
                        .object([
                            .init("id", .string($0.id)), .init("summary", .string($0.summary)),
                        ])
                    })),
            .init(
                "moves",
                .array(
                    reading.moves.map { move in
                        .object([
                            .init("topic", .string(move.topic)),
                            .init("partition", .integer(Int64(move.partition))),
                            .init("target", ids(move.target)), .init("adding", ids(move.adding)),
                            .init("removing", ids(move.removing)),
                            .init(
                                "bytes_done", move.bytesDone.map(JSONValue.integer) ?? .null),
                            .init(
                                "bytes_total", move.bytesTotal.map(JSONValue.integer) ?? .null),
                            .init("by", .init(move.owner)),
                        ])
                    })),
            .init(
                "throttles",
                .array(
                    reading.throttles.map { throttle in
                        .object([
                            .init("resource", .string(throttle.resource)),
                            .init("key", .string(throttle.key)),
                            .init("value", .string(throttle.value)),
                            .init("left_behind", .bool(throttle.isLeftBehind)),
                        ])
                    })),
            .init("not_known", .array(reading.unread.map(JSONValue.string))),
        ])
    }
}
