// The last lines of a trace that would be endless.
internal import Transport

/// Keeps the newest lines only.
final class RecentLines: Sendable {
    private let lines = Locked<[String]>([])

    func add(_ line: String) {
        lines.withLock { lines in
            lines.append(line)
            if lines.count > 2 * Limits.tracedLines { lines.removeFirst(Limits.tracedLines) }
        }
    }

    var all: [String] { lines.withLock { $0.suffix(Limits.tracedLines) } }
}
