// How a session finds a server, loses it and finds another.
import Transport

extension ZooKeeperSession {
    /// Tries every server once, in an order of chance; `last` comes last.
    func startRound(last: Endpoint? = nil) {
        guard state != .closed, link == nil else { return }
        round = shuffled(config.servers.servers)
        if let last, let index = round.firstIndex(of: last) {
            round.append(round.remove(at: index))
        }
        if let preferred, let index = round.firstIndex(of: preferred) {
            round.insert(round.remove(at: index), at: 0)
        }
        preferred = nil
        refusals = 0
        connectNext()
    }

    private func shuffled(_ servers: [Endpoint]) -> [Endpoint] {
        var servers = servers
        for index in servers.indices.dropLast() {
            let left = UInt64(servers.count - index)
            servers.swapAt(index, index + Int(loop.system.random() % left))
        }
        return servers
    }

    private func connectNext() {
        guard state != .closed, link == nil else { return }
        guard !round.isEmpty else { return roundFailed() }
        let server = round.removeFirst()
        switch state {
        case .disconnected: break
        case .idle, .connecting, .connected, .expired, .closed: set(.connecting(server))
        }
        guard state != .closed else { return }
        let isResumed = sessionID != 0 && hasSeenQuorum
        let resumption = Resumption(
            sessionID: isResumed ? sessionID : 0,
            password: isResumed ? password : [UInt8](repeating: 0, count: 16),
            lastZxid: lastZxid,
            watches: watches.requests(
                since: lastZxid, withTrees: knowsTrees[server] == true,
                limit: Limits.setWatchesBytes))
        let link = SessionLink(loop, config, server, resumption, owner: self)
        self.link = link
        link.connect()
    }

    private func roundFailed() {
        noteRefusals()
        noteCutOff()
        let last = failures.isEmpty ? nil : lastFailure
        if let last { set(.disconnected(sinceNs: lostAtNs, why: last)) }
        guard state != .closed else { return }
        wait()
    }

    /// Waits before the next round: doubling, between half and all of it by chance.
    private func wait(last: Endpoint? = nil) {
        let doublings = UInt64(min(failedRounds, Limits.backoffDoublings))
        failedRounds += 1
        let whole = min(config.backoffMaxNs, config.backoffMinNs << doublings)
        let pause = whole / 2 + loop.system.random() % (whole / 2 + 1)
        backoffTimer = loop.after(pause) { [weak self] in
            self?.backoffTimer = nil
            self?.startRound(last: last)
        }
    }

    private var lastFailure: ZooKeeperError? {
        lastFailed.flatMap { failures[$0] } ?? failures.values.first
    }

    /// When the ensemble's data was replaced by older data every server refuses us as being ahead,
    /// for ever, as all do for a while without a quorum: after a time in which the session has
    /// surely expired we begin from nothing, and whoever watches must read again.
    private func noteRefusals() {
        guard lastZxid > 0, refusals >= config.servers.servers.count else {
            refusedSinceNs = nil
            return
        }
        let since = refusedSinceNs ?? loop.now
        refusedSinceNs = since
        guard loop.now - since >= Limits.refusedNs else { return }
        refusedSinceNs = nil
        lastZxid = 0
        forgetSession()
    }

    /// A server cut off from its quorum takes up no session of the ensemble (3.7 and newer), only
    /// new ones. Once ours is past its time-out there is nothing left to hold on to, and what such
    /// a server knows is better than nothing.
    private func noteCutOff() {
        let patience = UInt64(max(0, timeoutMs)) * Limits.nanosecondsPerMillisecond
        guard config.canBeReadOnly, sessionID != 0, hasSeenQuorum, refusals > 0,
            loop.now - min(loop.now, lostAtNs) >= patience
        else { return }
        forgetSession()
        // The server is there and waits for just this.
        failedRounds = 0
    }

    private func forgetSession() {
        sessionID = 0
        password = [UInt8](repeating: 0, count: 16)
        hasSeenQuorum = false
        expirations += 1
        set(.expired)
    }

    // MARK: A server with a quorum

    /// On a read-only server: asks the others now and then whether they have a quorum, and moves.
    func searchQuorum() {
        guard isReadOnly, state.isConnected, searchTimer == nil else { return }
        let doublings = UInt64(min(searches, Limits.backoffDoublings))
        let pause = min(Limits.searchMaxNs, Limits.searchMinNs << doublings)
        searches += 1
        searchTimer = loop.after(pause) { [weak self] in
            guard let self else { return }
            searchTimer = nil
            guard isReadOnly, let current = link else { return }
            for server in config.servers.servers where server != current.server {
                askWord(.isro, server) { [weak self] result in
                    guard let self, case .success(let answer) = result, answer.hasPrefix("rw"),
                        self.link === current, isReadOnly, state.isConnected
                    else { return }
                    isReadOnly = false
                    preferred = server
                    current.drop(
                        SessionFailure(
                            code: .connectionClosed,
                            what: "left for \(server), which has a quorum"))
                }
            }
            searchQuorum()
        }
    }

