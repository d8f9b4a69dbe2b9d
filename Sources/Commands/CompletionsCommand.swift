// `highwater completions SHELL`: a script for the shell, made from the table of options.
internal import Arguments

/// One run of `completions`.
struct CompletionsCommand: Subcommand {
    static let entry = CommandEntry(
        "completions", "print a completion script",
        arguments: [Argument("SHELL", choices: Shell.allCases.map(\.rawValue))])

    private let shell: Shell
    private let host: Host

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        guard let shell = invocation.arguments.first.flatMap(Shell.init(rawValue:)) else {
            throw Ending(code: .usage, sentence: "name a shell")
        }
        (self.shell, self.host) = (shell, host)
    }

    func run() -> ExitCode {
        host.output.write(program.completions(for: shell))
        return .done
    }
}
