// Four-letter words: what a ZooKeeper server answers to four characters instead of a frame, in the
// formats of 3.5 and 3.8.
import Simulation
import ZooKeeperClient

/// A word that servers know.
enum ZooKeeperWord: String, CaseIterable {
    case conf, cons, crst, dirs, dump, envi, gtmk, hash, isro, lead, mntr, ruok, srst, srvr, stat
    case stmk, wchc, wchp, wchs

    init?(_ bytes: [UInt8]) { self.init(rawValue: String(decoding: bytes, as: UTF8.self)) }
}

extension Machine {
    private static let notServing = "This ZooKeeper instance is not currently serving requests\n"

    func answer(_ word: ZooKeeperWord, server id: Int) -> String {
        let server = zooKeeper.servers[id - 1]
        let isAllowed =
            shape.zooKeeper.words.contains("*") || shape.zooKeeper.words.contains(word.rawValue)
            || word == .isro && shape.zooKeeper.allowsReadOnly
        guard isAllowed else {
            return "\(word.rawValue) is not executed because it is not in the whitelist.\n"
        }
        let isReadOnly = server.condition == .isolated && shape.zooKeeper.allowsReadOnly
        let isAnswering = isServing(server) || isReadOnly
        switch word {
        case .ruok: return "imok"
        case .envi: return environment()
        case .isro: return isServing(server) ? "rw" : isReadOnly ? "ro" : "null"
        case .gtmk, .stmk: return "306"
        default: break
        }
        guard isAnswering else { return Self.notServing }
        return switch word {
        case .srvr: "Zookeeper version: \(version)\n" + statistics(server)
        case .stat:
            "Zookeeper version: \(version)\nClients:\n" + clients(server, isDetailed: false) + "\n"
                + statistics(server)
        case .cons: clients(server, isDetailed: true) + "\n"
        case .conf: configuration(server)
        case .mntr: monitoring(server)
        case .wchs:
            "\(zooKeeper.watches.connectionCount) connections watching "
                + "\(zooKeeper.watches.pathCount) paths\n"
                + "Total watches:\(zooKeeper.watches.count)\n"
        default: ""
        }
    }

    private var version: String { shape.release.zooKeeperVersion }

    private func mode(_ server: EnsembleMember) -> String {
        if server.condition == .isolated { return "read-only" }
        if zooKeeper.servers.count == 1 { return "standalone" }
        return zooKeeperLeader == server.id ? "leader" : "follower"
    }

    /// Milliseconds a request takes: mean and longest, from the server's number and its traffic.
    private func latency(_ server: EnsembleMember) -> (mean: String, most: Int) {
        let most = 20 + Int(hashed(shape.seed, UInt64(server.id)) % 60)
        let mean = 200 + Int(hashed(shape.seed, UInt64(server.id + 100)) % 1_400)
        let digits = "\(mean % 1000)"
        let thousandths = String(repeating: "0", count: 3 - digits.count) + digits
        return (
            shape.release.hasNewZooKeeper ? "\(mean / 1000).\(thousandths)" : "\(mean / 1000)", most
        )
    }

    /// Packets so far: those of clients seen here and the brokers' own, who write a little always.
    private func packets(_ server: EnsembleMember) -> (received: Int64, sent: Int64) {
        let minutes = (seconds - server.startedAt) / 60
        let brokers = Int64(Double(self.brokers.count) * minutes * 31 / Double(zooKeeperCount))
        return (server.received + brokers, server.sent + brokers + brokers / 50)
    }

    private var zooKeeperCount: Int { max(1, zooKeeper.servers.count) }

    private func connections(_ server: EnsembleMember) -> [ZooKeeperConnection] {
        zooKeeper.connections.values.filter { $0.server == server.id }.sorted { $0.id < $1.id }
    }

    /// Connections of brokers that hold a session, which have none here.
    private func brokerConnections(_ server: EnsembleMember) -> [Int] {
        brokers.indices.filter { index in
            brokers[index].condition == .running
                && zooKeeper.brokerSessions[index].map { Int($0 >> 56) } == server.id
        }
    }

    private func statistics(_ server: EnsembleMember) -> String {
        let (mean, most) = latency(server)
        let (received, sent) = packets(server)
        let tree = tree(of: server)
        var text = "Latency min/avg/max: 0/\(mean)/\(most)\n"
        text += "Received: \(received)\nSent: \(sent)\n"
        text += "Connections: \(connectionCount(server))\nOutstanding: 0\n"
        text += "Zxid: 0x\(String(tree.zxid, radix: 16))\nMode: \(mode(server))\n"
        text += "Node count: \(znodesBelow("/", in: tree) + 1)\n"
        if zooKeeperLeader == server.id, zooKeeper.servers.count > 1 {
            text += "Proposal sizes last/min/max: 48/32/4096\n"
        }
        return text
    }

    private func connectionCount(_ server: EnsembleMember) -> Int {
        connections(server).count + brokerConnections(server).count
    }

