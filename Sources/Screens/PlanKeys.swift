// Plans from the keyboard: keys on rows that are brokers, partitions or topics, and the same by
// name. Each leads to the Plan screen; nothing is sent from here.

internal import ClusterModel
internal import Drawing
internal import Planning

/// The keys that lead to a plan. A plan may be looked at in a session that may change nothing.
enum PlanKeys {
    static let drain = Binding(
        keys: [.character("D")], label: "D", action: .drain, title: "drain",
        help: "plan: empty the marked brokers, else this one", needs: .brokers, hint: 62,
        area: "Act", why: { noBroker($0, $1) })
    static let fill = Binding(
        keys: [.character("F")], label: "F", action: .fill, title: "fill",
        help: "plan: bring replicas to the marked brokers, else this one", needs: .brokers,
        area: "Act", why: { noBroker($0, $1) })
    static let balance = Binding(
        keys: [.character("b")], label: "b", action: .balance, title: "balance",
        help: "plan: share replicas, bytes and leaders evenly", needs: .brokers, area: "Act",
        why: { scene, _ in noPartitions(scene) })
    static let balanceLeaders = Binding(
        keys: [.character("b")], label: "b", action: .balance, title: "balance leaders",
        help: "plan: share leaders evenly, with the fewest changes", hint: 62, area: "Act",
        why: { scene, _ in noPartitions(scene) })
    static let move = Binding(
        keys: [.character("m")], label: "m", action: .move, title: "move",
        help: "plan: move the marked rows, else this one: to which brokers?", needs: .movable,
        hint: 62, area: "Act", why: { Keymap.noRow($0, $1) ?? noPartitions($0) })

    private static func noBroker(_ scene: Scene, _ row: ObjectID?) -> String? {
        if let why = noPartitions(scene) { return why }
        guard case .broker(let id)? = row else {
            return row == nil ? "no row is selected" : "the selected row is no broker"
        }
        return scene.cluster.broker(id) == nil ? "broker \(id) is not there any more" : nil
    }

    static func noPartitions(_ scene: Scene) -> String? {
        scene.cluster.knowsPartitions && scene.cluster.clusterID != nil
            ? nil : "who holds what is not known yet"
    }
}

/// What a key asks to be planned for these rows.
func plans(_ action: Action, of rows: [ObjectID]) -> Request {
    let brokers = rows.compactMap { row -> Int32? in
        if case .broker(let id) = row { id.value } else { nil }
    }.sorted()
    switch action {
    case .balance: return .open(PlanScreen(PlanRequest(.balance)))
    case .drain, .fill:
        guard !brokers.isEmpty else { return .refuse("no broker is selected") }
        var request = PlanRequest(action == .drain ? .drain : .fill)
        request.brokers = brokers
        return .open(PlanScreen(request))
    default: return .refuse("nothing is planned for that")
    }
}

extension Command {
    static let ofPlans = [drain, fill, balance, balanceLeaders, move]

    private static let drain = ofBrokers("drain", .drain, help: "plan: empty a broker")
    private static let fill = ofBrokers("fill", .fill, help: "plan: bring replicas to a broker")

    private static func ofBrokers(
        _ name: String, _ kind: PlanRequest.Kind, help: String
    ) -> Command {
        Command(name, .broker, help: help) { text, scene in
            guard !text.isEmpty else { return .refuse("\(name): which? Tab completes") }
            guard case .broker(let id)? = Argument.broker.find(scene.cluster, text) else {
                return .refuse("\(name): " + Argument.broker.notFound(text, scene))
            }
            var request = PlanRequest(kind)
            request.brokers = [id.value]
            return .go(PlanScreen(request))
        }
    }

    private static let balance = Command(
        "balance", help: "plan: share replicas, bytes and leaders evenly"
    ) { _, _ in .go(PlanScreen(PlanRequest(.balance))) }

    private static let balanceLeaders = Command(
        "balance-leaders", help: "plan: share leaders evenly, with the fewest changes"
    ) { _, _ in .go(PlanScreen(PlanRequest(.leaders))) }

    private static let move = Command(
        "move", .moved, help: "plan: TOPIC-N 1,5,9 or a topic's all: orders -3,+12"
    ) { text, scene in
        guard let blank = text.unicodeScalars.lastIndex(of: " ") else {
            return .refuse("move: what and where? TOPIC-N 1,5,9 or TOPIC-N -3,+12")
        }
        let name = trimmed(String(text.unicodeScalars[..<blank]))
        let wish = trimmed(String(text.unicodeScalars[blank...]))
        guard
            let subject = Argument.partition.find(scene.cluster, name)
                ?? Argument.topic.find(scene.cluster, name)
        else { return .refuse("move: no topic or partition \(name) is known") }
        return moves(of: [subject], wish, scene)
    }
}

