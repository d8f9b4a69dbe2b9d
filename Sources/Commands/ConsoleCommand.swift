// `highwater`: the console on a real cluster.
internal import Arguments

/// One run of `console`, the command that runs when none is named.
struct ConsoleCommand: Subcommand {
    static let entry = CommandEntry("console", "watch a cluster and act on it")

    private var console: ConsoleRun

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        console = ConsoleRun(ConsoleEnvironment(try Setup(invocation, host), host), host)
    }

    mutating func run() throws(Ending) -> ExitCode { try console.run() }
}
