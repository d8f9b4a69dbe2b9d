// One consumer group: each partition with committed offset, end, lag, rates and member.

internal import ClusterModel
internal import Drawing

/// The partitions of a group, worst lag first, beneath what holds for the whole group.
struct GroupScreen: TableScreen {
    static let entry = ScreenEntry(
        name: "group", title: "group",
        help: "one consumer group: its partitions and who reads them", argument: .group)
    static let bindings = [
        GroupKeys.reset,
        GroupKeys.delete(
            "delete offsets", help: "delete the commits of the marked partitions, else this"),
        GroupKeys.remove,
    ]
    var state = TableState(spec)
    let group: String
    var scope: Scope { Scope(group: group) }
    var crumb: String { shownName(group) }

    static func isHome(of id: ObjectID) -> Bool {
        switch id {
        case .group, .member: true
        default: false
        }
    }

    init(_ group: String) { self.group = group }

    init?(_ subject: ObjectID?, _ scene: Scene) {
        switch subject {
        case .group(let id)?, .member(let id, _)?: self.init(id)
        default: return nil
        }
    }

    func tableRect(_ scene: Scene) -> Rect {
        scene.body.split(top: scene.body.height >= 12 ? 3 : 1).1
    }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.groups = [group]
        interest.partitions = visibleRows(scene).compactMap { Self.offset(scene, $0)?.partition }
        return interest
    }

    func subject(_ scene: Scene) -> ObjectID? { .group(group) }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .partition(let key) = row else { return nil }
        let offset = scene.cluster.group(group)?.offsets?.first { $0.partition == key }
        let lines = offset.map(Self.standing) ?? []
        guard var explanation = PartitionsScreen.explain(key, scene) else {
            return lines.isEmpty ? nil : Explanation(title: "\(key)", lines: lines)
        }
        explanation.lines = lines + explanation.lines
        return explanation
    }

    /// What is to be said of a commit outside the log.
    private static func standing(_ offset: GroupOffset) -> [[Run]] {
        var lines: [[Run]] = []
        if offset.isGone {
            lines.append([
                Run("The topic was deleted", .warning),
                Run(": the commit counts for nothing and goes when it expires."),
            ])
        }
        if offset.beyondEnd > 0 {
            lines.append([
                Run(
                    "Committed \(NumberFormat.grouped(offset.beyondEnd)) records beyond the end",
                    .critical),
                Run(" of the log: a consumer is reset as auto.offset.reset says, or fails."),
            ])
        }
        if offset.lost > 0 {
            lines.append([
                Run("\(NumberFormat.grouped(offset.lost)) records are lost", .critical),
                Run(" to the group: they were deleted before it had read them."),
            ])
        }
        return lines
    }

    func renderAround(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        guard let found = scene.cluster.group(group) else {
            let name = shownName(group)
            let word: Run =
                switch scene.cluster.absence(in: .groups) {
                case .none:
                    Run("The group \(name) is not in the list of groups any more.", .warning)
                case .reading: Run("Reading groups: \(name) is not among them yet.", .unknown)
                default:
                    Run("The group \(name) is in no list of groups that was answered.", .unknown)
                }
            frame.runs(
                [word],
                x: body.x + 1, y: body.y, width: body.width - 2, align: .left)
            return
        }
        let stale = GroupsScreen.isStale(found, scene)
        var first: [Run] = [GroupsScreen.stateRun(found, scene)]
        first += [Run("   lag ", .dim)] + figure(found.lag, NumberFormat.grouped, isStale: stale)
        if found.unknownLagCount > 0 {
            first.append(
                Run(" + \(plural(found.unknownLagCount, "partition")) unknown", .unknown))
        }
        first += [Run("   in ", .dim)] + figure(found.producedPerSecond, NumberFormat.rate)
        first += [Run("/s   out ", .dim)] + figure(found.consumedPerSecond, NumberFormat.rate)
        first += [
            Run("/s   ", .dim),
            Run(
                found.standing.verdict == nil ? "" : found.standingSentence(at: scene.now),
                GroupsScreen.verdictRun(found).role),
        ]
        frame.runs(first, x: body.x + 1, y: body.y, width: body.width - 2, align: .left)
        guard body.height >= 12 else { return }
        let members = found.memberCount.map { plural($0, "member") } ?? "members not read yet"
        let assignor = found.assignor.isEmpty ? "" : "   assignor \(shownName(found.assignor))"
        let age = scene.age(found.offsetsAt).map { "   offsets \(ago($0)) old" } ?? ""
        let second: [Run] = [
            Run(
                "\(found.type ?? "type unknown")   \(members)\(assignor)   "
                    + "coordinator broker \(found.coordinator)\(age)", .dim)
        ]
        frame.runs(second, x: body.x + 1, y: body.y + 1, width: body.width - 2, align: .left)
    }

    private static func offset(_ scene: Scene, _ row: Int) -> GroupOffset? {
        guard let group = scene.groupIndex, let offsets = scene.cluster.groups[group].offsets,
            offsets.indices.contains(row)
        else { return nil }
        return offsets[row]
    }

    private static func member(_ scene: Scene, _ row: Int) -> GroupMember? {
        guard let group = scene.groupIndex, let index = offset(scene, row)?.member,
            let members = scene.cluster.groups[group].members, members.indices.contains(index)
        else { return nil }
        return members[index]
    }

    private static func knowsMembers(_ scene: Scene) -> Bool {
        scene.groupIndex.map { scene.cluster.groups[$0].members != nil } ?? false
    }
    private static func isStale(_ scene: Scene) -> Bool {
        scene.groupIndex.map { GroupsScreen.isStale(scene.cluster.groups[$0], scene) } ?? true
    }

    /// Records a second written to the partition.
    @Sendable private static func written(_ scene: Scene, _ row: Int) -> Double? {
        guard let key = offset(scene, row)?.partition, let at = scene.cluster.row(of: key)
        else { return nil }
        let rate = scene.cluster.partitions.recordsPerSecond[at]
        return rate.isNaN ? nil : Double(rate)
    }

    /// How long the commit has stood, in seconds; nil where it was not read. It stands as long or
    /// longer where it was never seen to change.
    private static func standing(_ scene: Scene, _ row: Int) -> Double? {
        guard let offset = offset(scene, row), offset.committedSince.happened else { return nil }
        return scene.age(offset.committedSince)
    }

    static let spec = TableSpec(
        noun: "partitions of this group", section: .groups, columns: columns, sort: "lag",
        identityIdeal: { min(Limits.nameColumns, $0.view.topicColumns + 4) },
        emptyAdvice: "It has committed nothing and is assigned nothing.",
        rows: { scene in
            let count = scene.groupIndex.flatMap { scene.cluster.groups[$0].offsets?.count } ?? 0
            return Array(0..<Int32(count))
        },
        id: { scene, row in
            .partition(
                offset(scene, row)?.partition ?? PartitionKey(topic: "", partition: -1))
        },
        find: { scene, id in
            guard case .partition(let key) = id, let group = scene.groupIndex else { return nil }
            return scene.cluster.groups[group].offsets?.firstIndex { $0.partition == key }
        },
        matching: matchingByName { scene, row in
            let member = member(scene, row)
            let key = offset(scene, row)?.partition.description ?? ""
            return "\(key) \(member?.clientID ?? "") \(member?.host ?? "")"
        },
        mark: { scene, row in
            guard let offset = offset(scene, row) else { return nil }
            if offset.errorCode != 0 || offset.beyondEnd > 0 || offset.lost > 0 {
                return Run(String(Glyph.critical), .critical)
            }
            let lags = (offset.lag ?? 0) > 0
            let isNobodys = offset.member == nil && knowsMembers(scene)
            return lags && (offset.consumedPerSecond == 0 || isNobodys)
                ? Run(String(Glyph.warning), .warning) : nil
        },
        isFault: { scene, row in
            guard let offset = offset(scene, row) else { return true }
            return offset.errorCode != 0 || (offset.member == nil && knowsMembers(scene))
                || offset.beyondEnd > 0
                || offset.lost > 0
                || ((offset.lag ?? 0) > 0 && offset.consumedPerSecond == 0)
        }, whyEmpty: whyEmpty)

    /// Nothing committed and nothing assigned is a fact of a group whose coordinator told both.
    @Sendable private static func whyEmpty(_ scene: Scene) -> Absence {
        let cluster = scene.cluster
        guard let index = scene.groupIndex else { return cluster.absence(in: .groups) }
        let group = cluster.groups[index]
        if !group.commits {
            return .unknown("A \(group.type ?? "share") group commits no offsets.")
        }
        if let error = cluster.errorName(group.errorCode) {
            return .unknown("Its coordinator answers \(error).")
        }
        let isTold = group.offsets != nil && (group.members != nil || group.type == "streams")
        if isTold { return .none }
        guard let broker = cluster.broker(group.coordinator), !broker.isIll else {
            return .unknown("Its coordinator cannot be asked: \(broker(group, scene)).")
        }
        return .reading(nil)
    }

    private static func broker(_ group: ConsumerGroup, _ scene: Scene) -> String {
        scene.cluster.broker(group.coordinator)?.stateSentence(scene)
            ?? "it is in no list of brokers"
    }

    private static let columns: [Column] = [
        Column(
            "name", "partition", least: 22, align: .left, priority: 0, ascending: true,
            value: { _, row in Float(row) },
            text: { scene, row, width in
                offset(scene, row).map { partitionRuns($0.partition, width) } ?? []
            }),
        Column(
            "committed", "committed", least: 13, ideal: 16, priority: 4,
            value: { sortValue(offset($0, $1)?.committed) },
            text: { scene, row, width in
                guard let committed = offset(scene, row)?.committed else {
                    return [Run("none", .dim)]
                }
                return offsetRuns(committed, isStale: isStale(scene), width)
            }),
        Column(
            "end", "log end", least: 13, ideal: 16, priority: 5,
            value: { sortValue(offset($0, $1)?.highWatermark) },
            text: { scene, row, width in offsetRuns(offset(scene, row)?.highWatermark, width) }),
        Column(
            "lag", "lag", least: 8, priority: 1,
            value: { sortValue(offset($0, $1)?.lag) },
            text: { scene, row, _ in
                let item = offset(scene, row)
                // Nothing committed is no lag and no unknown: it is nothing to measure from.
                if item != nil && item?.committed == nil { return [Run("-", .dim)] }
                if item?.isGone == true { return [Run("deleted", .dim)] }
                if let item, item.beyondEnd > 0 {
                    return [Run("-" + NumberFormat.count(item.beyondEnd), .critical)]
                }
                return figure(item?.lag, NumberFormat.count, isStale: isStale(scene))
            }),
        .figure("in", "in/s", least: 7, priority: 6, NumberFormat.rate, of: written),
        .figure("out", "out/s", least: 7, priority: 2, NumberFormat.rate) {
            offset($0, $1)?.consumedPerSecond
        },
        Column(
            "stood", "commit stands", least: 13, priority: 3,
            value: { sortValue(standing($0, $1)) },
            text: { scene, row, _ in
                guard let seconds = standing(scene, row), let offset = offset(scene, row) else {
                    return offset(scene, row)?.committed == nil ? [Run("-", .dim)] : unknownFigure
                }
                let more = offset.longestPause == 0 ? "+" : ""
                let waits = offset.lag ?? 0 > 1 && offset.consumedPerSecond == 0
                return [
                    Run(
                        NumberFormat.shortDuration(seconds.wholeBelow) + more,
                        waits ? .warning : .dim)
                ]
            }),
        Column(
            "member", "member", least: 12, ideal: 30, align: .left, priority: 2,
            word: { member($0, $1)?.clientID ?? "" },
            text: { scene, row, _ in
                if let member = member(scene, row) { return [Run(shownName(member.clientID))] }
                return knowsMembers(scene) ? [Run("nobody", .warning)] : unknownFigure
            }),
        Column(
            "host", "host", least: 12, ideal: 24, align: .left, priority: 8,
            word: { member($0, $1)?.host ?? "" },
            text: { scene, row, _ in
                if let member = member(scene, row) { return [Run(shownName(member.host), .dim)] }
                return knowsMembers(scene) ? [Run("-", .dim)] : unknownFigure
            }),
    ]
}
