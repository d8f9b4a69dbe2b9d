// A small ensemble in memory for the session's tests: znodes, sessions, watches, four-letter words.
// Servers can be killed, frozen, made old, read-only or forgetful.
import Simulation
import Transport
import TransportTesting

@testable import ZooKeeperClient

/// What all servers of one ensemble share.
final class FakeEnsemble: Sendable {
    struct Znode: Sendable {
        var data: [UInt8] = []
        var stat = ZnodeStat()
    }

    struct State: Sendable {
        var znodes: [String: Znode] = ["/": Znode()]
        /// Paths whose latest change was a deletion, with its zxid.
        var deleted: [String: Int64] = [:]
        var zxid: Int64 = 100
        var nextSession: Int64 = 0x1000
        /// Known sessions; taking one out expires it.
        var sessions: Set<Int64> = []
        var timeoutMs: Int32 = 6000
        /// What was asked, as "2 getData /a" with the server's number.
        var seen: [String] = []
        var setWatches: [SetWatches2Request] = []
        var connects: [ConnectRequest] = []
        var goodAuth: [UInt8]?
        var forbidden: Set<String> = []
        var maxUnanswered = 0
        var unanswered = 0
        /// For each getData, how long its answer takes.
        var delayNs: UInt64 = 0
    }

    let system: SimulatedSystem
    let state = Locked(State())
    let servers: [FakeServer]

    init(_ system: SimulatedSystem, servers count: Int = 3) {
        self.system = system
        servers = (1...count).map { FakeServer($0, system) }
        for server in servers {
            server.ensemble.withLock { $0 = self }
            system.set(server.address, .serves(server))
        }
    }

    var config: ZooKeeperConfig {
        ZooKeeperConfig(servers: ZooKeeperServers(servers: servers.map(\.endpoint)))
    }

    var seen: [String] { state.withLock { $0.seen } }
    func seen(_ word: String) -> Int { seen.count { $0.contains(word) } }
    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    /// Creates or changes a znode, and fires watches.
    func put(_ path: String, _ data: String) {
        let isNew = state.withLock { state in
            state.zxid += 1
            let isNew = state.znodes[path] == nil
            var znode = state.znodes[path] ?? Znode()
            znode.data = Array(data.utf8)
            znode.stat.modifiedZxid = state.zxid
            znode.stat.dataBytes = Int32(data.utf8.count)
            if isNew { znode.stat.createdZxid = state.zxid } else { znode.stat.version += 1 }
            state.znodes[path] = znode
            if isNew { Self.noteChild(of: path, &state) }
            return isNew
        }
        fire(isNew ? .created : .dataChanged, path)
        if isNew { fire(.childrenChanged, Self.parent(path)) }
    }

    func remove(_ path: String) {
        state.withLock { state in
            state.zxid += 1
            state.znodes[path] = nil
            state.deleted[path] = state.zxid
            Self.noteChild(of: path, &state)
        }
        fire(.deleted, path)
        fire(.childrenChanged, Self.parent(path))
    }

    private static func noteChild(of path: String, _ state: inout State) {
        state.znodes[parent(path)]?.stat.childrenZxid = state.zxid
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private func fire(_ kind: WatchEventKind, _ path: String) {
        for server in servers { server.fire(kind, path) }
    }
}

/// One server at 10.0.0.`number`:2181.
final class FakeServer: SimulatedServer {
    struct Peer: Sendable {
        var side: ServerSide
        var buffer: [UInt8] = []
        var session: Int64 = 0
        var isConnected = false
        var data: Set<String> = []
        var exist: Set<String> = []
        var child: Set<String> = []
        var trees: Set<String> = []
    }

    struct Behaviour: Sendable {
        var isFrozen = false
        var isReadOnly = false
        /// Refuses sessions, as a server that lags behind does.
        var refuses = false
        var version = ZooKeeperVersion(3, 8, 4)
        var whitelist: Set<String> = ["srvr", "isro"]
        var peers: [Int32: Peer] = [:]
        var pings = 0
        /// So many bytes stand behind the record of each answer.
        var bytesBehind = 0
    }

    let number: Int
    let system: SimulatedSystem
    let behaviour = Locked(Behaviour())
    let ensemble = Locked<FakeEnsemble?>(nil)

    init(_ number: Int, _ system: SimulatedSystem) {
        self.number = number
        self.system = system
    }

