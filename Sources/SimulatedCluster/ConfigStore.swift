// Dynamic configs: who may set what, and what a change does to the cluster.
import KafkaWire

/// A config that was set.
struct ConfigEntry: Sendable, Equatable {
    let name: String
    var value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// Whose dynamic configs.
enum ConfigScope: Sendable, Equatable {
    /// By index.
    case topic(Int)
    case broker(Int)
    /// All brokers.
    case brokers
    case loggers(Int)
}

extension Machine {
    func overrides(_ scope: ConfigScope) -> [ConfigEntry] {
        switch scope {
        case .topic(let index): topics[index].overrides
        case .broker(let index): brokers[index].overrides
        case .brokers: defaultOverrides
        case .loggers(let index): brokers[index].loggers
        }
    }

    /// Sets one config, or removes it, and lets it take effect.
    mutating func setOverride(_ scope: ConfigScope, _ name: String, _ value: String?) {
        var entries = overrides(scope)
        let place = entries.firstIndex { $0.name >= name } ?? entries.count
        let isThere = place < entries.count && entries[place].name == name
        switch (value, isThere) {
        case (nil, true): entries.remove(at: place)
        case (nil, false): return
        case (let value?, true): entries[place].value = value
        case (let value?, false): entries.insert(ConfigEntry(name, value), at: place)
        }
        switch scope {
        case .topic(let index): topics[index].overrides = entries
        case .broker(let index): brokers[index].overrides = entries
        case .brokers: defaultOverrides = entries
        case .loggers(let index): brokers[index].loggers = entries
        }
        takeEffect(scope, name, value)
    }

    private mutating func planRerate() {
        guard !isRerating, !(moves.isEmpty && futures.isEmpty) else { return }
        isRerating = true
        schedule(in: Limits.throttleDelaySeconds, .rerate)
    }

    private mutating func takeEffect(_ scope: ConfigScope, _ name: String, _ value: String?) {
        if ThrottleName.rates.contains(name) { planRerate() }
        guard case .topic(let index) = scope else { return }
        switch name {
        case ThrottleName.leaderReplicas:
            topics[index].throttledLeaders = ThrottledReplicas(value ?? "") ?? .none
            planRerate()
        case ThrottleName.followerReplicas:
            topics[index].throttledFollowers = ThrottledReplicas(value ?? "") ?? .none
            planRerate()
        case "retention.ms", "retention.bytes": keepAnew(index)
        case "min.insync.replicas":
            for partition in topics[index].partitions { checkMark(partition) }
        case "unclean.leader.election.enable" where value == "true":
            for partition in topics[index].partitions where leader[partition] < 0 {
                elect(partition)
            }
        default: break
        }
    }

    /// The topic's retention has changed. What was removed does not come back.
    private mutating func keepAnew(_ index: Int) {
        let entries = topics[index].overrides
        let ms = entries.first { $0.name == "retention.ms" }.flatMap { Double($0.value) }
        let bytes = entries.first { $0.name == "retention.bytes" }.flatMap { Double($0.value) }
        let seconds = ms.map { $0 < 0 ? Double.infinity : $0 / 1000 } ?? 7 * 86_400
        topics[index].retentionSeconds = min(seconds, 1e12)
        let flown = topics[index].wave.flown(self.seconds)
        for partition in topics[index].partitions {
            let end = written(partition, self.seconds, topicFlown: flown)
            let first = logStart(partition, end: end)
            var kept = Double(usualRate[partition]) * topics[index].retentionSeconds
            if let bytes, bytes >= 0 {
                kept = min(kept, bytes / topics[index].bytesPerRecord)
            }
            keptRecords[partition] = kept
            if first > 0 { keptFrom[Int32(partition)] = first }
        }
    }
}
