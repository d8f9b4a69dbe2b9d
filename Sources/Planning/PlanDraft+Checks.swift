// What stands for and against a plan as far as the observed cluster tells: the operator reads it
// before the review, which asks the cluster itself once more.
internal import ClusterModel

extension PlanDraft {
    /// - Parameter rows: by place of a move the row of the cluster's table; -1 where there is none.
    static func checks(_ plan: Plan, _ cluster: Cluster, _ rows: [Int]) -> [Check] {
        let table = Assignments(cluster.partitions)
        var checks: [Check] = []
        if !plan.isEmpty {
            checks.append(brokers(plan, cluster))
            checks.append(inSync(plan, cluster, rows, table))
            checks.append(elsewhere(cluster, rows, table))
            checks.append(moving(plan, cluster, rows, table))
            checks += disks(plan)
        }
        checks += plan.warnings.map { Check(verdict: .warning, text: $0) }
        return checks + refused(plan)
    }

    /// What stays as it is, each reason once.
    private static func refused(_ plan: Plan) -> [Check] {
        var reasons: [String] = []
        var names: [String: [String]] = [:]
        for refusal in plan.refused {
            if names[refusal.reason] == nil { reasons.append(refusal.reason) }
            let name =
                refusal.row.map(plan.model.name)
                ?? refusal.name.map { "\($0.topic)-\($0.partition)" }
            names[refusal.reason, default: []] += name.map { [$0] } ?? []
        }
        return reasons.map { reason in
            let all = names[reason] ?? []
            guard !all.isEmpty else { return Check(verdict: .bad, text: reason) }
            let first = all.prefix(Limits.namedInSentence).joined(separator: ", ")
            let rest = all.count > Limits.namedInSentence ? ", … (\(all.count))" : ""
            return Check(verdict: .bad, text: "left as it is: \(first)\(rest): \(reason)")
        }
    }

    /// "orders-1, orders-2, … (14)".
    private static func listed(_ rows: [Int], _ cluster: Cluster) -> String {
        let names = rows.prefix(Limits.namedInSentence).map { "\(cluster.key(ofRow: $0))" }
        return names.joined(separator: ", ") + (rows.count > names.count ? ", …" : "")
    }

    private static func brokers(_ plan: Plan, _ cluster: Cluster) -> Check {
        var receiving: Set<Int32> = []
        for move in 0..<plan.count { receiving.formUnion(plan.added(move)) }
        let unsure = receiving.sorted().map { plan.model.brokers[Int($0)].id }.filter {
            !(cluster.broker(BrokerID($0))?.isAnswering ?? false)
        }
        if unsure.isEmpty {
            return Check(
                verdict: .good,
                text: "every broker that gets replicas is in service (\(receiving.count))")
        }
        let ids = unsure.prefix(Limits.namedInSentence).map(String.init).joined(separator: ", ")
        return Check(
            verdict: .unknown, text: "to get replicas, and does not answer just now: broker \(ids)")
    }

    private static func inSync(
        _ plan: Plan, _ cluster: Cluster, _ rows: [Int], _ table: Assignments
    ) -> Check {
        let low = rows.filter { row in
            guard row >= 0 else { return false }
            let topic = Int(cluster.partitions.topic[row])
            return table.facts(
                row, minInsyncReplicas: cluster.minInsyncReplicas(topic: topic),
                isCapped: cluster.capsMinISR
            ).isUnderMinISR == true
        }
        return low.isEmpty
            ? Check(verdict: .good, text: "no partition of the plan is under its min ISR")
            : Check(
                verdict: .bad,
                text: "under their min ISR, so that they are not touched until they are mended: "
                    + listed(low, cluster))
    }

    private static func elsewhere(
        _ cluster: Cluster, _ rows: [Int], _ table: Assignments
    ) -> Check {
        let own = Set(rows)
        let behind = (0..<table.count).filter {
            table.facts($0, minInsyncReplicas: nil).isUnderReplicated && !own.contains($0)
        }
        return behind.isEmpty
            ? Check(verdict: .good, text: "all other partitions are fully replicated")
            : Check(
                verdict: .warning,
                text: "\(counted(behind.count, "other partition")) under-replicated already: "
                    + listed(behind, cluster))
    }

    private static func moving(
        _ plan: Plan, _ cluster: Cluster, _ rows: [Int], _ table: Assignments
    ) -> Check {
        guard cluster.health(.reassignments).answeredAt.happened else {
            return Check(verdict: .unknown, text: "whether others are moving is not read yet")
        }
        let moving = (0..<table.count).filter { table.facts($0, minInsyncReplicas: nil).isMoving }
        return moving.isEmpty
            ? Check(verdict: .good, text: "nobody else is moving partitions")
            : Check(
                verdict: .bad,
                text: "\(counted(moving.count, "partition")) being moved already "
                    + "(\(listed(moving, cluster))): it can begin when they have ended")
    }

    private static func disks(_ plan: Plan) -> [Check] {
        var checks: [Check] = []
        var unknown: [Int32] = []
        var fullest: (share: Double, id: Int32)?
        for (broker, change) in zip(plan.model.brokers, plan.brokers) where change.bytesIn > 0 {
            guard let capacity = broker.capacityBytes, let used = broker.usedBytes, capacity > 0
            else {
                unknown.append(broker.id)
                continue
            }
            let share = Double(used + change.diskPeak - change.bytesBefore) / Double(capacity)
            if share > fullest?.share ?? 0 { fullest = (share, broker.id) }
        }
        if let fullest {
            let text = shareText((fullest.share * 100).rounded() / 100)
            checks.append(
                Check(
                    verdict: fullest.share > Limits.usableShare ? .bad : .good,
                    text: "the fullest on the way is broker \(fullest.id) with \(text) of its "
                        + "volumes used"))
        }
        if !unknown.isEmpty {
            let ids = unknown.prefix(Limits.namedInSentence).map(String.init)
            checks.append(
                Check(
                    verdict: .unknown,
                    text: "how large the volumes are is not told by broker "
                        + ids.joined(separator: ", ")))
        }
        return checks
    }
}
