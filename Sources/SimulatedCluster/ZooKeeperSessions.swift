// Sessions of the simulated ensemble: begun, moved between servers, expired; the tree as it is when
// the simulation begins.
import Simulation
import ZooKeeperClient

extension Machine {
    // MARK: Sessions

    /// The next change's number.
    mutating func nextZxid() { zooKeeper.tree.zxid += 1 }

    private mutating func newSession(server: Int, timeoutMs: Int32) -> Int64 {
        zooKeeper.lastSession += 1
        let start = (shape.wallStartMs & 0xff_ffff_ffff) << 16
        let id = Int64(server) << 56 | (start + zooKeeper.lastSession)
        var password: [UInt8] = []
        for half in 0..<2 {
            let bits = hashed(UInt64(bitPattern: id) &+ shape.seed, UInt64(half))
            for byte in 0..<8 { password.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
        }
        zooKeeper.sessions[id] = EnsembleSession(
            id: id, password: password, timeoutMs: timeoutMs, heardAt: seconds)
        return id
    }

    /// A client's new session, a change of its own.
    mutating func openSession(
        _ connection: Int, server: Int, askedMs: Int32, isLocal: Bool
    ) -> EnsembleSession? {
        let tick = Int32(shape.zooKeeper.tickTimeMs)
        let timeout = min(max(askedMs, 2 * tick), 20 * tick)
        if !isLocal { nextZxid() }
        let id = newSession(server: server, timeoutMs: timeout)
        zooKeeper.sessions[id]?.connection = connection
        zooKeeper.sessions[id]?.isLocal = isLocal
        planOverdue()
        return zooKeeper.sessions[id]
    }

    /// When the next session could be overdue; looked at once a tick at most.
    mutating func planOverdue() {
        let ends = zooKeeper.sessions.values.lazy.filter { !$0.isOfBroker && !$0.isLocal }
            .map { $0.heardAt + Double($0.timeoutMs) / 1000 }
        guard let first = ends.min() else { return }
        let tick = Double(shape.zooKeeper.tickTimeMs) / 1000
        let at = max(seconds + tick, first)
        guard at < zooKeeper.overdueAt else { return }
        zooKeeper.overdueAt = at
        schedule(at: at, .zooKeeper(.expireOverdue))
    }

    mutating func expireOverdue() {
        // An earlier look came between: this one is not needed any more.
        guard seconds >= zooKeeper.overdueAt else { return }
        zooKeeper.overdueAt = .infinity
        // Only a leader expires sessions; a new one gives each its whole time again.
        guard zooKeeper.isServing else { return }
        let overdue = zooKeeper.sessions.values.filter {
            !$0.isOfBroker && !$0.isLocal && seconds - $0.heardAt >= Double($0.timeoutMs) / 1000
        }
        for session in overdue.sorted(by: { $0.id < $1.id }) { expire(session.id) }
        planOverdue()
    }

    /// Ends a session: its ephemeral znodes go in one change, its connection is closed.
    mutating func expire(_ id: Int64) {
        let connection = zooKeeper.sessions[id]?.connection
        endSession(id)
        if let connection { end(connection) }
    }

    mutating func endSession(_ id: Int64) {
        guard let session = zooKeeper.sessions.removeValue(forKey: id) else { return }
        if session.isLocal { return }
        nextZxid()
        for path in session.ephemerals {
            guard zooKeeper.tree.nodes[path] != nil else { continue }
            zooKeeper.tree.remove(path)
            fireDeleted(path)
        }
    }

    // MARK: Watches

    /// Tells everybody who watches; clients of servers that are cut off hear nothing.
    mutating func fire(_ event: WatchEventKind, _ path: String) {
        if zooKeeper.watches.isEmpty { return }
        let bytes = Jute.event(WatcherEvent(event, path))
        for connection in zooKeeper.watches.fire(event, path) {
            send(bytes, to: connection, afterNs: 200_000)
        }
    }

    mutating func fireCreated(_ path: String) {
        fire(.created, path)
        fire(.childrenChanged, ZnodeTree.split(path).parent)
    }

    mutating func fireDeleted(_ path: String) {
        fire(.deleted, path)
        fire(.childrenChanged, ZnodeTree.split(path).parent)
    }

    mutating func send(_ bytes: [UInt8], to connection: Int, afterNs: UInt64) {
        guard let server = zooKeeper.connections[connection]?.server else { return }
        zooKeeper.connections[connection]?.sent += 1
        zooKeeper.servers[server - 1].sent += 1
        zooKeeper.tally.bytesOut += bytes.count
        zooKeeper.output.append(.send(connection: connection, bytes: bytes, afterNs: afterNs))
    }

    // MARK: The beginning

    /// The ensemble and its tree as Kafka leaves them after a first start and one election.
    mutating func buildZooKeeper() {
        guard shape.coordination == .zookeeper else { return }
        for id in 1...shape.zooKeeper.servers {
            zooKeeper.servers.append(
                EnsembleMember(id: id, host: "zookeeper-\(id).simulated", port: 2181))
        }
        zooKeeper.leader = zooKeeper.servers.count - 1
        zooKeeper.tree.leader = leader
        zooKeeper.tree.epoch = epoch
        zooKeeper.tree.inSync = inSync
        zooKeeper.tree.replicaBroker = replicaBroker
        zooKeeper.tree.topics = topics
        zooKeeper.firstEpochs = epoch
        zooKeeper.lastBirth = Self.treeBirth + 3 * Int64(topics.count) + 2 * Int64(leader.count)
        buildFixedZnodes()
        zooKeeper.tree.zxid = max(zooKeeper.lastBirth + Int64(leader.count), 2 << 32)
        zooKeeper.brokerSessions = Array(repeating: nil, count: brokers.count)
        zooKeeper.brokerWasDead = Array(repeating: false, count: brokers.count)
        zooKeeper.brokerConfigs = Array(repeating: [], count: brokers.count)
        for index in brokers.indices { register(index) }
        zooKeeper.isElecting = true
        writeController()
        zooKeeper.isSettling = false
    }

    private mutating func buildFixedZnodes() {
        let ms = shape.wallStartMs - 90 * 86_400_000
        zooKeeper.tree.zxid = 0
        zooKeeper.tree.insert("/", [], ms: 0)
        for path in ["/zookeeper", "/zookeeper/config", "/zookeeper/quota"] {
            zooKeeper.tree.insert(path, [], ms: 0)
        }
        writeEnsembleConfig()
        zooKeeper.tree.zxid = 1 << 32
        var path = ""
        for part in shape.zooKeeper.chroot.split(separator: "/") {
            path += "/" + part
            nextZxid()
            zooKeeper.tree.insert(path, nil, ms: ms)
        }
        let id = "{\"version\":\"1\",\"id\":\"\(clusterID)\"}"
        let isNew = shape.release >= .v39
        let fixed: [(String, String?)] =
            [
                ("/consumers", nil), ("/brokers", nil), ("/brokers/ids", nil),
                ("/brokers/topics", nil), ("/brokers/seqid", nil), ("/config", nil),
                ("/config/changes", nil), ("/config/clients", nil), ("/config/users", nil),
                ("/config/topics", nil), ("/config/brokers", nil),
            ] + (shape.release >= .v28 ? [("/config/ips", nil)] : []) + [
                ("/admin", nil), ("/admin/delete_topics", nil), ("/isr_change_notification", nil),
                ("/log_dir_event_notification", nil), ("/cluster", nil), ("/cluster/id", id),
                ("/kafka-acl", nil), ("/kafka-acl/Topic", nil), ("/kafka-acl/Group", nil),
                ("/kafka-acl/Cluster", nil), ("/kafka-acl/TransactionalId", nil),
                ("/kafka-acl/DelegationToken", nil), ("/kafka-acl-changes", nil),
                ("/kafka-acl-extended", nil), ("/kafka-acl-extended-changes", nil),
                ("/controller_epoch", "\(Self.firstControllerEpoch)"),
                (
                    "/latest_producer_id_block",
                    isNew
                        ? nil
                        : "{\"version\":1,\"broker\":1,\"block_start\":\"3000\","
                            + "\"block_end\":\"3999\"}"
                ),
            ] + (isNew ? [("/feature", "{\"features\":{},\"version\":2,\"status\":1}")] : [])
        for (path, text) in fixed {
            nextZxid()
            zooKeeper.tree.insert(rooted(path), text.map { Array($0.utf8) }, ms: ms)
        }
        zooKeeper.tree.nodes[rooted("/controller_epoch")]?.stat.version = Self.firstControllerEpoch
        for parent in ["/brokers/topics", "/config/topics"].map(rooted) {
            zooKeeper.tree.nodes[parent]?.children = topics.map(\.name)
            zooKeeper.tree.nodes[parent]?.stat.childrenVersion = Int32(topics.count)
            let last = zooKeeper.lastBirth - (topics.last.map { 2 * Int64($0.partitionCount) } ?? 0)
            zooKeeper.tree.nodes[parent]?.stat.childrenZxid = last - 2
        }
    }

    /// /zookeeper/config: the members of the ensemble. A lone server has none to name.
    mutating func writeEnsembleConfig() {
        guard zooKeeper.servers.count > 1 else { return }
        let lines = zooKeeper.servers.map {
            "server.\($0.id)=\($0.host):2888:3888:participant;\($0.host):\($0.port)\n"
        }
        let text = lines.joined() + "version=0"
        zooKeeper.tree.nodes["/zookeeper/config"]?.data = Array(text.utf8)
        zooKeeper.tree.nodes["/zookeeper/config"]?.stat.dataBytes = Int32(text.utf8.count)
    }

    // MARK: Brokers' sessions

    /// A broker's new session and its registration: created, then written once more.
    mutating func register(_ index: Int) {
        let id = newSession(server: 1 + index % zooKeeper.servers.count, timeoutMs: 18_000)
        zooKeeper.sessions[id]?.isOfBroker = true
        nextZxid()
        zooKeeper.brokerSessions[index] = id
        let path = rooted("/brokers/ids/\(brokers[index].id)")
        nextZxid()
        let ms = wallMs
        let data = Array(registrationJSON(index, ms: ms).utf8)
        zooKeeper.tree.insert(path, data, owner: id, ms: ms)
        zooKeeper.tree.setData(path, data, ms: ms)
        zooKeeper.sessions[id]?.ephemerals = [path]
        fireCreated(path)
    }

    /// The broker is reached elsewhere than it said.
    mutating func rewriteRegistration(_ index: Int) {
        guard zooKeeper.brokerSessions.indices.contains(index) else { return }
        let path = rooted("/brokers/ids/\(brokers[index].id)")
        guard let node = zooKeeper.tree.nodes[path] else { return }
        let data = Array(registrationJSON(index, ms: node.stat.createdMs).utf8)
        zooKeeper.tree.nodes[path]?.data = data
        zooKeeper.tree.nodes[path]?.stat.dataBytes = Int32(data.count)
    }
}
