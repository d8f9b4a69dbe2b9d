// `highwater contexts`: the contexts there are and the files they stand in, and with `--check` how
// each of their clusters stands.
internal import Arguments
internal import JSON
internal import Settings
internal import Transport

/// One run of `contexts`.
struct ContextsCommand: Subcommand {
    static let entry = CommandEntry(
        "contexts", "list the contexts, or look at all of their clusters",
        options: [
            Option("check", "open all of them side by side, and say how each cluster stands"),
            Option("format", value: "FORMAT", choices: ["text", "json"], "with --check"),
            Option(
                "timeout", value: "DURATION", kind: .duration,
                "with --check: limit of each cluster (10s)"),
        ])

    private let invocation: Invocation
    private let host: Host
    private let checks: Bool
    private let isJSON: Bool
    private let timeoutNs: UInt64

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        self.invocation = invocation
        self.host = host
        checks = invocation.has("check")
        isJSON = invocation.value("format") == "json"
        timeoutNs = try invocation.timeoutNs(or: .seconds(10))
        guard checks || (!isJSON && !invocation.has("timeout")) else {
            throw Ending(code: .usage, sentence: "--format and --timeout are for --check")
        }
    }

    func run() throws(Ending) -> ExitCode {
        let folders = ConfigFolders(environment: host.environment)
        let contexts = folders.contexts(HostFiles())
        if contexts.isEmpty {
            let places = folders.folders.map { $0 + "/contexts" }.joined(separator: " or ")
            host.error.line(
                printable("highwater: no contexts: put NAME.properties into \(places)"))
        }
        guard checks else {
            for (name, path) in contexts { host.output.line("\(name)\t\(path)") }
            return .done
        }
        let check = EstateCheck(invocation, host, timeoutNs)
        let report = EstateReport(try check.run(contexts))
        if isJSON {
            host.output.line(report.document.text)
        } else {
            for line in report.lines { host.output.line(line) }
        }
        return report.code
    }
}
