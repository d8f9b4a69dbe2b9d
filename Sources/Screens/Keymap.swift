// The keys that hold on many screens; those of one screen stand in its file. Help, footer hints,
// the README's table and the keys themselves are read off the bindings, so that all say the same.

internal import ClusterModel
internal import Drawing
internal import Health

/// All bindings, and which of them hold on a screen.
package enum Keymap {
    /// The keys that are not one screen's own, in the order of help.
    package static let shared: [Binding] = move + look + act + narrow + go + rest

    /// Every binding there is, those of single screens first.
    package static let all: [Binding] = allScreens.flatMap { $0.bindings } + shared

    /// What the keys do on such a screen: its own first.
    static func bindings(on screen: any Screen.Type) -> [Binding] {
        held[ObjectIdentifier(screen)] ?? []
    }

    /// Those of a screen that the footer names, in its order.
    static func hints(on screen: any Screen.Type) -> [Binding] {
        hinted[ObjectIdentifier(screen)] ?? []
    }

    /// Made once: every frame and every key asks.
    private static let held = Dictionary(
        uniqueKeysWithValues: (allScreens + overlays).map { screen in
            let own = Set(screen.bindings.flatMap(\.keys))
            let others = shared.filter {
                !screen.traits.contains(.typing) && screen.traits.isSuperset(of: $0.needs)
                    && !own.isSuperset(of: $0.keys)
            }
            return (ObjectIdentifier(screen as Any.Type), screen.bindings + others)
        })
    private static let hinted = held.mapValues { bindings in
        bindings.filter { $0.hint != nil }.sorted { ($0.hint ?? 0) < ($1.hint ?? 0) }
    }

    /// Why a key that has a meaning elsewhere has none on such a screen; nil: it has none at all.
    static func reason(_ key: Key, on screen: any Screen.Type) -> String? {
        if let binding = shared.first(where: { $0.keys.contains(key) }) {
            return "\(binding.title): \(binding.needs.place)"
        }
        for other in allScreens {
            if let binding = other.bindings.first(where: { $0.keys.contains(key) }) {
                return "\(binding.title): only on \(other.entry.name)"
            }
        }
        return nil
    }

    static let noRow: @Sendable (Scene, ObjectID?) -> String? = { _, row in
        row == nil ? "no row is selected" : nil
    }

    private static func char(_ text: Unicode.Scalar) -> Key { .character(text) }

    private static let move: [Binding] = [
        Binding(
            keys: [char("j"), .down], label: "j ↓", action: .lines(1), title: "down",
            help: "one line down", area: "Move"),
        Binding(
            keys: [char("k"), .up], label: "k ↑", action: .lines(-1), title: "up",
            help: "one line up", area: "Move"),
        Binding(
            keys: [.wheelDown], label: "wheel ↓", action: .lines(Limits.wheelRows), title: "down",
            help: "three lines down", area: "Move"),
        Binding(
            keys: [.wheelUp], label: "wheel ↑", action: .lines(-Limits.wheelRows), title: "up",
            help: "three lines up", area: "Move"),
        Binding(
            keys: [char("g"), .home], label: "g Home", action: .first, title: "first",
            help: "to the first line", area: "Move"),
        Binding(
            keys: [char("G"), .end], label: "G End", action: .last, title: "last",
            help: "to the last line, or to now", area: "Move"),
        Binding(
            keys: [.control("d")], label: "Ctrl-d", action: .pages(0.5), title: "half down",
            help: "half a page down", area: "Move"),
        Binding(
            keys: [.control("u")], label: "Ctrl-u", action: .pages(-0.5), title: "half up",
            help: "half a page up", area: "Move"),
        Binding(
            keys: [.pageDown, .control("f")], label: "PgDn", action: .pages(1),
            title: "page down", help: "a page down", area: "Move"),
        Binding(
            keys: [.pageUp, .control("b")], label: "PgUp", action: .pages(-1),
            title: "page up", help: "a page up", area: "Move"),
        Binding(
            keys: [.left, char("h")], label: "h ←", action: .left, title: "columns left",
            help: "columns to the left", needs: .table, area: "Move"),
        Binding(
            keys: [.right, char("l")], label: "l →", action: .right, title: "columns right",
            help: "columns to the right", needs: .table, area: "Move"),
    ]

    private static let look: [Binding] = [
        Binding(
            keys: [.enter], label: "Enter", action: .open, title: "open",
            help: "into the row, or why something of it is unknown",
            needs: .rows, hint: 10, area: "Look", why: noRow),
        Binding(
            keys: [.escape, .backspace], label: "Esc", action: .back, title: "back",
            help: "back: closes a filter, marks, then the screen; never quits", hint: 90,
            area: "Look"),
        Binding(
            keys: [char("q")], label: "q", action: .close, title: "close",
            help: "closes what lies on top, like Esc; :q quits", area: "Look"),
        Binding(
            keys: [char("i")], label: "i", action: .explain, title: "why",
            help: "what is known of this row, what is unknown, and why", needs: .table, hint: 60,
            area: "Look", why: noRow),
    ]

    private static let narrow: [Binding] = [
        Binding(
            keys: [char("/")], label: "/", action: .filter, title: "filter",
            help: "filter: words, !word, re:expression, lag>1000, rack=a, lag=?", needs: .narrows,
            hint: 30, area: "Narrow"),
        Binding(
            keys: [char("f")], label: "f", action: .faultsOnly, title: "faults only",
            help: "only rows with something wrong, or all again", needs: .narrows, hint: 25,
            area: "Narrow"),
        Binding(
            keys: [char("s")], label: "s", action: .sortMenu, title: "sort",
            help: "sort: lists the columns, and s with a letter sorts at once", needs: .table,
            hint: 40, area: "Narrow"),
        Binding(
            keys: [char(">")], label: ">", action: .sortNext, title: "sort after",
            help: "sort by the next column", needs: .table, area: "Narrow"),
        Binding(
            keys: [char("<")], label: "<", action: .sortPrevious, title: "sort before",
            help: "sort by the column before", needs: .table, area: "Narrow"),
        Binding(
            keys: [char("r")], label: "r", action: .reverse, title: "reverse",
            help: "reverse the order", needs: .table, hint: 45, area: "Narrow"),
        Binding(
            keys: [char(" ")], label: "Space", action: .mark, title: "mark",
            help: "mark the row, or take its mark away", needs: .table, hint: 50, area: "Narrow",
            why: noRow),
        Binding(
            keys: [char("v")], label: "v", action: .markRange, title: "mark range",
            help: "mark from the last marked row to here", needs: .table, area: "Narrow", why: noRow
        ),
        Binding(
            keys: [char("*")], label: "*", action: .markAll, title: "mark all",
            help: "mark all rows shown, or none", needs: .table, area: "Narrow", why: noRow),
        Binding(
            keys: [char("y")], label: "y", action: .copy, title: "copy",
            help: "copy the marked rows, else this one (OSC 52)", needs: .table,
            hint: 70, area: "Narrow"),
    ]

    private static let act: [Binding] = [
        Binding(
            keys: [char("e")], label: "e", action: .elect, title: "elect",
            help: "elect the preferred leaders of the marked rows, else this", needs: .electable,
            hint: 60, area: "Act", why: { readOnly($0, $1) ?? noRow($0, $1) }),
        Binding(
            keys: [char("E")], label: "E", action: .electAll, title: "elect all",
            help: "elect every preferred leader of the cluster", needs: .electable, area: "Act",
            why: readOnly),
        PlanKeys.drain, PlanKeys.fill, PlanKeys.balance, PlanKeys.move,
        MaintenanceKeys.binding,
        Binding(
            keys: [char("U")], label: "U", action: .electUnclean, title: "elect unclean",
            help: "lead what nobody leads by a live replica, with records lost", needs: .electable,
            area: "Act", why: { readOnly($0, $1) ?? noRow($0, $1) ?? isLed($0, $1) }),
    ]

    static let readOnly: @Sendable (Scene, ObjectID?) -> String? = { scene, _ in
        scene.isReadOnly ? "this session is read-only" : nil
    }

    /// Only what nobody leads can be led by a replica that was not in sync.
    private static let isLed: @Sendable (Scene, ObjectID?) -> String? = { scene, _ in
        guard scene.cluster.counts[OfflinePartitions.entry.name] ?? 0 == 0 else { return nil }
        return "every partition has a leader"
    }

    private static let go: [Binding] =
        allScreens.compactMap { screen in
            let entry = screen.entry
            guard let key = entry.key else { return nil }
            return Binding(
                keys: [.character(key)], label: String(key), action: .go(entry.name),
                title: entry.title, help: entry.help, needs: entry.takesRow ? .rows : [],
                hint: entry.hint, area: "Go")
        }
        + stripRules.filter { $0.strip?.isQuiet != true }.map { rule in
            let digit = "\(rule.strip?.number ?? 0)"
            let others = rules(atPlace: rule.strip?.number ?? 0).dropFirst()
            let more =
                others.count > 2
                ? ["; again: of its other rules"] : others.map { "; again: \($0.title)" }
            return Binding(
                keys: digit.unicodeScalars.map { char($0) }, label: digit,
                action: .rule(rule.name), title: rule.title,
                help: "the rows behind \"\(rule.title)\""
                    + (more.isEmpty ? " in the health strip" : more.joined()),
                area: "Go")
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
