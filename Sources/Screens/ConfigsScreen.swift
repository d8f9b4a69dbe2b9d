// Configs of one topic, one broker or all brokers: what is in force, who set it, what would be
// without that, and Kafka's own words; values are edited in their line.

internal import ClusterModel
internal import Drawing
internal import KafkaConfigs
internal import Planning

/// The table of one resource's configs.
struct ConfigsScreen: ConfigTable {
    static let entry = ScreenEntry(
        name: "configs", aliases: ["config"], key: "c", title: "configs",
        help: "configs of the row's topic or broker: values, sources, editing", hint: 76,
        argument: configured, takesRow: true)
    static let bindings = [
        ConfigKeys.edit([.enter, .character("e")], label: "Enter e") { row($0, $1)?.obstacle },
        ConfigKeys.delete { scene, id in
            guard let row = row(scene, id) else { return "this row is not there any more" }
            if row.override == nil, scene.scope.others.isEmpty {
                return "it is not set on \(subject(scene)): nothing to delete"
            }
            return row.obstacle
        },
        Binding(
            keys: [.character("f")], label: "f", action: .faultsOnly, title: "overrides only",
            help: "only what is set on this topic or broker itself, or all again", hint: 25,
            area: "Narrow"),
        Binding(
            keys: [.character("o")], label: "o", action: .copyOverrides, title: "copy to others",
            help: "copy what is set on this topic to other topics: to which?", area: "Act",
            why: { scene, _ in
                if scene.isReadOnly { return "this session is read-only" }
                guard case .topic? = scene.scope.configs else { return "only of a topic" }
                return nil
            }),
        Binding(
            keys: [.tab], label: "Tab", action: .nextPane, title: "all brokers",
            help: "from a broker's configs to the default of all brokers", area: "Look"),
    ]
    var state: TableState
    var scope: Scope
    var editor: ConfigEditor?

    var crumb: String {
        let others = scope.others.isEmpty ? "" : " and \(plural(scope.others.count, "more topic"))"
        return "\(Self.name(resource))\(others) \(Glyph.trail) configs"
    }

    private var resource: ObjectID { scope.configs ?? .cluster }

    /// - Parameter key: the row to begin with.
    init(_ resource: ObjectID, at key: String? = nil) {
        scope = Scope()
        scope.configs = resource
        state = TableState(Self.spec)
        if let key { state.await(.config(resource, key: key)) }
    }

    init?(_ subject: ObjectID?, _ scene: Scene) {
        switch subject {
        case nil, .cluster?: self.init(.cluster)
        case .topic(let name)?: self.init(.topic(name))
        case .partition(let key)?: self.init(.topic(key.topic))
        case .replica(let key)?: self.init(.topic(key.partition.topic))
        case .broker(let id)?, .registration(let id)?, .volume(let id, _)?: self.init(.broker(id))
        case .config(let resource, let key)?: self.init(resource, at: key)
        default: return nil
        }
    }

    /// The same for the marked topics together.
    func widened(by marks: Set<ObjectID>?) -> ConfigsScreen {
        let topics = (marks ?? []).compactMap {
            if case .topic(let name) = $0 { name } else { nil }
        }
        .sorted()
        guard let first = topics.first, topics.count > 1, case .topic = resource else {
            return self
        }
        var wide = ConfigsScreen(.topic(first))
        wide.scope.others = Array(topics.dropFirst())
        return wide
    }

    private static func name(_ resource: ObjectID) -> String {
        resource == .cluster ? "all brokers" : "\(resource)"
    }

