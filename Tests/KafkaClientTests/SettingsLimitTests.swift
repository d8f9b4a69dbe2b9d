// The limits that client.properties sets: request.timeout.ms and connections.max.idle.ms.
import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

@testable import KafkaClient

@Suite struct SettingsLimitTests {
    /// The slow lane would wait 65 s, the fast one 3 s.
    @Test func noRequestIsWaitedForLongerThanTheSettingsSay() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let log = Log(system)
        var config = ClientConfig(bootstrap: [broker.endpoint])
        config.longestRequestNs = 2 * second
        withClient(system, config) { client in
            client.updateBrokers([broker.listed])
            client.ask(.broker(1), log, "warm")
            client.ask(.broker(1), log, "warm slow", lane: .slow)
            client.loop.after(second) {
                broker.change { $0.isFrozen = true }
                client.ask(.broker(1), log, "fast")
                client.ask(.broker(1), log, "slow", lane: .slow)
            }
        }
        #expect(
            log.text.map { $0.split(separator: " ", maxSplits: 1)[1] } == [
                "warm ok 1", "warm slow ok 1", "fast TIMED_OUT", "slow TIMED_OUT",
            ])
        #expect(log.text.suffix(2).allSatisfy { $0.hasPrefix("3.0 ") }, "\(log.text)")
    }

    @Test func aConnectionThatIsNotUsedIsClosedAndMadeAnew() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let log = Log(system)
        var config = ClientConfig(bootstrap: [broker.endpoint])
        config.idleCloseNs = 5 * second
        withClient(system, config) { client in
            client.updateBrokers([broker.listed])
            client.ask(.broker(1), log, "first")
            client.loop.after(4 * second) { client.ask(.broker(1), log, "in time") }
            client.loop.after(8 * second) { #expect(client.link(1)?.state == .ready) }
            client.loop.after(10 * second) {
                #expect(client.link(1)?.state == .idle)
                #expect(client.link(1)?.lastError == nil)
            }
            client.loop.after(20 * second) { client.ask(.broker(1), log, "later") }
        }
        #expect(log.text == ["0.0 first ok 1", "4.0 in time ok 1", "20.0 later ok 1"])
        #expect(broker.server.connections == 2)
        #expect(system.openSockets == 0)
    }
}