    var address: Address { Address(10, 0, 0, UInt8(number), port: 2181) }
    var endpoint: Endpoint { Endpoint(host: "10.0.0.\(number)", port: 2181) }
    var peers: Int { behaviour.withLock { $0.peers.values.count { $0.isConnected } } }

    func change(_ body: (inout Behaviour) -> Void) { behaviour.withLock { body(&$0) } }

    func kill() {
        system.set(address, .refuses)
        system.dropConnections(of: self)
        change { $0.peers = [:] }
    }

    func restart() { system.set(address, .serves(self)) }

    func fire(_ kind: WatchEventKind, _ path: String) {
        let told = behaviour.withLock { behaviour -> [ServerSide] in
            var told: [ServerSide] = []
            guard !behaviour.isFrozen else { return [] }
            for (handle, peer) in behaviour.peers.sorted(by: { $0.key < $1.key }) {
                var peer = peer
                var isHit = false
                func strike(_ set: WritableKeyPath<Peer, Set<String>>) {
                    if peer[keyPath: set].remove(path) != nil { isHit = true }
                }
                switch kind {
                case .created, .dataChanged:
                    strike(\.data)
                    strike(\.exist)
                case .deleted:
                    strike(\.data)
                    strike(\.exist)
                    strike(\.child)
                default: strike(\.child)
                }
                if kind != .childrenChanged,
                    peer.trees.contains(where: { path == $0 || path.hasPrefix($0 + "/") })
                {
                    isHit = true
                }
                behaviour.peers[handle] = peer
                if isHit { told.append(peer.side) }
            }
            return told
        }
        for side in told { side.send(Jute.event(WatcherEvent(kind, path))) }
    }

    func opened(_ side: ServerSide) { change { $0.peers[side.handle] = Peer(side: side) } }

    func received(_ bytes: [UInt8], _ side: ServerSide) {
        guard let ensemble = ensemble.withLock({ $0 }) else { return }
        let frames = behaviour.withLock { behaviour -> [[UInt8]] in
            guard !behaviour.isFrozen, var peer = behaviour.peers[side.handle] else { return [] }
            peer.buffer += bytes
            var frames: [[UInt8]] = []
            if !peer.isConnected, peer.buffer.count == 4, peer.buffer[0] >= 0x61 {
                frames = [peer.buffer]
                peer.buffer = []
            }
            while peer.buffer.count >= 4 {
                let length = peer.buffer[..<4].reduce(0) { $0 << 8 | Int($1) }
                guard peer.buffer.count >= 4 + length else { break }
                frames.append([UInt8](peer.buffer[4..<4 + length]))
                peer.buffer.removeFirst(4 + length)
            }
            behaviour.peers[side.handle] = peer
            return frames
        }
        for frame in frames { take(frame, side, ensemble) }
    }

    private func take(_ frame: [UInt8], _ side: ServerSide, _ ensemble: FakeEnsemble) {
        guard let peer = behaviour.withLock({ $0.peers[side.handle] }) else { return }
        if frame.count == 4 { return answerWord(String(decoding: frame, as: UTF8.self), side) }
        if !peer.isConnected { return connect(frame, side, ensemble) }
        guard let head = try? Jute.head(RequestHead.self, frame) else { return side.end() }
        let reply = answer(Asked(head: head, frame: frame, side: side, ensemble: ensemble))
        let zxid = ensemble.state.withLock { $0.zxid }
        switch reply {
        case .success(let body):
            let delay = head.operation == .getData ? ensemble.state.withLock { $0.delayNs } : 0
            if delay > 0 {
                ensemble.change {
                    $0.unanswered += 1
                    $0.maxUnanswered = max($0.maxUnanswered, $0.unanswered)
                }
                system.after(delay) { ensemble.change { $0.unanswered -= 1 } }
            }
            let behind = [UInt8](repeating: 0, count: behaviour.withLock { $0.bytesBehind })
            side.send(
                framed(Jute.bytes(ReplyHead(xid: head.xid, zxid: zxid)) + body + behind),
                delayNs: delay)
        case .failure(let code):
            let isUnknown = code.code == .unimplemented
            side.send(
                Jute.reply(
                    ReplyHead(xid: head.xid, zxid: isUnknown ? -1 : zxid, code: code.code)))
            if isUnknown || code.code == .authFailed { side.end() }
        }
    }

