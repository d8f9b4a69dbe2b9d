// One connection to a broker, from nothing to ready and back: negotiation, the place of the login,
// requests in flight, those that wait, silence and back-off. It reconnects when a request needs it.
import KafkaWire
import Transport

/// One of a broker's two connections and the requests on it.
final class BrokerLane {
    private(set) var state = BrokerLink.State.idle

    private let context: ClientContext
    private let broker: BrokerConnections
    private let lane: Lane
    private let endpoint: Endpoint
    private var stream: FrameStream?
    private var versions: VersionTable?
    private var waiting: [Call] = []
    /// When each unanswered request was sent, oldest first, abandoned ones included.
    private var sentTimes: [UInt64] = []
    private var heardAnswers = 0
    private var countedBytesIn: UInt64 = 0
    private var failedAttempts = 0
    private var phaseTimer: TimerID?
    private var silenceTimer: TimerID?
    private var idleTimer: TimerID?
    private var usedAtNs: UInt64 = 0
    private var lastFailure: RequestFailure?
    private var isRetiring = false

    private var loop: Loop { context.loop }
    private var config: ClientConfig { context.config }

    init(_ context: ClientContext, _ broker: BrokerConnections, _ lane: Lane, _ endpoint: Endpoint)
    {
        self.context = context
        self.broker = broker
        self.lane = lane
        self.endpoint = endpoint
    }

    /// True while something is under way that an answer of the broker would end.
    var isBusy: Bool {
        switch state {
        case .connecting, .negotiating, .authenticating: true
        case .idle, .backingOff: false
        case .ready: !waiting.isEmpty || (stream?.unanswered ?? 0) > 0
        }
    }

    /// Connected, and everything asked has been answered.
    var owesNothing: Bool { state == .ready && sentTimes.isEmpty && waiting.isEmpty }

    /// Takes a request; it ends by its deadline whatever happens, never before this call returns.
    func submit(_ call: Call) {
        guard waiting.count < config.queued else {
            return loop.later { [broker] in call.fail(.queueFull, broker) }
        }
        probe()
        if case .backingOff = state { return refuse(call) }
        // Nobody waits a second time for a connection that takes seconds to fail.
        if lastFailure?.code == .connectTimedOut, state != .ready { return refuse(call) }
        call.setTimer { [weak self] in self?.expired($0) }
        waiting.append(call)
        pump()
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

    /// Sends what waits, as far as the broker lets us.
    func pump() {
        guard state == .ready, let stream else { return }
        if let until = broker.throttledUntilNs, until > loop.now { return }
        while !waiting.isEmpty, stream.unanswered < config.inFlight, self.stream === stream {
            send(waiting.removeFirst(), stream)
        }
    }

    /// The broker failed moments ago: say so instead of trying again at once.
    private func refuse(_ call: Call) {
        let failure = lastFailure ?? .queueFull
        loop.later { [broker] in call.fail(failure, broker) }
    }

    // MARK: Connecting

    private func connect() {
        let stream = FrameStream()
        self.stream = stream
        state = .connecting
        versions = nil
        heardAnswers = 0
        countedBytesIn = 0
        context.counters.connectionsOpened += 1
        stream.onOpen = { [weak self] in self?.negotiate(Limits.firstApiVersions) }
        stream.onBytes = { [weak self] in self?.noteBytes() }
        stream.onEnd = { [weak self] error in self?.ended(error) }
        stream.connect(loop, to: config.map(endpoint), config.connectOptions(to: endpoint))
    }

    /// The first request of a connection: a broker too old for the version answers with error 35 in
    /// the layout of version 0 and, since 2.4, with the range it knows (protocol.md 9).
    private func negotiate(_ version: Int16) {
        state = .negotiating
        startPhase()
        var request = ApiVersionsRequest()
        request.clientSoftwareName = config.softwareName
        request.clientSoftwareVersion = config.softwareVersion
        handshake({ id, client throws(WireFault) in
            try encodeRequest(request, version: version, correlationID: id, clientID: client)
        }) { [weak self] buffer in
            self?.negotiated(buffer, version)
        }
    }

    private func negotiated(_ buffer: FrameBuffer, _ version: Int16) {
        let response: ApiVersionsResponse
        do throws(WireFault) {
            response = try buffer.withBytes { bytes throws(WireFault) in
                try decodeResponse(ApiVersionsRequest.self, version: version, bytes: bytes)
            }
        } catch {
            return drop(
                RequestFailure(code: .notKafka, what: "the answer to ApiVersions makes no sense"))
        }
        let table = VersionTable(response)
        if response.error == .unsupportedVersion, version > 0 {
            let known = table.version(of: ApiVersionsRequest.self) ?? 0
            return negotiate(known < version ? known : 0)
        }
        guard !response.error.isError else { return drop(.kafka(response.error)) }
        versions = table
        broker.versions = table
        if lane == .fast { broker.negotiations += 1 }
        if let login = config.makeLogin?() {
            state = .authenticating
            logIn(login, after: nil, step: 0)
        } else {
            becomeReady()
        }
    }

    private func logIn(_ login: any Login, after answer: FrameBuffer?, step: Int) {
        guard let versions else { return }
        startPhase()
        do throws(LoginFailure) {
            guard step < Limits.loginSteps else {
                throw LoginFailure(error: .saslAuthenticationFailed, message: "too many steps")
            }
            guard let request = try login.next(after: answer, versions: versions) else {
                return becomeReady()
            }
            handshake(request.encode) { [weak self] in
                self?.logIn(login, after: $0, step: step + 1)
            }
        } catch {
            let reason = error.message.isEmpty ? "" : " (\(error.message))"
            drop(RequestFailure(code: .loginFailed, what: "\(error.error)\(reason)"))
        }
    }

    /// Sends a request of our own, outside the queue of callers.
    private func handshake(
        _ encode: (Int32, String) throws(WireFault) -> [UInt8],
        _ answered: @escaping (FrameBuffer) -> Void
    ) {
        guard let stream else { return }
        do throws(WireFault) {
            let frame = try encode(stream.nextCorrelationID, config.clientID)
            let sent = stream.send(frame) { result in
                // `onEnd` reports the end of the stream.
                if case .success(let buffer) = result { answered(buffer) }
            }
            if sent != nil { noteSent(frame.count) }
        } catch {
            drop(RequestFailure(code: .cannotExpress, what: "\(error)"))
        }
    }

    private func startPhase() {
        if let phaseTimer { loop.cancel(phaseTimer) }
        phaseTimer = loop.after(config.negotiateTimeoutNs) { [weak self] in
            guard let self else { return }
            let since = sentTimes.first ?? loop.now
            // An answer on the other connection meanwhile: the silence is this one's own.
            if lane == .fast || broker.lastAnswerAtNs ?? 0 <= since {
                broker.markSilent(since: since)
            }
            drop(.negotiationSilent(config.negotiateTimeoutNs))
        }
    }

    private func becomeReady() {
        if let phaseTimer { loop.cancel(phaseTimer) }
        phaseTimer = nil
        state = .ready
        lastFailure = nil
        usedAtNs = loop.now
        watchIdle()
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
            noteSent(frame.count)
        } catch {
            let failure = RequestFailure(code: .cannotExpress, what: "\(error)")
            loop.later { [broker] in call.fail(failure, broker) }
        }
    }

