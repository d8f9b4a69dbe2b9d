// As many replicas in sync as writes with acks=all need, and not one more.

internal import ClusterModel

/// Partitions at `min.insync.replicas` that should be above it.
enum AtMinISR: PartitionRule {
    static let entry = RuleEntry(
        "at_min_isr", "at min ISR", .notice, .partitions, behind: 2,
        advice: "Bring the replicas back that are out of sync before another broker is stopped.")
    static let yieldsTo: [any PartitionRule.Type] = [OfflinePartitions.self]

    static func holds(_ facts: PartitionFacts, _ scope: RowScope) -> Bool? {
        facts.leastInSync.map { facts.inSyncCount == $0 && $0 < facts.wantedCount }
    }

    static func count(_ pass: HealthPass) -> Int? { countAsFarAsKnown(pass) }

    static func isKnown(_ cluster: Cluster) -> Bool { UnderMinISR.isKnown(cluster) }

    static func summary(_ count: Int) -> String {
        "\(plural(count, "partition")) at min ISR: one more loss stops writes with acks=all"
    }
}