    func askWord(
        _ word: FourLetterWord, _ server: Endpoint,
        _ completion: @escaping (Result<String, ZooKeeperError>) -> Void
    ) {
        ServerQuery.word(
            word, of: server, at: config.map(server), loop,
            options: config.connectOptions(to: server),
            completion: completion)
    }
}

extension ZooKeeperSession: SessionLinkOwner {
    func linkGranted(_ link: SessionLink, _ response: ConnectResponse) {
        guard link === self.link else { return }
        sessionID = response.sessionID
        password = response.password ?? []
        timeoutMs = response.timeoutMs
        isReadOnly = response.readOnly ?? false
        if !isReadOnly { hasSeenQuorum = true }
    }

    func linkExpired(_ link: SessionLink) {
        guard link === self.link else { return }
        self.link = nil
        let wasAsked = sessionID != 0 && hasSeenQuorum
        if wasAsked {
            round.insert(link.server, at: 0)
            forgetSession()
        } else {
            note(
                SessionFailure(code: .closedAtOnce, what: "the server grants no session"),
                link.server)
        }
        loop.after(0) { [weak self] in self?.connectNext() }
    }

    func linkReady(_ link: SessionLink) {
        guard link === self.link else { return }
        attachments += 1
        failures = [:]
        refusedSinceNs = nil
        round = []
        searches = 0
        let isTold = knowsTrees[link.server] == true
        let trees = watches.trees.sorted()
        set(.connected(server: link.server, readOnly: isReadOnly))
        guard link === self.link else { return }
        restartDeadlines()
        pump()
        if attachments > 1 || !trees.isEmpty {
            if isTold, !trees.isEmpty {
                onGap(WatchGap(paths: strip(trees), isLost: false))
            } else {
                wantedTrees = trees.map { WantedTree(path: $0, completion: nil) } + wantedTrees
            }
        }
        registerTrees()
        searchQuorum()
    }

    func link(_ link: SessionLink, sawZxid zxid: Int64) {
        if link === self.link { lastZxid = max(lastZxid, zxid) }
    }

    func link(_ link: SessionLink, fired event: WatcherEvent, zxid: Int64) {
        guard link === self.link else { return }
        watches.fired(event)
        switch event.kind {
        case .created, .deleted, .dataChanged, .childrenChanged: break
        // About the session or our own removals: nothing that happened to a znode.
        default: return
        }
        guard let path = config.servers.stripped(event.path) else { return }
        onEvent(ZnodeEvent(kind: event.kind, path: path, zxid: zxid > 0 ? zxid : nil))
    }

    func linkHasRoom(_ link: SessionLink) {
        if link === self.link { pump() }
    }

    func link(
        _ link: SessionLink, endedWith failure: SessionFailure, unanswered calls: [SessionCall]
    ) {
        guard link === self.link else {
            for call in calls { call.fail(.closed, link.server) }
            return
        }
        self.link = nil
        if let searchTimer { loop.cancel(searchTimer) }
        searchTimer = nil
        isReadOnly = false
        isRegisteringTrees = false
        note(failure, link.server)
        if failure.zooKeeperCode == .unimplemented {
            knowsTrees[link.server] = false
        } else if knowsTrees[link.server] == false {
            // It may come back as a newer release.
            knowsTrees[link.server] = nil
            versions[link.server] = nil
        }
        guard link.readyAtNs > 0 else {
            if failure.code == .closedAtOnce { refusals += 1 }
            loop.after(0) { [weak self] in self?.connectNext() }
            return
        }
        lostAtNs = loop.now
        set(.disconnected(sinceNs: lostAtNs, why: failure.error("stay connected", link.server)))
        guard state != .closed else {
            for call in calls { call.fail(.closed, link.server) }
            return
        }
        giveBack(calls, failure, link.server)
        if loop.now - link.readyAtNs >= Limits.settledNs || failure.code == .silent {
            failedRounds = 0
        }
        if failedRounds > 0 { return wait(last: link.server) }
        failedRounds = 1
        let lost = link.server
        loop.after(0) { [weak self] in self?.startRound(last: lost) }
    }

    private func note(_ failure: SessionFailure, _ server: Endpoint) {
        failures[server] = failure.error("open a session", server)
        lastFailed = server
    }

    /// Reads are asked again, though not for ever, should they be what ends connections; what may
    /// have changed something is not.
    private func giveBack(_ calls: [SessionCall], _ failure: SessionFailure, _ server: Endpoint) {
        let now = loop.now
        queue.forEach { $0.waitsSince = now }
        let reads = calls.filter { $0.isRead && $0.attempts < Limits.readAttempts }
        for call in reads { call.waitsSince = now }
        queue.putBack(reads)
        restartDeadlines()
        for call in calls where !call.isRead || call.attempts >= Limits.readAttempts {
            call.fail(failure, server)
        }
    }

    func strip(_ paths: [String]) -> [String] { paths.compactMap { config.servers.stripped($0) } }
}
