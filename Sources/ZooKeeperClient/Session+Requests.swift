// What a session can be asked, how requests wait, and until when.
import Transport

extension ZooKeeperSession {
    /// Reads a znode's data. With `watch`, its next change or deletion is reported once.
    package func get(
        _ path: String, watch: Bool = false,
        completion: @escaping (Result<Znode, ZooKeeperError>) -> Void
    ) {
        read(path, "read", { GetDataRequest(path: $0, watch: watch) }) { full, result in
            if watch, case .success = result { self.watches.addData(full) }
            completion(
                result.map { Znode(data: $1.data ?? [], stat: $1.stat, zxid: $0.zxid) })
        }
    }

    /// Reads the names of a znode's children. With `watch`, the next change of the list or the
    /// znode's deletion is reported once.
    package func children(
        _ path: String, watch: Bool = false,
        completion: @escaping (Result<ZnodeChildren, ZooKeeperError>) -> Void
    ) {
        read(path, "list the children of", { GetChildren2Request(path: $0, watch: watch) }) {
            full, result in
            if watch, case .success = result { self.watches.addChild(full) }
            completion(
                result.map {
                    ZnodeChildren(names: $1.children.sorted(), stat: $1.stat, zxid: $0.zxid)
                })
        }
    }

    /// Asks whether a znode exists. With `watch`, its next creation, change or deletion is
    /// reported once.
    package func exists(
        _ path: String, watch: Bool = false,
        completion: @escaping (Result<ZnodeExistence, ZooKeeperError>) -> Void
    ) {
        read(path, "look for", { ExistsRequest(path: $0, watch: watch) }) { full, result in
            switch result {
            case .success(let (head, reply)):
                if watch { self.watches.addData(full) }
                completion(.success(ZnodeExistence(stat: reply.stat, zxid: head.zxid)))
            case .failure(let error) where error.isMissing:
                if watch { self.watches.addExist(full) }
                completion(.success(ZnodeExistence(stat: nil, zxid: self.lastZxid)))
            case .failure(let error): completion(.failure(error))
            }
        }
    }

    /// Reads which servers the ensemble consists of, as it says itself (3.5 and newer). The znode
    /// stands outside every chroot.
    package func ensemble(
        completion: @escaping (Result<[EnsembleServer], ZooKeeperError>) -> Void
    ) {
        let path = "/zookeeper/config"
        ask(GetDataRequest(path: path, watch: false), "read \(path)", isRead: true) { result in
            completion(
                result.map { _, reply in EnsembleServer.parse(configuration: reply.data ?? []) })
        }
    }

    /// Sends any request. Paths in it are the server's, chroot included, and unchecked. It is never
    /// asked twice: after a loss nobody knows whether it took effect.
    package func send<R: ZooKeeperRequest>(
        _ request: R, action: String,
        completion: @escaping (Result<R.Reply, ZooKeeperError>) -> Void
    ) {
        ask(request, action, isRead: false) { completion($0.map(\.1)) }
    }

    /// Forgets the one-shot watches on a path: they will not be set again, and where the server can
    /// it is asked to drop them too.
    package func unwatch(_ path: String) {
        let full = config.servers.full(path)
        watches.removeOneShot(full)
        guard let version = serverVersion, version >= .withRemoveWatches else { return }
        ask(RemoveWatchesRequest(path: full), "unwatch \(path)", isRead: false) { _ in }
    }

    // MARK: Under the hood

    private func read<R: ZooKeeperRequest>(
        _ path: String, _ verb: String, _ build: (String) -> R,
        _ completion: @escaping (String, Result<(ReplyHead, R.Reply), ZooKeeperError>) -> Void
    ) {
        let action = "\(verb) \(path)"
        let full = config.servers.full(path)
        if let reason = ZnodePath.fault(path) {
            loop.after(0) {
                completion(full, .failure(SessionFailure.badPath(reason).error(action, nil)))
            }
            return
        }
        ask(build(full), action, isRead: true) { completion(full, $0) }
    }

    func ask<R: ZooKeeperRequest>(
        _ request: R, _ action: String, isRead: Bool,
        _ completion: @escaping (Result<(ReplyHead, R.Reply), ZooKeeperError>) -> Void
    ) {
        submit(
            SessionCall(
                action: action, isRead: isRead, now: loop.now,
                encode: { Jute.request(xid: $0, request) },
                finish: { [weak self] result in
                    completion(result.flatMap { Self.decode(R.self, $0, action, self) })
                }))
    }

