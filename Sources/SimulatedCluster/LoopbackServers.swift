// The thread behind a cluster on loopback: accepts, reads, asks the machine, answers when due.
import Glibc
import Transport

/// One client's connection.
private final class Lane {
    let broker: Int32
    var input: [UInt8] = []
    /// Answers in the order of the questions, each with the moment it is due.
    var due: [(at: UInt64, bytes: [UInt8])] = []
    /// Bytes of the first of `due` that have left.
    var sent = 0
    var held: [[UInt8]] = []
    var isMute = false
    var isEnding = false
    var waitsForRoom = false

    init(broker: Int32) { self.broker = broker }
}

/// What the serving thread owns.
struct LoopbackServers: Sendable {
    private struct Listener: Sendable {
        let broker: Int32
        let port: UInt16
        var descriptor: Int32
    }

    private var machine: Machine
    private var listeners: [Listener] = []
    /// Brokers by the descriptor of their listener.
    private var brokerOf: [Int32: Int32] = [:]
    private let readiness: Readiness
    var endpoints: [Endpoint] { listeners.map { Endpoint(host: "127.0.0.1", port: $0.port) } }

    /// The longest sleep: how late a stop may be noticed.
    private static let patienceMs: UInt64 = 100

    init(_ shape: Shape) throws(TransportError) {
        readiness = try Readiness()
        machine = Machine(shape, startNs: SimulatedSystem.realNow())
        for id in machine.brokerIDs {
            let (descriptor, port) = try listen(port: 0)
            listeners.append(Listener(broker: id, port: port, descriptor: descriptor))
            brokerOf[descriptor] = id
            machine.setEndpoint(id, host: "127.0.0.1", port: port)
        }
        machine.prepareWholeMetadata()
    }

