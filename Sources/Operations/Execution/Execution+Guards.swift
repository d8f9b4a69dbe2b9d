// What holds an execution by itself: looked at with every answer, said in words, and over when the
// cluster is well again.
internal import KafkaClient
internal import Planning

extension Execution {
    /// What was seen so far, to compare with.
    struct Guards {
        /// Why nothing new begins now, in words without a full stop.
        var reasons: [String] = []
        /// When it began: who was there, and how many partitions had a replica out of sync.
        var brokers: [Int32]?
        var behindAtFirst: Int?
        var behindLooks = 0
        var clearLooks = 0
        /// The newest moment at which something had moved on.
        var movedAtNs: UInt64 = 0
        var lastSum: Int64 = -1
    }

    mutating func judge(_ facts: ExecutionFacts, _ mode: ExecutionMode, _ nowNs: UInt64) {
        var reasons: [String] = []
        if mode == .pause { reasons.append("paused by the operator") }
        if !facts.reading.hasController { reasons.append("no controller is known") }
        reasons += lostBrokers(facts)
        reasons += underLeast(facts)
        reasons += behindElsewhere(facts)
        reasons += failedDisks(facts)
        reasons += fullDisks(facts)
        reasons += standstill(facts, nowNs)
        if reasons.isEmpty, !guards.reasons.isEmpty, mode == .run {
            // What comes and goes does not start and stop it each time.
            guards.clearLooks += 1
            guard guards.clearLooks >= Limits.clearLooks else { return }
        }
        guards.clearLooks = 0
        guards.reasons = reasons
    }

    private mutating func lostBrokers(_ facts: ExecutionFacts) -> [String] {
        let now = facts.reading.brokers
        guard let first = guards.brokers else {
            guards.brokers = now
            return []
        }
        // Whoever has come since is missed too when it goes again.
        guards.brokers = Set(first).union(now).sorted()
        let lost = first.filter { !now.contains($0) }
        if lost.isEmpty { return [] }
        return [
            "broker \(lost.prefix(Limits.namedMembers).map(String.init).joined(separator: ", "))"
                + " has left the cluster"
        ]
    }

    /// Those it touches that are too few in sync to be written to.
    private func underLeast(_ facts: ExecutionFacts) -> [String] {
        var count = 0
        var first: String?
        for (index, state) in states.enumerated() {
            guard case .moving = state, let now = facts.reading.states[names[index]],
                let least = facts.leastInSync[moves[index].topic],
                now.inSync.count < min(least, moves[index].after.count),
                !isMending(index, now)
            else { continue }
            count += 1
            if first == nil {
                first =
                    "\(names[index].resource) has \(now.inSync.count) in sync and needs \(least)"
            }
        }
        guard let first else { return [] }
        return [count > 1 ? "\(first) (and \(count - 1) more)" : first]
    }

    /// A replica that is out of sync is what the move takes away.
    func isMending(_ index: Int, _ now: MovingReading.State) -> Bool {
        moves[index].before.contains { broker in
            !moves[index].after.contains(broker) && !now.inSync.contains(broker)
        } && !moves[index].added.isEmpty
    }

    private mutating func behindElsewhere(_ facts: ExecutionFacts) -> [String] {
        guard let elsewhere else { return [] }
        var behind = elsewhere.behind
        for (index, state) in states.enumerated() {
            guard let now = facts.reading.states[names[index]] else { continue }
            if case .moving = state { continue }
            if now.inSync.count < now.replicas.count { behind += 1 }
        }
        guard let first = guards.behindAtFirst else {
            guards.behindAtFirst = behind
            return []
        }
        guards.behindLooks = behind > first ? guards.behindLooks + 1 : 0
        // What is better than at first is the measure from now on.
        guards.behindAtFirst = min(first, behind)
        guard guards.behindLooks >= Limits.behindLooks else { return [] }
        let example = elsewhere.example.map { " (\($0.resource))" } ?? ""
        let verb = behind - first == 1 ? "has" : "have"
        return [
            "\(counted(behind - first, "partition")) more than before "
                + "\(verb) a replica out of sync\(example); if that "
                + "is to be so, end this and resume it"
        ]
    }

    /// What is being copied to such a directory never comes there.
    private func failedDisks(_ facts: ExecutionFacts) -> [String] {
        facts.failedDisks.sorted().filter(destinations.contains).map {
            "broker \($0), which gets replicas, has a log directory that fails"
        }
    }

    private func fullDisks(_ facts: ExecutionFacts) -> [String] {
        facts.volumes.keys.sorted().compactMap { broker in
            guard destinations.contains(broker), let volume = facts.volumes[broker],
                Double(volume.usableBytes) < Double(volume.totalBytes) * Limits.leastFreeShare
            else { return nil }
            let share = Int(Double(volume.usableBytes) / Double(volume.totalBytes) * 100)
            return "broker \(broker) has \(share) % of its volumes left"
        }
    }

    private mutating func standstill(_ facts: ExecutionFacts, _ nowNs: UInt64) -> [String] {
        var sum: Int64 = 0
        for (index, state) in states.enumerated() {
            switch state {
            case .done: sum &+= 1
            case .moving(let ongoing):
                for broker in ongoing.adding {
                    sum &+= facts.sizes[ReplicaName(names[index], broker)] ?? 0
                }
            default: break
            }
        }
        if sum != guards.lastSum || !isAnyMoving {
            guards.lastSum = sum
            guards.movedAtNs = nowNs
        }
        let still = nowNs - min(nowNs, guards.movedAtNs)
        guard still >= Limits.standstillNs else { return [] }
        let slow = states.enumerated().compactMap { index, state -> String? in
            guard case .moving(let ongoing) = state, let broker = ongoing.adding.first
            else { return nil }
            return "\(names[index].resource) to broker \(broker)"
        }
        return [
            "nothing has moved on for \(still / 60_000_000_000) min: "
                + slow.prefix(Limits.namedMembers).joined(separator: ", ")
                + (throttle == nil ? "" : ", at \(throttle ?? 0) bytes/s")
        ]
    }
}
