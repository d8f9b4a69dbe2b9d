// Overview: is it well, and if not, where do I look? Every line leads to what it speaks of.

internal import ClusterModel
internal import Drawing

/// The flow, the brokers, what is wrong, the busiest topics and the groups furthest behind.
struct OverviewScreen: ClusterScreen {
    static let entry = ScreenEntry(
        name: "overview", key: "0", title: "overview", help: "is it well, and if not, where to look"
    )
    static let traits: ScreenTraits = .rows
    static let bindings = [
        Binding(
            keys: [.tab], label: "Tab", action: .nextPane, title: "next list",
            help: "to the next list of this screen", hint: 20, area: "Move"),
        Binding(
            keys: [.backTab], label: "Shift-Tab", action: .previousPane, title: "previous list",
            help: "to the list before", area: "Move"),
        ThroughputScreen.unit,
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
    }
    private(set) var pane = Pane.wrong
    private var selected: [Pane: ObjectID] = [:]
    /// The lists as they stand; they change places only while no key is pressed.
    private var lists: [Pane: [ObjectID]] = [:]
    private var isBytes = false
    private var scale = 1.0

    init() {}

    mutating func observe(_ scene: Scene, isIdle: Bool) {
        for pane in Pane.allCases {
            let fresh = newest(pane, scene)
            if isIdle || lists[pane] == nil {
                lists[pane] = fresh
            } else if let old = lists[pane] {
                // What is gone leaves, what is new comes last: nothing else moves.
                let (now, before) = (Set(fresh), Set(old))
                lists[pane] =
                    old.filter(now.contains) + fresh.filter { !before.contains($0) }
            }
        }
        let places = layout(scene.body)
        scale = steadyScale(scale, maximum: graph.maximum(scene, width: places.graph.width))
    }

