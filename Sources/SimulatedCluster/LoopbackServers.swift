// The thread behind a cluster on loopback: accepts, reads, asks the machine, answers when due.
import Glibc
import Simulation
import Transport

/// One client's socket.
private final class ClientSocket {
    /// 0 on a connection to the ensemble.
    let broker: Int32
    /// The machine's number of a connection to the ensemble.
    var zooKeeper: Int?
    var connection = BrokerConnection()
    /// Answers in the order of the questions, each with the moment it is due.
    var due: [(at: UInt64, bytes: [UInt8])] = []
    /// Bytes of the first of `due` that have left.
    var sent = 0
    var isEnding = false
    var waitsForRoom = false

    init(broker: Int32) { self.broker = broker }
}

/// What the serving thread owns.
struct LoopbackServers: Sendable {
    private struct Listener: Sendable {
        let broker: Int32
        /// A server of the ensemble where `broker` is 0.
        var zooKeeper = 0
        let port: UInt16
        var descriptor: Int32
    }

    private var machine: Machine
    private var listeners: [Listener] = []
    /// Indexes of `listeners` by their descriptor.
    private var listenerOf: [Int32: Int] = [:]
    /// Descriptors of connections to the ensemble.
    private var zooKeeperSockets: [Int: Int32] = [:]
    private let readiness: Readiness
    /// Hears what clients asked that the simulation does not play, each sentence once.
    private let report: @Sendable (String) -> Void
    private var reported: Set<String> = []
    /// Hears every request's frame.
    private let heard: @Sendable ([UInt8]) -> Void
    var endpoints: [Endpoint] { places { $0.broker > 0 } }
    var zooKeeperServers: [Endpoint] { places { $0.zooKeeper > 0 } }
    var zooKeeperConnect: String { machine.zooKeeperConnect }

    private func places(_ isMeant: (Listener) -> Bool) -> [Endpoint] {
        listeners.filter(isMeant).map { Endpoint(host: "127.0.0.1", port: $0.port) }
    }

    /// The longest sleep: how late a stop may be noticed.
    private static let patienceMs: UInt64 = 100
    /// After so many requests what is due by then is sent.
    private static let answeredTogether = 16

