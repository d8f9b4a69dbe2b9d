// Overview: is it well, and if not, where do I look? Every line leads to what it speaks of.

internal import ClusterModel
internal import Drawing

/// The flow, the brokers, what is wrong, the busiest topics and the groups furthest behind.
struct OverviewScreen: ClusterScreen {
    static let entry = ScreenEntry(
        name: "overview", key: "0", title: "overview", help: "is it well, and if not, where to look"
    )
    static let traits: ScreenTraits = [.rows, .brokers]
    static let bindings = [
        Binding(
            keys: [.tab], label: "Tab", action: .nextPane, title: "next list",
            help: "to the next list of this screen", hint: 20, area: "Move"),
        Binding(
            keys: [.backTab], label: "Shift-Tab", action: .previousPane, title: "previous list",
            help: "to the list before", area: "Move"),
        ThroughputScreen.unit,
        Binding(
            keys: [.character("i")], label: "i", action: .explain, title: "why",
            help: "what is known of this row, and what its stop would cost", hint: 60,
            area: "Look"),
    ]

    enum Pane: Int, CaseIterable, Sendable {
        case wrong, brokers, topics, groups
        var title: String {
            switch self {
            case .wrong: "What is wrong"
            case .brokers: "Brokers"
            case .topics: "Busiest topics"
            case .groups: "Groups furthest behind"
            }
        }
        /// The key of the screen that has all of it.
        var key: String {
            switch self {
            case .wrong: "W"
            case .brokers: "B"
            case .topics: "N"
            case .groups: "O"
            }
        }
    }
    private(set) var pane = Pane.wrong
    private var selected: [Pane: ObjectID] = [:]
    /// The lists as they stand; they change places only while no key is pressed, those by live
    /// figures only where a row is clearly ahead, and not often.
    private var lists: [Pane: [ObjectID]] = [:]
    private var orderedAt = Instant.never
    /// The operator chose a list; until then the first that has something to say is in front.
    private var hasChosen = false
    private var unit = ThroughputScreen.Unit.records
    /// The topics that have bands of their own.
    private var stacked: [String] = []
    private var scale = GraphScale()

    init() {}

    mutating func observe(_ scene: Scene, isIdle: Bool) {
        if !hasChosen {
            let isCalm = scene.cluster.concerns.isEmpty && scene.cluster.absenceOfFaults == .none
            pane = isCalm ? .topics : .wrong
        }
        let isDue = isIdle && scene.now.seconds(since: orderedAt) >= Limits.lazySeconds
        if isDue { orderedAt = scene.now }
        for pane in Pane.allCases {
            let fresh = newest(pane, scene)
            let isLive = pane == .topics || pane == .groups
            if lists[pane] == nil || isIdle && !isLive {
                lists[pane] = fresh
            } else if isDue, let old = lists[pane] {
                lists[pane] = lazyOrder(old, fresh) { worth($0, scene) }
            } else if let old = lists[pane] {
                // What is gone leaves, what is new comes last: nothing else moves.
                let (now, before) = (Set(fresh), Set(old))
                lists[pane] =
                    old.filter(now.contains) + fresh.filter { !before.contains($0) }
            }
        }
        let width = layout(scene).graph.width
        if unit == .stacked {
            stacked = StackedGraph.steadyTopics(stacked, scene)
            let most = bands(scene, width: width).greatest
            scale = GraphScale(high: steadyScale(scale.high, maximum: most))
        } else {
            let range = graph.range(scene, width: width)
            scale = scale.next(from: range.least, to: range.most)
        }
    }

    private func bands(_ scene: Scene, width: Int) -> StackedGraph {
        StackedGraph.topics(stacked, scene, .fiveMinutes, width: width, scale: scale)
    }

    /// The flow of five minutes: a line, or the busiest topics as bands.
    func drawFlow(_ frame: inout Frame, _ rect: Rect, _ scene: Scene) {
        if unit == .stacked, rect.height >= 4 {
            bands(scene, width: rect.width).draw(&frame, rect, scene)
        } else {
            graph.draw(&frame, rect, scene)
        }
    }

