// Draws a table: which columns fit, the heading with the sort, the visible rows only, and words
// where there are no rows.

internal import ClusterModel
internal import Drawing

/// A column where it stands.
struct PlacedColumn {
    var column: Column
    var x: Int
    var width: Int
}

/// Columns of the margin: the mark, the severity, a blank.
private let margin = 3

/// Places the columns that fit into `width`; `hidden` counts those that do not. The one that is
/// sorted by stays at any width, and the identity gives way for it.
func place(
    _ columns: [Column], offset: Int, width: Int, identityIdeal: Int, sorted: String? = nil
) -> (placed: [PlacedColumn], hidden: Int) {
    guard let identity = columns.first else { return ([], 0) }
    let gap = width >= 100 ? 2 : 1
    var scrolled = Array(columns.dropFirst().dropFirst(offset))
    let key = columns.dropFirst().first { $0.id == sorted }
    if let key, !scrolled.contains(where: { $0.id == key.id }) { scrolled.insert(key, at: 0) }
    let room = max(1, width - margin)
    let reserved = key.map { $0.least + gap + 1 } ?? 0
    let least = min(identity.least, room, max(room - reserved, min(room, Limits.leastNameColumns)))
    var left = room - least - 1
    func rank(_ column: Column) -> Int { column.id == key?.id ? -1 : column.priority }
    var chosen: Set<Int> = []
    for index in scrolled.indices.sorted(by: {
        (rank(scrolled[$0]), $0) < (rank(scrolled[$1]), $1)
    }) where scrolled[index].least + gap <= left {
        chosen.insert(index)
        left -= scrolled[index].least + gap
    }
    let kept = [identity] + scrolled.indices.filter(chosen.contains).map { scrolled[$0] }
    var widths = kept.map(\.least)
    widths[0] = least
    // What is left goes to the name first, then to those that can use it, from the left.
    for (index, column) in kept.enumerated() where left > 0 {
        let ideal = index == 0 ? max(widths[0], identityIdeal) : column.ideal
        let more = min(left, max(0, ideal - widths[index]))
        widths[index] += more
        left -= more
    }
    var x = margin
    let placed = kept.enumerated().map { index, column in
        defer { x += widths[index] + gap }
        return PlacedColumn(column: column, x: x, width: widths[index])
    }
    return (placed, columns.count - kept.count)
}

/// The lines of rows that may take several, in `height` lines that have one at least for each:
/// first each row's text, from the top, as long as all of it fits, then what is said besides. A row
/// without lines has its one line as it is written where there is no room.
func spread(_ all: [TableSpec.RowText], over height: Int) -> [[[Run]]] {
    var free = height - all.count
    var texts: [[[Run]]] = all.map { text in
        guard text.lines.count - 1 <= free else { return [] }
        free -= max(0, text.lines.count - 1)
        return text.lines
    }
    for place in all.indices where !texts[place].isEmpty {
        guard all[place].notes.count <= free else { break }
        free -= all[place].notes.count
        texts[place] += all[place].notes
    }
    return texts
}

/// A table in its rectangle: the first row is the heading.
struct TableView {
    let spec: TableSpec
    let state: TableState
    let scene: Scene
    var isFocused = true

    /// Rows that `height` has room for.
    static func page(_ height: Int) -> Int { max(0, height - 1) }

    func placed(_ rect: Rect) -> (placed: [PlacedColumn], hidden: Int) {
        place(
            spec.columns.filter { !$0.title.isEmpty && spec.isShown?(scene, $0.id) != false },
            offset: state.columnOffset,
            width: rect.width - 1,
            identityIdeal: spec.identityIdeal?(scene) ?? spec.columns.first?.ideal ?? 8,
            sorted: state.sort)
    }

    func draw(_ frame: inout Frame, _ rect: Rect) {
        guard rect.height > 0 && rect.width > margin else { return }
        let layout = placed(rect)
        drawHeading(&frame, rect, layout.placed, layout.hidden)
        let (_, body) = rect.split(top: 1)
        if state.rows.isEmpty {
            drawEmpty(&frame, body)
            return
        }
        let visible = state.rows[state.top..<min(state.rows.count, state.top + body.height)]
        let texts = texts(body.height, layout.placed)
        var y = body.y
        for (line, row) in visible.enumerated() {
            let text = texts.indices.contains(line) ? texts[line] : []
            draw(&frame, body, y: y, Int(row), layout.placed, identity: text.first)
            for (below, runs) in text.enumerated().dropFirst() {
                frame.runs(runs, x: rect.x + margin, y: y + below, within: body)
            }
            let height = max(1, text.count)
            if isFocused && state.top + line == state.index {
                for below in 0..<height {
                    frame.select(x: rect.x, y: y + below, width: rect.width - 1)
                }
            }
            y += height
        }
        drawScrollBar(&frame, body)
    }

    /// The lines of each row where lines are free: first each row's text, from the top, as long as
    /// all of it fits, then what is said besides. Empty: each row has its one line.
    private func texts(_ height: Int, _ placed: [PlacedColumn]) -> [[[Run]]] {
        guard let more = spec.more, let width = placed.first?.width, state.rows.count < height
        else { return [] }
        return spread(state.rows.map { more(scene, Int($0), width) }, over: height)
    }

    /// The row at a line of the body, counted from its top; nil where none is.
    func rowPlace(atLine line: Int, _ rect: Rect) -> Int? {
        let texts = texts(rect.height - 1, placed(rect).placed)
        guard !texts.isEmpty else {
            let place = state.top + line
            return state.rows.indices.contains(place) ? place : nil
        }
        var first = 0
        for (place, text) in texts.enumerated() {
            first += max(1, text.count)
            if line < first { return place }
        }
        return nil
    }

