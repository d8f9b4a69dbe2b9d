// Requests of a session: reads, watches, authentication. Writes are in a file of their own.
import ZooKeeperClient

/// One request under way.
struct ZooKeeperCall {
    let connection: ZooKeeperConnection
    let head: RequestHead
    let frame: [UInt8]
    let delay: UInt64

    /// The request's record; a body that cannot be read is a marshalling error. As in ZooKeeper,
    /// bytes behind it are not looked at.
    func read<R: ZooKeeperRequest>(_ type: R.Type) throws(ZooKeeperRefusal) -> R {
        var leftOver = 0
        do throws(JuteFault) {
            return try Jute.body(type, after: RequestHead.self, frame, leftOver: &leftOver)
        } catch {
            throw ZooKeeperRefusal(.marshallingError)
        }
    }
}

/// A request that is answered with an error.
struct ZooKeeperRefusal: Error {
    let code: ZooKeeperCode

    init(_ code: ZooKeeperCode) { self.code = code }
}

extension Machine {
    mutating func answer(_ frame: [UInt8], _ connection: ZooKeeperConnection, _ delay: UInt64) {
        guard let head = try? Jute.head(RequestHead.self, frame) else {
            return end(connection.id)
        }
        let call = ZooKeeperCall(connection: connection, head: head, frame: frame, delay: delay)
        zooKeeper.connections[connection.id]?.lastOperation = Self.shortName(head.operation)
        zooKeeper.tally.requests[head.operation, default: 0] += 1
        if head.xid > 0 { zooKeeper.connections[connection.id]?.lastXid = head.xid }
        guard isOffered(head.operation) else {
            reply(call, .unimplemented, zxid: -1)
            return end(connection.id)
        }
        do throws(ZooKeeperRefusal) {
            if Self.isWrite(head.operation) { return try write(call) }
            try answerRead(call)
        } catch {
            reply(call, error.code)
        }
    }

    private func isOffered(_ operation: OpCode) -> Bool {
        switch operation {
        case .create, .delete, .exists, .getData, .setData, .getACL, .setACL, .getChildren, .sync,
            .ping, .getChildren2, .check, .multi, .create2, .reconfig, .checkWatches,
            .removeWatches, .createContainer, .createTTL, .auth, .setWatches, .sasl,
            .closeSession:
            true
        case .multiRead, .getEphemerals, .getAllChildrenNumber, .setWatches2, .addWatch, .whoAmI:
            shape.release.hasNewZooKeeper
        default: false
        }
    }

    private static func shortName(_ operation: OpCode) -> String {
        switch operation {
        case .ping: "PING"
        case .getData: "GETD"
        case .exists: "EXIS"
        case .getChildren, .getChildren2: "GETC"
        case .setWatches, .setWatches2: "SETW"
        case .create, .create2: "CREA"
        case .delete: "DELE"
        case .setData: "SETD"
        default: "NA"
        }
    }

    // MARK: Replies

    /// An answer with the newest change the server knows of, or another number.
    mutating func reply(
        _ call: ZooKeeperCall, _ code: ZooKeeperCode = .ok, zxid: Int64? = nil,
        body: [UInt8] = []
    ) {
        let newest = zxid ?? tree(call.connection).zxid
        let head = ReplyHead(xid: call.head.xid, zxid: newest, code: code)
        let ms = wallMs
        var bytes = Jute.bytes(head)
        if !code.isError { bytes += body }
        zooKeeper.connections[call.connection.id]?.lastZxid = max(0, newest)
        zooKeeper.connections[call.connection.id]?.lastAnswerMs = ms
        send(Self.framed(bytes), to: call.connection.id, afterNs: call.delay)
    }

    mutating func reply(_ call: ZooKeeperCall, _ record: some JuteRecord) {
        reply(call, body: Jute.bytes(record))
    }

    private static func framed(_ bytes: [UInt8]) -> [UInt8] {
        let size = UInt32(bytes.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } + bytes
    }

    // MARK: Reads

    private mutating func answerRead(_ call: ZooKeeperCall) throws(ZooKeeperRefusal) {
        switch call.head.operation {
        case .ping: reply(call)
        case .getData:
            let request = try call.read(GetDataRequest.self)
            let data = try data(call, request.path)
            watch(call, request.watch ? .data : nil, request.path)
            reply(call, data)
        case .exists:
            let request = try call.read(ExistsRequest.self)
            try checkPath(request.path)
            // Also where nothing is: it fires when something is created.
            watch(call, request.watch ? .data : nil, request.path)
            var answer = StatReply()
            answer.stat = try view(call, request.path).stat
            reply(call, answer)
        case .getChildren:
            let request = try call.read(GetChildrenRequest.self)
            let children = try children(call, request.path)
            watch(call, request.watch ? .children : nil, request.path)
            reply(call, children)
        case .getChildren2:
            let request = try call.read(GetChildren2Request.self)
            var answer = GetChildren2Reply()
            answer.children = try children(call, request.path).children
            answer.stat = try view(call, request.path).stat
            watch(call, request.watch ? .children : nil, request.path)
            reply(call, answer)
        case .getACL:
            let request = try call.read(GetACLRequest.self)
            var answer = GetACLReply()
            answer.stat = try view(call, request.path).stat
            answer.acl = acl(request.path)
            reply(call, answer)
        case .multiRead: try answerMultiRead(call)
        case .getEphemerals:
            let prefix = try call.read(GetEphemeralsRequest.self).prefix
            var answer = GetChildrenReply()
            answer.children = (zooKeeper.sessions[call.connection.session]?.ephemerals ?? [])
                .filter { $0.hasPrefix(prefix) }
            reply(call, answer)
        case .getAllChildrenNumber:
            let path = try call.read(GetAllChildrenNumberRequest.self).path
            _ = try view(call, path)
            var answer = CountReply()
            answer.count = Int32(clamping: znodesBelow(path, in: tree(call.connection)))
            reply(call, answer)
        default: try answerOther(call)
        }
    }

