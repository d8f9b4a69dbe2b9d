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
    mutating func take(_ key: Key, _ scene: Scene, history: [String]) -> Answer {
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
        case .tab: complete(1, scene)
        case .backTab: complete(-1, scene)
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

    private mutating func complete(_ step: Int, _ scene: Scene) {
        guard kind == .command else { return }
        if offered.isEmpty {
            offered = completions(string, scene)
            if offered.isEmpty { offered = suggestions(string) }
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

    /// Draws the line with the list above it; `fault` stands behind what is typed.
    func draw(_ frame: inout Frame, _ regions: Regions, _ scene: Scene, fault: String?) {
        drawList(&frame, regions.body, scene)
        let rect = regions.footer
        frame.fill(rect)
        let sign = kind == .command ? ":" : "/"
        let room = max(1, rect.width - 3)
        var x = frame.text(sign, x: rect.x, y: rect.y, role: .key, within: rect)
        x = line.draw(
            &frame, Rect(x: x, y: rect.y, width: room + 2, height: 1), room: room, within: rect)
        if let fault, !fault.isEmpty {
            frame.text("  " + fault, x: x + 1, y: rect.y, role: .warning, within: rect)
        }
    }

    /// What the line can go on as, in a list above it: commands with what each does, or the names
    /// that Tab walks. `body` is the room for it, of which the lowest lines are taken.
    private func drawList(_ frame: inout Frame, _ body: Rect, _ scene: Scene) {
        guard kind == .command else { return }
        let rows = listed(scene)
        let height = min(rows.count, Limits.promptRows, body.height * 2 / 3)
        guard height > 0 else { return }
        let line = offered.indices.contains(offer) ? offered[offer] : nil
        let chosen = line.flatMap { line in rows.firstIndex { $0.line == line } }
        let first = min(max(0, (chosen ?? 0) - height + 1), rows.count - height)
        let box = Rect(
            x: body.x, y: body.bottom - height, width: body.width, height: height)
        frame.fill(box)
        let width = rows.map { displayWidth(of: $0.usage) }.max() ?? 0
        for (line, row) in rows.dropFirst(first).prefix(height).enumerated() {
            let y = box.y + line
            frame.runs(
                [Run(row.usage, .key)], x: box.x + 1, y: y, width: min(width, box.width - 2),
                align: .left)
            frame.text(row.help, x: box.x + 3 + width, y: y, role: .dim, within: box)
            if chosen == first + line { frame.select(x: box.x, y: y, width: box.width) }
        }
    }

    private struct ListedRow {
        var line: String
        var usage: String
        var help: String
    }

    private func listed(_ scene: Scene) -> [ListedRow] {
        let walked = offered.isEmpty ? nil : offered
        let lines = walked ?? completions(string, scene)
        // While Tab walks names, what was typed before it no longer says which.
        let isName = (walked?.first ?? string).unicodeScalars.dropLast().contains(" ")
        if isName {
            return lines.map { line in
                let name = line.unicodeScalars.firstIndex(of: " ").map {
                    trimmed(String(line.unicodeScalars[$0...]))
                }
                return ListedRow(line: line, usage: name ?? line, help: "")
            }
        }
        let commands = walked ?? (lines.isEmpty ? [] : lines) + suggestions(string)
        var seen: Set<String> = []
        return commands.compactMap { line in
            guard let command = Command.named(trimmed(line)), seen.insert(command.name).inserted
            else { return nil }
            return ListedRow(line: line, usage: command.usage, help: command.help)
        }
    }
}
