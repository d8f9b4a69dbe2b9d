// What is asked for by name: a broker brought below a level, and partitions given the replicas
// that somebody wrote down.

extension PlanMaker {
    // MARK: Relieving

    /// Brings brokers below a level with as few bytes as can be.
    mutating func relieve() throws(PlanningFault) {
        guard !request.brokers.isEmpty else { throw PlanningFault("relieve which broker?") }
        guard let level = request.level else { throw PlanningFault("relieve down to which level?") }
        var receivers = Receivers(placement, Bands(placement, tolerance: tolerance))
        for broker in 0..<placement.brokers where placement.receives[broker] {
            limitRoom(of: broker, to: level)
        }
        for id in request.brokers.sorted() {
            guard let broker = model.brokerIndex(id) else { continue }
            let excess = try excess(of: broker, over: level)
            guard excess > 0 else { continue }
            relieve(broker, of: excess, &receivers)
        }
        if minimum.bytes > 0 { minimum.binding = "what is above the level" }
    }

    /// Whoever takes stays below the level too.
    private func limitRoom(of broker: Int, to level: PlanRequest.Level) {
        switch level {
        case .share(let share):
            guard let capacity = model.brokers[broker].capacityBytes,
                let used = model.brokers[broker].usedBytes
            else { return }
            let most = min(share, Limits.usableShare)
            placement.room[broker] = max(0, Int64(Double(capacity) * most) - used)
        case .bytes(let most):
            placement.room[broker] = min(
                placement.room[broker], max(0, most - placement.bytes[broker]))
        }
    }

    private func excess(
        of broker: Int32, over level: PlanRequest.Level
    ) throws(PlanningFault) -> Int64 {
        switch level {
        case .bytes(let most): return placement.bytes[Int(broker)] - most
        case .share(let share):
            let known = model.brokers[Int(broker)]
            guard let capacity = known.capacityBytes, let used = known.usedBytes else {
                throw PlanningFault(
                    "how large the volumes of broker \(known.id) are is not known (log_dirs, "
                        + "Kafka 3.3 and newer): say how many bytes it may hold instead of a share")
            }
            return used - Int64(Double(capacity) * share)
        }
    }

    private mutating func relieve(
        _ broker: Int32, of excess: Int64, _ receivers: inout Receivers
    ) {
        var rows = rowsBySize(placement).filter { placement.slot(Int($0), on: broker) >= 0 }
        var sum: Int64 = 0
        for row in rows.reversed() where sum < excess {
            sum += placement.size[Int(row)]
            minimum.replicas += 1
        }
        minimum.bytes += min(excess, sum)
        var left = excess
        while left > 0, !rows.isEmpty {
            // The smallest that ends it, where it is hardly more; else the largest that is less.
            var at = rows.firstIndex { placement.size[Int($0)] >= left } ?? rows.count
            let ends =
                at < rows.count
                && placement.size[Int(rows[at])] <= left + max(1, excess / Limits.overshoot)
            if !ends { at = at > 0 ? at - 1 : at }
            let row = Int(rows.remove(at: at))
            guard placement.size[row] > 0 else { continue }
            guard let target = receivers.best(row, leaving: broker) else { continue }
            let own = placement.own[placement.slot(row, on: broker)]
            placement.move(
                row, slot: placement.slot(row, on: broker), to: target, .relieve, broker)
            receivers.update(target)
            left -= own
        }
        guard left > 0 else { return }
        let id = model.brokers[Int(broker)].id
        refused.append(
            .init(
                row: nil,
                reason: "broker \(id) stays \(bytesText(left)) above the level: no other broker "
                    + "may take more of it, by racks, room or what the plan may touch"))
    }

    // MARK: By name

