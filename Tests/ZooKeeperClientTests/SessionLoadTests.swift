// Many requests, large answers, deadlines, logins and the end of a session.
import Simulation
import Testing
import Transport

@testable import ZooKeeperClient

@Suite struct SessionLoadTests {
    @Test func massReadsArePaced() {
        let system = SimulatedSystem(cuts: false)
        let ensemble = FakeEnsemble(system, servers: 1)
        ensemble.change {
            $0.delayNs = second / 1000
            for index in 0..<3000 { $0.znodes["/t\(index)"] = .init(data: [UInt8(index & 127)]) }
        }
        let log = Log(system)
        let answered = Locked(0)
        withSession(ensemble, seconds: 20) { session in
            for index in 0..<3000 {
                session.get("/t\(index)") { result in
                    if case .success(let znode) = result, znode.data == [UInt8(index & 127)] {
                        answered.withLock { $0 += 1 }
                    }
                }
            }
            session.loop.after(15 * second) {
                #expect(session.load == (0, 0))
                log.add("done")
            }
        }
        #expect(answered.withLock { $0 } == 3000)
        let most = ensemble.state.withLock { $0.maxUnanswered }
        #expect(most <= Limits.inFlight && most > Limits.inFlight / 2, "\(most)")
    }

    @Test func aLargeAnswerComesWhole() {
        let system = SimulatedSystem(cuts: false)
        let ensemble = FakeEnsemble(system, servers: 1)
        let big = [UInt8](repeating: 0x61, count: 3 << 20)
        ensemble.change { $0.znodes["/big"] = .init(data: big) }
        let count = Locked(0)
        withSession(ensemble, seconds: 5) { session in
            session.get("/big") { result in
                if case .success(let znode) = result { count.withLock { $0 = znode.data.count } }
            }
        }
        #expect(count.withLock { $0 } == 3 << 20)
    }

