// A broker that answers, but late.

internal import ClusterModel

/// Brokers that take more than half of the time-out to answer.
enum SlowBrokers: Rule {
    static let entry = RuleEntry(
        "broker_slow", "brokers slow", .warning, .brokers,
        advice: "Look at its load, its disks and the network between.")

    static func check(_ pass: HealthPass) -> [Finding] {
        pass.cluster.brokers.compactMap { broker in
            guard case .slow = broker.state else { return nil }
            return finding(
                .broker(broker.id), IllBrokers.sentence(broker),
                cost: Finding.Cost(recordsPerSecond: broker.recordsPerSecond ?? 0),
                evidence: [
                    .init("round_trip_seconds", broker.roundTripSeconds ?? 0),
                    .init("leaders", broker.leaderCount),
                ])
        }
    }
}
