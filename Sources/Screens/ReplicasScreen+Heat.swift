// The heat map of replica lag: followers down, leaders across, shaded by the seconds behind.

internal import ClusterModel
internal import Drawing

/// How dark a cell of the map is.
enum Heat: Int, CaseIterable, Sendable {
    case cool, warm, hot, burning, out

    /// Seconds behind from which each is. Followers fetch twice a second at least; Kafka drops one
    /// from the in-sync replicas after `replica.lag.time.max.ms`, 30 s unless it was changed.
    static let seconds: [Float] = [0, 1, 5, 10, 30]

    init(_ seconds: Float) {
        self = Self(rawValue: Self.seconds.lastIndex { seconds >= $0 } ?? 0) ?? .cool
    }

    /// From here on a follower is far behind.
    static let far = Heat.hot

    var glyph: Unicode.Scalar {
        switch self {
        case .cool: Glyph.inSync
        case .warm: Glyph.trackEmpty
        case .hot: Glyph.shadeMedium
        case .burning: Glyph.shadeDark
        case .out: Glyph.lowerBlocks[7]
        }
    }

    var role: Role {
        switch self {
        case .cool: .dim
        case .warm: .graph
        case .hot, .burning: .warning
        case .out: .critical
        }
    }
}

extension ReplicaHeat.Cell {
    /// The cell in so many columns: shade and seconds; nothing where nobody follows.
    func runs(_ width: Int) -> [Run] {
        if isEmpty { return [] }
        let seconds = seconds
        let heat = Heat(seconds)
        let figure: Run
        if seconds.isNaN {
            if adding == followers { return [Run(String(Glyph.moving), .moving)] }
            return unknownFigure
        } else if heat == .cool, unpaced > 0 {
            // Out of sync, and nothing is written that would tell the time.
            figure = Run("out", .warning)
        } else if heat == .cool {
            return unknown > 0
                ? [Run(String(Glyph.inSync), .dim)] + unknownFigure
                : [Run(String(Glyph.inSync), .dim)]
        } else {
            figure = Run(NumberFormat.shortDuration(Double(seconds)), heat.role)
        }
        let room = width - figure.width - 1
        guard room > 0 else { return [figure] }
        let glyph = heat == .cool ? Glyph.behind : heat.glyph
        let count = heat == .cool ? 1 : room
        return [
            Run(String(repeating: String(glyph), count: count), figure.role), Run(" "), figure,
        ]
    }
}

extension ReplicasScreen {
    /// Followers down, leaders across, over so many columns of the screen.
    static func heatSpec(_ heat: ReplicaHeat, width: Int) -> TableSpec {
        heat.sides == .racks ? rackSpec(heat, width) : brokerSpec(heat, width)
    }

    /// What an unknown is worth in an order by seconds: less than a second behind.
    @Sendable private static func sortSeconds(_ cell: ReplicaHeat.Cell) -> Float { cell.seconds }

    private static func columns(
        _ heat: ReplicaHeat, _ width: Int, identity: Column, side: @escaping (Int) -> String,
        title: (Int) -> String
    ) -> [Column] {
        let room = max(7, width - (width >= 100 ? 40 : 24))
        let shown = max(1, min(heat.leaders.count, room / 7))
        let ideal = max(5, min(14, room / shown - 2))
        let worst = Column(
            "behind", "behind", least: 7, ideal: 9, priority: 1,
            value: { _, row in sortSeconds(heat.ofFollower[row]) },
            text: { _, row, width in heat.ofFollower[row].runs(width) })
        let lag = Column(
            "lag", "lag", least: 7, priority: 3,
            value: { _, row in heat.ofFollower[row].lag },
            text: { _, row, _ in
                let cell = heat.ofFollower[row]
                return figure(cell.seconds.isNaN ? nil : Double(cell.lag), NumberFormat.count)
            })
        let across = heat.leaders.map { leader in
            let place = Int(leader)
            return Column(
                side(place), title(place), least: 5, ideal: ideal, priority: 2,
                value: { _, row in sortSeconds(heat.cell(follower: row, leader: place)) },
                text: { _, row, width in
                    heat.cell(follower: row, leader: place).runs(width)
                })
        }
        return [identity, worst, lag] + across
    }

