// Writes of clients: what old tools do to Kafka's tree by hand. One change each, all or none in a
// multi; a refused write is a change too, as on a real server.
import JSON
import KafkaWire
import ZooKeeperClient

extension Machine {
    static func isWrite(_ operation: OpCode) -> Bool {
        switch operation {
        case .create, .create2, .createContainer, .createTTL, .delete, .setData, .setACL, .reconfig,
            .multi, .check, .sync, .closeSession:
            true
        default: false
        }
    }

    mutating func write(_ call: ZooKeeperCall) throws(ZooKeeperRefusal) {
        if call.connection.isReadOnly { throw ZooKeeperRefusal(.notReadOnly) }
        switch call.head.operation {
        case .sync:
            var answer = PathReply()
            answer.path = try call.read(SyncRequest.self).path
            return reply(call, answer)
        case .closeSession:
            endSession(call.connection.session)
            reply(call)
            return end(call.connection.id)
        case .reconfig: throw ZooKeeperRefusal(ZooKeeperCode(rawValue: -123))
        case .setACL: throw ZooKeeperRefusal(.noAuth)
        default: break
        }
        let before = zooKeeper.tree
        nextZxid()
        var written: [String] = []
        do throws(ZooKeeperRefusal) {
            try writeOne(call, &written)
        } catch {
            // Undone, but for the number it used up.
            let zxid = zooKeeper.tree.zxid
            zooKeeper.tree = before
            zooKeeper.tree.zxid = zxid
            throw error
        }
        for path in written { notice(path) }
    }

    private mutating func writeOne(
        _ call: ZooKeeperCall, _ written: inout [String]
    ) throws(ZooKeeperRefusal) {
        switch call.head.operation {
        case .create, .create2, .createContainer, .createTTL:
            let request: CreateRequest =
                call.head.operation == .createTTL
                ? try call.read(CreateTTLRequest.self).create
                : try call.read(CreateRequest.self)
            let path = try create(request, call)
            written.append(path)
            fireCreated(path)
            if call.head.operation == .create {
                var answer = PathReply()
                answer.path = path
                return reply(call, answer)
            }
            var answer = Create2Reply()
            answer.path = path
            answer.stat = znode(path, in: zooKeeper.tree)?.stat ?? ZnodeStat()
            reply(call, answer)
        case .delete:
            let request = try call.read(DeleteRequest.self)
            try delete(request)
            written.append(request.path)
            fireDeleted(request.path)
            reply(call)
        case .setData:
            let request = try call.read(SetDataRequest.self)
            let answer = try setData(request)
            written.append(request.path)
            fire(.dataChanged, request.path)
            reply(call, answer)
        case .check:
            try check(call.read(CheckRequest.self))
            reply(call)
        default: try answerMulti(call, &written)
        }
    }

    /// When one part fails nothing happened, and the header says OK still: every part is an error,
    /// 0 before the one that failed, -2 after it.
    private mutating func answerMulti(
        _ call: ZooKeeperCall, _ written: inout [String]
    ) throws(ZooKeeperRefusal) {
        let request = try call.read(MultiRequest.self)
        let before = zooKeeper.tree
        var answer = MultiReply()
        var events: [(WatchEventKind, String)] = []
        for (number, operation) in request.operations.enumerated() {
            do throws(ZooKeeperRefusal) {
                answer.results.append(try carryOut(operation, call, &events))
            } catch {
                zooKeeper.tree = before
                answer.results = request.operations.indices.map { index in
                    index < number
                        ? .error(.ok) : .error(index == number ? error.code : .runtimeInconsistency)
                }
                return reply(call, answer)
            }
        }
        for (event, path) in events {
            written.append(path)
            switch event {
            case .created: fireCreated(path)
            case .deleted: fireDeleted(path)
            default: fire(event, path)
            }
        }
        reply(call, answer)
    }

    private mutating func carryOut(
        _ operation: MultiOperation, _ call: ZooKeeperCall,
        _ events: inout [(WatchEventKind, String)]
    ) throws(ZooKeeperRefusal) -> MultiResult {
        switch operation {
        case .create(let request):
            var answer = PathReply()
            answer.path = try create(request, call)
            events.append((.created, answer.path))
            return .create(answer)
        case .create2(let request):
            var answer = Create2Reply()
            answer.path = try create(request, call)
            answer.stat = znode(answer.path, in: zooKeeper.tree)?.stat ?? ZnodeStat()
            events.append((.created, answer.path))
            return .create2(answer)
        case .delete(let request):
            try delete(request)
            events.append((.deleted, request.path))
            return .delete
        case .setData(let request):
            let answer = try setData(request)
            events.append((.dataChanged, request.path))
            return .setData(answer)
        case .check(let request):
            try check(request)
            return .check
        case .createContainer, .createTTL, .getData, .getChildren:
            throw ZooKeeperRefusal(.badArguments)
        }
    }

    // MARK: One write each

