// `highwater man`: the manual page, made from the table of options.
internal import Arguments

/// One run of `man`.
struct ManualCommand: Subcommand {
    static let entry = CommandEntry("man", "print the manual page")

    private let host: Host

    init(_ invocation: Invocation, _ host: Host) { self.host = host }

    func run() -> ExitCode {
        host.output.write(program.manual())
        return .done
    }
}
