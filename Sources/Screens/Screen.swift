// What every screen is, and the list of all of them. Navigation is a stack of screens.

internal import ClusterModel
internal import Drawing
internal import Planning

/// Every screen that a key, a command or a row leads to. Keys, commands, completions, help and the
/// README's table are read off this list; the order is theirs.
let allScreens: [any Screen.Type] = [
    OverviewScreen.self,
    ThroughputScreen.self,
    LeadershipScreen.self,
    ConfigsScreen.self,
    OverridesScreen.self,
    BrokersScreen.self,
    TopicsScreen.self,
    TopicScreen.self,
    PartitionsScreen.self,
    PartitionScreen.self,
    ReplicasScreen.self,
    GroupsScreen.self,
    GroupScreen.self,
    VolumesScreen.self,
    CoordinatorScreen.self,
    EventsScreen.self,
    JournalScreen.self,
    WrongScreen.self,
    PlanScreen.self,
    MovesScreen.self,
    ContextsScreen.self,
]

/// What is laid over or after a screen and is about that screen.
let overlays: [any Screen.Type] = [
    HelpScreen.self, WhyScreen.self, ReviewScreen.self, IdentityScreen.self, SortScreen.self,
    MoveTargetScreen.self, AskScreen.self, QuitScreen.self,
]

/// What every screen is called and how one gets there.
package let screenEntries: [ScreenEntry] = allScreens.map { $0.entry }

/// What a screen is called and how one gets there.
package struct ScreenEntry: Sendable {
    /// Its name, which is its `:` command as well.
    package let name: String
    package var aliases: [String] = []
    /// The key that leads there from everywhere.
    package var key: Unicode.Scalar?
    /// One or two words for the footer.
    package var title: String
    /// A sentence for help, of the key and of the command.
    package var help: String
    /// Footer order of its key, smallest first; nil: only in help.
    package var hint: Int?
    /// What its command takes.
    var argument: Argument?
    /// Its key opens it about the selected row and on top of the present screen.
    var takesRow = false
}

/// What a screen, a key or a command asks for.
enum Request: Sendable {
    /// The screen on top of the present one: Esc comes back.
    case open(any Screen)
    /// The screen as the first after the overview.
    case go(any Screen)
    /// What the key of this action does.
    case perform(Action)
    /// The prompt with the beginning of a command, to be gone on with.
    case prompt(String)
    /// Nothing here to close: the screen itself is to be left.
    case leave
    case say(String)
    /// It cannot be done, and why.
    case refuse(String)
    case effect(Effect)
}

/// Why a row is as it is, for the box that `i` opens.
struct Explanation: Sendable {
    var title: String
    var lines: [[Run]]

    /// Of a row that is not there any more.
    static let gone = Explanation(
        title: "gone", lines: [[Run("This row is not there any more.")]])
}

/// What every screen has, always in this order: entry, state, update, render.
protocol Screen: Sendable {
    static var entry: ScreenEntry { get }
    static var traits: ScreenTraits { get }
    /// Its own keys; they go before those of all screens.
    static var bindings: [Binding] { get }
    /// Its own command and those that lead here by another name.
    static var commands: [Command] { get }
    /// Enter on a row of this identity leads here.
    static func isHome(of id: ObjectID) -> Bool
    /// The screen about `subject`, nil: the whole cluster; nil where it is not about such a thing.
    init?(_ subject: ObjectID?, _ scene: Scene)

