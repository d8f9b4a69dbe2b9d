// Two replicas of a partition in one rack, where there are racks enough for one each.

internal import ClusterModel

/// Partitions that the loss of one rack costs more replicas than it must.
enum RackSpread: PartitionRule {
    static let entry = RuleEntry(
        "rack_spread", "rack spread", .notice, .partitions, behind: 4,
        advice: "Reassign them over the racks: the loss of one takes two replicas at once.")

    static func holds(_ facts: PartitionFacts, _ scope: RowScope) -> Bool? {
        let (table, racks) = (scope.assignments, scope.racks)
        let all = table.replicas(of: facts.row)
        var (kept, isShared, isUnknown) = (0, false, false)
        // While it moves, what counts is where it goes.
        for index in all where !table.replicaFlags[index].contains(.removing) {
            kept += 1
            let rack = racks.rack(of: table.replicaBroker[index])
            if rack < 0 { isUnknown = true }
            for before in all.lowerBound..<index
            where !table.replicaFlags[before].contains(.removing) {
                if rack >= 0, racks.rack(of: table.replicaBroker[before]) == rack {
                    isShared = true
                }
            }
        }
        if isUnknown { return nil }
        return isShared && kept <= racks.count
    }

    static func isKnown(_ cluster: Cluster) -> Bool {
        cluster.knowsPartitions && cluster.brokers.contains { $0.rack != nil }
    }

    static func summary(_ count: Int) -> String {
        "\(plural(count, "partition")) with two replicas in one rack while racks suffice"
    }
}