    private func finish(
        _ call: Call, _ version: Int16, _ result: Result<FrameBuffer, TransportError>
    ) {
        switch result {
        case .success(let buffer):
            let now = loop.now
            let sentAt = call.sentAtNs ?? now
            failedAttempts = 0
            broker.measured(now - sentAt)
            call.end(
                .success(
                    Reply(
                        buffer: buffer, version: version, broker: broker, sentAtNs: sentAt,
                        receivedAtNs: now)))
        case .failure(let error):
            call.fail(lastFailure ?? RequestFailure(error, greeted: true), broker)
        }
    }

    /// A request's time is over.
    private func expired(_ call: Call) {
        guard call.sentAtNs != nil, let id = call.correlationID, let stream else {
            waiting.removeAll { $0 === call }
            return call.fail(.stillWaiting(call.kind.timeoutNs, state), broker)
        }
        let partial = stream.partial
        let quiet = quietNs
        stream.abandon(id)
        let isQuiet = quiet >= call.kind.timeoutNs / 4 * 3
        if isQuiet {
            if lane == .fast { broker.markSilent(since: sentTimes.first ?? loop.now - quiet) }
            watchSilence()
        }
        let failure = RequestFailure.timedOut(
            call.kind.timeoutNs, partial: partial, isSilent: isQuiet)
        if lane == .fast { broker.failed(call.kind.error(failure, broker)) }
        call.fail(failure, broker)
        if isRetiring { retire() }
    }

    // MARK: Silence

    /// How long the connection has owed us bytes.
    private var quietNs: UInt64 {
        guard let oldest = sentTimes.first else { return 0 }
        return loop.now - max(oldest, stream?.connection?.lastReadAt ?? 0)
    }

    /// A connection that owes us bytes for too long is made anew: the broker may have lost it.
    private func watchSilence() {
        guard silenceTimer == nil else { return }
        let quiet = quietNs
        let left = config.silentCloseNs > quiet ? config.silentCloseNs - quiet : 0
        silenceTimer = loop.after(left) { [weak self] in
            guard let self else { return }
            silenceTimer = nil
            guard !sentTimes.isEmpty else { return }
            guard quietNs >= config.silentCloseNs else { return watchSilence() }
            drop(.silent(forNs: quietNs), backsOff: false)
            // Nobody need ask: the new connection's first answer is the proof of life.
            if !isRetiring { probe() }
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

    private func noteSent(_ bytes: Int) {
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
        guard stream.answers != heardAnswers else { return }
        heardAnswers = stream.answers
        sentTimes.removeFirst(max(0, sentTimes.count - stream.unanswered))
        broker.heard(loop.now)
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
    private func drop(_ failure: RequestFailure, backsOff: Bool = true, isFault: Bool = true) {
        let stream = stream
        let calls = waiting
        self.stream = nil
        waiting = []
        sentTimes = []
        for timer in [phaseTimer, silenceTimer, idleTimer] { if let timer { loop.cancel(timer) } }
        phaseTimer = nil
        silenceTimer = nil
        idleTimer = nil
        lastFailure = failure
        state = backsOff ? .backingOff(untilNs: loop.now + nextBackoff()) : .idle
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
            versions: ApiVersionsRequest.versions, lane: .fast, timeoutNs: 0,
            encode: { _, _, _ throws(WireFault) in [] })
    }
}
