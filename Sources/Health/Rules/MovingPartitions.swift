// A partition whose replicas are being moved to other brokers.

internal import ClusterModel

/// Partitions being moved.
enum MovingPartitions: PartitionRule {
    static let entry = RuleEntry(
        "moving", "moving", .notice, .partitions,
        strip: .init(6, short: "mov", tiny: "mov"), isWork: true,
        advice: "It ends by itself; one that does not advance has a source or target that is ill.")
    static let yieldsTo: [any PartitionRule.Type] = [OfflinePartitions.self]

    /// Metadata tells the replicas and not which of them come or go.
    static func isKnown(_ cluster: Cluster) -> Bool {
        cluster.knowsPartitions && cluster.health(.reassignments).answeredAt.happened
    }

    static func holds(_ facts: PartitionFacts, _ scope: RowScope) -> Bool? { facts.isMoving }

    static func summary(_ count: Int) -> String { "\(plural(count, "partition")) being moved" }
}