    private static func decode<R: ZooKeeperRequest>(
        _ type: R.Type, _ frame: ReplyFrame, _ action: String, _ session: ZooKeeperSession?
    ) -> Result<(ReplyHead, R.Reply), ZooKeeperError> {
        guard !frame.head.code.isError else {
            return .failure(SessionFailure.zooKeeper(frame.head.code).error(action, frame.server))
        }
        do throws(JuteFault) {
            var leftOver = 0
            let reply = try Jute.body(
                R.Reply.self, after: ReplyHead.self, frame.bytes, leftOver: &leftOver)
            session?.passedOver(leftOver)
            return .success((frame.head, reply))
        } catch {
            return .failure(SessionFailure.malformed(error).error(action, frame.server))
        }
    }

    private func submit(_ call: SessionCall) {
        guard state != .closed else {
            loop.after(0) { call.fail(.closed, nil) }
            return
        }
        guard queue.count < config.queued else {
            loop.after(0) { call.fail(.queueFull, nil) }
            return
        }
        if state == .idle { start() }
        queue.append(call)
        watchDeadlines()
        pump()
    }

    /// Sends what waits, as far as the bound on unanswered requests lets us.
    func pump() {
        guard let link, link.isReady else { return }
        while link === self.link, link.isReady, link.unanswered < config.inFlight,
            let call = queue.popFirst()
        {
            link.send(call)
        }
        watchDeadlines()
    }

    // MARK: Deadlines

    func restartDeadlines() {
        if let deadlineTimer { loop.cancel(deadlineTimer) }
        deadlineTimer = nil
        watchDeadlines()
    }

    /// One timer for the request that is due first.
    private func watchDeadlines() {
        guard state != .closed else { return }
        var due: UInt64?
        if let sentAt = link?.oldestSentAt { due = sentAt + config.requestTimeoutNs }
        func consider(_ time: UInt64?, _ patience: UInt64) {
            if let time { due = min(due ?? .max, time + patience) }
        }
        consider(queue.earliest(\.submittedAt), config.queueTimeoutNs)
        if !state.isConnected { consider(queue.earliest(\.waitsSince), config.requestTimeoutNs) }
        guard let due else { return }
        if let deadlineTimer {
            guard due < deadlineAtNs else { return }
            loop.cancel(deadlineTimer)
        }
        deadlineAtNs = max(due, loop.now + Limits.nanosecondsPerMillisecond)
        deadlineTimer = loop.at(deadlineAtNs) { [weak self] in
            self?.deadlineTimer = nil
            self?.sweep()
        }
    }

    private func sweep() {
        let now = loop.now
        if let link, now >= config.requestTimeoutNs {
            link.expire(
                before: now - config.requestTimeoutNs, .timedOut(config.requestTimeoutNs))
        }
        let isConnected = state.isConnected
        let (patience, whole) = (config.requestTimeoutNs, config.queueTimeoutNs)
        let over = queue.remove { call in
            call.submittedAt + whole <= now || !isConnected && call.waitsSince + patience <= now
        }
        for call in over { call.end(.failure(waitingTooLong(call))) }
        watchDeadlines()
    }

    /// Why a request found no server: what the servers said.
    private func waitingTooLong(_ call: SessionCall) -> ZooKeeperError {
        if state.isConnected {
            return SessionFailure(
                code: .timedOut,
                what: "not sent within \(readableSeconds(config.queueTimeoutNs)): "
                    + "earlier requests are not answered"
            ).error(call.action, server)
        }
        let reasons = failures.sorted { $0.key.description < $1.key.description }
        guard let first = reasons.first?.value else {
            return SessionFailure.timedOut(config.requestTimeoutNs).error(call.action, nil)
        }
        guard reasons.count > 1 else {
            var error = first
            error.action = call.action
            return error
        }
        let said = reasons.map { "\($0.key): \($0.value.what)" }.joined(separator: "; ")
        return ZooKeeperError(
            code: .noServer, action: call.action, server: nil,
            what: "none of \(reasons.count) servers will do (\(said))", advice: "")
    }
}
