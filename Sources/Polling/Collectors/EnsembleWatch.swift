// Watches the ZooKeeper ensemble of one cluster: one session, a handful of watches however large
// the cluster is, every node read again when it changed and not before.
import ClusterModel
package import Transport
package import ZooKeeperClient

/// How to reach the ensemble.
package struct EnsembleConfig: Sendable {
    /// `HOST:PORT,…/chroot`; nil: what a broker's `zookeeper.connect` says.
    package var connectString: String?
    /// Where the connect string is from, for people.
    package var origin = "--zookeeper"
    /// Where an advertised address is really reached.
    package var map: @Sendable (Endpoint) -> Endpoint = { $0 }
    /// The proxy through which servers are reached; nil: there is none.
    package var proxy: Proxy?
    package var auth: [ZooKeeperAuth] = []
    /// See `ZooKeeperConfig`: TLS and login for each connection to a server.
    package var makeLayer: (@Sendable (Endpoint) -> any StreamLayer)?
    package var makeSasl: (@Sendable (Endpoint) -> any SaslMechanism)?
    /// Of the AdminServer, asked where `mntr` is not allowed.
    package var adminPort: UInt16 = 8080

    package init(connectString: String? = nil) { self.connectString = connectString }
}

/// One cluster's ensemble, on the loop's thread. Everything it learns goes into the observer's
/// working cluster.
final class EnsembleWatch {
    /// What is read as one, and again when an event says so.
    enum Reading: CaseIterable {
        case controller, registrations, reassignments, elections, deletions, configChanges, topics
        case migration, users
    }

    /// Whose ensemble it is. Only what is kept for this cluster is read and believed.
    private enum Trust {
        case unknown, kafka
        /// It keeps another cluster.
        case foreign
        /// There is no Kafka under this path.
        case empty
    }

    unowned let observer: Observer
    let session: ZooKeeperSession
    let config: ZooKeeperConfig
    let adminPort: UInt16
    private let isOnce: Bool
    /// One persistent watch each instead of one a node, where the server knows them.
    private static let treePaths = [
        ZnodePaths.controller, ZnodePaths.controllerEpoch, ZnodePaths.brokers, ZnodePaths.admin,
        ZnodePaths.configChanges, ZnodePaths.migration,
    ]
    private(set) var usesTrees = false
    private var hasAskedForTrees = false
    private var trust = Trust.unknown
    private var verifiedAt: UInt64 = 0

    private var running: Set<Reading> = []
    private var waiting: Set<Reading> = []
    private var done: Set<Reading> = []
    /// Read once, or tried.
    private var tried: Set<Reading> = []
    private var timers: [Reading: TimerID] = [:]

    var registrations: [String: Registration] = [:]
    var lastConfigChange: String?
    var states: Set<PartitionKey> = []
    var probes: [ProbeState] = []
    /// Work that a snapshot waits for.
    private var open = 0
    private var isStarting = true
    private var isClosing = false
    /// A snapshot's session found no server: what servers say of themselves is still waited for.
    private var hasGivenUp = false
    private var isStopped = false

    init(_ observer: Observer, _ servers: ZooKeeperServers, _ settings: EnsembleConfig) {
        self.observer = observer
        isOnce = observer.isOnce
        adminPort = settings.adminPort
        var config = ZooKeeperConfig(servers: servers)
        config.map = settings.map
        config.proxy = settings.proxy
        config.auth = settings.auth
        config.makeLayer = settings.makeLayer
        config.makeSasl = settings.makeSasl
        config.requestTimeoutNs = observer.isOnce ? observer.patience : Limits.znodeTimeout
        config.connectTimeoutNs = Limits.fastTimeout
        self.config = config
        session = ZooKeeperSession(loop: observer.loop, config: config)
        probes = servers.servers.map { ProbeState(server: $0) }
    }

    func start() {
        observer.working.cluster.coordinator.chroot = config.servers.chroot
        observer.working.cluster.coordinator.servers = config.servers.servers.map {
            ZooKeeperServer(host: $0.host, port: Int32($0.port))
        }
        observer.working.cluster.coordinator.session = .connecting(
            since: Instant(ns: observer.loop.now))
        session.onState = { [weak self] in self?.stateChanged($0) }
        session.onEvent = { [weak self] in self?.take($0) }
        session.onGap = { [weak self] _ in self?.readAll() }
        begin()
        session.start()
        probeServers()
    }

