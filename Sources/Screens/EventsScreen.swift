// The event log: elections, brokers that came and went, leaders, ISRs and configs that changed,
// newest first, whoever reported them.

internal import ClusterModel
internal import Drawing

/// The log as a table; `/kind=election` or any word narrows it.
struct EventsScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "events", key: "V", title: "events", help: "what happened, newest first")
    var state = TableState(spec)

    func target(_ row: Int, _ scene: Scene) -> (any Screen)? {
        home(of: scene.cluster.events.events[row].subject, scene)
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .event(let number) = row,
            let event = scene.cluster.events.events.first(where: { $0.number == number })
        else { return nil }
        return Explanation(title: event.subject.description, lines: Screens.explain(event, scene))
    }

    static let spec = TableSpec(
        noun: "events", section: .metadata, columns: columns, sort: "at",
        identityIdeal: { _ in 9 },
        emptyAdvice: "Nothing has changed since the start; changes appear here as they are seen.",
        rows: { Array(0..<Int32($0.cluster.events.events.count)) },
        id: { .event($0.cluster.events.events[$1].number) },
        find: { scene, id in
            guard case .event(let number) = id else { return nil }
            let events = scene.cluster.events.events
            // Numbers grow by one: the place follows from the first.
            guard let first = events.first?.number, number >= first else { return nil }
            let place = Int(clamping: number - first)
            return place < events.count ? place : nil
        },
        matching: matchingByName { scene, row in
            let event = scene.cluster.events.events[row]
            return "\(event.kind.rawValue) \(event.subject) \(event.text) \(event.source)"
        },
        mark: { scene, row in
            scene.cluster.events.events[row].isLoss
                ? Run(String(Glyph.warning), .warning) : nil
        },
        isFault: { $0.cluster.events.events[$1].isLoss })

    private static func event(_ scene: Scene, _ row: Int) -> ClusterEvent {
        scene.cluster.events.events[row]
    }

    private static let columns: [Column] = [
        Column(
            "at", "at", least: 9, align: .left, priority: 0,
            // Rows are in the order events were learned in.
            value: { _, row in Float(row) },
            text: { scene, row, _ in
                let event = event(scene, row)
                // Seen by us: it happened at the latest then.
                let mark = event.isExact ? "" : String(Glyph.stale)
                return [Run(mark + (scene.clock(event.at) ?? NumberFormat.unknown), .dim)]
            }),
        Column(
            "kind", "kind", least: 12, align: .left, priority: 3,
            word: { event($0, $1).kind.rawValue },
            text: { scene, row, _ in [Run(event(scene, row).kind.rawValue, .dim)] }),
        Column(
            "subject", "what", least: 9, ideal: 24, align: .left, priority: 1,
            word: { event($0, $1).subject.description },
            text: { scene, row, _ in
                let event = event(scene, row)
                return [Run(event.subject.description, event.isLoss ? .warning : .accent)]
            }),
        Column(
            "text", "happened", least: 14, ideal: 90, align: .left, priority: 1,
            word: { event($0, $1).text },
            text: { scene, row, width in
                [Run(truncated(event(scene, row).text, to: width, middle: false))]
            }),
        Column(
            "source", "told by", least: 30, ideal: 30, align: .left, priority: 5,
            word: { event($0, $1).source },
            text: { scene, row, _ in [Run(event(scene, row).source, .dim)] }),
    ]
}
