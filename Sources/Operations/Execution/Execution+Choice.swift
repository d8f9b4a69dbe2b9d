// Which moves begin next: so many at a time for each broker that receives and each leader that
// sends, in the order of the plan's waves, and what taking them back asks for.
internal import KafkaClient
internal import Planning

extension Execution {
    /// How many copies brokers are busy with.
    private struct Load {
        var into: [Int32: Int] = [:]
        var outOf: [Int32: Int] = [:]
        var internals = 0
    }

    /// Begins what may begin: throttles first, then the moves.
    mutating func submit(_ facts: ExecutionFacts) -> ExecutionDecision? {
        if chosen.isEmpty { choose(facts) }
        guard !chosen.isEmpty else { return nil }
        if throttle != nil {
            let needed = Set(chosen.map { moves[$0].topic })
            // Not told yet: the next look asks for them.
            guard needed.allSatisfy({ facts.topics[$0] != nil }) else { return .wait }
            if let request = listsToSet(facts, for: chosen) { return .send(request) }
        }
        return .send(
            .reassign(
                chosen.map { .init(partition: names[$0], replicas: target($0, facts)) }))
    }

    /// The next assignment of a move that waits.
    func target(_ index: Int, _ facts: ExecutionFacts) -> [Int32] {
        guard case .waiting(let now) = states[index] else { return moves[index].after }
        let told = facts.reading.states[names[index]]
        return MoveStep.next(
            now: now, inSync: told?.inSync ?? [], leader: told?.leader, after: moves[index].after)
    }

    private mutating func choose(_ facts: ExecutionFacts) {
        var load = Load()
        var count = 0
        for (index, state) in states.enumerated() {
            guard case .moving(let ongoing) = state else { continue }
            count += 1
            if Self.isInternal(moves[index].topic) { load.internals += 1 }
            guard !ongoing.adding.isEmpty else { continue }
            for broker in ongoing.adding { load.into[broker, default: 0] += 1 }
            if let leader = facts.reading.states[names[index]]?.leader {
                load.outOf[leader, default: 0] += 1
            }
        }
        let alive = Set(facts.reading.brokers)
        var listBytes = listLengths(facts)
        var waiting = Waiting()
        for index in order where states[index].isWaiting {
            guard count < Limits.partitionsPerRequest else { break }
            switch hindrance(index, facts, alive, &load, &listBytes) {
            case nil:
                chosen.append(index)
                count += 1
            case .full: continue
            case .because(let why): waiting.add(names[index], why)
            }
        }
        waits += waiting.sentences
    }

    /// Why a move does not begin now.
    private enum Hindrance {
        /// As many as may be are under way: one that ends lets it begin.
        case full
        /// In words without a full stop: nothing that we do changes it.
        case because(String)
    }

    /// Moves that wait for the same kind of thing, and the first of them.
    private struct Waiting {
        private var count = 0
        private var first = ""

        mutating func add(_ name: PartitionName, _ why: String) {
            if count == 0 { first = "\(name.resource): \(why)" }
            count += 1
        }

        var sentences: [String] {
            guard count > 0 else { return [] }
            let verb = count == 1 ? "waits" : "wait"
            return ["\(counted(count, "partition")) \(verb): \(first)"]
        }
    }

    /// Kafka's own topics come last.
    private var order: [Int] {
        moves.indices.filter { !Self.isInternal(moves[$0].topic) }
            + moves.indices.filter { Self.isInternal(moves[$0].topic) }
    }

    static func isInternal(_ topic: String) -> Bool {
        topic == "__consumer_offsets" || topic == "__transaction_state"
    }