    private func answerWord(_ word: String, _ side: ServerSide) {
        let now = behaviour.withLock { $0 }
        let text: String
        if !now.whitelist.contains(word) {
            text = "\(word) is not executed because it is not in the whitelist.\n"
        } else if word == "isro" {
            text = now.isReadOnly ? "ro" : "rw"
        } else {
            text = "Zookeeper version: \(now.version)-abc, built on today\nMode: follower\n"
        }
        side.send(Array(text.utf8))
        side.end()
    }

    private func connect(_ frame: [UInt8], _ side: ServerSide, _ ensemble: FakeEnsemble) {
        guard let request = try? Jute.read(ConnectRequest.self, frame) else { return side.end() }
        let now = behaviour.withLock { $0 }
        let response = ensemble.state.withLock { state -> ConnectResponse? in
            state.seen.append("\(number) connect")
            state.connects.append(request)
            guard !now.refuses, request.lastZxidSeen <= state.zxid else { return nil }
            // As 3.7 and newer: no session of the ensemble is taken up without it.
            guard !now.isReadOnly || request.readOnly == true && request.sessionID == 0 else {
                return nil
            }
            var response = ConnectResponse()
            if request.sessionID != 0 {
                guard state.sessions.contains(request.sessionID) else { return response }
                response.sessionID = request.sessionID
            } else {
                state.nextSession += 1
                response.sessionID = state.nextSession
                if !now.isReadOnly { state.sessions.insert(response.sessionID) }
            }
            response.password = [UInt8](repeating: 7, count: 16)
            response.timeoutMs = min(request.timeoutMs, state.timeoutMs)
            response.readOnly = now.isReadOnly
            return response
        }
        guard let response else { return side.end() }
        change {
            $0.peers[side.handle]?.isConnected = true
            $0.peers[side.handle]?.session = response.sessionID
        }
        side.send(Jute.frame(response))
        if response.isExpired { side.end() }
    }

    /// A ZooKeeper code as an error.
    struct Code: Error { let code: ZooKeeperCode }

    /// A request as it came in.
    private struct Asked {
        let head: RequestHead
        let frame: [UInt8]
        let side: ServerSide
        let ensemble: FakeEnsemble

        func body<T: JuteRecord>(_ type: T.Type) throws(JuteFault) -> T {
            try Jute.body(T.self, after: RequestHead.self, frame)
        }
    }

    private typealias Reply = Result<[UInt8], Code>

    private func note(_ asked: Asked, _ path: String) {
        asked.ensemble.change { $0.seen.append("\(number) \(asked.head.operation) \(path)") }
    }
    private func fail(_ code: ZooKeeperCode) -> Reply { .failure(Code(code: code)) }
    private func find(_ asked: Asked, _ path: String) -> FakeEnsemble.Znode? {
        asked.ensemble.state.withLock { $0.znodes[path] }
    }

    private func answer(_ asked: Asked) -> Reply {
        do throws(JuteFault) {
            if let reply = try answerSession(asked) { return reply }
            if let reply = try answerRead(asked) { return reply }
            if let reply = try answerWatch(asked) { return reply }
            note(asked, "")
            return fail(.unimplemented)
        } catch {
            return fail(.marshallingError)
        }
    }

    private func answerSession(_ asked: Asked) throws(JuteFault) -> Reply? {
        switch asked.head.operation {
        case .ping:
            change { $0.pings += 1 }
            return .success([])
        case .closeSession:
            note(asked, "")
            let session = behaviour.withLock { $0.peers[asked.side.handle]?.session ?? 0 }
            asked.ensemble.change { $0.sessions.remove(session) }
            return .success([])
        case .auth:
            let request = try asked.body(AuthRequest.self)
            note(asked, request.scheme)
            let good = asked.ensemble.state.withLock { $0.goodAuth }
            return good == nil || good == request.auth ? .success([]) : fail(.authFailed)
        case .sasl:
            let token = try asked.body(SaslRequest.self).token ?? []
            note(asked, String(decoding: token, as: UTF8.self))
            var reply = SaslReply()
            reply.token = Array("after ".utf8) + token
            return .success(Jute.bytes(reply))
        default: return nil
        }
    }

