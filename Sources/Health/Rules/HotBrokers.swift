// A broker that takes far more records than its peers.

internal import ClusterModel

/// Brokers that are hot.
enum HotBrokers: Rule {
    static let entry = RuleEntry(
        "hot_broker", "hot brokers", .notice, .brokers,
        advice: "Give leaders to others, or move its busiest partitions.")

    static func check(_ pass: HealthPass) -> [Finding] {
        let thresholds = pass.cluster.thresholds
        let peers = pass.cluster.brokers.filter { $0.isAnswering && $0.recordsPerSecond != nil }
        guard peers.count > 2 else { return [] }
        let all = peers.reduce(0) { $0 + ($1.recordsPerSecond ?? 0) }
        return peers.compactMap { broker in
            let rate = broker.recordsPerSecond ?? 0
            let mean = (all - rate) / Double(peers.count - 1)
            guard rate >= thresholds[.hotRate], rate >= thresholds[.hotBrokerTimes] * mean else {
                return nil
            }
            let times = rate / max(mean, 1)
            return finding(
                .broker(broker.id),
                "broker \(broker.id) takes \(NumberFormat.rate(times)) times the mean of the "
                    + "others: \(NumberFormat.rate(rate)) rec/s",
                cost: Finding.Cost(recordsPerSecond: rate),
                evidence: [
                    .init("records_per_second", rate.nearestWhole),
                    .init("mean_of_others", mean.nearestWhole),
                ])
        }
    }
}
