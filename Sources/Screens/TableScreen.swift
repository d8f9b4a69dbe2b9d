// The screens that are a table: what the keys do there stands here once.

internal import ClusterModel
internal import Drawing

/// A screen that is a table, perhaps with lines above and below.
protocol TableScreen: Screen {
    /// The table of a screen that has one only.
    static var spec: TableSpec { get }
    /// The table as it is now.
    var spec: TableSpec { get }
    var state: TableState { get set }
    /// Where the table stands in the body.
    func tableRect(_ scene: Scene) -> Rect
    /// What lies behind a row; nil where nothing does.
    func target(_ row: Int, _ scene: Scene) -> (any Screen)?
    /// Draws what is around the table.
    func renderAround(_ frame: inout Frame, _ scene: Scene)
}

extension TableScreen {
    static var traits: ScreenTraits { [.rows, .table, .narrows] }
    var spec: TableSpec { Self.spec }
    var table: TableState? { state }
    var section: Section? { spec.section }
    func tableRect(_ scene: Scene) -> Rect { scene.body }
    func renderAround(_ frame: inout Frame, _ scene: Scene) {}
    private func page(_ scene: Scene) -> Int { TableView.page(tableRect(scene).height) }

    func target(_ row: Int, _ scene: Scene) -> (any Screen)? {
        home(of: spec.id(scene, row), scene)
    }

    func row(_ scene: Scene) -> ObjectID? {
        state.selectedRow.map { spec.id(scene, $0) }
    }

    mutating func observe(_ scene: Scene, isIdle: Bool) {
        let (spec, page) = (spec, page(scene))
        state.observe(spec, scene, isIdle: isIdle, page: page)
        state.resize(spec, scene, page: page)
    }

    mutating func cover() { state.cover() }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        updateTable(action, scene)
    }

    /// What every table does at a key; a screen with keys of its own hands it the others.
    mutating func updateTable(_ action: Action, _ scene: Scene) -> [Request] {
        let (spec, page) = (spec, page(scene))
        switch action {
        case .lines(let count): state.select(state.index + count, spec, scene, page: page)
        case .pages(let share):
            let step = max(1, Int((Double(page) * abs(share)).wholeBelow))
            state.select(state.index + (share < 0 ? -step : step), spec, scene, page: page)
        case .first: state.select(0, spec, scene, page: page)
        case .last: state.select(state.rows.count - 1, spec, scene, page: page)
        case .left: state.scrollColumns(by: -1, spec)
        case .right: state.scrollColumns(by: 1, spec)
        case .sortMenu: return [.open(SortScreen(spec, state, scene))]
        case .sortBy(let column): state.sort(by: column, spec, scene, page: page)
        case .sortNext: state.sortNext(1, spec, scene, page: page)
        case .sortPrevious: state.sortNext(-1, spec, scene, page: page)
        case .reverse: state.sort(by: state.sort, spec, scene, page: page)
        case .faultsOnly: state.toggleFaults(spec, scene, page: page)
        case .mark: state.toggleMark(spec, scene, page: page)
        case .markRange: state.markRange(spec, scene)
        case .markAll: state.markAll(spec, scene)
        case .open:
            guard let row = state.selectedRow else { return [] }
            return [.open(target(row, scene) ?? why(spec.id(scene, row), scene))]
        case .explain:
            guard let row = state.selectedRow else { return [] }
            return [.open(why(spec.id(scene, row), scene))]
        case .copy: return copy(scene)
        case .elect: return [elections(of: chosen(scene))]
        case .electUnclean: return [uncleanElections(of: chosen(scene))]
        case .electAll: return [elections(of: [.cluster])]
        case .drain, .fill, .balance: return [plans(action, of: chosen(scene))]
        case .move: return [.open(MoveTargetScreen(chosen(scene)))]
        case .back: return state.widen(spec, scene, page: page) ? [] : [.leave]
        default: break
        }
        return []
    }

    /// Of the marked rows, else of the selected one.
    private func chosen(_ scene: Scene) -> [ObjectID] {
        let rows = state.marks.isEmpty ? row(scene).map { [$0] } ?? [] : Array(state.marks)
        return rows.map { row in
            if case .replica(let key) = row { ObjectID.partition(key.partition) } else { row }
        }
    }

    private func why(_ row: ObjectID, _ scene: Scene) -> any Screen {
        WhyScreen(explain(row, scene) ?? .gone)
    }

    private func copy(_ scene: Scene) -> [Request] {
        let spec = spec
        var rows: [Int] = []
        if state.marks.isEmpty {
            if let row = state.selectedRow { rows = [row] }
        } else {
            rows = state.marks.compactMap { spec.find(scene, $0) }.sorted()
        }
        guard !rows.isEmpty else { return [.refuse("copy: no row is selected")] }
        let shown = spec.columns.filter { !$0.title.isEmpty && $0.id != "trend" }
        let text = rows.prefix(Limits.copiedRows).map { row in
            shown.map { $0.text(scene, row, Limits.nameColumns).plain }.joined(separator: "\t")
        }.joined(separator: "\n")
        return [.effect(.copy(text, of: rows.count == 1 ? "the row" : "\(rows.count) rows"))]
    }

    mutating func click(x: Int, y: Int, _ scene: Scene) -> [Request] {
        clickTable(x: x, y: y, scene)
    }

    /// A click on the heading sorts, one on a row selects it, and one on the selected row opens it.
    mutating func clickTable(x: Int, y: Int, _ scene: Scene) -> [Request] {
        let rect = tableRect(scene)
        guard y >= rect.y && y < rect.bottom else { return [] }
        if y == rect.y {
            let view = TableView(spec: spec, state: state, scene: scene)
            let hit = view.placed(rect).placed.first {
                x >= rect.x + $0.x && x < rect.x + $0.x + $0.width
            }
            if let hit {
                state.sort(by: hit.column.id, spec, scene, page: page(scene))
            }
            return []
        }
        let view = TableView(spec: spec, state: state, scene: scene)
        guard let place = view.rowPlace(atLine: y - rect.y - 1, rect) else { return [] }
        if place == state.index { return update(.open, scene) }
        state.select(place, spec, scene, page: page(scene))
        return []
    }

    mutating func setFilter(_ text: String, _ scene: Scene) {
        state.setFilter(text, spec, scene, page: page(scene))
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        renderAround(&frame, scene)
        TableView(spec: spec, state: state, scene: scene).draw(&frame, tableRect(scene))
    }

    /// The rows in view.
    func visibleRows(_ scene: Scene) -> [Int] {
        let rows = state.rows
        let end = min(rows.count, state.top + page(scene))
        return state.top < end ? rows[state.top..<end].map(Int.init) : []
    }
}
