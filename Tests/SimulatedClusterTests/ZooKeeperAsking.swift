// A client of the simulated ensemble without any network: bytes into the machine, frames out of it.
import SimulatedCluster
import ZooKeeperClient

/// A machine whose ensemble is asked directly.
struct AskedEnsemble {
    var machine: Machine
    var now: UInt64 = 0
    /// Frames that arrived and were not looked at, lengths cut off, by connection.
    var inbox: [Int: [[UInt8]]] = [:]
    /// Bytes of connections that ended before a session, as of four-letter words.
    var closed: Set<Int> = []
    var xid: Int32 = 0

    init(_ shape: Shape) { machine = Machine(shape, startNs: 0) }

    mutating func advance(seconds: Double) {
        now += UInt64(seconds * 1e9)
        _ = machine.advance(to: now)
        collect()
    }

    private mutating func collect() {
        for output in machine.takeZooKeeperOutput() {
            switch output {
            case .send(let connection, let bytes, _):
                inbox[connection, default: []].append(bytes)
            case .close(let connection): closed.insert(connection)
            }
        }
    }

    mutating func open(server: Int = 1) -> Int {
        machine.openZooKeeper(server: server, peer: "10.1.0.1:40001", now: now) ?? -1
    }

    mutating func send(_ bytes: [UInt8], on connection: Int) {
        machine.receiveZooKeeper(bytes, connection: connection, now: now)
        collect()
    }

    /// What arrived first and was not taken yet.
    mutating func take(_ connection: Int) -> [UInt8]? {
        guard inbox[connection]?.isEmpty == false, let first = inbox[connection]?.removeFirst()
        else { return nil }
        return Array(first.dropFirst(4))
    }

    mutating func connect(
        server: Int = 1, as old: ConnectResponse? = nil, seen: Int64 = 0, timeoutMs: Int32 = 6_000,
        readOnly: Bool = false
    ) throws -> (connection: Int, response: ConnectResponse?) {
        let connection = open(server: server)
        var request = ConnectRequest()
        request.timeoutMs = timeoutMs
        request.lastZxidSeen = seen
        request.readOnly = readOnly
        if let old {
            request.sessionID = old.sessionID
            request.password = old.password
        }
        send(Jute.frame(request), on: connection)
        let response = try take(connection).map { try Jute.read(ConnectResponse.self, $0) }
        return (connection, response)
    }

    /// One answer: the events before it stay in `events`.
    var events: [WatcherEvent] = []

    mutating func ask<R: ZooKeeperRequest>(
        _ request: R, on connection: Int, xid special: Int32? = nil
    ) throws -> (head: ReplyHead, reply: R.Reply?)? {
        xid += 1
        let number = special ?? xid
        send(Jute.request(xid: number, request), on: connection)
        while let frame = take(connection) {
            let head = try Jute.head(ReplyHead.self, frame)
            if head.xid == SpecialXid.watchEvent {
                events.append(try Jute.body(WatcherEvent.self, after: ReplyHead.self, frame))
                continue
            }
            guard head.xid == number else { continue }
            if head.code.isError { return (head, nil) }
            return (head, try Jute.body(R.Reply.self, after: ReplyHead.self, frame))
        }
        return nil
    }

    /// Events that came without being asked for.
    mutating func takeEvents(_ connection: Int) throws -> [WatcherEvent] {
        while let frame = take(connection) {
            events.append(try Jute.body(WatcherEvent.self, after: ReplyHead.self, frame))
        }
        defer { events = [] }
        return events
    }

    mutating func data(_ path: String, watch: Bool = false, on connection: Int) throws -> String? {
        let answer = try ask(GetDataRequest(path: path, watch: watch), on: connection)
        return answer?.reply?.data.map { String(decoding: $0, as: UTF8.self) }
    }

    mutating func stat(_ path: String, watch: Bool = false, on connection: Int) throws
        -> ZnodeStat?
    {
        try ask(ExistsRequest(path: path, watch: watch), on: connection)?.reply?.stat
    }

    mutating func children(_ path: String, watch: Bool = false, on connection: Int) throws
        -> [String]?
    {
        try ask(GetChildrenRequest(path: path, watch: watch), on: connection)?.reply?.children
    }

    mutating func word(_ word: String, server: Int = 1) -> String? {
        let connection = open(server: server)
        send(Array(word.utf8), on: connection)
        guard closed.contains(connection) else { return nil }
        return inbox[connection]?.first.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A small cluster that keeps its state in ZooKeeper.
func ensembleShape(_ release: Release = .v39) -> Shape {
    var shape = smallShape()
    shape.brokers = 4
    shape.partitions = 12
    shape.groups = 2
    shape.release = release
    shape.coordination = .zookeeper
    shape.wallStartMs = 1_700_000_000_000
    return shape
}
