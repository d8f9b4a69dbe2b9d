// One topic: its flow, its partitions, what is set on it, and who reads it.

internal import ClusterModel
internal import Drawing

/// The partitions of a topic with its overrides and readers: beside each other where there is room,
/// else one at a time.
struct TopicScreen: TableScreen {
    static let entry = ScreenEntry(
        name: "topic", title: "topic",
        help: "one topic: flow, partitions, overrides, who reads it", argument: .topic)
    static let traits: ScreenTraits = [.rows, .table, .narrows, .electable, .movable]
    static let bindings =
        [
            Binding(
                keys: [.tab], label: "Tab", action: .nextPane, title: "overrides, readers",
                help: "its partitions, its overrides, who reads it", hint: 15, area: "Look"),
            Binding(
                keys: [.backTab], label: "Shift-Tab", action: .previousPane,
                title: "the one before", help: "who reads it, its overrides, its partitions",
                area: "Look"),
        ] + TopicKeys.ofOne

    enum Pane: Int, CaseIterable, Sendable {
        case partitions, overrides, readers
        var title: String {
            switch self {
            case .partitions: "partitions"
            case .overrides: "overrides"
            case .readers: "readers"
            }
        }
    }

    let topic: String
    private(set) var pane = Pane.partitions
    private var tables: [Pane: TableState] = [:]
    /// Who reads it, found once a revision.
    private var readers: [TopicReader] = []
    private var madeOf: UInt64?

    var scope: Scope { Scope(topic: topic) }
    var crumb: String { "\(shownName(topic)) \(Glyph.trail) \(pane.title)" }

    static let spec = PartitionsScreen.spec
    var spec: TableSpec { spec(pane) }
    var state: TableState {
        get { table(pane) }
        set { tables[pane] = newValue }
    }

    init(_ topic: String) { self.topic = topic }

    static func isHome(of id: ObjectID) -> Bool {
        if case .topic = id { true } else { false }
    }

    init?(_ subject: ObjectID?, _ scene: Scene) {
        guard case .topic(let name)? = subject, scene.cluster.topicIndex(named: name) != nil else {
            return nil
        }
        self.init(name)
    }

    private func spec(_ pane: Pane) -> TableSpec {
        switch pane {
        case .partitions: Self.spec
        case .overrides: Self.overrideSpec
        case .readers: Self.readerSpec(readers)
        }
    }

    private func table(_ pane: Pane) -> TableState { tables[pane] ?? TableState(spec(pane)) }

    // MARK: Taking in

    mutating func observe(_ scene: Scene, isIdle: Bool) {
        if madeOf != scene.cluster.revision {
            madeOf = scene.cluster.revision
            readers = scene.topicIndex.map { scene.cluster.readers(ofTopic: $0) } ?? []
        }
        let places = layout(scene)
        for pane in Pane.allCases {
            guard let rect = places.panes[pane] else { continue }
            let (spec, page) = (spec(pane), TableView.page(rect.height))
            var table = table(pane)
            table.observe(spec, scene, isIdle: isIdle, page: page)
            table.resize(spec, scene, page: page)
            tables[pane] = table
        }
    }

