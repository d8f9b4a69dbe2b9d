// The tables of the Plan screen: what a plan does to brokers, racks, topics and partitions, in
// which waves, and what stands for and against it.

internal import ClusterModel
internal import Drawing
internal import Planning

/// Makes the tables of one draft.
enum PlanTables {
    /// - Parameter throttle: bytes a second; nil: none.
    static func spec(
        of pane: PlanScreen.Pane, _ draft: PlanDraft?, throttle: Int64?
    ) -> TableSpec {
        guard let draft else { return Self.empty(pane) }
        switch pane {
        case .brokers: return brokers(draft)
        case .racks: return racks(draft)
        case .topics: return topics(draft)
        case .partitions: return partitions(draft)
        case .waves: return waves(draft, throttle)
        case .safety: return safety(draft)
        }
    }

    private static func empty(_ pane: PlanScreen.Pane) -> TableSpec {
        TableSpec(
            noun: "the plan", section: .metadata,
            columns: [
                Column("id", "", least: 8, priority: 0, value: { _, _ in 0 }) { _, _, _ in [] }
            ], sort: "id", rows: { _ in [] }, id: { .part("row", $1) }, find: { _, _ in nil },
            matching: { _, rows, _ in rows }, mark: { _, _ in nil }, isFault: { _, _ in false },
            // What is not planned yet may be anything.
            whyEmpty: { _ in .reading(nil) })
    }

    /// A table of so many rows that have an identity each.
    private static func table(
        _ noun: String, count: Int, sort: String, columns: [Column], ideal: Int = 12,
        id: @escaping @Sendable (Int) -> ObjectID, name: @escaping @Sendable (Int) -> String,
        mark: @escaping @Sendable (Int) -> Run? = { _ in nil },
        find: (@Sendable (ObjectID) -> Int?)? = nil,
        more: (@Sendable (Scene, Int, Int) -> TableSpec.RowText)? = nil
    ) -> TableSpec {
        TableSpec(
            noun: noun, section: .metadata, columns: columns, sort: sort,
            identityIdeal: { _ in ideal },
            rows: { _ in Array(0..<Int32(count)) }, id: { id($1) },
            find: { _, wanted in
                find.map { $0(wanted) } ?? (0..<count).first { id($0) == wanted }
            },
            matching: matchingByName { name($1) }, mark: { mark($1) },
            isFault: { _, row in mark(row) != nil }, whyEmpty: { _ in .none }, more: more)
    }

    /// "3.4K › 3.1K": before and after; bright where they differ.
    private static func pair<Value: Figure>(
        _ before: Value, _ after: Value, _ write: (Value?) -> String
    ) -> [Run] {
        [
            Run(write(before), .dim), Run(" \(Glyph.trail) ", .dim),
            Run(write(after), before == after ? .dim : .accent),
        ]
    }

    /// The columns of what a plan comes to for a broker, or for several together.
    private static func changes(
        _ change: @escaping @Sendable (Int) -> Plan.BrokerChange
    ) -> [Column] {
        [
            Column(
                "replicas", "replicas", least: 13, priority: 1,
                value: { _, row in Float(change(row).replicasAfter - change(row).replicasBefore) },
                text: { _, row, _ in
                    pair(
                        change(row).replicasBefore, change(row).replicasAfter, NumberFormat.count)
                }),
            Column(
                "leaders", "leaders", least: 13, priority: 2,
                value: { _, row in Float(change(row).leadersAfter - change(row).leadersBefore) },
                text: { _, row, _ in
                    pair(change(row).leadersBefore, change(row).leadersAfter, NumberFormat.count)
                }),
            Column(
                "stored", "bytes", least: 13, priority: 3,
                value: { _, row in Float(change(row).bytesAfter - change(row).bytesBefore) },
                text: { _, row, _ in
                    pair(change(row).bytesBefore, change(row).bytesAfter, NumberFormat.bytes)
                }),
            .figure("takes", "takes", least: 7, priority: 4, NumberFormat.bytes) { _, row in
                change(row).bytesIn
            },
            .figure("sends", "sends", least: 7, priority: 5, NumberFormat.bytes) { _, row in
                change(row).bytesOut
            },
        ]
    }

    private static func brokers(_ draft: PlanDraft) -> TableSpec {
        let (plan, model) = (draft.plan, draft.model)
        /// The share of its volumes that is used when it is fullest.
        @Sendable func peak(_ row: Int) -> Double? {
            guard let capacity = model.brokers[row].capacityBytes,
                let used = model.brokers[row].usedBytes, capacity > 0
            else { return nil }
            let change = plan.brokers[row]
            return Double(used + change.diskPeak - change.bytesBefore) / Double(capacity)
        }
        var columns: [Column] = [
            Column(
                "id", "broker", least: 8, priority: 0, ascending: true,
                value: { _, row in Float(row) },
                text: { _, row, _ in [Run("\(model.brokers[row].id)")] })
        ]
        columns += changes { plan.brokers[$0] }
        columns += [
            .figure("peak", "peak disk", least: 9, priority: 6, NumberFormat.bytes) { _, row in
                plan.brokers[row].diskPeak
            },
            Column(
                "fullest", "fullest", least: 8, priority: 7,
                value: { _, row in sortValue(peak(row)) },
                text: { scene, row, _ in
                    figure(
                        peak(row).map { NumberFormat.percent($0) },
                        role: volumeRole(peak(row), scene.cluster.thresholds))
                }),
            Column(
                "rack", "rack", least: 6, ideal: 14, align: .left, priority: 8,
                word: { _, row in model.brokers[row].rack ?? "" },
                text: { _, row, _ in [Run(model.brokers[row].rack.map(shownName) ?? "-", .dim)] }),
            .order("change") { _, row in
                let change = plan.brokers[row]
                return Float(abs(change.replicasAfter - change.replicasBefore)) * 1_000
                    + Float(abs(change.leadersAfter - change.leadersBefore))
            },
        ]
        return table(
            "brokers", count: plan.brokers.count, sort: "change", columns: columns,
            id: { .broker(BrokerID(model.brokers[$0].id)) },
            name: { "\(model.brokers[$0].id) \(model.brokers[$0].rack ?? "")" },
            mark: { row in
                model.brokers[row].fitness.receives
                    ? nil : Run(String(Glyph.warning), .warning)
            },
            find: { id in
                if case .broker(let id) = id {
                    model.brokerIndex(id.value).map(Int.init)
                } else {
                    nil
                }
            })
    }