    private mutating func create(
        _ request: CreateRequest, _ call: ZooKeeperCall
    ) throws(ZooKeeperRefusal) -> String {
        var path = request.path
        let isSequential = request.flags == 2 || request.flags == 3
        let isEphemeral = request.flags == 1 || request.flags == 3
        guard (0...6).contains(request.flags) else { throw ZooKeeperRefusal(.badArguments) }
        let (parent, _) = ZnodeTree.split(path)
        if isSequential, let above = zooKeeper.tree.nodes[parent] {
            path += tenDigits(Int(above.stat.childrenVersion))
        }
        try checkPath(path)
        guard !request.acl.isEmpty else { throw ZooKeeperRefusal(.invalidACL) }
        guard let above = znode(parent, in: zooKeeper.tree) else { throw ZooKeeperRefusal(.noNode) }
        try checkMayWrite(below: parent)
        if znode(path, in: zooKeeper.tree) != nil { throw ZooKeeperRefusal(.nodeExists) }
        if above.stat.ephemeralOwner != 0 { throw ZooKeeperRefusal(.noChildrenForEphemerals) }
        let owner = isEphemeral ? call.connection.session : 0
        zooKeeper.tree.insert(path, request.data, owner: owner, ms: wallMs)
        if isEphemeral { zooKeeper.sessions[owner]?.ephemerals.append(path) }
        return path
    }

    private mutating func delete(_ request: DeleteRequest) throws(ZooKeeperRefusal) {
        try checkPath(request.path)
        guard request.path != "/" else { throw ZooKeeperRefusal(.badArguments) }
        let node = try stored(request.path, version: request.version)
        try checkMayWrite(below: ZnodeTree.split(request.path).parent)
        guard node.children.isEmpty else { throw ZooKeeperRefusal(.notEmpty) }
        zooKeeper.tree.remove(request.path)
        let owner = node.stat.ephemeralOwner
        zooKeeper.sessions[owner]?.ephemerals.removeAll { $0 == request.path }
    }

    private mutating func setData(_ request: SetDataRequest) throws(ZooKeeperRefusal) -> StatReply {
        try checkPath(request.path)
        _ = try stored(request.path, version: request.version)
        try checkMayWrite(below: ZnodeTree.split(request.path).parent)
        zooKeeper.tree.setData(request.path, request.data, ms: wallMs)
        var answer = StatReply()
        answer.stat = znode(request.path, in: zooKeeper.tree)?.stat ?? ZnodeStat()
        return answer
    }

    private func check(_ request: CheckRequest) throws(ZooKeeperRefusal) {
        try checkPath(request.path)
        guard let stat = znode(request.path, in: zooKeeper.tree)?.stat else {
            throw ZooKeeperRefusal(.noNode)
        }
        if request.version != -1, request.version != stat.version {
            throw ZooKeeperRefusal(.badVersion)
        }
    }

    private func stored(_ path: String, version: Int32) throws(ZooKeeperRefusal) -> StoredZnode {
        guard let node = zooKeeper.tree.nodes[path] else {
            // What is computed from the cluster belongs to its controller.
            throw ZooKeeperRefusal(computed(path) == nil ? .noNode : .noAuth)
        }
        if version != -1, version != node.stat.version { throw ZooKeeperRefusal(.badVersion) }
        return node
    }

    /// With `zookeeper.set.acl` nobody but the brokers writes. Registrations and topics are theirs
    /// in any case: the simulation has no others.
    private func checkMayWrite(below parent: String) throws(ZooKeeperRefusal) {
        let own = ["/brokers/topics", "/config/topics", "/brokers/ids"].map(rooted)
        if own.contains(parent) || computed(parent) != nil || acl(parent) != [.open] {
            throw ZooKeeperRefusal(.noAuth)
        }
    }

    // MARK: What Kafka does about it

    private mutating func notice(_ path: String) {
        if path == rooted("/admin/preferred_replica_election") {
            schedule(in: 0.05, .zooKeeper(.electPreferred))
        } else if path == rooted("/admin/reassign_partitions") {
            beginHandMoves()
        } else if path == rooted("/controller"), zooKeeper.tree.nodes[path] == nil {
            // The operator's way to make another broker the controller.
            failOverController()
            updateZooKeeper()
        }
    }

    mutating func electPreferred() {
        let path = rooted("/admin/preferred_replica_election")
        guard let data = zooKeeper.tree.nodes[path]?.data else { return }
        for entry in partitionEntries(data) {
            guard let first = replicas(entry.row).first, leader[entry.row] >= 0,
                leader[entry.row] != first, isInSync(entry.row, first),
                canServe(entry.row, first)
            else { continue }
            setLeader(entry.row, first)
        }
        updateZooKeeper()
        deleteByController(path)
    }

    private mutating func beginHandMoves() {
        let path = rooted("/admin/reassign_partitions")
        guard let data = zooKeeper.tree.nodes[path]?.data else { return }
        for entry in partitionEntries(data) {
            let target = IDList(entry.replicas)
            guard !target.isEmpty, target.count <= Limits.replicasPerPartition,
                Set(target).count == target.count, moves[Int32(entry.row)] == nil,
                target.allSatisfy({ brokerIndex($0) != nil })
            else { continue }
            beginMove(entry.row, to: target)
            zooKeeper.handMoves.insert(Int32(entry.row))
        }
        rerate()
        // Nothing that could be moved: done at once.
        if zooKeeper.handMoves.isEmpty {
            schedule(in: 0.05, .zooKeeper(.delete(path: path)))
        }
        updateZooKeeper()
    }

    /// The partitions a file of /admin names that there are.
    private func partitionEntries(_ data: [UInt8]) -> [(row: Int, replicas: [Int32])] {
        guard let entries = (try? JSONValue(parsing: data))?["partitions"]?.array else { return [] }
        return entries.compactMap { entry in
            guard let name = entry["topic"]?.string, let topic = topicIndex[name],
                let number = entry["partition"]?.integer,
                let partition = Int32(exactly: number), let row = row(topic, partition)
            else { return nil }
            let ids = (entry["replicas"]?.array ?? []).compactMap(\.integer)
            return (row, ids.compactMap { Int32(exactly: $0) })
        }
    }
}
