// Brokers: who answers, who leads what, how much flows, how full the volumes are.

internal import ClusterModel
internal import Drawing

/// The table of brokers, the ill ones first.
struct BrokersScreen: TableScreen, ClusterScreen {
    static let entry = ScreenEntry(
        name: "brokers", aliases: ["b", "nodes"], key: "B", title: "brokers",
        help: "brokers: state, leaders, flow, disk")
    static let traits: ScreenTraits = [.rows, .table, .narrows, .electable, .brokers]
    var state = TableState(spec)

    func interest(_ scene: Scene) -> Interest {
        var interest = Interest()
        interest.brokers = visibleRows(scene).map { scene.cluster.brokers[$0].id }
        interest.wantsSizes = true
        return interest
    }

    func explain(_ row: ObjectID, _ scene: Scene) -> Explanation? {
        guard case .broker(let id) = row, let broker = scene.cluster.broker(id) else { return nil }
        var lines = [[Run(capitalised(broker.stateSentence(scene)) + ".")]]
        if broker.isIll {
            lines.append([
                Run(
                    "What only it knows keeps its last value, dimmed with ~; "
                        + "everything else is fresh.")
            ])
        }
        lines += whatIfLines(ofBroker: id, scene)
        if broker.recordsPerSecond == nil {
            lines.append([
                Run("rec/s ?", .unknown),
                Run(": a rate needs two answers of the same partition; it has none yet."),
            ])
        }
        if broker.sizeBytes == nil { lines.append(unknownRuns("stored ?", .logDirs, scene)) }
        if broker.overlongAnswers > 0 {
            let count = plural(Int(clamping: broker.overlongAnswers), "answer")
            lines.append([Run("\(count) had bytes behind the last field: they were passed over.")])
        }
        lines += failureLines(scene) { $0.broker == broker.id }
        return Explanation(title: "broker \(id)", lines: lines)
    }

    static let spec = TableSpec(
        noun: "brokers", section: .brokers, columns: columns, sort: "trouble",
        identityIdeal: { scene in
            scene.cluster.brokers.reduce(6) { max($0, $1.id.description.count) }
        },
        rows: { Array(0..<Int32($0.cluster.brokers.count)) },
        id: { .broker($0.cluster.brokers[$1].id) },
        find: { scene, id in
            if case .broker(let broker) = id { scene.cluster.brokerIndex(broker) } else { nil }
        },
        matching: matchingByName { scene, row in
            let broker = scene.cluster.brokers[row]
            return "\(broker.id) \(broker.endpoint)"
        },
        mark: { $0.cluster.brokers[$1].mark },
        isFault: { scene, row in
            let broker = scene.cluster.brokers[row]
            return broker.trouble > 0 || broker.underReplicatedCount > 0
                || broker.leaderCount < broker.preferredLeaderCount
        })

