// Sessions under everything at once, for many seeds: servers killed, frozen, expired, made old or
// read-only, while znodes change and requests come.
import Simulation
import Testing
import Transport

@testable import ZooKeeperClient

@Suite struct SessionStormTests {
    /// Keeps a copy of some znodes by watches alone, as a console does.
    final class Mirror {
        private unowned let session: ZooKeeperSession
        var copy: [String: String?] = [:]
        var asked = 0
        var ended = 0

        init(_ session: ZooKeeperSession) {
            self.session = session
            session.onEvent = { [unowned self] in if copy[$0.path] != nil { read($0.path) } }
        }

        /// Reads and watches a znode that may be missing.
        func read(_ path: String) {
            asked += 1
            session.exists(path, watch: true) { [self] result in
                ended += 1
                switch result {
                case .failure: again(path)
                case .success(let found) where found.stat == nil: copy[path] = .some(nil)
                case .success:
                    asked += 1
                    session.get(path, watch: true) { [self] result in
                        ended += 1
                        switch result {
                        case .success(let znode):
                            copy[path] = String(decoding: znode.data, as: UTF8.self)
                        case .failure: again(path)
                        }
                    }
                }
            }
        }

        private func again(_ path: String) {
            copy[path] = copy[path] ?? .some(nil)
            guard session.state != .closed else { return }
            session.loop.after(second / 2) { [weak self] in self?.read(path) }
        }
    }

    @Test func whateverHappensTheCopyIsRightInTheEnd() {
        for seed in 0..<14 as Range<UInt64> {
            let system = SimulatedSystem(seed: seed)
            let ensemble = FakeEnsemble(system)
            let paths = (0..<6).map { "/z\($0)" }
            var random = TestRandom(seed: seed)
            var script: [(UInt64, @Sendable () -> Void)] = []
            var at = second
            while at < 100 * second {
                at += random.next() % (2 * second)
                script.append((at, Self.mischief(ensemble, paths, &random)))
            }
            let actions = script
            let outcome = Locked<[String]>([])
            withSession(ensemble, seconds: 170) { session in
                let mirror = Mirror(session)
                for path in paths { mirror.read(path) }
                for (at, action) in actions { session.loop.after(at, action) }
                session.loop.after(100 * second) { Self.heal(ensemble) }
                session.loop.after(165 * second) {
                    let truth = ensemble.state.withLock { state in
                        paths.map { path in
                            state.znodes[path].map { String(decoding: $0.data, as: UTF8.self) }
                        }
                    }
                    let copy = paths.map { mirror.copy[$0] ?? "unread" }
                    outcome.withLock {
                        if copy != truth { $0.append("\(copy) is not \(truth)") }
                        if mirror.asked != mirror.ended { $0.append("requests without an end") }
                        if session.load != (0, 0) { $0.append("\(session.load) left") }
                        if !session.state.isConnected { $0.append("\(session.state)") }
                        $0.append("done")
                    }
                    withExtendedLifetime(mirror) {}
                }
            }
            #expect(outcome.withLock { $0 } == ["done"], "seed \(seed)")
        }
    }

    private static func mischief(
        _ ensemble: FakeEnsemble, _ paths: [String], _ random: inout TestRandom
    ) -> @Sendable () -> Void {
        let server = ensemble.servers[Int(random.next() % 3)]
        let path = paths[Int(random.next() % UInt64(paths.count))]
        let text = "\(random.next() % 1000)"
        switch random.next() % 12 {
        case 0...4: return { ensemble.put(path, text) }
        case 5, 6:
            return {
                if ensemble.state.withLock({ $0.znodes[path] != nil }) { ensemble.remove(path) }
            }
        case 7:
            return {
                server.kill()
                ensemble.system.after(4 * second) { server.restart() }
            }
        case 8:
            return {
                server.change { $0.isFrozen = true }
                ensemble.system.after(7 * second) {
                    server.kill()
                    server.change { $0.isFrozen = false }
                    server.restart()
                }
            }
        case 9: return { ensemble.change { $0.sessions = [] } }
        case 10:
            return {
                server.change { $0.refuses = true }
                ensemble.system.after(5 * second) { server.change { $0.refuses = false } }
            }
        default:
            return {
                // All connections at once, as when a link is cut.
                for server in ensemble.servers {
                    server.kill()
                    server.restart()
                }
            }
        }
    }

    private static func heal(_ ensemble: FakeEnsemble) {
        for server in ensemble.servers {
            server.restart()
            server.change { $0.refuses = false }
        }
    }
}