    private func drawHeading(
        _ frame: inout Frame, _ rect: Rect, _ placed: [PlacedColumn], _ hidden: Int
    ) {
        for item in placed {
            let isSorted = item.column.id == state.sort
            let arrow = isSorted ? String(state.isDescending ? Glyph.down : Glyph.up) : ""
            let title =
                item.column.align == .right
                ? arrow + item.column.title
                : item.column.title + arrow
            frame.runs(
                [Run(title, isSorted ? .accent : .header)], x: rect.x + item.x, y: rect.y,
                width: item.width, align: item.column.align, within: rect)
        }
        // The mark's own order has no heading: its arrow stands over the margin.
        if spec.column(state.sort)?.title == "" {
            frame.text(
                String(state.isDescending ? Glyph.down : Glyph.up), x: rect.x + 1, y: rect.y,
                role: .accent, within: rect)
        }
        let text =
            (state.columnOffset > 0 ? String(Glyph.left) : "") + (hidden > 0 ? "+\(hidden)" : "")
        let end = placed.last.map { rect.x + $0.x + $0.width } ?? rect.x
        if !text.isEmpty && end + text.count < rect.right {
            frame.text(text, x: rect.right - text.count, y: rect.y, role: .dim)
        }
    }

    private func draw(
        _ frame: inout Frame, _ rect: Rect, y: Int, _ row: Int, _ placed: [PlacedColumn],
        identity: [Run]?
    ) {
        let isMarked = !state.marks.isEmpty && state.marks.contains(spec.id(scene, row))
        if isMarked {
            frame.text(String(Glyph.marked), x: rect.x, y: y, role: .marked, within: rect)
        }
        if let mark = spec.mark(scene, row) {
            frame.runs([mark], x: rect.x + 1, y: y, within: rect)
        }
        for (place, item) in placed.enumerated() {
            let whole = place == 0 ? identity : nil
            var runs = whole ?? item.column.text(scene, row, item.width)
            if isMarked && item.column.id == spec.columns.first?.id {
                runs = runs.map { Run($0.text, .marked) }
            }
            frame.runs(
                runs, x: rect.x + item.x, y: y, width: item.width, align: item.column.align,
                within: rect)
        }
    }

    private func drawScrollBar(_ frame: inout Frame, _ rect: Rect) {
        let count = state.rows.count
        guard count > rect.height && rect.height > 1 else { return }
        let length = max(1, rect.height * rect.height / count)
        let most = max(1, count - rect.height)
        let start = min(rect.height - length, (rect.height - length) * state.top / most)
        frame.verticalLine(x: rect.right - 1, y: rect.y, height: rect.height, role: .grid)
        for y in 0..<length {
            frame[rect.right - 1, rect.y + start + y] = Cell(Glyph.lowerBlocks[7], .dim)
        }
    }

    private func drawEmpty(_ frame: inout Frame, _ rect: Rect) {
        for (line, runs) in emptyWords().enumerated() where line + 1 < rect.height {
            frame.runs(
                runs, x: rect.x + 1, y: rect.y + line + (rect.height > 4 ? 1 : 0),
                width: rect.width - 2, align: .left, within: rect)
        }
    }

    /// Why there are no rows: left out, none, being read and not known are four things.
    private func emptyWords() -> [[Run]] {
        let noun = spec.noun
        if state.ordered.total > 0 {
            let count = "\(NumberFormat.grouped(state.ordered.total)) \(noun)"
            if state.isFaultsOnly, state.filter.isEmpty, let narrowed = spec.narrowed {
                return [
                    [Run("None", .good), Run(" (\(narrowed)) of \(count).")],
                    [Run("f", .key), Run(" shows all.", .dim)],
                ]
            }
            if state.isFaultsOnly && state.filter.isEmpty {
                let isKnown = scene.cluster.absenceOfFaults == .none
                return [
                    isKnown
                        ? [Run("No faults: ", .good), Run("\(count), none of them ill.")]
                        : [Run("No faults so far", .unknown), Run(" in \(count).")],
                    [Run("f", .key), Run(" shows all.", .dim)],
                ]
            }
            return [
                [Run("Nothing matches \(state.filter.text)"), Run(" in \(count).", .dim)],
                [Run("Esc", .key), Run(" takes the filter away.", .dim)],
            ]
        }
        switch spec.absence(scene) {
        case .reading(let share):
            let done = share.map { " (\(NumberFormat.percent($0)) so far)" } ?? ""
            return [[Run("Reading \(noun)\(done).", .unknown)]]
        case .watching(let groups):
            return [
                [Run("Nothing so far: every question was answered.", .unknown)],
                [
                    Run(
                        "Whether \(plural(groups, "group")) keep up is known after some minutes.",
                        .dim)
                ],
            ]
        case .unknown(let why):
            return [
                [Run("Cannot tell which \(noun) there are.", .unknown)], [Run(why)],
                [Run("W", .key), Run(" lists what failed.", .dim)],
            ]
        case .noneTold:
            return [
                [Run("None among what was answered: some brokers did not answer.", .unknown)],
                [Run("W", .key), Run(" lists what failed.", .dim)],
            ]
        case .none:
            return [[Run("No \(noun) here.")], spec.emptyAdvice.map { [Run($0, .dim)] } ?? []]
        }
    }
}
