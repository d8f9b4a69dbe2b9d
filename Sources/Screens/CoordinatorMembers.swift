// Who keeps the cluster's state, as rows: the ensemble's servers or the quorum's voters first, then
// the brokers with their registrations.

internal import ClusterModel
internal import Drawing

/// One row of the Coordinator screen.
struct CoordinatorMember: Sendable {
    /// A server, a voter, or a broker's registration.
    var id: ObjectID
    /// "zookeeper-1:2181", "controller 3001", "broker 3".
    var name: String
    var role: String
    var state: Run
    var server: ZooKeeperServer?
    var replica: Quorum.Replica?
    var registration: Registration?
    var endpoints: String
    var rack: String?
    /// Of a broker: since when it is registered, or is not any more.
    var since: WallTime?
    /// 2 gone or failed, 1 behind or not known, 0 well.
    var trouble: Int
}

/// The rows of a cluster's coordinator.
func coordinatorMembers(_ cluster: Cluster) -> [CoordinatorMember] {
    var members = cluster.kind == .zookeeper ? serverMembers(cluster) : voterMembers(cluster)
    var observers: [BrokerID: Quorum.Replica] = [:]
    for observer in cluster.quorum?.observers ?? [] { observers[observer.id] = observer }
    // A combined node is a voter and a broker: its place in the log stands in the voter's row too.
    for voter in cluster.quorum?.voters ?? [] { observers[voter.id] = voter }
    var registrations: [BrokerID: Registration] = [:]
    for entry in cluster.coordinator.registrations { registrations[entry.broker] = entry }
    let isRegistered = cluster.kind == .zookeeper && !registrations.isEmpty
    var lostAt: [ObjectID: WallTime] = [:]
    for event in cluster.events.events where event.kind == .registration && event.isLoss {
        lostAt[event.subject] = event.at
    }
    for broker in cluster.brokers {
        let registration = registrations[broker.id]
        var state = Run("registered", .good)
        var trouble = 0
        if broker.isFenced {
            (state, trouble) = (Run("fenced", .critical), 2)
        } else if isRegistered, registration == nil, broker.isListed,
            cluster.coordinator.migration != nil
        {
            // It has moved on already, and the others list it.
            (state, trouble) = (Run("moved to KRaft", .moving), 0)
        } else if isRegistered ? registration == nil : !broker.isListed {
            // A dead broker of a KRaft cluster stays registered; only newer ones tell.
            let isTold = cluster.kind != .kraft || cluster.coordinator.tellsFenced
            (state, trouble) = (Run(isTold ? "not registered" : "not listed", .critical), 2)
        } else if cluster.kind == .zookeeper && registrations.isEmpty {
            (state, trouble) = (Run("listed", .text), 0)
        }
        // What it is registered as says nothing of whether its process is there.
        switch broker.state {
        case .silent, .unreachable:
            if trouble == 0 { (state, trouble) = (Run("no answer", .critical), 2) }
        default: break
        }
        let isController = cluster.kind == .zookeeper && broker.id == cluster.controller
        members.append(
            CoordinatorMember(
                id: .registration(broker.id), name: "broker \(broker.id)",
                role: isController ? "controller" : "broker", state: state, server: nil,
                replica: observers[broker.id], registration: registration,
                endpoints: registration?.endpoints.joined(separator: " ") ?? broker.endpoint,
                rack: registration?.rack ?? broker.rack,
                since: registration == nil
                    ? lostAt[.broker(broker.id)] : registration?.registeredAt,
                trouble: trouble))
    }
    return members
}

private func serverMembers(_ cluster: Cluster) -> [CoordinatorMember] {
    cluster.coordinator.servers.map { server in
        let state: Run
        var trouble = 0
        switch server.isServing {
        case true where server.mode == "read-only":
            (state, trouble) = (Run("read-only", .warning), 1)
        // What of it is unknown stands as ? in its columns.
        case true: state = Run("serving", .good)
        case false: (state, trouble) = (Run("not serving", .critical), 2)
        default: (state, trouble) = (Run("unknown", .unknown), 1)
        }
        return CoordinatorMember(
            id: .server(server.name), name: server.name, role: server.mode ?? NumberFormat.unknown,
            state: state, server: server, replica: nil, registration: nil, endpoints: "",
            rack: nil, trouble: trouble)
    }
}