    init(
        _ shape: Shape, _ report: @escaping @Sendable (String) -> Void,
        _ heard: @escaping @Sendable ([UInt8]) -> Void
    ) throws(TransportError) {
        self.report = report
        self.heard = heard
        readiness = try Readiness()
        machine = Machine(shape, startNs: SimulatedSystem.realNow())
        machine.listOnlyPlayed()
        for id in machine.brokerIDs {
            let (descriptor, port) = try listen(port: 0)
            listenerOf[descriptor] = listeners.count
            listeners.append(Listener(broker: id, port: port, descriptor: descriptor))
            machine.setEndpoint(id, host: "127.0.0.1", port: port)
        }
        for id in machine.zooKeeperServers {
            let (descriptor, port) = try listen(port: 0)
            listenerOf[descriptor] = listeners.count
            listeners.append(
                Listener(broker: 0, zooKeeper: id, port: port, descriptor: descriptor))
            machine.setZooKeeperEndpoint(id, host: "127.0.0.1", port: port)
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
        var clients: [Int32: ClientSocket] = [:]
        var ready: [Int32] = []
        // Sockets with an answer that is not due yet.
        var ripening: [Int32: UInt64] = [:]
        while !isStopped() {
            let now = SimulatedSystem.realNow()
            for change in machine.advance(to: now) { apply(change, &clients, &ripening) }
            deliver(clients, &ripening, now)
            flushDue(&clients, &ripening, now)
            readiness.wait(milliseconds: timeout(ripening, now), &ready)
            for (place, descriptor) in ready.enumerated() {
                // Brokers are machines of their own: none of them waits for what hundreds of others
                // have to work out.
                if place % Self.answeredTogether == Self.answeredTogether - 1 {
                    flushDue(&clients, &ripening, SimulatedSystem.realNow())
                }
                if let index = listenerOf[descriptor] {
                    accept(listeners[index], &clients)
                } else {
                    if clients[descriptor]?.waitsForRoom == true {
                        let now = SimulatedSystem.realNow()
                        ripening[descriptor] = flush(descriptor, &clients, now)
                    }
                    read(descriptor, &clients, &ripening)
                }
            }
        }
        for descriptor in clients.keys { _ = close(descriptor) }
        for listener in listeners where listener.descriptor >= 0 { _ = close(listener.descriptor) }
    }

    /// Sends every answer that is due.
    private mutating func flushDue(
        _ clients: inout [Int32: ClientSocket], _ ripening: inout [Int32: UInt64], _ now: UInt64
    ) {
        for (descriptor, at) in ripening where at <= now {
            ripening[descriptor] = flush(descriptor, &clients, now)
        }
    }

    private func timeout(_ ripening: [Int32: UInt64], _ now: UInt64) -> Int32 {
        var next = now + Self.patienceMs * 1_000_000
        if let event = machine.nextAtNs { next = min(next, event) }
        for at in ripening.values { next = min(next, at) }
        guard next > now else { return 0 }
        return Int32((next - now + 999_999) / 1_000_000)
    }

    private mutating func accept(_ listener: Listener, _ clients: inout [Int32: ClientSocket]) {
        while true {
            let descriptor = Glibc.accept(listener.descriptor, nil, nil)
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
            let client = ClientSocket(broker: listener.broker)
            clients[descriptor] = client
            guard listener.zooKeeper > 0 else { continue }
            client.zooKeeper = machine.openZooKeeper(
                server: listener.zooKeeper, peer: "127.0.0.1:\(40_000 + descriptor)",
                now: SimulatedSystem.realNow())
            client.isEnding = client.zooKeeper == nil
            if let connection = client.zooKeeper { zooKeeperSockets[connection] = descriptor }
        }
    }

    private mutating func read(
        _ descriptor: Int32, _ clients: inout [Int32: ClientSocket],
        _ ripening: inout [Int32: UInt64]
    ) {
        guard let client = clients[descriptor] else { return }
        var outcome = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: Limits.readBytes) { buffer, count in
            outcome = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if outcome < 0 { outcome = -Int(errno) }
            count = max(0, outcome)
        }
        guard outcome > 0 else {
            if outcome != -Int(EAGAIN) { end(descriptor, &clients, &ripening) }
            return
        }
        if let connection = client.zooKeeper {
            let now = SimulatedSystem.realNow()
            machine.receiveZooKeeper(chunk, connection: connection, now: now)
            return deliver(clients, &ripening, now)
        }
        let (frames, isBroken) = client.connection.take(chunk)
        for frame in frames { take(frame, client) }
        if isBroken { client.isEnding = true }
        ripening[descriptor] = client.due.first?.at ?? (client.isEnding ? 0 : nil)
    }

    private mutating func take(_ frame: [UInt8], _ client: ClientSocket) {
        guard !client.connection.isMute, !client.isEnding else { return }
        heard(frame)
        let now = SimulatedSystem.realNow()
        switch machine.handle(frame, broker: client.broker, now: now) {
        case .answer(let bytes, let delay):
            client.due.append((max(now + delay, client.due.last?.at ?? 0), bytes))
        case .hold: client.connection.hold(frame)
        case .ignore: client.connection.isMute = true
        case .close:
            client.isEnding = true
            guard let limitation = machine.limitation(frame) else { return }
            if reported.insert(limitation).inserted { report(limitation) }
        }
    }