    func stop() {
        isStopped = true
        for timer in timers.values { observer.loop.cancel(timer) }
        timers = [:]
        session.close()
    }

    /// Once a round of the observer: what a standing session did not report is as it was.
    func round() {
        let now = observer.loop.now
        if session.state.isConnected {
            switch trust {
            case .kafka:
                if !done.isEmpty { observer.working.markAnswered(.coordinator, at: now) }
            case .empty, .foreign, .unknown:
                // Kafka may be started there meanwhile.
                if verifiedAt > 0, now &- verifiedAt >= Limits.connectInterval { verify() }
            }
        }
        probeServers()
    }

    /// The first readings have not all ended: that something is not there is no fact.
    var isReading: Bool {
        guard !hasGivenUp, !isStopped else { return false }
        switch trust {
        case .unknown: return true
        case .kafka: return tried.count < Reading.allCases.count
        case .foreign, .empty: return false
        }
    }

    // MARK: Accounts

    /// A snapshot waits until everything begun has ended.
    func begin() {
        guard isOnce, !isClosing else { return }
        open += 1
        observer.beginWork()
    }

    func end() {
        guard isOnce, open > 0 else { return }
        open -= 1
        if open == 0, !isClosing {
            // The session is ended in order: a dead one would stay for its time-out.
            isClosing = true
            session.close { [weak self] in self?.observer.endWork() }
            return
        }
        observer.endWork()
    }

    /// Ends the work begun at the start, once.
    private func endStart() {
        guard isStarting else { return }
        isStarting = false
        end()
    }

    func note(_ error: ZooKeeperError, _ subject: String) {
        observer.working.note(
            ObservationFailure(
                api: "ZooKeeper", broker: nil,
                code: error.zooKeeperCode.map { "\($0)" } ?? error.code.rawValue,
                message: error.sentence, section: .coordinator),
            subject: subject, at: observer.loop.now)
    }

    func settle(_ subject: String) {
        observer.working.settle("ZooKeeper", broker: nil, subject: subject)
    }

    /// Sets the time for what is folded now.
    func stampWall() {
        observer.working.wall = WallTime(ms: observer.loop.system.wallClockMs())
    }

    // MARK: The session

    private func stateChanged(_ state: SessionState) {
        guard !isStopped, !isClosing, !hasGivenUp else { return }
        stampWall()
        let now = observer.loop.now
        switch state {
        case .connected(let server, let isReadOnly):
            observer.working.fold(
                session: .connected(server: "\(server)", isReadOnly: isReadOnly), now: now)
            settle("session")
            // Watches of other kinds were set again by the session; what they may have missed is
            // read.
            registrations = [:]
            learnEnsemble()
            if !hasAskedForTrees {
                askForTrees()
            } else {
                // Another ensemble may answer at the address by now.
                verify()
            }
        case .disconnected(let since, let why):
            lose(why, since: since)
        case .expired:
            observer.working.note(
                .ensemble, .sessionExpired,
                EventStamp(wall: observer.working.wall, now: Instant(ns: now)), source: "session")
        case .idle, .connecting, .closed: break
        }
        observer.changed()
    }

    private func lose(_ why: ZooKeeperError, since: UInt64) {
        observer.working.pendingEvents.isWatched = false
        observer.working.fold(
            session: .lost(since: Instant(ns: since), why: why.what), now: observer.loop.now)
        note(why, "session")
        if !isOnce {
            // Who of the ensemble is left is asked at once.
            for number in probes.indices { probes[number].askedAt = 0 }
            probeServers()
        }
        // A snapshot does not wait for servers that all have failed.
        guard isOnce, done.isEmpty, !isClosing, !hasGivenUp else { return }
        hasGivenUp = true
        session.close()
        endStart()
    }

    /// How many servers the ensemble consists of: the connect string may name fewer.
    private func learnEnsemble() {
        session.ensemble { [weak self] result in
            guard let self, case .success(let servers) = result, !servers.isEmpty else { return }
            observer.working.cluster.coordinator.ensembleSize = servers.count { !$0.isObserver }
        }
    }

    private func askForTrees() {
        hasAskedForTrees = true
        // A snapshot watches nothing.
        guard !isOnce else { return verify() }
        var left = Self.treePaths.count
        var taken = 0
        for path in Self.treePaths {
            session.watchTree(path) { [weak self] result in
                guard let self else { return }
                left -= 1
                if case .success = result { taken += 1 }
                guard left == 0, !isStopped else { return }
                usesTrees = taken == Self.treePaths.count
                verify()
            }
        }
    }