    @Test func withoutAServerEveryRequestEndsInTimeAndSaysWhy() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system)
        ensemble.servers[0].kill()
        ensemble.servers[1].change { $0.isFrozen = true }
        system.set(ensemble.servers[2].address, .ignores)
        let log = Log(system)
        withSession(ensemble, seconds: 30) { session in
            session.get("/a") { result in
                log.add("get", result)
                if case .failure(let error) = result {
                    #expect(error.sentence.contains("none of 3 servers will do"), "\(error)")
                    #expect(error.sentence.contains("refused"), "\(error)")
                }
            }
            session.loop.after(20 * second) {
                session.get("/a") { log.add("second", $0) }
            }
        }
        #expect(log.text.map { $0.prefix { $0 != "." } } == ["10", "30"] || log.text.count == 1)
        #expect(log.text.first == "10.0 get NO_SERVER", "\(log.text)")
    }

    @Test func aRequestTheServerForgetsEndsInTime() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system, servers: 1)
        ensemble.put("/a", "1")
        let log = Log(system)
        var config = ensemble.config
        config.requestTimeoutNs = 2 * second
        withSession(ensemble, config, seconds: 30) { session in
            session.get("/a") { log.add("before", $0) }
            session.loop.after(second) {
                ensemble.change { $0.delayNs = 3 * second }
                session.get("/a") { log.add("slow", $0) }
            }
            session.loop.after(5 * second) {
                ensemble.change { $0.delayNs = 0 }
                session.get("/a") { log.add("after", $0) }
            }
        }
        #expect(log.words == ["before 1", "slow TIMED_OUT", "after 1"], "\(log.text)")
        #expect(log.text[1].hasPrefix("3.0"), "\(log.text)")
    }

    @Test func watchesAreSetAgainInPieces() {
        let system = SimulatedSystem(cuts: false)
        let ensemble = FakeEnsemble(system, servers: 2)
        let long = String(repeating: "x", count: 240)
        ensemble.change {
            for index in 0..<1500 { $0.znodes["/\(long)\(index)"] = .init() }
        }
        withSession(ensemble, seconds: 20) { session in
            for index in 0..<1500 { session.get("/\(long)\(index)", watch: true) { _ in } }
            session.loop.after(10 * second) {
                #expect(session.watchCount.oneShot == 1500)
                ensemble.servers.first { $0.peers > 0 }?.kill()
            }
        }
        let requests = ensemble.state.withLock { $0.setWatches }
        #expect(requests.count == 3)
        #expect(requests.reduce(0) { $0 + $1.data.count } == 1500)
        for request in requests {
            #expect(Jute.bytes(request).count <= Limits.setWatchesBytes + 64)
        }
    }

    @Test func subtreesAreWatchedWhereTheServerCan() {
        for (version, words, outcome) in [
            (ZooKeeperVersion(3, 8, 4), ["srvr"], "tree ok"),
            (ZooKeeperVersion(3, 5, 7), ["srvr"], "tree UNSUPPORTED"),
            // No word tells the version: the attempt does, and the connection is made anew.
            (ZooKeeperVersion(3, 6, 0), [], "tree ok"),
            (ZooKeeperVersion(3, 5, 7), [], "tree UNIMPLEMENTED"),
        ] {
            let system = SimulatedSystem()
            let ensemble = FakeEnsemble(system, servers: 1)
            ensemble.servers[0].change {
                $0.version = version
                $0.whitelist = Set(words)
            }
            let log = Log(system)
            withSession(ensemble, seconds: 10) { session in
                session.onEvent = { log.add("\($0.kind) \($0.path)") }
                session.watchTree("/b") { log.add("tree", $0) }
                session.loop.after(5 * second) {
                    #expect(session.state.isConnected)
                    ensemble.put("/b/c/d", "x")
                    ensemble.put("/b/c/d", "y")
                    ensemble.put("/bb", "z")
                }
            }
            let isNew = version >= .withTrees
            #expect(
                log.words == [outcome] + (isNew ? ["created /b/c/d", "data changed /b/c/d"] : []),
                "\(version) \(words): \(log.text)")
            #expect(ensemble.seen("addWatch") == (isNew || words.isEmpty ? 1 : 0))
            #expect(ensemble.seen("connect") == (!isNew && words.isEmpty ? 2 : 1))
        }
    }

    @Test func subtreesMoveWithTheSessionOrAreSaidToBeLost() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system, servers: 2)
        let log = Log(system)
        withSession(ensemble, seconds: 60) { session in
            log.follow(session)
            session.watchTree("/b") { log.add("tree", $0) }
            for (at, isOld) in [(10, false), (20, false), (30, true)] as [(UInt64, Bool)] {
                session.loop.after(at * second) {
                    let server = ensemble.servers.first { $0.peers > 0 }
                    for other in ensemble.servers where other !== server && isOld {
                        other.change { $0.version = ZooKeeperVersion(3, 5) }
                    }
                    server?.kill()
                    session.loop.after(5 * second) { server?.restart() }
                }
                session.loop.after((at + 8) * second) { ensemble.put("/b/\(at)", "") }
            }
        }
        // The last server was known to be new and has become old: its refusal is believed.
        let told = log.words.filter {
            !$0.hasPrefix("connect") && !$0.hasPrefix("disconnected")
        }
        #expect(
            told == [
                "tree ok", "gap /b", "created /b/10", "gap /b", "created /b/20", "gap /b lost",
            ],
            "\(log.text)")
    }

    @Test func aLoginComesBeforeTheFirstRequest() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system, servers: 1)
        ensemble.change { $0.goodAuth = Array("ann:secret".utf8) }
        var config = ensemble.config
        config.auth = [.digest(user: "ann", password: "secret")]
        config.makeSasl = { server in TwoSteps("hello \(server.host)") }
        let log = Log(system)
        withSession(ensemble, config, seconds: 5) { session in
            session.get("/") { log.add("get", $0) }
        }
        #expect(log.words == ["get "])
        #expect(
            ensemble.seen == [
                "1 connect", "1 sasl hello 10.0.0.1", "1 sasl after hello 10.0.0.1",
                "1 auth digest", "1 getData /",
            ])
        // A wrong password is said, and not tried again and again.
        config.auth = [.digest(user: "ann", password: "wrong")]
        let second = Log(system)
        withSession(ensemble, config, seconds: 30) { session in
            session.get("/") { result in
                second.add("get", result)
                if case .failure(let error) = result {
                    #expect(error.code == .authFailed)
                    #expect(error.sentence.contains("Check the name and password"))
                    #expect(!error.sentence.contains("wrong"))
                }
            }
        }
        #expect(second.words == ["get AUTHFAILED"])
        #expect(ensemble.seen("connect") < 20)
    }

    /// Says a word, repeats what the server answered, and is content.
    final class TwoSteps: SaslMechanism {
        let name = "TEST"
        private let first: String
        private var steps = 0

        init(_ first: String) { self.first = first }

        func step(_ challenge: [UInt8]?) throws(SaslFailure) -> [UInt8]? {
            steps += 1
            switch steps {
            case 1: return Array(first.utf8)
            case 2: return challenge
            default: return nil
            }
        }
    }

    @Test func closingEndsTheSessionEverywhere() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system, servers: 1)
        let log = Log(system)
        withSession(ensemble, seconds: 10) { session in
            log.follow(session)
            session.get("/") { log.add("get", $0) }
            session.loop.after(second) {
                ensemble.change { $0.delayNs = 5 * second }
                session.get("/") { log.add("late", $0) }
                session.loop.after(second) {
                    session.close { log.add("gone") }
                    session.get("/") { log.add("after", $0) }
                    session.close { log.add("again") }
                }
            }
            session.loop.after(5 * second) {
                #expect(session.loop.load.connections == 0)
                #expect(session.loop.load.timers <= 1)
            }
        }
        let end = log.words.drop { $0 != "closed" }
        #expect(Set(end) == ["closed", "after CLOSED", "again", "late CLOSED", "gone"], "\(end)")
        #expect(end.last == "gone" && ensemble.state.withLock { $0.sessions.isEmpty })
    }

    @Test func theMapLeadsToWhereServersReallyAre() {
        let system = SimulatedSystem()
        let ensemble = FakeEnsemble(system, servers: 1)
        var config = ensemble.config
        config.servers.servers = [Endpoint(host: "zk.inside", port: 2181)]
        config.map = { _ in Endpoint(host: "10.0.0.1", port: 2181) }
        let log = Log(system)
        withSession(ensemble, config, seconds: 3) { session in
            log.follow(session)
            session.start()
        }
        #expect(log.words.last == "connected zk.inside")
    }
}
