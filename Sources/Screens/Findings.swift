// What is wrong, in sentences, worst first: the first thing an operator reads at three in the
// morning. Each line leads to the rows behind it.

internal import ClusterModel
internal import Drawing

/// One thing that is wrong.
struct Finding: Sendable, Equatable {
    enum Severity: Int, Sendable, Comparable {
        case notice, warning, critical
        static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
    }
    enum Target: Sendable, Equatable {
        case broker(BrokerID)
        case partition(PartitionKey)
        case fault(Fault)
        case group(String)
        case groups
        case volumes
        case coordinator
        /// Nothing to open: the sentence and the advice are all there is.
        case words(String)
    }
    /// Stays the same while the same thing is wrong.
    var id: FindingID
    var severity: Severity
    var text: String
    var target: Target
    /// When it began, where that is known; else when it was first seen.
    var since: Instant?
    /// It was there in the first picture: it began before we looked.
    var isSinceStart = false

    /// Whether the failure is this finding, or one of the section that it names.
    func isAbout(_ failure: ObservationFailure) -> Bool {
        switch id.subject {
        case .request(let api, _): api == failure.api
        default: false
        }
    }
}

/// Everything wrong with the cluster, worst first.
func makeFindings(_ cluster: Cluster) -> [Finding] {
    var found = brokerFindings(cluster)
    found += partitionFindings(cluster)
    found += coordinatorFindings(cluster)
    found += volumeFindings(cluster)
    found += groupFindings(cluster)
    found += sectionFindings(cluster)
    if found.count > Limits.findings { found.removeSubrange(Limits.findings...) }
    // Stable: within a severity the order above is the order of concern.
    return found.enumerated().sorted { a, b in
        a.element.severity == b.element.severity
            ? a.offset < b.offset : a.element.severity > b.element.severity
    }.map(\.element)
}

private func brokerFindings(_ cluster: Cluster) -> [Finding] {
    cluster.brokers.compactMap { broker in
        let what: String
        var since: Instant?
        switch broker.state {
        case .silent(let moment):
            what = "answers nothing"
            since = moment
        case .unreachable(let moment, let why):
            what = "cannot be reached (\(why))"
            since = moment
        case .missing(let moment):
            what = "has left the cluster"
            since = moment
        case .fenced(let moment):
            what = "is fenced by the controller"
            since = moment
        case .slow(let seconds): what = "answers slowly (\(NumberFormat.duration(seconds)))"
        case .unknown, .answering: return nil
        }
        let leads =
            broker.leaderCount > 0
            ? "\(plural(broker.leaderCount, "partition")) lead there"
            : broker.replicaCount > 0
                ? "\(plural(broker.replicaCount, "replica")) there" : "nothing is stored there"
        return Finding(
            id: FindingID("broker", .broker(broker.id)),
            severity: broker.isIll ? .critical : .warning,
            text: "broker \(broker.id) \(what); \(leads)", target: .broker(broker.id), since: since)
    }
}

/// What one scan over the partitions finds of one fault.
private struct FaultRows {
    /// The first few.
    var rows: [Int] = []
    var count = 0
    /// Replicas out of sync by broker, of under-replicated partitions.
    var byBroker: [Int32: Int] = [:]

    mutating func add(_ row: Int) {
        count += 1
        if rows.count <= Limits.findingsEach { rows.append(row) }
    }
}

/// All faults of partitions, by one scan. The model has counted already: a healthy cluster costs
/// none.
private func partitionFindings(_ cluster: Cluster) -> [Finding] {
    let totals = cluster.totals
    let (isAnyShort, isAnyMoving) = (totals.underReplicated > 0, totals.moving > 0)
    let (isAnyOffline, isAnyWrong) = (totals.offline > 0, totals.wrongLeader > 0)
    let isAnyBelow = totals.underMinISR ?? 0 > 0
    guard isAnyShort || isAnyMoving || isAnyOffline || isAnyWrong || isAnyBelow else { return [] }
    var (offline, underMinISR, underReplicated) = (FaultRows(), FaultRows(), FaultRows())
    var (wrongLeader, moving) = (FaultRows(), FaultRows())
    let table = cluster.partitions
    for row in 0..<table.count {
        // A partition without leader is told once, not thrice.
        if table.isOffline(row) {
            if isAnyOffline { offline.add(row) }
            continue
        }
        if isAnyWrong, table.isWrongLeader(row) { wrongLeader.add(row) }
        if isAnyMoving, table.isMoving(row) { moving.add(row) }
        if isAnyBelow, cluster.isUnderMinISR(row) {
            underMinISR.add(row)
            continue
        }
        guard isAnyShort, table.isUnderReplicated(row) else { continue }
        underReplicated.add(row)
        for index in table.replicas(of: row)
        where table.replicaFlags[index].isDisjoint(with: [.inSync, .adding]) {
            underReplicated.byBroker[table.replicaBroker[index], default: 0] += 1
        }
    }
    return partitionFindings(cluster, .offline, offline)
        + partitionFindings(cluster, .underMinISR, underMinISR)
        + partitionFindings(cluster, .underReplicated, underReplicated)
        + partitionFindings(cluster, .wrongLeader, wrongLeader)
        + partitionFindings(cluster, .moving, moving)
}

