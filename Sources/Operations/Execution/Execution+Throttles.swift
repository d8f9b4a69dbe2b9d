// Throttles of an execution: only replicas that are in flight stand in the lists of topics, what
// others have set there stays, and at the end all is as it was before.
internal import KafkaClient
internal import Planning

extension Execution {
    /// Something is to be copied, or is being.
    var needsThrottle: Bool {
        guard throttle != nil, mode != .forget else { return false }
        return zip(states, moves).contains { state, move in
            switch state {
            case .moving(let ongoing): !ongoing.adding.isEmpty
            case .waiting(let now): move.after.contains { !now.contains($0) }
            default: false
            }
        }
    }

    /// Sets the rates before the first copy; nil where nothing is to be set first.
    mutating func throttleBefore(
        _ facts: ExecutionFacts, _ mode: ExecutionMode
    ) -> ExecutionDecision? {
        guard needsThrottle, !areRatesOurs, mode == .run || mode == .pause, let throttle else {
            return nil
        }
        areRatesRestored = false
        let alive = involved.filter { facts.reading.brokers.contains($0) }
        if let silent = alive.first(where: { facts.brokers[$0] == nil }) {
            waits.append("broker \(silent) does not tell its throttled rates")
            return .wait
        }
        let changes = ratesToSet(facts, alive) { [sources, destinations, earlier] broker in
            let known = earlier.brokers[broker] ?? ThrottleRates()
            return ThrottleRates(
                leader: sources.contains(broker) ? "\(throttle)" : known.leader,
                follower: destinations.contains(broker) ? "\(throttle)" : known.follower)
        }
        guard !changes.isEmpty else {
            areRatesOurs = true
            return nil
        }
        if let failure = changes.compactMap({ failures[$0.resource.name] })
            .first(where: isOver)
        {
            for index in moves.indices where states[index].isWaiting && !moves[index].added.isEmpty
            { drop(index, "its throttle is refused: \(failure.text)") }
            return needsThrottle ? .wait : nil
        }
        return .send(.rates(changes))
    }

    private func ratesToSet(
        _ facts: ExecutionFacts, _ brokers: [Int32], _ wanted: (Int32) -> ThrottleRates
    ) -> [ExecutionRequest.ConfigChange] {
        brokers.compactMap { broker in
            guard let now = facts.brokers[broker] else { return nil }
            let wanted = wanted(broker)
            var settings: [ConfigSetting] = []
            if !Self.isSame(now.leader, wanted.leader) {
                settings.append(ConfigSetting(ThrottleRates.leaderKey, wanted.leader))
            }
            if !Self.isSame(now.follower, wanted.follower) {
                settings.append(ConfigSetting(ThrottleRates.followerKey, wanted.follower))
            }
            return settings.isEmpty
                ? nil : .init(resource: .broker(broker), settings: settings)
        }
    }

    /// Kafka 2.4 says only that a rate is set, not to what.
    private static func isSame(_ now: String?, _ wanted: String?) -> Bool {
        now == wanted || (now == KafkaClient.hiddenConfig && wanted != nil)
    }

    // MARK: Lists

    /// The lists that differ from what they are to be with `next` in flight too; nil where none
    /// does.
    mutating func listsToSet(_ facts: ExecutionFacts, for next: [Int]) -> ExecutionRequest? {
        var leaders: [String: [String]] = [:]
        var followers: [String: [String]] = [:]
        var busy: Set<String> = []
        func add(_ index: Int, _ holders: [Int32], _ adding: [Int32]) {
            let topic = moves[index].topic
            guard mode != .forget else { return }
            busy.insert(topic)
            guard throttle != nil, !adding.isEmpty else { return }
            let number = moves[index].partition
            leaders[topic, default: []] += holders.map { "\(number):\($0)" }
            followers[topic, default: []] += adding.map { "\(number):\($0)" }
        }
        for (index, state) in states.enumerated() {
            guard case .moving(let ongoing) = state else { continue }
            let holders = ongoing.replicas.filter { !ongoing.adding.contains($0) }
            add(index, holders, ongoing.adding)
        }
        for index in next {
            guard case .waiting(let now) = states[index] else { continue }
            let target = target(index, facts)
            add(index, now, target.filter { !now.contains($0) })
        }
        let owned = possibleEntries(facts)
        var changes: [ExecutionRequest.ConfigChange] = []
        for topic in topics {
            guard let now = facts.topics[topic] else { continue }
            let known = earlier.topics[topic] ?? ThrottleLists()
            let wanted = ThrottleLists(
                leader: Self.list(
                    now.leader, known.leader, leaders[topic] ?? [], owned[topic] ?? []),
                follower: Self.list(
                    now.follower, known.follower, followers[topic] ?? [], owned[topic] ?? []))
            guard wanted != now else {
                if busy.contains(topic) {
                    settledTopics.remove(topic)
                } else {
                    settledTopics.insert(topic)
                }
                continue
            }
            settledTopics.remove(topic)
            if let failure = failures["topic \(topic)"], isOver(failure) {
                dropWaiting(of: topic, failure.text)
                continue
            }
            guard changes.count < Limits.topicsPerRequest else { continue }
            changes.append(
                .init(resource: .topic(topic), settings: Self.settings(from: now, to: wanted)))
        }
        return changes.isEmpty ? nil : .lists(changes)
    }

    private mutating func dropWaiting(of topic: String, _ why: String) {
        for index in moves.indices where moves[index].topic == topic && states[index].isWaiting {
            drop(index, "its throttle is refused: \(why)")
        }
        chosen.removeAll { moves[$0].topic == topic }
    }

    private static func settings(
        from now: ThrottleLists, to wanted: ThrottleLists
    ) -> [ConfigSetting] {
        [
            setting(ThrottleLists.leaderKey, from: now.leader, to: wanted.leader),
            setting(ThrottleLists.followerKey, from: now.follower, to: wanted.follower),
        ].compactMap(\.self)
    }

