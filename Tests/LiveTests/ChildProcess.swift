// Runs a program with a deadline, its output in files so that no full pipe can block it, and ends
// its whole process group, so that a script's JVM does not outlive the test.
import Foundation
import Synchronization

/// What the harness itself could not do; a test that throws it says nothing about the product.
struct HarnessError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Seconds on the monotonic clock.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// A program that was started; `wait` may be called once it is wanted to end, or `end` at any time.
final class ChildProcess: Sendable {
    /// How a program ended and what it left.
    struct Ended: Sendable {
        /// The exit code, or 128 + signal.
        var exitCode: Int32
        var output: String
        var errors: String
        var seconds: Double
        var peakKiB: Int
    }

    let command: [String]
    private let pid: pid_t
    private let folder: String
    private let startedAt: Double
    private let status = Mutex<Ended?>(nil)

    /// Starts `command` (its first word is looked up on PATH unless it has a slash) in its own
    /// process group, with nothing to read.
    init(_ command: [String], environment: [String: String] = [:]) throws {
        self.command = command
        folder = try makeTemporaryFolder("run")
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        let create = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, 1, folder + "/output", create, 0o600)
        posix_spawn_file_actions_addopen(&files, 2, folder + "/errors", create, 0o600)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)

        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var arguments = command.map { strdup($0) } + [nil]
        var variables = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var child: pid_t = 0
        startedAt = now()
        let failure = posix_spawnp(
            &child, command[0], &files, &attributes, &arguments, &variables)
        guard failure == 0 else {
            throw HarnessError("cannot start \(command[0]): \(String(cString: strerror(failure)))")
        }
        pid = child
    }

    deinit {
        signalGroup(SIGKILL)
        _ = try? FileManager.default.removeItem(atPath: folder)
    }

    /// What it wrote to stdout so far.
    var output: String { read("output") }
    var errors: String { read("errors") }

    /// nil while it runs.
    func ended() -> Ended? {
        status.withLock { known in
            if known == nil { known = reap() }
            return known
        }
    }

    /// Waits for the end; kills it and throws, with what it said, when `seconds` have gone by.
    func wait(seconds: Double) throws -> Ended {
        while true {
            if let ended = ended() { return ended }
            if now() - startedAt > seconds {
                signalGroup(SIGKILL)
                let said = (output.suffix(400) + errors.suffix(800))
                throw HarnessError(
                    "\(command.joined(separator: " ")): not ended after \(seconds) s; \(said)")
            }
            usleep(2_000)
        }
    }

    /// Ends it and all it started.
    func end() { signalGroup(SIGKILL) }

    private func read(_ name: String) -> String {
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
            return ""
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Does nothing once it was seen to end: its number may be another's by then.
    private func signalGroup(_ number: Int32) {
        guard ended() == nil else { return }
        kill(-pid, number)
        if number == SIGKILL { status.withLock { $0 = reap(block: true) } }
    }

    private func reap(block: Bool = false) -> Ended? {
        var code: Int32 = 0
        var usage = rusage()
        guard wait4(pid, &code, block ? 0 : WNOHANG, &usage) == pid else { return nil }
        let signal = code & 0x7f
        return Ended(
            exitCode: signal == 0 ? (code >> 8) & 0xff : 128 + signal,
            output: output, errors: errors, seconds: now() - startedAt,
            peakKiB: Int(usage.ru_maxrss))
    }
}

/// Runs a program to its end.
func run(
    _ command: [String], seconds: Double, environment: [String: String] = [:]
) throws -> ChildProcess.Ended {
    try ChildProcess(command, environment: environment).wait(seconds: seconds)
}

/// A new folder under the temporary folder; whoever asked for it removes it.
func makeTemporaryFolder(_ word: String) throws -> String {
    let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var path = Array("\(base)/highwater-live-\(word)-XXXXXX".utf8CString)
    guard mkdtemp(&path) != nil else {
        throw HarnessError("cannot make a folder in \(base): \(String(cString: strerror(errno)))")
    }
    return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Asks `condition` again and again until it holds; throws what was waited for after `seconds`.
func waitUntil(
    _ what: String, seconds: Double, every: Double = 0.25, _ condition: () throws -> Bool
) throws {
    let until = now() + seconds
    while try !condition() {
        guard now() < until else { throw HarnessError("not within \(seconds) s: \(what)") }
        usleep(UInt32(every * 1e6))
    }
}