    /// "topic orders", "broker 3", "all brokers".
    private static func subject(_ scene: Scene) -> String {
        guard let resource = scene.scope.configs else { return "all brokers" }
        if case .topic = resource { return "topic \(resource)" }
        return name(resource)
    }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        switch action {
        case .edit, .delete: return change(action, scene)
        case .copyOverrides: return [.prompt("copy-configs \(asWord(resource.name)) ")]
        case .nextPane:
            guard case .broker = resource else {
                return [.refuse("all brokers: only from the configs of a broker")]
            }
            return [.open(ConfigsScreen(.cluster))]
        default: return updateTable(action, scene)
        }
    }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.configDetails = resource
        return interest
    }

    func answeredAt(_ scene: Scene) -> Instant? {
        let told = scene.cluster.configsInView
        return told?.resource == resource ? told?.answeredAt : .never
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        Self.row(scene, row).map { Explanation(title: $0.key, lines: $0.details(scene)) }
    }

    // MARK: Changes

    private var subjects: [ObjectID] { [resource] + scope.others.map { .topic($0) } }

    func editor(of row: ObjectID, _ scene: Scene) -> ConfigEditor? {
        Self.row(scene, row).map { row in
            ConfigEditor(
                row.form, of: subjects, present: row.config?.value, override: row.override?.value)
        }
    }

    func deletion(of row: ObjectID, _ scene: Scene) -> ChangeRequest? {
        guard case .config(_, let key) = row else { return nil }
        return ChangeRequest("alter_configs", of: subjects, values: [.init(key, nil)])
    }

    // MARK: Drawing

    private func head(_ scene: Scene) -> [[Run]] {
        var lines: [[Run]] = []
        if !scope.others.isEmpty {
            let names = subjects.map { "\($0)" }.joined(separator: ", ")
            lines.append([
                Run(
                    "What is changed here is changed on \(plural(subjects.count, "topic")): ",
                    .accent),
                Run(names),
            ])
        }
        if let told = scene.cluster.configsInView, told.resource == resource,
            told.answeredAt.happened, let failure = told.failure
        {
            let age = scene.age(told.answeredAt).map { ago($0) } ?? ""
            lines.append([Run("As of \(age) ago: \(failure)", .warning)])
        }
        return lines
    }

    private func detailHeight(_ scene: Scene) -> Int {
        let height = scene.body.height
        return height < 14 ? 0 : min(14, height * 2 / 5)
    }

    func tableRect(_ scene: Scene) -> Rect {
        let below = scene.body.split(top: min(head(scene).count, scene.body.height)).1
        return below.split(top: max(0, below.height - detailHeight(scene))).0
    }

    func renderAround(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        for (line, runs) in head(scene).enumerated() {
            frame.runs(runs, x: body.x + 1, y: body.y + line, width: body.width - 2, align: .left)
        }
        let table = tableRect(scene)
        let pane = Rect(
            x: body.x, y: table.bottom, width: body.width, height: body.bottom - table.bottom)
        guard pane.height >= 3, let row = row(scene).flatMap({ Self.row(scene, $0) }) else {
            return
        }
        frame.horizontalLine(x: pane.x, y: pane.y, width: pane.width)
        let text = row.details(scene).flatMap { wrapped($0, to: pane.width - 2) }
        for (line, runs) in text.prefix(pane.height - 1).enumerated() {
            frame.runs(
                runs, x: pane.x + 1, y: pane.y + 1 + line, width: pane.width - 2, align: .left,
                within: pane)
        }
    }

    // MARK: Rows

    /// The rows are those of the resource that was told of, which may be another one still.
    private static func rows(_ scene: Scene) -> [ConfigRow] {
        scene.cluster.configsInView?.resource == scene.scope.configs ? scene.view.configRows : []
    }

    private static func row(_ scene: Scene, _ id: ObjectID) -> ConfigRow? {
        guard case .config(_, let key) = id else { return nil }
        return place(scene, key).map { rows(scene)[$0] }
    }

    private static func row(_ scene: Scene, at place: Int) -> ConfigRow? {
        let rows = rows(scene)
        return rows.indices.contains(place) ? rows[place] : nil
    }

    private static func place(_ scene: Scene, _ key: String) -> Int? {
        rows(scene).firstIndex { $0.key == key }
    }

    static let spec = TableSpec(
        noun: "configs", section: .configs, columns: columns, sort: "name",
        identityIdeal: { scene in
            min(48, scene.view.configRows.reduce(24) { max($0, $1.key.count) })
        },
        rows: { Array(0..<Int32(rows($0).count)) },
        id: { scene, place in
            .config(scene.scope.configs ?? .cluster, key: row(scene, at: place)?.key ?? "")
        },
        find: { scene, id in
            if case .config(_, let key) = id { place(scene, key) } else { nil }
        },
        matching: matchingByName { scene, place in
            let row = row(scene, at: place)
            return "\(row?.key ?? "") \(row?.config?.value ?? "")"
        },
        mark: { scene, place in
            guard let row = row(scene, at: place) else { return nil }
            if row.override != nil { return Run(String(Glyph.notPreferred), .accent) }
            return nil
        },
        narrowed: "overrides only",
        isFault: { row($0, at: $1)?.override != nil },
        whyEmpty: { scene in
            guard let told = scene.cluster.configsInView, told.resource == scene.scope.configs
            else { return .reading(nil) }
            if told.answeredAt.happened { return .none }
            return told.failure.map { .unknown($0) } ?? .reading(nil)
        })

    private static let columns: [Column] = [
        Column(
            "name", "key", least: 22, align: .left, priority: 0, ascending: true,
            value: { _, place in Float(place) },
            text: { scene, place, _ in
                guard let row = row(scene, at: place) else { return [] }
                return [Run(shownName(row.key), row.needsRestart ? .dim : .text)]
            }),
        Column(
            "value", "value", least: 12, ideal: 40, align: .left, priority: 1,
            word: { row($0, at: $1)?.config?.value ?? "" },
            text: { scene, place, _ in
                guard let row = row(scene, at: place) else { return [] }
                let run = row.valueRun
                return [row.override == nil ? run : Run(run.text, .accent)]
            }),
        Column(
            "means", "is", least: 10, ideal: 18, align: .left, priority: 3,
            text: { scene, place, _ in
                [Run(row(scene, at: place)?.humanised ?? "", .text)]
            }),
        Column(
            "source", "set by", least: 11, align: .left, priority: 2,
            word: { row($0, at: $1)?.config?.source.text ?? "" },
            text: { scene, place, _ in
                guard let row = row(scene, at: place), let config = row.config else { return [] }
                return [Run(config.source.text, row.override == nil ? .dim : .accent)]
            }),
        Column(
            "without", "without the override", least: 20, ideal: 26, align: .left, priority: 4,
            text: { scene, place, _ in
                guard let row = row(scene, at: place), row.override != nil else { return [] }
                return [row.without.map { Run(row.shown($0)) } ?? Run("?", .unknown)]
            }),
        Column(
            "changes", "changes", least: 8, align: .left, priority: 5,
            word: { row($0, at: $1)?.needsRestart == true ? "restart" : "at once" },
            text: { scene, place, _ in
                [Run(row(scene, at: place)?.needsRestart == true ? "restart" : "", .dim)]
            }),
    ]

    private static let configured = Argument(
        noun: "topic or broker", placeholder: "TOPIC|broker ID|all brokers", isOptional: true,
        section: .topics,
        completions: { scene, text in
            ["all brokers", "broker "].filter { $0.hasPrefix(text) && $0 != text }
                + Argument.topic.completions(scene, text)
        },
        find: { cluster, text in
            if text.hasPrefix("broker ") {
                return Argument.broker.find(cluster, String(text.dropFirst("broker ".count)))
            }
            // No topic's name has a blank.
            if text == "all brokers" { return .cluster }
            return Argument.topic.find(cluster, text)
        })
}
