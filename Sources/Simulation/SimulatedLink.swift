// What lies between the client and all servers, where that is not a fast network: latency, jitter,
// bandwidth, moments in which nothing passes, and servers that share one slow machine.
internal import Transport

/// A link that all connections share. Bytes of one connection keep their order.
package struct SimulatedLink: Sendable {
    /// Which way bytes go.
    package enum Way: Sendable { case up, down }

    /// A time in which nothing passes in one direction: what comes waits for its end.
    package struct Stall: Sendable {
        package var way: Way
        /// In the system's time.
        package var fromNs: UInt64
        package var toNs: UInt64

        package init(_ way: Way, fromNs: UInt64, toNs: UInt64) {
            self.way = way
            self.fromNs = fromNs
            self.toNs = toNs
        }
    }

    /// Each way.
    package var latencyNs: UInt64 = 0
    /// At most so much more, each way, drawn for each piece.
    package var jitterNs: UInt64 = 0
    /// Each way, for all connections together; 0: no bound.
    package var bytesPerSecond = 0.0
    /// What each answer costs the one processor of all servers.
    package var workNs: UInt64 = 0
    package var stalls: [Stall] = []

    package init() {}
}

/// How far a link is used.
struct LinkUse: Sendable {
    var link = SimulatedLink()
    /// When the last byte of what has entered will have left, up and down.
    private var upFreeAt: UInt64 = 0
    private var downFreeAt: UInt64 = 0
    private var workedUntil: UInt64 = 0
    /// The largest piece that passes at once.
    static let pieceBytes = 16 * 1024

    /// When an answer is made that is asked for at `time`.
    mutating func works(from time: UInt64) -> UInt64 {
        workedUntil = max(workedUntil, time) + link.workNs
        return workedUntil
    }

    /// When so many bytes that enter the link at `time` are on its other side.
    mutating func passes(_ way: SimulatedLink.Way, _ bytes: Int, at time: UInt64) -> UInt64 {
        var start = max(time, way == .up ? upFreeAt : downFreeAt)
        for stall in link.stalls where stall.way == way && start >= stall.fromNs {
            start = max(start, stall.toNs)
        }
        let rate = link.bytesPerSecond
        let end = start + (rate > 0 ? UInt64(Double(bytes) / rate * 1e9) : 0)
        if way == .up { upFreeAt = end } else { downFreeAt = end }
        return end
    }
}

extension SimulatedSystem.Happening {
    fileprivate var count: Int {
        switch self {
        case .arrive(let bytes), .serverReceives(let bytes): bytes.count
        default: 0
        }
    }

    /// The same in pieces that pass a link one after the other.
    fileprivate var pieces: [SimulatedSystem.Happening] {
        guard case .arrive(let bytes) = self, bytes.count > LinkUse.pieceBytes else {
            return [self]
        }
        return stride(from: 0, to: bytes.count, by: LinkUse.pieceBytes).map {
            .arrive([UInt8](bytes[$0..<min(bytes.count, $0 + LinkUse.pieceBytes)]))
        }
    }
}

extension SimulatedSystem.State {
    /// Sends something over the link of a connection; `time` is when it is ready to leave.
    mutating func send(
        _ handle: Int32, _ what: SimulatedSystem.Happening, _ way: SimulatedLink.Way,
        from time: UInt64
    ) {
        guard let link = use?.link, let socket = sockets[handle] else { return }
        var ready = time
        if case .arrive = what { ready = use?.works(from: ready) ?? ready }
        let jitter = link.jitterNs > 0 ? UInt64.random(in: 0...link.jitterNs, using: &random) : 0
        let last = way == .up ? socket.lastDelivery : socket.lastArrival
        let enters = max(ready + link.latencyNs + jitter, last)
        if way == .up {
            sockets[handle]?.lastDelivery = enters
        } else {
            sockets[handle]?.lastArrival = enters
        }
        for piece in what.pieces { push(handle, enters - now, .crosses(piece, way)) }
    }

    /// What has come as far as the narrow part of the link goes through it.
    mutating func cross(
        _ handle: Int32, _ what: SimulatedSystem.Happening, _ way: SimulatedLink.Way
    ) {
        let at = use?.passes(way, what.count, at: now) ?? now
        push(handle, at - now, what)
    }

    /// How long a connection takes to stand, beyond the network's own delay.
    mutating func connectDelay() -> UInt64 {
        guard let link = use?.link else { return 0 }
        let jitter = link.jitterNs > 0 ? UInt64.random(in: 0...link.jitterNs, using: &random) : 0
        return 2 * link.latencyNs + jitter
    }
}
