// What a snapshot lacks, and why: every null in the document has its reason in `errors` where
// something is missing, and in `notes` where this cluster has no such thing or does not tell it.

package import ClusterModel

/// The failures a snapshot reports, those observed and those that follow from what is unknown.
package struct SnapshotGaps: Sendable, Equatable {
    /// What makes the document partial, a line each: causes stand before what follows from them.
    package private(set) var errors: [ObservationFailure] = []
    /// What this cluster's version or mode does not have or does not tell: it explains nulls, and
    /// nothing is missing.
    package private(set) var notes: [ObservationFailure] = []
    /// True where every section asked was answered in full.
    package var isComplete: Bool { errors.isEmpty }
    private let kind: CoordinatorKind?

    /// " (partial: broker 4 is fenced by the controller; 2 more reasons)"; empty where nothing is
    /// missing.
    package var shortReason: String {
        guard let first = errors.first else { return "" }
        var text = first.message
        while text.last == "." || text.last == " " { text.removeLast() }
        let more = errors.count - 1
        let others = more > 0 ? "; \(plural(more, "more reason"))" : ""
        return " (partial: \(text)\(others))"
    }

    package init(_ cluster: Cluster, sections: Set<SnapshotSection>) {
        kind = cluster.kind
        let observed = Part.needed(by: sections)
        let failures = cluster.failures.filter { observed.contains($0.section) }
        // Who does not answer at all is the reason of more than one question knows.
        errors = failures.filter(\.isAboutOneBroker) + failures.filter { !$0.isAboutOneBroker }
        addHealth(cluster, observed)
        addBrokers(cluster)
        if sections.contains(.brokers), cluster.controller == nil {
            let api = cluster.kind == .zookeeper ? "Metadata" : "DescribeQuorum"
            add(api, nil, "CONTROLLER_UNKNOWN", "No broker told which is the controller.", .brokers)
        }
        if sections.contains(.coordinator) { addCoordinator(cluster) }
        if sections.contains(.partitions) { addOffsets(cluster) }
        if sections.contains(.groups) { addGroups(cluster) }
        addOverlong(cluster)
    }

    /// Bytes that were passed over are none that this version knows to be missing.
    private mutating func addOverlong(_ cluster: Cluster) {
        let count = Int(clamping: cluster.traffic.overlongAnswers)
        guard count > 0 else { return }
        let brokers = cluster.brokers.filter { $0.overlongAnswers > 0 }.map(\.id.description)
        let noun = brokers.count == 1 ? "broker" : "brokers"
        let of = brokers.isEmpty ? "" : " of \(noun) \(brokers.joined(separator: ", "))"
        note(
            "Metadata", "BYTES_BEHIND_ANSWER",
            "\(plural(count, "answer"))\(of) had bytes behind the last field: they were passed "
                + "over.", .metadata)
    }

    private mutating func addHealth(_ cluster: Cluster, _ observed: Set<Section>) {
        for section in Section.allCases where observed.contains(section) {
            // What is observed together with metadata need not have a health of its own.
            let isPart = [.brokers, .topics, .partitions].contains(section)
            if isPart, cluster.sections[section] == nil { continue }
            switch cluster.health(section).state {
            case .fresh: continue
            case .partial:
                guard !errors.contains(where: { $0.section == section }) else { continue }
                add(
                    section.api(of: kind), nil, "NOT_READ",
                    "Not everything of \(section.noun) was answered.", section)
            case .unsupported(let why):
                note(section.api(of: kind), "UNSUPPORTED_VERSION", why, section)
            case .failed(let why):
                guard !errors.contains(where: { $0.section == section }) else { continue }
                add(section.api(of: kind), nil, "FAILED", why, section)
            case .notLoaded, .loading:
                add(
                    section.api(of: kind), nil, "NOT_READ",
                    "Reading \(section.noun) had not ended when the snapshot was written.", section)
            }
        }
    }

    private mutating func addBrokers(_ cluster: Cluster) {
        for broker in cluster.brokers where broker.isIll {
            if errors.contains(where: { $0.broker == broker.id }) { continue }
            let why = broker.illness(at: cluster.takenAt)
            // Metadata tells who is there; who answers is known by the first request.
            let api = broker.isListed ? "ApiVersions" : "Metadata"
            add(api, broker.id, broker.state.errorCode, why, .brokers)
        }
    }

    /// What a kind of coordinator does not report, which is not missing.
    private mutating func addCoordinator(_ cluster: Cluster) {
        func say(_ code: String, _ message: String) {
            note(Section.coordinator.api(of: kind), code, message, .coordinator)
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
        var gone = 0
        for group in cluster.groups {
            if group.members == nil {
                if Self.notDescribed.contains(group.type ?? "") {
                    others += 1
                } else {
                    undescribed += 1
                }
            }
            if group.offsets == nil, group.commits { unread += 1 }
            if group.goneCount > 0 { gone += 1 }
            if group.unknownLagCount > 0 { unknown += 1 }
        }
        if undescribed > 0 {
            add(
                "DescribeGroups", nil, "NOT_READ",
                "\(count(undescribed, "group")) not described: members unknown.", .groups)
        }
        if others > 0 {
            // Said, and not missing: this version does not ask for them.
            note(
                "ListGroups", "UNSUPPORTED_VERSION",
                "Members and lag of \(count(others, "share or streams group")) are not read by "
                    + "this version of highwater.", .groups)
        }
        if unread > 0 {
            add(
                "OffsetFetch", nil, "NOT_READ",
                "Committed offsets of \(count(unread, "group")) not read: lag unknown.", .groups)
        }
        if gone > 0 {
            note(
                "OffsetFetch", "TOPIC_DELETED",
                "\(plural(gone, "group")) with commits of deleted topics: their end and lag are "
                    + "null.", .groups)
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
        errors.append(
            ObservationFailure(
                api: api, broker: broker, code: code, message: message, section: section))
    }

    private mutating func note(
        _ api: String, _ code: String, _ message: String, _ section: Section
    ) {
        notes.append(
            ObservationFailure(
                api: api, broker: nil, code: code, message: message, section: section))
    }
}

extension ObservationFailure {
    /// The broker itself could not be asked, or answered nothing.
    fileprivate var isAboutOneBroker: Bool { broker != nil && Self.ofBrokers.contains(code) }

    private static let ofBrokers: Set<String> = [
        "BROKER_MISSING", "BROKER_FENCED", "TIMED_OUT", "SILENT", "CONNECTION_REFUSED",
        "CONNECT_TIMED_OUT", "UNREACHABLE", "UNKNOWN_HOST", "RESOLVER_SILENT",
        "CONNECTION_CLOSED", "CLOSED_AT_ONCE", "TLS_EXPECTED", "TLS_FAILED", "LOGIN_FAILED",
        "NOT_KAFKA",
    ]
}

extension Cluster {
    /// True where the replica's log end offset is known and no older than a snapshot may hold.
    func hasCurrentEnd(_ index: Int) -> Bool {
        guard partitions.replicaLogEnd[index] >= 0 else { return false }
        let at = Instant(ns: partitions.replicaLogEndAt[index])
        return takenAt.seconds(since: at) <= Limits.oldestOffsetSeconds
    }
}
