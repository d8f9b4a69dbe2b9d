// The executable `highwater`: hands the command line to the command it names.
import Commands
import Glibc

@main
struct Main {
    @MainActor
    static func main() {
        exit(runHighwater(Array(CommandLine.arguments.dropFirst()), Host.process).rawValue)
    }
}