    private func answerRead(_ asked: Asked) throws(JuteFault) -> Reply? {
        switch asked.head.operation {
        case .getData:
            let request = try asked.body(GetDataRequest.self)
            note(asked, request.path)
            guard let znode = find(asked, request.path) else { return fail(.noNode) }
            if asked.ensemble.state.withLock({ $0.forbidden.contains(request.path) }) {
                return fail(.noAuth)
            }
            if request.watch { watch(asked.side, \.data, request.path) }
            var reply = GetDataReply()
            reply.data = znode.data
            reply.stat = znode.stat
            return .success(Jute.bytes(reply))
        case .exists:
            let request = try asked.body(ExistsRequest.self)
            note(asked, request.path)
            let znode = find(asked, request.path)
            if request.watch { watch(asked.side, znode == nil ? \.exist : \.data, request.path) }
            guard let znode else { return fail(.noNode) }
            var reply = StatReply()
            reply.stat = znode.stat
            return .success(Jute.bytes(reply))
        case .getChildren2:
            let request = try asked.body(GetChildren2Request.self)
            note(asked, request.path)
            guard let znode = find(asked, request.path) else { return fail(.noNode) }
            if request.watch { watch(asked.side, \.child, request.path) }
            let prefix = request.path == "/" ? "/" : request.path + "/"
            var reply = GetChildren2Reply()
            reply.children = asked.ensemble.state.withLock { state in
                state.znodes.keys.filter {
                    $0 != "/" && FakeEnsemble.parent($0) == request.path
                }.map { String($0.dropFirst(prefix.count)) }
            }
            reply.stat = znode.stat
            return .success(Jute.bytes(reply))
        case .setData:
            let request = try asked.body(SetDataRequest.self)
            note(asked, request.path)
            return .success(Jute.bytes(StatReply()))
        default: return nil
        }
    }

    private func answerWatch(_ asked: Asked) throws(JuteFault) -> Reply? {
        let isNew = behaviour.withLock { $0.version } >= .withTrees
        switch asked.head.operation {
        case .addWatch:
            let request = try asked.body(AddWatchRequest.self)
            note(asked, request.path)
            guard isNew else { return fail(.unimplemented) }
            watch(asked.side, \.trees, request.path)
            return .success(Jute.bytes(AddWatchReply()))
        case .removeWatches:
            let request = try asked.body(RemoveWatchesRequest.self)
            note(asked, request.path)
            change {
                $0.peers[asked.side.handle]?.trees.remove(request.path)
                $0.peers[asked.side.handle]?.data.remove(request.path)
            }
            return .success([])
        case .setWatches:
            let classic = try asked.body(SetWatchesRequest.self)
            var request = SetWatches2Request()
            request.relativeZxid = classic.relativeZxid
            request.data = classic.data
            request.exist = classic.exist
            request.child = classic.child
            note(asked, "")
            setWatches(request, asked.side, asked.ensemble)
            return .success([])
        case .setWatches2:
            note(asked, "")
            guard isNew else { return fail(.unimplemented) }
            setWatches(
                try asked.body(SetWatches2Request.self), asked.side, asked.ensemble)
            return .success([])
        default: return nil
        }
    }

    private func watch(
        _ side: ServerSide, _ set: WritableKeyPath<Peer, Set<String>>, _ path: String
    ) {
        behaviour.withLock { _ = $0.peers[side.handle]?[keyPath: set].insert(path) }
    }

    /// Fires what was missed, as a real server does, and registers the rest.
    private func setWatches(
        _ request: SetWatches2Request, _ side: ServerSide, _ ensemble: FakeEnsemble
    ) {
        let state = ensemble.state.withLock { state in
            state.setWatches.append(request)
            return state
        }
        func tell(_ kind: WatchEventKind, _ path: String) {
            side.send(Jute.event(WatcherEvent(kind, path)))
        }
        for path in request.data {
            if let znode = state.znodes[path] {
                if znode.stat.modifiedZxid > request.relativeZxid {
                    tell(.dataChanged, path)
                } else {
                    watch(side, \.data, path)
                }
            } else {
                tell(.deleted, path)
            }
        }
        for path in request.exist {
            if state.znodes[path] != nil {
                tell(.created, path)
            } else {
                watch(side, \.exist, path)
            }
        }
        for path in request.child {
            if let znode = state.znodes[path] {
                if znode.stat.childrenZxid > request.relativeZxid {
                    tell(.childrenChanged, path)
                } else {
                    watch(side, \.child, path)
                }
            } else {
                tell(.deleted, path)
            }
        }
        for path in request.persistentRecursive { watch(side, \.trees, path) }
    }
}
