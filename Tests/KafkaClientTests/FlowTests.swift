import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

// What leaves when, and how long it may take: by what the link carries, not by a constant.
@testable import KafkaClient

@Suite struct FlowTests {
    /// Ten answers of half a second each are late for nobody: each is owed since the one before it.
    @Test func ourOwnQueueIsNoSilence() {
        let system = SimulatedSystem()
        var link = SimulatedLink()
        link.workNs = second / 2
        system.setLink(link)
        let broker = FakeBroker(1, system)
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [])) { client in
            client.updateBrokers([broker.listed])
            for number in 0..<40 {
                client.send(MetadataRequest(), to: .broker(1), timeoutNs: second) { result in
                    if case .failure(let error) = result { log.add("\(number) \(error.code)") }
                    if number == 39 { log.add("last", result) }
                }
            }
            client.every(second, 20) { _ in #expect(client.link(1)?.silentSinceNs == nil) }
        }
        #expect(log.text == ["20.5 last ok 1"])
    }

    /// A broker that stands still while others answer is silent after what it was allowed.
    @Test func aBrokerThatOwesIsSilentWhileOthersAnswer() {
        let system = SimulatedSystem()
        var link = SimulatedLink()
        link.workNs = second / 4
        system.setLink(link)
        let brokers = (1...2).map { FakeBroker(Int32($0), system) }
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [])) { client in
            client.updateBrokers(brokers.map(\.listed))
            client.ask(.broker(1), log, "warm")
            client.ask(.broker(2), log, "warm")
            client.loop.after(5 * second) {
                brokers[0].change { $0.isFrozen = true }
                for _ in 0..<3 { client.ask(.broker(1), log, "frozen") }
                for _ in 0..<30 { client.ask(.broker(2), log, "well") }
            }
            client.loop.after(9 * second) {
                #expect(client.link(1)?.silentSinceNs != nil)
                #expect(client.link(2)?.silentSinceNs == nil)
            }
        }
        #expect(log.text.filter { $0.contains("frozen TIMED_OUT") }.count == 3)
        #expect(log.text.filter { $0.contains("well ok 2") }.count == 30)
    }

    /// What waits for room leaves when there is some; what a frozen broker owes holds none.
    @Test func aFrozenBrokerHoldsNoRoom() {
        let system = SimulatedSystem()
        let brokers = (1...100).map { FakeBroker(Int32($0), system) }
        for broker in brokers.prefix(60) { broker.change { $0.isFrozen = true } }
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [])) { client in
            client.updateBrokers(brokers.map(\.listed))
            for broker in brokers { client.ask(.broker(broker.id), log, "asked") }
        }
        let well = log.text.filter { $0.contains(" ok ") }
        #expect(well.count == 40)
        #expect(well.allSatisfy { $0 < "4.0" }, "\(well)")
    }

    /// A connection that stands for days would else hold all that was ever asked on it.
    @Test func whatHasEndedIsLetGo() {
        final class Held {}
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [])) { client in
            client.updateBrokers([broker.listed])
            func ask(_ name: String) -> () -> Bool {
                let held = Held()
                client.send(
                    to: .broker(1),
                    building: { _ in withExtendedLifetime(held) { ListGroupsRequest() } },
                    completion: { log.add(name, $0) })
                return { [weak held] in held == nil }
            }
            let isAnsweredGone = ask("answered")
            client.loop.after(2 * second) {
                #expect(isAnsweredGone())
                broker.change { $0.isFrozen = true }
                let isLateGone = ask("late")
                client.loop.after(6 * second) { #expect(isLateGone()) }
            }
        }
        #expect(log.text.count == 2, "\(log.text)")
    }

    @Test func whatLeadsToMoreLeavesFirst() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [])) { client in
            client.updateBrokers([broker.listed])
            for round in 0..<2 {
                client.loop.after(UInt64(round) * second) {
                    client.ask(.broker(1), log, "a")
                    client.ask(.broker(1), log, "b")
                    client.send(ListGroupsRequest(), to: .broker(1), isLeading: true) { _ in }
                }
            }
        }
        #expect(broker.seen == [18, 16, 3, 3, 16, 3, 3])
    }

    @Test func theWindowFollowsTheLink() {
        var flow = FlowControl()
        var now = second
        /// Lets answers come one after the other, each a twentieth of a second after its question.
        func run(bytesPerSecond: Int, seconds: Int) {
            for _ in 0..<seconds * 20 {
                var passage = flow.leaves(2, bytes: 1_000, at: now)
                now += second / 20
                flow.arrived(&passage, bytes: bytesPerSecond / 20 - 2_024, at: now)
            }
        }
        #expect(flow.window(now) == Limits.leastWindow)
        run(bytesPerSecond: 10_000_000, seconds: 2)
        // Twice ten megabytes a second for a quarter of a second.
        #expect(abs(flow.window(now) - 5_000_000) < 500_000, "\(flow.window(now))")
        run(bytesPerSecond: 100_000, seconds: 11)
        #expect(flow.window(now) == Limits.leastWindow)
        #expect(flow.held == 0)
    }

    /// Many names that hang before a good one cost a head start each.
    @Test func bootstrapServersAreTriedSideBySide() {
        let system = SimulatedSystem()
        let living = FakeBroker(99, system)
        var servers: [Endpoint] = []
        for number in 1...12 {
            if number.isMultiple(of: 2) {
                servers.append(Endpoint(host: "hangs-\(number)", port: 9092))
            } else {
                system.set(Address(10, 0, 1, UInt8(number), port: 9092), .ignores)
                servers.append(Endpoint(host: "10.0.1.\(number)", port: 9092))
            }
        }
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: servers + [living.endpoint])) { client in
            client.ask(.any, log, "first")
            client.loop.after(2 * second) { client.ask(.any, log, "second") }
        }
        #expect(log.text == ["1.4 first ok -", "2.0 second ok -"])
        #expect(living.server.connections == 1)
    }

    /// A run with a budget may wait most of it for one broker, and not for one address.
    @Test func aBudgetIsForTheWholeRun() {
        let config = ClientConfig(bootstrap: []).within(60 * second)
        #expect(config.negotiateTimeoutNs == 48 * second)
        #expect(config.connectTimeoutNs == 10 * second)
        #expect(ClientConfig(bootstrap: []).within(10 * second).connectTimeoutNs == 4 * second)
    }
}
