// The executable `highwater`: hands the command line to the command it names.
import Commands
import Glibc

@main
struct Main {
    @MainActor
    static func main() {
        // Where a standard descriptor is closed, the next file opened would take its number.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDONLY)
        }
        exit(runHighwater(Array(CommandLine.arguments.dropFirst()), Host.process).rawValue)
    }
}