    private var graph: GraphPane {
        GraphPane(
            subject: .cluster, measure: isBytes ? .bytes : .records, window: .fiveMinutes,
            scale: scale, title: isBytes ? "Bytes in" : "Records in")
    }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        let ids = rows(pane, scene)
        let at = index(pane, ids)
        switch action {
        case .nextPane, .previousPane:
            let all = Pane.allCases
            let step = action == .nextPane ? 1 : all.count - 1
            pane = all[(pane.rawValue + step) % all.count]
        case .lines(let count): select(at + count, ids)
        case .pages(let share): select(at + Int(share * 10), ids)
        case .first: select(0, ids)
        case .last: select(ids.count - 1, ids)
        case .unit:
            isBytes.toggle()
            scale = 1
            observe(scene, isIdle: true)
        case .open:
            guard ids.indices.contains(at) else { return [] }
            return [.open(target(ids[at], scene) ?? WhyScreen(explain(ids[at], scene) ?? .gone))]
        case .back: return [.leave]
        default: break
        }
        return []
    }

    private mutating func select(_ place: Int, _ ids: [ObjectID]) {
        guard !ids.isEmpty else { return }
        selected[pane] = ids[min(max(0, place), ids.count - 1)]
    }

    private func index(_ pane: Pane, _ ids: [ObjectID]) -> Int {
        selected[pane].flatMap { ids.firstIndex(of: $0) } ?? 0
    }

    private func rows(_ pane: Pane, _ scene: Scene) -> [ObjectID] {
        lists[pane] ?? newest(pane, scene)
    }

    private func newest(_ pane: Pane, _ scene: Scene) -> [ObjectID] {
        let view = scene.view
        switch pane {
        case .wrong: return scene.cluster.findings.map { .finding($0.id) }
        case .brokers: return view.brokersByTrouble.map { .broker(scene.cluster.brokers[$0].id) }
        case .topics: return view.busiest.map { .topic(scene.cluster.topics[$0].name) }
        case .groups: return view.furthestBehind.map { .group(scene.cluster.groups[$0].id) }
        }
    }

    private func target(_ id: ObjectID, _ scene: Scene) -> (any Screen)? {
        guard case .finding(let wanted) = id else { return home(of: id, scene) }
        let finding = scene.cluster.findings.first { $0.id == wanted }
        return finding.flatMap { WrongScreen.screen(behind: $0, scene) }
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        WrongScreen().explain(row, scene)
    }

    mutating func click(x: Int, y: Int, _ scene: Scene) -> [Request] {
        let places = layout(scene.body)
        for (candidate, rect) in places.panes where rect.contains(x, y) {
            let ids = rows(candidate, scene)
            let at = index(candidate, ids)
            let place = y - rect.y - 1 + first(at, ids.count, rect.height - 1)
            let isAgain = pane == candidate && place == at
            pane = candidate
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

    // MARK: Drawing

    private func layout(_ body: Rect) -> (graph: Rect, panes: [(Pane, Rect)]) {
        let isWide = body.width >= 110
        let upper = max(6, min(body.height * 2 / 5, 18))
        let (top, bottom) = body.split(top: upper)
        let side = isWide ? body.width * 9 / 20 : body.width * 9 / 20 + 1
        let (graph, brokers) = top.split(left: body.width - side)
        let lower = Rect(
            x: bottom.x, y: bottom.y + 1, width: bottom.width, height: bottom.height - 1)
        let brokersRect = Rect(
            x: brokers.x + 1, y: brokers.y, width: brokers.width - 1, height: brokers.height)
        guard isWide else {
            // One list shows at a time; Tab walks them.
            let shown = pane == .brokers ? Pane.wrong : pane
            return (graph, [(.brokers, brokersRect), (shown, lower)])
        }
        let (wrong, rest) = lower.split(left: lower.width * 9 / 20)
        let (topics, groups) = rest.split(left: rest.width / 2)
        return (
            graph,
            [
                (.brokers, brokersRect),
                (
                    .wrong,
                    Rect(x: wrong.x, y: wrong.y, width: wrong.width - 2, height: wrong.height)
                ),
                (
                    .topics,
                    Rect(x: topics.x, y: topics.y, width: topics.width - 2, height: topics.height)
                ), (.groups, groups),
            ]
        )
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        if scene.body.width < Limits.compactWidth || scene.body.height < 10 {
            drawCompact(&frame, scene)
            return
        }
        let places = layout(scene.body)
        graph.draw(&frame, places.graph, scene)
        for (item, rect) in places.panes {
            drawTitle(&frame, rect, item, scene, isAlone: places.panes.count == 2)
            drawRows(&frame, rect, item, scene)
        }
    }

    private func drawTitle(
        _ frame: inout Frame, _ rect: Rect, _ item: Pane, _ scene: Scene, isAlone: Bool
    ) {
        if isAlone && item != .brokers {
            var x = rect.x + 1
            for option in Pane.allCases where option != .brokers {
                let isShown = option == item
                let count = option == .wrong ? wrongCount(scene) : ""
                let role: Role = isShown ? (pane == item ? .accent : .header) : .dim
                x = frame.text(option.title + count, x: x, y: rect.y, role: role, within: rect) + 3
            }
        } else {
            let count = item == .wrong ? wrongCount(scene) : ""
            frame.text(
                item.title + count, x: rect.x + 1, y: rect.y,
                role: pane == item ? .accent : .header,
                within: rect)
        }
        let heading: String? =
            switch item {
            case .wrong: "since"
            case .brokers: rect.width >= 50 ? "leaders   rec/s  disk" : "leaders   rec/s"
            case .topics: isAlone || rect.width >= 28 ? "rec/s  5 min   " : "rec/s"
            case .groups: isAlone || rect.width >= 28 ? "lag behind" : "lag"
            }
        if let heading, rect.width > 26 + item.title.count - 8 {
            frame.runs(
                [Run(heading, .dim)], x: rect.right - 1 - heading.count, y: rect.y,
                width: heading.count,
                align: .right)
        }
    }

    private func first(_ at: Int, _ count: Int, _ height: Int) -> Int {
        min(max(0, at - height + 1), max(0, count - max(1, height)))
    }

    private func drawRows(_ frame: inout Frame, _ rect: Rect, _ item: Pane, _ scene: Scene) {
        let ids = rows(item, scene)
        let at = index(item, ids)
        let height = rect.height - 1
        guard height > 0 else { return }
        if ids.isEmpty {
            frame.runs(
                [emptyRun(item, scene)], x: rect.x + 1, y: rect.y + 1, width: rect.width - 2,
                align: .left)
            return
        }
        let start = first(at, ids.count, height)
        for (line, id) in ids.dropFirst(start).prefix(height).enumerated() {
            let row = Rect(x: rect.x, y: rect.y + 1 + line, width: rect.width - 1, height: 1)
            drawRow(&frame, row, id, scene)
            if pane == item && start + line == at {
                frame.select(x: row.x, y: row.y, width: row.width)
            }
        }
    }

    private func drawRow(_ frame: inout Frame, _ rect: Rect, _ id: ObjectID, _ scene: Scene) {
        var mark: Run?
        var left: [Run] = []
        var right: [Run] = []
        switch id {
        case .finding(let id):
            guard let finding = scene.cluster.findings.first(where: { $0.id == id }) else {
                return
            }
            mark = WrongScreen.mark(finding)
            right = [WrongScreen.since(finding, scene)]
            // The beginning says what it is about: the end gives way.
            left = [WrongScreen.text(finding, width: rect.width - 4 - right.width)]
        case .broker(let id):
            guard let broker = scene.cluster.broker(id) else { return }
            mark = broker.mark
            (left, right) = brokerRuns(broker, rect.width, scene)
        case .topic(let name):
            guard let topic = scene.cluster.topic(named: name) else { return }
            left = [Run(shownName(name))]
            right = figure(topic.recordsPerSecond, NumberFormat.rate, isStale: topic.isRateStale)
            if rect.width >= 27 {
                let trend = trendRuns(scene, .topic(historyIndex: topic.historyIndex), .records, 8)
                let pad = String(repeating: " ", count: 10 - trend.width)
                right += [Run("  ")] + trend + [Run(String(pad.dropFirst(2)))]
            }
        case .group(let id):
            guard let group = scene.cluster.group(id) else { return }
            mark = GroupsScreen.mark(group)
            left = [Run(shownName(id))]
            right = figure(
                group.lag, NumberFormat.count, isStale: GroupsScreen.isStale(group, scene))
            if rect.width >= 27 {
                let behind = GroupsScreen.behindRuns(group, scene)
                right.append(Run(String(repeating: " ", count: max(1, 7 - behind.width))))
                right += behind
            }
        default: return
        }
        if let mark { frame.runs([mark], x: rect.x + 1, y: rect.y, within: rect) }
        let room = rect.width - 3 - right.width - 1
        frame.runs(left, x: rect.x + 3, y: rect.y, width: room, align: .left, within: rect)
        frame.runs(right, x: rect.right - right.width, y: rect.y, within: rect)
    }

    private func brokerRuns(_ broker: Broker, _ width: Int, _ scene: Scene) -> ([Run], [Run]) {
        var left = [Run("\(broker.id)", broker.isIll ? .critical : .text)]
        if broker.id == scene.cluster.controller { left.append(Run(" ctrl", .accent)) }
        if broker.isIll || broker.trouble > 0 { left += [Run("  "), broker.stateRun(scene)] }
        let most = scene.cluster.brokers.reduce(1) { max($0, $1.leaderCount) }
        let barWidth = max(0, min(20, width - 34 - (width >= 50 ? 6 : 0)))
        if !broker.isIll && barWidth >= 6 {
            let pad = String(repeating: " ", count: max(1, 11 - left.width))
            let share = Double(broker.leaderCount) / Double(most)
            left += [Run(pad), Run(bar(share, width: barWidth), .graph)]
        }
        let isShort = broker.leaderCount < broker.preferredLeaderCount
        let leaders =
            scene.cluster.knowsPartitions ? NumberFormat.grouped(broker.leaderCount) : "?"
        let rate = figure(
            broker.recordsPerSecond, NumberFormat.rate, isStale: broker.isRateStale)
        var right: [Run] = [
            Run(leaders), Run(isShort ? String(Glyph.notPreferred) : " ", .warning),
            Run(String(repeating: " ", count: max(1, 7 - rate.width))),
        ]
        right += rate
        if width >= 49 {
            let used = scene.cluster.logDirs(of: broker.id).compactMap(\.usedFraction).max()
            let disk = figure(
                used.map { NumberFormat.percent($0) }, isStale: broker.isIll, role: volumeRole(used)
            )
            right.append(Run(String(repeating: " ", count: max(1, 6 - disk.width))))
            right += disk
        }
        return (left, right)
    }

    /// Counts and the worst lines: all that fits on the smallest screens.
    private func drawCompact(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        var y = body.y
        let totals = scene.cluster.totals
        let rate = figure(
            totals.recordsPerSecond, NumberFormat.rate, isStale: totals.isRateUnsure)
        let head: [Run] =
            [Run(plural(scene.cluster.brokers.count, "broker") + "  ")]
            + (scene.cluster.knowsPartitions
                ? [Run(plural(scene.cluster.partitions.count, "partition") + "  ")] : [])
            + rate + [Run(" rec/s", .dim)]
        frame.runs(head, x: body.x + 1, y: y, width: body.width - 2, align: .left)
        y += 1
        let ids = rows(.wrong, scene)
        if ids.isEmpty && y < body.bottom {
            frame.runs(
                [emptyRun(.wrong, scene)], x: body.x + 1, y: y, width: body.width - 2, align: .left)
        }
        let at = index(.wrong, ids)
        let start = first(at, ids.count, body.bottom - y)
        for (line, id) in ids.dropFirst(start).prefix(max(0, body.bottom - y)).enumerated() {
            let row = Rect(x: body.x, y: y + line, width: body.width, height: 1)
            drawRow(&frame, row, id, scene)
            if start + line == at { frame.select(x: row.x, y: row.y, width: row.width) }
        }
    }
}

extension Rect {
    func contains(_ x: Int, _ y: Int) -> Bool {
        x >= self.x && x < right && y >= self.y && y < bottom
    }
}