    /// Reads whose ensemble this is before anything of it is believed.
    private func verify() {
        begin()
        verifiedAt = observer.loop.now
        session.get(ZnodePaths.clusterID) { [weak self] result in
            guard let self, !isStopped else { return }
            judge(result)
            endStart()
            end()
        }
    }

    /// Kafka makes `/cluster/id` before anything else (0.10.1 and later): where it is not there,
    /// that nothing else is there says nothing of the cluster.
    private func judge(_ result: Result<Znode, ZooKeeperError>) {
        switch result {
        case .success(let node):
            guard let id = ZnodeContent.clusterID(node.data),
                let expected = observer.working.cluster.clusterID, id != expected
            else { break }
            trust = .foreign
            return refuse(
                "WRONG_CLUSTER",
                "The ensemble at \(config.servers) keeps cluster \(id), the brokers are "
                    + "\(expected): nothing of it is shown. Check the address and its chroot.")
        case .failure(let error) where error.isMissing:
            trust = .empty
            return refuse(
                "NO_KAFKA",
                "There is no Kafka under this path: \(config.servers) has no "
                    + "\(ZnodePaths.clusterID), and nothing of it is shown. Check the chroot: "
                    + "brokers name it in zookeeper.connect.")
        case .failure(let error) where error.isForbidden: break
        case .failure(let error): return note(error, Self.verification)
        }
        settle(Self.verification)
        trust = .kafka
        readAll()
    }

    private static let verification = "cluster"

    private func refuse(_ code: String, _ message: String) {
        observer.working.note(
            ObservationFailure(
                api: "ZooKeeper", broker: nil, code: code, message: message,
                section: .coordinator),
            subject: Self.verification, at: observer.loop.now)
        observer.changed()
    }

    // MARK: Readings

    private func readAll() {
        guard trust == .kafka else { return }
        for reading in Reading.allCases { read(reading) }
        for key in states { readState(key) }
    }

    /// Reads something now, or once more when it is being read already: what changed meanwhile may
    /// not be in the answer under way.
    func read(_ reading: Reading) {
        guard !isStopped, trust == .kafka, !isClosing, !hasGivenUp else { return }
        guard running.insert(reading).inserted else {
            waiting.insert(reading)
            return
        }
        begin()
        let finish: (Bool) -> Void = { [weak self] isRead in
            guard let self else { return }
            running.remove(reading)
            tried.insert(reading)
            if isRead { finished(reading) }
            if waiting.remove(reading) != nil { read(reading) }
            end()
        }
        start(reading, finish)
    }

    private func finished(_ reading: Reading) {
        done.insert(reading)
        observer.working.markAnswered(.coordinator, at: observer.loop.now)
        if done.isSuperset(of: [.controller, .registrations]), session.state.isConnected {
            observer.working.pendingEvents.isWatched = true
        }
        observer.changed()
    }

    /// A node that changes often in a large cluster is read again after a while only.
    private func readLater(_ reading: Reading) {
        guard timers[reading] == nil else { return }
        timers[reading] = observer.loop.after(Limits.topicListInterval) { [weak self] in
            self?.timers[reading] = nil
            self?.read(reading)
        }
    }

    private func take(_ event: ZnodeEvent) {
        let path = event.path
        if let key = ZnodePaths.partition(ofState: path) {
            if states.contains(key) { readState(key) }
        } else if ZnodePaths.isBelow(path, ZnodePaths.controller)
            || ZnodePaths.isBelow(path, ZnodePaths.controllerEpoch)
        {
            read(.controller)
        } else if ZnodePaths.isBelow(path, ZnodePaths.brokers) {
            if let name = path.split(separator: "/").last, path != ZnodePaths.brokers {
                registrations[String(name)] = nil
            }
            read(.registrations)
        } else if ZnodePaths.isBelow(path, ZnodePaths.reassignments) {
            read(.reassignments)
        } else if ZnodePaths.isBelow(path, ZnodePaths.elections) {
            read(.elections)
        } else if ZnodePaths.isBelow(path, ZnodePaths.deletions) {
            read(.deletions)
        } else if ZnodePaths.isBelow(path, ZnodePaths.configChanges) {
            read(.configChanges)
        } else if path == ZnodePaths.topics {
            readLater(.topics)
        } else if ZnodePaths.isBelow(path, ZnodePaths.migration) {
            read(.migration)
        }
    }
}
