// Where the password of a login comes from when no file holds it: a command, or whoever sits at the
// terminal. And nothing of one is left in the environment.
internal import Glibc
internal import Settings
internal import TerminalIO
internal import Transport

/// Asks for one password.
struct PasswordSource {
    var connection: ConnectionSettings
    /// Who logs in where, for the question.
    var username: String

    /// The password, or why there is none.
    func read() throws(Ending) -> Secret {
        if let command = connection.passwordCommand { return try run(command) }
        guard let answer = ask() else {
            throw Ending(
                code: .usage,
                sentence: "the login of \(printable(username)) has no password: set sasl.password "
                    + "or sasl.jaas.config in a file of mode 600 (or refer to one: "
                    + "${file:PATH:KEY}), set highwater.password.command, or start highwater on a "
                    + "terminal to be asked")
        }
        return answer
    }

    /// The first line that the command prints.
    private func run(_ command: String) throws(Ending) -> Secret {
        do throws(CommandFailure) {
            let line = try outputOf(command).prefix { $0 != 0x0a && $0 != 0x0d }
            guard !line.isEmpty else { throw CommandFailure(reason: "it printed nothing") }
            return Secret(String(decoding: line, as: UTF8.self))
        } catch {
            throw Ending(
                code: .usage,
                sentence: "highwater.password.command gave no password for "
                    + "\(printable(username)): \(error.reason)")
        }
    }

    /// Asks at the terminal; nil where there is none, or nothing is typed.
    private func ask() -> Secret? {
        let place = connection.bootstrap.first.map { " at \($0)" } ?? ""
        let question = "Password of \(printable(username))\(printable(place)): "
        let line = readWithoutEcho(question, longest: Self.longest)
        return line.map { Secret(String(decoding: $0, as: UTF8.self)) }
    }

    /// No password is longer.
    fileprivate static let longest = 65_536
}

/// Why a command gave nothing, in words without a full stop.
struct CommandFailure: Error {
    var reason: String
}

/// What a command of the shell prints, at most 64 KB of it; what it writes to stderr is seen.
func outputOf(_ command: String) throws(CommandFailure) -> [UInt8] {
    guard let stream = popen(command, "re") else {
        throw CommandFailure(reason: "it could not be started")
    }
    var bytes = [UInt8](repeating: 0, count: PasswordSource.longest)
    let count = fread(&bytes, 1, bytes.count, stream)
    let status = pclose(stream)
    guard status == 0 else {
        // As waitpid tells it: the exit code, or the signal that ended it.
        let code = status & 0x7f == 0 ? "exit code \(status >> 8)" : "signal \(status & 0x7f)"
        throw CommandFailure(reason: "it ended with \(code)")
    }
    return Array(bytes[..<count])
}

/// Takes the variables that hold secrets out of the environment: overwritten, since the system
/// shows the memory they stood in (/proc/PID/environ), and removed, so that no child gets them.
func scrubEnvironment(_ names: [String]) {
    for name in names {
        guard let value = getenv(name) else { continue }
        memset(value, 0x78, strlen(value))
        unsetenv(name)
    }
}
