// The life of a session: found, kept, lost, moved, expired, closed.
import Simulation
import Testing
import Transport

@testable import ZooKeeperClient

@Suite struct SessionTests {
    @Test func readsGoBelowTheChroot() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system, servers: 1)
        ensemble.put("/k", "root")
        ensemble.put("/k/a", "data")
        let log = Log(system)
        var config = ensemble.config
        config.servers.chroot = "/k"
        withSession(ensemble, config, seconds: 3) { session in
            log.follow(session)
            session.get("/") { log.add("root", $0) }
            session.get("/a", watch: true) { log.add("a", $0) }
            session.children("/") { log.add("children", $0) }
            session.exists("/b", watch: true) { log.add("b", $0) }
            session.get("/none") { log.add("none", $0) }
            session.get("a") { log.add("bad", $0) }
            session.send(GetACLRequest(path: "/k/a"), action: "read the ACL") {
                log.add("acl", $0)
            }
            session.loop.after(second) {
                #expect(session.watchCount.oneShot == 2)
                ensemble.put("/k/a", "new")
                ensemble.put("/k/b", "made")
                ensemble.put("/other", "not ours")
            }
            session.loop.after(2 * second) { #expect(session.watchCount.oneShot == 0) }
        }
        #expect(
            log.words.filter { $0 != "connecting" && $0 != "connected 10.0.0.1" } == [
                "bad BAD_PATH", "root root", "a data", "children a", "b false", "none NONODE",
                "acl UNIMPLEMENTED", "disconnected CONNECTION_CLOSED", "data changed /a",
                "created /b",
            ], "\(log.text)")
        #expect(ensemble.seen.contains("1 getData /k/a"))
    }

    @Test func bytesBehindAnAnswerArePassedOverAndCounted() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system, servers: 1)
        ensemble.servers[0].change { $0.bytesBehind = 3 }
        ensemble.put("/a", "data")
        let log = Log(system)
        withSession(ensemble, seconds: 3) { session in
            session.get("/a") { log.add("a", $0) }
            session.exists("/b") { log.add("b", $0) }
            session.loop.after(second) { #expect(session.overlongAnswers == 1) }
        }
        #expect(log.words == ["a data", "b false"])
    }

    @Test func aQuietSessionIsKeptByPings() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system, servers: 1)
        let log = Log(system)
        withSession(ensemble, seconds: 60) { session in
            log.follow(session)
            session.start()
            session.loop.after(59 * second) {
                #expect(session.timeoutMs == 6000)
                #expect((session.roundTripNs ?? second) < second / 10)
            }
        }
        #expect(log.words == ["connecting", "connected 10.0.0.1"])
        let pings = ensemble.servers[0].behaviour.withLock { $0.pings }
        #expect((28...31).contains(pings), "\(pings)")
    }

    @Test func aFrozenServerIsLeftAfterTwoThirdsOfTheTimeOut() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system)
        ensemble.put("/a", "1")
        let log = Log(system)
        let frozen = Locked(0)
        withSession(ensemble, seconds: 30) { session in
            log.follow(session)
            session.get("/a", watch: true) { log.add("get", $0) }
            session.children("/", watch: true) { log.add("list", $0) }
            session.loop.after(5 * second) {
                let server = ensemble.servers.first { $0.peers > 0 }
                frozen.withLock { $0 = server?.number ?? 0 }
                server?.change { $0.isFrozen = true }
                // Asked of the frozen server, answered by the next.
                session.get("/a") { log.add("again", $0) }
                session.send(SetDataRequest(path: "/a", data: []), action: "write") {
                    log.add("write", $0)
                }
                ensemble.put("/a", "2")
                ensemble.put("/b", "new")
            }
        }
        let words = log.words
        #expect(words.prefix(4).dropFirst(2) == ["get 1", "list a"], "\(log.text)")
        let lost = log.text.first { $0.contains("disconnected SILENT") } ?? ""
        #expect(lost > "6.9" && lost < "9.3", "\(log.text)")
        #expect(
            Set(words.drop { !$0.hasPrefix("disconnected") }.dropFirst()) == [
                "write SILENT", "connected 10.0.0.\(frozen.withLock { $0 } == 1 ? 2 : 1)",
                "data changed /a", "children changed /", "again 2",
            ] || words.count { $0.hasPrefix("connected") } == 2, "\(log.text)")
        #expect(words.contains("again 2") && words.contains("write SILENT"))
        #expect(words.contains("data changed /a") && words.contains("children changed /"))
        // One session all along, and the watches were asked for with the newest change seen.
        let state = ensemble.state.withLock { $0 }
        #expect(state.nextSession == 0x1001)
        #expect(state.connects.count == 2 && state.connects[1].sessionID == 0x1001)
        #expect(state.connects[1].password == [UInt8](repeating: 7, count: 16))
        #expect(state.setWatches.map(\.relativeZxid) == [101])
    }

    @Test func everyServerKilledInTurnLosesNothing() {
        let system = SimulatedSystem(seed: 3)
        let ensemble = FakeEnsemble(system)
        ensemble.put("/a", "0")
        let log = Log(system)
        withSession(ensemble, seconds: 120) { session in
            log.follow(session)
            let reader = Reader(session, log)
            session.onEvent = { _ in reader.read() }
            reader.read()
            for step in 0..<20 as Range<UInt64> {
                session.loop.after((5 * step + 3) * second) {
                    let server = ensemble.servers.first { $0.peers > 0 }
                    server?.kill()
                    ensemble.put("/a", "\(step + 1)")
                    session.loop.after(2 * second) { server?.restart() }
                }
            }
        }
        let read = log.words.filter { $0.hasPrefix("read ") }
        #expect(read == (0...20).map { "read \($0)" }, "\(log.text)")
        #expect(ensemble.state.withLock { $0.nextSession } == 0x1001)
    }

    /// Reads a znode again whenever its watch fires.
    final class Reader {
        private unowned let session: ZooKeeperSession
        private let log: Log

        init(_ session: ZooKeeperSession, _ log: Log) {
            self.session = session
            self.log = log
        }

        func read() { session.get("/a", watch: true) { [log] in log.add("read", $0) } }
    }

    @Test func anExpiredSessionIsReplacedWithItsWatches() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system, servers: 1)
        ensemble.put("/a", "1")
        let log = Log(system)
        withSession(ensemble, seconds: 30) { session in
            log.follow(session)
            session.get("/a", watch: true) { log.add("get", $0) }
            session.exists("/b", watch: true) { log.add("b", $0) }
            session.watchTree("/t") { log.add("tree", $0) }
            session.loop.after(5 * second) {
                ensemble.servers[0].kill()
                ensemble.change { $0.sessions = [] }
                ensemble.put("/b", "made while away")
            }
            session.loop.after(10 * second) { ensemble.servers[0].restart() }
            session.loop.after(20 * second) {
                #expect(session.expirations == 1 && session.sessionID == 0x1002)
                ensemble.put("/a", "2")
                ensemble.put("/t/x", "3")
            }
        }
        let after = log.words.drop { $0 != "expired" }
        #expect(after.dropFirst().first == "connecting", "\(log.text)")
        #expect(
            Set(after.dropFirst(2)) == [
                "connected 10.0.0.1", "created /b", "gap /t", "data changed /a", "created /t/x",
            ], "\(log.text)")
        #expect(log.words.filter { $0 == "expired" }.count == 1)
    }

    @Test func aServerThatLagsIsPassedOver() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system)
        for server in ensemble.servers.dropLast() { server.change { $0.refuses = true } }
        let log = Log(system)
        withSession(ensemble, seconds: 10) { session in
            log.follow(session)
            session.start()
        }
        #expect(log.words == ["connecting", "connected 10.0.0.3"] || log.words.count <= 4)
        #expect(log.words.last == "connected 10.0.0.3", "\(log.text)")
    }

    @Test func anEnsembleWithOlderDataIsTakenFromTheStart() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system)
        ensemble.put("/a", "1")
        let log = Log(system)
        withSession(ensemble, seconds: 60) { session in
            log.follow(session)
            session.get("/a", watch: true) { log.add("get", $0) }
            session.loop.after(5 * second) {
                ensemble.change {
                    $0.zxid = 7
                    $0.znodes = ["/": .init()]
                    $0.sessions = []
                }
                for server in ensemble.servers {
                    server.kill()
                    server.restart()
                }
            }
        }
        let after = Array(log.words.drop { $0 != "expired" })
        #expect(after.first == "expired", "\(log.text)")
        #expect(after.contains { $0.hasPrefix("connected") } && after.contains("deleted /a"))
    }

    @Test func aReadOnlyServerDoesUntilAnotherHasAQuorum() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system, servers: 2)
        ensemble.put("/a", "1")
        ensemble.servers[0].change { $0.isReadOnly = true }
        ensemble.servers[1].kill()
        let log = Log(system)
        withSession(ensemble, seconds: 90) { session in
            log.follow(session)
            session.get("/a") { log.add("get", $0) }
            session.loop.after(20 * second) { ensemble.servers[1].restart() }
        }
        #expect(
            log.words.filter { $0.hasPrefix("connected") || $0.hasPrefix("get") } == [
                "connected 10.0.0.1 read-only", "get 1", "connected 10.0.0.2",
            ], "\(log.text)")
        // The read-only server's session is not known to the others.
        #expect(ensemble.state.withLock { $0.connects.last?.sessionID } == 0)
    }

    /// The quorum is lost under a session that stands: the server that is left takes it up no more,
    /// a new session of its own it does, and a session of the ensemble follows when it is back.
    @Test func aSessionThatStoodGoesOnReadOnly() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system, servers: 2)
        ensemble.put("/a", "1")
        ensemble.servers[1].kill()
        let log = Log(system)
        withSession(ensemble, seconds: 90) { session in
            log.follow(session)
            session.get("/a", watch: true) { log.add("get", $0) }
            session.loop.after(5 * second) {
                ensemble.servers[0].kill()
                ensemble.servers[0].change { $0.isReadOnly = true }
                ensemble.servers[0].restart()
            }
            session.loop.after(17 * second) {
                #expect(session.state.isConnected, "\(log.text)")
                session.get("/a") { log.add("get", $0) }
            }
            session.loop.after(25 * second) {
                ensemble.put("/a", "2")
                ensemble.servers[1].restart()
            }
        }
        #expect(
            log.words.filter { !$0.hasPrefix("disconnected") && $0 != "connecting" } == [
                "connected 10.0.0.1", "get 1", "expired", "connected 10.0.0.1 read-only", "get 1",
                "data changed /a", "connected 10.0.0.2",
            ], "\(log.text)")
    }

    @Test func whoWantsNoOldTruthIsNotServedByACutOffServer() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system, servers: 1)
        ensemble.servers[0].change { $0.isReadOnly = true }
        let log = Log(system)
        var config = ensemble.config
        config.canBeReadOnly = false
        withSession(ensemble, config, seconds: 20) { session in
            session.get("/") { log.add("get", $0) }
        }
        #expect(log.words == ["get CLOSED_AT_ONCE"])
    }
}
