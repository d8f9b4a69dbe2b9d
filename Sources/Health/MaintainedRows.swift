// Which partitions are ill only because of what is in maintenance: a partition whose every missing
// replica is on a broker that somebody works on is no news.

internal import ClusterModel

/// Judges rows by what is in maintenance.
struct MaintainedRows {
    private let cluster: Cluster
    private let table: PartitionTable
    private var brokers: Set<Int32> = []
    /// Topics by their place, and rows, that are in maintenance themselves.
    private var topics: Set<Int32> = []
    private var rows: Set<Int> = []

    init(_ cluster: Cluster) {
        self.cluster = cluster
        table = cluster.partitions
        for entry in cluster.maintenance.entries {
            switch entry.object {
            case .topic(let name):
                if let place = cluster.topicIndex(named: name) { topics.insert(Int32(place)) }
            case .partition(let key):
                if let row = cluster.row(of: key) { rows.insert(row) }
            default: break
            }
        }
        for broker in cluster.brokers where cluster.maintenance(covering: .broker(broker.id)) != nil
        {
            brokers.insert(broker.id.value)
        }
    }

    /// What of a partition makes a rule hold for it.
    private enum Ground {
        case leader, preferredLeader, missingReplicas, none

        init(_ rule: any PartitionRule.Type) {
            switch rule.entry.name {
            case NotServed.entry.name: self = .leader
            case WrongLeader.entry.name: self = .preferredLeader
            case OfflinePartitions.entry.name, UnderMinISR.entry.name, AtMinISR.entry.name,
                UnderReplicated.entry.name:
                self = .missingReplicas
            default: self = .none
            }
        }
    }

    /// Whether a rule holds for the partition at `row` only because of maintenance.
    private func explains(_ row: Int, _ ground: Ground) -> Bool {
        if rows.contains(row) || topics.contains(table.topic[row]) { return true }
        guard !brokers.isEmpty else { return false }
        switch ground {
        case .leader: return brokers.contains(table.leader[row])
        case .preferredLeader: return brokers.contains(table.preferredLeader(row))
        case .missingReplicas:
            var isAnyMissing = false
            for replica in table.replicas(of: row)
            where !table.replicaFlags[replica].contains(.inSync) {
                guard brokers.contains(table.replicaBroker[replica]) else { return false }
                isAnyMissing = true
            }
            return isAnyMissing
        case .none: return false
        }
    }

    /// By rule of partitions, how many rows it holds for only because of maintenance.
    func counts(_ marks: [UInt16]) -> [String: Int] {
        guard !cluster.maintenance.isEmpty else { return [:] }
        let grounds = partitionRules.map { Ground($0) }
        var counts = Array(repeating: 0, count: grounds.count)
        for row in marks.indices where marks[row] != 0 {
            for number in grounds.indices
            where marks[row] & 1 << UInt16(number) != 0 && explains(row, grounds[number]) {
                counts[number] += 1
            }
        }
        return Dictionary(
            zip(partitionRules.map { $0.entry.name }, counts).filter { $0.1 > 0 },
            uniquingKeysWith: { first, _ in first })
    }
}

extension HealthPass {
    /// Lets what follows from maintenance count and not cry. Findings know their causes by now.
    ///
    /// - Returns: by rule, how many of its count that is.
    func calm(_ found: inout [Finding]) -> [String: Int] {
        guard !cluster.maintenance.isEmpty else { return [:] }
        let rowCounts = MaintainedRows(cluster).counts(scan.marks)
        var counts = rowCounts
        let cries: Set<String> = [AnotherCluster.entry.name, NoController.entry.name]
        for index in found.indices {
            let finding = found[index]
            guard finding.cause?.rule == InMaintenance.entry.name else { continue }
            let isOfRows = partitionMark(ofRule: finding.rule) != nil
            // A sum of which a part has another cause cries for that part.
            let isWhole =
                !isOfRows || finding.subject != .cluster
                || rowCounts[finding.rule] ?? 0 >= cluster.partitionCount(finding.rule, scan)
            let isLostQuorum =
                finding.rule == LostQuorum.entry.name && finding.severity == .critical
            guard isWhole, !cries.contains(finding.rule), !isLostQuorum else {
                found[index].cause = nil
                continue
            }
            found[index].severity = .notice
            found[index].isInMaintenance = true
            if !isOfRows { counts[finding.rule, default: 0] += 1 }
        }
        return counts
    }
}

extension Cluster {
    /// For how many partitions the rule of this name holds.
    fileprivate func partitionCount(_ rule: String, _ scan: RowScan) -> Int {
        partitionRules.firstIndex { $0.entry.name == rule }.map { scan.found[$0].count } ?? 0
    }
}
