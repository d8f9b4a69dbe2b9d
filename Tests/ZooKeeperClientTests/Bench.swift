// A session on a simulated loop, and a log of what happened when.
import Simulation
import Transport

@testable import ZooKeeperClient

let second: UInt64 = 1_000_000_000

/// Lines with the virtual time in tenths of a second.
final class Log: Sendable {
    private let lines = Locked<[String]>([])
    private let system: SimulatedSystem
    private let begun: UInt64

    init(_ system: SimulatedSystem) {
        self.system = system
        begun = system.now()
    }

    func add(_ text: String) {
        let tenths = (system.now() - begun) / 100_000_000
        lines.withLock { $0.append("\(tenths / 10).\(tenths % 10) \(text)") }
    }

    func add<Value>(_ label: String, _ result: Result<Value, ZooKeeperError>) {
        switch result {
        case .success(let value as Znode):
            add("\(label) \(String(decoding: value.data.prefix(20), as: UTF8.self))")
        case .success(let value as ZnodeChildren):
            add("\(label) \(value.names.joined(separator: " "))")
        case .success(let value as ZnodeExistence): add("\(label) \(value.stat != nil)")
        case .success: add("\(label) ok")
        case .failure(let error):
            add("\(label) \(error.zooKeeperCode.map { "\($0)" } ?? error.code.rawValue)")
        }
    }

    var text: [String] { lines.withLock { $0 } }
    /// The lines without their times.
    var words: [String] { text.map { String($0.drop { $0 != " " }.dropFirst()) } }
}

extension Log {
    /// Notes states, events and gaps of a session.
    func follow(_ session: ZooKeeperSession) {
        session.onState = { [self] state in
            switch state {
            case .idle: add("idle")
            case .connecting: add("connecting")
            case .connected(let server, let readOnly):
                add("connected \(server.host)\(readOnly ? " read-only" : "")")
            // The end of the simulation.
            case .disconnected(_, let why) where why.code == .shutdown: break
            case .disconnected(_, let why): add("disconnected \(why.code.rawValue)")
            case .expired: add("expired")
            case .closed: add("closed")
            }
        }
        session.onEvent = { [self] in add("\($0.kind) \($0.path)") }
        session.onGap = { [self] gap in
            add("gap \(gap.paths.joined(separator: " "))\(gap.isLost ? " lost" : "")")
        }
    }
}

/// Runs `body` with a session for so long in virtual time.
func withSession(
    _ ensemble: FakeEnsemble, _ config: ZooKeeperConfig? = nil, seconds: UInt64 = 60,
    _ body: @escaping @Sendable (ZooKeeperSession) -> Void
) {
    let system = ensemble.system
    let loop = Loop(system)
    let config = config ?? ensemble.config
    let session = LoopBound(loop) { ZooKeeperSession(loop: loop, config: config) }
    loop.post { body(session.value) }
    system.after(seconds * second) { loop.stop() }
    loop.run()
    withExtendedLifetime((session, ensemble)) {}
}