    private static func brokerSpec(_ heat: ReplicaHeat, _ width: Int) -> TableSpec {
        let brokers = BrokersScreen.spec
        let names = heat.followers.reduce(6) { max($0, String($1).count) }
        let identity = Column(
            "id", "on broker", least: max(9, names), align: .right, priority: 0, ascending: true,
            value: { _, row in Float(row) },
            text: { scene, row, _ in
                let broker = scene.cluster.brokers[row]
                return [Run("\(broker.id)", broker.isIll ? .critical : .text)]
            })
        // Titles are asked for once a cluster; the ids stand in the scene's brokers.
        let ids = heat.brokerIDs
        var columns = columns(
            heat, width, identity: identity, side: { "\(ids[$0])" }, title: { "of \(ids[$0])" })
        columns.insert(rackColumn, at: 1)
        return TableSpec(
            noun: "brokers", section: .offsets, columns: columns, sort: "behind",
            tiebreak: "lag", identityIdeal: { _ in max(9, names) },
            emptyAdvice: "With one replica a partition there is nobody to lag.",
            rows: { scene in
                heat.followers.filter { Int($0) < scene.cluster.brokers.count }
            },
            id: brokers.id, find: brokers.find, matching: brokers.matching,
            mark: { scene, row in
                scene.cluster.brokers[row].mark ?? mark(heat.ofFollower[row])
            },
            isFault: { scene, row in
                scene.cluster.brokers[row].isIll || isFar(heat.ofFollower[row])
            },
            whyEmpty: { $0.cluster.absence(in: .partitions) })
    }

    private static let rackColumn = Column(
        "rack", "rack", least: 7, ideal: 12, align: .left, priority: 4,
        word: { $0.cluster.brokers[$1].rack ?? "-" },
        text: { scene, row, _ in
            [Run(scene.cluster.brokers[row].rack.map(shownName) ?? "-", .dim)]
        })

    private static func rackSpec(_ heat: ReplicaHeat, _ width: Int) -> TableSpec {
        let names = heat.racks.reduce(7) { max($0, displayWidth(of: shownName($1))) }
        let identity = Column(
            "rack", "in rack", least: 10, align: .left, priority: 0, ascending: true,
            value: { _, row in Float(row) }, word: { _, row in heat.racks[row] },
            text: { _, row, _ in [Run(shownName(heat.racks[row]))] })
        return TableSpec(
            noun: "racks", section: .offsets,
            columns: columns(
                heat, width, identity: identity, side: { heat.racks[$0] },
                title: { "of " + shownName(heat.racks[$0]) }),
            sort: "behind", tiebreak: "lag", identityIdeal: { _ in min(30, names) },
            emptyAdvice: "No broker names its rack (broker.rack).",
            rows: { _ in heat.followers },
            id: { _, row in .rack(heat.racks.indices.contains(row) ? heat.racks[row] : "") },
            find: { _, id in
                if case .rack(let name) = id { heat.racks.firstIndex(of: name) } else { nil }
            },
            matching: matchingByName { _, row in heat.racks[row] },
            mark: { _, row in mark(heat.ofFollower[row]) },
            isFault: { _, row in isFar(heat.ofFollower[row]) },
            whyEmpty: { $0.cluster.absence(in: .partitions) })
    }

    private static func isFar(_ cell: ReplicaHeat.Cell) -> Bool {
        cell.seconds >= Heat.seconds[Heat.far.rawValue] || cell.unpaced > 0
    }

    private static func mark(_ cell: ReplicaHeat.Cell) -> Run? {
        guard isFar(cell) else { return nil }
        return Heat(cell.seconds) == .out
            ? Run(String(Glyph.critical), .critical) : Run(String(Glyph.warning), .warning)
    }

    // MARK: Above the map

    func headHeight(_ scene: Scene) -> Int { scene.body.height >= 10 ? 2 : 1 }

    func drawHead(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        var y = body.y
        if headHeight(scene) > 1 {
            var runs = [Run(" Tab", .key)]
            for option in Pane.allCases {
                runs.append(Run("  \(option.title)", option == pane ? .accent : .dim))
            }
            let legend = Self.legend
            if runs.width + legend.width + 3 < body.width { runs += [Run("   ")] + legend }
            frame.runs(runs, x: body.x, y: y, width: body.width, align: .left)
            y += 1
        }
        frame.runs(
            fit(sentence(scene), to: body.width - 2), x: body.x + 1, y: y, within: body)
    }

    /// "· under 1s  ░ 1s  ▒ 5s  ▓ 10s  █ 30s behind or more".
    private static let legend: [Run] =
        zip(Heat.allCases, Heat.seconds).flatMap { heat, seconds -> [Run] in
            let text =
                heat == .cool ? "under 1s" : NumberFormat.shortDuration(Double(seconds))
            return [Run("\(heat.glyph) ", heat.role), Run(text + "  ", .dim)]
        } + [Run("behind or more", .dim)]

