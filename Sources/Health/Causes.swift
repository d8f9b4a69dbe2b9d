// What follows from what: a dead broker leaves partitions short of a copy, a lost quorum leaves no
// controller. Each consequence stands beneath its cause, which is one line.

internal import ClusterModel

/// The causes among the findings of one cluster.
struct Causes {
    private let cluster: Cluster
    /// The finding that explains what lacks on a broker.
    private var ofBroker: [BrokerID: FindingID] = [:]
    private var quorum: FindingID?
    private var hotPartitions: [BrokerID: FindingID] = [:]
    /// The one finding that explains all members of the coordinator that take no part; nil where
    /// there are several, or none.
    private var ofMembers: FindingID?
    /// The finding that explains why the active controller answers nothing.
    private var ofController: FindingID?

    init(_ found: [Finding], _ cluster: Cluster) {
        self.cluster = cluster
        func all(_ rule: RuleEntry) -> [Finding] { found.filter { $0.rule == rule.name } }
        if !cluster.maintenance.isEmpty {
            for broker in cluster.brokers {
                guard let entry = cluster.maintenance(covering: .broker(broker.id)) else {
                    continue
                }
                ofBroker[broker.id] = Self.id(of: entry)
            }
        }
        for finding in all(RacksGone.entry) {
            guard case .rack(let rack) = finding.subject else { continue }
            for broker in cluster.brokers where broker.rack == rack && ofBroker[broker.id] == nil {
                ofBroker[broker.id] = finding.id
            }
        }
        // The first that explains it is the deepest: a dead broker's disks are no cause.
        for rule in [IllBrokers.entry, OfflineLogDirs.entry, SlowBrokers.entry] {
            for finding in all(rule) {
                guard let id = Self.broker(of: finding.subject), ofBroker[id] == nil else {
                    continue
                }
                ofBroker[id] = finding.id
            }
        }
        quorum = all(LostQuorum.entry).first { $0.severity == .critical }?.id
        let members = all(LostMembers.entry).map { finding in
            (finding.subject, broker(finding) ?? finding.id)
        }
        if Set(members.map(\.1)).count == 1 { ofMembers = members[0].1 }
        if let id = cluster.controller, id.exists {
            ofController = members.first { $0.0 == .voter(id) }?.1 ?? ofBroker[id]
        }
        for finding in all(HotPartitions.entry) {
            guard case .partition(let key) = finding.subject, let row = cluster.row(of: key) else {
                continue
            }
            hotPartitions[BrokerID(cluster.partitions.leader[row])] = finding.id
        }
    }

    private static func id(of entry: Maintenance.Entry) -> FindingID {
        FindingID(InMaintenance.entry.name, entry.object)
    }

    /// Of a finding about what is in maintenance, or about a rack of which every broker is.
    private func ofMaintenance(_ finding: Finding) -> FindingID? {
        guard !cluster.maintenance.isEmpty, finding.rule != InMaintenance.entry.name else {
            return nil
        }
        if let entry = cluster.maintenance(covering: finding.subject) { return Self.id(of: entry) }
        guard case .rack(let rack) = finding.subject else { return nil }
        return only(of: cluster.brokers.lazy.filter { $0.rack == rack }.map(\.id)).flatMap {
            Self.isMaintenance($0) ? $0 : nil
        }
    }

    private static func isMaintenance(_ id: FindingID) -> Bool {
        id.rule == InMaintenance.entry.name
    }

    /// One cause and another explain the same together: the same, or work on both.
    private static func agree(_ found: FindingID?, _ cause: FindingID) -> Bool {
        found == nil || found == cause
            || found.map(isMaintenance) == true && isMaintenance(cause)
    }

    private static func broker(of subject: ObjectID) -> BrokerID? {
        switch subject {
        case .broker(let id), .voter(let id), .registration(let id): id
        case .volume(let id, _): id
        case .request(_, let id): id
        default: nil
        }
    }

    /// What the finding follows from; nil: it stands for itself.
    func cause(of finding: Finding, rows: [Int]) -> FindingID? {
        if let work = ofMaintenance(finding) { return work }
        let cause: FindingID? =
            switch finding.rule {
            case NoController.entry.name: quorum ?? ofMembers
            case LostQuorum.entry.name where finding.severity < .critical: ofMembers
            case UnreadSections.entry.name: ofUnread(finding)
            case LostMembers.entry.name: quorum ?? broker(finding)
            case IllBrokers.entry.name, OfflineLogDirs.entry.name, SlowBrokers.entry.name,
                UnderReplicated.entry.name:
                broker(finding)
            case FailedRequests.entry.name: ofRefusal(finding)
            case HotBrokers.entry.name:
                Self.broker(of: finding.subject).flatMap { hotPartitions[$0] }
            case OfflinePartitions.entry.name, UnderMinISR.entry.name, AtMinISR.entry.name:
                ofPartitions(finding.subject, rows)
            case WrongLeader.entry.name:
                only(of: rows.lazy.map { BrokerID(cluster.partitions.preferredLeader($0)) })
            case ChangedLeaders.entry.name:
                only(of: ChangedLeaders.recent(cluster).lazy.map(\.from).filter(\.exists))
            default: nil
            }
        return cause == finding.id ? nil : cause
    }