private func voterMembers(_ cluster: Cluster) -> [CoordinatorMember] {
    guard let quorum = cluster.quorum else { return [] }
    var endpoints: [BrokerID: [String]] = [:]
    for controller in cluster.coordinator.controllers {
        endpoints[controller.id] = controller.endpoints
    }
    return quorum.voters.map { voter in
        let isLeader = voter.id == quorum.leader
        let state: Run
        var trouble = 0
        let isLost = cluster.lostContact(with: voter.id) != nil
        switch cluster.takesPart(voter) {
        case true: state = Run(isLeader ? "leads" : "in step", .good)
        case false:
            (state, trouble) = (Run(isLost ? "no answer" : "not fetching", .critical), 2)
        default:
            let age = cluster.ageSeconds(cluster.health(.quorum).answeredAt)
            let word = cluster.isQuorumFresh ? nil : age.map { "not told for \(ago($0))" }
            (state, trouble) = (Run(word ?? "unknown", .unknown), 1)
        }
        return CoordinatorMember(
            id: .voter(voter.id), name: "controller \(voter.id)",
            role: !isLeader ? "voter" : cluster.isQuorumFresh ? "active" : "was active",
            state: state, server: nil, replica: voter,
            registration: nil, endpoints: endpoints[voter.id]?.joined(separator: " ") ?? "",
            rack: nil, trouble: trouble)
    }
}

/// "one more loss stops it" in words, and how bad that is; nil where too little is known.
func lossRun(_ cluster: Cluster) -> Run? {
    let noun = cluster.kind == .kraft ? "voter" : "server"
    let single =
        cluster.kind == .kraft
        ? cluster.quorum?.voters.count == 1
        : cluster.coordinator.servers.first?.mode == "standalone"
            || cluster.coordinator.ensembleSize == 1
    if cluster.coordinatorHasQuorum == false {
        return Run("\(Glyph.critical) no quorum: no changes can be made", .critical)
    }
    switch cluster.survivesOneMoreLoss {
    case true: return Run("outlives the loss of one more \(noun)", .good)
    case false where single:
        return Run("a single \(noun): its loss stops all changes", .warning)
    case false:
        return Run("\(Glyph.warning) one more loss stops all changes", .warning)
    default:
        guard cluster.kind == .kraft, cluster.quorum != nil, !cluster.isQuorumFresh else {
            return nil
        }
        let age = cluster.ageSeconds(cluster.health(.quorum).answeredAt).map { " for \(ago($0))" }
        return Run("not told\(age ?? "") how many voters take part", .unknown)
    }
}

/// What is known of a member, what is not, and why.
func explain(_ member: CoordinatorMember, _ scene: Scene) -> [[Run]] {
    var lines = [[Run("\(member.name): \(member.role), \(member.state.text).")]]
    if let server = member.server {
        if let error = server.error { lines.append([Run(error)]) }
        if let age = scene.age(server.answeredAt) {
            lines.append([Run("Its last answer is \(ago(age)) old.")])
        }
        if server.watches == nil || server.nodes == nil {
            lines.append([
                Run("Watches, znodes and size come from mntr or the AdminServer."),
                Run(" Servers since 3.5.3 answer only srvr unless 4lw.commands.whitelist names"),
                Run(" more."),
            ])
        }
    }
    if let replica = member.replica, replica.lastFetchAt == nil {
        lines.append([Run("When it fetched last is told by brokers of 3.3 and newer.")])
    }
    if case .voter(let id) = member.id,
        let error = scene.cluster.coordinator.controllers.first(where: { $0.id == id })?.error
    {
        lines.append([Run("Asked itself, since brokers do not answer for it: \(error)")])
    }
    if let registration = member.registration {
        if let at = registration.registeredAt, let clock = scene.clock(at) {
            lines.append([Run("Registered since \(clock).")])
        }
        if let session = registration.session {
            lines.append([Run("Its session is 0x" + String(UInt64(bitPattern: session), radix: 16))]
            )
        }
    } else if case .registration = member.id, scene.cluster.kind == .kraft {
        lines.append([
            Run("KRaft tells over no API when a broker registered, nor its epoch.")
        ])
    }
    if !member.endpoints.isEmpty { lines.append([Run("Listens at \(member.endpoints)")]) }
    return lines
}

/// One event in full.
func explain(_ event: ClusterEvent, _ scene: Scene) -> [[Run]] {
    let when = scene.clock(event.at) ?? NumberFormat.unknown
    return [
        [Run("\(event.subject): \(event.text)")],
        [
            Run(
                event.isExact
                    ? "At \(when), by the cluster's own clock."
                    : "Seen at \(when): it happened at the latest then.")
        ],
        [Run("Told by \(event.source).")],
    ]
}
