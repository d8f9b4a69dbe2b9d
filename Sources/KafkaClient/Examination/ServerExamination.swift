// One server looked at as a connection to it is made, step by step, each with its time: the name,
// each of its addresses, TLS, the versions, the login, Metadata, and who answers. Nothing it asks
// changes anything.
import KafkaWire
import Transport

/// The examination of one server, confined to the loop's thread. It keeps itself alive until it
/// has called its completion.
final class ServerExamination {
    let examiner: Examiner
    var found: ExaminedServer
    private var completion: ((ExaminedServer) -> Void)?
    private var addresses: [Address] = []

    // The connection that goes all the way.
    var stream: FrameStream?
    var versions: VersionTable?
    var phase = ExaminationStep.Kind.resolve
    var phaseBeganNs: UInt64 = 0
    private var timer: TimerID?

    var loop: Loop { examiner.loop }
    var config: ClientConfig { examiner.config }

    init(_ examiner: Examiner, _ server: ExaminedServer) {
        self.examiner = examiner
        found = server
    }

    func begin(_ completion: @escaping (ExaminedServer) -> Void) {
        self.completion = completion
        if config.proxy != nil { return loop.later { [self] in walk(to: found.dialled) } }
        let host = found.dialled.host
        if let address = Address(numeric: host, port: found.dialled.port) {
            addresses = [address]
            return loop.later { [self] in walkNext() }
        }
        start(.resolve)
        let asked = phaseBeganNs
        limit(ConnectOptions().resolveTimeoutNs) { [self] in
            failStep(TransportError.resolverSilent(name: host))
            finish()
        }
        loop.resolve(host) { [self] result in
            guard phase == .resolve, phaseBeganNs == asked, self.completion != nil else { return }
            endLimit()
            resolved(result)
        }
    }

    private func resolved(_ result: Result<[Address], LookupFailure>) {
        let host = found.dialled.host
        switch result {
        case .success(let list) where !list.isEmpty:
            addresses = list.map { $0.with(port: found.dialled.port) }
            let names = addresses.map(\.hostText).joined(separator: ", ")
            note(.resolve, .done, "\(host) is \(names)")
            walkNext()
        case .success:
            failStep(TransportError.unknownHost(name: host, reason: "it has no address"))
            finish()
        case .failure(.notFound(let reason)):
            failStep(TransportError.unknownHost(name: host, reason: reason))
            finish()
        case .failure(.resolverBusy):
            failStep(TransportError.resolverSilent(name: host))
            finish()
        }
    }

    // MARK: Dialling

    /// Goes all the way over the next address; the first that can be dialled is the one.
    private func walkNext() {
        guard !addresses.isEmpty else { return finish() }
        let address = addresses.removeFirst()
        walk(to: Endpoint(host: address.hostText, port: address.port))
    }

    /// Goes all the way to this place.
    private func walk(to place: Endpoint) {
        start(.dial)
        let stream = FrameStream()
        self.stream = stream
        stream.onOpen = { [self] in opened() }
        stream.onEnd = { [self] error in ended(error) }
        var options = config.connectOptions(to: found.endpoint)
        options.layerTimeoutNs = config.negotiateTimeoutNs
        stream.connect(loop, to: place, options)
    }

    private func opened() {
        noteDial()
        if let protection = stream?.connection?.protection {
            found.protection = protection
            note(.tls, .done, "\(protection.version), \(protection.cipher)")
        }
        greet()
    }

    /// The socket stood; what follows has its time from then on.
    private func noteDial() {
        guard phase == .dial, let connectedAt = stream?.connection?.connectedAt else { return }
        let address = stream?.connection?.address.map(\.description) ?? ""
        let text = config.proxy.map { "\(address) (the proxy \($0))" } ?? mapped(address)
        found.steps.append(
            ExaminationStep(.dial, .done, text, tookNs: connectedAt &- phaseBeganNs))
        phaseBeganNs = connectedAt
        phase = config.proxy == nil ? .tls : .proxy
        guard phase == .proxy, let passedAt = stream?.connection?.passedProxyAt else { return }
        found.steps.append(
            ExaminationStep(
                .proxy, .done, "a way to \(mapped("\(found.dialled)"))",
                tookNs: passedAt &- phaseBeganNs))
        phaseBeganNs = passedAt
        phase = .tls
    }

