// A frozen active controller: brokers wait for it for 30 s, the other controllers tell at once.
import ClusterModel
import KafkaClient
import Polling
import Simulation
import Testing
import Transport
import TransportTesting

@Suite struct ControllerTests {
    private func cluster() -> FakeCluster {
        let cluster = FakeCluster()
        cluster.addTopics(1, partitions: 3)
        return cluster
    }

    @Test func theNextControllerIsShownWithinTwoSecondsOfItsElection() throws {
        let cluster = cluster()
        let controllers = FakeControllers(cluster)
        let pictures = observe(
            cluster, seconds: 60,
            script: [(10.3, { _ in controllers.freezeLeader(electedAfterNs: 3 * second) })])
        let before = try #require(pictures.last { $0.at < 10 })
        #expect(before.cluster.controller == BrokerID(3001) && before.cluster.controllerEpoch == 7)
        let shown = try #require(pictures.first { $0.cluster.controller == BrokerID(3002) })
        #expect(shown.at > 13.3 && shown.at < 15.3, "shown at \(shown.at)")
        #expect(shown.cluster.controllerEpoch == 8)
        let election = try #require(
            shown.cluster.events.events.last { $0.kind == .election && !$0.isLoss })
        #expect(election.text.contains("3002") && election.source == "DescribeQuorum")
        // What brokers owe is no failure, and nothing was shown twice or taken back.
        for picture in pictures where picture.at > shown.at {
            #expect(picture.cluster.controller == BrokerID(3002))
            #expect(!picture.cluster.failures.contains { $0.api == "DescribeQuorum" })
        }
        let ill = try #require(pictures.last { $0.at < 30 })
        #expect(ill.cluster.coordinator.controllers.first?.error != nil)
        #expect(ill.cluster.coordinator.controllers.last?.error == nil)
        // Once brokers answer again nobody asks the controllers any more.
        let state = controllers.state.withLock { $0 }
        #expect((state.opened[3001] ?? 0) <= 6, "\(state.opened)")
        #expect((20...45).contains(state.asked[3002] ?? 0), "\(state.asked)")
        let end = try #require(pictures.last)
        #expect(end.cluster.coordinator.controllers.allSatisfy { $0.error == nil })
    }

    @Test func aHealthyQuorumIsReadThroughBrokersAlone() {
        let cluster = cluster()
        let controllers = FakeControllers(cluster)
        _ = observe(cluster, seconds: 30)
        #expect(controllers.state.withLock { $0.opened }.isEmpty)
    }

    /// Addresses of controllers that lead to another cluster's: what they say is not taken.
    @Test func controllersOfAnotherClusterAreNotBelieved() throws {
        let cluster = cluster()
        let controllers = FakeControllers(cluster, clusterID: "elsewhere")
        let pictures = observe(
            cluster, seconds: 20,
            script: [(10.3, { _ in controllers.freezeLeader(electedAfterNs: second) })])
        let end = try #require(pictures.last)
        #expect(end.cluster.controller == BrokerID(3001) && end.cluster.controllerEpoch == 7)
        let errors = end.cluster.coordinator.controllers.compactMap(\.error)
        #expect(errors.contains { $0.contains("cluster elsewhere answers there, and not fake") })
    }

    /// As from most bastions: tried rarely, told in the controllers' rows and nowhere else.
    @Test func controllersThatCannotBeReachedAreLeftAlone() throws {
        let cluster = cluster()
        let tries = Locked(0)
        let controllers = FakeControllers(cluster, isReachable: false)
        let quiet = FakeServerCounter(tries)
        for id in controllers.ids {
            cluster.system.set(
                Address(10, 0, 1, UInt8(id - 3000), port: 9093), .serves(quiet))
        }
        let pictures = observe(
            cluster, seconds: 50,
            script: [(10.3, { _ in controllers.freezeLeader(electedAfterNs: 3 * second) })])
        let during = try #require(pictures.last { $0.at < 35 })
        #expect(during.cluster.controller == BrokerID(3001))
        #expect(during.cluster.coordinator.controllers.allSatisfy { $0.error != nil })
        // That brokers do not answer is said once, as ever.
        let failures = during.cluster.failures.filter { $0.section == .quorum }
        #expect(failures.map(\.api) == ["DescribeQuorum"])
        #expect(failures.first?.message.contains("10.0.1") == false)
        let states = during.cluster.brokers.map(\.state)
        #expect(states.allSatisfy { $0 == .answering }, "\(states)")
        #expect(tries.withLock { $0 } <= 5 * controllers.ids.count, "\(tries.withLock { $0 })")
        #expect(pictures.last?.cluster.controller == BrokerID(3002))
    }

    /// Where clients log in or speak TLS the controllers' listeners have a security of their own.
    @Test func securedClustersAreAskedThroughBrokersAlone() {
        let cluster = cluster()
        let controllers = FakeControllers(cluster)
        let loop = Loop(cluster.system)
        var config = cluster.config
        config.makeLogin = { _ in NoLogin() }
        let observation = Observation(
            ClusterSession(loop: loop, config: config), mode: .live(refreshNs: 2 * second),
            publish: { _ in })
        observation.start()
        cluster.system.after(10 * second) {
            controllers.freezeLeader(electedAfterNs: 3 * second)
        }
        cluster.system.after(30 * second) { loop.stop() }
        loop.run()
        withExtendedLifetime(observation) {}
        #expect(controllers.state.withLock { $0.opened }.isEmpty)
    }
}

/// A login that asks for nothing.
private final class NoLogin: Login {
    func next(
        after answer: FrameBuffer?, versions: VersionTable
    ) throws(LoginFailure) -> LoginRequest? { nil }
}

/// Takes connections, counts them and closes them.
private final class FakeServerCounter: SimulatedServer {
    private let count: Locked<Int>
    init(_ count: Locked<Int>) { self.count = count }
    func opened(_ side: ServerSide) {
        count.withLock { $0 += 1 }
        side.end()
    }
    func received(_ bytes: [UInt8], _ side: ServerSide) {}
}
