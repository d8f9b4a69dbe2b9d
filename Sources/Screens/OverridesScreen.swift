// All overrides of the cluster by key and topic: what is set, and what differs from what most
// topics with the same key have.

internal import ClusterModel
internal import Drawing
internal import KafkaConfigs
internal import Planning

/// How often each value of a key is set, over all topics.
struct OverrideCounts: Sendable {
    /// By key and value.
    private var counts: [String: [String: Int]] = [:]
    /// By key: the value of most topics; of several the smallest text.
    private var commonest: [String: String] = [:]
    /// By key: its place among all of them.
    private var places: [String: Int] = [:]

    init() {}

    init(_ cluster: Cluster) {
        cluster.configs.forEachList { overrides, topics in
            for entry in overrides {
                counts[entry.name, default: [:]][entry.text, default: 0] += topics
            }
        }
        for (key, values) in counts {
            commonest[key] =
                values.max { a, b in a.value == b.value ? a.key > b.key : a.value < b.value }?.key
        }
        for (place, key) in counts.keys.sorted().enumerated() { places[key] = place }
    }

    func place(_ key: String) -> Int { places[key] ?? 0 }
    func count(_ entry: ConfigOverride) -> Int { counts[entry.name]?[entry.text] ?? 0 }
    func most(_ key: String) -> String? { commonest[key] }

    /// Fewer topics have this value of the key than another one.
    func differs(_ entry: ConfigOverride) -> Bool {
        guard let most = commonest[entry.name], most != entry.text else { return false }
        return counts[entry.name]?[most] ?? 0 > count(entry)
    }
}

/// The table of overrides.
struct OverridesScreen: ConfigTable, ClusterScreen {
    static let entry = ScreenEntry(
        name: "overrides", key: "C", title: "all overrides",
        help: "configs set on topics, by key: what differs from the others")
    static let bindings = [
        ConfigKeys.edit([.character("e")], label: "e") { scene, id in
            isHidden(scene, id) ? "its value is a secret: use kafka-configs.sh" : nil
        },
        ConfigKeys.delete { scene, id in
            isHidden(scene, id) ? "its value is a secret: use kafka-configs.sh" : nil
        },
        Binding(
            keys: [.character("f")], label: "f", action: .faultsOnly, title: "differing only",
            help: "only values that most topics do not have, or all again", hint: 25,
            area: "Narrow"),
    ]
    var state = TableState(columnsOnly)
    var editor: ConfigEditor?
    /// Of the cluster that was observed last.
    private var counts = OverrideCounts()
    private var countedAt = Instant.never

