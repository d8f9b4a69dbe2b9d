// Partitions of a topic, of a broker, or all: who leads, which replicas are behind, what flows.

internal import ClusterModel
internal import Drawing
internal import Health

/// The table of partitions, the worst first.
struct PartitionsScreen: TableScreen {
    static let entry = ScreenEntry(
        name: "partitions", aliases: ["p"], key: "P", title: "partitions",
        help: "partitions: leader, replicas, lag")
    static let traits: ScreenTraits = [.rows, .table, .narrows, .electable, .movable]
    static let commands = [
        Command(Self.self),
        Command("broker", .broker, help: "the partitions on a broker", opens: { Self($0, $1) }),
        Command("offline", help: "partitions without a leader") { _, _ in
            .go(Self(Scope(rule: OfflinePartitions.entry.name)))
        },
        Command("unserved", help: "partitions whose leader does not answer") { _, _ in
            .go(Self(Scope(rule: NotServed.entry.name)))
        },
    ]
    var state: TableState
    let scope: Scope
    var crumb: String {
        if let rule = scope.rule.flatMap(ruleEntry) { return rule.title }
        if let topic = scope.topic {
            return shownName(topic) + " " + String(Glyph.trail) + " partitions"
        }
        return scope.broker.map { "partitions on broker \($0)" } ?? "partitions"
    }

    init(_ scope: Scope = Scope()) {
        self.scope = scope
        state = TableState(Self.spec)
    }

    static func isHome(of id: ObjectID) -> Bool {
        switch id {
        case .broker, .registration: true
        default: false
        }
    }

