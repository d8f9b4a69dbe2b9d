// One line of text and its cursor: the prompt's, and that of a value edited in its row.

internal import Drawing

/// A line that is being typed.
struct LineEditor: Sendable {
    private(set) var text: [Unicode.Scalar]
    private(set) var cursor: Int

    init(_ text: String) {
        self.text = Array(text.unicodeScalars)
        cursor = self.text.count
    }

    var isEmpty: Bool { text.isEmpty }
    var string: String { String(String.UnicodeScalarView(text)) }

    /// Takes a key that edits; others do nothing.
    mutating func take(_ key: Key) {
        switch key {
        case .backspace: if cursor > 0 { removeBefore() }
        case .delete: if cursor < text.count { text.remove(at: cursor) }
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(text.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = text.count
        case .control("u"):
            text.removeFirst(cursor)
            cursor = 0
        case .control("w"): removeWord()
        case .character(let scalar): insert([scalar])
        case .paste(let pasted): insert(Array(pasted.unicodeScalars))
        default: break
        }
    }

    mutating func set(_ line: String) {
        text = Array(line.unicodeScalars.prefix(Limits.promptScalars))
        cursor = text.count
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

    /// Draws the text around its cursor from the rectangle's left edge; `room` is what the text may
    /// take before it scrolls. Returns the column after the text.
    @discardableResult
    func draw(_ frame: inout Frame, _ rect: Rect, room: Int, within area: Rect) -> Int {
        let start = max(0, cursor - room + 1)
        let shown = String(String.UnicodeScalarView(text[start...]))
        let end = frame.text(shown, x: rect.x, y: rect.y, role: .input, within: area)
        let before = String(String.UnicodeScalarView(text[start..<cursor]))
        let cursorX = min(area.right - 1, rect.x + displayWidth(of: before))
        frame.cursor = (cursorX, rect.y)
        frame[cursorX, rect.y].role = .cursor
        return end
    }
}
