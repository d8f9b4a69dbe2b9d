// The line at the bottom where commands and filters are typed. While it is open, letters are text
// and never keys.

internal import ClusterModel
internal import Drawing

/// An open prompt.
struct Prompt: Sendable {
    enum Kind: Sendable {
        case command, filter
    }
    enum Answer: Sendable {
        /// Goes on; the text may have changed.
        case open
        case done
        case cancelled
    }
    let kind: Kind
    private(set) var line: LineEditor
    /// What the filter was before, to come back to.
    let before: String
    private(set) var offered: [String] = []
    private var offer = -1
    private var recalled: Int?

    init(_ kind: Kind, text: String = "") {
        self.kind = kind
        before = text
        line = LineEditor(text)
    }

    var string: String { line.string }

    /// Takes a key; `history` is of earlier commands, newest last.
    mutating func take(_ key: Key, _ cluster: Cluster, history: [String]) -> Answer {
        if key != .tab && key != .backTab {
            offered = []
            offer = -1
        }
        switch key {
        case .enter: return .done
        case .escape, .control("c"): return .cancelled
        case .backspace where line.isEmpty: return .cancelled
        case .up: recall(-1, history)
        case .down: recall(1, history)
        case .tab: complete(1, cluster)
        case .backTab: complete(-1, cluster)
        default: line.take(key)
        }
        return .open
    }

    private mutating func recall(_ step: Int, _ history: [String]) {
        guard kind == .command, !history.isEmpty else { return }
        let next = (recalled ?? history.count) + step
        guard next >= 0 else { return }
        recalled = min(next, history.count)
        line.set(next < history.count ? history[next] : "")
    }

    private mutating func complete(_ step: Int, _ cluster: Cluster) {
        guard kind == .command else { return }
        if offered.isEmpty {
            offered = completions(string, cluster)
            offer = -1
            // As far as all agree first, then one after the other.
            let shared = sharedStart(offered)
            if offered.count > 1 && shared.unicodeScalars.count > line.text.count {
                line.set(shared)
                return
            }
        }
        guard !offered.isEmpty else { return }
        offer = (offer + step + offered.count) % offered.count
        line.set(offered[offer])
        if offered.count == 1 { offered = [] }
    }

    private func sharedStart(_ lines: [String]) -> String {
        guard var shared = lines.first.map({ Array($0.unicodeScalars) }) else { return "" }
        for line in lines.dropFirst() {
            let other = Array(line.unicodeScalars)
            var length = 0
            while length < min(shared.count, other.count) && shared[length] == other[length] {
                length += 1
            }
            shared = Array(shared[..<length])
        }
        return String(String.UnicodeScalarView(shared))
    }

    /// Draws the line, and what Tab offers behind it; `fault` stands in the way of what is typed.
    func draw(_ frame: inout Frame, _ rect: Rect, fault: String?) {
        frame.fill(rect)
        let sign = kind == .command ? ":" : "/"
        let room = max(1, rect.width - 3)
        var x = frame.text(sign, x: rect.x, y: rect.y, role: .key, within: rect)
        x = line.draw(
            &frame, Rect(x: x, y: rect.y, width: room + 2, height: 1), room: room, within: rect)
        if let fault, !fault.isEmpty {
            frame.text("  " + fault, x: x + 1, y: rect.y, role: .warning, within: rect)
        } else if !offered.isEmpty {
            let names = offered.map { line in
                line.unicodeScalars.firstIndex(of: " ").map { blank in
                    trimmed(String(line.unicodeScalars[blank...]))
                }.flatMap { $0.isEmpty ? nil : $0 } ?? trimmed(line)
            }
            frame.text(
                "  " + names.joined(separator: " "), x: x + 1, y: rect.y, role: .dim, within: rect)
        }
    }
}
