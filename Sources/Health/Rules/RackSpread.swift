// Two replicas of a partition in one rack, where there are racks enough for one each.

internal import ClusterModel

/// Partitions that the loss of one rack costs more replicas than it must.
enum RackSpread: PartitionRule {
    static let entry = RuleEntry(
        "rack_spread", "rack spread", .notice, .partitions, behind: 4,
        advice: "Reassign them over the racks: the loss of one takes two replicas at once.")

    static func holds(_ facts: PartitionFacts, _ scope: RowScope) -> Bool? {
        let all = scope.assignments.replicas(of: facts.row)
        var (kept, isShared, isUnknown) = (0, false, false)
        // While it moves, what counts is where it goes.
        func rack(_ index: Int) -> Int32? {
            scope.assignments.replicaFlags[index].contains(.removing)
                ? nil : scope.racks.rack(of: scope.assignments.replicaBroker[index])
        }
        for index in all {
            guard let own = rack(index) else { continue }
            kept += 1
            if own < 0 { isUnknown = true }
            for before in all.lowerBound..<index where own >= 0 && rack(before) == own {
                isShared = true
            }
        }
        if isUnknown { return nil }
        return isShared && kept <= scope.racks.count
    }

    static func isKnown(_ cluster: Cluster) -> Bool {
        cluster.knowsPartitions && cluster.brokers.contains { $0.rack != nil }
    }

    static func summary(_ count: Int) -> String {
        "\(plural(count, "partition")) with two replicas in one rack while racks suffice"
    }
}
