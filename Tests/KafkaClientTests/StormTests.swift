import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

// Ten virtual minutes with brokers that freeze, die and come back: every request ends exactly once
// and in time, nothing leaks, everything heals, and a seed always gives the same run.
@testable import KafkaClient

@Suite struct StormTests {
    private struct Tally: Sendable, Equatable {
        var asked = 0
        var ended = 0
        var succeeded = 0
        var late = 0
        var lastRound = 0
    }

    private func run(_ seed: UInt64) -> (Tally, UInt64) {
        let system = SimulatedSystem(seed: seed)
        let brokers = (1...5).map { FakeBroker(Int32($0), system) }
        let tally = Locked(Tally())
        withClient(system, ClientConfig(bootstrap: brokers.map(\.endpoint))) { client in
            client.updateBrokers(brokers.map(\.listed))
            var random = SeededGenerator(seed: seed)
            client.every(3 * second, 120) { round in
                // The last minute is calm.
                guard round < 100 else {
                    for broker in brokers {
                        broker.restart()
                        broker.thaw()
                    }
                    return
                }
                let broker = brokers[Int.random(in: 0..<5, using: &random)]
                switch Int.random(in: 0..<4, using: &random) {
                case 0: broker.kill()
                case 1: broker.change { $0.isFrozen = true }
                case 2: broker.thaw()
                default: broker.restart()
                }
            }
            client.every(second / 2, 720) { round in
                let target = round % 6 == 5 ? Target.any : .broker(Int32(round % 6 + 1))
                tally.withLock { $0.asked += 1 }
                let asked = client.loop.now
                client.send(MetadataRequest(), to: target) { result in
                    let took = client.loop.now - asked
                    tally.withLock {
                        $0.ended += 1
                        // A handshake, which has 4 s after one that failed, then 3 s from leaving.
                        if took > 7 * second + second / 100 { $0.late += 1 }
                        guard case .success = result else { return }
                        $0.succeeded += 1
                        if round >= 700 { $0.lastRound += 1 }
                    }
                }
            }
            client.loop.after(400 * second) {
                #expect(client.links.allSatisfy { $0.silentSinceNs == nil })
                #expect(client.loop.load.connections <= 5)
            }
        }
        return (tally.withLock { $0 }, system.trace)
    }

    @Test func everythingEndsOnceAndHeals() {
        for seed in UInt64(1)...3 {
            let (tally, trace) = run(seed)
            #expect(tally.ended == tally.asked)
            #expect(tally.asked == 720)
            #expect(tally.late == 0)
            #expect(tally.lastRound == 20)
            #expect(tally.succeeded > 150 && tally.succeeded < 720)
            if seed == 1 { #expect(run(seed) == (tally, trace)) }
        }
    }
}
