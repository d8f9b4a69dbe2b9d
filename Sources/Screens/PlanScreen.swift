// The Plan screen: what a plan would do, before anything is asked for. Exclusions, tolerance and
// throttle are changed here, and all of it follows at once; Enter goes on to the review.

internal import ClusterModel
internal import Drawing
internal import Planning

/// One request with the plan made of it.
struct PlanScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "plan", title: "plan", help: "what balancing the cluster would move; nothing is sent")
    static let traits: ScreenTraits = [.rows, .table]
    static let bindings = [
        Binding(
            keys: [.enter], label: "Enter", action: .review, title: "carry out",
            help: "review it: the cluster is asked once more, then its name is typed", hint: 1,
            area: "Act", why: { scene, _ in Keymap.readOnly(scene, nil) }),
        Binding(
            keys: [.tab], label: "Tab", action: .nextPane, title: "next view",
            help: "brokers, racks, topics, partitions, waves, safety", hint: 2, area: "Look"),
        Binding(
            keys: [.backTab], label: "Shift-Tab", action: .previousPane, title: "view before",
            help: "safety, waves, partitions, topics, racks, brokers", area: "Look"),
        Binding(
            keys: [.character("x")], label: "x", action: .leaveOut, title: "leave out",
            help: "leave the row as it is, give the broker nothing; plan again", hint: 3,
            area: "Act", why: Keymap.noRow),
        Binding(
            keys: [.character("X")], label: "X", action: .takeIn, title: "take in again",
            help: "take in again what was left out last; plan again", area: "Act"),
        Binding(
            keys: [.character("t")], label: "t", action: .editThrottle, title: "throttle",
            help: "bytes a second for each broker and direction, or none", hint: 4, area: "Act"),
        Binding(
            keys: [.character("+"), .character("=")], label: "+", action: .moreThrottle,
            title: "faster", help: "the next greater throttle", area: "Act"),
        Binding(
            keys: [.character("-")], label: "-", action: .lessThrottle, title: "slower",
            help: "the next smaller throttle", area: "Act"),
        Binding(
            keys: [.character("o")], label: "o", action: .editTolerance, title: "tolerance",
            help: "how far from its share a broker may stay; plan again", hint: 5, area: "Act"),
    ]

    enum Pane: Int, CaseIterable, Sendable {
        case brokers, racks, topics, partitions, waves, safety
        var title: String {
            switch self {
            case .brokers: "Brokers"
            case .racks: "Racks"
            case .topics: "Topics"
            case .partitions: "Partitions"
            case .waves: "Waves"
            case .safety: "Safety"
            }
        }
    }

    /// A value of the head that is being typed.
    struct Editor: Sendable {
        let field: Action
        var line: LineEditor
        var fault: String?
    }

    private let base: PlanRequest
    /// What is left out of it, in the order in which that was asked for.
    private(set) var leftOut: [ObjectID] = []
    /// Bytes a second; nil: none.
    private(set) var throttle: Int64?
    private(set) var tolerance: Double
    private(set) var draft: PlanDraft?
    private(set) var fault: String?
    private(set) var costs: [PlanCost] = []
    private(set) var editor: Editor?
    private(set) var pane = Pane.brokers
    private var tables: [Pane: TableState] = [:]
    private var specs: [Pane: TableSpec] = [:]
    /// What was asked for last, and by which sizes.
    private var asked: PlanRequest?
    private var askedAt = Instant.never

    static let spec = PlanTables.spec(of: .brokers, nil, throttle: nil)
    var spec: TableSpec { specs[pane] ?? Self.spec }
    var state: TableState {
        get { tables[pane] ?? TableState(spec) }
        set { tables[pane] = newValue }
    }

    init() { self.init(PlanRequest(.balance)) }

    init(_ request: PlanRequest) {
        base = request
        throttle = request.throttle
        tolerance = request.tolerance
    }

    /// What is asked for now. How fast it is copied changes nothing of what is planned.
    var request: PlanRequest {
        var request = base
        request.tolerance = tolerance
        for id in leftOut {
            switch id {
            case .topic(let name): request.excludedTopics.append(name)
            case .partition(let key): request.excludedPartitions.append(key)
            case .broker(let id):
                if request.brokers.contains(id.value) {
                    request.brokers.removeAll { $0 == id.value }
                } else {
                    request.excludedBrokers.append(id.value)
                }
            default: break
            }
        }
        return request
    }

    /// The draft is not of what is asked for now.
    var isBehind: Bool { draft?.request != request }

    var scope: Scope { Scope(plan: request) }
    var crumb: String { "plan: " + base.title }
    var isTyping: Bool { editor != nil }

    // MARK: Planning

    /// Sizes that were not known when it was planned may be by now.
    mutating func ask(_ scene: Scene) -> Effect? {
        let request = request
        let sizes = scene.cluster.health(.logDirs).answeredAt
        let isMissing = (draft?.unknownSizes ?? 0) > 0 && sizes.ns > askedAt.ns
        guard asked != request || isMissing, PlanKeys.noPartitions(scene) == nil else { return nil }
        (asked, askedAt) = (request, max(sizes, scene.cluster.takenAt))
        return .plan(request)
    }

    mutating func take(_ answer: PlanAnswer, _ scene: Scene) {
        guard answer.request == request else { return }
        switch answer {
        case .draft(let next):
            (draft, fault) = (next, nil)
            if costs.first(where: { $0.tolerance == tolerance })?.bytes != next.plan.totals.bytes {
                costs = []
            }
            derive(scene)
        case .fault(_, let why): (draft, fault, costs) = (nil, why, [])
        case .costs(_, let told): costs = told
        }
    }

    private mutating func derive(_ scene: Scene) {
        let isFirst = specs.isEmpty
        for pane in Pane.allCases {
            let spec = PlanTables.spec(of: pane, draft, throttle: throttle)
            specs[pane] = spec
            // Before the first draft there were no columns to sort by.
            var state = isFirst ? TableState(spec) : tables[pane] ?? TableState(spec)
            state.reorder(spec, scene, page: page(scene))
            tables[pane] = state
        }
    }

    private func page(_ scene: Scene) -> Int { TableView.page(tableRect(scene).height) }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.wantsSizes = true
        return interest
    }

    // MARK: Keys

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        switch action {
        case .nextPane, .previousPane:
            let all = Pane.allCases
            let step = action == .nextPane ? 1 : all.count - 1
            pane = all[(pane.rawValue + step) % all.count]
            observe(scene, isIdle: true)
        case .leaveOut: return leaveOut(scene)
        case .takeIn:
            guard let last = leftOut.popLast() else {
                return [.refuse("take in again: nothing is left out")]
            }
            return [.say("\(last) is taken in again")]
        case .moreThrottle, .lessThrottle:
            setThrottle(
                throttleStep(throttle ?? base.throttle, isUp: action == .moreThrottle), scene)
        case .editThrottle:
            editor = Editor(
                field: action, line: LineEditor(throttle.map { bytesWords($0) } ?? "none"))
        case .editTolerance:
            guard base.hasTolerance else {
                return [.refuse("tolerance: only where brokers are balanced or filled")]
            }
            editor = Editor(
                field: action, line: LineEditor(PlanWords.text(share: tolerance)))
        case .review: return review()
        default: return updateTable(action, scene)
        }
        return []
    }

    private mutating func setThrottle(_ rate: Int64?, _ scene: Scene) {
        throttle = rate
        derive(scene)
    }

    private mutating func leaveOut(_ scene: Scene) -> [Request] {
        var rows = state.marks.isEmpty ? row(scene).map { [$0] } ?? [] : Array(state.marks)
        rows = rows.filter { !leftOut.contains($0) }
        for row in rows {
            switch row {
            case .topic, .partition: break
            case .broker(let id):
                if request.brokers == [id.value] {
                    return [.refuse("leave out: \(row) is what the plan is about")]
                }
            default: return [.refuse("leave out: only partitions, topics and brokers can be")]
            }
        }
        guard !rows.isEmpty else { return [.refuse("leave out: it is left out already")] }
        leftOut += rows
        return [.say("left out: \(rows.count == 1 ? "\(rows[0])" : plural(rows.count, "row"))")]
    }

    private func review() -> [Request] {
        if let fault { return [.refuse("nothing is planned: \(fault)")] }
        guard let draft, !isBehind else { return [.refuse("carry out: it is being planned still")] }
        if draft.plan.isRefused {
            return [.refuse("nothing of it can be done: the view Safety says why")]
        }
        if draft.plan.isEmpty { return [.refuse("nothing is needed: it is so already")] }
        if let throttle, Double(throttle) <= draft.leastThrottle {
            return [
                .refuse(
                    "with this throttle it would never end: "
                        + "\(NumberFormat.bytes(draft.leastThrottle))/s are written meanwhile")
            ]
        }
        return [.effect(.propose(ChangeRequest(draft.file(throttle: throttle))))]
    }

    mutating func take(_ key: Key, _ scene: Scene) -> [Request] {
        guard var now = editor else { return [] }
        switch key {
        case .escape, .control("c"): editor = nil
        case .enter:
            now.fault = set(now.field, trimmed(now.line.string), scene)
            editor = now.fault == nil ? nil : now
        default:
            now.fault = nil
            now.line.take(key)
            editor = now
        }
        return []
    }

    /// Takes a typed value over; why not, where it is none.
    private mutating func set(_ field: Action, _ text: String, _ scene: Scene) -> String? {
        if field == .editThrottle {
            if text == "none" {
                setThrottle(nil, scene)
                return nil
            }
            guard let rate = PlanWords.rate(text) else { return "such as 50MB, or none" }
            setThrottle(rate, scene)
            return nil
        }
        guard let share = PlanWords.share(text), share <= 1 else { return "such as 5 %" }
        tolerance = share
        return nil
    }

    var hints: [Binding] {
        editor == nil
            ? Keymap.hints(on: Self.self).filter {
                $0.action != .editTolerance || base.hasTolerance
            } : MoveTargetScreen.bindings
    }

    func title(of binding: Binding) -> String? {
        if editor != nil { return binding.keys == [.enter] ? "take it" : "leave it" }
        if binding.action == .review, draft.map(\.plan.isEmpty) ?? true { return nil }
        return binding.title
    }

    func target(_ row: Int, _ scene: Scene) -> (any Screen)? { nil }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard let place = spec.find(scene, row) else { return nil }
        let lines = spec.columns.filter { !$0.title.isEmpty }.map { column in
            [Run(column.title + "  ", .dim)]
                + column.text(scene, place, Limits.promptScalars)
        }
        return Explanation(title: "\(row)", lines: lines)
    }
}

/// The next round rate: 1, 2, 5, 10, 20, 50 MB and so on.
func throttleStep(_ rate: Int64, isUp: Bool) -> Int64 {
    var steps: [Int64] = []
    var decade: Int64 = 10_000
    while decade <= 10_000_000_000 {
        steps += [decade, 2 * decade, 5 * decade]
        decade *= 10
    }
    let next = isUp ? steps.first { $0 > rate } : steps.last { $0 < rate }
    return next ?? rate
}

/// "50MB", as it is typed.
func bytesWords(_ rate: Int64) -> String {
    let units: [(name: String, size: Int64)] = [
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000),
    ]
    let unit = units.first { rate >= $0.size && rate % ($0.size / 10) == 0 }
    guard let unit else { return "\(rate)" }
    let tenths = rate / (unit.size / 10)
    return (tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)") + unit.name
}
