// Replicas, worst lag first: on which broker, how far behind, is it catching up, and when; and the
// heat map of who is behind whom.

internal import ClusterModel
internal import Drawing

/// The table of followers (leaders have no lag), of a topic, of a broker, or all.
struct ReplicasScreen: TableScreen {
    static let entry = ScreenEntry(
        name: "replicas", key: "R", title: "replicas",
        help: "replicas, worst lag first, and when they catch up; Tab: heat map",
        argument: .topic.optional)
    static let traits: ScreenTraits = [.rows, .table, .narrows, .electable]
    static let bindings = [
        Binding(
            keys: [.tab], label: "Tab", action: .nextPane, title: "heat map",
            help: "who is behind whom: followers by leaders, by racks, the list", hint: 15,
            area: "Look"),
        Binding(
            keys: [.backTab], label: "Shift-Tab", action: .previousPane, title: "the one before",
            help: "the list, followers by racks, by leaders", area: "Look"),
    ]

    static let commands = [
        Command(Self.self),
        Command(
            "heat", Self.entry.argument, help: "replica lag as a heat map: who is behind whom"
        ) { subject, scene in
            var screen = Self(subject, scene)
            screen?.pane = .brokers
            return screen
        },
    ]

    /// What the followers are shown as.
    enum Pane: Int, CaseIterable, Sendable {
        case list, brokers, racks
        var title: String {
            switch self {
            case .list: "followers"
            case .brokers: "by leader's broker"
            case .racks: "by racks"
            }
        }
    }

    let scope: Scope
    private(set) var pane = Pane.list
    private var tables: [Pane: TableState] = [:]
    /// The heat map of the pane in sight, its table, and what they are made of.
    private(set) var heat = ReplicaHeat()
    private var heatSpec: TableSpec?
    private var madeOf: (revision: UInt64, pane: Pane, width: Int)?

    var spec: TableSpec { pane == .list ? Self.spec : heatSpec ?? Self.heatSpec(heat, width: 80) }
    var state: TableState {
        get { tables[pane] ?? TableState(spec) }
        set { tables[pane] = newValue }
    }
    var crumb: String {
        let what = pane == .list ? "replicas" : "replica lag \(pane.title)"
        if let topic = scope.topic { return "\(what) of \(shownName(topic))" }
        return scope.broker.map { "\(what) on broker \($0)" } ?? what
    }

    init(_ scope: Scope = Scope()) { self.scope = scope }

    init?(_ subject: ObjectID?, _ scene: Scene) {
        switch subject {
        case nil: self.init()
        case .topic(let name)?: self.init(Scope(topic: name))
        case .broker(let id)?: self.init(Scope(broker: id))
        default: return nil
        }
    }

    // MARK: Taking in

    mutating func observe(_ scene: Scene, isIdle: Bool) {
        if pane != .list {
            let (cluster, width) = (scene.cluster, scene.body.width)
            if madeOf.map({ $0 != (cluster.revision, pane, width) }) ?? true {
                madeOf = (cluster.revision, pane, width)
                heat = ReplicaHeat(
                    cluster, by: pane == .racks ? .racks : .brokers,
                    rows: scope.topic.map { _ in
                        scene.topicIndex.map { cluster.topics[$0].partitions } ?? 0..<0
                    }, only: scope.broker)
                heatSpec = Self.heatSpec(heat, width: width)
            }
        }
        let (spec, page) = (spec, TableView.page(tableRect(scene).height))
        state.observe(spec, scene, isIdle: isIdle, page: page)
        state.resize(spec, scene, page: page)
    }