extension Argument {
    fileprivate static let moved = Argument(
        noun: "topic or partition", placeholder: "WHAT IDS", section: .topics,
        completions: { scene, text in
            text.contains(" ") ? [] : topic.completions(scene, text)
        })
}

/// The plan that gives all these partitions, and those of these topics, such replicas.
func moves(of subjects: [ObjectID], _ wish: String, _ scene: Scene) -> Request {
    var request = PlanRequest(.move)
    var seen: Set<PartitionKey> = []
    for subject in subjects {
        var keys: [PartitionKey] = []
        switch subject {
        case .partition(let key): keys = [key]
        case .topic(let name):
            guard let topic = scene.cluster.topic(named: name) else { continue }
            keys = topic.partitions.map { scene.cluster.key(ofRow: $0) }
        default: continue
        }
        for key in keys where seen.insert(key).inserted {
            guard
                let move = PlanWords.wish(wish, topic: key.topic, partition: key.partition)
            else {
                return .refuse(
                    "move: \(wish) is not 1,5,9 (all replicas in order) or -3,+12 (12 for 3)")
            }
            request.moves.append(move)
        }
    }
    guard !request.moves.isEmpty else { return .refuse("move: no partition of it is known") }
    return .open(PlanScreen(request))
}

/// The question behind `m`: to which brokers?
struct MoveTargetScreen: Screen {
    static let entry = ScreenEntry(
        name: "move-target", title: "move", help: "to which brokers rows are moved")
    static let traits: ScreenTraits = [.overlay, .typing]
    static let bindings = [
        Binding(
            keys: [.enter], label: "Enter", action: .open, title: "plan",
            help: "plan it: nothing is sent yet", hint: 1, area: "Act"),
        Binding(
            keys: [.escape], label: "Esc", action: .back, title: "leave all as it is",
            help: "leave everything as it is", hint: 2, area: "Act"),
    ]
    private let subjects: [ObjectID]
    private var line = LineEditor("")
    private var fault: String?

    init(_ subjects: [ObjectID]) { self.subjects = subjects }

    init?(_ subject: ObjectID?, _ scene: Scene) { return nil }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        action == .back ? [.leave] : []
    }

    mutating func take(_ key: Key, _ scene: Scene) -> [Request] {
        switch key {
        case .escape, .control("c"): return [.leave]
        case .enter:
            let wish = String(line.string.unicodeScalars.filter { $0 != " " })
            let request = moves(of: subjects, wish, scene)
            if case .refuse(let why) = request {
                fault = why
                return []
            }
            return [.leave, request]
        default:
            fault = nil
            line.take(key)
            return []
        }
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        let width = min(body.width, 76)
        let what = subjects.count == 1 ? "\(subjects[0])" : plural(subjects.count, "row")
        var lines = wrapped(
            [
                Run("1,5,9", .key), Run(" are all replicas in order; ", .dim),
                Run("-3,+12", .key), Run(" puts 12 in the place of 3.", .dim),
            ], to: width - 4)
        if let now = replicas(scene) { lines.insert([Run("Now on ", .dim), Run(now)], at: 0) }
        if let fault { lines += wrapped([Run(capitalised(fault) + ".", .warning)], to: width - 4) }
        let height = min(body.height, lines.count + 3)
        let rect = body.dialog(width: width, height: height)
        let inside = frame.box(rect, title: [Run("move \(what) to", .title)], role: .accent)
        guard inside.height > 0 else { return }
        line.draw(
            &frame, Rect(x: inside.x + 1, y: inside.y, width: inside.width - 2, height: 1),
            room: max(1, inside.width - 3), within: inside)
        for (place, runs) in lines.prefix(max(0, inside.height - 1)).enumerated() {
            frame.runs(runs, x: inside.x + 1, y: inside.y + 1 + place, within: inside)
        }
    }

    /// Of a single partition its replicas.
    private func replicas(_ scene: Scene) -> String? {
        guard subjects.count == 1, case .partition(let key) = subjects[0],
            let row = scene.cluster.row(of: key)
        else { return nil }
        return scene.cluster.partition(row).replicas.map { "\($0.broker)" }.joined(separator: ",")
    }
}
