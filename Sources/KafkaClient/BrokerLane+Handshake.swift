// The beginning of a connection to a broker: the versions both speak, then the login.
import KafkaWire
import Transport

extension BrokerLane {
    /// Begins with the newest version that the brokers met so far speak.
    func greet() { negotiate(context.apiVersions) }

    /// The first request of a connection: a broker too old for the version answers with error 35 in
    /// the layout of version 0 and, since 2.4, with the range it knows (protocol.md 9).
    func negotiate(_ version: Int16) {
        state = .negotiating
        greetedAtNs = loop.now
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
        guard let (response, leftOver) = ApiVersionsResponse.read(buffer, version) else {
            return drop(.senselessVersions)
        }
        broker.passedOver(leftOver)
        let table = VersionTable(response)
        if response.error == .unsupportedVersion, version > 0 {
            let known = table.version(of: ApiVersionsRequest.self) ?? 0
            return negotiate(known < version ? known : 0)
        }
        guard !response.error.isError else { return drop(.kafka(response.error)) }
        context.apiVersions = min(
            Limits.newestApiVersions,
            max(version, table.version(of: ApiVersionsRequest.self) ?? version))
        connecting.arrive(&context.flow, bytes: buffer.count, at: loop.now)
        context.flow.owed(loop.now - greetedAtNs, at: loop.now)
        // What the first answer takes beyond this is not the link's.
        if lane == .fast { broker.crossed(in: loop.now - greetedAtNs) }
        context.roomMade()
        versions = table
        // Of whoever answers; see `askIdentity`.
        if !context.checksIdentity { broker.versions = table }
        if lane == .fast { broker.negotiations += 1 }
        if config.makeLogin == nil {
            becomeReady()
        } else {
            state = .authenticating
            enterLogin()
        }
    }

    /// Sends a request of our own, outside the queue of callers.
    func handshake(
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

    func startPhase() {
        if let phaseTimer { loop.cancel(phaseTimer) }
        let limit = handshakeNs
        phaseTimer = loop.after(limit) { [weak self] in
            guard let self else { return }
            silentHandshakes += 1
            let since = sentTimes.first ?? loop.now
            // An answer on the other connection meanwhile: the silence is this one's own.
            if lane == .fast || broker.lastAnswerAtNs ?? 0 <= since {
                broker.markSilent(since: since)
            }
            drop(.negotiationSilent(limit))
        }
    }

    /// For one step of a handshake; more after one that was not answered.
    var handshakeNs: UInt64 {
        patience(config.negotiateTimeoutNs << UInt64(min(silentHandshakes, 1)))
    }
}