    private func mapped(_ address: String) -> String {
        found.dialled == found.endpoint
            ? address : "\(address) (\(found.endpoint) by highwater.address.map)"
    }

    private func ended(_ error: TransportError) {
        guard completion != nil else { return }
        endLimit()
        noteDial()
        if phase == .dial {
            failStep(error)
            return addresses.isEmpty ? finish() : walkNext()
        }
        if let protection = stream?.connection?.protection { found.protection = protection }
        let isGreeted = versions != nil
        let failure = RequestFailure(error, greeted: isGreeted)
        followUp(failure)
    }

    // MARK: Steps

    func start(_ kind: ExaminationStep.Kind) {
        phase = kind
        phaseBeganNs = loop.now
    }

    /// The step that was begun last is over.
    func note(
        _ kind: ExaminationStep.Kind, _ outcome: ExaminationStep.Outcome, _ text: String,
        advice: String = "", code: ClientError.Code? = nil
    ) {
        found.steps.append(
            ExaminationStep(
                kind, outcome, text, advice: advice, code: code, tookNs: loop.now &- phaseBeganNs))
        phaseBeganNs = loop.now
    }

    private func failStep(_ error: TransportError) {
        failStep(RequestFailure(error, greeted: false))
    }

    func failStep(_ failure: RequestFailure) {
        note(phase, .failed, failure.what, advice: failure.advice, code: failure.code)
    }

    /// Ends with the step under way.
    func fail(_ failure: RequestFailure) {
        failStep(failure)
        finish()
    }

    func limit(_ nanoseconds: UInt64, _ action: @escaping () -> Void) {
        endLimit()
        timer = loop.after(nanoseconds, action)
    }

    func endLimit() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    // MARK: The end

    /// Tries the addresses that are left, for what each of them does, and is over.
    func finish() {
        guard completion != nil else { return }
        closeStream()
        let rest = addresses
        addresses = []
        guard !rest.isEmpty else { return end() }
        var left = rest.count
        for address in rest {
            DialTrial(loop, address, config.connectOptions(to: found.endpoint)) { [self] step in
                // Those of the same kind stand together.
                let place = found.steps.lastIndex { $0.kind == .dial }.map { $0 + 1 } ?? 0
                found.steps.insert(step, at: place)
                left -= 1
                if left == 0 { end() }
            }.begin()
        }
    }

    func closeStream() {
        endLimit()
        let stream = stream
        self.stream = nil
        stream?.onEnd = { _ in }
        stream?.close(.closedLocally("the examination is over"))
    }

    private func end() {
        guard let completion else { return }
        self.completion = nil
        completion(found)
    }
}

/// Whether an address can be dialled; nothing is sent.
private final class DialTrial: StreamHandler {
    private let loop: Loop
    private let address: Address
    private let options: ConnectOptions
    private var told: ((ExaminationStep) -> Void)?
    private var beganNs: UInt64 = 0

    init(
        _ loop: Loop, _ address: Address, _ options: ConnectOptions,
        _ told: @escaping (ExaminationStep) -> Void
    ) {
        self.loop = loop
        self.address = address
        var options = options
        options.makeLayer = nil
        self.options = options
        self.told = told
    }

    func begin() {
        beganNs = loop.now
        _ = loop.connect(
            to: Endpoint(host: address.hostText, port: address.port), options, handler: self)
    }

    private func tell(_ step: ExaminationStep) {
        guard let told else { return }
        self.told = nil
        told(step)
    }

    func opened(_ connection: Connection) {
        connection.close()
        tell(
            ExaminationStep(.dial, .done, address.description, tookNs: loop.now &- beganNs))
    }

    var tail: UnsafeMutableRawBufferPointer? { nil }
    func received(placed: Int, _ bytes: UnsafeRawBufferPointer) {}
    func endOfStream(wasReset: Bool) -> TransportError { .closedByPeer(answers: 0) }

    func ended(_ error: TransportError) {
        let failure = RequestFailure(error, greeted: false)
        tell(
            ExaminationStep(
                .dial, .failed, failure.what, advice: failure.advice, code: failure.code,
                tookNs: loop.now &- beganNs))
    }
}
