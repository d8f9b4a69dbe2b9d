// Whether the coordinator has its majority and outlives one more loss: judged by who answers now.
// What was told long ago says how it stood then.

extension Cluster {
    /// Whether the coordinator outlives the loss of one more of its servers or voters; nil where
    /// too little is known to say.
    package var survivesOneMoreLoss: Bool? {
        switch kind {
        case .zookeeper: coordinator.ensembleSurvivesLoss(at: takenAt)
        case .kraft: quorumSurvivesLoss
        case nil: nil
        }
    }

    /// Whether the coordinator can carry out changes now; nil where too little is known to say.
    package var coordinatorHasQuorum: Bool? {
        switch kind {
        case .zookeeper: coordinator.ensembleHasQuorum
        case .kraft: quorumHasMajority
        case nil: nil
        }
    }

    /// The controller shown is the one of a while ago: nobody has told of it since.
    package var isControllerStale: Bool {
        if kind == .kraft { return quorum != nil && !isQuorumFresh }
        if case .connected = coordinator.session { return false }
        return isStale(health(.metadata).answeredAt, in: .metadata)
    }
}

// MARK: KRaft

extension Cluster {
    /// The quorum's leader has told lately how the quorum stands.
    package var isQuorumFresh: Bool {
        quorum != nil && !isStale(health(.quorum).answeredAt, in: .quorum)
    }

    /// Since when a controller does not answer us: its own listener where we ask it, else the
    /// broker of the same id, which is the same process (a node has one id, whatever its roles).
    /// nil while it answers or was not asked.
    package func lostContact(with id: BrokerID) -> Instant? {
        switch broker(id)?.state {
        case .silent(let since), .unreachable(let since, _): return since
        default: break
        }
        let own = coordinator.controllers.first { $0.id == id }?.failingSince ?? .never
        return own.happened ? own : nil
    }

    /// Whether a voter takes part in the quorum now; nil where the newest word on it is old or says
    /// nothing. One that does not answer us and that the leader has not heard since then does not.
    package func takesPart(_ voter: Quorum.Replica) -> Bool? {
        guard let quorum else { return nil }
        let told = health(.quorum).answeredAt
        if let lost = lostContact(with: voter.id) {
            let heard = quorum.heard(voter, toldAt: told) ?? .never
            if heard < lost { return false }
        }
        return isQuorumFresh
            ? quorum.isVoting(voter, at: takenAtWall, lateMs: lateVoterMs) : nil
    }

    /// A voter that fetched so many milliseconds before its leader told takes no part.
    package var lateVoterMs: Int64 { Int64(thresholds[.voterLate] * 1_000) }

    private var votes: (taking: Int, lost: Int, unknown: Int, majority: Int) {
        let states = (quorum?.voters ?? []).map(takesPart)
        let (taking, lost) = (states.count { $0 == true }, states.count { $0 == false })
        return (taking, lost, states.count - taking - lost, states.count / 2 + 1)
    }

    private var quorumHasMajority: Bool? {
        guard let quorum, !quorum.voters.isEmpty else { return nil }
        let votes = votes
        if quorum.voters.count - votes.lost < votes.majority { return false }
        guard isQuorumFresh else { return nil }
        guard quorum.leader.exists else { return false }
        let leads = quorum.voters.first { $0.id == quorum.leader }.map(takesPart)
        return leads == true && votes.taking >= votes.majority ? true : nil
    }

    /// Whether changes could be made with these brokers stopped; nil where too little is known. A
    /// node of KRaft has one id, whatever its roles; servers of an ensemble are no brokers.
    func hasQuorum(without stopped: Set<BrokerID>) -> Bool? {
        guard kind == .kraft else { return coordinatorHasQuorum }
        guard let quorum, !quorum.voters.isEmpty else { return nil }
        guard quorum.voters.contains(where: { stopped.contains($0.id) }) else {
            return coordinatorHasQuorum
        }
        let left = quorum.voters.filter { !stopped.contains($0.id) }.map(takesPart)
        let majority = quorum.voters.count / 2 + 1
        if left.count(where: { $0 != false }) < majority { return false }
        return isQuorumFresh && left.count(where: { $0 == true }) >= majority ? true : nil
    }

    /// How many voters would be left of the quorum, and how many it needs; nil where none of these
    /// brokers votes, or nobody has told of the quorum.
    package func votersLeft(without stopped: Set<BrokerID>) -> VotersLeft? {
        guard kind == .kraft, let voters = quorum?.voters,
            voters.contains(where: { stopped.contains($0.id) })
        else { return nil }
        return VotersLeft(
            left: voters.count { !stopped.contains($0.id) && takesPart($0) != false },
            all: voters.count, needed: voters.count / 2 + 1)
    }

