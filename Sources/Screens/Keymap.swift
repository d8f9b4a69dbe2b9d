// The one table of keys. Help, footer hints and the keys themselves come from here, so that none of
// them can tell a different story.

internal import ClusterModel
package import Drawing

/// All bindings, and how a key finds its action.
package enum Keymap {
    private static let tables: Set<ScreenKind> = [
        .brokers, .topics, .partitions, .partition, .replicas, .groups, .group, .volumes,
        .coordinator, .events, .wrong,
    ]
    private static let narrowed: Set<ScreenKind> = [
        .brokers, .topics, .partitions, .replicas, .groups, .group, .volumes, .coordinator,
        .events, .wrong,
    ]
    private static let lists: Set<ScreenKind> = tables.union([
        .overview, .help, .why, .throughput,
    ])

    package static let bindings: [Binding] = move + look + narrow + go + rest

    /// The action of `key` on a screen of `kind`; a binding of fewer screens goes before one of
    /// all.
    package static func action(_ key: Key, in kind: ScreenKind) -> Action? {
        bindings.first { $0.kinds != nil && $0.holds(in: kind) && $0.keys.contains(key) }?.action
            ?? bindings.first { $0.kinds == nil && $0.keys.contains(key) }?.action
    }

    private static func char(_ text: Unicode.Scalar) -> Key { .character(text) }

    private static let move: [Binding] = [
        Binding(
            keys: [char("j"), .down], label: "j ↓", action: .lines(1), title: "down",
            help: "one line down", kinds: lists, area: "Move"),
        Binding(
            keys: [char("k"), .up], label: "k ↑", action: .lines(-1), title: "up",
            help: "one line up", kinds: lists, area: "Move"),
        Binding(
            keys: [.wheelDown], label: "wheel ↓", action: .lines(Limits.wheelRows), title: "down",
            help: "three lines down", kinds: lists, area: "Move"),
        Binding(
            keys: [.wheelUp], label: "wheel ↑", action: .lines(-Limits.wheelRows), title: "up",
            help: "three lines up", kinds: lists, area: "Move"),
        Binding(
            keys: [char("g"), .home], label: "g Home", action: .first, title: "first",
            help: "to the first line", area: "Move"),
        Binding(
            keys: [char("G"), .end], label: "G End", action: .last, title: "last",
            help: "to the last line, or to now", area: "Move"),
        Binding(
            keys: [.control("d")], label: "Ctrl-d", action: .pages(0.5), title: "half down",
            help: "half a page down", kinds: lists, area: "Move"),
        Binding(
            keys: [.control("u")], label: "Ctrl-u", action: .pages(-0.5), title: "half up",
            help: "half a page up", kinds: lists, area: "Move"),
        Binding(
            keys: [.pageDown, .control("f")], label: "PgDn", action: .pages(1),
            title: "page down", help: "a page down", kinds: lists, area: "Move"),
        Binding(
            keys: [.pageUp, .control("b")], label: "PgUp", action: .pages(-1),
            title: "page up", help: "a page up", kinds: lists, area: "Move"),
        Binding(
            keys: [.left, char("h")], label: "h ←", action: .left, title: "columns left",
            help: "columns to the left", kinds: tables, area: "Move"),
        Binding(
            keys: [.right, char("l")], label: "l →", action: .right, title: "columns right",
            help: "columns to the right", kinds: tables, area: "Move"),
        Binding(
            keys: [.tab], label: "Tab", action: .nextPane, title: "next list",
            help: "to the next list of this screen", kinds: [.overview], hint: 20, area: "Move"),
        Binding(
            keys: [.backTab], label: "Shift-Tab", action: .previousPane, title: "previous list",
            help: "to the list before", kinds: [.overview], area: "Move"),
    ]

    private static let look: [Binding] = [
        Binding(
            keys: [.enter], label: "Enter", action: .open, title: "open",
            help: "into the row, or why something of it is unknown",
            kinds: tables.union([.overview]), hint: 10, area: "Look"),
        Binding(
            keys: [.escape, .backspace], label: "Esc", action: .back, title: "back",
            help: "back: closes a filter, marks, then the screen; never quits", hint: 90,
            area: "Look"),
        Binding(
            keys: [char("q")], label: "q", action: .close, title: "close",
            help: "closes what lies on top, like Esc; :q quits", area: "Look"),
        Binding(
            keys: [char("i")], label: "i", action: .explain, title: "why",
            help: "what is known of this row, what is unknown, and why", kinds: tables, hint: 60,
            area: "Look"),
        Binding(
            keys: [.tab], label: "Tab", action: .nextPane, title: "cluster, brokers",
            help: "between the subject, all brokers and the cluster", kinds: [.throughput],
            hint: 15, area: "Look"),
        Binding(
            keys: [char("[")], label: "[", action: .shorterWindow,
            title: "shorter", help: "a shorter window: 6 h, 1 h, 5 min", kinds: [.throughput],
            hint: 20, area: "Look"),
        Binding(
            keys: [char("]")], label: "]", action: .longerWindow, title: "longer",
            help: "a longer window: 5 min, 1 h, 6 h", kinds: [.throughput], hint: 21, area: "Look"),
        Binding(
            keys: [.left, char("h")], label: "h ←", action: .left, title: "read values",
            help: "the cursor to the left: reads value and time", kinds: [.throughput], hint: 30,
            area: "Look"),
        Binding(
            keys: [.right, char("l")], label: "l →", action: .right, title: "later",
            help: "the cursor to the right; past the edge it goes away", kinds: [.throughput],
            area: "Look"),
        Binding(
            keys: [char("u")], label: "u", action: .unit, title: "records/bytes",
            help: "records a second or bytes a second (from log growth)",
            kinds: [.throughput, .overview], hint: 25, area: "Look"),
        Binding(
            keys: [char("T")], label: "T", action: .throughputOfRow, title: "throughput",
            help: "the row's throughput as a graph, else the cluster's",
            kinds: tables.union([.overview]), hint: 55, area: "Look"),
    ]

    private static let narrow: [Binding] = [
        Binding(
            keys: [char("/")], label: "/", action: .filter, title: "filter",
            help: "filter: words, !word, re:expression, lag>1000, rack=a, lag=?", kinds: narrowed,
            hint: 30, area: "Narrow"),
        Binding(
            keys: [char("f")], label: "f", action: .faultsOnly, title: "faults only",
            help: "only rows with something wrong, or all again", kinds: narrowed, hint: 25,
            area: "Narrow"),
        Binding(
            keys: [char("s"), char(">")], label: "s", action: .sortNext, title: "sort",
            help: "sort by the next column", kinds: tables, hint: 40, area: "Narrow"),
        Binding(
            keys: [char("<")], label: "<", action: .sortPrevious, title: "sort before",
            help: "sort by the column before", kinds: tables, area: "Narrow"),
        Binding(
            keys: [char("r")], label: "r", action: .reverse, title: "reverse",
            help: "reverse the order", kinds: tables, hint: 45, area: "Narrow"),
        Binding(
            keys: [char(" ")], label: "Space", action: .mark, title: "mark",
            help: "mark the row, or take its mark away", kinds: tables, hint: 50, area: "Narrow"),
        Binding(
            keys: [char("v")], label: "v", action: .markRange, title: "mark range",
            help: "mark from the last marked row to here", kinds: tables, area: "Narrow"),
        Binding(
            keys: [char("*")], label: "*", action: .markAll, title: "mark all",
            help: "mark all rows shown, or none", kinds: tables, area: "Narrow"),
        Binding(
            keys: [char("y")], label: "y", action: .copy, title: "copy",
            help: "copy the marked rows, else this one (OSC 52)", kinds: tables,
            hint: 70, area: "Narrow"),
    ]

    private static let go: [Binding] =
        [
            goTo("0", .overview, "overview", "is it well, and if not, where to look"),
            goTo("B", .brokers, "brokers", "brokers: state, leaders, flow, disk"),
            goTo("N", .topics, "topics", "topics by name: flow, faults, size"),
            goTo("P", .partitions, "partitions", "partitions: leader, replicas, lag"),
            goTo("R", .replicas, "replicas", "replicas, worst lag first, and when they catch up"),
            goTo("O", .groups, "groups", "consumer groups: lag, rates, when caught up"),
            goTo("K", .coordinator, "coordinator", "ZooKeeper or the quorum, its controller"),
            goTo("V", .events, "events", "what happened, newest first"),
            goTo("W", .wrong, "what is wrong", "all that is wrong or could not be told", hint: 80),
        ]
        + healthCounts.enumerated().map { index, count in
            Binding(
                keys: [char(Unicode.Scalar(UInt8(49 + index)))], label: "\(index + 1)",
                action: .fault(index + 1), title: count.long,
                help: "the rows behind \"\(count.long)\" in the health strip", area: "Go")
        }

    private static func goTo(
        _ key: Unicode.Scalar, _ kind: ScreenKind, _ title: String, _ help: String,
        hint: Int? = nil
    ) -> Binding {
        Binding(
            keys: [.character(key)], label: String(key), action: .go(kind), title: title,
            help: help, hint: hint, area: "Go")
    }

    private static let rest: [Binding] = [
        Binding(
            keys: [char(":")], label: ":", action: .command, title: "command",
            help: "go anywhere by name; Tab completes, ↑ ↓ recall", hint: 75, area: "The rest"),
        Binding(
            keys: [char("?"), .function(1)], label: "?", action: .help, title: "help",
            help: "every key of this screen", hint: 5, area: "The rest"),
        Binding(
            keys: [char("p")], label: "p", action: .pause, title: "pause",
            help: "hold the picture still, or let it go on", area: "The rest"),
        Binding(
            keys: [char("+"), char("=")], label: "+", action: .faster, title: "faster",
            help: "refresh more often", area: "The rest"),
        Binding(
            keys: [char("-")], label: "-", action: .slower, title: "slower",
            help: "refresh less often", area: "The rest"),
        Binding(
            keys: [.control("r"), .function(5)], label: "Ctrl-r", action: .refreshNow,
            title: "refresh", help: "ask for what is visible now", area: "The rest"),
        Binding(
            keys: [.control("l")], label: "Ctrl-l", action: .redraw, title: "redraw",
            help: "paint the whole screen anew", area: "The rest"),
        Binding(
            keys: [char("S")], label: "S", action: .snapshot, title: "snapshot",
            help: "write all that is known to a JSON file", area: "The rest"),
        Binding(
            keys: [.control("z")], label: "Ctrl-z", action: .suspend, title: "suspend",
            help: "back to the shell; fg returns", area: "The rest"),
        Binding(
            keys: [.control("c")], label: "Ctrl-c", action: .quit, title: "quit",
            help: "quit; :q does the same", area: "The rest"),
    ]
}