    /// Nil: it may begin, and the loads are those with it.
    private func hindrance(
        _ index: Int, _ facts: ExecutionFacts, _ alive: Set<Int32>, _ load: inout Load,
        _ listBytes: inout [String: Int]
    ) -> Hindrance? {
        guard case .waiting(let now) = states[index], let told = facts.reading.states[names[index]]
        else { return .full }
        guard let leader = told.leader else { return .because("no broker leads it") }
        let move = moves[index]
        let target = target(index, facts)
        let adding = target.filter { !now.contains($0) }
        if let gone = adding.first(where: { !alive.contains($0) }) {
            return .because("broker \(gone), which is to get it, is not there, or fenced")
        }
        if let least = facts.leastInSync[move.topic],
            told.inSync.count < min(least, move.after.count), !isMending(index, told)
        {
            return .because("it has \(told.inSync.count) in sync and needs \(least)")
        }
        // Replicas are taken away only while those that stay are all in sync.
        if target.count < now.count {
            if let behind = target.first(where: {
                !adding.contains($0) && !told.inSync.contains($0)
            }) {
                return .because("its replica on broker \(behind), which stays, is out of sync")
            }
        }
        let isInternal = Self.isInternal(move.topic)
        if isInternal, load.internals > 0 { return .full }
        if !adding.isEmpty {
            guard load.outOf[leader, default: 0] < Limits.copiesPerBroker,
                adding.allSatisfy({ load.into[$0, default: 0] < Limits.copiesPerBroker })
            else { return .full }
            if throttle != nil {
                let more = Self.entryBytes * (now.count + 1)
                let used = listBytes[move.topic, default: 0]
                guard used + more <= Limits.configBytes else {
                    return .because(
                        "the throttled replicas of its topic are as many as Kafka keeps")
                }
                listBytes[move.topic] = used + more
            }
            load.outOf[leader, default: 0] += 1
            for broker in adding { load.into[broker, default: 0] += 1 }
        }
        if isInternal { load.internals += 1 }
        return nil
    }

    /// "123456:1234567," at the longest that is reckoned with.
    private static let entryBytes = 15

    private func listLengths(_ facts: ExecutionFacts) -> [String: Int] {
        guard throttle != nil else { return [:] }
        return facts.topics.mapValues {
            max($0.leader?.utf8.count ?? 0, $0.follower?.utf8.count ?? 0)
        }
    }

    // MARK: Taking back

    /// Takes back what is in flight, and puts replicas in their earlier order again: asked for the
    /// earlier list Kafka ends a move at once, and keeps the order that a cancel does not.
    mutating func takeBack(_ facts: ExecutionFacts) -> ExecutionRequest? {
        var items: [ExecutionRequest.Assignment] = []
        let alive = Set(facts.reading.brokers)
        for index in moves.indices where items.count < Limits.partitionsPerRequest {
            let move = moves[index]
            switch states[index] {
            case .moving(let ongoing):
                let base = ongoing.replicas.filter { !ongoing.adding.contains($0) }
                guard canGoBack(index, base, facts) else { continue }
                let isWhole = Set(base) == Set(move.before)
                let wanted = isWhole ? move.before : base
                // ZooKeeper's controller takes no list with a broker that is gone.
                let isPlain = wanted.allSatisfy { alive.contains($0) }
                let hasFailed = failures[names[index].resource] != nil
                items.append(
                    .init(
                        partition: names[index], replicas: isPlain && !hasFailed ? wanted : nil))
            case .waiting(let now):
                let wanted = Set(move.after) == Set(now) ? move.after : move.before
                guard now != move.before, now != wanted, Set(now) == Set(wanted),
                    facts.ongoing[names[index]] == nil,
                    wanted.allSatisfy({ alive.contains($0) })
                else { continue }
                items.append(.init(partition: names[index], replicas: wanted))
            case .turned: items.append(.init(partition: names[index], replicas: move.after))
            case .unknown, .done, .dropped: continue
            }
        }
        return items.isEmpty ? nil : .reassign(items)
    }

    /// Enough of those that had it are in sync: else it is let go on.
    private func canGoBack(_ index: Int, _ base: [Int32], _ facts: ExecutionFacts) -> Bool {
        guard let told = facts.reading.states[names[index]] else { return false }
        let left = told.inSync.filter { base.contains($0) }.count
        let least = facts.leastInSync[moves[index].topic] ?? 1
        return left >= max(1, min(least, base.count))
    }
}
