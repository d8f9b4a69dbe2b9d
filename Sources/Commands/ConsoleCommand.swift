// `highwater`: the console on a real cluster.
internal import Arguments
internal import Settings

/// One run of `console`, the command that runs when none is named.
struct ConsoleCommand: Subcommand {
    static let entry = CommandEntry("console", "watch a cluster and act on it")

    private var console: ConsoleRun

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        let state = ConfigFolders(environment: host.environment).state
        console = ConsoleRun(
            ConsoleEnvironment(try Setup(invocation, host), stateFolder: state), host)
    }

    mutating func run() throws(Ending) -> ExitCode { try console.run() }
}
