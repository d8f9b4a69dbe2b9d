// The executable `highwater`: reads the command line and hands over to one command.
import Arguments
import Export
import Glibc

@main
struct Main {
    @MainActor
    static func main() {
        // A reader that has gone away is an error of `write`, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
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
            exit(try run(invocation, program).rawValue)
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
    ) throws(Ending) -> ExitCode {
        if invocation.has("help") {
            let command = invocation.command
            OutputStream.standardOutput.write(
                program.help(for: command == CommandName.console ? nil : command))
            return .done
        }
        if invocation.has("version") {
            OutputStream.standardOutput.line("highwater \(toolVersion)")
            return .done
        }
        switch invocation.command {
        case CommandName.snapshot: return try SnapshotRun(invocation).run()
        case CommandName.contexts: return listContexts()
        case CommandName.themes: return listThemes()
        case CommandName.completions:
            guard let shell = invocation.arguments.first.flatMap(Shell.init(rawValue:)) else {
                throw Ending(code: .usage, sentence: "highwater: name a shell")
            }
            OutputStream.standardOutput.write(program.completions(for: shell))
            return .done
        case CommandName.manual:
            OutputStream.standardOutput.write(program.manual())
            return .done
        default: return try ConsoleRun(invocation).run()
        }
    }
}
