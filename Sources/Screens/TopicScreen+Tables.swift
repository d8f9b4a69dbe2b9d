// The tables beside a topic's partitions: what is set on it, and who reads it.

internal import ClusterModel
internal import Drawing

extension TopicScreen {
    // MARK: Overrides

    private static func overrides(_ scene: Scene) -> [ConfigOverride] {
        scene.topicIndex.flatMap { scene.cluster.overrides(topic: $0) } ?? []
    }

    private static func override(_ scene: Scene, _ row: Int) -> ConfigOverride? {
        let all = overrides(scene)
        return all.indices.contains(row) ? all[row] : nil
    }

    /// The key as its broker described it; nil: it has not yet, or cannot.
    private static func described(_ scene: Scene, _ key: String) -> ConfigRow? {
        guard let name = scene.scope.topic,
            scene.cluster.configsInView?.resource == .topic(name)
        else { return nil }
        return scene.view.configRows.first { $0.key == key }
    }

    /// What would hold without the override; nil: it is not known.
    private static func without(_ scene: Scene, _ key: String) -> String? {
        described(scene, key).flatMap { row in row.without.map { row.shown($0) } }
    }

    static func explain(override key: String, _ scene: Scene) -> Explanation? {
        if let row = described(scene, key) {
            return Explanation(title: key, lines: row.details(scene))
        }
        guard let entry = overrides(scene).first(where: { $0.name == key }) else { return nil }
        return Explanation(
            title: key,
            lines: [
                [Run("\(key) is \(OverridesScreen.shown(entry, scene)) on this topic.")],
                unknownRuns("default ?", .configs, scene),
            ])
    }

    static let overrideSpec = TableSpec(
        noun: "overrides", section: .configs,
        columns: [
            Column(
                "key", "override", least: 18, align: .left, priority: 0, ascending: true,
                value: { _, row in Float(row) },
                text: { scene, row, _ in
                    [Run(override(scene, row).map { shownName($0.name) } ?? "")]
                }),
            Column(
                "value", "value", least: 10, ideal: 22, align: .left, priority: 1,
                word: { override($0, $1)?.text ?? "" },
                text: { scene, row, _ in
                    [Run(override(scene, row).map { OverridesScreen.shown($0, scene) } ?? "")]
                }),
            Column(
                "default", "default", least: 10, ideal: 22, align: .left, priority: 2,
                text: { scene, row, _ in
                    guard let entry = override(scene, row) else { return [] }
                    return [without(scene, entry.name).map { Run($0, .dim) } ?? unknownFigure[0]]
                }),
        ], sort: "key",
        identityIdeal: { scene in
            min(40, overrides(scene).reduce(18) { max($0, $1.name.count) })
        },
        emptyAdvice: "Nothing is set on this topic itself: c shows all that holds.",
        rows: { Array(0..<Int32(overrides($0).count)) },
        id: { scene, row in
            .config(.topic(scene.scope.topic ?? ""), key: override(scene, row)?.name ?? "")
        },
        find: { scene, id in
            if case .config(_, let key) = id {
                overrides(scene).firstIndex { $0.name == key }
            } else {
                nil
            }
        },
        matching: matchingByName { scene, row in
            override(scene, row).map { "\($0.name) \($0.text)" } ?? ""
        },
        mark: { _, _ in nil }, isFault: { _, _ in false },
        whyEmpty: { scene in
            guard let topic = scene.topicIndex else { return scene.cluster.absence(in: .topics) }
            return scene.cluster.overrides(topic: topic) == nil
                ? scene.cluster.absence(in: .configs) : .none
        })

    // MARK: Readers

    static func readerSpec(_ readers: [TopicReader]) -> TableSpec {
        let groups = GroupsScreen.spec
        let places = Dictionary(
            readers.map { (Int32($0.group), $0) }, uniquingKeysWith: { first, _ in first })
        let name = Column(
            "name", "read by", least: 16, align: .left, priority: 0, ascending: true,
            value: { _, row in Float(row) },
            text: { scene, row, _ in [Run(shownName(scene.cluster.groups[row].id))] })
        let lag = Column(
            "lag", "lag here", least: 8, priority: 2,
            value: { _, row in sortValue(places[Int32(row)]?.lag) },
            text: { scene, row, _ in
                guard let reader = places[Int32(row)] else { return unknownFigure }
                let least = reader.unknownLagCount > 0 && reader.lag != nil ? "\u{2265}" : ""
                return figure(
                    reader.lag, { least + NumberFormat.count($0) },
                    isStale: GroupsScreen.isStale(scene.cluster.groups[row], scene))
            })
        let others = ["behind", "verdict", "members", "out", "state"].compactMap {
            groups.column($0)
        }
        return TableSpec(
            noun: "readers", section: .groups,
            columns: [name] + others.prefix(2) + [lag] + others.dropFirst(2), sort: "verdict",
            tiebreak: "behind", identityIdeal: groups.identityIdeal,
            emptyAdvice: "No group has an offset on this topic.",
            rows: { scene in
                readers.compactMap {
                    $0.group < scene.cluster.groups.count ? Int32($0.group) : nil
                }
            },
            id: groups.id, find: groups.find, matching: groups.matching, mark: groups.mark,
            isFault: groups.isFault, whyEmpty: { $0.cluster.absenceOfLags },
            mayLack: groups.mayLack)
    }
}
