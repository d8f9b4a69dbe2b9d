// A simulated ZooKeeper server's end of its connections: the stream cut into frames or a word of
// four letters, the first frame, faultRates; then the request.
import Simulation
import ZooKeeperClient

extension Machine {
    // MARK: For the networks

    /// A client has connected to a server. Gives the number that stands for the connection, or nil
    /// where the server takes none.
    package mutating func openZooKeeper(server: Int, peer: String, now: UInt64) -> Int? {
        guard let index = zooKeeper.index(server), zooKeeper.servers[index].condition != .dead
        else { return nil }
        zooKeeper.lastConnection += 1
        let id = zooKeeper.lastConnection
        zooKeeper.servers[index].openedConnections += 1
        zooKeeper.connections[id] = ZooKeeperConnection(
            id: id, server: server, peer: peer, openedMs: wallMs)
        return id
    }

    /// Bytes from a client; what is to be sent because of them is taken with `takeOutput`.
    package mutating func receiveZooKeeper(_ bytes: [UInt8], connection: Int, now: UInt64) {
        guard zooKeeper.connections[connection] != nil else { return }
        zooKeeper.connections[connection]?.input += bytes
        zooKeeper.tally.bytesIn += bytes.count
        readInput(connection)
    }

    /// The client closed the connection or lost it. Its session lives on until it expires.
    package mutating func closeZooKeeper(_ connection: Int) { forget(connection) }

    /// What the network must do now, in order.
    package mutating func takeZooKeeperOutput() -> [ZooKeeperOutput] {
        if zooKeeper.output.isEmpty { return [] }
        defer { zooKeeper.output = [] }
        return zooKeeper.output
    }

    // MARK: Frames

    mutating func readInput(_ id: Int) {
        while let connection = zooKeeper.connections[id] {
            let server = zooKeeper.servers[connection.server - 1]
            guard server.condition != .frozen, !connection.isMute, connection.input.count >= 4
            else { return }
            let head = Array(connection.input.prefix(4))
            if connection.session == 0, let word = ZooKeeperWord(head) {
                zooKeeper.connections[id]?.received += 1
                zooKeeper.servers[connection.server - 1].received += 1
                zooKeeper.tally.words += 1
                let text = answer(word, server: connection.server)
                send(Array(text.utf8), to: id, afterNs: 300_000)
                return end(id)
            }
            let size = head.reduce(0) { $0 << 8 | Int($1) }
            guard size <= Limits.zooKeeperFrameBytes else { return end(id) }
            guard connection.input.count >= 4 + size else { return }
            let frame = Array(connection.input[4..<4 + size])
            zooKeeper.connections[id]?.input.removeFirst(4 + size)
            take(frame, id)
        }
    }

    private mutating func take(_ frame: [UInt8], _ id: Int) {
        guard let connection = zooKeeper.connections[id] else { return }
        zooKeeper.connections[id]?.received += 1
        zooKeeper.servers[connection.server - 1].received += 1
        var delay = 150_000 + random.next() % 500_000
        exchanges += 1
        if !shape.faultRates.isNone, seconds < shape.faultsEndAtSeconds {
            if exchanges == shape.faultRates.failingExchange { return end(id) }
            if random.unit() < shape.faultRates.drop { return end(id) }
            if connection.session != 0, random.unit() < shape.faultRates.zooKeeperExpiry {
                return expire(connection.session)
            }
            if random.unit() < shape.faultRates.silence {
                zooKeeper.connections[id]?.isMute = true
                return
            }
            if random.unit() < shape.faultRates.delay {
                delay += UInt64(random.unit() * shape.faultRates.delaySeconds * 1e9)
            }
        }
        if connection.session == 0 { return connect(frame, id, delay) }
        zooKeeper.sessions[connection.session]?.heardAt = seconds
        answer(frame, connection, delay)
    }

    // MARK: The first frame

    private mutating func connect(_ frame: [UInt8], _ id: Int, _ delay: UInt64) {
        var leftOver = 0
        guard let connection = zooKeeper.connections[id],
            let request = try? Jute.read(ConnectRequest.self, frame, leftOver: &leftOver)
        else { return end(id) }
        zooKeeper.tally.connects += 1
        let server = zooKeeper.servers[connection.server - 1]
        let isReadOnly = !isServing(server)
        if isReadOnly {
            // Cut off: only clients that ask for it are served, and only where that is allowed.
            guard server.condition == .isolated, shape.zooKeeper.allowsReadOnly,
                request.readOnly == true
            else { return end(id) }
        }
        guard request.lastZxidSeen <= tree(of: server).zxid else { return end(id) }
        var response = ConnectResponse()
        response.readOnly = request.readOnly == nil ? nil : isReadOnly
        guard let session = attach(request, connection, isReadOnly) else {
            // Unknown or expired: a time-out of 0 says so.
            send(Jute.frame(response), to: id, afterNs: delay)
            return end(id)
        }
        zooKeeper.connections[id]?.session = session.id
        zooKeeper.connections[id]?.isReadOnly = isReadOnly
        zooKeeper.connections[id]?.lastOperation = "SESS"
        response.timeoutMs = session.timeoutMs
        response.sessionID = session.id
        response.password = session.password
        send(Jute.frame(response), to: id, afterNs: delay)
    }

    private mutating func attach(
        _ request: ConnectRequest, _ connection: ZooKeeperConnection, _ isReadOnly: Bool
    ) -> EnsembleSession? {
        if request.sessionID == 0 || isReadOnly {
            return openSession(
                connection.id, server: connection.server, askedMs: request.timeoutMs,
                isLocal: isReadOnly)
        }
        guard let session = zooKeeper.sessions[request.sessionID], !session.isOfBroker,
            !session.isLocal, session.password == request.password
        else { return nil }
        // Moved here: what it had elsewhere is over.
        if let old = session.connection, old != connection.id { end(old) }
        zooKeeper.sessions[session.id]?.connection = connection.id
        zooKeeper.sessions[session.id]?.heardAt = seconds
        return session
    }

    /// What a server knows: all of them the same, but for one that is cut off.
    func tree(of server: EnsembleMember) -> ZnodeTree { server.stale ?? zooKeeper.tree }

    func tree(_ connection: ZooKeeperConnection) -> ZnodeTree {
        tree(of: zooKeeper.servers[connection.server - 1])
    }
}
