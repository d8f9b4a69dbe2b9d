// Fewer replicas in sync than writes with acks=all need.

internal import ClusterModel

/// Partitions under `min.insync.replicas`.
enum UnderMinISR: PartitionRule {
    static let entry = RuleEntry(
        "under_min_isr", "under min ISR", .critical, .partitions,
        strip: .init(2, short: "minISR", tiny: "min"),
        advice: "Bring the brokers back that are out of sync; writes with acks=all wait for them.")
    static let stopsWrites = true
    static let yieldsTo: [any PartitionRule.Type] = [OfflinePartitions.self]

    static func holds(_ facts: PartitionFacts, _ scope: RowScope) -> Bool? { facts.isUnderMinISR }

    static func count(_ pass: HealthPass) -> Int? { countAsFarAsKnown(pass) }

    static func isKnown(_ cluster: Cluster) -> Bool {
        cluster.knowsPartitions && cluster.knowsMinInsyncReplicas
    }

    static func sentence(_ view: PartitionView) -> String? {
        let least = view.minInsyncReplicas ?? 0
        guard least <= view.replicas.count else {
            return "\(view.key): min.insync.replicas \(least) is more than "
                + "\(plural(view.replicas.count, "replica")), writes with acks=all stop"
        }
        return "\(view.key): \(view.isr.count) of \(view.replicas.count) in sync, "
            + "writes with acks=all stop"
    }

    static func summary(_ count: Int) -> String {
        "\(plural(count, "partition")) under min ISR: writes with acks=all stop"
    }
}
