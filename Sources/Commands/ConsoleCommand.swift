// `highwater`: the console on a real cluster, and on that of another context where the operator
// goes on with it.
internal import Arguments

/// One run of `console`, the command that runs when none is named.
struct ConsoleCommand: Subcommand {
    static let entry = CommandEntry("console", "watch a cluster and act on it")

    private let invocation: Invocation
    private let host: Host
    private var environment: ConsoleEnvironment

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        self.invocation = invocation
        self.host = host
        environment = ConsoleEnvironment(
            try Setup(invocation, host), DetachedRun(invocation, host), host)
    }

    mutating func run() throws(Ending) -> ExitCode {
        let contexts = Contexts(host)
        var notice = ""
        while true {
            var console = ConsoleRun(environment, host, contexts: contexts, notice: notice)
            let code = try console.run()
            guard let name = console.nextContext else { return code }
            notice = ""
            do throws(Ending) {
                // The terminal is as it was: a password may be asked for.
                environment = ConsoleEnvironment(
                    try Setup(invocation, context: name, host),
                    DetachedRun(invocation, context: name, host), host)
            } catch {
                // The cluster that was shown is shown again.
                notice = "\(name) cannot be opened: \(error.sentence)"
            }
        }
    }
}
