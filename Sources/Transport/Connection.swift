// A byte stream to an endpoint: looks up the name, tries each address in turn, then moves bytes
// between the socket and the protocol that lives on it. Confined to the loop's thread.

/// One connection of a loop, from the name to the end.
package final class Connection {
    /// Where a connection is in its life.
    package enum State: Sendable { case resolving, connecting, securing, open, closed }

    package let endpoint: Endpoint
    package private(set) var state = State.resolving
    /// The address in use or tried last.
    package private(set) var address: Address?
    package private(set) var bytesIn: UInt64 = 0
    package private(set) var bytesOut: UInt64 = 0
    /// When the socket stood, in the loop's time; nil: it never did.
    package private(set) var connectedAt: UInt64?
    /// When the proxy had opened the way; nil: it has not, or there is none.
    package private(set) var passedProxyAt: UInt64?
    /// When the stream last gave bytes, in the loop's time; the opening counts.
    package private(set) var lastReadAt: UInt64 = 0

    var token: UInt64 = 0
    private let loop: Loop
    private let options: ConnectOptions
    /// Let go at the end, since the handler usually holds the connection.
    private var handler: (any StreamHandler)?
    private var layer: (any StreamLayer)?
    /// The same where it begins with a proxy.
    private var stack: LayerStack?
    private var addresses: [Address] = []
    private var handle: Int32?
    private var output = OutputBuffer()
    private var isDirty = false
    private var wantsWrite = false
    private var timer: TimerID?

    init(loop: Loop, endpoint: Endpoint, options: ConnectOptions, handler: any StreamHandler) {
        self.loop = loop
        self.endpoint = endpoint
        self.options = options
        self.handler = handler
    }

    /// What the layer knows of the protection; nil where there is none.
    package var protection: Protection? { layer?.protection }

    /// Bytes accepted and not yet taken by the system.
    package var queuedBytes: Int { output.count }

    /// Sends bytes at the end of this turn, together with whatever else is sent in it. False when
    /// the connection is not open or too much is waiting: nothing was taken.
    package func send(_ bytes: [UInt8]) -> Bool {
        guard state == .open, output.count + bytes.count <= Limits.queuedBytes else { return false }
        if let layer {
            do throws(TransportError) {
                var produced: [UInt8] = []
                try layer.send(bytes, &produced)
                queue(produced)
            } catch {
                loop.after(0) { [self] in fail(error) }
                return false
            }
        } else {
            queue(bytes)
        }
        return true
    }

    /// Ends the connection without a call of the handler.
    package func close() {
        guard state != .closed else { return }
        state = .closed
        releaseHandle()
        cancelTimer()
        handler = nil
        loop.unregister(self)
    }

    /// Ends the connection and gives the handler the reason.
    func fail(_ error: TransportError) {
        guard state != .closed, let handler else { return }
        let reason = explained(error)
        close()
        handler.ended(reason)
    }

    /// What happens before a proxy has opened the way is said of the proxy.
    private func explained(_ error: TransportError) -> TransportError {
        guard let proxy = options.proxy, passedProxyAt == nil else { return error }
        switch error {
        case .proxy, .closedLocally, .shutdown: return error
        case .protection(let reason): return proxy.failure(reason)
        default: return proxy.failure(error.sentence(about: .proxy).what)
        }
    }

    /// Whom the socket is opened to.
    private var dialled: Endpoint { options.proxy?.endpoint ?? endpoint }

    // MARK: Opening

    /// Starts with the name; the handler is not called before the next turn.
    func begin() {
        let dialled = dialled
        if let address = Address(numeric: dialled.host, port: dialled.port) {
            addresses = [address]
            loop.after(0) { [self] in tryNext(.system(call: "connect", errno: 0)) }
            return
        }
        setTimer(options.resolveTimeoutNs) { [self] in
            fail(.resolverSilent(name: dialled.host))
        }
        let loop = loop
        let token = token
        loop.system.resolve(dialled.host, port: dialled.port) { result in
            loop.post { loop.connection(token)?.resolved(result) }
        }
    }

    private func resolved(_ result: Result<[Address], LookupFailure>) {
        guard state == .resolving else { return }
        cancelTimer()
        switch result {
        case .success(let found) where !found.isEmpty:
            // The last one first: addresses are taken from the end.
            addresses = found.reversed()
            tryNext(.system(call: "connect", errno: 0))
        case .success: fail(.unknownHost(name: dialled.host, reason: "it has no address"))
        case .failure(.notFound(let reason)):
            fail(.unknownHost(name: dialled.host, reason: reason))
        case .failure(.resolverBusy): fail(.resolverSilent(name: dialled.host))
        }
    }

    /// Goes to the next address, or ends with why the last one failed.
    private func tryNext(_ error: TransportError) {
        guard state != .closed else { return }
        releaseHandle()
        cancelTimer()
        guard let address = addresses.popLast() else { return fail(error) }
        self.address = address
        state = .connecting
        loop.renew(self)
        switch loop.system.open(address, token: token) {
        case .opened(let handle):
            self.handle = handle
            setTimer(options.connectTimeoutNs) { [self] in tryNext(.connectTimedOut(address)) }
        case .failed(let errno):
            tryNext(TransportError(connecting: address, errno: errno))
        }
    }

    private func connected() {
        guard let handle, let address else { return }
        let errno = loop.system.connectError(handle)
        guard errno == 0 else { return tryNext(TransportError(connecting: address, errno: errno)) }
        cancelTimer()
        lastReadAt = loop.now
        connectedAt = lastReadAt
        guard let layer = makeLayer() else { return open() }
        self.layer = layer
        state = .securing
        setInterest()
        setTimer(options.layerTimeoutNs) { [self] in
            let isAtProxy = stack?.lower.isReady == false
            fail(.protection(isAtProxy ? options.proxy?.noAnswer(to: endpoint) ?? "" : "no answer"))
        }
        do throws(TransportError) {
            var produced: [UInt8] = []
            try layer.start(&produced)
            queue(produced)
        } catch {
            fail(error)
        }
    }

    private func makeLayer() -> (any StreamLayer)? {
        let own = options.makeLayer?()
        guard let proxy = options.proxy else { return own }
        let stack = LayerStack(ProxyLayer(proxy, target: endpoint), own)
        self.stack = stack
        return stack
    }

    private func open() {
        cancelTimer()
        state = .open
        addresses = []
        setInterest()
        handler?.opened(self)
    }

    // MARK: Moving bytes

    /// The system says that something may be done.
    func ready(reading: Bool, writing: Bool) {
        switch state {
        case .connecting: if writing { connected() }
        case .securing, .open:
            if writing { flush() }
            if reading { read() }
        case .resolving, .closed: break
        }
    }

    /// Takes what is there, up to a turn's share; what is left is reported again.
    private func read() {
        var budget = Limits.readBytesPerTurn
        let scratch = loop.scratch
        while budget > 0, state == .open || state == .securing, let handle {
            var tail = layer == nil ? handler?.tail : nil
            // A tail that is cut must fill up before anything may land in scratch.
            let isCut = (tail?.count ?? 0) > budget
            if isCut, let whole = tail { tail = .init(rebasing: whole[..<budget]) }
            let room = isCut ? UnsafeMutableRawBufferPointer(start: nil, count: 0) : scratch
            let count = loop.system.read(handle, tail: tail, scratch: room)
            guard count > 0 else { return readFailed(count) }
            bytesIn += UInt64(count)
            budget -= count
            lastReadAt = loop.now
            let placed = min(count, tail?.count ?? 0)
            let rest = UnsafeRawBufferPointer(
                rebasing: UnsafeRawBufferPointer(scratch)[
                    ..<(count - placed)])
            do throws(TransportError) {
                try deliver(placed: placed, rest)
            } catch {
                return fail(error)
            }
            // A short read has emptied the socket; asking again would only cost a call.
            if count < (tail?.count ?? 0) + room.count { return }
        }
    }

    private func readFailed(_ count: Int) {
        guard let handler else { return }
        let errno = Int32(truncatingIfNeeded: -count)
        if count < 0, SystemError.isTransient(errno) { return }
        if state == .securing, let layer {
            return fail(.protection(layer.peerLeft(afterAnswering: bytesIn > 0)))
        }
        if count == 0 { return fail(handler.endOfStream(wasReset: false)) }
        switch SystemError(errno) {
        case .reset: fail(handler.endOfStream(wasReset: true))
        default: fail(.system(call: "read", errno: errno))
        }
    }

    private func deliver(placed: Int, _ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        guard let handler else { return }
        guard let layer else { return try handler.received(placed: placed, bytes) }
        var plain: [UInt8] = []
        var answer: [UInt8] = []
        do throws(TransportError) {
            try layer.receive(bytes, plain: &plain, output: &answer)
        } catch {
            noteProxy()
            // Best effort: why we go, for the peer's log.
            if output.count == 0, let handle, !answer.isEmpty {
                _ = answer.withUnsafeBytes { loop.system.write(handle, $0) }
            }
            throw error
        }
        noteProxy()
        queue(answer)
        if state == .securing, layer.isReady { open() }
        guard state == .open else { return }
        if !plain.isEmpty { try pass(plain, to: handler) }
        if layer.hasEnded, state == .open { throw handler.endOfStream(wasReset: false) }
    }

    private func noteProxy() {
        if passedProxyAt == nil, stack?.lower.isReady == true { passedProxyAt = loop.now }
    }

    /// Hands the protocol what came out of the layer.
    private func pass(
        _ plain: [UInt8], to handler: any StreamHandler
    ) throws(TransportError) {
        // The bytes are only read, and only within the call.
        let failure = plain.withUnsafeBytes { plain -> TransportError? in
            do throws(TransportError) {
                try handler.received(placed: 0, plain)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private func queue(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        output.append(bytes)
        guard !isDirty else { return }
        isDirty = true
        loop.markDirty(self)
    }

    /// Gives the system what it takes of the bytes waiting.
    func flush() {
        isDirty = false
        guard state == .open || state == .securing, let handle else { return }
        while output.count > 0 {
            let count = output.withPending { loop.system.write(handle, $0) }
            guard count > 0 else {
                let errno = Int32(truncatingIfNeeded: -count)
                if SystemError.isTransient(errno) { break }
                // What the peer said before it closed may still be readable and says more.
                read()
                if let handler { fail(handler.endOfStream(wasReset: true)) }
                return
            }
            output.consume(count)
            bytesOut += UInt64(count)
        }
        if wantsWrite != (output.count > 0) { setInterest() }
    }

    // MARK: Housekeeping

    private func setInterest() {
        guard let handle else { return }
        wantsWrite = output.count > 0
        loop.system.setInterest(handle, token: token, reading: true, writing: wantsWrite)
    }

    private func releaseHandle() {
        guard let handle else { return }
        loop.system.close(handle)
        self.handle = nil
    }

    private func setTimer(_ nanoseconds: UInt64, _ action: @escaping () -> Void) {
        cancelTimer()
        timer = loop.after(nanoseconds, action)
    }

    private func cancelTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }
}

/// Bytes waiting to be sent, in one piece, so that requests of a turn leave in one call.
struct OutputBuffer {
    private var bytes: [UInt8] = []
    private var sent = 0

    var count: Int { bytes.count - sent }

    mutating func append(_ more: [UInt8]) {
        if sent > 0, sent * 2 >= bytes.count {
            bytes.removeFirst(sent)
            sent = 0
        }
        if bytes.isEmpty { bytes = more } else { bytes.append(contentsOf: more) }
    }

    func withPending<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
    }

    mutating func consume(_ count: Int) {
        sent += count
        guard sent == bytes.count else { return }
        bytes.removeAll(keepingCapacity: bytes.capacity <= Limits.scratchBytes)
        sent = 0
    }
}
