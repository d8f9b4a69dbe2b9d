// The screens as one enum, and what each of them can do. Navigation is a stack of these values.

internal import ClusterModel
internal import Drawing

/// What a screen asks of the stack.
enum Outcome: Sendable {
    case open(Screen)
    case copy(String)
    case notice(String)
    /// Nothing here to close: the screen itself is to be left.
    case leave
}

/// What every screen has, always in this order: state, update, render.
protocol ScreenContent: Sendable {
    var kind: ScreenKind { get }
    var scope: Scope { get }
    /// The screen's piece of the trail.
    var crumb: String { get }
    /// The table behind keys like filter and sort, if it has one.
    var table: TableState? { get }
    /// Takes in a new picture or size; `isResting` is true while nobody is at the keys.
    mutating func observe(_ scene: Scene, isResting: Bool)
    /// Another screen lies on this one: it need not hold the picture it showed last.
    mutating func cover()
    mutating func update(_ action: Action, _ scene: Scene) -> [Outcome]
    mutating func click(x: Int, y: Int, _ scene: Scene) -> [Outcome]
    mutating func setFilter(_ text: String, _ scene: Scene)
    func render(_ frame: inout Frame, _ scene: Scene)
    /// What is in view, for Polling.
    func interest(_ scene: Scene) -> Interest
    /// The section whose age matters here; nil: the newest of all.
    var section: Section? { get }
    /// What the row's throughput would be about; nil: the cluster.
    func subject(_ scene: Scene) -> GraphSubject?
}

extension ScreenContent {
    var scope: Scope { Scope() }
    var table: TableState? { nil }
    var section: Section? { nil }
    mutating func cover() {}
    mutating func click(x: Int, y: Int, _ scene: Scene) -> [Outcome] { [] }
    mutating func setFilter(_ text: String, _ scene: Scene) {}
    func subject(_ scene: Scene) -> GraphSubject? { nil }
}

/// One screen of the stack.
enum Screen: Sendable {
    case overview(OverviewScreen)
    case throughput(ThroughputScreen)
    case brokers(BrokersScreen)
    case topics(TopicsScreen)
    case partitions(PartitionsScreen)
    case partition(PartitionScreen)
    case replicas(ReplicasScreen)
    case groups(GroupsScreen)
    case group(GroupScreen)
    case volumes(VolumesScreen)
    case coordinator(CoordinatorScreen)
    case events(EventsScreen)
    case wrong(WrongScreen)
    case help(HelpScreen)
    case why(WhyScreen)

    var content: any ScreenContent {
        switch self {
        case .overview(let screen): screen
        case .throughput(let screen): screen
        case .brokers(let screen): screen
        case .topics(let screen): screen
        case .partitions(let screen): screen
        case .partition(let screen): screen
        case .replicas(let screen): screen
        case .groups(let screen): screen
        case .group(let screen): screen
        case .volumes(let screen): screen
        case .coordinator(let screen): screen
        case .events(let screen): screen
        case .wrong(let screen): screen
        case .help(let screen): screen
        case .why(let screen): screen
        }
    }

    /// Changes the screen in place.
    mutating func change<Result>(_ body: (inout any ScreenContent) -> Result) -> Result {
        var content = content
        let result = body(&content)
        switch (self, content) {
        case (.overview, let screen as OverviewScreen): self = .overview(screen)
        case (.throughput, let screen as ThroughputScreen): self = .throughput(screen)
        case (.brokers, let screen as BrokersScreen): self = .brokers(screen)
        case (.topics, let screen as TopicsScreen): self = .topics(screen)
        case (.partitions, let screen as PartitionsScreen): self = .partitions(screen)
        case (.partition, let screen as PartitionScreen): self = .partition(screen)
        case (.replicas, let screen as ReplicasScreen): self = .replicas(screen)
        case (.groups, let screen as GroupsScreen): self = .groups(screen)
        case (.group, let screen as GroupScreen): self = .group(screen)
        case (.volumes, let screen as VolumesScreen): self = .volumes(screen)
        case (.coordinator, let screen as CoordinatorScreen): self = .coordinator(screen)
        case (.events, let screen as EventsScreen): self = .events(screen)
        case (.wrong, let screen as WrongScreen): self = .wrong(screen)
        case (.help, let screen as HelpScreen): self = .help(screen)
        case (.why, let screen as WhyScreen): self = .why(screen)
        default: break
        }
        return result
    }

    /// A fresh screen of the kind, about the whole cluster; nil for those that need a subject.
    static func of(_ kind: ScreenKind) -> Screen? {
        switch kind {
        case .overview: .overview(OverviewScreen())
        case .throughput: .throughput(ThroughputScreen(.cluster))
        case .brokers: .brokers(BrokersScreen())
        case .topics: .topics(TopicsScreen())
        case .partitions: .partitions(PartitionsScreen())
        case .replicas: .replicas(ReplicasScreen())
        case .groups: .groups(GroupsScreen())
        case .volumes: .volumes(VolumesScreen())
        case .coordinator: .coordinator(CoordinatorScreen())
        case .events: .events(EventsScreen())
        case .wrong: .wrong(WrongScreen())
        case .partition, .group, .help, .why: nil
        }
    }
}

