import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

// Frozen, killed and restarted brokers: what fails when, what is sent meanwhile, how it ends.
@testable import KafkaClient

@Suite struct SilenceTests {
    @Test func aFrozenBrokerCostsOneTimeOutAndHealsByItself() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.updateBrokers([broker.listed])
            client.ask(.broker(1), log, "warm")
            client.loop.after(second) {
                broker.change { $0.isFrozen = true }
                client.ask(.broker(1), log, "first")
            }
            client.loop.after(5 * second) {
                client.ask(.broker(1), log, "second")
                client.ask(.broker(1), log, "slow", lane: .slow)
                let link = client.link(1)
                #expect(link?.silentSinceNs == 2 * second)
                #expect(link?.lastError?.code == .timedOut)
                #expect(link?.state == .ready)
            }
            client.loop.after(6 * second) { broker.thaw() }
            client.loop.after(7 * second) {
                #expect(client.link(1)?.silentSinceNs == nil)
                #expect(client.link(1)?.lastError == nil)
                client.ask(.broker(1), log, "third")
            }
        }
        #expect(
            log.text == [
                "0.0 warm ok 1", "4.0 first TIMED_OUT", "5.0 second SILENT", "5.0 slow SILENT",
                "7.0 third ok 1",
            ])
        // The refused ones were never sent, and everything went over one connection.
        #expect(broker.seen == [18, 3, 3, 3])
        #expect(broker.server.connections == 1)
    }

    /// A handshake lost on the slow connection says nothing of the fast one, which answers.
    @Test(arguments: [true, false])
    func aLostHandshakeDoesNotSilenceTheBroker(isAskedMeanwhile: Bool) {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.updateBrokers([broker.listed])
            client.ask(.broker(1), log, "warm")
            client.loop.after(second) {
                broker.change { $0.isFrozen = true }
                client.ask(.broker(1), log, "slow", lane: .slow)
            }
            client.loop.after(2 * second) {
                broker.change { broker in
                    broker.isFrozen = false
                    broker.held = []
                }
                if isAskedMeanwhile { client.ask(.broker(1), log, "between") }
            }
            client.loop.after(5 * second) { client.ask(.broker(1), log, "fast") }
            client.loop.after(6 * second) {
                #expect(client.link(1)?.silentSinceNs == nil)
                client.ask(.broker(1), log, "slow again", lane: .slow)
            }
        }
        #expect(
            log.text == ["0.0 warm ok 1"] + (isAskedMeanwhile ? ["2.0 between ok 1"] : [])
                + ["3.0 slow SILENT", "5.0 fast ok 1", "6.0 slow again ok 1"])
    }

    @Test func aSilentConnectionIsMadeAnewAndProbedSparingly() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.updateBrokers([broker.listed])
            client.ask(.broker(1), log, "warm")
            client.loop.after(second) { broker.change { $0.isFrozen = true } }
            // 20 requests a second for a minute.
            client.loop.after(second) {
                client.every(second / 20, 1200) { _ in
                    client.send(MetadataRequest(), to: .broker(1)) { result in
                        if case .success = result { log.add("ok") }
                    }
                    #expect(client.link(1)?.silentSinceNs ?? 2 * second < 6 * second)
                }
            }
            client.loop.after(40 * second) {
                // Frozen for 39 s: since then one connection after another got no answer.
                #expect(client.link(1)?.silentSinceNs != nil)
                broker.change { $0.held = [] }
                broker.thaw()
            }
        }
        let before = broker.behaviour.withLock { $0.seen.count }
        #expect(broker.server.connections < 20)
        #expect(before < 60 + 32 + 25 * 20)
        let heals = log.text.first { $0 != "0.0 warm ok 1" } ?? ""
        #expect(heals > "40.0" && heals < "44.9", "\(heals)")
    }

    @Test func aHangingSlowCallDoesNotKeepTheBrokerFromBeingProbed() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        broker.change { $0.custom[16] = { _, _ in [] } }
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.updateBrokers([broker.listed])
            client.send(ListGroupsRequest(), to: .broker(1), lane: .slow) { log.add("slow", $0) }
            client.ask(.broker(1), log, "warm")
            client.loop.after(second) { broker.change { $0.isFrozen = true } }
            client.loop.after(2 * second) {
                client.every(second, 30) { _ in
                    client.send(MetadataRequest(), to: .broker(1)) { result in
                        if case .success = result { log.add("ok") }
                    }
                }
            }
            client.loop.after(20 * second) {
                broker.change { $0.held = [] }
                broker.thaw()
            }
        }
        let heals = log.text.dropFirst().first ?? ""
        #expect(heals > "20.0" && heals < "26.0", "\(log.text)")
        #expect(log.text.last == "65.0 slow TIMED_OUT")
    }

    @Test func aKilledBrokerIsTriedWithBackOffAndComesBack() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.updateBrokers([broker.listed])
            client.ask(.broker(1), log, "warm")
            client.loop.after(second) {
                broker.change { $0.isFrozen = true }
                client.ask(.broker(1), log, "in flight")
            }
            client.loop.after(2 * second) {
                broker.kill()
                broker.change { $0.isFrozen = false }
            }
            client.loop.after(3 * second) {
                client.every(second / 10, 300) { number in
                    client.send(MetadataRequest(), to: .broker(1)) { result in
                        switch result {
                        case .success: log.add("ok")
                        case .failure(let error): #expect(error.code == .connectionRefused)
                        }
                    }
                    if number == 100 {
                        #expect(client.link(1)?.silentSinceNs == nil)
                        #expect(client.link(1)?.failingSinceNs != nil)
                        broker.restart()
                    }
                }
            }
        }
        // 10 s of asking 10 times a second, but with a back-off of up to 2 s.
        let tries = system.opened.count
        #expect(tries > 6 && tries < 25, "\(tries)")
        #expect(log.text.prefix(2) == ["0.0 warm ok 1", "2.0 in flight CONNECTION_CLOSED"])
        let heals = log.text.dropFirst(2).first ?? ""
        #expect(heals > "13.0" && heals < "15.3", "\(heals)")
    }

    @Test func aMovedBrokerIsFoundAtItsNewAddress() {
        let system = SimulatedSystem()
        let old = FakeBroker(1, system)
        let new = FakeBroker(2, system)
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [old.endpoint])) { client in
            client.updateBrokers([old.listed])
            client.ask(.broker(1), log, "old")
            client.loop.after(second) {
                old.change { $0.delayNs = second }
                client.ask(.broker(1), log, "late")
                client.updateBrokers([BrokerAddress(id: 1, endpoint: new.endpoint)])
                client.ask(.broker(1), log, "new")
            }
            client.loop.after(5 * second) { #expect(client.loop.load.connections == 1) }
        }
        #expect(log.text == ["0.0 old ok 1", "1.0 new ok 1", "2.0 late ok 1"])
        #expect(new.seen == [18, 3])
    }

    @Test func anIdleConnectionMayCloseWithoutAFault() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        let log = Log(system)
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.updateBrokers([broker.listed])
            client.ask(.broker(1), log, "one")
            client.loop.after(600 * second) { system.dropConnections(of: broker.server) }
            client.loop.after(601 * second) {
                #expect(client.link(1)?.lastError == nil)
                #expect(client.link(1)?.state == .idle)
                client.ask(.broker(1), log, "two")
            }
        }
        #expect(log.text == ["0.0 one ok 1", "601.0 two ok 1"])
    }

    @Test func aHalfAnswerIsToldAndTheConnectionReplaced() {
        let system = SimulatedSystem()
        let broker = FakeBroker(1, system)
        broker.change {
            $0.custom[16] = { header, _ in
                bigEndian(100) + bigEndian(header.correlationID) + [1, 2, 3]
            }
        }
        let log = Log(system)
        let sentence = Locked("")
        withClient(system, ClientConfig(bootstrap: [broker.endpoint])) { client in
            client.updateBrokers([broker.listed])
            client.send(ListGroupsRequest(), to: .broker(1)) { result in
                if case .failure(let error) = result { sentence.withLock { $0 = error.what } }
            }
            client.loop.after(20 * second) { client.ask(.broker(1), log, "later") }
        }
        #expect(
            sentence.withLock { $0 } == "no whole answer within 3 s (11 of 104 bytes came)")
        #expect(log.text == ["20.0 later ok 1"])
        #expect(broker.server.connections == 2)
    }
}
