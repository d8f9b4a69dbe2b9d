// One connection to a broker, from nothing to ready and back: negotiation, the place of the login,
// requests in flight, those that wait, silence and back-off. It reconnects when a request needs it.
import KafkaWire
import Transport

/// One of a broker's two connections and the requests on it.
final class BrokerLane {
    var state = BrokerLink.State.idle

    let context: ClientContext
    let broker: BrokerConnections
    let lane: Lane
    let endpoint: Endpoint
    var stream: FrameStream?
    var versions: VersionTable?
    var waiting: [Call] = []
    /// When each unanswered request was sent, oldest first, abandoned ones included.
    var sentTimes: [UInt64] = []
    var heardAnswers = 0
    /// When an answer came last, or a good part of one.
    var progressedAtNs: UInt64 = 0
    /// The same of the one before.
    var progressedBeforeNs: UInt64 = 0
    /// Bytes since then.
    var bytesSinceProgress: UInt64 = 0
    /// Sent, and not ended yet.
    var sent: [Call] = []
    var connecting: Passage?
    var connectingSinceNs: UInt64 = 0
    /// When ApiVersions was sent.
    var greetedAtNs: UInt64 = 0
    var isPumpPlanned = false
    var waitsForRoom = false
    /// Handshakes in a row that were not answered in time.
    var silentHandshakes = 0
    var countedBytesIn: UInt64 = 0
    var failedAttempts = 0
    var phaseTimer: TimerID?
    var silenceTimer: TimerID?
    var idleTimer: TimerID?
    var usedAtNs: UInt64 = 0
    var lastFailure: RequestFailure?
    var isRetiring = false
    /// Another login is under way on the standing connection.
    var isRenewing = false
    var sessionTimer: TimerID?
    /// Who answers here is known to be whom we mean; see `askIdentity`.
    var isProven = false
    /// Answers that this still needs.
    var proofsLeft = 0
    /// One of them is another connection's.
    var waitsForProof = false
    /// When the connection before this one ended; 0: there was none.
    var endedAtNs: UInt64 = 0

    var loop: Loop { context.loop }
    var config: ClientConfig { context.config }
    /// Where the endpoint is really reached.
    var place: Endpoint { config.map(endpoint, broker.id) }

    init(_ context: ClientContext, _ broker: BrokerConnections, _ lane: Lane, _ endpoint: Endpoint)
    {
        self.context = context
        self.broker = broker
        self.lane = lane
        self.endpoint = endpoint
        context.register(self)
    }

    /// True while something is under way that an answer of the broker would end.
    var isBusy: Bool {
        switch state {
        case .connecting, .negotiating, .authenticating: true
        case .idle, .backingOff: !waiting.isEmpty
        case .ready: !waiting.isEmpty || (stream?.unanswered ?? 0) > 0
        }
    }

    /// Connected, and everything asked has been answered.
    var owesNothing: Bool { state == .ready && sentTimes.isEmpty && waiting.isEmpty }

    /// How long it has been trying to stand.
    var connectingNs: UInt64 { loop.now - connectingSinceNs }

    /// What waits longest here leads to other questions.
    var isWaitingToLead: Bool { waiting.first?.kind.isLeading == true }

    /// Takes a request; it never ends before this call returns. Its time runs from when it leaves.
    func submit(_ call: Call) {
        guard waiting.count < config.queued else {
            return loop.later { [broker] in call.fail(.queueFull, broker) }
        }
        if case .backingOff(let until) = state, until > loop.now { return refuse(call) }
        // Nobody waits a second time for a connection that takes seconds to fail.
        if lastFailure?.code == .connectTimedOut, state != .ready {
            probe()
            return refuse(call)
        }
        if call.kind.isLeading {
            let place = waiting.firstIndex { !$0.kind.isLeading } ?? waiting.count
            waiting.insert(call, at: place)
        } else {
            waiting.append(call)
        }
        pumpSoon()
    }

    /// When all that is asked in this turn is known, so that the order is not that of asking.
    private func pumpSoon() {
        guard !isPumpPlanned else { return }
        isPumpPlanned = true
        loop.later { [weak self] in
            self?.isPumpPlanned = false
            self?.pump()
        }
    }

    /// Connects when there is no connection and the back-off is over.
    func probe() {
        switch state {
        case .idle: connect()
        case .backingOff(let until): if until <= loop.now { connect() }
        case .connecting, .negotiating, .authenticating, .ready: break
        }
    }

    /// Ends the connection as soon as nothing is under way.
    func retire() {
        isRetiring = true
        if state == .ready, !isBusy {
            close(.init(.closedLocally("the broker has moved"), greeted: true))
        }
    }