    private func broker(_ finding: Finding) -> FindingID? {
        Self.broker(of: finding.subject).flatMap { ofBroker[$0] }
    }

    /// The one cause that all these brokers share.
    private func only(of brokers: some Sequence<BrokerID>) -> FindingID? {
        var found: FindingID?
        for broker in brokers {
            guard let cause = ofBroker[broker], Self.agree(found, cause) else { return nil }
            found = found ?? cause
        }
        return found
    }

    /// What only the active controller knows is not told while it answers nothing.
    private func ofUnread(_ finding: Finding) -> FindingID? {
        guard case .section(let section) = finding.subject else { return nil }
        switch section {
        case .quorum, .reassignments: return quorum ?? ofController
        default: return nil
        }
    }

    /// Questions that a broker hands on to the active controller (KRaft; protocol-live.md).
    private static let handedOn: Set<String> = ["DescribeQuorum", "ListPartitionReassignments"]
    /// How such a question ends while the controller answers nothing.
    private static let unanswered: Set<String> = [
        "TIMED_OUT", "REQUEST_TIMED_OUT", "SILENT", "NO_BROKER", "NOT_CONTROLLER", "UNREACHABLE",
    ]

    /// A failed disk or a late answer explains its own errors, and no refused right.
    private func ofRefusal(_ finding: Finding) -> FindingID? {
        if case .request(let api, _) = finding.subject, Self.handedOn.contains(api),
            Self.unanswered.contains(finding.id.detail), let cause = quorum ?? ofController
        {
            return cause
        }
        guard let cause = broker(finding) else { return nil }
        let isOwn =
            finding.id.detail == "KAFKA_STORAGE_ERROR" && cause.rule == OfflineLogDirs.entry.name
            || finding.id.detail == "TIMED_OUT" && cause.rule == SlowBrokers.entry.name
        return isOwn ? cause : nil
    }

    /// The one cause of all replicas that lack in the finding's partition, or in those rows that
    /// stand for all of them.
    private func ofPartitions(_ subject: ObjectID, _ rows: [Int]) -> FindingID? {
        var rows = rows
        if case .partition(let key) = subject {
            rows = cluster.row(of: key).map { [$0] } ?? []
        }
        var found: FindingID?
        for row in rows {
            for place in cluster.partitions.replicas(of: row)
            where !cluster.partitions.replicaFlags[place].contains(.inSync) {
                let broker = BrokerID(cluster.partitions.replicaBroker[place])
                guard let cause = ofBroker[broker], Self.agree(found, cause) else { return nil }
                found = found ?? cause
            }
        }
        return found
    }
}

extension [Finding] {
    /// The worst first: by severity, within it by cost and then as the rules are listed; what
    /// follows from another stands right beneath it, which is as bad as the worst of that.
    func inOrderOfConcern() -> [Finding] {
        let ids = Set(map(\.id))
        var beneath: [FindingID: [Finding]] = [:]
        var roots: [Finding] = []
        for finding in self {
            if let cause = finding.cause, ids.contains(cause) {
                beneath[cause, default: []].append(finding)
            } else {
                roots.append(finding)
            }
        }
        func weight(_ finding: Finding) -> (severity: Finding.Severity, cost: Finding.Cost) {
            (beneath[finding.id] ?? []).reduce((finding.severity, finding.cost)) {
                (Swift.max($0.0, $1.severity), Swift.max($0.1, $1.cost))
            }
        }
        var ordered: [Finding] = []
        func add(_ findings: [Finding], depth: Int) {
            let weighed = findings.enumerated().map { ($0.offset, $0.element, weight($0.element)) }
            let sorted = weighed.sorted { a, b in
                if a.2.severity != b.2.severity { return a.2.severity > b.2.severity }
                if a.2.cost != b.2.cost { return a.2.cost > b.2.cost }
                return a.0 < b.0
            }
            for (_, finding, _) in sorted {
                ordered.append(finding)
                // A chain of causes is short: a rack, a broker, a partition.
                guard depth < 3, let more = beneath[finding.id] else { continue }
                add(more, depth: depth + 1)
            }
        }
        add(roots, depth: 0)
        return ordered
    }
}