    private func listen(port: UInt16) throws(TransportError) -> (Int32, UInt16) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw .system(call: "socket", errno: errno) }
        var on: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) == 0 && Glibc.listen(descriptor, 128) == 0
                    && getsockname(descriptor, generic, &size) == 0
            }
        }
        guard isBound, readiness.add(descriptor) else {
            let number = errno
            _ = close(descriptor)
            throw .system(call: "bind", errno: number)
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    // MARK: Serving

    mutating func serve(until isStopped: () -> Bool) {
        var lanes: [Int32: Lane] = [:]
        var ready: [Int32] = []
        // Lanes with an answer that is not due yet.
        var ripening: [Int32: UInt64] = [:]
        while !isStopped() {
            let now = SimulatedSystem.realNow()
            for change in machine.advance(to: now) { apply(change, &lanes, &ripening) }
            for (descriptor, at) in ripening where at <= now {
                ripening[descriptor] = flush(descriptor, &lanes, now)
            }
            readiness.wait(milliseconds: timeout(ripening, now), &ready)
            for descriptor in ready {
                if let broker = brokerOf[descriptor] {
                    accept(descriptor, broker, &lanes)
                } else {
                    if lanes[descriptor]?.waitsForRoom == true {
                        let now = SimulatedSystem.realNow()
                        ripening[descriptor] = flush(descriptor, &lanes, now)
                    }
                    read(descriptor, &lanes, &ripening)
                }
            }
        }
        for descriptor in lanes.keys { _ = close(descriptor) }
        for listener in listeners where listener.descriptor >= 0 { _ = close(listener.descriptor) }
    }

    private func timeout(_ ripening: [Int32: UInt64], _ now: UInt64) -> Int32 {
        var next = now + Self.patienceMs * 1_000_000
        if let event = machine.nextAtNs { next = min(next, event) }
        for at in ripening.values { next = min(next, at) }
        guard next > now else { return 0 }
        return Int32((next - now + 999_999) / 1_000_000)
    }

    private func accept(_ listener: Int32, _ broker: Int32, _ lanes: inout [Int32: Lane]) {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            var on: Int32 = 1
            setsockopt(
                descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on,
                socklen_t(MemoryLayout<Int32>.size))
            guard readiness.add(descriptor) else {
                _ = close(descriptor)
                return
            }
            lanes[descriptor] = Lane(broker: broker)
        }
    }

    private mutating func read(
        _ descriptor: Int32, _ lanes: inout [Int32: Lane], _ ripening: inout [Int32: UInt64]
    ) {
        guard let lane = lanes[descriptor] else { return }
        var outcome = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: Limits.readBytes) { buffer, count in
            outcome = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if outcome < 0 { outcome = -Int(errno) }
            count = max(0, outcome)
        }
        guard outcome > 0 else {
            if outcome != -Int(EAGAIN) { end(descriptor, &lanes, &ripening) }
            return
        }
        lane.input += chunk
        let (frames, isBroken) = takeFrames(&lane.input)
        for frame in frames { take(frame, lane) }
        if isBroken { lane.isEnding = true }
        ripening[descriptor] = lane.due.first?.at ?? (lane.isEnding ? 0 : nil)
    }

    private mutating func take(_ frame: [UInt8], _ lane: Lane) {
        guard !lane.isMute, !lane.isEnding else { return }
        let now = SimulatedSystem.realNow()
        switch machine.handle(frame, broker: lane.broker, now: now) {
        case .answer(let bytes, let delay):
            lane.due.append((max(now + delay, lane.due.last?.at ?? 0), bytes))
        case .hold: lane.held.append(frame)
        case .ignore: lane.isMute = true
        case .close: lane.isEnding = true
        }
    }

    /// Sends what is due; ends the connection where nothing more is to come. Gives the moment of
    /// the next answer, nil where there is none or no room.
    private func flush(
        _ descriptor: Int32, _ lanes: inout [Int32: Lane], _ now: UInt64
    ) -> UInt64? {
        guard let lane = lanes[descriptor] else { return nil }
        var done = 0
        var isFull = false
        while done < lane.due.count, lane.due[done].at <= now, !isFull {
            let count = lane.due[done].bytes.withUnsafeBytes { bytes in
                let rest = bytes[lane.sent...]
                return send(
                    descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count,
                    Int32(MSG_NOSIGNAL))
            }
            lane.sent += max(0, count)
            if lane.sent == lane.due[done].bytes.count {
                done += 1
                lane.sent = 0
            } else if count <= 0 {
                isFull = true
            }
        }
        lane.due.removeFirst(done)
        if isFull != lane.waitsForRoom {
            lane.waitsForRoom = isFull
            readiness.setWriting(descriptor, isFull)
        }
        if lane.isEnding && lane.due.isEmpty {
            lanes[descriptor] = nil
            _ = close(descriptor)
            return nil
        }
        return isFull ? nil : lane.due.first?.at
    }

    private func end(
        _ descriptor: Int32, _ lanes: inout [Int32: Lane], _ ripening: inout [Int32: UInt64]
    ) {
        lanes[descriptor] = nil
        ripening[descriptor] = nil
        _ = close(descriptor)
    }

    // MARK: Brokers that go and come

    private mutating func apply(
        _ change: NetworkChange, _ lanes: inout [Int32: Lane], _ ripening: inout [Int32: UInt64]
    ) {
        switch change {
        case .down(let id):
            for (descriptor, lane) in lanes where lane.broker == id {
                end(descriptor, &lanes, &ripening)
            }
            guard let index = listeners.firstIndex(where: { $0.broker == id }),
                listeners[index].descriptor >= 0
            else { return }
            brokerOf[listeners[index].descriptor] = nil
            _ = close(listeners[index].descriptor)
            listeners[index].descriptor = -1
        case .up(let id):
            guard let index = listeners.firstIndex(where: { $0.broker == id }),
                let (descriptor, _) = try? listen(port: listeners[index].port)
            else { return }
            listeners[index].descriptor = descriptor
            brokerOf[descriptor] = id
        case .thawed(let id):
            for (descriptor, lane) in lanes where lane.broker == id {
                let frames = lane.held
                lane.held = []
                for frame in frames { take(frame, lane) }
                ripening[descriptor] = lane.due.first?.at ?? (lane.isEnding ? 0 : nil)
            }
        }
    }
}
