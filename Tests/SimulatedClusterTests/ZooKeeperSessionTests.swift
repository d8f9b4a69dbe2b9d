// Sessions and watches of the ensemble: exactly once, persistently, caught up after a reconnect;
// expiry, elections, loss of the quorum; what older servers do not know; hostile bytes.
import SimulatedCluster
import Testing
import ZooKeeperClient

@Suite struct ZooKeeperSessionTests {
    @Test func timeoutsAreClampedAndUnknownSessionsRefused() throws {
        var asked = AskedEnsemble(ensembleShape())
        #expect(try asked.connect(timeoutMs: 1).response?.timeoutMs == 4_000)
        #expect(try asked.connect(timeoutMs: 100_000).response?.timeoutMs == 40_000)
        var unknown = ConnectResponse()
        unknown.sessionID = 0x1234
        let (connection, response) = try asked.connect(as: unknown)
        #expect(response?.isExpired == true && asked.closed.contains(connection))
        let (late, none) = try asked.connect(seen: .max)
        #expect(none == nil && asked.closed.contains(late))
    }

    @Test func oneShotWatchesFireOnce() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (connection, _) = try asked.connect(timeoutMs: 40_000)
        let (writer, _) = try asked.connect(timeoutMs: 40_000)
        _ = try asked.data("/admin", watch: true, on: connection)
        _ = try asked.children("/admin", watch: true, on: connection)
        _ = try asked.stat("/admin/x", watch: true, on: connection)
        let create = CreateRequest(path: "/admin/x", data: [1])
        _ = try asked.ask(create, on: writer)
        #expect(
            try asked.takeEvents(connection) == [
                WatcherEvent(.created, "/admin/x"), WatcherEvent(.childrenChanged, "/admin"),
            ])
        // Set anew for data and children of one znode: its end is told once.
        _ = try asked.data("/admin/x", watch: true, on: connection)
        _ = try asked.children("/admin/x", watch: true, on: connection)
        _ = try asked.ask(DeleteRequest(path: "/admin/x"), on: writer)
        #expect(try asked.takeEvents(connection) == [WatcherEvent(.deleted, "/admin/x")])
        _ = try asked.ask(create, on: writer)
        _ = try asked.ask(SetDataRequest(path: "/admin/x", data: [2]), on: writer)
        #expect(try asked.takeEvents(connection).isEmpty)
        _ = try asked.ask(SetDataRequest(path: "/admin", data: [2]), on: writer)
        #expect(try asked.takeEvents(connection) == [WatcherEvent(.dataChanged, "/admin")])
    }

    @Test func persistentWatchesStay() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (connection, _) = try asked.connect(timeoutMs: 40_000)
        let (writer, _) = try asked.connect(timeoutMs: 40_000)
        let recursive = try asked.ask(
            AddWatchRequest(path: "/admin", mode: AddWatchRequest.persistentRecursive),
            on: connection)
        #expect(recursive?.reply?.code == .ok)
        for _ in 0..<3 {
            _ = try asked.ask(CreateRequest(path: "/admin/x", data: nil), on: writer)
            _ = try asked.ask(SetDataRequest(path: "/admin/x", data: [2]), on: writer)
            _ = try asked.ask(DeleteRequest(path: "/admin/x"), on: writer)
            #expect(
                try asked.takeEvents(connection) == [
                    WatcherEvent(.created, "/admin/x"), WatcherEvent(.dataChanged, "/admin/x"),
                    WatcherEvent(.deleted, "/admin/x"),
                ])
        }
        let removal = RemoveWatchesRequest(path: "/admin")
        #expect(try asked.ask(removal, on: connection)?.head.code == .ok)
        #expect(try asked.ask(removal, on: connection)?.head.code == .noWatcher)
        _ = try asked.ask(
            AddWatchRequest(path: "/admin", mode: AddWatchRequest.persistent), on: connection)
        _ = try asked.ask(CreateRequest(path: "/admin/y", data: nil), on: writer)
        #expect(try asked.takeEvents(connection) == [WatcherEvent(.childrenChanged, "/admin")])
    }

    @Test func aReconnectCatchesUp() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (first, session) = try asked.connect(server: 1, timeoutMs: 40_000)
        let (writer, _) = try asked.connect(server: 2, timeoutMs: 40_000)
        _ = try asked.ask(CreateRequest(path: "/admin/x", data: nil), on: writer)
        let seen = asked.machine.zooKeeperZxid
        asked.machine.closeZooKeeper(first)
        _ = try asked.ask(SetDataRequest(path: "/admin/x", data: [1]), on: writer)
        _ = try asked.ask(CreateRequest(path: "/admin/y", data: nil), on: writer)
        // The session moves to another server.
        let (second, again) = try asked.connect(server: 3, as: session, seen: seen)
        #expect(again?.sessionID == session?.sessionID && again?.isExpired == false)
        var request = SetWatchesRequest()
        request.relativeZxid = seen
        request.data = ["/admin/x", "/controller_epoch", "/gone"]
        request.exist = ["/admin/y", "/admin/z"]
        request.child = ["/admin", "/brokers/ids"]
        let answer = try asked.ask(request, on: second, xid: SpecialXid.setWatches)
        #expect(answer?.head.code == .ok)
        #expect(
            asked.events == [
                WatcherEvent(.dataChanged, "/admin/x"), WatcherEvent(.deleted, "/gone"),
                WatcherEvent(.created, "/admin/y"), WatcherEvent(.childrenChanged, "/admin"),
            ])
        asked.events = []
        // What was not missed is watched again.
        _ = try asked.ask(CreateRequest(path: "/admin/z", data: nil), on: writer)
        #expect(try asked.takeEvents(second) == [WatcherEvent(.created, "/admin/z")])
    }

    @Test func expiryTakesEphemeralsAway() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (watcher, _) = try asked.connect(timeoutMs: 40_000)
        let (connection, session) = try asked.connect(timeoutMs: 4_000)
        let flags: Int32 = 3
        let path = try asked.ask(
            CreateRequest(path: "/admin/e-", data: nil, flags: flags), on: connection
        )?.reply?.path
        #expect(path == "/admin/e-0000000001")
        let stat = try asked.stat("/admin/e-0000000001", watch: true, on: watcher)
        #expect(stat?.ephemeralOwner == session?.sessionID)
        for _ in 0..<5 {
            asked.advance(seconds: 2)
            _ = try asked.ask(PingRequest(), on: connection, xid: SpecialXid.ping)
        }
        #expect(!asked.closed.contains(connection))
        asked.advance(seconds: 9)
        #expect(asked.closed.contains(connection))
        #expect(try asked.takeEvents(watcher) == [WatcherEvent(.deleted, "/admin/e-0000000001")])
        #expect(try asked.connect(as: session).response?.isExpired == true)
    }

    @Test func aLostBrokerIsToldInOrder() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (connection, _) = try asked.connect(timeoutMs: 40_000)
        _ = try asked.data("/controller", watch: true, on: connection)
        _ = try asked.data("/brokers/ids/1", watch: true, on: connection)
        _ = try asked.children("/brokers/ids", watch: true, on: connection)
        _ = try asked.data("/controller_epoch", watch: true, on: connection)
        asked.machine.plan(in: 0, .expireBroker(1))
        asked.advance(seconds: 0.5)
        #expect(
            try asked.takeEvents(connection) == [
                WatcherEvent(.deleted, "/controller"), WatcherEvent(.deleted, "/brokers/ids/1"),
                WatcherEvent(.childrenChanged, "/brokers/ids"),
                WatcherEvent(.dataChanged, "/controller_epoch"),
            ])
        #expect(try asked.data("/controller", on: connection)?.contains("\"brokerid\":2") == true)
        let states = try leaders(&asked, connection)
        #expect(!states.isEmpty && !states.contains("1"))
        asked.advance(seconds: 5)
        // It came back with another session, and is not the controller any more.
        #expect(try asked.children("/brokers/ids", on: connection)?.count == 4)
        #expect(try asked.data("/controller_epoch", on: connection) == "8")
    }

    private func leaders(_ asked: inout AskedEnsemble, _ connection: Int) throws -> Set<String> {
        var leaders: Set<String> = []
        for number in 0..<50 {
            let path = "/brokers/topics/__consumer_offsets/partitions/\(number)/state"
            let state = try asked.data(path, on: connection) ?? ""
            leaders.insert(String(state.split(separator: ":")[2].split(separator: ",")[0]))
        }
        return leaders
    }

    // MARK: The ensemble

    @Test func aNewLeaderBeginsAnEpoch() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (connection, session) = try asked.connect(server: 1, timeoutMs: 6_000)
        #expect(asked.machine.zooKeeperLeader == 3)
        let epoch = asked.machine.zooKeeperZxid >> 32
        asked.machine.plan(in: 0, .killLeader)
        asked.advance(seconds: 0.1)
        // Nobody serves meanwhile: all connections end, new ones too, sessions live on.
        #expect(asked.closed.contains(connection) && asked.machine.zooKeeperLeader == nil)
        #expect(try asked.connect(server: 2, as: session).response == nil)
        #expect(
            asked.word("srvr", server: 1)
                == "This ZooKeeper instance is not currently serving requests\n")
        asked.advance(seconds: 2)
        #expect(asked.machine.zooKeeperLeader == 2)
        #expect(asked.machine.zooKeeperZxid == (epoch + 1) << 32)
        #expect(try asked.connect(server: 2, as: session).response?.isExpired == false)
        // With one of three left nothing is served, whatever the time.
        asked.machine.plan(in: 0, .kill(server: 2))
        asked.advance(seconds: 60)
        #expect(asked.machine.zooKeeperLeader == nil && asked.open(server: 2) == -1)
        asked.machine.plan(in: 0, .startAll)
        asked.advance(seconds: 5)
        #expect(asked.machine.zooKeeperLeader == 3)
        #expect(try asked.connect(server: 1, as: session).response?.isExpired == false)
    }

    @Test func withoutAQuorumKafkaChangesNothing() throws {
        var asked = AskedEnsemble(ensembleShape())
        asked.machine.plan(in: 0, .kill(server: 1))
        asked.machine.plan(in: 0, .kill(server: 2))
        asked.machine.plan(in: 1, .expireBroker(1))
        asked.advance(seconds: 30)
        asked.machine.plan(in: 0, .startAll)
        asked.advance(seconds: 10)
        let (connection, _) = try asked.connect()
        #expect(try asked.data("/controller_epoch", on: connection) == "7")
    }

    @Test func frozenServersAnswerLater() throws {
        var asked = AskedEnsemble(ensembleShape())
        let (connection, _) = try asked.connect(server: 1, timeoutMs: 40_000)
        asked.machine.plan(in: 0, .freeze(server: 1))
        asked.advance(seconds: 1)
        #expect(try asked.data("/controller", on: connection) == nil)
        asked.machine.plan(in: 0, .thaw(server: 1))
        asked.advance(seconds: 1)
        #expect(asked.take(connection) != nil)
        // Frozen for longer the others give it up, and a leader is missed.
        asked.machine.plan(in: 0, .freeze(server: 3))
        asked.advance(seconds: 9)
        #expect(asked.machine.zooKeeperLeader == 3)
        asked.advance(seconds: 4)
        #expect(asked.machine.zooKeeperLeader == 2)
    }

    @Test func aServerCutOffIsReadOnly() throws {
        var shape = ensembleShape()
        shape.zooKeeper.allowsReadOnly = true
        var asked = AskedEnsemble(shape)
        asked.machine.plan(in: 0, .isolate(server: 1))
        asked.machine.plan(in: 1, .expireBroker(1))
        asked.advance(seconds: 2)
        #expect(try asked.connect(server: 1, readOnly: false).response == nil)
        let (connection, response) = try asked.connect(server: 1, readOnly: true)
        #expect(response?.readOnly == true)
        // What it knew before it was cut off.
        #expect(try asked.data("/controller", on: connection)?.contains("\"brokerid\":1") == true)
        #expect(
            try asked.ask(CreateRequest(path: "/x", data: nil), on: connection)?.head.code
                == .notReadOnly)
        #expect(asked.word("isro", server: 1) == "ro" && asked.word("isro", server: 2) == "rw")
        let (other, _) = try asked.connect(server: 2)
        #expect(try asked.data("/controller", on: other)?.contains("\"brokerid\":2") == true)
    }
}
