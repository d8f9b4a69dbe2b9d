// The list behind `s`: the columns a table can be sorted by, each with a letter.

internal import ClusterModel
internal import Drawing

/// A box over the table: a letter sorts by its column at once.
struct SortScreen: Screen {
    static let entry = ScreenEntry(name: "sort", title: "sort by", help: "the columns of a table")
    static let traits: ScreenTraits = [.overlay, .typing]

    /// A column and the letter that sorts by it.
    struct Choice: Sendable, Equatable {
        let letter: Unicode.Scalar?
        let column: String
        let title: String
    }
    private let choices: [Choice]
    /// What the table is sorted by.
    private let now: String
    private let isDescending: Bool
    private var index: Int

    init(_ spec: TableSpec, _ state: TableState, _ scene: Scene) {
        choices = Self.choices(spec, scene)
        now = state.sort
        isDescending = state.isDescending
        index = choices.firstIndex { $0.column == state.sort } ?? 0
    }

    init?(_ subject: ObjectID?, _ scene: Scene) { return nil }

    /// Each column that can be sorted by, with the first letter of its title that none before it
    /// has: those that stay where room is short choose first.
    static func choices(_ spec: TableSpec, _ scene: Scene) -> [Choice] {
        let columns = spec.sortable.filter { spec.isShown?(scene, $0.id) != false }
        func title(_ column: Column) -> String { column.title.isEmpty ? column.id : column.title }
        var taken: Set<Unicode.Scalar> = []
        var letters: [String: Unicode.Scalar] = [:]
        let order = columns.indices.sorted {
            (columns[$0].priority, $0) < (columns[$1].priority, $1)
        }
        for column in order.map({ columns[$0] }) {
            let letter = (title(column) + column.id + "abcdefghijklmnopqrstuvwxyz").lowercased()
                .unicodeScalars.first { ("a"..."z").contains($0) && !taken.contains($0) }
            guard let letter else { continue }
            taken.insert(letter)
            letters[column.id] = letter
        }
        return columns.map {
            Choice(letter: letters[$0.id], column: $0.id, title: title($0))
        }
    }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        action == .back ? [.leave] : []
    }

    mutating func take(_ key: Key, _ scene: Scene) -> [Request] {
        switch key {
        case .escape, .backspace, .control("c"): return [.leave]
        case .enter:
            guard choices.indices.contains(index) else { return [.leave] }
            return [.leave, .perform(.sortBy(choices[index].column))]
        case .down, .tab, .wheelDown: index = min(index + 1, choices.count - 1)
        case .up, .backTab, .wheelUp: index = max(0, index - 1)
        case .character(let letter):
            if let choice = choices.first(where: { $0.letter == letter }) {
                return [.leave, .perform(.sortBy(choice.column))]
            }
            return [.refuse("\(letter): no column has this letter; Esc closes")]
        default: break
        }
        return []
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        let titles = choices.map { displayWidth(of: $0.title) }.max() ?? 8
        let width = min(body.width, max(24, titles + 8))
        let height = min(body.height, choices.count + 2)
        let rect = body.dialog(width: width, height: height)
        let inside = frame.box(rect, title: [Run("sort by", .title)], role: .accent)
        let first = min(max(0, index - inside.height + 1), max(0, choices.count - inside.height))
        for (line, choice) in choices.dropFirst(first).prefix(inside.height).enumerated() {
            let y = inside.y + line
            let isNow = choice.column == now
            let arrow = isNow ? " " + String(isDescending ? Glyph.down : Glyph.up) : ""
            let runs = [
                Run(choice.letter.map(String.init) ?? " ", .key),
                Run("  " + choice.title + arrow, isNow ? .accent : .text),
            ]
            frame.runs(runs, x: inside.x + 1, y: y, width: inside.width - 2, align: .left)
            if first + line == index { frame.select(x: inside.x, y: y, width: inside.width) }
        }
    }
}