    private static func racks(_ draft: PlanDraft) -> TableSpec {
        let (racks, model) = (draft.racks, draft.model)
        var columns: [Column] = [
            Column(
                "id", "rack", least: 10, align: .left, priority: 0, ascending: true,
                value: { _, row in Float(row) },
                text: { _, row, _ in [Run(model.racks[row].map(shownName) ?? "no rack")] }),
            .figure("brokers", "brokers", least: 8, priority: 6, NumberFormat.count) { _, row in
                racks[row].brokers
            },
        ]
        columns += changes { racks[$0].change }
        return table(
            "racks", count: min(racks.count, model.racks.count), sort: "id", columns: columns,
            ideal: 20, id: { .rack(model.racks[$0] ?? "") }, name: { model.racks[$0] ?? "" })
    }

    private static func topics(_ draft: PlanDraft) -> TableSpec {
        let (topics, model) = (draft.topics, draft.model)
        @Sendable func name(_ row: Int) -> String { model.topics[Int(topics[row].topic)] }
        let columns: [Column] = [
            Column(
                "name", "topic", least: 22, align: .left, priority: 0, ascending: true,
                value: { _, row in Float(row) },
                text: { _, row, _ in [Run(shownName(name(row)))] }),
            .figure("copied", "copied", least: 8, priority: 1, NumberFormat.bytes) { _, row in
                topics[row].bytes
            },
            .figure("partitions", "partitions", least: 10, priority: 2, NumberFormat.count) {
                _, row in topics[row].partitions
            },
            .figure("replicas", "replicas", least: 8, priority: 3, NumberFormat.count) { _, row in
                topics[row].replicas
            },
            .figure("leaders", "leaders", least: 8, priority: 4, NumberFormat.count) { _, row in
                topics[row].leaders
            },
        ]
        let places = Dictionary(uniqueKeysWithValues: topics.indices.map { (name($0), $0) })
        return table(
            "planned topics", count: topics.count, sort: "copied", columns: columns, ideal: 40,
            id: { .topic(name($0)) }, name: name,
            find: { id in if case .topic(let name) = id { places[name] } else { nil } })
    }

    private static func waves(_ draft: PlanDraft, _ throttle: Int64?) -> TableSpec {
        let (plan, bytes, slowest) = (draft.plan, draft.waveBytes, draft.slowestBytes)
        let columns: [Column] = [
            Column(
                "id", "wave", least: 6, priority: 0, ascending: true,
                value: { _, row in Float(row) }, text: { _, row, _ in [Run("\(row + 1)")] }),
            .figure("partitions", "partitions", least: 10, priority: 1, NumberFormat.count) {
                _, row in plan.waves[row].count
            },
            .figure("copied", "copied", least: 8, priority: 1, NumberFormat.bytes) { _, row in
                bytes[row]
            },
            Column(
                "time", "takes", least: 10, priority: 2,
                value: { _, row in Float(slowest[row]) },
                text: { _, row, _ in
                    guard slowest[row] > 0 else { return [Run("no copying", .dim)] }
                    guard let throttle else { return [Run("-", .dim)] }
                    return [
                        Run(NumberFormat.duration(Double(slowest[row]) / Double(throttle)))
                    ]
                }),
            Column(
                "first", "the largest of it", least: 30, ideal: 60, align: .left, priority: 3,
                text: { _, row, width in
                    let names = plan.waves[row].prefix(4).map { move in
                        shownName(plan.model.name(Int(plan.rows[Int(move)])))
                    }.joined(separator: ", ")
                    return [Run(truncated(names, to: width, middle: false), .dim)]
                }),
        ]
        return table(
            "planned waves", count: plan.waves.count, sort: "id", columns: columns, ideal: 6,
            id: { .part("wave", $0 + 1) }, name: { "\($0 + 1)" },
            find: { id in
                if case .part("wave", let number) = id, number > 0, number <= plan.waves.count {
                    number - 1
                } else {
                    nil
                }
            })
    }

    private static func safety(_ draft: PlanDraft) -> TableSpec {
        let checks = draft.checks
        let columns: [Column] = [
            Column(
                "what", "before it begins", least: 40, align: .left, priority: 0, ascending: true,
                value: { _, row in Float(row) },
                text: { _, row, width in
                    [Run(truncated(capitalised(checks[row].text), to: width, middle: false))]
                })
        ]
        return table(
            "checks", count: checks.count, sort: "what", columns: columns, ideal: 400,
            id: { .part("check", $0 + 1) }, name: { checks[$0].text },
            mark: { row in
                switch checks[row].verdict {
                case .good: nil
                case .warning: Run(String(Glyph.warning), .warning)
                case .bad: Run(String(Glyph.critical), .critical)
                case .unknown: Run(String(Glyph.unknown), .unknown)
                }
            },
            more: { _, row, width in
                TableSpec.RowText(
                    lines: wrapped([Run(capitalised(checks[row].text) + ".")], to: width))
            })
    }
}
