// Throughput: one graph, large; or the brokers beside each other on one scale.

internal import ClusterModel
internal import Drawing

/// Graphs of the cluster, a broker, a topic, a partition or a group, and of all brokers.
struct ThroughputScreen: Screen {
    static let entry = ScreenEntry(
        name: "throughput", key: "T", title: "throughput",
        help: "throughput as a graph: of the row, of a topic, of the cluster", hint: 55,
        argument: .topic.optional, takesRow: true)
    static let bindings = [
        Binding(
            keys: [.tab], label: "Tab", action: .nextPane, title: "cluster, brokers",
            help: "between the subject, all brokers and the cluster", hint: 15, area: "Look"),
        Binding(
            keys: [.character("[")], label: "[", action: .shorterWindow, title: "shorter",
            help: "a shorter window: 6 h, 1 h, 5 min", hint: 20, area: "Look"),
        Binding(
            keys: [.character("]")], label: "]", action: .longerWindow, title: "longer",
            help: "a longer window: 5 min, 1 h, 6 h", hint: 21, area: "Look"),
        Binding(
            keys: [.left, .character("h")], label: "h ←", action: .left, title: "read values",
            help: "the cursor to the left: reads value and time", hint: 30, area: "Look"),
        Binding(
            keys: [.right, .character("l")], label: "l →", action: .right, title: "later",
            help: "the cursor to the right; past the edge it goes away", area: "Look"),
        unit,
    ]
    /// The overview's graph has the same key.
    static let unit = Binding(
        keys: [.character("u")], label: "u", action: .unit, title: "records/bytes",
        help: "records a second, bytes a second (log growth), or stacked", hint: 25, area: "Look")
    /// What is drawn.
    enum Unit: Int, CaseIterable, Sendable { case records, bytes, stacked }

    private(set) var subject: GraphSubject
    /// What the screen was opened for: Tab comes back to it.
    private let opened: GraphSubject
    private(set) var isBrokers = false
    private(set) var window = History.Window.fiveMinutes
    private(set) var unit = Unit.records
    private var cursor: Int?
    /// Kept between states of the cluster, so that the scale does not jump with each sample.
    private var scale = GraphScale()
    private var firstBroker = 0
    /// The topics that have bands of their own: others take their place only where they are clearly
    /// busier.
    private var stacked: [String] = []

    var scope: Scope { opened.scope }
    var crumb: String { "throughput of \(isBrokers ? "brokers" : subject.title)" }

    init(_ subject: GraphSubject) {
        self.subject = subject
        opened = subject
    }

    init?(_ subject: ObjectID?, _ scene: Scene) {
        self.init(subject.flatMap(GraphSubject.init) ?? .cluster)
    }

    private var measure: History.Measure {
        unit == .bytes ? .bytes : .records
    }
    /// The cluster by its topics, or its racks by their brokers, as bands.
    private var isStacked: Bool { unit == .stacked && (isBrokers || subject == .cluster) }
    private var isGroup: Bool {
        if case .group = subject { !isBrokers } else { false }
    }

    mutating func observe(_ scene: Scene, isIdle: Bool) {
        let width = scene.body.width
        if isStacked {
            stacked = StackedGraph.steadyTopics(stacked, scene)
            let most =
                isBrokers
                ? racks(scene).reduce(0) { max($0, rackGraph($1, scene, width: width).greatest) }
                : StackedGraph.topics(stacked, scene, window, width: width).greatest
            scale = GraphScale(high: steadyScale(scale.high, maximum: most))
        } else if isBrokers {
            // Beside each other they are compared: one scale, and it begins at zero.
            let most = scene.cluster.brokers.prefix(64).reduce(0) {
                max($0, pane(.broker($1.id), scene).range(scene, width: width / 2).most)
            }
            scale = GraphScale(high: steadyScale(scale.high, maximum: most))
        } else {
            let range = pane(subject, scene).range(scene, width: width)
            // What a group reads is compared with what is written: the space between is the lag.
            scale =
                isGroup
                ? GraphScale(high: steadyScale(scale.high, maximum: range.most))
                : scale.next(from: range.least, to: range.most)
        }
        if let cursor { self.cursor = min(cursor, max(0, plotWidth(scene) - 1)) }
    }

