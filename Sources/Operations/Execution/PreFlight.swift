// What stands against carrying a plan out, read from the cluster right before it begins.
package import KafkaClient
internal import Planning

/// The cluster as a plan finds it.
package struct PreFlight: Sendable {
    /// Why it must not begin, in words without a full stop, worst first.
    package private(set) var obstacles: [String] = []
    package private(set) var warnings: [String] = []
    /// What is written down before the first request.
    package private(set) var note = ExecutionNote()
    private(set) var facts = ExecutionFacts()

    /// Reads what is needed and judges it.
    /// - Parameter known: what was set before the execution that this one takes back.
    package static func read(
        _ plan: PlanExecution, known: ExecutionNote? = nil, _ client: KafkaClient,
        completion: @escaping (Result<PreFlight, ClientError>) -> Void
    ) {
        let topics = Set(plan.moves.lazy.map(\.topic)).sorted()
        var questions = ExecutionQuestions(isWhole: true)
        questions.topics = topics
        var brokers: Set<Int32> = []
        for move in plan.moves { brokers.formUnion(move.touched) }
        for move in plan.moves where !move.added.isEmpty {
            brokers.formUnion(move.before)
            for broker in move.added {
                brokers.insert(broker)
                if questions.replicas[broker] == nil { questions.replicas[broker] = [move.name] }
            }
        }
        questions.brokers = brokers.sorted()
        FactsReader.read(
            client, Set(plan.moves.lazy.map(\.name)), questions, isWhole: true, leastOf: topics
        ) { result in
            completion(result.map { PreFlight(plan, known, $0) })
        }
    }

    init(_ plan: PlanExecution, _ known: ExecutionNote?, _ facts: ExecutionFacts) {
        self.facts = facts
        for (topic, count) in facts.reading.partitionCounts {
            note.topics[topic] = KnownTopic(id: facts.reading.topicIDs[topic], partitions: count)
        }
        if let known {
            note.earlier = known.earlier
        } else {
            note.earlier.topics = facts.topics.filter { !$0.value.isUnset }
            note.earlier.brokers = facts.brokers.filter { !$0.value.isUnset }
        }
        if !facts.reading.hasController { obstacles.append("no controller is known") }
        checkPartitions(plan)
        checkBrokers(plan)
        checkMoves(plan)
        checkThrottles(plan, isKnown: known != nil)
        checkDisks(plan)
    }

    /// Says each kind once, with the first few by name.
    private static func listed(_ items: [String], _ more: String = "") -> String {
        let rest = items.count - Limits.namedObstacles
        return items.prefix(Limits.namedObstacles).joined(separator: "; ")
            + (rest > 0 ? "; and \(rest) more" : "") + more
    }

    private mutating func checkPartitions(_ plan: PlanExecution) {
        var changed: [String] = []
        var low: [String] = []
        for move in plan.moves {
            guard let now = facts.reading.states[move.name] else {
                changed.append("\(move.name.resource) is not there any more")
                continue
            }
            let settled = facts.ongoing[move.name].map { ongoing in
                now.replicas.filter { !ongoing.adding.contains($0) }
            }
            if plan.plan != PlanExecution.undoPlan, now.replicas != move.before,
                settled != move.before
            {
                changed.append(
                    "\(move.name.resource) has replicas \(now.replicas.listed) now, and not "
                        + move.before.listed)
            }
            let isMending =
                !move.added.isEmpty
                && move.before.contains { !move.after.contains($0) && !now.inSync.contains($0) }
            if let least = facts.leastInSync[move.topic], !isMending,
                now.inSync.count < min(least, move.before.count),
                plan.plan != PlanExecution.undoPlan, move.before != move.after
            {
                low.append(
                    "\(move.name.resource) has \(now.inSync.count) in sync and needs \(least)")
            }
        }
        if !changed.isEmpty {
            obstacles.append(
                "the cluster has changed since it was planned: " + Self.listed(changed)
                    + "; plan again")
        }
        if !low.isEmpty {
            obstacles.append(Self.listed(low, ": mend these first, moving them stops writes"))
        }
    }

    private mutating func checkBrokers(_ plan: PlanExecution) {
        let alive = Set(facts.reading.brokers)
        var missing: Set<Int32> = []
        for move in plan.moves { missing.formUnion(move.added.filter { !alive.contains($0) }) }
        for broker in missing.sorted().prefix(Limits.namedObstacles) {
            obstacles.append("broker \(broker) is to get replicas and is not there, or fenced")
        }
        for broker in facts.failedDisks.sorted() {
            obstacles.append(
                "broker \(broker) is to get replicas and has a log directory that fails")
        }
    }

    private mutating func checkMoves(_ plan: PlanExecution) {
        let own = Set(plan.moves.lazy.map(\.name))
        let all = facts.ongoing.keys.sorted { ($0.topic, $0.number) < ($1.topic, $1.number) }
        let here = all.filter(own.contains)
        if !here.isEmpty, plan.plan != PlanExecution.undoPlan {
            obstacles.append(
                "somebody is moving partitions of the plan: "
                    + Self.listed(here.map(\.resource))
                    + "; wait for them to end (highwater moves), and plan again")
        }
        let elsewhere = all.filter { !own.contains($0) }
        guard !elsewhere.isEmpty else { return }
        let told = "somebody else is moving \(Self.listed(elsewhere.map(\.resource)))"
        if plan.runsAlongside {
            warnings.append(told)
        } else {
            obstacles.append(told + "; wait for them to end, or say --alongside")
        }
    }

    private mutating func checkThrottles(_ plan: PlanExecution, isKnown: Bool) {
        guard !isKnown else { return }
        for (broker, rates) in note.earlier.brokers.sorted(by: { $0.key < $1.key }) {
            if plan.throttle != nil,
                [rates.leader, rates.follower].contains(KafkaClient.hiddenConfig)
            {
                obstacles.append(
                    "broker \(broker) has a throttle whose rate this version of Kafka does not "
                        + "tell, so that it could not be put back: remove it first, or say "
                        + "--throttle none")
            }
        }
        let brokers = Array(note.earlier.brokers.keys.sorted().prefix(Limits.namedObstacles))
        if !brokers.isEmpty {
            warnings.append(
                "throttles are set on broker \(brokers.listed) already: they are put back at "
                    + "the end")
        }
        let topics = note.earlier.topics.keys.sorted()
        if !topics.isEmpty {
            warnings.append(
                "replicas are throttled already of \(Self.listed(topics)): that stays")
        }
        let low = plan.throttle.map { $0 < Limits.lowThrottle } ?? false
        if low { warnings.append("a throttle below what is written to the replicas never ends") }
    }

    private mutating func checkDisks(_ plan: PlanExecution) {
        var incoming = plan.peaks
        if incoming.isEmpty {
            for move in plan.moves where !move.added.isEmpty {
                let each = move.bytes / Int64(move.added.count)
                for broker in move.added { incoming[broker, default: 0] &+= each }
            }
        }
        for (broker, bytes) in incoming.sorted(by: { $0.key < $1.key }) {
            guard let volume = facts.volumes[broker] else { continue }
            let left = volume.usableBytes - bytes
            guard Double(left) < Double(volume.totalBytes) * Limits.leastFreeShare else { continue }
            obstacles.append(
                "broker \(broker) is to get \(readableBytes(bytes)) and has "
                    + "\(readableBytes(volume.usableBytes)) left: less than "
                    + "\(Int(Limits.leastFreeShare * 100)) % of its volumes would stay free")
        }
    }
}