/// One count of the health strip: its long and short name, the mark, the severity.
struct HealthCount: Sendable {
    var long: String
    var short: String
    var tiny: String
    var mark: Unicode.Scalar
    var role: Role
    var count: @Sendable (Totals) -> Int?
}

/// The strip's eight counts, worst first; the keys 1 to 8 follow this order.
let healthCounts: [HealthCount] = [
    HealthCount(long: "offline", short: "off", tiny: "off", mark: Glyph.critical, role: .critical) {
        $0.offline
    },
    HealthCount(
        long: "under min ISR", short: "minISR", tiny: "min", mark: Glyph.critical, role: .critical
    ) {
        $0.underMinISR
    },
    HealthCount(
        long: "brokers ill", short: "ill", tiny: "ill", mark: Glyph.critical, role: .critical
    ) {
        $0.illBrokers
    },
    HealthCount(
        long: "under-replicated", short: "URP", tiny: "URP", mark: Glyph.warning, role: .warning
    ) {
        $0.underReplicated
    },
    HealthCount(
        long: "wrong leader", short: "wrong", tiny: "wrg", mark: Glyph.notPreferred, role: .warning
    ) {
        $0.wrongLeader
    },
    HealthCount(long: "moving", short: "mov", tiny: "mov", mark: Glyph.moving, role: .moving) {
        $0.moving
    },
    HealthCount(
        long: "groups stuck", short: "stuck", tiny: "grp", mark: Glyph.warning, role: .warning
    ) {
        $0.stuckGroups
    },
    HealthCount(
        long: "volumes > 85 %", short: "full", tiny: "vol", mark: Glyph.warning, role: .warning
    ) {
        $0.fullVolumes
    },
]
