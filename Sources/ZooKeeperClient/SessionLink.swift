// One connection of a session to one server, from nothing to its end: the granted session, login,
// watches set again, requests in flight, pings and silence. The session outlives it.
import Transport

/// A connection to one server.
final class SessionLink {
    enum Phase: Equatable {
        case connecting, asking, sasl(Int), auth(Int), watches(Int), ready, ended
    }

    /// As the ensemble is named, before the mapping.
    let server: Endpoint
    private(set) var phase = Phase.connecting
    private(set) var timeoutMs: Int32 = 0
    private(set) var readyAtNs: UInt64 = 0
    /// The newest ping's round trip.
    private(set) var roundTripNs: UInt64?
    /// True once the server has granted a session.
    private(set) var isGranted = false

    private struct Pending {
        let xid: Int32
        let call: SessionCall?
        let sentAt: UInt64
        let internalDone: ((ReplyFrame) -> Void)?
    }

    private weak var owner: (any SessionLinkOwner)?
    /// Bytes behind the answer just read.
    private var leftOver = 0 {
        didSet { owner?.passedOver(leftOver) }
    }
    private let loop: Loop
    private let config: ZooKeeperConfig
    private let resumption: Resumption
    private var connection: Connection?
    private var frames = ReplyFrames()
    private var pending: [Pending] = []
    private var firstPending = 0
    private var nextXid: Int32 = 1
    private var lastSentAt: UInt64 = 0
    private var pingSentAt: UInt64?
    private var phaseTimer: TimerID?
    private var heartbeatTimer: TimerID?
    private var mechanism: (any SaslMechanism)?

    init(
        _ loop: Loop, _ config: ZooKeeperConfig, _ server: Endpoint, _ resumption: Resumption,
        owner: any SessionLinkOwner
    ) {
        self.loop = loop
        self.config = config
        self.server = server
        self.resumption = resumption
        self.owner = owner
    }

    var isReady: Bool { phase == .ready }
    var unanswered: Int { pending.count - firstPending }
    /// When the oldest unanswered request was sent.
    var oldestSentAt: UInt64? {
        pending[firstPending...].first { $0.call?.isEnded == false }?.sentAt
    }

    func connect() {
        connection = loop.connect(
            to: config.map(server), config.connectOptions(to: server), handler: self)
    }

    /// Sends a request of a caller; only when ready.
    func send(_ call: SessionCall) {
        guard phase == .ready else { return }
        let xid = takeXid()
        call.attempts += 1
        pending.append(Pending(xid: xid, call: call, sentAt: loop.now, internalDone: nil))
        write(call.encode(xid))
    }

    /// Fails callers whose answer is overdue; their answers, should they come, are thrown away.
    func expire(before limit: UInt64, _ failure: SessionFailure) {
        let over = pending[firstPending...].filter {
            $0.sentAt <= limit && $0.call?.isEnded == false
        }
        for next in over { next.call?.fail(failure, server) }
    }

    /// Ends the session on the server; `done` runs when it has said so or the link has ended.
    func closeSession(_ done: @escaping () -> Void) {
        guard phase == .ready else { return done() }
        request(CloseSessionRequest()) { _ in done() }
    }

    /// Ends the link from this side and reports it to the owner.
    func drop(_ failure: SessionFailure) {
        guard phase != .ended else { return }
        phase = .ended
        connection?.close()
        finish(failure)
    }

    /// Ends the link from this side without a report to the owner.
    func abandon() -> [SessionCall] {
        phase = .ended
        connection?.close()
        stopTimers()
        return takeCalls()
    }

    private func finish(_ failure: SessionFailure) {
        stopTimers()
        let calls = takeCalls()
        owner?.link(self, endedWith: failure, unanswered: calls)
    }

    private func takeCalls() -> [SessionCall] {
        let calls = pending[firstPending...].compactMap(\.call).filter { !$0.isEnded }
        pending = []
        firstPending = 0
        connection = nil
        return calls
    }

    private func stopTimers() {
        for timer in [phaseTimer, heartbeatTimer] { if let timer { loop.cancel(timer) } }
        phaseTimer = nil
        heartbeatTimer = nil
    }

