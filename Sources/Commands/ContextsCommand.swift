// `highwater contexts`: the contexts there are and the files they stand in.
internal import Arguments
internal import Settings
internal import Transport

/// One run of `contexts`.
struct ContextsCommand: Subcommand {
    static let entry = CommandEntry("contexts", "list the contexts and the files they are in")

    private let host: Host

    init(_ invocation: Invocation, _ host: Host) { self.host = host }

    func run() -> ExitCode {
        let folders = ConfigFolders(environment: host.environment)
        let contexts = folders.contexts(HostFiles())
        for (name, path) in contexts { host.output.line("\(name)\t\(path)") }
        if contexts.isEmpty {
            let places = folders.folders.map { $0 + "/contexts" }.joined(separator: " or ")
            host.error.line(
                printable("highwater: no contexts: put NAME.properties into \(places)"))
        }
        return .done
    }
}
