// Leaders spread over brokers: exactly, or within a tolerance, with the fewest changes.

extension PlanMaker {
    /// Each broker leads as many as every other, or one more. Where replicas do not allow it, the
    /// brokers among which they are stuck share evenly what they have.
    mutating func balanceLeaders() {
        let rows = leaderRows()
        let flow = leaderFlow(rows)
        var free = (0..<placement.brokers).filter { placement.receives[$0] }
        fix(flow)
        var sum = free.reduce(0) { $0 + Int(flow.leads($1)) }
        var isOneGroup = true
        for round in 1...Limits.leaderGroups {
            share(free, sum, flow)
            flow.solve()
            let stuck = Set(flow.stuck())
            let group = free.filter { stuck.contains(Int32($0)) }
            guard round < Limits.leaderGroups, !group.isEmpty, group.count < free.count else {
                break
            }
            let groupSum = group.reduce(0) { $0 + Int(flow.leads($1)) }
            share(group, groupSum, flow)
            warnAboutLeaders(group, flow)
            free.removeAll { stuck.contains(Int32($0)) }
            sum -= groupSum
            isOneGroup = false
        }
        if !isOneGroup {
            // From the beginning, so that as few leaders change as can be.
            flow.reset()
            flow.solve()
        }
        // The flow's cost is the least there is.
        minimum.leaders = flow.changes
        take(flow, rows, reorders: true)
        if minimum.leaders > 0 {
            minimum.binding = "brokers that lead more or fewer than their share"
        }
    }

    /// Brokers that lead more or fewer than the tolerance lets them come to its edge.
    mutating func balanceLeadersWithin(_ tolerance: Double) {
        let rows = leaderRows()
        let flow = leaderFlow(rows)
        let live = (0..<placement.brokers).filter { placement.receives[$0] }
        fix(flow)
        let sum = live.reduce(0) { $0 + Int(flow.leads($1)) }
        guard !live.isEmpty else { return }
        let each = Double(sum) / Double(live.count)
        for broker in live {
            flow.least[broker] = Int32(
                min(each.rounded(.down), (each * (1 - tolerance)).rounded(.up)))
            flow.most[broker] = Int32(
                max(each.rounded(.up), (each * (1 + tolerance)).rounded(.down)))
        }
        guard
            live.contains(where: {
                flow.leads($0) > flow.most[$0] || flow.leads($0) < flow.least[$0]
            })
        else { return }
        flow.solve()
        take(flow, rows, reorders: false)
    }

    /// Who should lead does: the first replica, where it is in sync.
    mutating func electPreferred() {
        for row in 0..<placement.rows where isInScope(row) {
            let preferred = placement.replica[Int(placement.first[row])]
            guard model.leader[row] != preferred else { continue }
            let id = model.brokers[Int(preferred)].id
            if model.isMoving[row] {
                refuse(row, "it is being moved: its first replica may lead when that is done")
            } else if !placement.receives[Int(preferred)] {
                refuse(row, "broker \(id), its first replica, \(fitnessText(preferred))")
            } else if !isInSync(row, preferred) {
                refuse(row, "broker \(id), its first replica, is not in sync")
            } else {
                placement.isElected[row] = true
                placement.note(row, .preferred, preferred)
                minimum.leaders += 1
            }
        }
        if minimum.leaders > 0 {
            minimum.binding = "partitions that their first replica does not lead"
        }
    }

    // MARK: Parts

    private func leaderRows() -> [Int32] {
        (0..<Int32(placement.rows)).filter { placement.isMovable[Int($0)] }
    }

    private func leaderFlow(_ rows: [Int32]) -> LeaderFlow {
        let (placement, model) = (placement, model)
        return LeaderFlow(placement, rows: rows) { row, slot in
            let broker = placement.replica[slot]
            guard placement.receives[Int(broker)] else { return false }
            for index in model.replicas(of: row) where model.replica[index] == broker {
                return model.isInSync[index] || model.leader[row] == broker
            }
            return true
        }
    }

    /// Who takes no part keeps what it leads.
    private func fix(_ flow: LeaderFlow) {
        for broker in 0..<placement.brokers {
            flow.least[broker] = flow.leads(broker)
            flow.most[broker] = flow.leads(broker)
        }
    }

    private func share(_ group: [Int], _ sum: Int, _ flow: LeaderFlow) {
        guard !group.isEmpty else { return }
        for broker in group {
            flow.least[broker] = Int32(sum / group.count)
            flow.most[broker] = Int32((sum + group.count - 1) / group.count)
        }
    }

    private mutating func warnAboutLeaders(_ group: [Int], _ flow: LeaderFlow) {
        let names = brokerNames(group.map { model.brokers[$0].id })
        let sum = group.reduce(0) { $0 + Int(flow.leads($1)) }
        let each = (Double(sum) / Double(group.count) * 10).rounded() / 10
        let others = placement.brokers - group.count
        guard others > 0 else { return }
        warnings.append(
            "\(names) can lead \(each) partitions each, no more and no fewer: where their replicas "
                + "are, leaders cannot be shared with the other brokers")
    }

    /// - Parameter reorders: who leads becomes the first replica, where it leads already too.
    private mutating func take(_ flow: LeaderFlow, _ rows: [Int32], reorders: Bool) {
        for row in rows {
            let row = Int(row)
            let leader = flow.leader(row)
            let isNew = leader != placement.leaderAfter(row)
            let first = placement.replica[Int(placement.first[row])]
            guard isNew || reorders && leader != first else { continue }
            let slot = placement.slot(row, on: leader)
            guard slot >= 0 else { continue }
            placement.note(row, .leaders, isNew ? placement.leaderAfter(row) : leader)
            placement.putFirst(row, slot: slot)
            placement.isElected[row] = true
        }
    }
}
