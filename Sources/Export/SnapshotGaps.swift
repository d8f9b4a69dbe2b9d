// What a snapshot lacks, and why: every null in the document has its reason in `errors`, and
// `complete` is true only where nothing that was asked is missing.

package import ClusterModel

/// The failures a snapshot reports, those observed and those that follow from what is unknown.
package struct SnapshotGaps: Sendable, Equatable {
    package private(set) var errors: [ObservationFailure] = []
    /// True where every section asked was answered in full. What this cluster's version or mode
    /// does not have is said in `errors` and is not missing.
    package private(set) var isComplete = true

    package init(_ cluster: Cluster, sections: Set<SnapshotSection>) {
        let observed = Part.needed(by: sections)
        for failure in cluster.failures where observed.contains(failure.section) {
            errors.append(failure)
            isComplete = false
        }
        addHealth(cluster, observed)
        addBrokers(cluster)
        if sections.contains(.brokers), cluster.controller == nil {
            let api = cluster.kind == .zookeeper ? "Metadata" : "DescribeQuorum"
            add(api, nil, "CONTROLLER_UNKNOWN", "No broker told which is the controller.", .brokers)
        }
        if sections.contains(.coordinator) { addCoordinator(cluster) }
        if sections.contains(.partitions) { addOffsets(cluster) }
        if sections.contains(.groups) { addGroups(cluster) }
    }

    private mutating func addHealth(_ cluster: Cluster, _ observed: Set<Section>) {
        for section in Section.allCases where observed.contains(section) {
            // What is observed together with metadata need not have a health of its own.
            let isPart = [.brokers, .topics, .partitions].contains(section)
            if isPart, cluster.sections[section] == nil { continue }
            switch cluster.health(section).state {
            case .fresh: continue
            case .partial:
                isComplete = false
            case .unsupported(let why):
                errors.append(
                    ObservationFailure(
                        api: Self.api(section), broker: nil, code: "UNSUPPORTED_VERSION",
                        message: why, section: section))
            case .failed(let why):
                isComplete = false
                if !errors.contains(where: { $0.section == section }) {
                    add(Self.api(section), nil, "FAILED", why, section)
                }
            case .notLoaded, .loading:
                let name = section.rawValue
                add(
                    Self.api(section), nil, "NOT_READ",
                    "The section \(name) was not read to its end before the snapshot was written.",
                    section)
            }
        }
    }

    private mutating func addBrokers(_ cluster: Cluster) {
        for broker in cluster.brokers where broker.isIll {
            guard !errors.contains(where: { $0.broker == broker.id }) else {
                isComplete = false
                continue
            }
            let why = broker.illness(at: cluster.takenAt)
            add("Metadata", broker.id, broker.state.errorCode, why, .brokers)
        }
    }

    /// What a kind of coordinator does not report: named in `errors`, and not missing.
    private mutating func addCoordinator(_ cluster: Cluster) {
        func say(_ code: String, _ message: String) {
            errors.append(
                ObservationFailure(
                    api: cluster.kind == .zookeeper ? "ZooKeeper" : "DescribeQuorum", broker: nil,
                    code: code, message: message, section: .coordinator))
        }
        if let controller = cluster.controller, !controller.exists {
            say("CONTROLLER_NOT_AVAILABLE", "The cluster has no controller.")
        }
        if cluster.kind == .zookeeper { addEnsemble(cluster.coordinator, cluster) }
        guard cluster.kind == .kraft else { return }
        say(
            "NOT_TOLD",
            "A KRaft quorum tells neither when its controller was elected nor when brokers "
                + "registered: controller_since, registered_at and epoch are null.")
    }

    /// What the ensemble did not answer, and who refused it.
    private mutating func addEnsemble(_ coordinator: Coordinator, _ cluster: Cluster) {
        if case .connected(let server, true) = coordinator.session {
            add(
                "ZooKeeper", nil, "READ_ONLY",
                "Read from \(server), which is cut off from its ensemble (read-only): what it "
                    + "keeps may be old.", .coordinator)
        }
        let queues = ["reassign_partitions", "preferred_replica_election", "delete_topics"]
        for path in coordinator.protectedPaths where queues.contains(where: path.hasSuffix) {
            add(
                "ZooKeeper", nil, "NOAUTH",
                "\(path) is protected by an ACL: how much waits there is not known.", .coordinator)
        }
        guard cluster.survivesOneMoreLoss == nil, !coordinator.servers.isEmpty else { return }
        let reasons = coordinator.servers.filter { $0.mode == nil }
            .map { server in
                let why = server.error ?? "its mode was not read"
                return "\(server.name): \(why.hasSuffix(".") ? String(why.dropLast()) : why)"
            }
        add(
            "ZooKeeper", nil, "MODE_UNKNOWN",
            "Whether the ensemble outlives the loss of one more server is not known. "
                + reasons.joined(separator: "; ") + ".", .coordinator)
    }

    /// Log end offsets that are not known, by the broker that would know them.
    private mutating func addOffsets(_ cluster: Cluster) {
        let table = cluster.partitions
        var leaderless = 0
        var unknown: [Int32: Int] = [:]
        for row in 0..<table.count {
            if table.leaderReplica(row) == nil { leaderless += 1 }
            for index in table.replicas(of: row)
            where !cluster.hasCurrentEnd(index) {
                unknown[table.replicaBroker[index], default: 0] += 1
            }
        }
        if leaderless > 0 {
            add(
                "Metadata", nil, "LEADER_NOT_AVAILABLE",
                "\(count(leaderless, "partition")) without leader: log end offset and lag unknown.",
                .partitions)
        }
        for (id, number) in unknown.sorted(by: { $0.key < $1.key }) {
            isComplete = false
            let broker = BrokerID(id)
            if errors.contains(where: { $0.broker == broker }) { continue }
            add(
                "ListOffsets", broker, "OFFSET_UNKNOWN",
                "Broker \(id) told no log end offset of \(count(number, "replica")).", .offsets)
        }
    }

    private mutating func addGroups(_ cluster: Cluster) {
        var undescribed = 0
        var others = 0
        var unread = 0
        var unknown = 0
        for group in cluster.groups {
            if group.members == nil {
                if Self.notDescribed.contains(group.type ?? "") {
                    others += 1
                } else {
                    undescribed += 1
                }
            }
            if group.offsets == nil { unread += 1 }
            if group.unknownLagCount > 0 { unknown += 1 }
        }
        if undescribed > 0 {
            add(
                "DescribeGroups", nil, "NOT_READ",
                "\(count(undescribed, "group")) not described: members unknown.", .groups)
        }
        if others > 0 {
            // Said, and not missing: this version does not ask for them.
            errors.append(
                ObservationFailure(
                    api: "ShareGroupDescribe", broker: nil, code: "UNSUPPORTED_VERSION",
                    message:
                        "Members and lag of \(count(others, "share or streams group")) are not "
                        + "read by this version of highwater.", section: .groups))
        }
        if unread > 0 {
            add(
                "OffsetFetch", nil, "NOT_READ",
                "Committed offsets of \(count(unread, "group")) not read: lag unknown.", .groups)
        }
        if unknown > 0 {
            add(
                "ListOffsets", nil, "OFFSET_UNKNOWN",
                "\(count(unknown, "group")) with partitions of unknown end: their lag is null.",
                .groups)
        }
    }

    /// Kinds of groups whose members this version does not read.
    private static let notDescribed: Set<String> = ["share", "streams"]

    private func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }

    private mutating func add(
        _ api: String, _ broker: BrokerID?, _ code: String, _ message: String, _ section: Section
    ) {
        isComplete = false
        errors.append(
            ObservationFailure(
                api: api, broker: broker, code: code, message: message, section: section))
    }

    private static func api(_ section: Section) -> String {
        switch section {
        case .metadata, .brokers, .topics, .partitions: "Metadata"
        case .offsets: "ListOffsets"
        case .configs: "DescribeConfigs"
        case .groups: "ListGroups"
        case .logDirs: "DescribeLogDirs"
        case .quorum: "DescribeQuorum"
        case .reassignments: "ListPartitionReassignments"
        case .coordinator: "ZooKeeper"
        }
    }
}

extension Cluster {
    /// True where the replica's log end offset is known and no older than a snapshot may hold.
    func hasCurrentEnd(_ index: Int) -> Bool {
        guard partitions.replicaEnd[index] >= 0 else { return false }
        let at = Instant(ns: partitions.replicaEndAt[index])
        return takenAt.seconds(since: at) <= Limits.oldestOffsetSeconds
    }
}
