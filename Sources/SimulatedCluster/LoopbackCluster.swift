// The simulated cluster on real sockets: one listener on loopback for each broker, all served by
// one thread, so that other clients (kcat, Kafka's own tools, `snapshot`) can be pointed at it.
import Glibc
package import Transport

/// A cluster listening on 127.0.0.1 until `stop`.
package final class LoopbackCluster: Sendable {
    /// Where each broker listens, by id.
    package let endpoints: [Endpoint]
    /// Where each server of the ensemble listens, and the path after them; empty on KRaft.
    package let zooKeeperServers: [Endpoint]
    package let zooKeeperConnect: String
    private let isStopped = Locked(false)

    /// Listens and starts the thread.
    package init(_ shape: Shape) throws(TransportError) {
        let server = try LoopbackServers(shape)
        endpoints = server.endpoints
        zooKeeperServers = server.zooKeeperServers
        zooKeeperConnect = server.zooKeeperConnect
        let isStopped = isStopped
        let started = Thread.startDetached {
            var own = server
            own.serve { isStopped.withLock { $0 } }
        }
        guard started else { throw .system(call: "pthread_create", errno: EAGAIN) }
    }

    /// Ends within a tenth of a second; connections are closed.
    package func stop() { isStopped.withLock { $0 = true } }
}

/// One client's connection.
private struct Lane {
    let broker: Int32
    /// The machine's number of a connection to the ensemble.
    var zooKeeper: Int?
    var input: [UInt8] = []
    /// Answers in the order of the questions, each with the moment it is due.
    var due: [(at: UInt64, bytes: [UInt8])] = []
    var output: [UInt8] = []
    var sent = 0
    var held: [[UInt8]] = []
    var isMute = false
    var isEnding = false
}

/// What the serving thread owns.
private struct LoopbackServers: Sendable {
    private struct Listener: Sendable {
        /// 0 for a server of the ensemble.
        let broker: Int32
        var zooKeeper = 0
        let port: UInt16
        var descriptor: Int32
    }

    private var machine: Machine
    private var listeners: [Listener] = []
    var endpoints: [Endpoint] { places { $0.broker > 0 } }
    var zooKeeperServers: [Endpoint] { places { $0.zooKeeper > 0 } }
    var zooKeeperConnect: String { machine.zooKeeperConnect }

    private func places(_ isMeant: (Listener) -> Bool) -> [Endpoint] {
        listeners.filter(isMeant).map { Endpoint(host: "127.0.0.1", port: $0.port) }
    }

    /// The longest sleep: how late a stop may be noticed.
    private static let patienceMs: UInt64 = 100

    init(_ shape: Shape) throws(TransportError) {
        machine = Machine(shape, startNs: SimulatedSystem.realNow())
        for id in machine.brokerIDs {
            let (descriptor, port) = try Self.listen(port: 0)
            listeners.append(Listener(broker: id, port: port, descriptor: descriptor))
            machine.setEndpoint(id, host: "127.0.0.1", port: port)
        }
        for id in machine.zooKeeperServers {
            let (descriptor, port) = try Self.listen(port: 0)
            listeners.append(
                Listener(broker: 0, zooKeeper: id, port: port, descriptor: descriptor))
            machine.setZooKeeperEndpoint(id, host: "127.0.0.1", port: port)
        }
    }

    private static func listen(port: UInt16) throws(TransportError) -> (Int32, UInt16) {
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
        guard isBound else {
            let number = errno
            _ = close(descriptor)
            throw .system(call: "bind", errno: number)
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    // MARK: Serving

    mutating func serve(until isStopped: () -> Bool) {
        var lanes: [Int32: Lane] = [:]
        while !isStopped() {
            let now = SimulatedSystem.realNow()
            for change in machine.advance(to: now) { apply(change, &lanes) }
            deliver(&lanes, now)
            for descriptor in lanes.keys { flush(descriptor, &lanes, now) }
            var sources = listeners.filter { $0.descriptor >= 0 }.map {
                pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
            }
            for (descriptor, lane) in lanes {
                let wantsOut = lane.sent < lane.output.count
                sources.append(
                    pollfd(
                        fd: descriptor, events: Int16(POLLIN) | (wantsOut ? Int16(POLLOUT) : 0),
                        revents: 0))
            }
            guard poll(&sources, nfds_t(sources.count), timeout(lanes, now)) > 0 else { continue }
            for source in sources where source.revents != 0 {
                if lanes[source.fd] == nil {
                    accept(source.fd, &lanes)
                } else if source.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
                    read(source.fd, &lanes)
                }
            }
        }
        for descriptor in lanes.keys { _ = close(descriptor) }
        for listener in listeners where listener.descriptor >= 0 { _ = close(listener.descriptor) }
    }

    private func timeout(_ lanes: [Int32: Lane], _ now: UInt64) -> Int32 {
        var next = now + Self.patienceMs * 1_000_000
        if let event = machine.nextAtNs { next = min(next, event) }
        for lane in lanes.values {
            if let first = lane.due.first { next = min(next, first.at) }
        }
        guard next > now else { return 0 }
        return Int32((next - now + 999_999) / 1_000_000)
    }

    private mutating func accept(_ listener: Int32, _ lanes: inout [Int32: Lane]) {
        guard let place = listeners.first(where: { $0.descriptor == listener }) else { return }
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            var on: Int32 = 1
            setsockopt(
                descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on,
                socklen_t(MemoryLayout<Int32>.size))
            lanes[descriptor] = Lane(broker: place.broker)
            guard place.zooKeeper > 0 else { continue }
            lanes[descriptor]?.zooKeeper = machine.openZooKeeper(
                server: place.zooKeeper, peer: "127.0.0.1:\(40_000 + descriptor)",
                now: SimulatedSystem.realNow())
        }
    }

