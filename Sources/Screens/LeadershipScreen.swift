// Leadership: who leads, who should, and what one preferred election would change. Topics by
// brokers, topics by racks, and the brokers of all racks.

internal import ClusterModel
internal import Drawing
internal import Health
internal import Planning

/// A matrix of leaders beneath their sums, and the leaders that moved beneath it.
struct LeadershipScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "leadership", aliases: ["leaders"], key: "L", title: "leadership",
        help: "who leads, who should, what one preferred election would change")
    static let traits: ScreenTraits = [.rows, .table, .narrows, .electable]
    static let bindings = [
        Binding(
            keys: [.tab], label: "Tab", action: .nextPane, title: "brokers, racks",
            help: "topics by broker, topics by rack, the brokers", hint: 15, area: "Look"),
        Binding(
            keys: [.backTab], label: "Shift-Tab", action: .previousPane, title: "the one before",
            help: "the brokers, topics by rack, topics by broker", area: "Look"),
        PlanKeys.balanceLeaders,
    ]

    enum Pane: Int, CaseIterable, Sendable {
        case topicsByBroker, topicsByRack, brokers
        var title: String {
            switch self {
            case .topicsByBroker: "topics by broker"
            case .topicsByRack: "topics by rack"
            case .brokers: "brokers"
            }
        }
    }

    /// With more brokers than this a topic by broker is mostly empty: the brokers come first.
    private static let matrixBrokers = 24
    /// A broker that leads so many times its fair share is marked.
    private static let muchMore = 1.1
    /// Changes of leaders are listed this long, in seconds.
    private static let changeSeconds = 300.0
    /// Partitions named in the explanation of a topic.
    private static let explained = 20

    static let spec = topicSpec([], width: 80) { _ in 0 }
    private var chosen: Pane?
    private var tables: [Pane: TableState] = [:]
    private var specs: [Pane: TableSpec] = [:]
    private var leadership = Leadership()
    private var groups: [Pane: [LeaderGroup]] = [:]
    /// The revision that the sums are of.
    private var revision: UInt64?
    /// The columns of the matrix share this room evenly.
    private var width = 80

    private var pane: Pane { chosen ?? .topicsByBroker }
    var spec: TableSpec { specs[pane] ?? Self.spec }
    var state: TableState {
        get { tables[pane] ?? TableState(spec) }
        set { tables[pane] = newValue }
    }

    // MARK: Taking in

    mutating func observe(_ scene: Scene, isIdle: Bool) {
        let cluster = scene.cluster
        if chosen == nil, !cluster.brokers.isEmpty {
            chosen = cluster.brokers.count > Self.matrixBrokers ? .brokers : .topicsByBroker
        }
        if revision != cluster.revision || width != scene.body.width {
            (revision, width) = (cluster.revision, scene.body.width)
            derive(cluster)
        }
        let (spec, page) = (spec, TableView.page(tableRect(scene).height))
        state.observe(spec, scene, isIdle: isIdle, page: page)
        state.resize(spec, scene, page: page)
    }

    private mutating func derive(_ cluster: Cluster) {
        let sums = Leadership(cluster)
        leadership = sums
        groups[.topicsByBroker] = cluster.brokers.enumerated().map { index, broker in
            LeaderGroup(
                id: "\(broker.id)", title: "broker \(broker.id)", share: sums.brokers[index],
                fair: sums.fair, recordsPerSecond: broker.recordsPerSecond,
                isStale: broker.isRateStale
            ) { topic in
                sums.cell(topic: topic, broker: index).map { ($0.leaders, $0.preferred) } ?? (0, 0)
            }
        }
        groups[.topicsByRack] = sums.racks.enumerated().map { index, rack in
            LeaderGroup(
                id: rack.name, title: shownName(rack.name), share: rack.share,
                fair: sums.fair.map { $0 * Double(rack.brokers) },
                recordsPerSecond: rack.recordsPerSecond, isStale: false
            ) { topic in
                sums.cells(ofTopic: topic).reduce((0, 0)) { sum, cell in
                    sums.rackOfBroker[Int(cell.broker)] == index
                        ? (sum.0 + cell.leaders, sum.1 + cell.preferred) : sum
                }
            }
        }
        specs[.topicsByBroker] = Self.topicSpec(
            groups[.topicsByBroker] ?? [], width: width
        ) { topic in
            sums.cells(ofTopic: topic).reduce(0) { max($0, $1.leaders, $1.preferred) }
        }
        let racks = groups[.topicsByRack] ?? []
        specs[.topicsByRack] = Self.topicSpec(racks, width: width) { topic in
            racks.reduce(0) { most, rack in
                let cell = rack.cell(topic)
                return max(most, cell.leaders, cell.preferred)
            }
        }
        specs[.brokers] = Self.brokerSpec(sums)
    }

    mutating func cover() {
        for pane in tables.keys { tables[pane]?.cover() }
        (leadership, groups, specs, revision) = (Leadership(), [:], [:], nil)
    }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        if action == .balance { return [.open(PlanScreen(PlanRequest(.leaders)))] }
        guard action == .nextPane || action == .previousPane else {
            return updateTable(action, scene)
        }
        let all = Pane.allCases
        let step = action == .nextPane ? 1 : all.count - 1
        chosen = all[(pane.rawValue + step) % all.count]
        observe(scene, isIdle: true)
        return []
    }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        let rows = visibleRows(scene)
        if pane == .brokers {
            interest.brokers = rows.map { scene.cluster.brokers[$0].id }
        } else {
            interest.topics = rows.map { scene.cluster.topics[$0].name }
        }
        return interest
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        let cluster = scene.cluster
        switch row {
        case .topic(let name):
            guard let topic = cluster.topic(named: name) else { return nil }
            let wrong = topic.partitions.filter(cluster.partitions.isWrongLeader)
            var lines = wrong.prefix(Self.explained).map { row in
                let view = cluster.partition(row)
                let after =
                    Leadership.canElect(cluster.partitions, row)
                    ? "one election moves it" : "its preferred replica is not in sync: it stays"
                return [
                    Run("\(view.key)", .warning),
                    Run(" led by \(view.leader), preferred \(view.preferredLeader): \(after)."),
                ]
            }
            if wrong.count > lines.count {
                lines.append([Run("and \(wrong.count - lines.count) more", .dim)])
            }
            if lines.isEmpty { lines = [[Run("Every leader is the preferred one.", .good)]] }
            return Explanation(title: name, lines: lines)
        case .broker(let id):
            guard let index = cluster.brokerIndex(id), index < leadership.brokers.count else {
                return nil
            }
            let share = leadership.brokers[index]
            let fair = NumberFormat.count(leadership.fair.map { Int64($0.nearestWhole) })
            return Explanation(
                title: "broker \(id)",
                lines: [
                    [
                        Run("Leads \(plural(share.leaders, "partition")), should lead "),
                        Run("\(NumberFormat.grouped(share.preferred)); a fair share is \(fair)."),
                    ],
                    [
                        Run("One preferred election brings \(share.gained) and takes "),
                        Run("\(share.lost): then it leads \(NumberFormat.grouped(share.after))."),
                    ],
                ])
        default: return nil
        }
    }

    // MARK: Drawing

    /// Lines above the table, and of the list of moves beneath it.
    private func heights(_ scene: Scene) -> (head: Int, moves: Int) {
        switch scene.body.height {
        case ..<10: (min(1, scene.body.height), 0)
        case ..<16: (2, 0)
        case ..<24: (4, 4)
        default: (5, min(10, scene.body.height / 4))
        }
    }

    func tableRect(_ scene: Scene) -> Rect {
        let (head, moves) = heights(scene)
        let below = scene.body.split(top: head).1
        return below.split(top: below.height - moves).0
    }

    func renderAround(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        let (head, moves) = heights(scene)
        var y = body.y
        if head >= 4 {
            drawChoices(&frame, body, scene)
            y += 1
        }
        if head > 0 {
            frame.runs(
                fit(electionRuns(scene), to: body.width - 2), x: body.x + 1, y: y, within: body)
            y += 1
        }
        if pane == .brokers {
            if head > 1 { drawRacks(&frame, body, y: y, lines: body.y + head - y) }
        } else {
            drawSums(&frame, scene, y: y, lines: body.y + head - y)
        }
        guard moves > 0 else { return }
        drawMoves(&frame, body.split(top: body.height - moves).1, scene)
    }

    private func drawChoices(_ frame: inout Frame, _ body: Rect, _ scene: Scene) {
        var runs = [Run(" Tab", .key)]
        for option in Pane.allCases {
            runs.append(Run("  \(option.title)", option == pane ? .accent : .dim))
        }
        if let fair = leadership.fair {
            runs += [
                Run("    fair share ", .dim),
                Run(NumberFormat.grouped(Int64(fair.nearestWhole)) + " leaders"),
            ]
        }
        frame.runs(runs, x: body.x, y: body.y, width: body.width, align: .left)
    }

    /// What one preferred election would change, in a sentence.
    private func electionRuns(_ scene: Scene) -> [Run] {
        guard scene.cluster.knowsPartitions else {
            return [Run("Reading who leads.", .unknown)]
        }
        if scene.cluster.partitions.count == 0 { return [Run("No partitions: nothing to elect.")] }
        let (electable, stuck) = (leadership.electable, leadership.stuck)
        let unserved = scene.cluster.counts[NotServed.entry.name] ?? 0
        let warning = Run("\(plural(unserved, "partition")) not served", .critical)
        if electable == 0 && stuck == 0 {
            let role: Role = unserved > 0 ? .text : .good
            return [Run("Every leader is the preferred one: an election changes nothing.", role)]
                + (unserved > 0 ? [Run("  "), warning] : [])
        }
        var runs = [
            Run(
                electable == 0
                    ? "One election moves nothing"
                    : "One election moves \(plural(electable, "leader"))", .accent)
        ]
        let changed = leadership.brokers.indices
            .map { ($0, leadership.brokers[$0].change) }
            .filter { $0.1 != 0 }.sorted { (abs($1.1), $0.0) < (abs($0.1), $1.0) }
        for (place, (index, change)) in changed.prefix(8).enumerated() {
            let id = scene.cluster.brokers[index].id
            runs.append(Run("\(place == 0 ? ": broker" : ",") \(id) \(signed(change))"))
        }
        if changed.count > 8 { runs.append(Run(", \(changed.count - 8) more", .dim)) }
        if stuck > 0 {
            let word = stuck == 1 ? "its" : "their"
            let verb = stuck == 1 ? "stays" : "stay"
            runs.append(
                Run("; \(stuck) \(verb): \(word) preferred replica is not in sync", .warning))
        }
        if unserved > 0 { runs += [Run("; "), warning] }
        return runs
    }

    /// The sums of each column of the matrix, over it.
    private func drawSums(_ frame: inout Frame, _ scene: Scene, y: Int, lines: Int) {
        guard lines > 0 else { return }
        let rect = tableRect(scene)
        let known = Dictionary(
            (groups[pane] ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let placed = TableView(spec: spec, state: state, scene: scene).placed(rect).placed
        let labels = ["leaders/pref", "rec/s", "after election"].prefix(lines)
        for (line, label) in labels.enumerated() {
            let width = placed.first?.width ?? 0
            frame.runs(
                [Run(label, .header)], x: rect.x + 3, y: y + line, width: width, align: .left)
            for item in placed.dropFirst() {
                guard let group = known[item.column.id] else { continue }
                let runs =
                    switch line {
                    case _ where !scene.cluster.knowsPartitions:
                        unknownFigure + [Run(" ")]
                    case 0: group.shareRuns(item.width, most: Self.muchMore)
                    case 1:
                        figure(group.recordsPerSecond, NumberFormat.rate, isStale: group.isStale)
                            + [Run(" ")]
                    default: [Run(NumberFormat.grouped(group.share.after) + " ", .dim)]
                    }
                frame.runs(
                    runs, x: rect.x + item.x, y: y + line, width: item.width, align: .right)
            }
        }
    }

    private func drawRacks(_ frame: inout Frame, _ body: Rect, y: Int, lines: Int) {
        var runs: [[Run]] = [[]]
        for group in groups[.topicsByRack] ?? [] {
            let part =
                [Run("\(group.title) ", .dim)] + group.shareRuns(24, most: Self.muchMore)
                + [
                    Run("  "), Run(NumberFormat.rate(group.recordsPerSecond)),
                    Run(" rec/s    ", .dim),
                ]
            let last = runs.count - 1
            if !runs[last].isEmpty && runs[last].width + part.width > body.width - 2 {
                runs.append(part)
            } else {
                runs[last] += part
            }
        }
        for (line, part) in runs.prefix(lines).enumerated() {
            frame.runs(part, x: body.x + 1, y: y + line, width: body.width - 2, align: .left)
        }
    }

    private func drawMoves(_ frame: inout Frame, _ rect: Rect, _ scene: Scene) {
        let table = scene.cluster.partitions
        let recent = scene.cluster.leaderChanges.filter {
            scene.now.seconds(since: $0.at) < Self.changeSeconds
        }
        // Of the time before anybody looked nothing is known.
        let watched = scene.age(scene.cluster.watchedSince) ?? Self.changeSeconds
        let span =
            watched < Self.changeSeconds ? ago(watched) : "5 min"
        frame.runs(
            [
                Run("Leaders that moved", .header),
                Run(
                    recent.isEmpty ? "   none in \(span)" : "   in 5 min: \(recent.count)", .dim),
            ], x: rect.x + 1, y: rect.y, width: rect.width - 2, align: .left)
        func name(_ id: BrokerID) -> String { id.exists ? "\(id)" : "nobody" }
        for (line, move) in recent.reversed().prefix(rect.height - 1).enumerated() {
            var runs = [
                Run("\(scene.clock(move.at) ?? "")  ", .dim), Run("\(move.partition)  ", .accent),
                Run("from \(name(move.from)) to \(name(move.to))"),
            ]
            if let row = scene.cluster.row(of: move.partition) {
                let isHome = move.to.value == table.preferredLeader(row)
                runs.append(
                    isHome ? Run("  the preferred one", .good) : Run("  not preferred", .warning))
            }
            frame.runs(
                runs, x: rect.x + 1, y: rect.y + 1 + line, width: rect.width - 2, align: .left)
        }
    }
}
