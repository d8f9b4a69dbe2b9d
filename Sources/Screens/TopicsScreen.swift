// Topics: flow, faults and size by topic.

internal import ClusterModel
internal import Drawing
internal import Health

/// The table of topics, troubled ones first, then the busiest.
struct TopicsScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "topics", aliases: ["t"], key: "N", title: "topics",
        help: "topics by name: flow, faults, size")
    static let traits: ScreenTraits = [.rows, .table, .narrows, .electable, .movable]
    static let bindings = TopicKeys.all
    var state = TableState(spec)
    /// How many groups read each topic, and of which cluster that was made.
    private var readers = TopicReaders()
    private var madeOf: UInt64?
    private var current = spec
    var spec: TableSpec { current }

    mutating func observe(_ scene: Scene, isIdle: Bool) {
        if madeOf != scene.cluster.revision {
            madeOf = scene.cluster.revision
            readers = TopicReaders(scene.cluster)
            current = Self.table(readers)
        }
        let page = TableView.page(tableRect(scene).height)
        state.observe(current, scene, isIdle: isIdle, page: page)
        state.resize(current, scene, page: page)
    }

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.topics = visibleRows(scene).map { scene.cluster.topics[$0].name }
        interest.wantsSizes = true
        return interest
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .topic(let name) = row, let index = scene.cluster.topicIndex(named: name) else {
            return nil
        }
        let topic = scene.cluster.topics[index]
        var lines: [[Run]] = []
        if let error = scene.cluster.errorName(topic.errorCode) {
            lines.append([Run("The cluster answers \(error) for it.", .critical)])
        }
        if topic.recordsPerSecond == nil {
            lines.append(unknownRuns("rec/s ?", .offsets, scene))
        } else if topic.staleRateCount > 0 {
            lines.append([
                Run(
                    "rec/s: \(topic.partitionCount - topic.staleRateCount) of "
                        + "\(plural(topic.partitionCount, "partition")) have a fresh rate; "
                        + "the rest count with their last one.")
            ])
        }
        if topic.sizeBytes == nil { lines.append(unknownRuns("size ?", .logDirs, scene)) }
        if scene.cluster.overrides(topic: index) == nil {
            lines.append(unknownRuns("overrides ?", .configs, scene))
        }
        if scene.cluster.minInsyncReplicas(topic: index) == nil {
            lines.append(unknownRuns("min ISR ?", .configs, scene))
        }
        let readers = scene.cluster.readers(ofTopic: index)
        if !readers.isEmpty {
            let names = readers.prefix(8).map { shownName(scene.cluster.groups[$0.group].id) }
            let more = readers.count > names.count ? " and \(readers.count - names.count) more" : ""
            lines.insert([Run("Read by \(names.joined(separator: ", "))\(more).")], at: 0)
        }
        if lines.isEmpty { lines = [[Run("All of it is known and fresh.", .good)]] }
        return Explanation(title: name, lines: lines)
    }

    static let spec = table(TopicReaders())

    private static func table(_ readers: TopicReaders) -> TableSpec {
        TableSpec(
            noun: "topics", hasStableRows: true, section: .topics,
            columns: Self.columns(groupsColumn(readers)), sort: "trouble",
            tiebreak: "records", ranks: { $0.view.topicRanks },
            identityIdeal: { $0.view.topicColumns },
            rows: { Array(0..<Int32($0.cluster.topics.count)) },
            id: { .topic($0.cluster.topics[$1].name) },
            find: { scene, id in
                if case .topic(let name) = id { scene.cluster.topicIndex(named: name) } else { nil }
            },
            matching: matchingByName { $0.cluster.topics[$1].name },
            mark: { scene, row in
                switch trouble(scene.cluster.topics[row]) {
                case 3...: Run(String(Glyph.critical), .critical)
                case 2: Run(String(Glyph.warning), .warning)
                case 1: Run(String(Glyph.notPreferred), .warning)
                default: nil
                }
            },
            isFault: { trouble($0.cluster.topics[$1]) > 0 },
            // Said only where there are any, as in the strip.
            isShown: { scene, column in
                column != "unserved" || scene.cluster.counts[NotServed.entry.name] ?? 0 > 0
            })
    }

    /// Groups with an offset on the topic.
    private static func groupsColumn(_ readers: TopicReaders) -> Column {
        Column(
            "groups", "groups", least: 6, priority: 6,
            value: { _, row in sortValue(readers.count(topic: row)) },
            text: { _, row, _ in
                // Groups whose offsets are not read yet may read it too.
                let least = readers.isWhole ? "" : "\u{2265}"
                return figure(readers.count(topic: row), { least + NumberFormat.count($0) })
            })
    }

    /// 3 a partition has no leader that answers, 2 under-replicated, 1 wrong leader, 0 well.
    private static func trouble(_ topic: Topic) -> Int {
        if topic.offlineCount > 0 || topic.notServedCount > 0 || topic.errorCode != 0 { return 3 }
        if topic.underReplicatedCount > 0 { return 2 }
        return topic.wrongLeaderCount > 0 ? 1 : 0
    }

    static func name(least: Int) -> Column {
        Column(
            "name", "topic", least: least, align: .left, priority: 0, ascending: true,
            value: { _, row in Float(row) },
            text: { scene, row, _ in
                let topic = scene.cluster.topics[row]
                return [Run(shownName(topic.name), topic.isInternal ? .dim : .text)]
            })
    }

    private static func counts(
        _ id: String, _ title: String, _ priority: Int, _ role: Role,
        _ count: @escaping @Sendable (Topic) -> Int
    ) -> Column {
        .figure(
            id, title, least: max(5, title.count + 1), priority: priority, NumberFormat.count,
            role: role, of: { count($0.cluster.topics[$1]) })
    }

    private static func columns(_ groups: Column) -> [Column] {
        [
            name(least: 22),
            counts("partitions", "partitions", 4, .text) { $0.partitionCount },
            counts("rf", "RF", 7, .text) { $0.replicationFactor },
            .figure(
                "records", "rec/s", least: 7, priority: 1, NumberFormat.rate,
                isStale: { $0.cluster.topics[$1].isRateStale },
                of: { $0.cluster.topics[$1].recordsPerSecond }),
            .figure(
                "bytes", "bytes/s", least: 7, priority: 5, NumberFormat.bytes,
                isStale: { $0.cluster.topics[$1].isRateStale },
                of: { $0.cluster.topics[$1].bytesPerSecond }),
            .figure("size", "size", least: 7, priority: 6, NumberFormat.bytes) {
                $0.cluster.topics[$1].sizeBytes
            },
            groups,
            counts("offline", "offline", 2, .critical) { $0.offlineCount },
            counts("unserved", "not served", 2, .critical) { $0.notServedCount },
            counts("urp", "URP", 2, .warning) { $0.underReplicatedCount },
            counts("wrong", "wrong ld", 3, .warning) { $0.wrongLeaderCount },
            .figure("minisr", "min ISR", least: 7, priority: 9, NumberFormat.count) {
                $0.cluster.minInsyncReplicas(topic: $1)
            },
            .figure("overrides", "overrides", least: 9, priority: 8, NumberFormat.count) {
                $0.cluster.overrides(topic: $1)?.count
            },
            Column(
                "trend", "rec/s, 5 min", least: 12, ideal: 40, align: .left, priority: 10,
                text: { scene, row, width in
                    trendRuns(
                        scene, .topic(historyIndex: scene.cluster.topics[row].historyIndex),
                        .records,
                        width)
                }),
            .order("trouble") { Float(trouble($0.cluster.topics[$1])) },
        ]
    }
}

extension Topic {
    /// More than half of its partitions have no fresh rate: the sum is not to be taken for the
    /// flow.
    var isRateStale: Bool {
        isRateUnsure || (partitionCount > 0 && staleRateCount * 2 > partitionCount)
    }
}
