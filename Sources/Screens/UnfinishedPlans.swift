// Plans whose process was ended before they were: said in the strip of every screen, and gone on
// with, ended or forgotten from the journal.

internal import ClusterModel
internal import Drawing
internal import Planning

extension JournalEntry {
    /// A plan that nothing says is over.
    var isUnfinishedPlan: Bool { operation == ChangeRequest.ofPlans && state == .unfinished }
}

/// The keys of the Journal screen for such plans.
enum UnfinishedPlans {
    static let bindings = [
        Binding(
            keys: [.character("c")], label: "c", action: .resumePlan, title: "go on",
            help: "go on with a plan that was cut short", hint: 13, area: "Act",
            why: { why($0, $1) }, isSeldom: true),
        Binding(
            keys: [.character("a")], label: "a", action: .adoptPlan, title: "adopt",
            help: "let what is in flight end, take throttles away, move no more", hint: 13,
            area: "Act", why: { why($0, $1) }, isSeldom: true),
        Binding(
            keys: [.character("x")], label: "x", action: .forgetPlan, title: "forget",
            help: "call a plan that was cut short over, and take its throttles away", hint: 13,
            area: "Act",
            why: { why($0, $1) }, isSeldom: true),
    ]

    private static func entry(_ scene: Scene, _ row: ObjectID?) -> JournalEntry? {
        guard case .change(let id)? = row else { return nil }
        return scene.journal.entries.first { $0.id == id }
    }

    private static func why(_ scene: Scene, _ row: ObjectID?) -> String? {
        if scene.isReadOnly { return "this session is read-only" }
        guard let entry = entry(scene, row) else { return "no row is selected" }
        guard entry.isUnfinishedPlan else { return "this is no plan that was cut short" }
        if let execution = scene.execution, execution.isUnderWay {
            return execution.id == entry.id
                ? "it is under way: M shows it" : "another plan is under way: M shows it"
        }
        return nil
    }

    /// What a key asks of a plan that was cut short: always after a word.
    static func request(_ action: Action, _ row: ObjectID?, _ scene: Scene) -> Request {
        guard let entry = entry(scene, row) else { return .refuse("no row is selected") }
        let name = Run("\(entry.id): \(entry.summary). ")
        switch action {
        case .resumePlan:
            return .open(
                AskScreen(
                    "go on with it",
                    [[name, Run("Where it stands is read from the cluster, and it goes on.")]],
                    phrase: "yes", then: .effect(.takeUpPlan(id: entry.id, as: .resume))))
        case .adoptPlan:
            return .open(
                AskScreen(
                    "end it where it is",
                    [
                        [
                            name, Run("What is in flight ends, nothing new begins, and its "),
                            Run("throttles are put back to what was there before."),
                        ]
                    ], phrase: "yes", then: .effect(.takeUpPlan(id: entry.id, as: .adopt))))
        default:
            return .open(
                AskScreen(
                    "forget it",
                    [
                        [
                            name, Run("It is over at once: its throttles are put back to what "),
                            Run("was there before, and what is in flight goes on without any. "),
                            Run("a", .key), Run(" has that end under its throttle first."),
                        ]
                    ], phrase: "forget", then: .effect(.takeUpPlan(id: entry.id, as: .forget))))
        }
    }
}

extension ScreenState {
    /// The newest plan of the journal that is not over and is not under way here.
    var unfinishedPlan: JournalEntry? {
        journal.entries.first {
            $0.isUnfinishedPlan && !(execution?.isUnderWay == true && execution?.id == $0.id)
        }
    }

    /// What the strip of every screen says of plans: how far the one under way is, or that one
    /// was cut short, with the key that leads there.
    var planRuns: [Run] {
        if let runs = execution?.stripRuns, !runs.isEmpty { return runs }
        guard unfinishedPlan != nil else { return [] }
        return [Run("\(Glyph.warning) plan unfinished: ", .warning), Run("J", .key)]
    }
}