/// A screen that is a table, perhaps with lines above and below.
protocol TableContent: ScreenContent {
    static var spec: TableSpec { get }
    var state: TableState { get set }
    /// Where the table stands in the body.
    func tableRect(_ scene: Scene) -> Rect
    /// What lies behind a row; nil where nothing does.
    func target(_ row: Int, _ scene: Scene) -> Screen?
    /// Draws what is around the table.
    func renderAround(_ frame: inout Frame, _ scene: Scene)
}

extension TableContent {
    var table: TableState? { state }
    var section: Section? { Self.spec.section }
    func tableRect(_ scene: Scene) -> Rect { scene.body }
    func renderAround(_ frame: inout Frame, _ scene: Scene) {}
    private func page(_ scene: Scene) -> Int { TableView.page(tableRect(scene).height) }

    mutating func observe(_ scene: Scene, isResting: Bool) {
        state.observe(Self.spec, scene, isResting: isResting, page: page(scene))
        state.resize(Self.spec, scene, page: page(scene))
    }

    mutating func cover() { state.cover() }

    mutating func update(_ action: Action, _ scene: Scene) -> [Outcome] {
        let (spec, page) = (Self.spec, page(scene))
        switch action {
        case .lines(let count): state.select(state.index + count, spec, scene, page: page)
        case .pages(let share):
            let step = max(1, Int((Double(page) * abs(share)).wholeBelow))
            state.select(state.index + (share < 0 ? -step : step), spec, scene, page: page)
        case .first: state.select(0, spec, scene, page: page)
        case .last: state.select(state.rows.count - 1, spec, scene, page: page)
        case .left: state.scrollColumns(by: -1, spec)
        case .right: state.scrollColumns(by: 1, spec)
        case .sortNext: state.sortNext(1, spec, scene, page: page)
        case .sortPrevious: state.sortNext(-1, spec, scene, page: page)
        case .reverse: state.sort(by: state.sort, spec, scene, page: page)
        case .faultsOnly: state.toggleFaults(spec, scene, page: page)
        case .mark: state.toggleMark(spec, scene, page: page)
        case .markRange: state.markRange(spec, scene)
        case .markAll: state.markAll(spec, scene)
        case .open:
            guard let row = state.selectedRow else { return [] }
            return [.open(target(row, scene) ?? .why(WhyScreen(spec.id(scene, row), scene)))]
        case .explain:
            guard let row = state.selectedRow else { return [] }
            return [.open(.why(WhyScreen(spec.id(scene, row), scene)))]
        case .copy: return copy(scene)
        case .back: return state.widen(spec, scene, page: page) ? [] : [.leave]
        default: break
        }
        return []
    }

    private func copy(_ scene: Scene) -> [Outcome] {
        let spec = Self.spec
        var rows: [Int] = []
        if state.marks.isEmpty {
            if let row = state.selectedRow { rows = [row] }
        } else {
            rows = state.marks.compactMap { spec.find(scene, $0) }.sorted()
        }
        guard !rows.isEmpty else { return [] }
        let shown = spec.columns.filter { !$0.title.isEmpty && $0.id != "trend" }
        let text = rows.prefix(Limits.copiedRows).map { row in
            shown.map { $0.text(scene, row, Limits.nameColumns).plain }.joined(separator: "\t")
        }.joined(separator: "\n")
        return [
            .copy(text), .notice(rows.count == 1 ? "copied the row" : "copied \(rows.count) rows"),
        ]
    }

    mutating func click(x: Int, y: Int, _ scene: Scene) -> [Outcome] {
        let rect = tableRect(scene)
        guard y >= rect.y && y < rect.bottom else { return [] }
        if y == rect.y {
            let view = TableView(spec: Self.spec, state: state, scene: scene)
            let hit = view.placed(rect).placed.first {
                x >= rect.x + $0.x && x < rect.x + $0.x + $0.width
            }
            if let hit {
                state.sort(by: hit.column.id, Self.spec, scene, page: page(scene))
            }
            return []
        }
        let place = state.top + y - rect.y - 1
        guard place < state.rows.count else { return [] }
        if place == state.index { return update(.open, scene) }
        state.select(place, Self.spec, scene, page: page(scene))
        return []
    }

    mutating func setFilter(_ text: String, _ scene: Scene) {
        state.setFilter(text, Self.spec, scene, page: page(scene))
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        renderAround(&frame, scene)
        TableView(spec: Self.spec, state: state, scene: scene).draw(&frame, tableRect(scene))
    }

    /// The rows in view.
    func visibleRows(_ scene: Scene) -> [Int] {
        let rows = state.rows
        let end = min(rows.count, state.top + page(scene))
        return state.top < end ? rows[state.top..<end].map(Int.init) : []
    }
}
