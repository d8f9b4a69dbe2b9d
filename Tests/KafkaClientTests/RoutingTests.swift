import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

// Whom requests go to: any, the controller, each of many; and what is refused without asking.
@testable import KafkaClient

@Suite struct RoutingTests {
    @Test func bootstrapServersAreTriedInTurn() {
        let system = SimulatedSystem()
        let living = FakeBroker(3, system)
        let refused = Endpoint(host: "10.0.0.1", port: 9092)
        let dark = Endpoint(host: "10.0.0.2", port: 9092)
        system.set(Address(10, 0, 0, 2, port: 9092), .ignores)
        let log = Log(system)
        let config = ClientConfig(bootstrap: [refused, dark, living.endpoint])
        withClient(system, config) { client in
            client.ask(.any, log, "first")
            client.loop.after(5 * second) { client.ask(.any, log, "second") }
        }
        // The second server costs a head start before the next is asked as well.
        #expect(log.text == ["0.1 first ok -", "5.0 second ok -"])
        #expect(living.server.connections == 1)
    }

    @Test func aFrozenBrokerDoesNotHoldUpWhatAnyCanAnswer() {
        let system = SimulatedSystem()
        let brokers = (1...3).map { FakeBroker(Int32($0), system) }
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [brokers[0].endpoint])) { client in
            client.updateBrokers(brokers.map(\.listed))
            client.ask(.any, log, "0")
            client.loop.after(second) {
                let first = brokers.first { $0.seen.contains(3) }
                first?.change { $0.isFrozen = true }
                client.every(second / 2, 12) { client.ask(.any, log, "\($0 + 1)") }
            }
        }
        let times = log.text.compactMap { Double($0.split(separator: " ")[0]) }
        #expect(log.text.allSatisfy { $0.contains(" ok ") }, "\(log.text)")
        #expect(log.text.count == 13)
        // Each within 1.1 s of its asking, and at once when the silence is known (after 3 s).
        #expect(times.last == 6.5, "\(log.text)")
    }

    @Test func whenAllFailEachIsNamed() {
        let system = SimulatedSystem()
        let errors = Locked<[ClientError]>([])
        func run(_ hosts: [String]) {
            let servers = hosts.map { Endpoint(host: $0, port: 9092) }
            withClient(system, ClientConfig(bootstrap: servers)) { client in
                client.send(MetadataRequest(), to: .any) { result in
                    if case .failure(let error) = result { errors.withLock { $0.append(error) } }
                }
            }
        }
        run(["10.0.0.1"])
        run(["10.0.0.1", "10.0.0.2"])
        system.setName("nowhere", .failure(.notFound("Name or service not known")))
        run(["10.0.0.1", "nowhere"])
        run([])
        let all = errors.withLock { $0 }
        #expect(
            all.map(\.code) == [.connectionRefused, .connectionRefused, .noBroker, .noBroker])
        #expect(all.map(\.attempts.count) == [0, 2, 2, 0])
        #expect(
            all[2].sentence
                == "Could not read topics and brokers from any of 2 servers: bootstrap server "
                + "10.0.0.1:9092: connection refused at 10.0.0.1:9092; bootstrap server "
                + "nowhere:9092: the name nowhere has no address (Name or service not known).")
    }

    @Test func theControllerIsWhoeverWeWereTold() {
        let system = SimulatedSystem()
        let brokers = (1...2).map { FakeBroker(Int32($0), system) }
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [])) { client in
            client.updateBrokers(brokers.map(\.listed))
            client.ask(.controller, log, "unknown")
            client.loop.after(second) {
                client.updateController(.broker(2))
                client.ask(.controller, log, "zk")
            }
            client.loop.after(2 * second) {
                brokers[0].kill()
                client.updateController(.anyBroker)
                client.ask(.controller, log, "kraft")
            }
        }
        #expect(
            log.text == ["0.0 unknown UNKNOWN_CONTROLLER", "1.0 zk ok 2", "2.0 kraft ok 2"])
    }

    @Test func slowCallsHaveAConnectionOfTheirOwn() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        broker.change {
            $0.custom[16] = { _, _ in [] }
        }
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [])) { client in
            client.updateBrokers([broker.listed])
            client.send(ListGroupsRequest(), to: .broker(1), lane: .slow) { log.add("slow", $0) }
            client.loop.after(second) { client.ask(.broker(1), log, "fast") }
            client.loop.after(64 * second) { client.ask(.broker(1), log, "fast") }
            client.loop.after(66 * second) {
                #expect(client.link(1)?.silentSinceNs == nil)
            }
        }
        #expect(log.text == ["1.0 fast ok 1", "64.0 fast ok 1", "65.0 slow TIMED_OUT"])
    }

    @Test func anUnknownSecurityIsNotConnected() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let log = Log(system)
        var config = ClientConfig(bootstrap: [broker.endpoint])
        config.security = .unsupported("SASL_SSL")
        withClient(system, config) { client in client.ask(.any, log, "metadata") }
        #expect(log.text == ["0.0 metadata SECURITY_UNSUPPORTED"])
        #expect(broker.server.connections == 0)
    }

    @Test func aThrottleHoldsTheNextRequests() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        broker.change { $0.throttleMs = 1500 }
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [])) { client in
            client.updateBrokers([broker.listed])
            client.ask(.broker(1), log, "0")
            client.loop.after(second / 2) {
                #expect(client.link(1)?.throttledUntilNs != nil)
                broker.change { $0.throttleMs = 20_000 }
                client.ask(.broker(1), log, "1")
            }
            client.loop.after(2 * second) { client.ask(.broker(1), log, "2") }
        }
        #expect(log.text == ["0.0 0 ok 1", "1.5 1 ok 1", "2.0 2 THROTTLED"])
    }

    @Test func closeEndsEverything() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        broker.change { $0.isFrozen = true }
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.ask(.any, log, "a")
            client.loop.after(second) {
                client.close()
                client.ask(.any, log, "b")
                #expect(client.loop.load.connections == 0)
            }
        }
        #expect(log.text == ["1.0 a SHUTDOWN", "1.0 b SHUTDOWN"])
    }
}
