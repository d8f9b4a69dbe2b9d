// One partition: where its offsets stand, each replica with its lag and trend, and who reads it.

internal import ClusterModel
internal import Drawing
internal import Health

/// The replicas of a partition beneath its offsets; its throughput and readers where there is room.
struct PartitionScreen: TableScreen {
    static let entry = ScreenEntry(
        name: "partition", title: "partition", help: "one partition: offsets, replicas, readers",
        argument: .partition)
    static let traits: ScreenTraits = [.rows, .table, .electable]
    var state = TableState(spec)
    let key: PartitionKey
    /// Groups with an offset on the partition and their lag, found once a revision.
    private var readers: [(group: String, lag: Int64?)] = []
    private var readersOf: UInt64?
    var scope: Scope { Scope(topic: key.topic, partition: key) }
    var crumb: String { key.description }

    static func isHome(of id: ObjectID) -> Bool {
        switch id {
        case .partition, .replica: true
        default: false
        }
    }

    init(_ key: PartitionKey) { self.key = key }

    init?(_ subject: ObjectID?, _ scene: Scene) {
        switch subject {
        case .partition(let key)? where scene.cluster.row(of: key) != nil: self.init(key)
        case .replica(let replica)?: self.init(replica.partition)
        default: return nil
        }
    }

    mutating func observe(_ scene: Scene, isIdle: Bool) {
        let page = TableView.page(tableRect(scene).height)
        state.observe(Self.spec, scene, isIdle: isIdle, page: page)
        state.resize(Self.spec, scene, page: page)
        guard readersOf != scene.cluster.revision else { return }
        readersOf = scene.cluster.revision
        readers = []
        for group in scene.cluster.groups {
            guard let offset = group.offsets?.first(where: { $0.partition == key }) else {
                continue
            }
            readers.append((group.id, offset.lag))
            if readers.count == Limits.readers { break }
        }
        readers.sort { ($0.lag ?? -1) > ($1.lag ?? -1) }
    }

    /// Lines of facts above the table.
    private func headHeight(_ scene: Scene) -> Int {
        guard scene.body.height >= 10 else { return 1 }
        return scene.cluster.coordinator.storedStates[key] == nil ? 3 : 4
    }

    func tableRect(_ scene: Scene) -> Rect {
        let head = headHeight(scene)
        let body = scene.body.split(top: head > 1 ? head + 1 : 1).1
        let replicas = scene.partitionRow.map { scene.cluster.partitions.replicas(of: $0).count }
        let wanted = (replicas ?? 3) + 2
        return body.height - wanted >= 6 ? body.split(top: wanted).0 : body
    }