    var scope: Scope { get }
    /// The screen's piece of the trail.
    var crumb: String { get }
    /// The table behind keys like filter and sort, if it has one.
    var table: TableState? { get }
    /// Takes in a new state of the cluster or a new size; `isIdle`: nobody is at the keys.
    mutating func observe(_ scene: Scene, isIdle: Bool)
    /// Another screen lies on this one: it need not hold the cluster it showed last.
    mutating func cover()
    mutating func update(_ action: Action, _ scene: Scene) -> [Request]
    /// Takes a key as it is; asked of screens whose traits are `.typing`.
    mutating func take(_ key: Key, _ scene: Scene) -> [Request]
    /// Time has passed.
    mutating func tick(_ now: Instant)
    /// Takes in what became of the change under way.
    mutating func take(_ event: OperationEvent)
    /// What has to be found out for it now; asked of the screen on top after every event.
    mutating func ask(_ scene: Scene) -> Effect?
    /// Takes in what was planned.
    mutating func take(_ answer: PlanAnswer, _ scene: Scene)
    /// What the footer calls one of its keys now; nil: it does nothing now.
    func title(of binding: Binding) -> String?
    mutating func click(x: Int, y: Int, _ scene: Scene) -> [Request]
    mutating func setFilter(_ text: String, _ scene: Scene)
    func render(_ frame: inout Frame, _ scene: Scene)
    /// What is in view, for Polling.
    func interest(_ scene: Scene) -> Interest
    /// Keys are text now.
    var isTyping: Bool { get }
    /// The keys that the footer names, in its order.
    var hints: [Binding] { get }
    /// The section whose age matters here; nil: the newest of all.
    var section: Section? { get }
    /// When what is shown here was answered, where it has an age of its own; nil: its section's.
    func answeredAt(_ scene: Scene) -> Instant?
    /// The selected row.
    func row(_ scene: Scene) -> ObjectID?
    /// What a screen opened from here is about; nil: the cluster.
    func subject(_ scene: Scene) -> ObjectID?
    /// What is known of one of its rows, what is not, and why; nil where the row is gone.
    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation?
}

extension Screen {
    static var traits: ScreenTraits { [] }
    static var bindings: [Binding] { [] }
    static var commands: [Command] { [Command(Self.self)] }
    static func isHome(of id: ObjectID) -> Bool { false }

    var scope: Scope { Scope() }
    var crumb: String { Self.entry.title }
    var table: TableState? { nil }
    var section: Section? { nil }
    func answeredAt(_ scene: Scene) -> Instant? { nil }
    var isTyping: Bool { Self.traits.contains(.typing) }
    var hints: [Binding] { Keymap.hints(on: Self.self) }
    mutating func observe(_ scene: Scene, isIdle: Bool) {}
    mutating func cover() {}
    mutating func take(_ key: Key, _ scene: Scene) -> [Request] { [] }
    mutating func tick(_ now: Instant) {}
    mutating func take(_ event: OperationEvent) {}
    mutating func take(_ answer: PlanAnswer, _ scene: Scene) {}
    mutating func ask(_ scene: Scene) -> Effect? { nil }
    func title(of binding: Binding) -> String? { binding.title }
    mutating func click(x: Int, y: Int, _ scene: Scene) -> [Request] { [] }
    mutating func setFilter(_ text: String, _ scene: Scene) {}
    func interest(_ scene: Scene) -> Interest { Interest() }
    func row(_ scene: Scene) -> ObjectID? { nil }
    func subject(_ scene: Scene) -> ObjectID? { row(scene) }
    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? { nil }

    /// The same place: a screen of the same kind about the same thing.
    func isSamePlace(as other: any Screen) -> Bool {
        ObjectIdentifier(Self.self) == ObjectIdentifier(type(of: other)) && scope == other.scope
    }
}

/// A screen that is about the whole cluster and nothing less.
protocol ClusterScreen: Screen {
    init()
}

extension ClusterScreen {
    init?(_ subject: ObjectID?, _ scene: Scene) {
        guard subject.map({ Self.isHome(of: $0) }) ?? true else { return nil }
        self.init()
    }
}

/// The screen behind a row of this identity; nil where nothing is.
func home(of id: ObjectID, _ scene: Scene) -> (any Screen)? {
    allScreens.first { $0.isHome(of: id) }?.init(id, scene)
}
