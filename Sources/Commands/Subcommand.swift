// What a command of the binary is, and the list of all of them. A new one is a file and a
// line here.
internal import Arguments
internal import Drawing
internal import Glibc
internal import Settings
internal import Themes
internal import Transport

/// One command: its entry in the table of commands, and what it does.
@MainActor
protocol Subcommand {
    /// Name, summary, options and arguments: parser, help, completions and manual page read it.
    static var entry: CommandEntry { get }
    /// The exit code of a command line of it that is wrong.
    static var usageCode: ExitCode { get }
    /// Checks what was given. Nothing is asked or written yet.
    init(_ invocation: Invocation, _ host: Host) throws(Ending)
    mutating func run() throws(Ending) -> ExitCode
}

extension Subcommand {
    static var usageCode: ExitCode { .usage }
}

/// Every command, in the order of the help; the first runs when none is named.
@MainActor let allSubcommands: [any Subcommand.Type] = [
    ConsoleCommand.self, DemoCommand.self, DoctorCommand.self, SnapshotCommand.self,
    CheckCommand.self,
    WaitCommand.self, PlanCommand.self, ApplyCommand.self, MovesCommand.self,
    ResumeCommand.self, AdoptCommand.self, ForgetCommand.self, ElectCommand.self,
    ConfigCommand.self, GroupCommand.self, TopicCommand.self,
    JournalCommand.self, UndoCommand.self, ContextsCommand.self, ThemesCommand.self,
    CompletionsCommand.self, ManualCommand.self,
]

/// Runs one command line, without the program's name, and returns the process's exit code.
@MainActor
package func runHighwater(_ words: [String], _ host: Host) -> ExitCode {
    // A reader that has gone away and a file that may not grow are errors of `write`, not the end
    // of the process.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    mapLargeBlocks()
    do throws(Ending) {
        let code = try run(words, host)
        guard let fault = host.output.fault else { return code }
        if fault.isClosedPipe { throw .closedPipe }
        throw Ending(
            code: .cannotRun, sentence: "standard output could not be written: \(fault)")
    } catch {
        // All faults of a file, a line each.
        for line in error.sentence.split(separator: "\n") {
            host.error.line(printable("highwater: \(line)"))
        }
        return error.code
    }
}

@MainActor
private func run(_ words: [String], _ host: Host) throws(Ending) -> ExitCode {
    let invocation: Invocation
    do throws(UsageError) {
        invocation = try program.parse(words)
    } catch {
        let named = allSubcommands.first { $0.entry.name == words.first }
        throw Ending(code: named?.usageCode ?? .usage, sentence: error.description)
    }
    let name = invocation.command
    if invocation.has("help") {
        let isDefault = name == allSubcommands[0].entry.name
        host.output.write(program.help(for: isDefault ? nil : name))
        return .done
    }
    if invocation.has("version") {
        host.output.line("highwater \(toolVersion)")
        return .done
    }
    try checkTheme(invocation, host)
    let command = allSubcommands.first { $0.entry.name == name } ?? allSubcommands[0]
    var run = try command.init(invocation, host)
    return try run.run()
}

/// A wrong theme is a fault of the command line, whether or not anything is drawn.
@MainActor
private func checkTheme(_ invocation: Invocation, _ host: Host) throws(Ending) {
    guard let name = invocation.value("theme") else { return }
    do throws(ConfigurationError) {
        _ = try loadTheme(
            name, roles: Role.allCases.map(\.name),
            folders: ConfigFolders(environment: host.environment), files: HostFiles())
    } catch {
        throw Ending(code: .usage, sentence: "\(error)")
    }
}
