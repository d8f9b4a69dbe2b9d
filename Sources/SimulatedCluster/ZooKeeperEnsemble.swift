// The servers of a simulated ensemble, their sessions and connections: who leads, who serves, what
// becomes of clients when a server goes or the quorum is lost.
import Simulation
import ZooKeeperClient

/// One server of the ensemble.
struct EnsembleMember: Sendable {
    enum Condition: Sendable, Equatable {
        case running, dead
        /// The process stands still: connections are taken, nothing is answered.
        case frozen
        /// Out of the others' reach.
        case isolated
    }

    let id: Int
    var host: String
    var port: UInt16
    var condition = Condition.running
    /// Whether the others know: a frozen server is missed only after a time.
    var isMissed = false
    /// Whether it has caught up with the leader since it started.
    var isSynced = true
    var frozenAt = 0.0
    var startedAt = 0.0
    /// What it knew when it was cut off.
    var stale: ZnodeTree?
    var received: Int64 = 0
    var sent: Int64 = 0
    var openedConnections = 0

    /// Whether it takes part in votes.
    var isVoting: Bool {
        switch condition {
        case .running: isSynced
        case .frozen: !isMissed
        case .dead, .isolated: false
        }
    }
}

/// A session: a client's, or that of a broker, which has no connection here.
struct EnsembleSession: Sendable {
    let id: Int64
    let password: [UInt8]
    var timeoutMs: Int32
    var heardAt: Double
    var connection: Int?
    /// Paths of its ephemeral znodes, ascending.
    var ephemerals: [String] = []
    /// Of a broker: ends with the broker's registration.
    var isOfBroker = false
    /// Known to one cut-off server only.
    var isLocal = false
}

/// A client's connection to a server.
struct ZooKeeperConnection: Sendable {
    let id: Int
    let server: Int
    let peer: String
    let openedMs: Int64
    var input: [UInt8] = []
    /// 0 until the first frame.
    var session: Int64 = 0
    var isReadOnly = false
    /// A request was swallowed: nothing after it is answered.
    var isMute = false
    var identities: [ZnodeIdentity] = []
    var received: Int64 = 0
    var sent: Int64 = 0
    var lastOperation = "NA"
    var lastXid: Int32 = 0
    var lastZxid: Int64 = 0
    var lastAnswerMs: Int64 = 0
}

/// The ensemble's state inside the machine; without servers on KRaft.
struct ZooKeeperEnsemble: Sendable {
    var servers: [EnsembleMember] = []
    /// Index of the leader; nil while there is no quorum or one is being formed.
    var leader: Int?
    var turn = 0
    var tree = ZnodeTree()
    var watches = ZooKeeperWatches()
    var sessions: [Int64: EnsembleSession] = [:]
    var connections: [Int: ZooKeeperConnection] = [:]
    var lastConnection = 0
    var lastSession: Int64 = 0
    var output: [ZooKeeperOutput] = []
    var tally = ZooKeeperTally()
    /// When sessions are looked at next.
    var overdueAt = Double.infinity

    /// Leader epochs of partitions when the simulation began.
    var firstEpochs: [Int32] = []
    /// The newest change in the tree's first epoch.
    var lastBirth: Int64 = 0

    /// The sessions of brokers, by index; nil: not registered.
    var brokerSessions: [Int64?] = []
    var brokerWasDead: [Bool] = []
    /// Shares its storage with the machine's until one of them changes.
    var storedBrokers: [SimulatedBroker] = []
    var isElecting = false
    var isSettling = false
    /// What stands in /controller.
    var controller: (id: Int32, epoch: Int32) = (-1, 0)
    var configChanges = 0
    /// Dynamic configs of brokers as they were last stored, by index, and those of all.
    var brokerConfigs: [[ConfigEntry]] = []
    var defaultConfigs: [ConfigEntry] = []
    var isrChanges = 0
    /// Partitions moved because of /admin/reassign_partitions.
    var handMoves: Set<Int32> = []

    var isEmpty: Bool { servers.isEmpty }
    var isServing: Bool { leader != nil }

    func index(_ server: Int) -> Int? {
        servers.indices.contains(server - 1) ? server - 1 : nil
    }
}

extension Machine {
    /// Numbers of the ensemble's servers, none on KRaft.
    package var zooKeeperServers: [Int] { zooKeeper.servers.map(\.id) }

