// A program on a pseudo-terminal of its own: started, typed at, resized, watched and waited for,
// always with a deadline and never with a pause.

import CPseudoterminal
import Glibc

/// One running program. Ends it when the session ends.
final class PtySession {
    private(set) var master: Int32 = -1
    let child: Int32
    private(set) var screen: Screen
    /// How long anything may take before a test fails, generous: machines are shared.
    static let patience = 20.0
    private var ended: Int32?

    /// Starts `executable` with TERM, LC_ALL and what `environment` adds, and nothing else.
    init(
        _ executable: String, _ arguments: [String] = [], term: String? = "xterm-256color",
        locale: String = "C.UTF-8", environment: [String: String] = [:], columns: Int = 80,
        rows: Int = 24
    ) {
        screen = Screen(width: columns, height: rows)
        var variables = ["PATH": "/usr/bin:/bin", "LC_ALL": locale, "HOME": "/nonexistent"]
        variables["SWIFT_BACKTRACE"] = "enable=no"
        variables["TERM"] = term
        variables.merge(environment) { $1 }
        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
        var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") }
        words.append(nil)
        settings.append(nil)
        child = pty_spawn(&master, Int32(rows), Int32(columns), executable, words, settings)
        for text in words + settings { free(text) }
    }

    deinit {
        if ended == nil && child > 0 {
            kill(child, SIGKILL)
            _ = pty_exit_code(child, 1)
        }
        hangUp()
    }

    /// The path of a program built beside the tests.
    static func built(_ name: String) -> String {
        var room = [CChar](repeating: 0, count: 4096)
        let count = max(0, readlink("/proc/self/exe", &room, room.count))
        let path = String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/" + name
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
    }

    func resize(columns: Int, rows: Int) {
        screen.resize(width: columns, height: rows)
        _ = pty_resize(master, Int32(rows), Int32(columns))
    }

    /// Closes the terminal's side that people look at.
    func hangUp() {
        if master >= 0 { close(master) }
        master = -1
    }

    /// Reads until `isDone` holds; false when it does not in time or the program's side closed.
    func read(
        within seconds: Double = patience, until isDone: (Screen) -> Bool
    ) -> Bool {
        let deadline = now() + seconds
        while true {
            if isDone(screen) { return true }
            guard readOnce(before: deadline) else { return isDone(screen) }
        }
    }

    /// Reads until nothing has come for a while: for counting what is sent.
    func settle(_ seconds: Double = 0.3) {
        while readOnce(before: now() + seconds) {}
    }

    /// Takes what there is; false at the deadline or the end.
    private func readOnce(before deadline: Double) -> Bool {
        var source = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        let left = Int32(max(0, (deadline - now()) * 1000))
        guard poll(&source, 1, left) > 0 else { return false }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(master, &chunk, chunk.count)
        guard count > 0 else { return false }
        screen.feed(Array(chunk[..<count]))
        return true
    }

    /// The exit code, 128 + n for a signal; reads on meanwhile unless told not to.
    func exitCode(within seconds: Double = patience, reads: Bool = true) -> Int32? {
        if let ended { return ended }
        let deadline = now() + seconds
        let process = pty_process_descriptor(child)
        defer { close(process) }
        while now() < deadline {
            var sources = [
                pollfd(fd: process, events: Int16(POLLIN), revents: 0),
                pollfd(fd: reads ? master : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&sources, 2, Int32(max(1, (deadline - now()) * 1000))) > 0 else {
                return nil
            }
            if sources[1].revents & Int16(POLLIN) != 0 {
                _ = readOnce(before: now())
            } else if sources[0].revents != 0 {
                ended = pty_exit_code(child, 1)
                return ended
            } else if sources[1].revents != 0 {
                // Hung up: only the process is left to wait for.
                sources[1].fd = -1
                _ = poll(&sources, 1, Int32(max(1, (deadline - now()) * 1000)))
            }
        }
        return nil
    }

    /// The terminal's modes as its driver has them: echo, line editing, signals.
    var flags: UInt32 {
        var modes = termios()
        tcgetattr(master, &modes)
        return modes.c_lflag & UInt32(ECHO | ICANON | ISIG)
    }

    private func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