    private mutating func answerOther(_ call: ZooKeeperCall) throws(ZooKeeperRefusal) {
        switch call.head.operation {
        case .setWatches: try setWatches(call, call.read(SetWatchesRequest.self))
        case .setWatches2: try setWatches(call, call.read(SetWatches2Request.self))
        case .addWatch:
            let request = try call.read(AddWatchRequest.self)
            try checkPath(request.path)
            guard (0...1).contains(request.mode) else { throw ZooKeeperRefusal(.badArguments) }
            watch(call, request.mode == 0 ? .persistent : .recursive, request.path)
            reply(call, AddWatchReply())
        case .removeWatches:
            let request = try call.read(RemoveWatchesRequest.self)
            try checkWatches(call, request.path, request.kind, removing: true)
        case .checkWatches:
            let request = try call.read(CheckWatchesRequest.self)
            try checkWatches(call, request.path, request.kind, removing: false)
        case .auth: try answerAuth(call)
        case .sasl:
            // Nobody has to log in: there is nothing to say.
            _ = try call.read(SaslRequest.self)
            reply(call, zxid: 0, body: Jute.bytes(SaslReply()))
        case .whoAmI:
            var answer = WhoAmIReply()
            answer.identities = call.connection.identities
            let ip = call.connection.peer.split(separator: ":").first.map(String.init) ?? ""
            answer.identities.append(ZnodeIdentity(scheme: "ip", id: ip))
            reply(call, answer)
        default: throw ZooKeeperRefusal(.unimplemented)
        }
    }

    private mutating func answerAuth(_ call: ZooKeeperCall) throws(ZooKeeperRefusal) {
        let request = try call.read(AuthRequest.self)
        guard request.scheme == "digest", let name = request.auth?.split(separator: 0x3a).first
        else {
            reply(call, .authFailed, zxid: 0)
            return end(call.connection.id)
        }
        zooKeeper.connections[call.connection.id]?.identities.append(
            ZnodeIdentity(scheme: "digest", id: String(decoding: name, as: UTF8.self)))
        reply(call, zxid: 0)
    }

    private mutating func answerMultiRead(_ call: ZooKeeperCall) throws(ZooKeeperRefusal) {
        let request = try call.read(MultiReadRequest.self)
        var answer = MultiReply()
        for operation in request.operations {
            do throws(ZooKeeperRefusal) {
                switch operation {
                case .getData(let part): answer.results.append(.getData(try data(call, part.path)))
                case .getChildren(let part):
                    answer.results.append(.getChildren(try children(call, part.path)))
                default: throw ZooKeeperRefusal(.unimplemented)
                }
            } catch {
                answer.results.append(.error(error.code))
            }
        }
        reply(call, answer)
    }

    // MARK: Znodes

    func checkPath(_ path: String) throws(ZooKeeperRefusal) {
        guard ZnodeTree.isValid(path) else { throw ZooKeeperRefusal(.badArguments) }
    }

    private func view(
        _ call: ZooKeeperCall, _ path: String
    ) throws(ZooKeeperRefusal) -> ZnodeView {
        try checkPath(path)
        guard let view = znode(path, in: tree(call.connection)) else {
            throw ZooKeeperRefusal(.noNode)
        }
        return view
    }

    private func data(
        _ call: ZooKeeperCall, _ path: String
    ) throws(ZooKeeperRefusal) -> GetDataReply {
        let view = try view(call, path)
        if isDenied(path) { throw ZooKeeperRefusal(.noAuth) }
        var answer = GetDataReply()
        answer.data = view.data
        answer.stat = view.stat
        return answer
    }

    private func children(
        _ call: ZooKeeperCall, _ path: String
    ) throws(ZooKeeperRefusal) -> GetChildrenReply {
        _ = try view(call, path)
        if isDenied(path) { throw ZooKeeperRefusal(.noAuth) }
        var answer = GetChildrenReply()
        answer.children = children(path, in: tree(call.connection)) ?? []
        return answer
    }

    /// How many znodes there are below one; of the root: all but itself.
    func znodesBelow(_ path: String, in tree: ZnodeTree) -> Int {
        guard path != "/" else {
            return tree.nodes.count - 1 + 3 * topics.count + 2 * leader.count
        }
        var count = 0
        for child in children(path, in: tree) ?? [] {
            count += 1 + znodesBelow(path + "/" + child, in: tree)
        }
        return count
    }

    // MARK: Rights

    private static let sensitive = ["/config/users", "/config/brokers", "/delegation_token/tokens"]

    private func isSensitive(_ path: String) -> Bool {
        Self.sensitive.contains { path == rooted($0) || path.hasPrefix(rooted($0) + "/") }
    }

    func isDenied(_ path: String) -> Bool {
        shape.zooKeeper.isSecured && isSensitive(path)
            || shape.zooKeeper.deniedPrefixes.contains { path.hasPrefix($0) }
    }

    func acl(_ path: String) -> [ZnodeACL] {
        guard shape.zooKeeper.isSecured, !path.hasPrefix("/zookeeper"),
            !path.hasPrefix(rooted("/consumers"))
        else { return [.open] }
        let owner = ZnodeACL(
            permissions: 31, identity: ZnodeIdentity(scheme: "sasl", id: "kafka"))
        if isSensitive(path) { return [owner] }
        return [
            owner,
            ZnodeACL(permissions: 1, identity: ZnodeIdentity(scheme: "world", id: "anyone")),
        ]
    }
}