    init?(_ subject: ObjectID?, _ scene: Scene) {
        switch subject {
        case nil: self.init()
        case .topic(let name)? where scene.cluster.topicIndex(named: name) != nil:
            self.init(Scope(topic: name))
        case .broker(let id)?, .registration(let id)?: self.init(Scope(broker: id))
        default: return nil
        }
    }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        let rows = visibleRows(scene)
        interest.partitions = rows.map { scene.cluster.key(ofRow: $0) }
        interest.topics = scope.topic.map { [$0] } ?? []
        interest.wantsSizes = true
        interest.wantsAllReplicas = state.sort == "lag"
        return interest
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .partition(let key) = row else { return nil }
        return Self.explain(key, scene)
    }

    /// What is known of a partition, or of one replica of it, what is not, and why.
    static func explain(
        _ key: PartitionKey, only broker: BrokerID? = nil, _ scene: Scene
    ) -> Explanation? {
        guard let row = scene.cluster.row(of: key) else { return nil }
        let view = scene.cluster.partition(row)
        var lines: [[Run]] = []
        if view.isOffline {
            lines.append([
                Run("It has no leader", .critical),
                Run(": nobody can tell its end, so rate and lag are unknown."),
            ])
        } else if let leader = scene.cluster.broker(view.leader), leader.isIll {
            lines.append([
                Run("Its leader does not answer", .critical),
                Run(": nobody reads or writes it, and rates stand still."),
            ])
        } else if view.recordsPerSecond == nil {
            lines.append([
                Run("rec/s ?", .unknown), Run(": a rate needs two answers of its leader; "),
                Run(view.logEnd == nil ? "none came yet." : "one came so far."),
            ])
        }
        for replica in view.replicas where broker == nil || replica.broker == broker {
            let state =
                scene.cluster.broker(replica.broker)?.stateSentence(scene)
                ?? "broker \(replica.broker) is in no list of brokers"
            let age = scene.age(replica.logEndAt).map { "offset \(ago($0)) old" } ?? "no offset yet"
            let lag = replica.isLeader ? "leads" : "lag \(NumberFormat.count(replica.lag))"
            lines.append([
                Run("\(replica.broker)  ", replica.isStale ? .stale : .text), Run(lag),
                Run("; \(age)"), Run("; \(state)."),
            ])
        }
        if view.sizeBytes == nil { lines.append(unknownRuns("size ?", .logDirs, scene)) }
        if view.minInsyncReplicas == nil {
            lines.append(unknownRuns("min ISR ?", .configs, scene))
        }
        let title = broker.map { "\(key) on broker \($0)" } ?? key.description
        return Explanation(title: title, lines: lines)
    }

    static let spec = TableSpec(
        noun: "partitions", hasStableRows: true, section: .partitions, columns: columns,
        sort: "trouble", tiebreak: "records",
        ranks: { $0.view.partitionRanks },
        identityIdeal: { min(Limits.nameColumns, $0.view.topicColumns + 4) },
        rows: rows,
        id: { .partition($0.cluster.key(ofRow: $1)) },
        find: { scene, id in
            if case .partition(let key) = id { scene.cluster.row(of: key) } else { nil }
        },
        matching: matchingPartitions, mark: partitionMark,
        isFault: { $0.cluster.trouble($1) > 0 },
        whyEmpty: { scene in
            let cluster = scene.cluster
            // What a rule holds for may take more than Metadata.
            if let rule = scene.scope.rule, cluster.counts[rule] == nil { return .reading(nil) }
            return cluster.absence(in: .partitions)
        })

    @Sendable private static func rows(_ scene: Scene) -> [Int32] {
        let cluster = scene.cluster
        var rows: [Int32]
        if scene.scope.topic != nil {
            let range = scene.topicIndex.map { cluster.topics[$0].partitions } ?? 0..<0
            rows = range.map { Int32(truncatingIfNeeded: $0) }
        } else if let broker = scene.scope.broker {
            let table = cluster.partitions
            rows = (0..<Int32(table.count)).filter { row in
                table.replicas(of: Int(row)).contains { table.replicaBroker[$0] == broker.value }
            }
        } else {
            rows = Array(0..<Int32(cluster.partitions.count))
        }
        if let mark = scene.scope.rule.flatMap(partitionMark(ofRule:)) {
            let marks = cluster.partitionMarks
            rows = rows.filter { marks.indices.contains(Int($0)) && marks[Int($0)] & mark != 0 }
        }
        return rows
    }

    private static let columns: [Column] = [
        Column(
            "name", "partition", least: 22, align: .left, priority: 0, ascending: true,
            value: { _, row in Float(row) },
            text: { partitionRuns($0.cluster.key(ofRow: $1), $2) }),
        Column(
            "leader", "leader", least: 7, priority: 1,
            value: { scene, row in
                let leader = scene.cluster.partitions.leader[row]
                return leader < 0 ? .nan : Float(leader)
            },
            text: leaderRuns),
        Column(
            "preferred", "pref", least: 4, ideal: 5, priority: 6,
            value: { Float($0.cluster.partitions.preferredLeader($1)) },
            text: { scene, row, _ in
                let preferred = scene.cluster.partitions.preferredLeader(row)
                return preferred < 0 ? [Run("-", .dim)] : [Run("\(preferred)", .dim)]
            }),
        Column(
            "replicas", "replicas", least: 14, ideal: 26, align: .left, priority: 2,
            value: { Float($0.cluster.partitions.replicas(of: $1).count) },
            text: { scene, row, width in
                fit(replicaRuns(scene.cluster.partition(row), scene), to: width)
            }),
        Column(
            "isr", "ISR", least: 4, priority: 4, ascending: true,
            value: { scene, row in
                let table = scene.cluster.partitions
                return Float(table.inSyncCount(row)) / Float(max(1, table.replicas(of: row).count))
            },
            text: { scene, row, _ in
                let facts = scene.cluster.facts(row)
                let (inSync, all) = (facts.inSyncCount, facts.replicaCount)
                let role: Role =
                    facts.isUnderMinISR == true
                    ? .critical : inSync < all ? .warning : .dim
                return [Run("\(inSync)/\(all)", role)]
            }),
        Column(
            "lag", "worst lag", least: 9, ideal: 10, priority: 2,
            value: { scene, row in
                let lag = scene.cluster.partitions.worstLag(row)
                return lag < 0 ? .nan : Float(lag)
            },
            text: lagRuns),
        Column(
            "eta", "ETA", least: 8, priority: 8,
            value: secondsToCatchUp,
            text: { scene, row, _ in
                guard let worst = worst(scene, row) else { return [Run("-", .dim)] }
                if worst.isStale { return [Run(NumberFormat.unknown, .unknown)] }
                return [catchUpRun(worst.secondsToCatchUp, lag: worst.lag)]
            }),
        Column(
            "records", "rec/s", least: 7, priority: 3,
            value: { $0.cluster.partitions.recordsPerSecond[$1] },
            text: { scene, row, _ in
                let view = scene.cluster.partition(row)
                let shown = view.recordsPerSecond.map { _ in Double(scene.view.steady.records[row])
                }
                return figure(shown, NumberFormat.rate, isStale: view.isRateStale)
            }),
        Column(
            "bytes", "bytes/s", least: 7, priority: 9,
            value: { $0.cluster.partitions.bytesPerSecond[$1] },
            text: { scene, row, _ in
                let view = scene.cluster.partition(row)
                let shown = view.bytesPerSecond.map { _ in Double(scene.view.steady.bytes[row]) }
                return figure(shown, NumberFormat.bytes, isStale: view.isRateStale)
            }),
        Column(
            "size", "size", least: 7, priority: 5,
            value: { scene, row in
                let table = scene.cluster.partitions
                guard let leader = table.leaderReplica(row), table.replicaSize[leader] >= 0 else {
                    return .nan
                }
                return Float(table.replicaSize[leader])
            },
            text: { scene, row, _ in
                figure(scene.cluster.partition(row).sizeBytes, NumberFormat.bytes)
            }),
        Column(
            "end", "log end", least: 15, ideal: 18, priority: 11,
            value: { scene, row in
                let end = scene.cluster.partitions.logEnd(row)
                return end < 0 ? .nan : Float(end)
            },
            text: { scene, row, width in
                let view = scene.cluster.partition(row)
                return offsetRuns(view.logEnd, isStale: view.isStale, width)
            }),
        Column(
            "epoch", "epoch", least: 6, priority: 10,
            value: { Float($0.cluster.partitions.leaderEpoch[$1]) },
            text: { scene, row, _ in
                let epoch = scene.cluster.partition(row).leaderEpoch
                return figure(epoch.map(String.init), role: .dim)
            }),
        Column(
            "trend", "rec/s, 5 min", least: 12, ideal: 30, align: .left, priority: 12,
            text: { scene, row, width in
                trendRuns(scene, .partition(scene.cluster.key(ofRow: row)), .records, width)
            }),
        Column(
            "rule", "", least: 0, priority: 99,
            word: { scene, row in scene.cluster.rules(at: row).map(\.name).joined(separator: ",") },
            text: { _, _, _ in [] }),
        .order("trouble") { Float($0.cluster.trouble($1)) },
    ]

    /// The worst follower's; 0 where none is behind, unknown where it is not known.
    @Sendable private static func secondsToCatchUp(_ scene: Scene, _ row: Int) -> Float {
        let table = scene.cluster.partitions
        let lag = table.worstLag(row)
        guard lag > 0 else { return lag == 0 ? 0 : .nan }
        for index in table.replicas(of: row) where table.lag(index, of: row) == lag {
            return table.secondsToCatchUp(index, of: row)
        }
        return .nan
    }

    /// The follower with the greatest known lag; nil where none is behind.
    private static func worst(_ scene: Scene, _ row: Int) -> ReplicaView? {
        scene.cluster.partition(row).replicas.filter { !$0.isLeader && ($0.lag ?? 0) > 0 }
            .max { ($0.lag ?? 0) < ($1.lag ?? 0) }
    }

    @Sendable private static func leaderRuns(_ scene: Scene, _ row: Int, _: Int) -> [Run] {
        let table = scene.cluster.partitions
        guard table.leader[row] >= 0 else { return [Run("none", .critical)] }
        var role: Role = .text
        if let moved = scene.view.leaderChanged(scene.cluster.key(ofRow: row)),
            scene.now.seconds(since: moved) < Limits.changedSeconds
        {
            role = .changed
        }
        if scene.cluster.isServed(row) == false { role = .critical }
        let isWrong = table.isWrongLeader(row)
        return [
            Run("\(table.leader[row])", role),
            Run(isWrong ? String(Glyph.notPreferred) : " ", .warning),
        ]
    }

    /// The worst follower's lag, with its broker where one is behind or cannot tell.
    @Sendable private static func lagRuns(_ scene: Scene, _ row: Int, _ width: Int) -> [Run] {
        let view = scene.cluster.partition(row)
        if view.replicas.count == 1 && view.leader.exists { return [Run("-", .dim)] }
        let stale = view.replicas.contains { !$0.isLeader && $0.isStale }
        return figure(
            view.worstLag, NumberFormat.count, isStale: stale,
            role: view.isUnderReplicated ? .warning : .text)
    }
}
