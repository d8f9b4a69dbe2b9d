// A partition without leader.

package import ClusterModel

/// Partitions nobody leads.
package enum OfflinePartitions: PartitionRule {
    package static let entry = RuleEntry(
        "offline", "offline", .critical, .partitions,
        strip: .init(1, short: "off", tiny: "off"),
        advice: "Bring back a broker that was in sync last; an unclean election loses records.")

    package static let stopsWrites = true

    package static func holds(_ facts: PartitionFacts, _ scope: RowScope) -> Bool? {
        facts.isOffline
    }

    package static func sentence(_ view: PartitionView) -> String? {
        let last = view.isr.map(\.description).joined(separator: ", ")
        return "\(view.key) has no leader: no reads, no writes"
            + (last.isEmpty ? "" : "; last in sync: broker \(last)")
    }

    package static func summary(_ count: Int) -> String {
        "\(plural(count, "partition")) have no leader: no reads, no writes"
    }
}
