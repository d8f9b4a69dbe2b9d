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
    private(set) var text: [Unicode.Scalar]
    private(set) var cursor: Int
    /// What the filter was before, to come back to.
    let before: String
    private(set) var offered: [String] = []
    private var offer = -1
    private var recalled: Int?

    init(_ kind: Kind, text: String = "") {
        self.kind = kind
        before = text
        self.text = Array(text.unicodeScalars)
        cursor = self.text.count
    }

    var string: String { String(String.UnicodeScalarView(text)) }

    /// Takes a key; `history` is of earlier commands, newest last.
    mutating func take(_ key: Key, _ cluster: Cluster, history: [String]) -> Answer {
        if key != .tab && key != .backTab {
            offered = []
            offer = -1
        }
        switch key {
        case .enter: return .done
        case .escape, .control("c"): return .cancelled
        case .backspace:
            if text.isEmpty { return .cancelled }
            guard cursor > 0 else { break }
            text.remove(at: cursor - 1)
            cursor -= 1
        case .delete: if cursor < text.count { text.remove(at: cursor) }
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(text.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = text.count
        case .control("u"):
            text.removeFirst(cursor)
            cursor = 0
        case .control("w"): removeWord()
        case .up: recall(-1, history)
        case .down: recall(1, history)
        case .tab: complete(1, cluster)
        case .backTab: complete(-1, cluster)
        case .character(let scalar): insert([scalar])
        case .paste(let pasted): insert(Array(pasted.unicodeScalars))
        default: break
        }
        return .open
    }

    private mutating func insert(_ scalars: [Unicode.Scalar]) {
        // Pasted line ends would be commands: they become blanks.
        let clean = scalars.map { $0.value < 0x20 ? " " : $0 }
            .prefix(max(0, Limits.promptScalars - text.count))
        text.insert(contentsOf: clean, at: cursor)
        cursor += clean.count
    }

    private mutating func removeWord() {
        while cursor > 0 && text[cursor - 1] == " " { removeBefore() }
        while cursor > 0 && text[cursor - 1] != " " { removeBefore() }
    }

    private mutating func removeBefore() {
        text.remove(at: cursor - 1)
        cursor -= 1
    }

    private mutating func set(_ line: String) {
        text = Array(line.unicodeScalars.prefix(Limits.promptScalars))
        cursor = text.count
    }

    private mutating func recall(_ step: Int, _ history: [String]) {
        guard kind == .command, !history.isEmpty else { return }
        let next = (recalled ?? history.count) + step
        guard next >= 0 else { return }
        recalled = min(next, history.count)
        set(next < history.count ? history[next] : "")
    }

    private mutating func complete(_ step: Int, _ cluster: Cluster) {
        guard kind == .command else { return }
        if offered.isEmpty {
            offered = completions(string, cluster)
            offer = -1
            // As far as all agree first, then one after the other.
            let shared = sharedStart(offered)
            if offered.count > 1 && shared.unicodeScalars.count > text.count {
                set(shared)
                return
            }
        }
        guard !offered.isEmpty else { return }
        offer = (offer + step + offered.count) % offered.count
        set(offered[offer])
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
        // A long text is shown around the cursor.
        let start = max(0, cursor - room + 1)
        let shown = String(String.UnicodeScalarView(text[start...]))
        var x = frame.text(sign, x: rect.x, y: rect.y, role: .key, within: rect)
        x = frame.text(shown, x: x, y: rect.y, role: .input, within: rect)
        let before = String(String.UnicodeScalarView(text[start..<cursor]))
        let cursorX = min(rect.right - 1, rect.x + 1 + displayWidth(of: before))
        frame.cursor = (cursorX, rect.y)
        frame[cursorX, rect.y].role = .cursor
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
