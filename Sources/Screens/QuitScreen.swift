// The question at the end of a session that carries a plan out: who goes on with it?

internal import ClusterModel
internal import Drawing

/// A box over the screen below: a key for each way.
struct QuitScreen: Screen {
    static let entry = ScreenEntry(
        name: "ending", title: "quit", help: "what is to become of the plan under way")
    static let traits: ScreenTraits = [.overlay, .typing]
    static let bindings = [
        Binding(
            keys: [.character("d")], label: "d", action: .resumePlan, title: "leave it running",
            help: "quit; a process of its own goes on with it", hint: 1, area: "Act"),
        Binding(
            keys: [.character("p")], label: "p", action: .holdPlan, title: "pause it and quit",
            help: "quit; nothing new begins until somebody resumes it", hint: 1, area: "Act"),
        Binding(
            keys: [.character("x")], label: "x", action: .stopPlan, title: "stop it first",
            help: "take back what is in flight; quit when that is done", hint: 2, area: "Act"),
        Binding(
            keys: [.escape], label: "Esc", action: .back, title: "stay",
            help: "stay, and let it go on", hint: 3, area: "Act"),
    ]
    private let id: String
    private let canDetach: Bool

    init(_ execution: ExecutionView, canDetach: Bool) {
        id = execution.id ?? ""
        self.canDetach = canDetach && execution.id != nil
    }

    init?(_ subject: ObjectID?, _ scene: Scene) { return nil }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        action == .back ? [.leave] : []
    }

    mutating func take(_ key: Key, _ scene: Scene) -> [Request] {
        switch key {
        case .character("d") where canDetach: return [.leave, .effect(.leavePlan(id: id))]
        case .character("p"): return [.leave, .effect(.quit)]
        case .character("x"):
            return [
                .leave, .effect(.stopPlan),
                .say("stopping: what is in flight is taken back; then :q quits"),
            ]
        case .escape, .backspace: return [.leave]
        // Whoever presses it again means it.
        case .control("c"): return [.effect(.quit)]
        default: return []
        }
    }

    func title(of binding: Binding) -> String? {
        binding.action == .resumePlan && !canDetach ? nil : binding.title
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        let width = min(body.width, 76)
        let text: [[Run]] = [
            [Run("A plan is being carried out from here.")],
            [],
            canDetach
                ? [
                    Run("d", .key),
                    Run("    quit, and leave it to a process of its own: it goes on. "),
                    Run("M", .key), Run(" of the next console shows it.", .dim),
                ] : [],
            [
                Run("p", .key), Run("    quit: what is in flight goes on, nothing new begins; "),
                Run("highwater resume \(id)", .accent), Run(" goes on. Throttles stay till then."),
            ],
            [Run("x", .key), Run("    stop it: what is in flight is taken back; then quit.")],
            [Run("Esc", .key), Run("  stay.")],
        ].filter { canDetach || !$0.isEmpty }.flatMap { wrapped($0, to: width - 4) }
        let height = min(body.height, text.count + 2)
        let rect = body.dialog(width: width, height: height)
        let inside = frame.box(rect, title: [Run("quit", .title)], role: .accent)
        for (line, runs) in text.prefix(inside.height).enumerated() {
            frame.runs(runs, x: inside.x + 1, y: inside.y + line, within: inside)
        }
    }
}