    mutating func moveAsAsked() throws(PlanningFault) {
        var seen = Set<Int>()
        let most = MostInRack(placement)
        for wanted in request.moves {
            let name = "\(wanted.topic)-\(wanted.partition)"
            guard let row = model.row(topic: wanted.topic, partition: wanted.partition) else {
                refused.append(
                    .init(row: nil, name: (wanted.topic, wanted.partition), reason: "there is none")
                )
                continue
            }
            guard seen.insert(row).inserted else {
                throw PlanningFault("\(name) is asked for twice")
            }
            guard isInScope(row) else { continue }
            let replicas = replicas(wanted, row)
            if let reason = objection(row, replicas, most) {
                refuse(row, reason)
                continue
            }
            set(row, replicas.compactMap { model.brokerIndex($0) })
        }
        if minimum.replicas > 0 { minimum.binding = "the replicas that are asked for" }
    }

    private func replicas(_ wanted: PlanRequest.WantedMove, _ row: Int) -> [Int32] {
        guard wanted.replicas.isEmpty else { return wanted.replicas }
        var result = placement.slots(row).map { model.brokers[Int(placement.replica[$0])].id }
        var coming = wanted.coming[...]
        for id in wanted.leaving {
            guard let at = result.firstIndex(of: id) else { continue }
            if let next = coming.popFirst() { result[at] = next } else { result.remove(at: at) }
        }
        return result + coming
    }

    /// Why the row cannot have these replicas; nil where it can.
    private mutating func objection(
        _ row: Int, _ replicas: [Int32], _ most: MostInRack
    ) -> String? {
        if replicas.isEmpty { return "a partition without replicas is none" }
        var seen = Set<Int32>()
        for id in replicas {
            guard seen.insert(id).inserted else { return "broker \(id) is named twice" }
            guard let broker = model.brokerIndex(id) else { return "there is no broker \(id)" }
            guard placement.slot(row, on: broker) < 0 else { continue }
            if !placement.receives[Int(broker)] { return "broker \(id) \(fitnessText(broker))" }
            if placement.room[Int(broker)] < placement.size[row] {
                return "broker \(id) has no \(bytesText(placement.size[row])) of room"
            }
            if model.leader[row] < 0 {
                return "nobody leads it: there is nothing to copy from"
            }
        }
        let before = rackCounts(placement.slots(row).map { placement.replica[$0] })
        let after = rackCounts(replicas.compactMap { model.brokerIndex($0) })
        let needed = most.replicas(min(placement.count[row], Int32(replicas.count)))
        let isWorse =
            after.indices.contains { after[$0] > max(needed, before.max() ?? 0) }
            || after.count { $0 > 0 } < min(before.count { $0 > 0 }, replicas.count)
        if isWorse, !request.mayWorsenRacks {
            let rack = after.indices.max { (after[$0], $1) < (after[$1], $0) } ?? 0
            return "\(after[rack]) of its replicas would be in \(model.rackName(rack)), and fewer "
                + "racks would hold it than now"
        }
        if replicas.count != Int(placement.count[row]) {
            warnings.append(
                "\(model.name(row)) gets \(counted(replicas.count, "replica")), and has "
                    + "\(placement.count[row]) now")
        }
        return nil
    }

    private func rackCounts(_ brokers: [Int32]) -> [Int32] {
        var counts = [Int32](repeating: 0, count: placement.racks)
        for broker in brokers { counts[Int(placement.rack[Int(broker)])] += 1 }
        return counts
    }

    private mutating func set(_ row: Int, _ replicas: [Int32]) {
        let before = placement.slots(row).map { placement.replica[$0] }
        guard before != replicas else { return }
        for broker in before where !replicas.contains(broker) {
            placement.remove(row, slot: placement.slot(row, on: broker), .asked)
        }
        for broker in replicas where placement.slot(row, on: broker) < 0 {
            placement.add(row, on: broker, .asked)
            minimum.replicas += 1
            minimum.bytes += placement.size[row]
        }
        for broker in replicas.reversed() {
            placement.putFirst(row, slot: placement.slot(row, on: broker))
        }
        placement.note(row, .asked, -1)
        if !replicas.contains(model.leader[row]) { minimum.leaders += 1 }
    }
}