    func close(_ failure: RequestFailure) {
        drop(failure, backsOff: false, isFault: false)
    }

    /// Sends what waits, as far as the broker and the link let us; connects first where it must.
    func pump() {
        guard !waiting.isEmpty, !waitsForRoom, !waitsForProof else { return }
        switch state {
        case .connecting, .negotiating, .authenticating: return
        case .idle, .backingOff: if hasRoom { probe() }
        case .ready:
            guard let stream, !isRenewing else { return }
            if let until = broker.throttledUntilNs, until > loop.now { return }
            while !waiting.isEmpty, stream.unanswered < config.inFlight, self.stream === stream {
                // What changes something must not reach whom we do not mean.
                guard isProven || waiting[0].kind.effect != .changes, hasRoom else { return }
                send(waiting.removeFirst(), stream)
            }
        }
    }

    /// Whether one more may leave; where not, this connection is pumped when it may.
    private var hasRoom: Bool {
        if context.hasRoom { return true }
        waitsForRoom = true
        context.waitForRoom(self, isLeading: isWaitingToLead)
        return false
    }

    func hasRoomNow() {
        waitsForRoom = false
        pump()
    }

    /// The broker failed moments ago: say so instead of trying again at once.
    private func refuse(_ call: Call) {
        let failure = lastFailure ?? .queueFull
        loop.later { [broker] in call.fail(failure, broker) }
    }

    // MARK: Connecting

    private func connect() {
        guard !restsFromLogins() else { return }
        let stream = FrameStream()
        self.stream = stream
        state = .connecting
        versions = nil
        heardAnswers = 0
        countedBytesIn = 0
        bytesSinceProgress = 0
        connectingSinceNs = loop.now
        connecting = context.flow.leaves(
            ApiVersionsRequest.apiKey, bytes: Limits.exchangeBytes, at: loop.now)
        context.counters.connectionsOpened += 1
        stream.onOpen = { [weak self] in self?.greet() }
        stream.onBytes = { [weak self] in self?.noteBytes() }
        stream.onEnd = { [weak self] error in self?.ended(error) }
        var options = config.connectOptions(to: endpoint)
        if config.settingsConnectNs == nil {
            options.connectTimeoutNs = patience(options.connectTimeoutNs)
        }
        options.layerTimeoutNs = handshakeNs
        stream.connect(loop, to: place, options)
    }

    func becomeReady() {
        if let phaseTimer { loop.cancel(phaseTimer) }
        phaseTimer = nil
        state = .ready
        silentHandshakes = 0
        progressedAtNs = loop.now
        lastFailure = nil
        usedAtNs = loop.now
        if lane == .fast {
            let chain = stream?.connection?.protection?.chain ?? []
            broker.certificateEnds = chain.compactMap(\.notAfter).min()
        }
        watchIdle()
        askIdentity()
        pump()
        if isRetiring { loop.later { [weak self] in self?.retire() } }
    }

    // MARK: Requests

    private func send(_ call: Call, _ stream: FrameStream) {
        guard !call.isEnded, let versions else { return }
        let kind = call.kind
        guard let version = versions.version(key: kind.key, ours: kind.versions) else {
            let failure = RequestFailure.unsupported(
                kind.name, ours: kind.versions, theirs: versions.ranges[kind.key])
            return loop.later { [broker] in call.fail(failure, broker) }
        }
        do throws(WireFault) {
            let frame = try kind.encode(version, stream.nextCorrelationID, config.clientID)
            let id = stream.send(frame) { [self] in finish(call, version, $0) }
            guard let id else {
                return loop.later { [broker] in call.fail(.queueFull, broker) }
            }
            call.correlationID = id
            call.sentAtNs = loop.now
            call.passage = context.flow.leaves(kind.key, bytes: frame.count, at: loop.now)
            sent.append(call)
            noteSent(frame.count)
            call.setTimer(at: due(call)) { [weak self] in self?.expired($0) }
        } catch {
            let failure = RequestFailure(code: .cannotExpress, what: "\(error)")
            loop.later { [broker] in call.fail(failure, broker) }
        }
    }

    private func finish(
        _ call: Call, _ version: Int16, _ result: Result<FrameBuffer, TransportError>
    ) {
        defer { sent.removeAll(where: \.isEnded) }
        switch result {
        case .success where !isProven:
            // It came together with the answer by which the connection was found to be another's.
            call.fail(lastFailure ?? .queueFull, broker)
        case .success(let buffer):
            let now = loop.now
            let sentAt = call.sentAtNs ?? now
            failedAttempts = 0
            broker.measured(now - sentAt, lane)
            // On the other connection it takes long at the broker itself.
            if lane == .fast { context.flow.owed(now - max(sentAt, progressedBeforeNs), at: now) }
            call.end(
                .success(
                    Reply(
                        buffer: buffer, version: version, broker: broker, sentAtNs: sentAt,
                        receivedAtNs: now)))
        case .failure(let error):
            call.fail(lastFailure ?? RequestFailure(error, greeted: true), broker)
        }
    }

