// Brokers that hold far more replicas than the mean of all.

internal import ClusterModel

/// Brokers with too many replicas.
enum ReplicaSkew: Rule {
    static let entry = RuleEntry(
        "replica_skew", "replica skew", .notice, .brokers,
        advice: "highwater plan balance works out which replicas to move, and proves how few bytes "
            + "that takes.")

    static func check(_ pass: HealthPass) -> [Finding] {
        Skew.above(pass.cluster, \.replicaCount).map { broker, mean in
            finding(
                .broker(broker.id),
                "broker \(broker.id) holds \(plural(broker.replicaCount, "replica")), the mean is "
                    + NumberFormat.grouped(mean),
                evidence: [.init("replicas", broker.replicaCount), .init("mean", mean)])
        }
    }
}