private func partitionFindings(
    _ cluster: Cluster, _ fault: Fault, _ found: FaultRows
) -> [Finding] {
    let (rows, count, byBroker) = (found.rows, found.count, found.byBroker)
    let isEach = fault == .offline || fault == .underMinISR
    if count == 0 { return [] }
    if isEach && count <= Limits.findingsEach {
        return rows.map { partitionFinding(cluster, fault, cluster.partition($0)) }
    }
    let severity: Finding.Severity =
        isEach ? .critical : fault == .underReplicated ? .warning : .notice
    if !byBroker.isEmpty {
        return byBroker.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { broker, missing in
            Finding(
                id: FindingID(fault.rawValue, .broker(BrokerID(broker))), severity: severity,
                text: "broker \(broker) is out of sync in \(plural(missing, "partition"))",
                target: .fault(fault))
        }
    }
    let text =
        switch fault {
        case .offline: "\(plural(count, "partition")) have no leader: no reads, no writes"
        case .underMinISR:
            "\(plural(count, "partition")) under min ISR: writes with acks=all stop"
        case .underReplicated: "\(plural(count, "partition")) under-replicated"
        case .wrongLeader: "\(plural(count, "partition")) not led by the preferred replica"
        case .moving: "\(plural(count, "partition")) being moved"
        }
    return [
        Finding(
            id: FindingID(fault.rawValue, .cluster), severity: severity, text: text,
            target: .fault(fault))
    ]
}

private func partitionFinding(
    _ cluster: Cluster, _ fault: Fault, _ view: PartitionView
) -> Finding {
    let text: String
    if fault == .offline {
        let last = view.isr.map(\.description).joined(separator: ", ")
        text =
            "\(view.key) has no leader: no reads, no writes"
            + (last.isEmpty ? "" : "; last in sync: broker \(last)")
    } else {
        text =
            "\(view.key): \(view.isr.count) of \(view.replicas.count) in sync, "
            + "writes with acks=all stop"
    }
    return Finding(
        id: FindingID(fault.rawValue, .partition(view.key)), severity: .critical, text: text,
        target: .partition(view.key))
}

private func volumeFindings(_ cluster: Cluster) -> [Finding] {
    cluster.logDirs.compactMap { dir in
        // Named only where something is wrong: there are thousands.
        var id: FindingID { FindingID("volume", .volume(dir.broker, path: dir.path)) }
        if dir.errorCode != 0 {
            return Finding(
                id: id, severity: .critical,
                text: "log directory \(dir.path) of broker \(dir.broker) is offline",
                target: .volumes)
        }
        guard let used = dir.usedFraction, used > Limits.fullVolume else { return nil }
        let free = NumberFormat.bytes(dir.usableBytes)
        return Finding(
            id: id, severity: used > 0.95 ? .critical : .warning,
            text: "broker \(dir.broker) \(dir.path) is \(NumberFormat.percent(used)) full, "
                + "\(free) left", target: .volumes)
    }
}

private func groupFindings(_ cluster: Cluster) -> [Finding] {
    guard let stuck = cluster.totals.stuckGroups, stuck > 0 else { return [] }
    if stuck > Limits.findingsEach {
        return [
            Finding(
                id: FindingID("groups", .cluster), severity: .warning,
                text: "\(plural(stuck, "group")) stand still",
                target: .groups)
        ]
    }
    return cluster.groups.filter { $0.isStuck == true }.map { group in
        let lag = NumberFormat.count(group.lag)
        let why =
            group.members?.isEmpty == true ? "has no members" : "consumes nothing"
        return Finding(
            id: FindingID("groups", .group(group.id)), severity: .warning,
            text: "group \(group.id) \(why), \(lag) records behind", target: .group(group.id))
    }
}

private func sectionFindings(_ cluster: Cluster) -> [Finding] {
    var found: [Finding] = []
    for section in Section.allCases {
        if case .failed(let why) = cluster.health(section).state {
            found.append(
                Finding(
                    id: FindingID("section", .section(section)), severity: .warning,
                    text: "cannot tell \(section.noun): \(why)", target: .words(why)))
        }
    }
    var seen: Set<FindingID> = []
    for failure in cluster.failures {
        // An ill broker is one line already, not one line an API.
        if let id = failure.broker, cluster.broker(id)?.isIll == true { continue }
        let id = FindingID(
            "failure", .request(api: failure.api, broker: failure.broker), detail: failure.code)
        guard seen.insert(id).inserted else { continue }
        let of = failure.broker.map { " of broker \($0)" } ?? ""
        found.append(
            Finding(
                id: id, severity: .notice, text: "\(failure.api)\(of): \(failure.code)",
                target: .words(failure.message)))
    }
    return found
}

/// Leaders that changed while we looked: the trace a restart or an election leaves.
func moveFindings(_ moves: [LeaderMove], _ cluster: Cluster) -> [Finding] {
    let recent = moves.filter { cluster.takenAt.seconds(since: $0.at) < Limits.moveSeconds }
    guard let newest = recent.last else { return [] }
    func name(_ id: BrokerID) -> String { id.exists ? "\(id)" : "none" }
    let count =
        recent.count >= Limits.moves
        ? "more than \(Limits.moves) leaders" : plural(recent.count, "leader")
    return [
        Finding(
            id: FindingID("moves", .cluster), severity: .notice,
            text: "\(count) changed in 5 min, newest: \(newest.partition) from "
                + "\(name(newest.from)) to \(name(newest.to))",
            target: .partition(newest.partition), since: newest.at)
    ]
}

/// "1 partition", "2,014 partitions".
func plural(_ count: Int, _ noun: String) -> String {
    "\(NumberFormat.grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

extension Section {
    /// The section in words an operator uses.
    var noun: String {
        switch self {
        case .metadata: "what the cluster consists of"
        case .brokers: "brokers"
        case .topics: "topics"
        case .partitions: "partitions"
        case .offsets: "offsets"
        case .configs: "topic configs"
        case .groups: "consumer groups"
        case .logDirs: "log directories"
        case .quorum: "the controller quorum"
        case .reassignments: "moving partitions"
        case .coordinator: "the coordinator"
        }
    }
}