    // MARK: Handshake

    private func startPhase(_ phase: Phase) {
        self.phase = phase
        if let phaseTimer { loop.cancel(phaseTimer) }
        phaseTimer = loop.after(config.handshakeTimeoutNs) { [weak self] in
            guard let self else { return }
            drop(.handshakeSilent(config.handshakeTimeoutNs))
        }
    }

    private func ask() {
        startPhase(.asking)
        var request = ConnectRequest()
        request.lastZxidSeen = resumption.lastZxid
        request.timeoutMs = config.sessionTimeoutMs
        request.sessionID = resumption.sessionID
        request.password = resumption.password
        request.readOnly = config.canBeReadOnly
        write(Jute.frame(request))
    }

    private func granted(_ frame: [UInt8]) {
        let response: ConnectResponse
        do throws(JuteFault) {
            response = try Jute.read(ConnectResponse.self, frame, leftOver: &leftOver)
        } catch {
            return drop(.ungranted(frame))
        }
        guard !response.isExpired else {
            phase = .ended
            connection?.close()
            stopTimers()
            connection = nil
            owner?.linkExpired(self)
            return
        }
        isGranted = true
        timeoutMs = response.timeoutMs
        owner?.linkGranted(self, response)
        guard phase != .ended else { return }
        heartbeat()
        if let make = config.makeSasl {
            mechanism = make(server)
            logIn(nil, step: 0)
        } else {
            authenticate(0)
        }
    }

    private func logIn(_ challenge: [UInt8]?, step: Int) {
        startPhase(.sasl(step))
        guard let mechanism else { return authenticate(0) }
        do throws(SaslFailure) {
            guard step < Limits.saslSteps else { throw SaslFailure("too many steps") }
            guard let token = try mechanism.step(challenge) else { return authenticate(0) }
            var saslRequest = SaslRequest()
            saslRequest.token = token
            request(saslRequest) { [weak self] frame in
                guard let self else { return }
                guard !frame.head.code.isError else {
                    return drop(.sasl("\(frame.head.code)"))
                }
                do throws(JuteFault) {
                    let reply = try Jute.body(
                        SaslReply.self, after: ReplyHead.self, frame.bytes, leftOver: &leftOver)
                    logIn(reply.token, step: step + 1)
                } catch {
                    drop(.malformed(error))
                }
            }
        } catch {
            drop(.sasl(error.reason))
        }
    }

    private func authenticate(_ index: Int) {
        guard index < config.auth.count else { return setWatches(0) }
        startPhase(.auth(index))
        var request = AuthRequest()
        request.scheme = config.auth[index].scheme
        request.auth = config.auth[index].auth
        write(Jute.request(xid: SpecialXid.auth, request))
    }

    private func setWatches(_ index: Int) {
        guard index < resumption.watches.count else { return becomeReady() }
        startPhase(.watches(index))
        let watches = resumption.watches[index]
        let xid = SpecialXid.setWatches
        write(
            watches.hasTrees
                ? Jute.request(xid: xid, watches) : Jute.request(xid: xid, watches.classic))
    }

    private func becomeReady() {
        if let phaseTimer { loop.cancel(phaseTimer) }
        phaseTimer = nil
        phase = .ready
        readyAtNs = loop.now
        owner?.linkReady(self)
    }

    // MARK: Sending

    private func takeXid() -> Int32 {
        defer { nextXid = nextXid == Int32.max ? 1 : nextXid + 1 }
        return nextXid
    }

    private func write(_ frame: [UInt8]) {
        lastSentAt = loop.now
        if connection?.send(frame) == false {
            // Not from inside a call of the owner.
            loop.after(0) { [weak self] in
                self?.drop(
                    SessionFailure(code: .connectionClosed, what: "too much waits to be sent"))
            }
        }
    }

    /// A request of our own.
    private func request(_ request: some ZooKeeperRequest, _ done: @escaping (ReplyFrame) -> Void) {
        let xid = takeXid()
        pending.append(Pending(xid: xid, call: nil, sentAt: loop.now, internalDone: done))
        write(Jute.request(xid: xid, request))
    }

    // MARK: Silence

