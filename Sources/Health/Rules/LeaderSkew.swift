// Brokers that lead, or hold, far more partitions than the mean of all. Cruise Control balances
// from 1.1 times on; told here is what is worth a move of its own.

internal import ClusterModel

/// Brokers with too many leaders.
enum LeaderSkew: Rule {
    static let entry = RuleEntry(
        "leader_skew", "leader skew", .notice, .brokers,
        advice: "E gives leaders back to preferred replicas; where the preferred ones are uneven, "
            + "highwater plan leaders works out better ones.")

    static func check(_ pass: HealthPass) -> [Finding] {
        Skew.above(pass.cluster, \.leaderCount).map { broker, mean in
            finding(
                .broker(broker.id),
                "broker \(broker.id) leads \(plural(broker.leaderCount, "partition")), the mean is "
                    + NumberFormat.grouped(mean),
                cost: Finding.Cost(recordsPerSecond: broker.recordsPerSecond ?? 0),
                evidence: [.init("leaders", broker.leaderCount), .init("mean", mean)])
        }
    }
}

/// Which brokers have far more of something than the mean of those that answer.
enum Skew {
    static func above(
        _ cluster: Cluster, _ count: (Broker) -> Int
    ) -> [(broker: Broker, mean: Int)] {
        let peers = cluster.brokers.filter(\.isAnswering)
        guard peers.count > 2 else { return [] }
        let mean = Double(peers.reduce(0) { $0 + count($1) }) / Double(peers.count)
        return peers.filter { broker in
            Double(count(broker)) >= cluster.thresholds[.skewTimes] * mean
                && Double(count(broker)) - mean >= cluster.thresholds[.skewLeast]
        }.prefix(Limits.findingsEach).map { ($0, Int(mean.nearestWhole)) }
    }
}