    mutating func cover() {
        for pane in tables.keys { tables[pane]?.cover() }
        (heat, heatSpec, madeOf) = (ReplicaHeat(), nil, nil)
    }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] {
        switch action {
        case .nextPane, .previousPane:
            let all = Pane.allCases
            let step = action == .nextPane ? 1 : all.count - 1
            show(all[(pane.rawValue + step) % all.count], scene)
            return []
        case .open where pane != .list:
            guard let row = row(scene) else { return [] }
            if case .broker(let id) = row, id != scope.broker {
                return [.open(ReplicasScreen(Scope(topic: scope.topic, broker: id)))]
            }
            show(.list, scene)
            // A blank would begin the filter's next word.
            if case .rack(let name) = row, !name.contains(" ") {
                setFilter("rack=\(shownName(name))", scene)
            }
            return []
        default: return updateTable(action, scene)
        }
    }

    private mutating func show(_ pane: Pane, _ scene: Scene) {
        self.pane = pane
        observe(scene, isIdle: true)
    }

    func title(of binding: Binding) -> String? {
        guard binding.action == .nextPane else { return binding.title }
        return Pane(rawValue: (pane.rawValue + 1) % Pane.allCases.count)?.title == "followers"
            ? "list" : pane == .list ? "heat map" : "racks"
    }

    func tableRect(_ scene: Scene) -> Rect {
        scene.body.split(top: pane == .list ? 0 : headHeight(scene)).1
    }

    func renderAround(_ frame: inout Frame, _ scene: Scene) {
        if pane != .list { drawHead(&frame, scene) }
    }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.wantsAllReplicas = true
        if pane == .list { interest.partitions = visibleRows(scene).map { key(scene, $0) } }
        interest.topics = scope.topic.map { [$0] } ?? []
        return interest
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .replica(let replica) = row else { return explainHeat(row, scene) }
        return PartitionsScreen.explain(replica.partition, only: replica.broker, scene)
    }

    private func key(_ scene: Scene, _ row: Int) -> PartitionKey {
        scene.cluster.key(ofRow: scene.cluster.partitions.row(ofReplica: row))
    }

    static let spec = TableSpec(
        noun: "followers", hasStableRows: true, section: .offsets, columns: columns, sort: "lag",
        identityIdeal: { min(Limits.nameColumns, $0.view.topicColumns + 4) },
        emptyAdvice: "With one replica a partition there is nobody to lag.",
        rows: rows,
        id: { scene, row in
            let key = scene.cluster.key(ofRow: scene.cluster.partitions.row(ofReplica: row))
            let broker = BrokerID(scene.cluster.partitions.replicaBroker[row])
            return .replica(ReplicaKey(partition: key, broker: broker))
        },
        find: { scene, id in
            if case .replica(let key) = id { scene.cluster.replicaRow(of: key) } else { nil }
        },
        matching: { scene, rows, pattern in
            let parts = partitionRows(scene, rows)
            var distinct: [Int32] = []
            for part in parts where distinct.last != part { distinct.append(part) }
            var isKept = [Bool](repeating: false, count: scene.cluster.partitions.count)
            for part in matchingPartitions(scene, distinct, pattern) { isKept[Int(part)] = true }
            return zip(rows, parts).filter { isKept[Int($1)] }.map(\.0)
        },
        mark: { scene, row in
            let replica = scene.cluster.replica(row)
            if replica.isOffline || scene.cluster.broker(replica.broker)?.isIll == true {
                return Run(String(Glyph.critical), .critical)
            }
            if replica.isAdding || replica.isRemoving { return Run(String(Glyph.moving), .moving) }
            return replica.isInSync ? nil : Run(String(Glyph.warning), .warning)
        },
        isFault: { scene, row in
            let flags = scene.cluster.partitions.replicaFlags[row]
            return !flags.contains(.inSync) || flags.contains(.offline)
        },
        // Who follows whom is Metadata's to tell.
        whyEmpty: { $0.cluster.absence(in: .partitions) })

    /// Followers only: a replica of a partition without leader is one too.
    @Sendable private static func rows(_ scene: Scene) -> [Int32] {
        let table = scene.cluster.partitions
        let range: Range<Int>
        if scene.scope.topic != nil {
            range = scene.topicIndex.map { scene.cluster.topics[$0].partitions } ?? 0..<0
        } else {
            range = 0..<table.count
        }
        var rows: [Int32] = []
        rows.reserveCapacity(range.count * 2)
        for row in range {
            let leader = table.leader[row]
            for index in table.replicas(of: row) {
                let broker = table.replicaBroker[index]
                if let wanted = scene.scope.broker, wanted.value != broker { continue }
                if broker != leader { rows.append(Int32(truncatingIfNeeded: index)) }
            }
        }
        return rows
    }

    /// The partition of each replica row; rows ascend, so one walk finds them all.
    private static func partitionRows(_ scene: Scene, _ rows: [Int32]) -> [Int32] {
        let first = scene.cluster.partitions.firstReplica
        var partition = 0
        return rows.map { row in
            while partition + 1 < first.count && first[partition + 1] <= row { partition += 1 }
            return Int32(truncatingIfNeeded: partition)
        }
    }

    private static func each(
        _ value: @escaping @Sendable (PartitionTable, Int, Int) -> Float
    ) -> @Sendable (Scene, [Int32]) -> [Float] {
        { scene, rows in
            let table = scene.cluster.partitions
            let first = table.firstReplica
            var partition = 0
            return rows.map { row in
                while partition + 1 < first.count && first[partition + 1] <= row { partition += 1 }
                return value(table, Int(row), partition)
            }
        }
    }

    private static let columns: [Column] = [
        Column(
            "name", "partition", least: 22, align: .left, priority: 0, ascending: true,
            value: { _, row in Float(row) },
            text: { scene, row, width in
                let partition = scene.cluster.partitions.row(ofReplica: row)
                return partitionRuns(scene.cluster.key(ofRow: partition), width)
            }),
        Column(
            "broker", "broker", least: 6, ideal: 8, priority: 1, ascending: true,
            value: { Float($0.cluster.partitions.replicaBroker[$1]) },
            text: { scene, row, _ in
                let id = BrokerID(scene.cluster.partitions.replicaBroker[row])
                let isIll = scene.cluster.broker(id)?.isIll == true
                return [Run("\(id)", isIll ? .critical : .text)]
            }),
        Column(
            "leader", "leader", least: 6, priority: 5, ascending: true,
            values: each { table, _, row in table.leader[row] < 0 ? .nan : Float(table.leader[row])
            },
            text: { scene, row, _ in
                let table = scene.cluster.partitions
                let leader = table.leader[table.row(ofReplica: row)]
                // Plain: in a table that changes places all the time, a colour a row is a sixth of
                // all that is sent.
                return leader < 0 ? [Run("none", .critical)] : [Run("\(leader)")]
            }),
        Column(
            "lag", "lag", least: 8, ideal: 9, priority: 1,
            values: each { table, index, row in
                let lag = table.lag(index, of: row)
                return lag < 0 ? .nan : Float(lag)
            },
            text: { scene, row, _ in
                let replica = scene.cluster.replica(row)
                return figure(
                    replica.lag, NumberFormat.count, isStale: replica.isStale,
                    role: replica.isInSync ? .text : .warning)
            }),
        Column(
            "change", "change/s", least: 8, ideal: 9, priority: 2,
            values: each { table, index, row in
                let isInStep =
                    table.replicaFlags[index].contains(.inSync)
                    && table.secondsToCatchUp(index, of: row) == 0
                return isInStep ? 0 : table.lagPerSecond(index, of: row)
            },
            text: { scene, row, _ in
                // In step it goes up and down with each fetch, which means nothing.
                let replica = scene.cluster.replica(row)
                if !replica.isStale, replica.isInSync, replica.secondsToCatchUp == 0 {
                    return [Run("-", .dim)]
                }
                let rate = replica.lagPerSecond
                let role: Role = (rate ?? 0) > 0 ? .warning : (rate ?? 0) < 0 ? .good : .text
                return figure(
                    rate, NumberFormat.signedRate, isStale: replica.isStale, role: role)
            }),
        Column(
            "eta", "caught up in", least: 12, priority: 3,
            values: each { table, index, row in table.secondsToCatchUp(index, of: row) },
            text: { scene, row, _ in
                let replica = scene.cluster.replica(row)
                if replica.isStale { return [Run(NumberFormat.unknown, .unknown)] }
                return [catchUpRun(replica.secondsToCatchUp, lag: replica.lag)]
            }),
        Column(
            "isr", "ISR", least: 4, align: .left, priority: 4, ascending: true,
            value: { $0.cluster.partitions.replicaFlags[$1].contains(.inSync) ? 1 : 0 },
            text: { scene, row, _ in
                scene.cluster.partitions.replicaFlags[row].contains(.inSync)
                    ? [Run("in", .dim)] : [Run("out", .warning)]
            }),
        Column(
            "state", "broker says", least: 11, ideal: 22, align: .left, priority: 6,
            word: { scene, row in brokerState(scene, row).text },
            text: { scene, row, _ in [brokerState(scene, row)] }),
        Column(
            "size", "size", least: 7, priority: 8,
            value: { scene, row in
                let size = scene.cluster.partitions.replicaSize[row]
                return size < 0 ? .nan : Float(size)
            },
            text: { scene, row, _ in
                figure(scene.cluster.replica(row).sizeBytes, NumberFormat.bytes)
            }),
        Column(
            "rack", "rack", least: 6, ideal: 12, align: .left, priority: 9,
            word: { scene, row in rack(scene, row) },
            text: { scene, row, _ in [Run(rack(scene, row), .dim)] }),
        Column(
            "dir", "log directory", least: 14, ideal: 40, align: .left, priority: 10,
            text: { scene, row, _ in
                scene.cluster.replica(row).dir.map { [Run($0, .dim)] } ?? unknownFigure
            }),
    ]

    private static func brokerState(_ scene: Scene, _ row: Int) -> Run {
        let replica = scene.cluster.replica(row)
        guard let broker = scene.cluster.broker(replica.broker) else {
            return Run("not in the cluster", .critical)
        }
        if broker.isIll { return broker.stateRun(scene) }
        guard let age = scene.age(replica.logEndAt) else { return Run("not asked yet", .unknown) }
        return replica.isStale ? Run("\(ago(age)) ago", .stale) : broker.stateRun(scene)
    }

    private static func rack(_ scene: Scene, _ row: Int) -> String {
        scene.cluster.broker(BrokerID(scene.cluster.partitions.replicaBroker[row]))?.rack.map(
            shownName)
            ?? "-"
    }
}