    var graph: GraphPane {
        GraphPane(
            subject: .cluster, measure: unit == .bytes ? .bytes : .records, window: .fiveMinutes,
            scale: scale, title: unit == .bytes ? "Bytes in" : "Records in")
    }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        let ids = rows(pane, scene)
        let at = index(pane, ids)
        switch action {
        case .nextPane, .previousPane:
            let all = Pane.allCases
            let step = action == .nextPane ? 1 : all.count - 1
            pane = all[(pane.rawValue + step) % all.count]
            hasChosen = true
        case .lines(let count): select(at + count, ids)
        case .pages(let share): select(at + Int(share * 10), ids)
        case .first: select(0, ids)
        case .last: select(ids.count - 1, ids)
        case .unit:
            let all = ThroughputScreen.Unit.allCases
            unit = all[(unit.rawValue + 1) % all.count]
            scale = GraphScale()
            observe(scene, isIdle: true)
        case .explain:
            guard ids.indices.contains(at) else { return [] }
            return [.open(WhyScreen(explain(ids[at], scene) ?? .gone))]
        case .open:
            guard ids.indices.contains(at) else { return [] }
            return [.open(target(ids[at], scene) ?? WhyScreen(explain(ids[at], scene) ?? .gone))]
        case .drain, .fill, .balance: return [plans(action, of: row(scene).map { [$0] } ?? [])]
        case .back: return [.leave]
        default: break
        }
        return []
    }

    private mutating func select(_ place: Int, _ ids: [ObjectID]) {
        guard !ids.isEmpty else { return }
        hasChosen = true
        selected[pane] = ids[min(max(0, place), ids.count - 1)]
    }

    func index(_ pane: Pane, _ ids: [ObjectID]) -> Int {
        selected[pane].flatMap { ids.firstIndex(of: $0) } ?? 0
    }

    func rows(_ pane: Pane, _ scene: Scene) -> [ObjectID] {
        lists[pane] ?? newest(pane, scene)
    }

    private func newest(_ pane: Pane, _ scene: Scene) -> [ObjectID] {
        let view = scene.view
        switch pane {
        case .wrong: return scene.cluster.concerns.map { .finding($0.id) }
        case .brokers: return view.brokersByTrouble.map { .broker(scene.cluster.brokers[$0].id) }
        case .topics:
            return view.busiest.filter { (scene.cluster.topics[$0].recordsPerSecond ?? 0) > 0 }
                .map { .topic(scene.cluster.topics[$0].name) }
        case .groups:
            return view.furthestBehind.filter { Self.isBusy(scene.cluster.groups[$0]) }
                .map { .group(scene.cluster.groups[$0].id) }
        }
    }

    /// It has something to read, or somebody writes for it.
    static func isBusy(_ group: ConsumerGroup) -> Bool {
        (group.lag ?? 0) > 0 || (group.producedPerSecond ?? 0) > 0
            || group.standing.verdict?.severity != nil
    }

    /// What the lists of topics and groups are ordered by.
    private func worth(_ id: ObjectID, _ scene: Scene) -> Double {
        switch id {
        case .topic(let name): scene.cluster.topic(named: name)?.recordsPerSecond ?? 0
        case .group(let id):
            scene.cluster.group(id).map { ClusterView.concern($0.standing, $0.lag) } ?? 0
        default: 0
        }
    }

    private func target(_ id: ObjectID, _ scene: Scene) -> (any Screen)? {
        guard case .finding(let wanted) = id else { return home(of: id, scene) }
        let finding = scene.cluster.findings.first { $0.id == wanted }
        return finding.flatMap { WrongScreen.screen(behind: $0, scene) }
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        switch row {
        case .broker: BrokersScreen().explain(row, scene)
        case .group: GroupsScreen().explain(row, scene)
        case .topic: TopicsScreen().explain(row, scene)
        default: WrongScreen().explain(row, scene)
        }
    }

    mutating func click(x: Int, y: Int, _ scene: Scene) -> [Request] {
        for (candidate, rect) in layout(scene).panes where rect.contains(x, y) {
            let ids = rows(candidate, scene)
            let at = index(candidate, ids)
            var place = first(at, ids.count, rect.height - 1)
            var line = y - rect.y - 1
            for text in texts(candidate, ids, rect, scene) where line >= max(1, text.count) {
                line -= max(1, text.count)
                place += 1
            }
            let isAgain = pane == candidate && place == at
            pane = candidate
            hasChosen = true
            guard y > rect.y else { return [] }
            if isAgain { return update(.open, scene) }
            if place < ids.count { select(place, ids) }
        }
        return []
    }

    func row(_ scene: Scene) -> ObjectID? {
        let ids = rows(pane, scene)
        let at = index(pane, ids)
        return ids.indices.contains(at) ? ids[at] : nil
    }

    /// Until a row was chosen the whole is meant.
    func subject(_ scene: Scene) -> ObjectID? { selected[pane] == nil ? nil : row(scene) }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.topics = scene.view.busiest.prefix(20).map { scene.cluster.topics[$0].name }
        interest.groups = scene.view.furthestBehind.prefix(20).map {
            scene.cluster.groups[$0].id
        }
        return interest
    }
}

extension Rect {
    func contains(_ x: Int, _ y: Int) -> Bool {
        x >= self.x && x < right && y >= self.y && y < bottom
    }
}