    private static let columns: [Column] = [
        Column(
            "id", "broker", least: 6, ideal: 12, priority: 0, ascending: true,
            value: { _, row in Float(row) },
            text: { scene, row, _ in
                let broker = scene.cluster.brokers[row]
                let isController = broker.id == scene.cluster.controller
                return [Run(broker.id.description, isController ? .accent : .text)]
            }),
        Column(
            "state", "state", least: 10, ideal: 18, align: .left, priority: 1,
            value: { Float($0.cluster.brokers[$1].trouble) },
            word: { $0.cluster.brokers[$1].stateRun($0).text },
            text: { scene, row, _ in
                let broker = scene.cluster.brokers[row]
                let controller = Run(" ctrl", .accent)
                let state = broker.stateRun(scene)
                return broker.id == scene.cluster.controller ? [state, controller] : [state]
            }),
        Column(
            "leaders", "leaders/pref", least: 13, priority: 2,
            value: { Float($0.cluster.brokers[$1].leaderCount) },
            text: { scene, row, _ in
                guard scene.cluster.knowsPartitions else { return unknownFigure }
                let broker = scene.cluster.brokers[row]
                let isShort = broker.leaderCount < broker.preferredLeaderCount
                let mark = isShort ? String(Glyph.notPreferred) : " "
                return [
                    Run(
                        "\(NumberFormat.count(broker.leaderCount))/"
                            + NumberFormat.count(broker.preferredLeaderCount)),
                    Run(mark, .warning),
                ]
            }),
        .figure(
            "records", "rec/s", least: 7, priority: 3, NumberFormat.rate,
            isStale: { $0.cluster.brokers[$1].isRateStale },
            of: { $0.cluster.brokers[$1].recordsPerSecond }),
        Column(
            "stop", "safe to stop", least: 12, ideal: 24, align: .left, priority: 3,
            values: { scene, rows in rows.map { stopValue(scene.cluster, Int($0)) } },
            word: { scene, row in
                switch scene.cluster.isSafeToStop(row) {
                case true: "yes"
                case false: "no"
                default: "?"
                }
            },
            text: { scene, row, width in stopRuns(scene, row, width) }),
        .figure(
            "bytes", "bytes/s", least: 7, priority: 6, NumberFormat.bytes,
            isStale: { $0.cluster.brokers[$1].isRateStale },
            of: { $0.cluster.brokers[$1].bytesPerSecond }),
        .figure("replicas", "replicas", least: 8, priority: 8, NumberFormat.count) {
            $0.cluster.knowsPartitions ? $0.cluster.brokers[$1].replicaCount : nil
        },
        .figure("urp", "URP", least: 5, priority: 4, NumberFormat.count, role: .warning) {
            $0.cluster.knowsPartitions ? $0.cluster.brokers[$1].underReplicatedCount : nil
        },
        .figure(
            "lag", "worst lag", least: 9, priority: 5, NumberFormat.count,
            isStale: { $0.cluster.brokers[$1].isIll },
            of: { $0.cluster.brokers[$1].worstReplicaLag }),
        .figure(
            "size", "stored", least: 7, priority: 7, NumberFormat.bytes,
            isStale: { $0.cluster.brokers[$1].isIll }, of: { $0.cluster.brokers[$1].sizeBytes }),
        Column(
            "disk", "disk", least: 6, priority: 4,
            values: { scene, rows in
                let fullest = fullestVolumes(scene.cluster)
                return rows.map { sortValue(fullest[scene.cluster.brokers[Int($0)].id]) }
            },
            text: { scene, row, _ in
                let broker = scene.cluster.brokers[row]
                let used = scene.cluster.logDirs(of: broker.id).compactMap(\.usedFraction).max()
                return figure(
                    used.map { NumberFormat.percent($0) }, isStale: broker.isIll,
                    role: volumeRole(used, scene.cluster.thresholds))
            }),
        Column(
            "rack", "rack", least: 6, ideal: 14, align: .left, priority: 9,
            word: { $0.cluster.brokers[$1].rack ?? "" },
            text: { scene, row, _ in
                [Run(scene.cluster.brokers[row].rack.map(shownName) ?? "-", .dim)]
            }),
        Column(
            "ms", "answers in", least: 10, priority: 11, ascending: true,
            value: { sortValue($0.cluster.brokers[$1].roundTripSeconds) },
            text: { scene, row, _ in
                let broker = scene.cluster.brokers[row]
                let text = broker.roundTripSeconds.map { NumberFormat.milliseconds($0) }
                return figure(text, isStale: !broker.isAnswering)
            }),
        Column(
            "trend", "rec/s, 5 min", least: 12, ideal: 30, align: .left, priority: 12,
            text: { scene, row, width in
                trendRuns(scene, .broker(scene.cluster.brokers[row].id), .records, width)
            }),
        Column(
            "endpoint", "endpoint", least: 16, ideal: 40, align: .left, priority: 10,
            word: { $0.cluster.brokers[$1].endpoint },
            text: { scene, row, _ in [Run(scene.cluster.brokers[row].endpoint, .dim)] }),
        .order("trouble") { Float($0.cluster.brokers[$1].trouble) },
    ]
}

extension Broker {
    /// Its flow is not known afresh: it does not answer, or its partitions' rates are old.
    var isRateStale: Bool {
        isIll || isRateUnsure || (leaderCount > 0 && staleRateCount * 2 > leaderCount)
    }
}
