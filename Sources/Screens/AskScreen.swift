// A question before something that is no change of its own: what it means, and a word to type.

internal import ClusterModel
internal import Drawing

/// A box over the screen below; nothing happens until its word stands there.
struct AskScreen: Screen {
    static let entry = ScreenEntry(
        name: "ask", title: "really", help: "a question before something is begun or ended")
    static let traits: ScreenTraits = [.overlay, .typing]
    static let bindings = [
        Binding(
            keys: [.enter], label: "Enter", action: .open, title: "do it",
            help: "do it, once the word stands there", hint: 1, area: "Act"),
        Binding(
            keys: [.escape], label: "Esc", action: .back, title: "leave all as it is",
            help: "leave everything as it is", hint: 2, area: "Act"),
    ]
    private let title: String
    private let lines: [[Run]]
    private let phrase: String
    private let request: Request
    private var typed = ""

    init(_ title: String, _ lines: [[Run]], phrase: String, then request: Request) {
        (self.title, self.lines) = (title, lines)
        (self.phrase, self.request) = (phrase, request)
    }

    init?(_ subject: ObjectID?, _ scene: Scene) { return nil }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        action == .back ? [.leave] : []
    }

    mutating func take(_ key: Key, _ scene: Scene) -> [Request] {
        switch key {
        case .escape, .control("c"): return [.leave]
        case .character(let scalar): typed.unicodeScalars.append(scalar)
        case .backspace: _ = typed.unicodeScalars.popLast()
        case .control("u"): typed = ""
        case .enter:
            return typed == phrase
                ? [.leave, request] : [.refuse("type \(phrase), exactly, then Enter; Esc leaves")]
        // Pasted text confirms nothing.
        default: break
        }
        typed = String(typed.prefix(Limits.noteCharacters))
        return []
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        let width = min(body.width, 76)
        var text = lines.flatMap { wrapped($0, to: width - 4) }
        text.append([])
        text.append([
            Run("Type "), Run(phrase, .key), Run(" and press Enter: "), Run(typed, .input),
        ])
        let height = min(body.height, text.count + 2)
        let rect = body.dialog(width: width, height: height)
        let inside = frame.box(rect, title: [Run(title, .title)], role: .accent)
        for (line, runs) in text.suffix(inside.height).enumerated() {
            let end = frame.runs(
                fit(runs, to: inside.width - 2), x: inside.x + 1, y: inside.y + line,
                within: inside)
            if line == min(text.count, inside.height) - 1, !inside.isEmpty {
                frame.cursor = (min(inside.right - 1, end), inside.y + line)
                frame[min(inside.right - 1, end), inside.y + line].role = .cursor
            }
        }
    }
}
