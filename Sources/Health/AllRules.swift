// The list of rules: within a severity, its order is the order of concern.

package import ClusterModel

/// Every rule.
package let allRules: [any Rule.Type] = [
    AnotherCluster.self,
    RacksGone.self,
    IllBrokers.self,
    EndingCertificates.self,
    SlowBrokers.self,
    ThrottledBrokers.self,
    OfflinePartitions.self,
    NotServed.self,
    UnderMinISR.self,
    UnderReplicated.self,
    WrongLeader.self,
    AtMinISR.self,
    RackSpread.self,
    MovingPartitions.self,
    StuckMoves.self,
    LeftThrottles.self,
    NoController.self,
    EnsembleSession.self,
    LostMembers.self,
    LostQuorum.self,
    StoredStates.self,
    OfflineLogDirs.self,
    FullVolumes.self,
    FillingVolumes.self,
    HotPartitions.self,
    LosingGroups.self,
    StuckGroups.self,
    GroupsBehind.self,
    RebalancingGroups.self,
    OutsideCommits.self,
    UnreadSections.self,
    FailedRequests.self,
    HotBrokers.self,
    LeaderSkew.self,
    ReplicaSkew.self,
    UnfinishedUpgrade.self,
    DangerousConfigs.self,
    ChangedLeaders.self,
    GoneCommits.self,
    OddGroups.self,
    SingleCopies.self,
    ClocksApart.self,
    InMaintenance.self,
]

/// The rules of partitions; the place of a rule is its bit in `Cluster.partitionMarks`.
package let partitionRules: [any PartitionRule.Type] = allRules.compactMap {
    $0 as? any PartitionRule.Type
}

/// The rules counted in the health strip, in its order; a quiet one stands behind the one whose
/// place it shares.
package let stripRules: [RuleEntry] = allRules.map { $0.entry }
    .filter { $0.strip != nil }
    .sorted { a, b in
        guard let first = a.strip, let second = b.strip else { return false }
        return first.number == second.number
            ? !first.isQuiet && second.isQuiet : first.number < second.number
    }

/// The rules whose rows a place of the strip leads to: first the one counted there, then one more
/// each time that its key is pressed again.
package func rules(atPlace number: Int) -> [RuleEntry] {
    stripRules.filter { $0.strip?.number == number }
        + allRules.map { $0.entry }.filter { $0.behind == number }
}

/// The entry of the rule of this name.
package func ruleEntry(_ name: String) -> RuleEntry? { entries[name] }

private let entries: [String: RuleEntry] = Dictionary(
    allRules.map { ($0.entry.name, $0.entry) }, uniquingKeysWith: { first, _ in first })

/// The bit of a rule of partitions in `Cluster.partitionMarks`; nil for other rules.
package func partitionMark(ofRule name: String) -> UInt16? { bits[name] }

private let bits: [String: UInt16] = Dictionary(
    partitionRules.enumerated().map { ($1.entry.name, 1 << UInt16($0)) },
    uniquingKeysWith: { first, _ in first })

extension Cluster {
    /// The rules that hold for the partition at `row`, the worst first.
    package func rules(at row: Int) -> [RuleEntry] {
        guard partitionMarks.indices.contains(row), partitionMarks[row] != 0 else { return [] }
        let marks = partitionMarks[row]
        return partitionRules.indices.filter { marks & 1 << UInt16($0) != 0 }
            .map { partitionRules[$0].entry }
    }

    /// How bad the partition's state is: 0 well, else the greater, the worse the worst rule.
    package func trouble(_ row: Int) -> Int {
        guard partitionMarks.indices.contains(row), partitionMarks[row] != 0 else { return 0 }
        return partitionRules.count - partitionMarks[row].trailingZeroBitCount
    }
}
