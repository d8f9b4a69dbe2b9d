// What is tried after a connection ended where ends have several causes: one more connection, made
// otherwise, tells which it was. A plaintext question to a port of TLS, a handshake with a port of
// plaintext, a login where none is set.
import KafkaWire
import Transport

extension ServerExamination {
    /// Ends with this failure, or with what another connection shows to be behind it.
    func followUp(_ failure: RequestFailure) {
        let beganNs = phaseBeganNs
        let (failed, address) = (phase, stream?.connection?.address)
        closeStream()
        guard let address else { return fail(failure) }
        let place =
            config.proxy == nil
            ? Endpoint(host: address.hostText, port: address.port) : found.dialled
        /// The step keeps its own time.
        func end(_ failure: RequestFailure) {
            let spentNs = loop.now &- beganNs
            phase = failed
            phaseBeganNs = beganNs
            failStep(failure)
            if let last = found.steps.indices.last { found.steps[last].tookNs = spentNs }
            finish()
        }
        switch failed {
        case .versions where config.makeLayer == nil:
            guard let makeLayer = examiner.trialLayer else { return end(failure) }
            trial(place, makeLayer: { makeLayer(self.found.endpoint) }) { [self] trial in
                end(trial.speaksTLS ? .portOfTLS(trial.tlsVersion, hasLogin) : failure)
            }
        case .tls where failure.code == .tlsFailed && found.protection?.chain.isEmpty == true:
            trial(place, makeLayer: nil) { [self] trial in
                end(trial.answered ? .portOfPlaintext(hasLogin) : failure)
            }
        case .metadata where config.makeLogin == nil && failure.code == .connectionClosed:
            trial(place, makeLayer: layerMaker) { [self] trial in
                end(
                    trial.offered.map { .portOfLogins($0, hasTLS: config.makeLayer != nil) }
                        ?? failure)
            }
        default: end(failure)
        }
    }

    private var hasLogin: Bool { config.makeLogin != nil }

    private var layerMaker: (() -> any StreamLayer)? {
        config.connectOptions(to: found.endpoint).makeLayer
    }

    private func trial(
        _ place: Endpoint, makeLayer: (() -> any StreamLayer)?,
        _ told: @escaping (PortTrial) -> Void
    ) {
        var options = config.connectOptions(to: found.endpoint)
        options.makeLayer = makeLayer
        PortTrial(loop, config, told).begin(place, options)
    }
}

/// One connection that finds out what a port speaks: TLS, Kafka, and which logins it offers.
private final class PortTrial {
    private let loop: Loop
    private let config: ClientConfig
    private var told: ((PortTrial) -> Void)?
    private let stream = FrameStream()
    private var timer: TimerID?
    /// ApiVersions was answered.
    private(set) var answered = false
    /// What the answer to SaslHandshake lists; nil: none came.
    private(set) var offered: [String]?

    init(_ loop: Loop, _ config: ClientConfig, _ told: @escaping (PortTrial) -> Void) {
        self.loop = loop
        self.config = config
        self.told = told
    }

    /// A handshake came so far that both sides agreed on something, or the server showed a
    /// certificate.
    var speaksTLS: Bool {
        guard let protection = stream.connection?.protection else { return false }
        return !protection.version.isEmpty || !protection.chain.isEmpty
    }

    var tlsVersion: String { stream.connection?.protection?.version ?? "" }

    func begin(_ place: Endpoint, _ options: ConnectOptions) {
        // Both hold this until the end.
        stream.onOpen = { self.greet() }
        stream.onEnd = { _ in self.end() }
        timer = loop.after(config.negotiateTimeoutNs) { self.end() }
        stream.connect(loop, to: place, options)
    }

    private func greet() {
        send(ApiVersionsRequest(), 0) { self.greeted($0) }
    }

    private func greeted(_ buffer: FrameBuffer) {
        guard let (response, _) = ApiVersionsResponse.read(buffer, 0), !response.apiKeys.isEmpty
        else { return end() }
        answered = true
        // No mechanism has this name: the answer lists those there are.
        var request = SaslHandshakeRequest()
        request.mechanism = "HIGHWATER-ASKS"
        send(request, 1) { buffer in
            var leftOver = 0
            let response = try? buffer.withBytes { bytes throws(WireFault) in
                try decodeResponse(
                    SaslHandshakeRequest.self, version: 1, bytes: bytes, leftOver: &leftOver)
            }
            if response?.error == .unsupportedSaslMechanism {
                self.offered = response?.mechanisms.map(printable)
            }
            self.end()
        }
    }

    private func send<R: ClientRequest>(
        _ request: R, _ version: Int16, _ answered: @escaping (FrameBuffer) -> Void
    ) {
        let frame = try? encodeRequest(
            request, version: version, correlationID: stream.nextCorrelationID,
            clientID: config.clientID)
        guard let frame else { return end() }
        let sent = stream.send(frame) { result in
            if case .success(let buffer) = result { answered(buffer) }
        }
        if sent == nil { end() }
    }

    private func end() {
        guard let told else { return }
        self.told = nil
        if let timer { loop.cancel(timer) }
        stream.onOpen = {}
        stream.onEnd = { _ in }
        stream.close(.closedLocally("the trial is over"))
        told(self)
    }
}

extension RequestFailure {
    static func portOfTLS(_ version: String, _ hasLogin: Bool) -> RequestFailure {
        RequestFailure(
            code: .tlsExpected,
            what: "the port speaks TLS\(version.isEmpty ? "" : " (\(version))"), and it was asked "
                + "in plaintext",
            advice: "Set security.protocol=\(hasLogin ? "SASL_SSL" : "SSL").")
    }

    static func portOfPlaintext(_ hasLogin: Bool) -> RequestFailure {
        RequestFailure(
            code: .tlsFailed,
            what: "the port speaks Kafka in plaintext, and it was asked for TLS",
            advice: "Set security.protocol=\(hasLogin ? "SASL_PLAINTEXT" : "PLAINTEXT"), or use "
                + "the port of the TLS listener.")
    }

    static func portOfLogins(_ offered: [String], hasTLS: Bool) -> RequestFailure {
        let list = offered.joined(separator: ", ")
        return RequestFailure(
            code: .loginFailed,
            what: "the port wants a login, and none is set (it offers "
                + "\(offered.isEmpty ? "no mechanism" : list))",
            advice: "Set security.protocol=\(hasTLS ? "SASL_SSL" : "SASL_PLAINTEXT"), "
                + "sasl.mechanism and the login.")
    }
}
