// The journal: what was changed on this cluster from here, newest first; what takes it back is a
// new proposal.

internal import ClusterModel
internal import Drawing
internal import Planning

/// The changes as a table; Enter shows the whole of one.
struct JournalScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "journal", key: "J", title: "journal",
        help: "what we changed on this cluster, newest first; u takes it back")
    static let bindings =
        [
            Binding(
                keys: [.character("u")], label: "u", action: .undo, title: "take back",
                help: "review the change that takes this one back", hint: 12, area: "Act",
                why: { scene, row in
                    if scene.isReadOnly { return "this session is read-only" }
                    return row == nil ? "no row is selected" : nil
                }),
            Binding(
                keys: [.character("d")], label: "d", action: .compare, title: "compare",
                help: "compare the two marked changes of one resource", hint: 14, area: "Look"),
        ] + UnfinishedPlans.bindings
    var state = TableState(spec)

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        switch action {
        case .undo: return undo(scene)
        case .compare: return compare(scene)
        case .resumePlan, .adoptPlan, .forgetPlan:
            return [UnfinishedPlans.request(action, row(scene), scene)]
        default: return updateTable(action, scene)
        }
    }

    private func undo(_ scene: Scene) -> [Request] {
        guard let row = state.selectedRow else { return [] }
        let entry = scene.journal.entries[row]
        guard let undo = entry.undo else { return [.refuse("take back: \(entry.noUndo ?? "")")] }
        return [.effect(.propose(undo))]
    }

    private func compare(_ scene: Scene) -> [Request] {
        // Older first, as the journal has them newest first.
        let rows = state.marks.compactMap { Self.spec.find(scene, $0) }.sorted(by: >)
        guard rows.count == 2 else {
            return [.refuse("compare: mark two changes with Space, these are \(rows.count)")]
        }
        let (old, new) = (scene.journal.entries[rows[0]], scene.journal.entries[rows[1]])
        guard !Set(old.resources).isDisjoint(with: new.resources) else {
            return [.refuse("compare: the two changes are about different resources")]
        }
        return [.open(WhyScreen(comparison(old, new, scene)))]
    }

    func target(_ row: Int, _ scene: Scene) -> (any Screen)? { nil }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        Self.spec.find(scene, row).map { explanation(scene.journal.entries[$0], scene) }
    }

    static let spec = TableSpec(
        noun: "changes", section: .metadata, columns: columns, sort: "at",
        identityIdeal: { _ in 17 },
        emptyAdvice: "What is changed from here is written down and stands here.",
        rows: { Array(0..<Int32($0.journal.entries.count)) },
        id: { .change($0.journal.entries[$1].id) },
        find: { scene, id in
            guard case .change(let id) = id else { return nil }
            return scene.journal.entries.firstIndex { $0.id == id }
        },
        matching: matchingByName { scene, row in
            let entry = scene.journal.entries[row]
            return "\(entry.id) \(entry.summary) \(entry.resource) \(entry.author.user ?? "") "
                + "\(entry.note ?? "") \(entry.state.rawValue)"
        },
        mark: { scene, row in
            switch scene.journal.entries[row].state {
            case .done: nil
            case .partly, .refused: Run(String(Glyph.warning), .warning)
            case .unknown, .unfinished: Run("?", .unknown)
            }
        },
        isFault: { $0.journal.entries[$1].state != .done },
        whyEmpty: { scene in
            if let fault = scene.journal.fault { return .unknown(fault) }
            return scene.journal.isRead ? .none : .reading(nil)
        })

    private static func entry(_ scene: Scene, _ row: Int) -> JournalEntry {
        scene.journal.entries[row]
    }

    private static let columns: [Column] = [
        Column(
            "at", "at", least: 14, ideal: 17, align: .left, priority: 0,
            // Newest first.
            value: { _, row in Float(-row) },
            text: { scene, row, _ in
                [
                    Run(
                        scene.clock(WallTime(ms: entry(scene, row).atMs)) ?? NumberFormat.unknown,
                        .dim)
                ]
            }),
        Column(
            "state", "state", least: 10, align: .left, priority: 2,
            word: { entry($0, $1).state.rawValue },
            text: { scene, row, _ in
                let state = entry(scene, row).state
                let role: Role =
                    switch state {
                    case .done: .good
                    case .partly, .refused: .warning
                    case .unknown, .unfinished: .unknown
                    }
                return [Run(state.rawValue, role)]
            }),
        Column(
            "summary", "what", least: 16, ideal: 60, align: .left, priority: 1,
            word: { entry($0, $1).summary },
            text: { scene, row, width in
                [Run(truncated(entry(scene, row).summary, to: width, middle: false))]
            }),
        Column(
            "values", "values", least: 44, ideal: 70, align: .left, priority: 6,
            text: { scene, row, width in values(entry(scene, row), width) }),
        Column(
            "user", "by", least: 12, ideal: 16, align: .left, priority: 3,
            word: { entry($0, $1).author.user ?? "" },
            text: { scene, row, width in [Run(truncated(who(entry(scene, row)), to: width), .dim)] }
        ),
        Column(
            "note", "note", least: 12, ideal: 40, align: .left, priority: 5,
            word: { entry($0, $1).note ?? "" },
            text: { scene, row, width in
                [Run(truncated(entry(scene, row).note ?? "", to: width, middle: false), .dim)]
            }),
    ]
}

