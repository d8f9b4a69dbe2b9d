// The executable `highwater`: reads the command line and hands over to one command.
import Arguments
import Export
import Glibc
import Settings
import Themes
import Transport

@main
struct Main {
    @MainActor
    static func main() {
        // A reader that has gone away is an error of `write`, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        mapLargeBlocks()
        let program = highwaterProgram(
            version: toolVersion, sections: SnapshotSection.allCases.map(\.rawValue))
        let invocation: Invocation
        do throws(UsageError) {
            invocation = try program.parse(Array(CommandLine.arguments.dropFirst()))
        } catch {
            OutputStream.standardError.line("highwater: \(error)")
            exit(ExitCode.usage.rawValue)
        }
        do throws(Ending) {
            exit(try run(invocation, program))
        } catch {
            if !error.sentence.isEmpty {
                OutputStream.standardError.line(printable(error.sentence))
            }
            exit(error.code.rawValue)
        }
    }

    @MainActor
    private static func run(
        _ invocation: Invocation, _ program: Program
    ) throws(Ending) -> Int32 {
        if invocation.has("help") {
            let command = invocation.command
            OutputStream.standardOutput.write(
                program.help(for: command == CommandName.console ? nil : command))
            return ExitCode.done.rawValue
        }
        if invocation.has("version") {
            OutputStream.standardOutput.line("highwater \(toolVersion)")
            return ExitCode.done.rawValue
        }
        switch invocation.command {
        case CommandName.demo: return try DemoRun(invocation).run()
        case CommandName.snapshot: return try SnapshotRun(invocation).run().rawValue
        case CommandName.contexts: return listContexts()
        case CommandName.themes: return listThemes()
        case CommandName.completions:
            guard let shell = invocation.arguments.first.flatMap(Shell.init(rawValue:)) else {
                throw Ending(code: .usage, sentence: "highwater: name a shell")
            }
            OutputStream.standardOutput.write(program.completions(for: shell))
            return ExitCode.done.rawValue
        case CommandName.manual:
            OutputStream.standardOutput.write(program.manual())
            return ExitCode.done.rawValue
        default:
            var console = ConsoleRun(Stage(try Setup(invocation)))
            return try console.run()
        }
    }

    /// The contexts there are and the files they stand in.
    private static func listContexts() -> Int32 {
        let folders = ConfigFolders(environment: processEnvironment())
        let contexts = folders.contexts(HostFiles())
        for (name, path) in contexts { OutputStream.standardOutput.line("\(name)\t\(path)") }
        if contexts.isEmpty {
            let places = folders.folders.map { $0 + "/contexts" }.joined(separator: " or ")
            OutputStream.standardError.line(
                "highwater: no contexts: put NAME.properties into \(places)")
        }
        return ExitCode.done.rawValue
    }

    private static func listThemes() -> Int32 {
        for name in BundledThemes.names { OutputStream.standardOutput.line(name) }
        return ExitCode.done.rawValue
    }
}