    /// Closes the connection once nothing was asked on it for as long as the settings allow.
    private func watchIdle() {
        guard let limit = config.idleCloseNs, limit > 0 else { return }
        let left = usedAtNs + limit > loop.now ? usedAtNs + limit - loop.now : limit
        idleTimer = loop.after(left) { [weak self] in
            guard let self, state == .ready else { return }
            if isBusy || loop.now < usedAtNs + limit { return watchIdle() }
            close(.init(.closedLocally("nothing was asked for long"), greeted: true))
        }
    }

    func noteSent(_ bytes: Int) {
        usedAtNs = loop.now
        sentTimes.append(loop.now)
        broker.requestsSent += 1
        broker.bytesOut += UInt64(bytes)
        context.counters.requests += 1
        context.counters.bytesOut += UInt64(bytes)
    }

    private func noteBytes() {
        guard let stream, let connection = stream.connection else { return }
        let fresh = connection.bytesIn - countedBytesIn
        countedBytesIn = connection.bytesIn
        broker.bytesIn += fresh
        context.counters.bytesIn += fresh
        bytesSinceProgress += fresh
        let isAnswered = stream.answers != heardAnswers
        if isAnswered || bytesSinceProgress >= Limits.progressBytes {
            bytesSinceProgress = 0
            progressedBeforeNs = progressedAtNs
            progressedAtNs = loop.now
            context.heardAtNs = loop.now
        }
        guard isAnswered else { return }
        heardAnswers = stream.answers
        sentTimes.removeFirst(max(0, sentTimes.count - stream.unanswered))
        if isProven || !context.checksIdentity { broker.heard(loop.now) }
        // After the completions, which may say that the broker wants us to wait.
        if !waiting.isEmpty || isRetiring {
            loop.later { [weak self] in
                guard let self else { return }
                pump()
                if isRetiring { retire() }
            }
        }
    }

    // MARK: Ends

    /// The stream has ended by itself; its requests fail right after this.
    private func ended(_ error: TransportError) {
        let isGreeted = versions != nil
        let isIdle = isGreeted && sentTimes.isEmpty && waiting.isEmpty
        let failure = RequestFailure(error, greeted: isGreeted)
        // A broker closes connections that were idle for ten minutes: no fault at all.
        drop(failure, backsOff: heardAnswers <= 1, isFault: !isIdle)
    }

    /// Lets the connection go and fails whatever waits for it.
    func drop(_ failure: RequestFailure, backsOff: Bool = true, isFault: Bool = true) {
        let stream = stream
        let calls = waiting
        self.stream = nil
        waiting = []
        sentTimes = []
        connecting.release(&context.flow)
        sent = []
        if stream != nil { endedAtNs = loop.now }
        isProven = false
        proofsLeft = 0
        waitsForProof = false
        isRenewing = false
        context.proofEnded(self)
        context.roomMade()
        for timer in [phaseTimer, silenceTimer, idleTimer, sessionTimer] {
            if let timer { loop.cancel(timer) }
        }
        phaseTimer = nil
        silenceTimer = nil
        idleTimer = nil
        sessionTimer = nil
        lastFailure = failure
        state = backsOff ? .backingOff(untilNs: afterRest(loop.now + nextBackoff())) : .idle
        if let next = context.logins.left(self) { loop.later { next.enterLogin() } }
        if isFault {
            broker.failed(CallKind.connecting.error(failure, broker))
        }
        stream?.close(.closedLocally(failure.what))
        for call in calls { call.fail(failure, broker) }
    }

    /// Doubles with every failure in a row; between half and all of it, by chance.
    private func nextBackoff() -> UInt64 {
        let doublings = UInt64(min(failedAttempts, Limits.backoffDoublings))
        failedAttempts += 1
        let whole = min(config.backoffMaxNs, config.backoffMinNs << doublings)
        return whole / 2 + loop.system.random() % (whole / 2 + 1)
    }
}

extension CallKind {
    /// Stands for the connection itself in the status of a broker.
    static var connecting: CallKind {
        CallKind(
            key: ApiVersionsRequest.apiKey, name: ApiVersionsRequest.name,
            effect: ApiVersionsRequest.effect, verb: ApiVersionsRequest.verb,
            versions: ApiVersionsRequest.versions, lane: .fast, timeoutNs: 0, longestNs: 0,
            isLeading: true,
            encode: { _, _, _ throws(WireFault) in [] })
    }
}