    private func plotWidth(_ scene: Scene) -> Int {
        isStacked
            ? StackedGraph.plotWidth(scene.body.width) : scene.body.width - GraphPane.labelWidth
    }

    /// The newest cell that something is known of, from the right edge: those to come are empty.
    private func newest(_ scene: Scene) -> Int {
        let (width, now) = (plotWidth(scene), scene.cluster.takenAt)
        guard width > 0 else { return 0 }
        let edge = GraphPane.edge(now, cells: width, seconds: window.seconds)
        let ahead = edge - Double(now.ns) / 1e9
        return max(0, Int((ahead / window.seconds * Double(width)).wholeBelow))
    }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        let all = History.Window.allCases
        let at = all.firstIndex(of: window) ?? 0
        switch action {
        case .longerWindow: window = all[min(all.count - 1, at + 1)]
        case .shorterWindow: window = all[max(0, at - 1)]
        case .unit:
            let all = Unit.allCases
            unit = all[(unit.rawValue + 1) % all.count]
            if unit == .stacked, !isStacked { unit = .records }
        case .left:
            cursor = min(cursor.map { $0 + 1 } ?? newest(scene), max(0, plotWidth(scene) - 1))
        case .right: cursor = cursor.flatMap { $0 > 0 ? $0 - 1 : nil }
        case .first: cursor = max(0, plotWidth(scene) - 1)
        case .last: cursor = nil
        case .lines(let count):
            firstBroker = min(max(0, firstBroker + count), scene.cluster.brokers.count)
        case .nextPane, .previousPane:
            if isBrokers {
                isBrokers = false
                subject = .cluster
            } else if subject == .cluster && opened != .cluster {
                subject = opened
            } else {
                isBrokers = true
            }
            if unit == .stacked, !isStacked { unit = .records }
        case .back:
            guard cursor != nil else { return [.leave] }
            cursor = nil
        default: return []
        }
        // Another window, unit or subject has a scale of its own.
        if action != .left && action != .right { scale = GraphScale() }
        observe(scene, isIdle: true)
        return []
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        let (head, body) = scene.body.split(top: scene.body.height >= 8 ? 1 : 0)
        if !head.isEmpty { drawChoices(&frame, head) }
        if isStacked {
            drawStacked(&frame, body, scene)
        } else if isBrokers {
            drawBrokers(&frame, body, scene)
        } else if isGroup && body.height >= 10 {
            let (top, bottom) = body.split(top: body.height * 3 / 5)
            var flow = pane(subject, scene)
            flow.title = "\(subject.title) reads"
            flow.draw(&frame, top, scene)
            GraphPane(subject: subject, measure: .lag, window: window, cursor: cursor, title: "lag")
                .draw(&frame, bottom, scene)
        } else {
            pane(subject, scene).draw(&frame, body, scene)
        }
    }

    private func pane(_ subject: GraphSubject, _ scene: Scene) -> GraphPane {
        var pane = GraphPane(
            subject: subject, measure: measure, window: window, scale: scale, cursor: cursor)
        if case .group(let id) = subject {
            pane.measure = .consumed
            pane.topics = topics(of: id, scene.cluster)
            pane.overlayTitle = "written to its topics"
        }
        return pane
    }

    /// History indexes of the topics a group has offsets for.
    private func topics(of group: String, _ cluster: Cluster) -> [Int] {
        let offsets = cluster.group(group)?.offsets ?? []
        let names = Set(offsets.map(\.partition.topic))
        return names.sorted().prefix(20).compactMap { cluster.topic(named: $0)?.historyIndex }
    }

    private func drawChoices(_ frame: inout Frame, _ rect: Rect) {
        func choice(_ text: String, _ isOn: Bool) -> Run { Run(" \(text) ", isOn ? .accent : .dim) }
        var runs: [Run] = [Run(" Tab", .key)]
        if opened != .cluster {
            runs.append(choice(opened.title, !isBrokers && subject == opened))
        }
        runs.append(choice("cluster", !isBrokers && subject == .cluster))
        runs.append(choice("brokers", isBrokers))
        runs.append(Run("  [ ]", .key))
        for option in History.Window.allCases {
            runs.append(choice(option.rawValue, option == window))
        }
        runs.append(Run("  u", .key))
        runs.append(choice("rec/s", unit == .records))
        runs.append(choice("bytes/s (log growth)", unit == .bytes))
        if isBrokers || subject == .cluster {
            runs.append(choice(isBrokers ? "by rack" : "by topic", unit == .stacked))
        }
        frame.runs(runs, x: rect.x, y: rect.y, width: rect.width, align: .left)
    }

    // MARK: Bands

    /// Brokers by rack, in order of the racks' names; those without one last.
    private func racks(_ scene: Scene) -> [(title: String, brokers: [Broker])] {
        let brokers = scene.cluster.brokers
        let names = Set(brokers.compactMap(\.rack)).sorted()
        var racks = names.map { name in
            ("rack \(shownName(name))", brokers.filter { $0.rack == name })
        }
        let others = brokers.filter { $0.rack == nil }
        if !others.isEmpty {
            racks.append((names.isEmpty ? "all brokers" : "no rack", others))
        }
        return racks.map { (title: $0.0, brokers: $0.1) }
    }

    private func rackGraph(
        _ rack: (title: String, brokers: [Broker]), _ scene: Scene, width: Int
    ) -> StackedGraph {
        StackedGraph.brokers(
            rack.brokers, title: rack.title, scene, window, width: width, scale: scale)
    }

    private func drawStacked(_ frame: inout Frame, _ rect: Rect, _ scene: Scene) {
        guard isBrokers else {
            var graph = StackedGraph.topics(
                stacked, scene, window, width: rect.width, scale: scale)
            graph.cursor = cursor
            graph.draw(&frame, rect, scene)
            return
        }
        let racks = racks(scene)
        guard !racks.isEmpty else {
            frame.text("Reading brokers.", x: rect.x + 1, y: rect.y + 1, role: .unknown)
            return
        }
        let lines = max(1, min(racks.count, rect.height / 6))
        let height = rect.height / lines
        let first = min(firstBroker, max(0, racks.count - lines))
        for (line, rack) in racks.dropFirst(first).prefix(lines).enumerated() {
            let place = Rect(
                x: rect.x, y: rect.y + line * height, width: rect.width, height: height)
            var graph = rackGraph(rack, scene, width: rect.width)
            graph.cursor = cursor
            graph.draw(&frame, place, scene)
        }
    }

    private func drawBrokers(_ frame: inout Frame, _ rect: Rect, _ scene: Scene) {
        let brokers = scene.cluster.brokers
        guard !brokers.isEmpty else {
            frame.text("Reading brokers.", x: rect.x + 1, y: rect.y + 1, role: .unknown)
            return
        }
        let columns = max(1, min(brokers.count, rect.width / 38))
        let wanted = (brokers.count + columns - 1) / columns
        let rows = max(1, min(wanted, rect.height / 5))
        let height = rect.height / rows
        let width = rect.width / columns
        let first = min(firstBroker, max(0, wanted - rows)) * columns
        let shown = brokers.dropFirst(first).prefix(rows * columns)
        for (index, broker) in shown.enumerated() {
            var small = pane(.broker(broker.id), scene)
            small.isSmall = true
            if broker.isIll { small.title = "\(Glyph.critical) broker \(broker.id)" }
            let cell = Rect(
                x: rect.x + index % columns * width, y: rect.y + index / columns * height,
                width: width - 1, height: height)
            small.draw(&frame, cell, scene)
        }
    }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        switch subject {
        case .cluster: break
        case .broker(let id): interest.brokers = [id]
        case .topic(let name): interest.topics = [name]
        case .partition(let key): interest.partitions = [key]
        case .group(let id): interest.groups = [id]
        }
        return interest
    }
}