    func target(_ row: Int, _ scene: Scene) -> (any Screen)? { nil }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.partitions = [key]
        interest.topics = [key.topic]
        interest.configs = [key.topic]
        interest.groups = readers.prefix(10).map(\.group)
        interest.wantsSizes = true
        return interest
    }

    func subject(_ scene: Scene) -> ObjectID? { .partition(key) }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .replica(let replica) = row else { return nil }
        return PartitionsScreen.explain(replica.partition, only: replica.broker, scene)
    }

    func renderAround(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        guard let row = scene.partitionRow else {
            let isGone = scene.cluster.absence(in: .partitions) == .none
            frame.runs(
                [
                    isGone
                        ? Run("\(key) is not in the cluster any more.", .warning)
                        : Run("\(key) was not told of yet.", .unknown)
                ],
                x: body.x + 1, y: body.y, width: body.width - 2, align: .left)
            return
        }
        let view = scene.cluster.partition(row)
        let lines = facts(view, scene)
        for (line, runs) in lines.enumerated() where line < headHeight(scene) {
            frame.runs(runs, x: body.x + 1, y: body.y + line, width: body.width - 2, align: .left)
        }
        let table = tableRect(scene)
        let rest = Rect(
            x: body.x, y: table.bottom, width: body.width, height: body.bottom - table.bottom)
        if rest.height >= 5 { drawRest(&frame, rest, scene) }
    }

    private func facts(_ view: PartitionView, _ scene: Scene) -> [[Run]] {
        var state: [Run] = []
        if view.isOffline {
            state = [Run("\(Glyph.critical) no leader: no reads, no writes", .critical)]
        } else if scene.partitionRow.flatMap({ scene.cluster.isServed($0) }) == false {
            let what = scene.cluster.broker(view.leader)?.state.predicate ?? "is in no list"
            state = [
                Run(
                    "\(Glyph.critical) not served: its leader, broker \(view.leader), \(what)",
                    .critical)
            ]
        } else if view.isUnderMinISR == true {
            state = [
                Run(
                    "\(Glyph.critical) \(view.isr.count) of \(view.replicas.count) in sync, "
                        + "min ISR \(view.minInsyncReplicas ?? 0): acks=all fails", .critical)
            ]
        } else if view.isUnderReplicated {
            state = [
                Run(
                    "\(Glyph.warning) \(view.isr.count) of \(view.replicas.count) in sync", .warning
                )
            ]
        } else {
            state = [Run("in sync", .good)]
        }
        if view.isWrongLeader {
            state.append(
                Run(
                    "   \(Glyph.notPreferred) led by \(view.leader), preferred is "
                        + "\(view.preferredLeader)", .warning))
        } else if view.leader.exists {
            state.append(Run("   led by \(view.leader)", .dim))
        }
        if view.isMoving { state.append(Run("   \(Glyph.moving) being moved", .moving)) }
        if let text = StoredStates.disagreement(scene.cluster, key) {
            state.append(Run("   \(Glyph.warning) \(text)", .warning))
        }
        if let epoch = view.leaderEpoch { state.append(Run("   leader epoch \(epoch)", .dim)) }
        func offset(_ title: String, _ value: Int64?) -> [Run] {
            [Run(title, .dim)] + figure(value, NumberFormat.grouped, isStale: view.isStale)
        }
        var offsets =
            offset("start ", view.logStart) + offset("   high watermark ", view.highWatermark)
        if view.openRecords > 0 {
            offsets += offset("   last stable ", view.lastStableOffset)
            offsets.append(Run(" (a transaction is open)", .dim))
        }
        let held = view.logEnd.flatMap { end in view.logStart.map { end - $0 } }
        let flow: [Run] =
            [Run("rec/s ", .dim)]
            + figure(view.recordsPerSecond, NumberFormat.rate, isStale: view.isRateStale)
            + [Run("   bytes/s ", .dim)]
            + figure(view.bytesPerSecond, NumberFormat.bytes, isStale: view.isRateStale)
            + [Run("   size ", .dim)] + figure(view.sizeBytes, NumberFormat.bytes)
            + [Run("   records held ", .dim)] + figure(held, NumberFormat.count)
            + [Run("   min ISR ", .dim)] + figure(view.minInsyncReplicas, NumberFormat.count)
        return [
            state, stored(scene),
            offsets + offset("   end ", view.logEnd), flow,
        ].filter { !$0.isEmpty }
    }

    /// What ZooKeeper holds of the partition; empty where it was not read.
    private func stored(_ scene: Scene) -> [Run] {
        let coordinator = scene.cluster.coordinator
        guard let state = coordinator.storedStates[key] else { return [] }
        func list(_ ids: [BrokerID]) -> String { ids.map(\.description).joined(separator: ",") }
        var runs = [
            Run("stored: leader ", .dim), Run(state.leader.exists ? "\(state.leader)" : "none"),
            Run("   ISR ", .dim), Run(list(state.isr)),
            Run("   leader epoch \(state.leaderEpoch)", .dim),
            Run("   controller epoch \(state.controllerEpoch)", .dim),
        ]
        if let clock = scene.clock(state.changedAt) { runs.append(Run("   since \(clock)", .dim)) }
        if let assigned = coordinator.storedTopics[key.topic]?.assignment[key.partition] {
            runs += [Run("   assigned ", .dim), Run(list(assigned))]
        }
        let topic = scene.cluster.topicIndex(named: key.topic)
        if let overrides = topic.flatMap({ scene.cluster.overrides(topic: $0) }), !overrides.isEmpty
        {
            let text = overrides.map { "\($0.name)=\(shownName($0.text))" }.joined(separator: " ")
            runs.append(Run("   \(text)", .dim))
        }
        return runs
    }

    private func drawRest(_ frame: inout Frame, _ rect: Rect, _ scene: Scene) {
        let readersWidth = rect.width >= 100 ? 40 : rect.width >= 70 ? 30 : 0
        let (graph, side) = rect.split(left: rect.width - readersWidth)
        GraphPane(subject: .partition(key), measure: .records, window: .fiveMinutes, scale: nil)
            .draw(
                &frame, Rect(x: graph.x, y: graph.y, width: graph.width, height: graph.height),
                scene)
        guard !side.isEmpty else { return }
        frame.text("Read by", x: side.x + 2, y: side.y, role: .header)
        frame.runs(
            [Run("lag", .header)], x: side.x + 2, y: side.y, width: side.width - 3, align: .right)
        if readers.isEmpty {
            let word =
                switch scene.cluster.absenceOfLags {
                case .none, .watching: "no group with offsets here"
                case .reading: "reading groups"
                case .noneTold: "none of the groups told of"
                case .unknown: "groups are not known"
                }
            frame.text(word, x: side.x + 2, y: side.y + 1, role: .dim)
        }
        for (line, reader) in readers.enumerated() where line + 1 < side.height {
            let y = side.y + 1 + line
            frame.runs(
                [Run(shownName(reader.group))], x: side.x + 2, y: y, width: side.width - 11,
                align: .left)
            frame.runs(
                figure(reader.lag, NumberFormat.count), x: side.right - 9, y: y, width: 8,
                align: .right)
        }
    }

    private static func replica(_ scene: Scene, _ row: Int) -> ReplicaView {
        scene.cluster.replica(row)
    }

    static let spec = TableSpec(
        noun: "replicas", hasStableRows: true, section: .partitions, columns: columns,
        sort: "order", identityIdeal: { _ in 8 },
        rows: { scene in
            guard let row = scene.partitionRow else { return [] }
            return scene.cluster.partitions.replicas(of: row).map {
                Int32(truncatingIfNeeded: $0)
            }
        },
        id: ReplicasScreen.spec.id, find: ReplicasScreen.spec.find,
        matching: { _, rows, _ in rows },
        mark: ReplicasScreen.spec.mark, isFault: ReplicasScreen.spec.isFault)

    private static let columns: [Column] =
        [
            Column(
                "broker", "broker", least: 8, align: .left, priority: 0, ascending: true,
                value: { Float($0.cluster.partitions.replicaBroker[$1]) },
                text: { scene, row, _ in
                    let replica = replica(scene, row)
                    let mark =
                        replica.isLeader
                        ? Glyph.leader : replica.isInSync ? Glyph.inSync : Glyph.behind
                    return [Run("\(replica.broker)\(mark)", replica.isLeader ? .good : .text)]
                }),
            Column(
                "role", "role", least: 9, ideal: 12, align: .left, priority: 3,
                text: { scene, row, _ in
                    let replica = replica(scene, row)
                    if replica.isAdding { return [Run("arriving", .moving)] }
                    if replica.isRemoving { return [Run("leaving", .moving)] }
                    let isIll = scene.cluster.broker(replica.broker)?.isIll == true
                    if replica.isLeader { return [Run("leader", isIll ? .critical : .good)] }
                    if replica.isOffline { return [Run("offline", .critical)] }
                    if isIll, replica.isInSync { return [Run("no answer", .critical)] }
                    return replica.isInSync
                        ? [Run("in sync")] : [Run("behind", .warning)]
                }),
            Column(
                "end", "log end", least: 13, ideal: 18, priority: 4,
                value: { sortValue(replica($0, $1).logEnd) },
                text: { scene, row, width in
                    let replica = replica(scene, row)
                    return offsetRuns(replica.logEnd, isStale: replica.isStale, width)
                }),
        ]
        + ["lag", "change", "eta", "state", "size", "rack", "dir"].compactMap {
            ReplicasScreen.spec.column($0)
        } + [
            .order("order", ascending: true) { _, row in Float(row) }
        ]
}
