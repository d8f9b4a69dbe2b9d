// Answers of the ensemble that differ by version and set-up: operations older servers do not know,
// transactions, rights, four-letter words, bytes that are no requests.
import SimulatedCluster
import Simulation
import Testing
import ZooKeeperClient

@Suite struct ZooKeeperAnswerTests {
    @Test func oldServersDoNotKnowPersistentWatches() throws {
        for release in [Release.v24, .v28] {
            var asked = AskedEnsemble(ensembleShape(release))
            let (connection, _) = try asked.connect()
            let answer = try asked.ask(AddWatchRequest(path: "/brokers", mode: 1), on: connection)
            #expect(answer?.head.code == .unimplemented && answer?.head.zxid == -1)
            #expect(asked.closed.contains(connection))
            let (second, _) = try asked.connect()
            #expect(try asked.ask(WhoAmIRequest(), on: second)?.head.code == .unimplemented)
            let (third, _) = try asked.connect()
            let counted = try asked.ask(GetAllChildrenNumberRequest(path: "/"), on: third)
            #expect(counted?.head.code == .unimplemented)
        }
    }

    @Test func newServersAnswerThem() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (connection, _) = try asked.connect()
        var request = MultiReadRequest()
        request.operations = [
            .getData(GetDataRequest(path: "/controller_epoch", watch: false)),
            .getChildren(GetChildrenRequest(path: "/brokers/ids", watch: false)),
            .getData(GetDataRequest(path: "/absent", watch: false)),
        ]
        let results = try #require(try asked.ask(request, on: connection)?.reply?.results)
        guard case .getData(let data) = results[0], case .getChildren(let list) = results[1] else {
            Issue.record("\(results)")
            return
        }
        #expect(data.data == Array("7".utf8) && list.children == ["1", "2", "3", "4"])
        #expect(results[2] == .error(.noNode))
        var digest = AuthRequest()
        digest.scheme = "digest"
        digest.auth = Array("ann:secret".utf8)
        #expect(try asked.ask(digest, on: connection, xid: SpecialXid.auth)?.head.code == .ok)
        let identities = try asked.ask(WhoAmIRequest(), on: connection)?.reply?.identities
        #expect(
            identities == [
                ZnodeIdentity(scheme: "digest", id: "ann"),
                ZnodeIdentity(scheme: "ip", id: "10.1.0.1"),
            ])
    }

    @Test func transactionsAreWholeOrNothing() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (connection, _) = try asked.connect()
        _ = try asked.children("/admin", watch: true, on: connection)
        let zxid = asked.machine.zooKeeperZxid
        var request = MultiRequest()
        request.operations = [
            .create(CreateRequest(path: "/admin/a", data: nil)),
            .delete(DeleteRequest(path: "/admin/absent")),
            .create(CreateRequest(path: "/admin/b", data: nil)),
        ]
        let failed = try asked.ask(request, on: connection)
        #expect(failed?.head.code == .ok && failed?.head.zxid == zxid + 1)
        #expect(
            failed?.reply?.results == [
                .error(.ok), .error(.noNode), .error(.runtimeInconsistency),
            ])
        #expect(try asked.stat("/admin/a", on: connection) == nil && asked.events.isEmpty)
        request.operations[1] = .create(CreateRequest(path: "/admin/a/c", data: [1]))
        let done = try asked.ask(request, on: connection)
        #expect(done?.reply?.results.count == 3 && done?.head.zxid == zxid + 2)
        let stats = try ["/admin/a", "/admin/a/c", "/admin/b"].compactMap {
            try asked.stat($0, on: connection)
        }
        #expect(stats.map(\.createdZxid) == [zxid + 2, zxid + 2, zxid + 2])
        #expect(asked.events == [WatcherEvent(.childrenChanged, "/admin")])
    }

    @Test func refusalsAreThoseOfARealServer() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (connection, _) = try asked.connect()
        func code(_ path: String, version: Int32 = -1) throws -> ZooKeeperCode? {
            try asked.ask(DeleteRequest(path: path, version: version), on: connection)?.head.code
        }
        #expect(try code("/admin") == .notEmpty)
        #expect(try code("/absent") == .noNode)
        #expect(try code("/consumers", version: 7) == .badVersion)
        for path in ["", "x", "/", "/x/", "//x", "/./x", "/x/..", "/\u{1}"] {
            #expect(try code(path) == .badArguments, "\(path)")
        }
        let ephemeral = CreateRequest(path: "/e", data: nil, flags: 1)
        #expect(try asked.ask(ephemeral, on: connection)?.head.code == .ok)
        let below = CreateRequest(path: "/e/x", data: nil)
        #expect(try asked.ask(below, on: connection)?.head.code == .noChildrenForEphemerals)
        let topic = CreateRequest(path: "/brokers/topics/new", data: nil)
        #expect(try asked.ask(topic, on: connection)?.head.code == .noAuth)
    }

    @Test func securedTreesKeepTheWorldOut() throws {
        var shape = ensembleShape()
        shape.zooKeeper.isSecured = true
        shape.zooKeeper.deniedPrefixes = ["/config/topics"]
        var asked = AskedEnsemble(shape)
        let (connection, _) = try asked.connect()
        for path in ["/config/users", "/config/brokers", "/config/topics/__consumer_offsets"] {
            let answer = try asked.ask(GetDataRequest(path: path, watch: false), on: connection)
            #expect(answer?.head.code == .noAuth, "\(path)")
        }
        #expect(try asked.data("/controller", on: connection) != nil)
        let create = CreateRequest(path: "/admin/reassign_partitions", data: nil)
        #expect(try asked.ask(create, on: connection)?.head.code == .noAuth)
        let acl = try asked.ask(GetACLRequest(path: "/controller"), on: connection)?.reply?.acl
        #expect(acl?.map(\.permissions) == [31, 1])
    }

    // MARK: Four-letter words

    @Test func onlyWhatIsOnTheListIsExecuted() {
        var asked = AskedEnsemble(ensembleShape())
        for word in ["ruok", "stat", "mntr", "conf", "cons", "wchs", "isro", "envi"] {
            #expect(
                asked.word(word)
                    == "\(word) is not executed because it is not in the whitelist.\n")
        }
        let srvr = asked.word("srvr") ?? ""
        #expect(
            srvr.hasPrefix("Zookeeper version: 3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c,"))
        let keys = srvr.split(separator: "\n").map { $0.split(separator: ":")[0] }
        #expect(
            keys == [
                "Zookeeper version", "Latency min/avg/max", "Received", "Sent", "Connections",
                "Outstanding", "Zxid", "Mode", "Node count",
            ])
        #expect(srvr.contains("Mode: follower\n"))
        let leader = asked.word("srvr", server: 3) ?? ""
        #expect(leader.contains("Mode: leader\n") && leader.contains("Proposal sizes last/min/max"))
    }

    @Test func allWordsAnswerWhereTheyMay() throws {
        var shape = ensembleShape(.v24)
        shape.zooKeeper.words = ["*"]
        var asked = AskedEnsemble(shape)
        let (connection, response) = try asked.connect()
        _ = try asked.data("/controller", watch: true, on: connection)
        #expect(asked.word("ruok") == "imok")
        #expect(asked.word("isro") == "rw")
        #expect(asked.word("wchs") == "1 connections watching 1 paths\nTotal watches:1\n")
        let session = String(response?.sessionID ?? 0, radix: 16)
        #expect(asked.word("cons")?.contains("sid=0x\(session),lop=GETD,") == true)
        #expect(asked.word("stat")?.contains("Clients:\n /10.1.0.1:40001[1](queued=0,") == true)
        #expect(asked.word("conf")?.contains("tickTime=2000\nmaxClientCnxns=60\n") == true)
        #expect(asked.word("envi")?.hasPrefix("Environment:\nzookeeper.version=3.5.7-") == true)
        let rows = (asked.word("mntr", server: 3) ?? "").split(separator: "\n").map {
            $0.split(separator: "\t")
        }
        #expect(rows.allSatisfy { $0.count == 2 && $0[0].hasPrefix("zk_") })
        let values = Dictionary(rows.map { ($0[0], $0[1]) }) { first, _ in first }
        #expect(values["zk_server_state"] == "leader" && values["zk_synced_followers"] == "2")
        #expect(values["zk_followers"] == "2")
        var alone = ensembleShape()
        alone.zooKeeper.servers = 1
        asked = AskedEnsemble(alone)
        #expect(asked.word("srvr")?.contains("Mode: standalone\n") == true)
    }

    // MARK: Hostile bytes

    /// Whatever arrives, the machine lives on and other clients are served.
    @Test func noBytesHurt() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (witness, _) = try asked.connect(timeoutMs: 40_000)
        var generator = SeededGenerator(seed: 11)
        for number in 0..<1_500 {
            let connection: Int
            if number % 3 == 0 {
                connection = asked.open(server: 1 + number % 3)
            } else {
                connection = try asked.connect(server: 1 + number % 3).connection
            }
            let operations: [Int32] = [
                -11, 1, 2, 3, 4, 5, 6, 8, 9, 12, 14, 15, 18, 22, 100, 101, 105,
            ]
            let operation = operations[Int(generator.next() % UInt64(operations.count))]
            var body = Jute.bytes(
                RequestHead(xid: Int32(number), operation: OpCode(rawValue: operation)))
            for _ in 0..<Int(generator.next() % 40) {
                let byte = UInt8(truncatingIfNeeded: generator.next())
                body.append(generator.next() % 3 == 0 ? byte : byte % 5)
            }
            if number % 5 == 0 { body.removeLast(Int(generator.next() % 8)) }
            let length = number % 7 == 0 ? Int(generator.next() % 9_000_000) : body.count
            let head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
            asked.send(head + body, on: connection)
            asked.machine.closeZooKeeper(connection)
        }
        asked.inbox[witness] = []
        asked.events = []
        #expect(try asked.data("/controller_epoch", on: witness) == "7")
    }

    @Test func mishapsOfClients() throws {
        var shape = ensembleShape()
        shape.faultRates.zooKeeperExpiry = 1
        var asked = AskedEnsemble(shape)
        let (connection, session) = try asked.connect()
        #expect(try asked.data("/controller", on: connection) == nil)
        #expect(asked.closed.contains(connection))
        #expect(try asked.connect(as: session).response?.isExpired == true)
    }
}

/// Who the server believes we are; the product does not ask.
private struct WhoAmIRequest: ZooKeeperRequest {
    typealias Reply = WhoAmIReply
    static let operation = OpCode.whoAmI

    mutating func walk(_ v: inout some JuteVisitor) {}
}
