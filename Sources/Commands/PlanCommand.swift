// `highwater plan`: what to move where, with the least that any plan must move beside it. It only
// reads: nothing is sent to a cluster but questions.
internal import Arguments
internal import ClusterModel
internal import JSON
internal import Planning
internal import Transport

/// One run of `plan`.
struct PlanCommand: Subcommand {
    static let entry = CommandEntry(
        "plan", "plan moves, with the proven least beside; only reads",
        options: [
            Option(
                "from", value: "FILE", kind: .file,
                "plan on a snapshot (- is standard input) instead of the live cluster"),
            Option(
                "broker", value: "IDS",
                "drain, fill, relieve: which brokers, such as 3,4 or 901-1000; may be repeated"),
            Option(
                "to", value: "LEVEL",
                "relieve: down to this share of the volumes (80%), or to so many bytes (2TB)"),
            Option("factor", value: "N", "replication: how many replicas each partition gets"),
            Option(
                "topic", value: "PATTERN",
                "touch only these topics; * and ? stand for characters; may be repeated"),
            Option("exclude-topic", value: "PATTERN", "leave these alone; may be repeated"),
            Option(
                "exclude-partition", value: "TOPIC-N", "leave it alone; may be repeated"),
            Option(
                "exclude-broker", value: "IDS", "give these brokers nothing; may be repeated"),
            Option(
                "tolerance", value: "SHARE",
                "balance, fill: how far from its share a broker may stay (5%)"),
            Option(
                "throttle", value: "RATE",
                "bytes a second that each broker takes and sends, for the time needed (50MB)"),
            Option(
                "any-rack", "move, import: also what puts more replicas into one rack than before"),
            Option(
                "output", short: "o", value: "FILE", kind: .file,
                "write to FILE, whole or not at all; - is standard output"),
            Option(
                "format", value: "FORMAT", choices: Format.allCases.map(\.rawValue),
                "plan: the whole document (JSON); kafka: for kafka-reassign-partitions.sh; "
                    + "markdown: a page for a ticket"),
            Option(
                "timeout", value: "DURATION", kind: .duration,
                "limit for reading the live cluster (10s)"),
        ],
        arguments: [
            Argument("KIND", choices: PlanRequest.Kind.allCases.map(\.rawValue)),
            Argument("MOVE", isRepeated: true),
        ])

    private enum Format: String, CaseIterable { case plan, kafka, markdown }

    private let host: Host
    private let source: PlanSource
    private let request: PlanRequest
    /// What the request's file names and plans leave out.
    private let notes: [String]
    private let format: Format
    private let output: String

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        self.host = host
        format = invocation.value("format").flatMap(Format.init) ?? .plan
        output = invocation.value("output") ?? "-"
        (request, notes) = try PlanArguments.read(invocation)
        source = try PlanSource(invocation, host)
    }

    func run() throws(Ending) -> ExitCode {
        let (model, warnings) = try source.model()
        for warning in warnings + notes { host.error.line(printable("highwater: \(warning)")) }
        let started = MonotonicClock.now
        let plan: Plan
        do throws(PlanningFault) {
            plan = try Plan(request, for: model)
        } catch {
            throw Ending(code: .refused, sentence: "nothing was planned: \(error.description)")
        }
        let spentMs = Double(MonotonicClock.now - started) / 1e6
        try write(PlanDocument(plan, toolVersion: toolVersion, planningMs: spentMs))
        if plan.isRefused {
            let first = plan.refused[0]
            let name = first.row.map { model.name($0) + ": " } ?? ""
            let more = plan.refused.count > 1 ? " (and \(plan.refused.count - 1) more)" : ""
            throw Ending(
                code: .refused,
                sentence: "nothing of it can be done: \(name)\(first.reason)\(more)")
        }
        if plan.isEmpty { host.error.line("highwater: nothing is needed: it is so already") }
        return .done
    }

    private func write(_ document: PlanDocument) throws(Ending) {
        do {
            try OutputFile(standardOutput: host.output).write(output) { sink in
                switch format {
                case .plan: try document.write(to: sink)
                case .kafka: try document.writeForKafka(to: sink)
                case .markdown:
                    let text = document.markdown.joined(separator: "\n")
                    try Array(text.utf8).withUnsafeBytes(sink)
                }
            }
        } catch {
            if (error as? WriteFailure)?.isClosedPipe == true { throw .closedPipe }
            throw Ending(
                code: .cannotRun,
                sentence: "the plan could not be written to "
                    + "\(output == "-" ? "standard output" : output): \(error)")
        }
    }
}