    private var quorumSurvivesLoss: Bool? {
        guard let quorum, !quorum.voters.isEmpty else { return nil }
        let votes = votes
        if quorum.voters.count - votes.lost - 1 < votes.majority { return false }
        guard isQuorumFresh else { return nil }
        guard quorum.leader.exists else { return false }
        return votes.taking - 1 >= votes.majority ? true : nil
    }
}

extension Quorum {
    /// When the leader answered, by its own clock, which stamps the others' fetches too; our clock
    /// may be wrong by more than they are late. Its own entry says it (LeaderState of Kafka, from
    /// DescribeQuorum v1 on); nil where it does not.
    package var reportedAt: WallTime? { voters.first { $0.id == leader }?.lastFetchAt }

    /// Whether a voter took part when the leader answered, or at `now` where that is not known; nil
    /// where it is not known when the voter fetched last.
    ///
    /// - Parameter lateMs: by how much its last fetch may be older than the report; healthy ones
    ///   are one fetch wait, 500 ms, old (seen on real controllers).
    package func isVoting(_ voter: Replica, at now: WallTime, lateMs: Int64) -> Bool? {
        if voter.id == leader { return true }
        if let fetched = voter.lastFetchAt {
            return (reportedAt ?? now).ms &- fetched.ms < lateMs
        }
        return voter.logEndOffset < 0 ? false : nil
    }

    /// When the leader, which told at `told`, had heard of a voter last, by our clock; nil where it
    /// does not say.
    func heard(_ voter: Replica, toldAt told: Instant) -> Instant? {
        if voter.id == leader { return told }
        guard let fetched = voter.lastFetchAt, let reportedAt else { return nil }
        let ago = UInt64(max(0, reportedAt.ms &- fetched.ms))
        let (ns, isHuge) = ago.multipliedReportingOverflow(by: 1_000_000)
        return isHuge || ns >= told.ns ? nil : Instant(ns: told.ns - ns)
    }
}

// MARK: ZooKeeper

extension ZooKeeperServer {
    /// Its mode, where it has told it lately; what was told without a time is not old.
    fileprivate func mode(at now: Instant) -> String? {
        answeredAt.happened && now.seconds(since: answeredAt) > Limits.oldestServerSeconds
            ? nil : mode
    }
}

/// Members of a quorum or an ensemble that would be left, of how many, and the majority.
package struct VotersLeft: Sendable, Equatable {
    package var left: Int
    package var all: Int
    package var needed: Int
}

extension Coordinator {
    /// How many servers of the ensemble would be left without this one; nil where it has no vote.
    /// Servers that the connect string does not name count as there.
    package func serversLeft(without name: String) -> VotersLeft? {
        let voting = servers.filter { $0.mode != "observer" }
        guard voting.contains(where: { $0.name == name }) else { return nil }
        let all = max(ensembleSize ?? 0, voting.count)
        let left = voting.count { $0.name != name && $0.isServing != false }
        return VotersLeft(
            left: left + max(0, all - voting.count), all: all, needed: all / 2 + 1)
    }
}

extension Coordinator {
    fileprivate var ensembleHasQuorum: Bool? {
        switch session {
        case .connected(_, let isReadOnly): return !isReadOnly
        case .none, .connecting, .lost: break
        }
        if servers.contains(where: { $0.mode == "leader" || $0.mode == "standalone" }) {
            return true
        }
        let size = max(ensembleSize ?? 0, servers.count)
        let possible = servers.count { $0.isServing != false && $0.mode != "read-only" }
        let unnamed = max(0, size - servers.count)
        return size > 0 && possible + unnamed < size / 2 + 1 ? false : nil
    }

    fileprivate func ensembleSurvivesLoss(at now: Instant) -> Bool? {
        let modes = servers.map { $0.mode(at: now) }
        if modes.contains("standalone") { return false }
        let size = max(ensembleSize ?? 0, servers.filter { $0.mode != "observer" }.count)
        guard size > 1 else { return size == 1 && servers.first?.isServing == true ? false : nil }
        let majority = size / 2 + 1
        let alive = modes.count { $0 == "leader" || $0 == "follower" }
        // The leader counts the followers in step, those we do not know of too; one that does not
        // answer any more it may still count for a moment.
        let lost = servers.count { $0.isServing == false }
        let leading = servers.filter { $0.mode(at: now) == "leader" }
        if let synced = leading.compactMap(\.syncedFollowers).max() {
            return min(max(alive, Int(clamping: synced) &+ 1), size - lost) - 1 >= majority
        }
        if alive - 1 >= majority { return true }
        let unreported = zip(servers, modes).count { $0.isServing != false && $1 == nil }
        let unnamed = max(0, size - servers.count { $0.mode != "observer" })
        return alive + unreported + unnamed - 1 >= majority ? nil : false
    }
}
