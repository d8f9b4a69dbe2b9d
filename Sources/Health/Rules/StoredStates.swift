// What brokers and ZooKeeper say of one partition, where they differ.

package import ClusterModel

/// Partitions in view of which the znode says something else than the brokers.
package enum StoredStates: Rule {
    package static let entry = RuleEntry(
        "stored_state", "stored states", .warning, .coordinator,
        advice: "A difference that stays points to a controller that is not followed.")

    package static func check(_ pass: HealthPass) -> [Finding] {
        pass.cluster.coordinator.storedStates.keys.sorted().compactMap { key in
            disagreement(pass.cluster, key).map { finding(.partition(key), "\(key): \($0)") }
        }
    }

    /// Where the brokers and the stored state differ about a partition, in words; nil where they
    /// agree or one of them is not known.
    package static func disagreement(_ cluster: Cluster, _ key: PartitionKey) -> String? {
        guard let stored = cluster.coordinator.storedStates[key], let row = cluster.row(of: key)
        else { return nil }
        // Brokers hear of a change after the znode: for moments the two always differ.
        let settledMs = Int64(cluster.thresholds[.znodeSettled] * 1_000)
        guard cluster.takenAtWall.ms &- stored.changedAt.ms >= settledMs else { return nil }
        let view = cluster.partition(row)
        func name(_ id: BrokerID) -> String { id.exists ? "\(id)" : "nobody" }
        if stored.leader != view.leader {
            return "brokers say \(name(view.leader)) leads, ZooKeeper says \(name(stored.leader))"
        }
        let (reported, kept) = (view.isr.sorted(), stored.isr.sorted())
        // A partition without leader may be listed with no ISR at all.
        guard view.leader.exists, reported != kept else { return nil }
        func list(_ ids: [BrokerID]) -> String { ids.map(\.description).joined(separator: ",") }
        return "brokers say \(list(reported)) in sync, ZooKeeper says \(list(kept))"
    }
}