/// The first value that it set, and how many more: "retention.ms not set › 7 +2".
private func values(_ entry: JournalEntry, _ width: Int) -> [Run] {
    guard let first = entry.values.first else { return [] }
    let more = entry.values.count > 1 ? " +\(entry.values.count - 1)" : ""
    let text =
        "\(first.property) \(first.before ?? "not set") \(Glyph.trail) "
        + (first.after ?? "not set")
    return [Run(truncated(text, to: width - more.count) + more, .dim)]
}

/// "root for ann".
private func who(_ entry: JournalEntry) -> String {
    [entry.author.user, entry.author.sudoUser.map { "for \($0)" }].compactMap { $0 }
        .joined(separator: " ")
}

/// The whole of one change.
private func explanation(_ entry: JournalEntry, _ scene: Scene) -> Explanation {
    func field(_ title: String, _ text: String?) -> [[Run]] {
        guard let text, !text.isEmpty else { return [] }
        return [[Run(title + " ", .dim), Run(text)]]
    }
    var lines: [[Run]] = [[Run(capitalised(entry.summary) + ".")]]
    lines += field("id", entry.id)
    lines += field("state", entry.state.rawValue)
    lines += field("by", who(entry))
    lines += field("from", entry.author.sshConnection)
    lines += field("principal", entry.author.principal)
    lines += field("note", entry.note)
    lines += field("not all was sent:", entry.reason)
    let shown = entry.values.prefix(Limits.reviewedRows)
    lines += shown.map { value in
        [
            Run("\(value.resource) \(value.property)  "),
            Run(value.before ?? "not set", .dim), Run(" \(Glyph.trail) "),
            Run(value.after ?? "not set", .accent),
        ]
    }
    if entry.values.count > shown.count {
        lines.append([Run("and \(entry.values.count - shown.count) more", .dim)])
    }
    let open = entry.results.filter { $0.outcome != .done }
    lines += open.prefix(Limits.reviewedRows).map { result in
        let words = [result.error, result.message].compactMap { $0 }.joined(separator: " ")
        return [
            Run("\(result.resource): ", .warning),
            Run(outcomeWords(result.outcome)),
            Run(words.isEmpty ? "" : ", \(words)", .dim),
        ]
    }
    if open.isEmpty { lines.append([Run("Kafka has done all of it.", .good)]) }
    lines.append([Run("The same by hand:", .header)])
    lines += entry.byHand.map { [Run("  " + $0)] }
    lines.append(
        entry.undo == nil
            ? [Run("It cannot be taken back: \(entry.noUndo ?? "?").", .warning)]
            : [
                Run("Esc", .key), Run(", then "), Run("u", .key),
                Run(": review what takes it back.", .dim),
            ])
    return Explanation(title: "change \(entry.id)", lines: lines)
}

/// What two changes made of the resources that both are about.
private func comparison(_ old: JournalEntry, _ new: JournalEntry, _ scene: Scene) -> Explanation {
    let shared = Set(old.resources).intersection(new.resources)
    func values(_ entry: JournalEntry) -> [[String]: ValueChange] {
        Dictionary(
            entry.values.filter { shared.contains($0.resource) }
                .map { ([$0.resource, $0.property], $0) }, uniquingKeysWith: { _, last in last })
    }
    let (before, after) = (values(old), values(new))
    func day(_ entry: JournalEntry) -> String { scene.clock(WallTime(ms: entry.atMs)) ?? entry.id }
    var lines: [[Run]] = [
        [Run("older ", .dim), Run("\(day(old))  \(old.summary)")],
        [Run("newer ", .dim), Run("\(day(new))  \(new.summary)")],
        [],
    ]
    let keys = Set(before.keys).union(after.keys).sorted { $0.lexicographicallyPrecedes($1) }
    for key in keys.prefix(Limits.reviewedRows) {
        func side(_ value: ValueChange?) -> [Run] {
            guard let value else { return [Run("not touched", .dim)] }
            return [
                Run(value.before ?? "not set", .dim), Run(" \(Glyph.trail) "),
                Run(value.after ?? "not set", .accent),
            ]
        }
        let (left, right) = (before[key], after[key])
        let isMoved = left != nil && right != nil && left?.after != right?.before
        lines.append([Run(key.joined(separator: " "), .header)])
        lines.append([Run("  older  ", .dim)] + side(left))
        lines.append([Run("  newer  ", .dim)] + side(right))
        if isMoved {
            lines.append([
                Run("  between them it was changed by something else", .warning)
            ])
        }
    }
    return Explanation(title: "two changes compared", lines: lines)
}

private func outcomeWords(_ outcome: JournalEntry.Result.Outcome) -> String {
    switch outcome {
    case .notSent: "not sent"
    case .notDone: "not done"
    case .done, .refused, .unknown: outcome.rawValue
    }
}