    /// Sends what is due; ends the connection where nothing more is to come. Gives the moment of
    /// the next answer, nil where there is none or no room.
    private mutating func flush(
        _ descriptor: Int32, _ clients: inout [Int32: ClientSocket], _ now: UInt64
    ) -> UInt64? {
        guard let client = clients[descriptor] else { return nil }
        var done = 0
        var isFull = false
        while done < client.due.count, client.due[done].at <= now, !isFull {
            let count = client.due[done].bytes.withUnsafeBytes { bytes in
                let rest = bytes[client.sent...]
                return send(
                    descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count,
                    Int32(MSG_NOSIGNAL))
            }
            client.sent += max(0, count)
            if client.sent == client.due[done].bytes.count {
                done += 1
                client.sent = 0
            } else if count <= 0 {
                isFull = true
            }
        }
        client.due.removeFirst(done)
        if isFull != client.waitsForRoom {
            client.waitsForRoom = isFull
            readiness.setWriting(descriptor, isFull)
        }
        if client.isEnding && client.due.isEmpty {
            clients[descriptor] = nil
            if let connection = client.zooKeeper { zooKeeperSockets[connection] = nil }
            _ = close(descriptor)
            return nil
        }
        return isFull ? nil : client.due.first?.at
    }

    private mutating func end(
        _ descriptor: Int32, _ clients: inout [Int32: ClientSocket],
        _ ripening: inout [Int32: UInt64]
    ) {
        if let connection = clients[descriptor]?.zooKeeper {
            machine.closeZooKeeper(connection)
            zooKeeperSockets[connection] = nil
        }
        clients[descriptor] = nil
        ripening[descriptor] = nil
        _ = close(descriptor)
    }

    /// What the ensemble has to say to its clients.
    private mutating func deliver(
        _ clients: [Int32: ClientSocket], _ ripening: inout [Int32: UInt64], _ now: UInt64
    ) {
        for output in machine.takeZooKeeperOutput() {
            switch output {
            case .send(let connection, let bytes, let delay):
                guard let descriptor = zooKeeperSockets[connection],
                    let client = clients[descriptor]
                else { continue }
                client.due.append((max(now + delay, client.due.last?.at ?? 0), bytes))
                if !client.waitsForRoom { ripening[descriptor] = client.due.first?.at }
            case .close(let connection):
                guard let descriptor = zooKeeperSockets[connection],
                    let client = clients[descriptor]
                else { continue }
                client.isEnding = true
                if client.due.isEmpty { ripening[descriptor] = 0 }
            }
        }
    }

    // MARK: Brokers that go and come

    private mutating func apply(
        _ change: NetworkChange, _ clients: inout [Int32: ClientSocket],
        _ ripening: inout [Int32: UInt64]
    ) {
        switch change {
        case .down(let id):
            for (descriptor, client) in clients where client.broker == id {
                end(descriptor, &clients, &ripening)
            }
            closeListener { $0.broker == id }
        case .up(let id): reopenListener { $0.broker == id }
        case .zooKeeperDown(let id): closeListener { $0.zooKeeper == id }
        case .zooKeeperUp(let id): reopenListener { $0.zooKeeper == id }
        case .thawed(let id):
            for (descriptor, client) in clients where client.broker == id {
                for frame in client.connection.takeHeld() { take(frame, client) }
                ripening[descriptor] = client.due.first?.at ?? (client.isEnding ? 0 : nil)
            }
        }
    }

    private mutating func closeListener(where isMeant: (Listener) -> Bool) {
        guard let index = listeners.firstIndex(where: isMeant), listeners[index].descriptor >= 0
        else { return }
        listenerOf[listeners[index].descriptor] = nil
        _ = close(listeners[index].descriptor)
        listeners[index].descriptor = -1
    }

    private mutating func reopenListener(where isMeant: (Listener) -> Bool) {
        guard let index = listeners.firstIndex(where: isMeant),
            let (descriptor, _) = try? listen(port: listeners[index].port)
        else { return }
        listeners[index].descriptor = descriptor
        listenerOf[descriptor] = index
    }
}