    mutating func observe(_ scene: Scene, isIdle: Bool) {
        // Made for the cluster as it is now, once a cluster.
        if countedAt != scene.cluster.takenAt || !countedAt.happened {
            counts = OverrideCounts(scene.cluster)
            countedAt = scene.cluster.takenAt
        }
        observeRows(scene, isIdle: isIdle)
    }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        switch action {
        case .edit, .delete: change(action, scene)
        default: updateTable(action, scene)
        }
    }

    func target(_ row: Int, _ scene: Scene) -> (any Screen)? {
        ConfigsScreen(Self.id(scene, row), scene)
    }

    func subject(_ scene: Scene) -> ObjectID? { row(scene) }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        var names: [String] = []
        for row in visibleRows(scene) {
            if case .config(.topic(let name), _) = Self.id(scene, row), names.last != name {
                names.append(name)
            }
        }
        interest.configs = Set(names).sorted()
        return interest
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard let place = Self.find(scene, row), let entry = Self.entry(scene, place),
            case .config(let topic, let key) = row
        else { return nil }
        var lines: [[Run]] = [
            [
                Run("\(key) is \(Self.shown(entry, scene)) on \(topic), as on "),
                Run(plural(counts.count(entry), "topic"), .accent), Run("."),
            ]
        ]
        if counts.differs(entry), let most = counts.most(key) {
            lines.append([Run("Most topics that set it have \(shownName(most)).")])
        }
        if let risk = ConfigCatalogue.topic(key)?.risk {
            lines.append([Run("\(Glyph.warning) ", .warning), Run(capitalised(risk) + ".")])
        }
        return Explanation(title: "\(topic) \(key)", lines: lines)
    }

    func editor(of row: ObjectID, _ scene: Scene) -> ConfigEditor? {
        guard case .config(let topic, let key) = row, let place = Self.find(scene, row),
            let entry = Self.entry(scene, place)
        else { return nil }
        return ConfigEditor(
            Self.form(key, scene), of: [topic], present: entry.value, override: entry.value)
    }

    func deletion(of row: ObjectID, _ scene: Scene) -> ChangeRequest? {
        guard case .config(let topic, let key) = row else { return nil }
        return ChangeRequest("alter_configs", of: [topic], values: [.init(key, nil)])
    }

    // MARK: Rows

    /// Where the rows of each topic begin, and where the last ones end.
    static func firstRows(_ cluster: Cluster) -> [Int32] {
        var first = [Int32](repeating: 0, count: cluster.topics.count + 1)
        for index in cluster.topics.indices {
            let count = cluster.overrides(topic: index)?.count ?? 0
            first[index + 1] = first[index] &+ Int32(truncatingIfNeeded: count)
        }
        return first
    }

    /// The topic of a row and which of its overrides it is.
    private static func place(_ scene: Scene, _ row: Int) -> (topic: Int, override: Int)? {
        let first = scene.view.firstOverride
        guard row >= 0, row < Int(first.last ?? 0) else { return nil }
        var low = 0
        var high = first.count - 1
        // The last topic that begins at the row or before it.
        while low + 1 < high {
            let middle = (low + high) / 2
            if Int(first[middle]) <= row { low = middle } else { high = middle }
        }
        return (low, row - Int(first[low]))
    }

    private static func entry(_ scene: Scene, _ row: Int) -> ConfigOverride? {
        guard let (topic, place) = place(scene, row),
            let overrides = scene.cluster.overrides(topic: topic), overrides.indices.contains(place)
        else { return nil }
        return overrides[place]
    }

    private static func topic(_ scene: Scene, _ row: Int) -> String {
        place(scene, row).map { scene.cluster.topics[$0.topic].name } ?? ""
    }

    @Sendable private static func id(_ scene: Scene, _ row: Int) -> ObjectID {
        .config(.topic(topic(scene, row)), key: entry(scene, row)?.name ?? "")
    }

    @Sendable private static func find(_ scene: Scene, _ id: ObjectID) -> Int? {
        guard case .config(.topic(let name), let key) = id,
            let topic = scene.cluster.topicIndex(named: name),
            let place = scene.cluster.overrides(topic: topic)?.firstIndex(where: { $0.name == key })
        else { return nil }
        return Int(scene.view.firstOverride[topic]) + place
    }

    private static func isHidden(_ scene: Scene, _ id: ObjectID) -> Bool {
        find(scene, id).flatMap { entry(scene, $0) }?.isSensitive == true
    }

    private static func form(_ key: String, _ scene: Scene) -> ConfigForm {
        ConfigForm(
            key,
            ConfigCatalogue.topic(key, scene.cluster.kafkaVersion.flatMap { KafkaRelease($0) }))
    }

    static func shown(_ entry: ConfigOverride, _ scene: Scene) -> String {
        let units = form(entry.name, scene).humanised(entry.text).map { " (\($0))" } ?? ""
        return (entry.text.isEmpty ? "(empty)" : shownName(entry.text)) + units
    }

    // MARK: Table

    /// The table before any cluster was seen.
    private static let columnsOnly = table(OverrideCounts())

    static var spec: TableSpec { columnsOnly }
    var spec: TableSpec { Self.table(counts) }

    private static func table(_ counts: OverrideCounts) -> TableSpec {
        TableSpec(
            noun: "overrides", section: .configs, columns: columns(counts), sort: "key",
            identityIdeal: { $0.view.topicColumns },
            emptyAdvice: "No topic has a config of its own.",
            rows: { Array(0..<($0.view.firstOverride.last ?? 0)) },
            id: id, find: find,
            matching: matchingByName { scene, row in
                guard let entry = entry(scene, row) else { return "" }
                return "\(topic(scene, row)) \(entry.name) \(entry.text)"
            },
            mark: { scene, row in
                entry(scene, row).map(counts.differs) == true
                    ? Run(String(Glyph.notPreferred), .accent) : nil
            },
            narrowed: "differing only",
            isFault: { scene, row in entry(scene, row).map(counts.differs) == true },
            mayLack: { scene in
                scene.cluster.topics.indices.contains { scene.cluster.overrides(topic: $0) == nil }
            })
    }

    private static func columns(_ counts: OverrideCounts) -> [Column] {
        [
            Column(
                "topic", "topic", least: 18, align: .left, priority: 0, ascending: true,
                value: { _, row in Float(row) },
                text: { scene, row, _ in [Run(shownName(topic(scene, row)))] }),
            Column(
                "key", "key", least: 20, ideal: 32, align: .left, priority: 1, ascending: true,
                value: { scene, row in Float(entry(scene, row).map { counts.place($0.name) } ?? 0)
                },
                word: { entry($0, $1)?.name ?? "" },
                text: { scene, row, _ in [Run(entry(scene, row).map { shownName($0.name) } ?? "")] }
            ),
            Column(
                "value", "value", least: 14, ideal: 30, align: .left, priority: 2,
                word: { entry($0, $1)?.text ?? "" },
                text: { scene, row, _ in
                    guard let entry = entry(scene, row) else { return [] }
                    return [Run(shown(entry, scene), counts.differs(entry) ? .accent : .text)]
                }),
            Column(
                "same", "same on", least: 7, priority: 3,
                value: { scene, row in Float(entry(scene, row).map(counts.count) ?? 0) },
                text: { scene, row, _ in
                    figure(entry(scene, row).map(counts.count), NumberFormat.count)
                }),
            Column(
                "most", "most have", least: 14, ideal: 24, align: .left, priority: 4,
                text: { scene, row, _ in
                    guard let entry = entry(scene, row), counts.differs(entry),
                        let most = counts.most(entry.name)
                    else { return [] }
                    let units =
                        form(entry.name, scene).humanised(most).map { " (\($0))" } ?? ""
                    return [Run(shownName(most) + units, .dim)]
                }),
        ]
    }
}