    /// Where clients reach a server of the ensemble.
    package mutating func setZooKeeperEndpoint(_ server: Int, host: String, port: UInt16) {
        guard let index = zooKeeper.index(server) else { return }
        zooKeeper.servers[index].host = host
        zooKeeper.servers[index].port = port
        writeEnsembleConfig()
    }

    package func zooKeeperEndpoint(_ server: Int) -> (host: String, port: UInt16)? {
        zooKeeper.index(server).map { (zooKeeper.servers[$0].host, zooKeeper.servers[$0].port) }
    }

    /// `zookeeper.connect` as the brokers have it.
    package var zooKeeperConnect: String {
        zooKeeper.servers.map { "\($0.host):\($0.port)" }.joined(separator: ",")
            + shape.zooKeeper.chroot
    }

    /// The leader's number, nil while there is none.
    package var zooKeeperLeader: Int? { zooKeeper.leader.map { zooKeeper.servers[$0].id } }
    /// Sessions of clients, not of brokers.
    package var zooKeeperClientSessions: Int {
        zooKeeper.sessions.values.filter { !$0.isOfBroker }.count
    }
    /// Watches that clients have set, of every kind.
    package var zooKeeperWatches: Int { zooKeeper.watches.count }
    /// Requests of clients that the servers have taken.
    package var zooKeeperReceived: Int64 { zooKeeper.servers.reduce(0) { $0 + $1.received } }
    /// What clients have cost the ensemble so far.
    package var zooKeeperTally: ZooKeeperTally { zooKeeper.tally }
    /// The newest change of the ensemble.
    package var zooKeeperZxid: Int64 { zooKeeper.tree.zxid }

    /// Lets something happen to the ensemble in so many seconds.
    package mutating func plan(in delay: Double, _ what: ZooKeeperHappening) {
        schedule(in: delay, .zooKeeper(what))
    }

    // MARK: Happenings

    mutating func carryOut(_ what: ZooKeeperHappening) {
        guard !zooKeeper.isEmpty else { return }
        switch what {
        case .kill(let server): kill(server)
        case .killLeader: if let leader = zooKeeperLeader { kill(leader) }
        case .startAll:
            for server in zooKeeper.servers where server.condition == .dead {
                startServer(server.id)
            }
        case .start(let server): startServer(server)
        case .freeze(let server): freeze(server)
        case .thaw(let server): thawServer(server)
        case .isolate(let server): isolate(server)
        case .reunite(let server): reunite(server)
        case .missed(let server, let since): miss(server, since)
        case .joined(let server):
            guard let index = zooKeeper.index(server) else { return }
            zooKeeper.servers[index].isSynced = true
            reconsiderQuorum()
        case .elect(let turn): if turn == zooKeeper.turn { electLeader() }
        case .expireOverdue: expireOverdue()
        case .expireClients:
            for session in zooKeeper.sessions.values.sorted(by: { $0.id < $1.id })
            where !session.isOfBroker { expire(session.id) }
        case .expireBroker(let id): expireBroker(id)
        case .expireController: if controllerID > 0 { expireBroker(controllerID) }
        case .rejoin(let id): rejoin(id)
        case .electController: writeController()
        case .settle:
            zooKeeper.isSettling = false
            if !zooKeeper.isElecting { writeTopics() }
        case .delete(let path): deleteByController(path)
        case .electPreferred: electPreferred()
        }
    }

    private mutating func kill(_ server: Int) {
        guard let index = zooKeeper.index(server), zooKeeper.servers[index].condition != .dead
        else { return }
        zooKeeper.servers[index].condition = .dead
        zooKeeper.servers[index].stale = nil
        dropConnections(of: server)
        changes.append(.zooKeeperDown(server))
        reconsiderQuorum()
    }

    private mutating func startServer(_ server: Int) {
        guard let index = zooKeeper.index(server), zooKeeper.servers[index].condition == .dead
        else { return }
        zooKeeper.servers[index].condition = .running
        zooKeeper.servers[index].isMissed = false
        zooKeeper.servers[index].startedAt = seconds
        zooKeeper.servers[index].received = 0
        zooKeeper.servers[index].sent = 0
        changes.append(.zooKeeperUp(server))
        beginSync(index)
    }

    /// A server that comes (back) catches up with the leader before it serves or votes.
    private mutating func beginSync(_ index: Int) {
        zooKeeper.servers[index].isSynced = false
        schedule(in: 0.6 + 0.6 * random.unit(), .zooKeeper(.joined(server: index + 1)))
    }

