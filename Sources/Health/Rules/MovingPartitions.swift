// A partition whose replicas are being moved to other brokers.

package import ClusterModel

/// Partitions being moved.
package enum MovingPartitions: PartitionRule {
    package static let entry = RuleEntry(
        "moving", "moving", .notice, .partitions,
        strip: .init(6, short: "mov", tiny: "mov"), isWork: true,
        advice: "It ends by itself; one that does not advance has a source or target that is ill.")
    package static let yieldsTo: [any PartitionRule.Type] = [OfflinePartitions.self]

    /// Metadata tells the replicas and not which of them come or go.
    package static func isKnown(_ cluster: Cluster) -> Bool {
        cluster.knowsPartitions && cluster.health(.reassignments).answeredAt.happened
    }

    package static func holds(_ facts: PartitionFacts, _ scope: RowScope) -> Bool? {
        facts.isMoving
    }

    package static func summary(_ count: Int) -> String {
        "\(plural(count, "partition")) being moved"
    }
}
