import KafkaWire
import Simulation
import Transport
import TransportTesting

// What the client's tests share: a client on a simulated loop, and a log of what happened when.
@testable import KafkaClient

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

    /// The outcome of a request: "ok" with the broker, or the error's code.
    func add<Value>(_ label: String, _ result: Result<Answer<Value>, ClientError>) {
        switch result {
        case .success(let answer): add("\(label) ok \(answer.brokerID.map(String.init) ?? "-")")
        case .failure(let error): add("\(label) \(error.code.rawValue)")
        }
    }

    var text: [String] { lines.withLock { $0 } }
}

/// Runs `body` with a client until nothing is left to happen or the loop is stopped.
func withClient(
    _ system: SimulatedSystem, _ config: ClientConfig, _ writes: WritePolicy = .readOnly,
    _ body: @escaping @Sendable (KafkaClient) -> Void
) {
    let loop = Loop(system)
    system.onDeadlock { loop.stop() }
    let session = ClusterSession(loop: loop, config: config, writes: writes)
    loop.post { body(session.client) }
    loop.run()
    withExtendedLifetime(session) {}
}

extension KafkaClient {
    /// Metadata of nothing in particular, logged.
    func ask(_ target: Target, _ log: Log, _ label: String, lane: Lane = .fast) {
        send(MetadataRequest(), to: target, lane: lane) { log.add(label, $0) }
    }

    /// Calls `body` every so often until `count` times.
    func every(_ nanoseconds: UInt64, _ count: Int, _ body: @escaping (Int) -> Void) {
        func step(_ number: Int) {
            guard number < count else { return }
            body(number)
            loop.after(nanoseconds) { step(number + 1) }
        }
        step(0)
    }
}
