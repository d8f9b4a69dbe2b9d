// Topics: flow, faults and size by topic.

internal import ClusterModel
internal import Drawing

/// The table of topics, troubled ones first, then the busiest.
struct TopicsScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "topics", aliases: ["t"], key: "N", title: "topics",
        help: "topics by name: flow, faults, size")
    static let traits: ScreenTraits = [.rows, .table, .narrows, .electable]
    var state = TableState(spec)

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.topics = visibleRows(scene).map { scene.cluster.topics[$0].name }
        interest.wantsSizes = true
        return interest
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .topic(let name) = row, let topic = scene.cluster.topic(named: name) else {
            return nil
        }
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
        if topic.overrideCount == nil { lines.append(unknownRuns("overrides ?", .configs, scene)) }
        if topic.minInsyncReplicas == nil {
            lines.append(unknownRuns("min ISR ?", .configs, scene))
        }
        if lines.isEmpty { lines = [[Run("All of it is known and fresh.", .good)]] }
        return Explanation(title: name, lines: lines)
    }

    static let spec = TableSpec(
        noun: "topics", hasStableRows: true, section: .topics, columns: columns, sort: "trouble",
        tiebreak: "records", identityIdeal: { $0.picture.topicColumns },
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
        isFault: { trouble($0.cluster.topics[$1]) > 0 })

    /// 3 a partition has no leader, 2 under-replicated, 1 wrong leader, 0 well.
    private static func trouble(_ topic: Topic) -> Int {
        if topic.offlineCount > 0 || topic.errorCode != 0 { return 3 }
        if topic.underReplicatedCount > 0 { return 2 }
        return topic.wrongLeaderCount > 0 ? 1 : 0
    }

    private static func counts(
        _ id: String, _ title: String, _ priority: Int, _ role: Role,
        _ count: @escaping @Sendable (Topic) -> Int
    ) -> Column {
        Column(
            id, title, least: max(5, title.count + 1), priority: priority,
            value: { Float(count($0.cluster.topics[$1])) },
            text: { scene, row, _ in
                figure(count(scene.cluster.topics[row]), NumberFormat.count, role: role)
            })
    }

    private static let columns: [Column] = [
        Column(
            "name", "topic", least: 22, align: .left, priority: 0, ascending: true,
            value: { _, row in Float(row) },
            text: { scene, row, _ in
                let topic = scene.cluster.topics[row]
                return [Run(shownName(topic.name), topic.isInternal ? .dim : .text)]
            }),
        counts("partitions", "partitions", 4, .text) { $0.partitionCount },
        counts("rf", "RF", 7, .text) { $0.replicationFactor },
        Column(
            "records", "rec/s", least: 7, priority: 1,
            value: { sortValue($0.cluster.topics[$1].recordsPerSecond) },
            text: { scene, row, _ in
                let topic = scene.cluster.topics[row]
                return figure(
                    topic.recordsPerSecond, NumberFormat.rate, isStale: topic.isRateStale)
            }),
        Column(
            "bytes", "bytes/s", least: 7, priority: 5,
            value: { sortValue($0.cluster.topics[$1].bytesPerSecond) },
            text: { scene, row, _ in
                let topic = scene.cluster.topics[row]
                return figure(
                    topic.bytesPerSecond, NumberFormat.bytes, isStale: topic.isRateStale)
            }),
        Column(
            "size", "size", least: 7, priority: 6,
            value: { sortValue($0.cluster.topics[$1].sizeBytes) },
            text: { scene, row, _ in
                figure(scene.cluster.topics[row].sizeBytes, NumberFormat.bytes)
            }),
        counts("offline", "offline", 2, .critical) { $0.offlineCount },
        counts("urp", "URP", 2, .warning) { $0.underReplicatedCount },
        counts("wrong", "wrong ld", 3, .warning) { $0.wrongLeaderCount },
        Column(
            "minisr", "min ISR", least: 7, priority: 9,
            value: { sortValue($0.cluster.topics[$1].minInsyncReplicas) },
            text: { scene, row, _ in
                figure(scene.cluster.topics[row].minInsyncReplicas, NumberFormat.count)
            }),
        Column(
            "overrides", "overrides", least: 9, priority: 8,
            value: { sortValue($0.cluster.topics[$1].overrideCount) },
            text: { scene, row, _ in
                figure(scene.cluster.topics[row].overrideCount, NumberFormat.count)
            }),
        Column(
            "trend", "rec/s, 5 min", least: 12, ideal: 40, align: .left, priority: 10,
            text: { scene, row, width in
                trendRuns(scene, .topic(slot: scene.cluster.topics[row].slot), .records, width)
            }),
        Column(
            "trouble", "", least: 0, priority: 99,
            value: { Float(trouble($0.cluster.topics[$1])) }, text: { _, _, _ in [] }),
    ]
}

extension Topic {
    /// More than half of its partitions have no fresh rate: the sum is not to be taken for the
    /// flow.
    var isRateStale: Bool { partitionCount > 0 && staleRateCount * 2 > partitionCount }
}
