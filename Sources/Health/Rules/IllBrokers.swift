// A broker that answers nothing, cannot be reached, has left or is fenced.

internal import ClusterModel

/// Brokers that are certainly not well.
enum IllBrokers: Rule {
    static let entry = RuleEntry(
        "brokers_ill", "brokers ill", .critical, .brokers,
        strip: .init(3, short: "ill", tiny: "ill"),
        advice: "See whether its process runs and its port can be reached from here.")

    /// None is known to be ill only once each has answered.
    static func count(_ pass: HealthPass) -> Int? {
        let brokers = pass.cluster.brokers
        let ill = brokers.count { $0.isIll }
        if ill > 0 { return ill }
        let isKnown = !pass.cluster.isBeingRead(.brokers) || !brokers.isEmpty
        return isKnown && !brokers.contains { $0.state == .unknown } ? 0 : nil
    }

    static func check(_ pass: HealthPass) -> [Finding] {
        let moved = ledByOthers(pass)
        return pass.cluster.brokers.filter(\.isIll).map { broker in
            let others = moved[broker.id.value] ?? 0
            return finding(
                .broker(broker.id), consequence(broker, ledByOthers: others),
                since: broker.state.since,
                advice: broker.leaderCount == 0 && others > 0
                    ? "There is nothing to press: others lead for it, and it catches up once it is "
                        + "back. \(entry.advice)" : nil,
                cost: Finding.Cost(
                    unwritable: broker.leaderCount,
                    recordsPerSecond: broker.recordsPerSecond ?? 0),
                evidence: [
                    .init("leaders", broker.leaderCount), .init("replicas", broker.replicaCount),
                    .init("preferred_leaders", broker.preferredLeaderCount),
                ])
        }
    }

    /// By broker that is ill, the partitions that it should lead and others do.
    private static func ledByOthers(_ pass: HealthPass) -> [Int32: Int] {
        let ill = Set(pass.cluster.brokers.lazy.filter(\.isIll).map(\.id.value))
        guard !ill.isEmpty else { return [:] }
        let table = pass.cluster.partitions
        var counts: [Int32: Int] = [:]
        for row in pass.told(WrongLeader.self) {
            let preferred = table.preferredLeader(row)
            if ill.contains(preferred) { counts[preferred, default: 0] += 1 }
        }
        return counts
    }

    /// What nobody can do because of it, then what is wrong with it.
    private static func consequence(_ broker: Broker, ledByOthers others: Int) -> String {
        guard broker.leaderCount > 0 else {
            let led = others > 0 ? "; others lead the \(NumberFormat.grouped(others)) it led" : ""
            return sentence(broker) + led
        }
        return "\(plural(broker.leaderCount, "partition")) cannot be written: "
            + "broker \(broker.id) \(broker.state.predicate)"
    }

    /// What the broker does and what depends on it.
    static func sentence(_ broker: Broker) -> String {
        let leads =
            broker.leaderCount > 0
            ? "\(plural(broker.leaderCount, "partition")) lead there"
            : broker.replicaCount > 0
                ? "\(plural(broker.replicaCount, "replica")) there" : "nothing is stored there"
        return "broker \(broker.id) \(broker.state.predicate); \(leads)"
    }
}