    private mutating func freeze(_ server: Int) {
        guard let index = zooKeeper.index(server), zooKeeper.servers[index].condition == .running
        else { return }
        zooKeeper.servers[index].condition = .frozen
        zooKeeper.servers[index].isMissed = false
        zooKeeper.servers[index].frozenAt = seconds
        // syncLimit is 5 ticks.
        let patience = 5 * Double(shape.zooKeeper.tickTimeMs) / 1000
        schedule(in: patience, .zooKeeper(.missed(server: server, since: seconds)))
    }

    private mutating func miss(_ server: Int, _ since: Double) {
        guard let index = zooKeeper.index(server), zooKeeper.servers[index].condition == .frozen,
            zooKeeper.servers[index].frozenAt == since
        else { return }
        zooKeeper.servers[index].isMissed = true
        reconsiderQuorum()
    }

    private mutating func thawServer(_ server: Int) {
        guard let index = zooKeeper.index(server), zooKeeper.servers[index].condition == .frozen
        else { return }
        let wasMissed = zooKeeper.servers[index].isMissed
        zooKeeper.servers[index].condition = .running
        zooKeeper.servers[index].isMissed = false
        if wasMissed {
            // The others went on without it: it drops its clients and begins anew.
            dropConnections(of: server)
            beginSync(index)
        } else {
            for id in zooKeeper.connections.keys.sorted() {
                if zooKeeper.connections[id]?.server == server { readInput(id) }
            }
        }
    }

    private mutating func isolate(_ server: Int) {
        guard let index = zooKeeper.index(server), zooKeeper.servers[index].condition == .running
        else { return }
        zooKeeper.servers[index].condition = .isolated
        zooKeeper.servers[index].stale = zooKeeper.tree
        dropConnections(of: server)
        reconsiderQuorum()
    }

    private mutating func reunite(_ server: Int) {
        guard let index = zooKeeper.index(server), zooKeeper.servers[index].condition == .isolated
        else { return }
        zooKeeper.servers[index].condition = .running
        zooKeeper.servers[index].stale = nil
        dropConnections(of: server)
        beginSync(index)
    }

    // MARK: Quorum

    /// Followers stay with a leader that has a majority; else everybody looks for another, and
    /// nobody serves meanwhile.
    private mutating func reconsiderQuorum() {
        let voting = zooKeeper.servers.filter(\.isVoting)
        let isEnough = voting.count > zooKeeper.servers.count / 2
        if let leader = zooKeeper.leader, zooKeeper.servers[leader].isVoting, isEnough { return }
        zooKeeper.turn += 1
        zooKeeper.leader = nil
        for server in zooKeeper.servers where server.condition == .running {
            dropConnections(of: server.id)
        }
        guard isEnough else { return }
        schedule(in: 0.25 + 0.9 * random.unit(), .zooKeeper(.elect(turn: zooKeeper.turn)))
    }

    private mutating func electLeader() {
        let voting = zooKeeper.servers.indices.filter { zooKeeper.servers[$0].isVoting }
        guard voting.count > zooKeeper.servers.count / 2,
            let winner = voting.last(where: { zooKeeper.servers[$0].condition == .running })
        else { return }
        zooKeeper.leader = winner
        zooKeeper.tree.zxid = (zooKeeper.tree.zxid >> 32 + 1) << 32
        for id in zooKeeper.sessions.keys { zooKeeper.sessions[id]?.heardAt = seconds }
        planOverdue()
    }

    /// Whether a server answers requests of clients that want to write too.
    func isServing(_ server: EnsembleMember) -> Bool {
        zooKeeper.isServing && server.condition == .running && server.isSynced
    }

    private mutating func dropConnections(of server: Int) {
        for id in zooKeeper.connections.keys.sorted()
        where zooKeeper.connections[id]?.server == server { end(id) }
    }

    /// Closes a connection; its session lives on.
    mutating func end(_ connection: Int) {
        forget(connection)
        zooKeeper.output.append(.close(connection: connection))
    }

    mutating func forget(_ connection: Int) {
        guard let gone = zooKeeper.connections.removeValue(forKey: connection) else { return }
        zooKeeper.watches.forget(connection)
        if zooKeeper.sessions[gone.session]?.connection == connection {
            zooKeeper.sessions[gone.session]?.connection = nil
            if zooKeeper.sessions[gone.session]?.isLocal == true {
                zooKeeper.sessions[gone.session] = nil
            }
        }
    }
}