    /// Pings when nothing was sent for a third of the session's time-out, and gives the server up
    /// when nothing came for two thirds: the last third is for finding another one.
    private func heartbeat() {
        guard phase != .ended, let connection else { return }
        // Nobody holds the session any more.
        guard owner != nil else {
            for call in abandon() { call.fail(.closed, server) }
            return
        }
        let third = max(
            UInt64(timeoutMs) * Limits.nanosecondsPerMillisecond / 3, Limits.heartbeatMinNs)
        let now = loop.now
        let quiet = now - min(now, connection.lastReadAt)
        guard quiet < 2 * third else { return drop(.silent(quiet)) }
        if now >= lastSentAt + third {
            if pingSentAt == nil { pingSentAt = now }
            write(Jute.request(xid: SpecialXid.ping, PingRequest()))
        }
        let next = min(lastSentAt + third, connection.lastReadAt + 2 * third)
        heartbeatTimer = loop.at(max(next, now + Limits.nanosecondsPerMillisecond)) {
            [weak self] in self?.heartbeat()
        }
    }

    // MARK: Receiving

    private func take(_ frame: [UInt8]) -> Bool {
        guard phase != .asking else {
            granted(frame)
            return phase != .ended
        }
        let head: ReplyHead
        do throws(JuteFault) {
            head = try Jute.head(ReplyHead.self, frame)
        } catch {
            drop(.malformed(error))
            return false
        }
        if head.zxid > 0 { owner?.link(self, sawZxid: head.zxid) }
        switch head.xid {
        case SpecialXid.watchEvent: takeEvent(head, frame)
        case SpecialXid.ping:
            if let sentAt = pingSentAt { roundTripNs = loop.now - sentAt }
            pingSentAt = nil
        case SpecialXid.auth: takeAuth(head)
        case SpecialXid.setWatches: takeSetWatches(head)
        default: takeReply(head, frame)
        }
        return phase != .ended
    }

    private func takeEvent(_ head: ReplyHead, _ frame: [UInt8]) {
        do throws(JuteFault) {
            let event = try Jute.body(
                WatcherEvent.self, after: ReplyHead.self, frame, leftOver: &leftOver)
            owner?.link(self, fired: event, zxid: head.zxid)
        } catch {
            drop(.malformed(error))
        }
    }

    private func takeAuth(_ head: ReplyHead) {
        if head.code.isError { return drop(.zooKeeper(.authFailed)) }
        if case .auth(let index) = phase { authenticate(index + 1) }
    }

    private func takeSetWatches(_ head: ReplyHead) {
        guard case .watches(let index) = phase else { return }
        if head.code.isError { return drop(.zooKeeper(head.code)) }
        setWatches(index + 1)
    }

    private func takeReply(_ head: ReplyHead, _ frame: [UInt8]) {
        guard firstPending < pending.count else {
            return drop(
                SessionFailure(
                    code: .malformedAnswer, what: "an answer nobody asked for (\(head.xid))"))
        }
        let next = pending[firstPending]
        guard next.xid == head.xid else {
            let what = "answer \(head.xid) where \(next.xid) was due"
            return drop(SessionFailure(code: .malformedAnswer, what: what))
        }
        firstPending += 1
        if firstPending == pending.count {
            pending.removeAll(keepingCapacity: true)
            firstPending = 0
        } else if firstPending >= 64, firstPending * 2 >= pending.count {
            pending.removeFirst(firstPending)
            firstPending = 0
        }
        let reply = ReplyFrame(head: head, bytes: frame, server: server)
        next.internalDone?(reply)
        next.call?.end(.success(reply))
        if phase == .ready { owner?.linkHasRoom(self) }
    }
}

extension SessionLink: StreamHandler {
    func opened(_ connection: Connection) {
        self.connection = connection
        ask()
    }

    var tail: UnsafeMutableRawBufferPointer? { nil }

    func received(placed: Int, _ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        try frames.receive(bytes) { take($0) }
    }

    func endOfStream(wasReset: Bool) -> TransportError { frames.end(wasReset: wasReset) }

    func ended(_ error: TransportError) {
        guard phase != .ended else { return }
        phase = .ended
        finish(SessionFailure(error, greeted: isGranted))
    }
}
