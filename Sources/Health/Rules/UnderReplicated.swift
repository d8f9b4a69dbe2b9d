// Replicas that should be in sync and are not, told by the broker that holds them.

internal import ClusterModel

/// Partitions with fewer replicas in sync than the assignment asks for.
enum UnderReplicated: PartitionRule {
    static let entry = RuleEntry(
        "under_replicated", "under-replicated", .warning, .partitions,
        strip: .init(4, short: "URP", tiny: "URP"),
        advice: "See which broker is behind, and whether it catches up.")
    static let yieldsTo: [any PartitionRule.Type] = [OfflinePartitions.self, UnderMinISR.self]

    static func holds(_ facts: PartitionFacts, _ scope: RowScope) -> Bool? {
        facts.isUnderReplicated
    }

    /// Until it is told which partitions move, replicas that are being added would count.
    static func isKnown(_ cluster: Cluster) -> Bool {
        cluster.knowsPartitions && !cluster.isBeingRead(.reassignments)
    }

    /// One finding a broker: it is the cause of all.
    static func check(_ pass: HealthPass) -> [Finding] {
        let found = pass.found(Self.self)
        guard found.told > 0 else { return [] }
        let table = pass.cluster.partitions
        var byBroker: [Int32: Int] = [:]
        for row in pass.told(Self.self) {
            for index in table.replicas(of: row)
            where table.replicaFlags[index].isDisjoint(with: [.inSync, .adding]) {
                byBroker[table.replicaBroker[index], default: 0] += 1
            }
        }
        if byBroker.isEmpty { return [finding(.cluster, summary(found.told), link: .rows)] }
        return byBroker.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { id, missing in
            finding(
                .broker(BrokerID(id)),
                "broker \(id) is out of sync in \(plural(missing, "partition"))", link: .rows,
                evidence: [.init("partitions", missing)])
        }
    }

    static func summary(_ count: Int) -> String {
        "\(plural(count, "partition")) under-replicated"
    }
}
