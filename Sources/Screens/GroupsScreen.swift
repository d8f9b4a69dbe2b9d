// Consumer groups: how far behind in time, where that goes, and the verdict over minutes.

internal import ClusterModel
internal import Drawing
internal import Health

/// The table of groups, the worst verdict first and of equal ones the furthest behind.
struct GroupsScreen: TableScreen {
    static let entry = ScreenEntry(
        name: "groups", aliases: ["g", "consumergroups"], key: "O", title: "groups",
        help: "consumer groups: how far behind, trend and verdict")
    static let bindings = [
        GroupKeys.reset,
        GroupKeys.delete(
            "delete group", help: "delete the group, which must be empty, with its offsets"),
    ]
    var state: TableState
    let scope: Scope
    var crumb: String { scope.rule.flatMap(ruleEntry)?.title ?? Self.entry.title }

    /// - Parameter rule: the name of a rule of groups: only those for which it holds.
    init(rule: String? = nil) {
        scope = Scope(rule: rule)
        state = TableState(Self.spec)
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
        lines = Self.story(group, scene) + lines
        if group.consumedPerSecond == nil {
            lines.append([
                Run("out/s ?", .unknown), Run(": a rate needs two reads of its committed offsets."),
            ])
        }
        return Explanation(title: shownName(id), lines: lines)
    }

    /// How it stands and what that rests on.
    private static func story(_ group: ConsumerGroup, _ scene: Scene) -> [[Run]] {
        let standing = group.standing
        guard standing.verdict != nil else {
            return group.isNotJudged
                ? []
                : [
                    [
                        Run("estimating", .unknown),
                        Run(
                            ": whether it keeps up is told once it was seen over a minute of its "
                                + "commits; one that commits nothing is judged after 75 s, without "
                                + "members after two minutes."),
                    ]
                ]
        }
        var lines = [[verdictRun(group), Run(": it \(group.standingSentence(at: scene.now)).")]]
        if standing.isEstimated {
            lines.append([
                Run(
                    "How long behind is reckoned by how fast its logs grow: it lies before what "
                        + "was seen since the start.", .dim)
            ])
        }
        return lines
    }

    static let spec = TableSpec(
        noun: "groups", section: .groups, columns: columns, sort: "verdict", tiebreak: "behind",
        ranks: { $0.view.groupRanks },
        identityIdeal: { $0.view.groupColumns },
        emptyAdvice: "Nobody has consumed with a group id, or the offsets have expired.",
        rows: { scene in
            let rows = Array(0..<Int32(scene.cluster.groups.count))
            guard let rule = scene.scope.rule else { return rows }
            return rows.filter {
                holds(rule: rule, for: scene.cluster.groups[Int($0)]) == true
            }
        },
        id: { .group($0.cluster.groups[$1].id) },
        find: { scene, id in
            if case .group(let name) = id { scene.cluster.groupIndex(name) } else { nil }
        },
        matching: matchingByName { $0.cluster.groups[$1].id },
        mark: { scene, row in mark(scene.cluster.groups[row]) },
        isFault: { scene, row in
            let group = scene.cluster.groups[row]
            return group.standing.isFault || group.errorCode != 0
        },
        whyEmpty: { scene in
            // That a rule holds for none is known when each was judged.
            if let rule = scene.scope.rule, scene.cluster.counts[rule] == nil {
                return .reading(nil)
            }
            return scene.cluster.absence(in: .groups)
        },
        mayLack: { scene in
            scene.cluster.failures.contains { $0.section == .groups && $0.api == "ListGroups" }
        })

    static func mark(_ group: ConsumerGroup) -> Run? {
        if group.errorCode != 0 { return Run(String(Glyph.critical), .critical) }
        return group.standing.verdict?.severity.map { severityMark($0, isWork: false) }
    }

    /// The verdict in a word or two; where it is catching up, when it is done.
    static func verdictRun(_ group: ConsumerGroup) -> Run {
        let standing = group.standing
        guard let verdict = standing.verdict else {
            if group.isNotJudged { return Run("-", .dim) }
            return group.offsets == nil ? unknownFigure[0] : Run("estimating", .unknown)
        }
        let role: Role =
            switch verdict.severity {
            case .critical: .critical
            case .warning, .notice: .warning
            case nil: verdict == .ok ? .good : .moving
            }
        guard verdict == .catchingUp, !standing.secondsToCatchUp.isNaN else {
            return Run(verdict.label, role)
        }
        let wait = NumberFormat.roundedSeconds(Double(standing.secondsToCatchUp))
        return Run("\(verdict.label), \(NumberFormat.shortDuration(wait))", role)
    }

    /// How far behind in time: "61s", with `~` where it is reckoned or old.
    static func behindRuns(_ group: ConsumerGroup, _ scene: Scene) -> [Run] {
        let seconds = group.standing.secondsBehind
        if group.isNotJudged { return [Run("-", .dim)] }
        guard !seconds.isNaN else { return unknownFigure }
        if seconds == 0, !isStale(group, scene) { return [Run("0s", .dim)] }
        return figure(
            NumberFormat.shortDuration(Double(seconds)),
            isStale: group.standing.isEstimated || isStale(group, scene),
            role: group.standing.isFault ? .warning : .text)
    }

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
            "behind", "behind", least: 7, priority: 1,
            value: { $0.cluster.groups[$1].standing.secondsBehind },
            text: { scene, row, _ in behindRuns(scene.cluster.groups[row], scene) }),
        Column(
            "verdict", "verdict", least: 16, align: .left, priority: 1,
            value: { scene, row in
                scene.cluster.groups[row].standing.verdict.map { Float($0.rank) } ?? .nan
            },
            word: { scene, row in
                let group = scene.cluster.groups[row]
                return group.standing.verdict?.name ?? (group.isNotJudged ? "-" : "estimating")
            },
            text: { scene, row, _ in [verdictRun(scene.cluster.groups[row])] }),
        Column(
            "lag", "lag", least: 8, priority: 1,
            value: { sortValue($0.cluster.groups[$1].lag) },
            text: { scene, row, _ in
                let group = scene.cluster.groups[row]
                // A sum of which some parts are unknown is a least value, and says so.
                let least = group.unknownLagCount > 0 && group.lag != nil ? "\u{2265}" : ""
                return figure(
                    group.lag, { least + NumberFormat.count($0) }, isStale: isStale(group, scene),
                    role: group.standing.isFault ? .warning : .text)
            }),
        .figure(
            "in", "in/s", least: 7, priority: 5, NumberFormat.rate,
            isStale: { isStale($0.cluster.groups[$1], $0) },
            shown: { Double($0.view.steady.written[$1]) },
            of: { $0.cluster.groups[$1].producedPerSecond }),
        .figure(
            "out", "out/s", least: 7, priority: 3, NumberFormat.rate,
            isStale: { isStale($0.cluster.groups[$1], $0) },
            shown: { Double($0.view.steady.read[$1]) },
            of: { $0.cluster.groups[$1].consumedPerSecond }),
        Column(
            "eta", "", least: 0, priority: 99,
            value: { $0.cluster.groups[$1].standing.secondsToCatchUp }, text: { _, _, _ in [] }),
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
