// The Moves screen: the plan that is carried out from here, and every replica that is on its way,
// by whomever it is moved: how far it is, how fast, and why it is slow.

internal import ClusterModel
internal import Drawing
internal import Health
internal import Planning

/// One line for each new replica; over them the plan.
struct MovesScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "moves", aliases: ["reassignments"], key: "M", title: "moves",
        help: "what is being moved, by whom and how fast; what is left behind")
    static let bindings = [
        Binding(
            keys: [.character("p")], label: "p", action: .holdPlan, title: "pause, go on",
            help: "let nothing new of the plan begin, or go on", hint: 11, area: "Act",
            why: { scene, _ in noPlan(scene) }, isSeldom: true),
        Binding(
            keys: [.character("+"), .character("=")], label: "+", action: .moreThrottle,
            title: "faster", help: "the next greater throttle for the plan", hint: 12, area: "Act",
            why: { scene, _ in noThrottle(scene) }, isSeldom: true),
        Binding(
            keys: [.character("-")], label: "-", action: .lessThrottle, title: "slower",
            help: "the next smaller throttle for the plan", hint: 13, area: "Act",
            why: { scene, _ in noThrottle(scene) }, isSeldom: true),
        Binding(
            keys: [.character("x")], label: "x", action: .stopPlan, title: "stop",
            help: "end the plan: what is in flight is taken back", hint: 14, area: "Act",
            why: { scene, _ in noPlan(scene) }, isSeldom: true),
        Binding(
            keys: [.character("u")], label: "u", action: .undo, title: "take back",
            help: "review what takes the plan back that is over", area: "Act",
            why: { scene, _ in Keymap.readOnly(scene, nil) }),
        Binding(
            keys: [.character("t")], label: "t", action: .unthrottle, title: "remove throttles",
            help: "review taking away all throttles that nothing needs", hint: 15, area: "Act",
            why: { scene, _ in noLeftThrottle(scene) }, isSeldom: true),
        Binding(
            keys: [.character("d")], label: "d", action: .cancelMove, title: "cancel",
            help: "review ending this move of somebody else", hint: 16, area: "Act",
            why: { noStranger($0, $1) }, isSeldom: true),
    ]
    var state = TableState(spec)

    private static func noPlan(_ scene: Scene) -> String? {
        scene.execution?.isUnderWay == true ? nil : "no plan is carried out from here"
    }

    private static func noLeftThrottle(_ scene: Scene) -> String? {
        if scene.isReadOnly { return "this session is read-only" }
        if scene.execution?.isUnderWay == true { return "the plan under way needs its own" }
        return LeftThrottles.topics(scene.cluster).isEmpty
            ? "no topic has throttles while nothing moves" : nil
    }

    private static func noStranger(_ scene: Scene, _ row: ObjectID?) -> String? {
        if scene.isReadOnly { return "this session is read-only" }
        guard case .replica(let key)? = row else { return "no row is selected" }
        return scene.execution?.isUnderWay == true
            && scene.execution?.resources.contains("\(key.partition)") == true
            ? "it is of the plan: x stops that" : nil
    }

    private static func noThrottle(_ scene: Scene) -> String? {
        if let why = noPlan(scene) { return why }
        return scene.execution?.progress?.throttle == nil ? "the plan has no throttle" : nil
    }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        switch action {
        case .holdPlan: return [.effect(.holdPlan(!(scene.execution?.isHeld ?? false)))]
        case .moreThrottle, .lessThrottle:
            guard let now = scene.execution?.throttle else { return [] }
            let next = throttleStep(now, isUp: action == .moreThrottle)
            return [
                .effect(.setThrottle(next)),
                .say("throttle: \(PlanWords.text(rate: next)) for each broker and direction"),
            ]
        case .stopPlan:
            return [
                .open(
                    AskScreen(
                        "stop the plan",
                        [
                            [
                                Run("What is in flight is taken back, what is done stays. "),
                                Run("p only lets nothing new begin.", .dim),
                            ]
                        ], phrase: "stop", then: .effect(.stopPlan)))
            ]
        case .undo: return undo(scene)
        case .unthrottle: return unthrottle(scene)
        case .cancelMove: return cancel(scene)
        default: return updateTable(action, scene)
        }
    }

    /// Lists of topics, and the rates of brokers that may stand beside them.
    private func unthrottle(_ scene: Scene) -> [Request] {
        let topics = LeftThrottles.topics(scene.cluster).map { ObjectID.topic($0) }
        let brokers = scene.cluster.brokers.filter(\.isAnswering).map { ObjectID.broker($0.id) }
        let keys = LeftThrottles.configs.sorted() + LeftThrottles.rates
        return [
            .effect(
                .propose(
                    ChangeRequest(
                        "alter_configs", of: topics + brokers, values: keys.map { .init($0, nil) })
                ))
        ]
    }

    /// Asked for those that it had before, Kafka ends a move at once.
    private func cancel(_ scene: Scene) -> [Request] {
        guard case .replica(let key)? = row(scene), let row = scene.cluster.row(of: key.partition)
        else { return [] }
        let table = scene.cluster.partitions
        let before = table.replicas(of: row).filter { !table.replicaFlags[$0].contains(.adding) }
            .map { "\(table.replicaBroker[$0])" }
        return [
            .effect(
                .propose(
                    ChangeRequest(
                        "reassign_partitions", of: [.partition(key.partition)],
                        values: [.init("replicas", before.joined(separator: ","))])))
        ]
    }

    private func undo(_ scene: Scene) -> [Request] {
        guard let execution = scene.execution else {
            return [.refuse("take back: no plan was carried out from here; J lists earlier ones")]
        }
        guard !execution.isUnderWay else {
            return [.refuse("take back: it is under way; x stops it first")]
        }
        guard let entry = scene.journal.entries.first(where: { $0.id == execution.id }) else {
            return [.refuse("take back: the journal has nothing of it")]
        }
        guard let undo = entry.undo else { return [.refuse("take back: \(entry.noUndo ?? "")")] }
        return [.effect(.propose(undo))]
    }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        let table = scene.cluster.partitions
        interest.partitions = visibleRows(scene).map {
            scene.cluster.key(ofRow: table.row(ofReplica: $0))
        }
        interest.wantsSizes = true
        interest.wantsAllReplicas = !state.rows.isEmpty
        return interest
    }

    func target(_ row: Int, _ scene: Scene) -> (any Screen)? {
        let partition = scene.cluster.partitions.row(ofReplica: row)
        return home(of: .partition(scene.cluster.key(ofRow: partition)), scene)
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .replica(let key) = row, let place = scene.cluster.replicaRow(of: key) else {
            return nil
        }
        var lines = [MoveCause(place, scene).runs(sentence: true)]
        lines += PartitionsScreen.explain(key.partition, only: key.broker, scene)?.lines ?? []
        return Explanation(title: "\(row)", lines: lines)
    }

    // MARK: Drawing

    private func head(_ scene: Scene) -> [[Run]] {
        let width = max(10, scene.body.width - 2)
        var lines = scene.execution?.lines(width) ?? []
        if scene.execution == nil {
            lines.append([Run("No plan is carried out from here.", .dim)])
        }
        let others = Self.others(scene)
        if let open = scene.journal.entries.first(where: \.isUnfinishedPlan),
            scene.execution?.isUnderWay != true
        {
            lines.append([
                Run("Not finished: \(open.summary)", .warning), Run(" (\(open.id))", .dim),
                Run("   J", .key), Run(" goes on with it, adopts or forgets it", .dim),
            ])
        }
        if others > 0 {
            let verb = others == 1 ? "is" : "are"
            lines.append([
                Run("\(plural(others, "partition")) \(verb) moved by somebody else.", .moving)
            ])
        }
        let left = leftThrottles(scene)
        if !left.isEmpty {
            lines.append([
                Run(
                    "\(plural(left.count, "topic")) \(left.count == 1 ? "has" : "have") throttles "
                        + "that nothing needs: ", .warning),
                Run(left.prefix(3).map(shownName).joined(separator: ", ")),
                Run(left.count > 3 ? ", …" : ""), Run("   t", .key),
                Run(" takes them away", .dim),
            ])
        }
        let room = max(1, scene.body.height / 2)
        return Array(lines.flatMap { wrapped($0, to: width) }.prefix(room)) + [[]]
    }

    func tableRect(_ scene: Scene) -> Rect {
        scene.body.split(top: min(scene.body.height, head(scene).count)).1
    }

    func renderAround(_ frame: inout Frame, _ scene: Scene) {
        for (line, runs) in head(scene).enumerated() where line < scene.body.height {
            frame.runs(
                runs, x: scene.body.x + 1, y: scene.body.y + line, width: scene.body.width - 2,
                align: .left, within: scene.body)
        }
    }

    /// Partitions on their way that are none of our plan's.
    private static func others(_ scene: Scene) -> Int {
        guard let mark = partitionMark(ofRule: MovingPartitions.entry.name) else { return 0 }
        let cluster = scene.cluster
        let own = scene.execution?.isUnderWay == true ? scene.execution?.resources ?? [] : []
        return cluster.partitionMarks.indices.count {
            cluster.partitionMarks[$0] & mark != 0
                && (own.isEmpty || !own.contains("\(cluster.key(ofRow: $0))"))
        }
    }

    /// Topics with lists of throttled replicas while nothing moves.
    private func leftThrottles(_ scene: Scene) -> [String] {
        scene.execution?.isUnderWay == true ? [] : LeftThrottles.topics(scene.cluster)
    }

    // MARK: The table

    static let spec = TableSpec(
        noun: "new replicas", section: .reassignments, columns: MovesTable.columns, sort: "eta",
        identityIdeal: { _ in 36 },
        rows: MovesTable.rows,
        id: { scene, row in
            let table = scene.cluster.partitions
            let partition = table.row(ofReplica: row)
            return .replica(
                ReplicaKey(
                    partition: scene.cluster.key(ofRow: partition),
                    broker: BrokerID(table.replicaBroker[row])))
        },
        find: { scene, id in
            if case .replica(let key) = id { scene.cluster.replicaRow(of: key) } else { nil }
        },
        matching: matchingByName { scene, row in
            let table = scene.cluster.partitions
            return "\(scene.cluster.key(ofRow: table.row(ofReplica: row)))"
        },
        mark: { scene, row in
            MoveCause(row, scene).isStraggling ? Run(String(Glyph.warning), .warning) : nil
        },
        isFault: { MoveCause($1, $0).isStraggling },
        whyEmpty: { scene in
            scene.cluster.health(.reassignments).answeredAt.happened
                ? .none : scene.cluster.absence(in: .reassignments)
        })
}
