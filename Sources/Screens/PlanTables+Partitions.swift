// The partitions of a plan: replicas before and after, what comes and what goes, and why.

internal import ClusterModel
internal import Drawing
internal import Planning

extension PlanTables {
    static func partitions(_ draft: PlanDraft) -> TableSpec {
        let (plan, model, waves) = (draft.plan, draft.model, draft.waveOfMove)
        @Sendable func key(_ row: Int) -> PartitionKey {
            let at = Int(plan.rows[row])
            return PartitionKey(topic: model.topicName(at), partition: model.partition[at])
        }
        let columns: [Column] = [
            Column(
                "name", "partition", least: 20, align: .left, priority: 0, ascending: true,
                value: { _, row in Float(row) },
                text: { _, row, width in partitionRuns(key(row), width) }),
            Column(
                "moves", "replicas", least: 20, ideal: 34, align: .left, priority: 1,
                text: { _, row, width in fit(replicas(plan, row), to: width) }),
            .figure("copied", "copied", least: 8, priority: 2, NumberFormat.bytes) { _, row in
                plan.bytes[row]
            },
            .figure("wave", "wave", least: 5, priority: 4, NumberFormat.count) { _, row in
                Int(waves[row]) + 1
            },
            Column(
                "reason", "why", least: 16, ideal: 50, align: .left, priority: 3,
                word: { _, row in plan.reasons[row] },
                text: { _, row, width in
                    [Run(truncated(plan.reasons[row], to: width, middle: false), .dim)]
                }),
        ]
        return TableSpec(
            noun: "planned partitions", section: .metadata, columns: columns, sort: "copied",
            identityIdeal: { _ in 40 }, rows: { _ in Array(0..<Int32(plan.count)) },
            id: { .partition(key($1)) },
            find: { _, id in
                guard case .partition(let wanted) = id,
                    let row = model.row(topic: wanted.topic, partition: wanted.partition)
                else { return nil }
                return place(of: Int32(row), plan)
            },
            matching: matchingByName { "\(key($1)) \(plan.reasons[$1])" }, mark: { _, _ in nil },
            isFault: { _, _ in false }, whyEmpty: { _ in .none })
    }

    /// Moves are in the order of the model's rows.
    private static func place(of row: Int32, _ plan: Plan) -> Int? {
        var (low, high) = (0, plan.count)
        while low < high {
            let middle = (low + high) / 2
            if plan.rows[middle] < row { low = middle + 1 } else { high = middle }
        }
        return low < plan.count && plan.rows[low] == row ? low : nil
    }

    /// "1●,5,9 › 1●,5,12": what goes is a warning, what comes is bright, who leads is marked.
    private static func replicas(_ plan: Plan, _ move: Int) -> [Run] {
        let model = plan.model
        let row = Int(plan.rows[move])
        let before = Array(model.replica[model.replicas(of: row)])
        let after = Array(plan.replicas(of: move))
        func list(_ brokers: [Int32], leader: Int32, other: [Int32], _ role: Role) -> [Run] {
            brokers.enumerated().flatMap { place, broker in
                let id = "\(model.brokers[Int(broker)].id)"
                let mark = broker == leader ? String(Glyph.leader) : ""
                return [
                    Run(place > 0 ? "," : "", .dim),
                    Run(id + mark, other.contains(broker) ? .text : role),
                ]
            }
        }
        return list(before, leader: model.leader[row], other: after, .warning)
            + [Run(" \(Glyph.trail) ", .dim)]
            + list(after, leader: plan.leaderAfter[move], other: before, .accent)
    }
}