    private func name(_ place: Int, _ scene: Scene) -> String {
        if heat.sides == .racks {
            return heat.racks.indices.contains(place)
                ? "rack \(shownName(heat.racks[place]))" : "a rack"
        }
        return scene.cluster.brokers.indices.contains(place)
            ? "broker \(scene.cluster.brokers[place].id)" : "a broker"
    }

    /// What the map says in words: a row, a column, a cell, or nothing.
    func sentence(_ scene: Scene) -> [Run] {
        let far = Heat.seconds[Heat.far.rawValue]
        let found = heat.shape(hot: far)
        let most = NumberFormat.duration(Double(found.seconds).wholeBelow)
        let isRack = heat.sides == .racks
        var runs: [Run]
        switch found.shape {
        case .unknown:
            runs = [Run("How far followers are behind is not known of any yet.", .unknown)]
        case .calm:
            let limit = NumberFormat.shortDuration(Double(far))
            runs = [Run("No followers are \(limit) behind their leaders.", .good)]
        case .everywhere:
            runs = [
                Run("Most followers are behind, up to \(most)", .warning),
                Run(": more than one disk or link. Look at brokers, their network and throttles."),
            ]
        case .row(let place):
            runs = [
                Run("\(capitalised(name(place, scene))) is behind", .warning),
                Run(" \(found.hot) of the \(found.of) it follows, up to \(most): "),
                Run(isRack ? "its network." : "its disk, its network or its load."),
            ]
        case .column(let place):
            runs = [
                Run("\(found.hot) of \(found.of) are behind \(name(place, scene))", .warning),
                Run(", up to \(most): what reads from it is slow, not who follows."),
            ]
        case .cell(let follower, let leader):
            runs = [
                Run("\(capitalised(name(follower, scene))) is \(most) behind ", .warning),
                Run(name(leader, scene), .warning),
                Run(found.hot > 1 ? ", and \(found.hot - 1) more pairs" : " and nobody else"),
                Run(follower == leader ? ": inside it." : ": the link between them."),
            ]
        }
        let unknown = heat.ofFollower.reduce(0) { $0 + Int($1.unknown) }
        if unknown > 0, found.shape != .unknown {
            runs.append(Run("  \(plural(unknown, "follower")) unknown.", .unknown))
        }
        if heat.leftOut > 0 {
            runs.append(
                Run(
                    "  The \(heat.followers.count) furthest behind of "
                        + "\(NumberFormat.grouped(heat.followers.count + heat.leftOut)).", .dim))
        }
        return runs
    }

    /// A row of the map in words: behind whom, how many, how much.
    func explainHeat(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard pane != .list, let place = spec.find(scene, row),
            heat.ofFollower.indices.contains(place)
        else { return nil }
        let pairs = heat.leaders.map { leader in
            (Int(leader), heat.cell(follower: place, leader: Int(leader)))
        }
        .filter { !$0.1.isEmpty }
        func weight(_ cell: ReplicaHeat.Cell) -> Float {
            cell.seconds.isNaN ? .infinity : cell.seconds
        }
        var lines = pairs.sorted { weight($0.1) > weight($1.1) }.prefix(20).map { pair in
            line(of: pair.1, behind: name(pair.0, scene), scene)
        }
        if lines.isEmpty { lines = [[Run("It follows nobody.", .dim)]] }
        return Explanation(title: "followers on \(name(place, scene))", lines: lines)
    }

    private func line(of cell: ReplicaHeat.Cell, behind leader: String, _ scene: Scene) -> [Run] {
        let heat = Heat(cell.seconds)
        var runs = [Run(String(heat.glyph) + " ", heat.role)]
        if cell.seconds.isNaN {
            runs = [Run("? ", .unknown)]
            runs.append(Run("\(leader): \(plural(Int(cell.followers), "follower")), lag unknown"))
        } else {
            let time = NumberFormat.duration(Double(cell.seconds))
            runs.append(Run("\(leader): ", heat.role == .dim ? .text : heat.role))
            runs.append(
                Run(
                    "\(plural(Int(cell.followers), "follower")) \(time) behind, lacking "
                        + "\(NumberFormat.count(cell.lag)) records"))
            if cell.unknown > 0 { runs.append(Run(", \(cell.unknown) unknown", .unknown)) }
        }
        if cell.outOfSync > 0 {
            runs.append(Run(", \(cell.outOfSync) out of sync", .warning))
        }
        if cell.adding > 0 { runs.append(Run(", \(cell.adding) being made", .moving)) }
        let worst = Int(cell.worst)
        if worst >= 0, worst < scene.cluster.partitions.replicaCount {
            let key = scene.cluster.key(ofRow: scene.cluster.partitions.row(ofReplica: worst))
            runs.append(Run("; furthest: \(key)", .dim))
        }
        return runs + [Run(".")]
    }
}