    /// What makes one list the other. Entries are taken away and added one by one, so that what
    /// others change in this moment stays; a list that is not set, or holds nothing, is set as a
    /// whole: Kafka 2.4 adds nothing to it. One request may name a list once: what is to be added
    /// comes with the next look, after what is to go.
    static func setting(
        _ key: String, from now: String?, to wanted: String?
    ) -> ConfigSetting? {
        if now == wanted { return nil }
        guard let now, let wanted, !now.isEmpty, !wanted.isEmpty, now != "*" else {
            return ConfigSetting(key, wanted)
        }
        let (old, new) = (split(now), split(wanted))
        let going = Set(old).subtracting(new)
        if !going.isEmpty { return ConfigSetting(key, subtract: old.filter(going.contains)) }
        let present = Set(old)
        let coming = new.filter { !present.contains($0) }
        // The same entries written otherwise are those that somebody else had set.
        return coming.isEmpty ? ConfigSetting(key, wanted) : ConfigSetting(key, append: coming)
    }

    /// Every entry that may be of ours, by topic, of those whose lists are told.
    private func possibleEntries(_ facts: ExecutionFacts) -> [String: Set<String>] {
        var entries: [String: Set<String>] = [:]
        for move in moves where facts.topics[move.topic].map({ !$0.isUnset }) ?? false {
            for broker in move.before + move.added + move.touched {
                entries[move.topic, default: []].insert("\(move.partition):\(broker)")
            }
        }
        return entries
    }

    /// A list with our entries in it: what others have put there stays, and without ours it is
    /// what it was before, to the byte.
    /// - Parameters:
    ///   - owned: all that we may have put there; what was there before us is not ours.
    static func list(
        _ now: String?, _ earlier: String?, _ ours: [String], _ owned: Set<String>
    ) -> String? {
        if now == "*" { return now }
        let entries = split(now)
        let before = Set(split(earlier))
        let foreign = entries.filter { before.contains($0) || !owned.contains($0) }
        let present = Set(foreign)
        let wanted = foreign + ours.filter { !present.contains($0) }
        let asSet = Set(wanted)
        if asSet == before { return earlier }
        if asSet == Set(entries), !wanted.isEmpty { return now }
        return wanted.isEmpty ? nil : wanted.joined(separator: ",")
    }

    private static func split(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map(String.init)
    }

    // MARK: The end

    /// Puts rates and lists back, checks what is there, and ends.
    mutating func restore(_ facts: ExecutionFacts, _ mode: ExecutionMode) -> ExecutionDecision {
        areRatesOurs = false
        endLooks += 1
        var remarks: [String] = []
        let isLate = endLooks > Limits.endLooks
        // Topics that are gone have no lists.
        let present = Set(
            moves.lazy.filter { facts.reading.states[$0.name] != nil }.map(\.topic))
        let there = topics.filter { topic in
            !settledTopics.contains(topic)
                && (present.contains(topic) || facts.reading.unread[topic] != nil)
        }
        if !there.isEmpty {
            if !isLate, !there.allSatisfy({ failures["topic \($0)"].map(isOver) ?? false }) {
                return .wait
            }
            remarks.append("the throttle of topic \(there[0]) is left behind")
        }
        let alive = involved.filter { facts.reading.brokers.contains($0) }
        if !areRatesRestored {
            let told = alive.filter { facts.brokers[$0] != nil }
            let changes = ratesToSet(facts, told) { earlier.brokers[$0] ?? ThrottleRates() }
            if !changes.isEmpty, !isLate { return .send(.rates(changes)) }
            if told.count < alive.count, !isLate { return .wait }
            if changes.isEmpty, told.count == alive.count { areRatesRestored = true }
            for change in changes {
                remarks.append("the throttle of \(change.resource.name) stays")
            }
            for broker in alive where facts.brokers[broker] == nil {
                remarks.append("whether broker \(broker) has a throttle left is not known")
            }
        }
        if throttle != nil {
            for broker in involved where !facts.reading.brokers.contains(broker) {
                remarks.append(
                    "broker \(broker) is not there: a rate set on it stays, and holds nothing back")
            }
        }
        if mode == .run, !drained.isEmpty, facts.reading.elsewhere == nil, !isLate {
            wantsWhole = true
            return .wait
        }
        return .end(reason(mode, remarks))
    }

    /// Why not all is as it was to be; nil where it is.
    private func reason(_ mode: ExecutionMode, _ remarks: [String]) -> String? {
        var parts: [String] = []
        let missed = states.count { $0 != .done }
        switch mode {
        case .run, .pause: break
        case .stop: parts.append("stopped: \(counted(moves.count - missed, "partition")) moved")
        case .adopt: parts.append("left as it is: \(counted(missed, "partition")) not moved")
        case .forget:
            let moving = states.count { if case .moving = $0 { true } else { false } }
            parts.append(
                "forgotten: \(counted(missed, "partition")) not moved"
                    + (moving == 0 ? "" : ", of them \(moving) in flight without a throttle"))
        }
        if let first = left.keys.min(), let why = left[first] {
            let more = left.count > 1 ? " (and \(left.count - 1) more)" : ""
            parts.append(
                "\(counted(left.count, "partition")) of \(moves.count) not moved: "
                    + "\(names[first].resource): \(why)\(more)")
        }
        parts += unled
        if mode == .run, let elsewhere {
            for broker in drained where elsewhere.replicas[broker, default: 0] > 0 {
                parts.append(
                    "broker \(broker) still holds "
                        + counted(elsewhere.replicas[broker, default: 0], "replica"))
            }
        }
        parts += remarks
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}