    private func clients(_ server: EnsembleMember, isDetailed: Bool) -> String {
        var text = ""
        for connection in connections(server) {
            text += " /\(connection.peer)[\(connection.session == 0 ? 0 : 1)](queued=0,"
            text += "recved=\(connection.received),sent=\(connection.sent)"
            if isDetailed, connection.session != 0 {
                let session = zooKeeper.sessions[connection.session]
                text += ",sid=0x\(String(connection.session, radix: 16))"
                text += ",lop=\(connection.lastOperation),est=\(connection.openedMs)"
                text += ",to=\(session?.timeoutMs ?? 0)"
                text += ",lcxid=0x\(String(connection.lastXid, radix: 16))"
                text += ",lzxid=0x\(String(connection.lastZxid, radix: 16))"
                text += ",lresp=\(connection.lastAnswerMs % 100_000_000)"
                text += ",llat=0,minlat=0,avglat=0,maxlat=4"
            }
            text += ")\n"
        }
        for index in brokerConnections(server) {
            let session = zooKeeper.brokerSessions[index] ?? 0
            text += " /10.0.0.\(index + 1):4\(1000 + index)[1](queued=0,recved=\(200 + index)"
            text += ",sent=\(204 + index)"
            if isDetailed {
                text += ",sid=0x\(String(session, radix: 16)),lop=PING,est=\(shape.wallStartMs)"
                text += ",to=18000,lcxid=0x3f,lzxid=0x\(String(zooKeeper.tree.zxid, radix: 16))"
                text += ",lresp=\(wallMs % 100_000_000),llat=0,minlat=0,avglat=0,maxlat=21"
            }
            text += ")\n"
        }
        return text
    }

    private func configuration(_ server: EnsembleMember) -> String {
        let tick = shape.zooKeeper.tickTimeMs
        var text = "clientPort=\(server.port)\nsecureClientPort=-1\n"
        text += "dataDir=/var/lib/zookeeper/version-2\ndataDirSize=67109337\n"
        text += "dataLogDir=/var/lib/zookeeper/version-2\ndataLogSize=67109337\n"
        text += "tickTime=\(tick)\nmaxClientCnxns=60\nminSessionTimeout=\(2 * tick)\n"
        text += "maxSessionTimeout=\(20 * tick)\nclientPortListenBacklog=-1\n"
        guard zooKeeper.servers.count > 1 else { return text + "serverId=0\n" }
        text += "serverId=\(server.id)\ninitLimit=10\nsyncLimit=5\nelectionAlg=3\n"
        text += "electionPort=3888\nquorumPort=2888\npeerType=0\nmembership: \n"
        for other in zooKeeper.servers {
            text += "server.\(other.id)=\(other.host):2888:3888:participant;"
            text += "\(other.host):\(other.port)\n"
        }
        return text + "version=0"
    }

    private func monitoring(_ server: EnsembleMember) -> String {
        let (mean, most) = latency(server)
        let (received, sent) = packets(server)
        let tree = tree(of: server)
        let ephemerals = zooKeeper.sessions.values.reduce(0) { $0 + $1.ephemerals.count }
        let znodes = znodesBelow("/", in: tree) + 1
        let dataBytes =
            tree.nodes.values.reduce(0) { $0 + ($1.data?.count ?? 0) }
            + 74 * leader.count + 200 * topics.count
        var rows: [(String, String)] = [
            ("version", version), ("server_state", mode(server)),
            ("ephemerals_count", "\(ephemerals)"),
            ("num_alive_connections", "\(connectionCount(server))"), ("avg_latency", mean),
            ("outstanding_requests", "0"), ("znode_count", "\(znodes)"),
            ("global_sessions", "\(zooKeeper.sessions.count)"), ("packets_sent", "\(sent)"),
            ("packets_received", "\(received)"), ("watch_count", "\(zooKeeper.watches.count)"),
            ("min_latency", "0"), ("max_file_descriptor_count", "1048576"),
            ("approximate_data_size", "\(dataBytes)"),
            ("open_file_descriptor_count", "\(60 + connectionCount(server))"),
            ("max_latency", "\(most)"),
        ]
        if shape.release.hasNewZooKeeper {
            rows.append(("uptime", "\(Int((seconds - server.startedAt + 90_000) * 1000))"))
        }
        if mode(server) == "leader" {
            let followers = zooKeeper.servers.filter {
                $0.condition == .running && $0.isSynced && $0.id != server.id
            }
            rows.append(
                (
                    shape.release.hasNewZooKeeper ? "learners" : "followers",
                    "\(followers.count)"
                ))
            rows.append(("synced_followers", "\(followers.count)"))
            rows.append(("pending_syncs", "0"))
        }
        return rows.map { "zk_\($0.0)\t\($0.1)\n" }.joined()
    }

    private func environment() -> String {
        """
        Environment:
        zookeeper.version=\(version)
        host.name=localhost
        java.version=11.0.22
        java.vendor=Eclipse Adoptium
        os.name=Linux
        os.arch=amd64
        user.name=zookeeper

        """
    }
}