    private mutating func read(_ descriptor: Int32, _ lanes: inout [Int32: Lane]) {
        let chunk = [UInt8](unsafeUninitializedCapacity: Limits.readBytes) { buffer, count in
            count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        guard !chunk.isEmpty else {
            if errno != EAGAIN { end(descriptor, &lanes) }
            return
        }
        if let connection = lanes[descriptor]?.zooKeeper {
            let now = SimulatedSystem.realNow()
            machine.receiveZooKeeper(chunk, connection: connection, now: now)
            return deliver(&lanes, now)
        }
        lanes[descriptor]?.input += chunk
        guard var lane = lanes[descriptor] else { return }
        let (frames, isBroken) = takeFrames(&lane.input)
        lanes[descriptor] = lane
        for frame in frames { take(frame, descriptor, &lanes) }
        if isBroken { lanes[descriptor]?.isEnding = true }
    }

    private mutating func take(
        _ frame: [UInt8], _ descriptor: Int32, _ lanes: inout [Int32: Lane]
    ) {
        guard let lane = lanes[descriptor], !lane.isMute, !lane.isEnding else { return }
        let now = SimulatedSystem.realNow()
        switch machine.handle(frame, broker: lane.broker, now: now) {
        case .answer(let bytes, let delay):
            let earliest = max(now + delay, lane.due.last?.at ?? 0)
            lanes[descriptor]?.due.append((earliest, bytes))
        case .hold: lanes[descriptor]?.held.append(frame)
        case .ignore: lanes[descriptor]?.isMute = true
        case .close: lanes[descriptor]?.isEnding = true
        }
    }

    /// Sends what is due; ends the connection where nothing more is to come.
    private func flush(_ descriptor: Int32, _ lanes: inout [Int32: Lane], _ now: UInt64) {
        guard var lane = lanes[descriptor] else { return }
        lanes[descriptor] = nil
        let ripe = lane.due.prefix { $0.at <= now }
        for answer in ripe { lane.output += answer.bytes }
        lane.due.removeFirst(ripe.count)
        while lane.sent < lane.output.count {
            let count = lane.output[lane.sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            lane.sent += count
        }
        if lane.sent == lane.output.count {
            lane.output.removeAll(keepingCapacity: true)
            lane.sent = 0
            if lane.isEnding && lane.due.isEmpty {
                _ = close(descriptor)
                return
            }
        }
        lanes[descriptor] = lane
    }

    private mutating func end(_ descriptor: Int32, _ lanes: inout [Int32: Lane]) {
        if let connection = lanes[descriptor]?.zooKeeper { machine.closeZooKeeper(connection) }
        lanes[descriptor] = nil
        _ = close(descriptor)
    }

    /// What the ensemble has to say to its clients.
    private mutating func deliver(_ lanes: inout [Int32: Lane], _ now: UInt64) {
        let outputs = machine.takeZooKeeperOutput()
        guard !outputs.isEmpty else { return }
        var descriptors: [Int: Int32] = [:]
        for (descriptor, lane) in lanes {
            if let connection = lane.zooKeeper { descriptors[connection] = descriptor }
        }
        for output in outputs {
            switch output {
            case .send(let connection, let bytes, let delay):
                guard let descriptor = descriptors[connection] else { continue }
                let earliest = max(now + delay, lanes[descriptor]?.due.last?.at ?? 0)
                lanes[descriptor]?.due.append((earliest, bytes))
            case .close(let connection):
                if let descriptor = descriptors[connection] {
                    lanes[descriptor]?.isEnding = true
                }
            }
        }
    }

    // MARK: Brokers that go and come

    private mutating func apply(_ change: NetworkChange, _ lanes: inout [Int32: Lane]) {
        switch change {
        case .down(let id):
            for (descriptor, lane) in lanes where lane.broker == id { end(descriptor, &lanes) }
            guard let index = listeners.firstIndex(where: { $0.broker == id }),
                listeners[index].descriptor >= 0
            else { return }
            _ = close(listeners[index].descriptor)
            listeners[index].descriptor = -1
        case .up(let id):
            guard let index = listeners.firstIndex(where: { $0.broker == id }),
                let (descriptor, _) = try? Self.listen(port: listeners[index].port)
            else { return }
            listeners[index].descriptor = descriptor
        case .thawed(let id):
            for (descriptor, lane) in lanes where lane.broker == id {
                lanes[descriptor]?.held = []
                for frame in lane.held { take(frame, descriptor, &lanes) }
            }
        case .zooKeeperDown(let id):
            guard let index = listeners.firstIndex(where: { $0.zooKeeper == id }) else { return }
            _ = close(listeners[index].descriptor)
            listeners[index].descriptor = -1
        case .zooKeeperUp(let id):
            guard let index = listeners.firstIndex(where: { $0.zooKeeper == id }),
                let (descriptor, _) = try? Self.listen(port: listeners[index].port)
            else { return }
            listeners[index].descriptor = descriptor
        }
    }
}