    mutating func cover() {
        for pane in tables.keys { tables[pane]?.cover() }
        (readers, madeOf) = ([], nil)
    }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        let all = Pane.allCases
        switch action {
        case .nextPane, .previousPane:
            let step = action == .nextPane ? 1 : all.count - 1
            pane = all[(pane.rawValue + step) % all.count]
            observe(scene, isIdle: true)
            return []
        case .addPartitions: return [.prompt("add-partitions \(asWord(topic)) ")]
        case .delete: return [Command.deletion(of: [.topic(topic)])]
        case .elect where pane != .partitions: return [elections(of: [.topic(topic)])]
        case .electUnclean where pane != .partitions:
            return [uncleanElections(of: [.topic(topic)])]
        default: return updateTable(action, scene)
        }
    }

    mutating func click(x: Int, y: Int, _ scene: Scene) -> [Request] {
        for (candidate, rect) in layout(scene).panes
        where candidate != pane && rect.contains(x, y) {
            pane = candidate
        }
        return clickTable(x: x, y: y, scene)
    }

    func target(_ row: Int, _ scene: Scene) -> (any Screen)? {
        let id = spec.id(scene, row)
        if pane == .overrides { return ConfigsScreen(id, scene) }
        return home(of: id, scene)
    }

    /// What other screens are opened about: the row where it is one of theirs, else the topic.
    func subject(_ scene: Scene) -> ObjectID? {
        switch pane {
        case .overrides: .topic(topic)
        case .partitions, .readers: state.index == 0 ? .topic(topic) : row(scene)
        }
    }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.topics = [topic]
        interest.configs = [topic]
        interest.configDetails = .topic(topic)
        interest.wantsSizes = true
        if pane == .partitions {
            interest.partitions = visibleRows(scene).map { scene.cluster.key(ofRow: $0) }
            interest.wantsAllReplicas = state.sort == "lag"
        }
        interest.groups = readers.prefix(Limits.readers).map { scene.cluster.groups[$0.group].id }
        return interest
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        switch row {
        case .partition(let key): PartitionsScreen.explain(key, scene)
        case .group: GroupsScreen().explain(row, scene)
        case .config(_, let key): Self.explain(override: key, scene)
        default: nil
        }
    }

    // MARK: Drawing

    /// Where everything stands in the body.
    struct Layout {
        var facts: Rect
        var graph: Rect?
        /// The titles of the panes, where one is shown at a time.
        var tabs: Rect?
        var panes: [Pane: Rect]
    }

    func layout(_ scene: Scene) -> Layout {
        let (facts, below) = scene.body.split(top: min(1, scene.body.height))
        let isWide = scene.body.width >= 110 && scene.body.height >= 16
        let graphLines = scene.body.height >= 17 ? max(5, min(11, scene.body.height / 4)) : 0
        let (top, rest) = below.split(top: graphLines)
        let graph = graphLines > 0 ? top : nil
        guard isWide else {
            let (tabs, table) = rest.split(top: rest.height >= 6 ? 1 : 0)
            return Layout(
                facts: facts, graph: graph, tabs: tabs.isEmpty ? nil : tabs, panes: [pane: table])
        }
        let side = max(48, min(84, scene.body.width * 2 / 5))
        let (left, right) = rest.split(left: rest.width - side)
        let rows = scene.topicIndex.flatMap { scene.cluster.overrides(topic: $0)?.count } ?? 1
        let (upper, lower) = right.split(top: max(4, min(rows + 2, right.height / 2)))
        return Layout(
            facts: facts, graph: graph, tabs: nil,
            panes: [.partitions: left, .overrides: upper, .readers: lower])
    }

    func tableRect(_ scene: Scene) -> Rect {
        layout(scene).panes[pane] ?? scene.body
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        let places = layout(scene)
        frame.runs(
            facts(scene), x: places.facts.x + 1, y: places.facts.y, width: places.facts.width - 2,
            align: .left)
        if let graph = places.graph {
            GraphPane(
                subject: .topic(topic), measure: .records, window: .fiveMinutes, scale: nil,
                title: "flow"
            ).draw(&frame, graph, scene)
        }
        if let tabs = places.tabs { drawTabs(&frame, tabs, scene) }
        for pane in Pane.allCases {
            guard let rect = places.panes[pane] else { continue }
            let view = TableView(
                spec: spec(pane), state: table(pane), scene: scene, isFocused: pane == self.pane)
            view.draw(&frame, rect)
        }
    }

    private func drawTabs(_ frame: inout Frame, _ rect: Rect, _ scene: Scene) {
        var runs: [Run] = [Run(" ")]
        for option in Pane.allCases {
            let count: String =
                switch option {
                case .partitions:
                    scene.topicIndex.map { " \(scene.cluster.topics[$0].partitionCount)" } ?? ""
                case .overrides:
                    scene.topicIndex.flatMap { scene.cluster.overrides(topic: $0)?.count }
                        .map { " \($0)" } ?? " ?"
                case .readers: " \(readers.count)"
                }
            let text = option.title + count
            runs.append(
                option == pane ? Run("[\(text)]", .accent) : Run(" \(text) ", .dim))
            runs.append(Run(" "))
        }
        frame.runs(runs, x: rect.x, y: rect.y, width: rect.width, align: .left)
    }

    /// What holds for the whole topic, in a line.
    private func facts(_ scene: Scene) -> [Run] {
        guard let index = scene.topicIndex else {
            let isGone = scene.cluster.absence(in: .topics) == .none
            return [
                isGone
                    ? Run("The topic \(shownName(topic)) is not in the cluster any more.", .warning)
                    : Run("The topic \(shownName(topic)) was not told of yet.", .unknown)
            ]
        }
        let topic = scene.cluster.topics[index]
        var runs: [Run] = []
        func count(_ count: Int, _ words: String, _ role: Role) {
            if count > 0 { runs.append(Run("\(NumberFormat.grouped(count)) \(words)   ", role)) }
        }
        count(topic.offlineCount, "offline", .critical)
        count(topic.notServedCount, "not served", .critical)
        count(topic.underReplicatedCount, "under-replicated", .warning)
        count(topic.wrongLeaderCount, "led by another than preferred", .warning)
        if let error = scene.cluster.errorName(topic.errorCode) {
            runs.append(Run("the cluster answers \(error)   ", .critical))
        }
        if runs.isEmpty { runs = [Run("in sync   ", .good)] }
        func fact(_ title: String, _ value: [Run]) {
            runs += [Run(title + " ", .dim)] + value + [Run("   ")]
        }
        runs.append(Run("\(plural(topic.partitionCount, "partition"))   "))
        fact("RF", figure(topic.replicationFactor, NumberFormat.count))
        fact("min ISR", figure(scene.cluster.minInsyncReplicas(topic: index), NumberFormat.count))
        fact("size", figure(topic.sizeBytes, NumberFormat.bytes))
        fact(
            "bytes/s", figure(topic.bytesPerSecond, NumberFormat.bytes, isStale: topic.isRateStale))
        if topic.isInternal { runs.append(Run("internal", .dim)) }
        return runs
    }
}
