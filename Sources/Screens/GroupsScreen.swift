// Consumer groups: how far behind, how fast in and out, when caught up.

internal import ClusterModel
internal import Drawing

/// The table of groups, the furthest behind first.
struct GroupsScreen: TableScreen {
    static let entry = ScreenEntry(
        name: "groups", aliases: ["g", "consumergroups"], key: "O", title: "groups",
        help: "consumer groups: lag, rates, when caught up")
    var state: TableState

    init(isFaultsOnly: Bool = false) {
        state = TableState(Self.spec, isFaultsOnly: isFaultsOnly)
    }

    init?(_ subject: ObjectID?, _ scene: Scene) {
        guard subject == nil else { return nil }
        self.init()
    }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.groups = visibleRows(scene).map { scene.cluster.groups[$0].id }
        interest.wantsAllGroups = true
        return interest
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .group(let id) = row, let group = scene.cluster.group(id) else { return nil }
        var lines: [[Run]] = []
        if let error = scene.cluster.errorName(group.errorCode) {
            lines.append([Run("Its coordinator answers \(error).", .critical)])
        }
        if let broker = scene.cluster.broker(group.coordinator) {
            lines.append([Run("Coordinator: \(broker.stateSentence(scene)).")])
        } else {
            lines.append([Run("Its coordinator is not known.", .unknown)])
        }
        if group.offsets == nil {
            lines.append([Run("lag ?", .unknown), Run(": its offsets have not been read yet.")])
        } else if group.unknownLagCount > 0 {
            lines.append([
                Run("lag", .unknown),
                Run(
                    ": of \(plural(group.unknownLagCount, "partition")) the end is not known; "
                        + "the sum counts the others."),
            ])
        }
        if group.members == nil {
            lines.append([Run("members ?", .unknown), Run(": it has not been described yet.")])
        }
        if group.consumedPerSecond == nil {
            lines.append([
                Run("out/s ?", .unknown), Run(": a rate needs two reads of its committed offsets."),
            ])
        } else if group.isStuck == true {
            lines.append([Run("It has records to read and commits nothing.", .warning)])
        }
        if group.secondsToCatchUp == .infinity {
            lines.append([
                Run("caught up never", .warning), Run(": it reads no faster than others write."),
            ])
        }
        return Explanation(title: shownName(id), lines: lines)
    }

    static let spec = TableSpec(
        noun: "groups", section: .groups, columns: columns, sort: "lag",
        identityIdeal: { $0.view.groupColumns },
        emptyAdvice: "Nobody has consumed with a group id, or the offsets have expired.",
        rows: { Array(0..<Int32($0.cluster.groups.count)) },
        id: { .group($0.cluster.groups[$1].id) },
        find: { scene, id in
            if case .group(let name) = id { scene.cluster.groupIndex(name) } else { nil }
        },
        matching: matchingByName { $0.cluster.groups[$1].id },
        mark: { scene, row in
            let group = scene.cluster.groups[row]
            if group.errorCode != 0 { return Run(String(Glyph.critical), .critical) }
            return group.isStuck == true ? Run(String(Glyph.warning), .warning) : nil
        },
        isFault: { scene, row in
            let group = scene.cluster.groups[row]
            return group.isStuck == true || group.errorCode != 0
                || group.secondsToCatchUp == .infinity
        },
        mayLack: { scene in
            scene.cluster.failures.contains { $0.section == .groups && $0.api == "ListGroups" }
        })

    /// The coordinator does not answer: what is shown of the group is old.
    static func isStale(_ group: ConsumerGroup, _ scene: Scene) -> Bool {
        scene.cluster.isStale(group.offsetsAt, in: .groups, from: group.coordinator)
    }

    /// Its coordinator cannot be asked now: what it told before may not be so any more.
    static func isUnasked(_ group: ConsumerGroup, _ scene: Scene) -> Bool {
        guard let broker = scene.cluster.broker(group.coordinator) else { return true }
        return broker.isIll
    }

    static func stateRun(_ group: ConsumerGroup, _ scene: Scene) -> Run {
        let run = group.stateRun
        guard group.state != nil, isUnasked(group, scene) else { return run }
        return figure(run.text, isStale: true)[0]
    }

    private static let columns: [Column] = [
        Column(
            "name", "group", least: 22, align: .left, priority: 0, ascending: true,
            value: { _, row in Float(row) },
            text: { scene, row, _ in [Run(shownName(scene.cluster.groups[row].id))] }),
        Column(
            "state", "state", least: 9, ideal: 19, align: .left, priority: 2,
            word: { $0.cluster.groups[$1].state ?? "?" },
            text: { scene, row, _ in [stateRun(scene.cluster.groups[row], scene)] }),
        .figure(
            "members", "members", least: 7, priority: 4, NumberFormat.count,
            isStale: { isUnasked($0.cluster.groups[$1], $0) },
            of: { $0.cluster.groups[$1].memberCount }),
        Column(
            "lag", "lag", least: 8, priority: 1,
            value: { sortValue($0.cluster.groups[$1].lag) },
            text: { scene, row, _ in
                let group = scene.cluster.groups[row]
                // A sum of which some parts are unknown is a least value, and says so.
                let least = group.unknownLagCount > 0 && group.lag != nil ? "\u{2265}" : ""
                return figure(
                    group.lag, { least + NumberFormat.count($0) }, isStale: isStale(group, scene),
                    role: group.isStuck == true ? .warning : .text)
            }),
        .figure(
            "in", "in/s", least: 7, priority: 5, NumberFormat.rate,
            isStale: { isStale($0.cluster.groups[$1], $0) },
            of: { $0.cluster.groups[$1].producedPerSecond }),
        .figure(
            "out", "out/s", least: 7, priority: 3, NumberFormat.rate,
            isStale: { isStale($0.cluster.groups[$1], $0) },
            of: { $0.cluster.groups[$1].consumedPerSecond }),
        Column(
            "eta", "caught up in", least: 12, priority: 3,
            value: { sortValue($0.cluster.groups[$1].secondsToCatchUp) },
            text: { scene, row, _ in
                let group = scene.cluster.groups[row]
                return [catchUpRun(group.secondsToCatchUp, lag: group.lag)]
            }),
        .figure("partitions", "partitions", least: 10, priority: 8, NumberFormat.count) {
            $0.cluster.groups[$1].offsets?.count
        },
        Column(
            "type", "type", least: 8, align: .left, priority: 6,
            word: { $0.cluster.groups[$1].type ?? "?" },
            text: { scene, row, _ in figure(scene.cluster.groups[row].type, role: .dim) }),
        Column(
            "assignor", "assignor", least: 10, ideal: 18, align: .left, priority: 10,
            word: { $0.cluster.groups[$1].assignor },
            text: { scene, row, _ in
                let name = scene.cluster.groups[row].assignor
                return [Run(name.isEmpty ? "-" : name, .dim)]
            }),
        Column(
            "coordinator", "coord", least: 5, priority: 7, ascending: true,
            value: { Float($0.cluster.groups[$1].coordinator.value) },
            text: { scene, row, _ in
                let id = scene.cluster.groups[row].coordinator
                guard id.exists else { return unknownFigure }
                let isIll = scene.cluster.broker(id)?.isIll == true
                return [Run("\(id)", isIll ? .critical : .dim)]
            }),
        Column(
            "trend", "lag, 5 min", least: 12, ideal: 40, align: .left, priority: 9,
            text: { scene, row, width in
                trendRuns(
                    scene, .group(historyIndex: scene.cluster.groups[row].historyIndex), .lag, width
                )
            }),
    ]
}

extension ConsumerGroup {
    var stateRun: Run {
        guard let state else { return Run(NumberFormat.unknown, .unknown) }
        let role: Role =
            switch state {
            case "Stable": .good
            case "Empty": (lag ?? 0) > 0 ? .warning : .dim
            case "Dead": .critical
            default: .moving
            }
        return Run(state, role)
    }
}
