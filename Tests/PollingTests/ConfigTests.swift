// Configs of topics: swept for all, and read again soon for those in view.
import ClusterModel
import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

@testable import Polling

@Suite struct ConfigTests {
    private func cluster() -> FakeCluster {
        let cluster = FakeCluster()
        cluster.addTopics(4, partitions: 3)
        cluster.system.after(10_500_000_000) { cluster.change { $0.minInsyncReplicas = "1" } }
        return cluster
    }

    private func values(_ cluster: Cluster?) -> [String?] {
        (cluster?.topics.indices ?? 0..<0).map { cluster?.overrides(topic: $0)?.first?.value }
    }

    @Test func whatIsInViewIsReadSoonAndTheRestIsSwept() throws {
        let cluster = cluster()
        var interest = Interest()
        interest.configs = ["t1"]
        let taken = observe(
            cluster, seconds: 70, script: [(5, { [interest] in $0.setInterest(interest) })])
        #expect(values(taken.last { $0.at < 10 }?.cluster) == ["2", "2", "2", "2"])
        let soon = try #require(taken.last { $0.at < 18 }?.cluster)
        #expect(values(soon) == ["2", "1", "2", "2"])
        #expect(soon.topics.indices.map { soon.minInsyncReplicas(topic: $0) } == [2, 1, 2, 2])
        let events = soon.events.events.filter { $0.kind == .config }
        #expect(events.map(\.subject) == [.topic("t1")])
        #expect(
            events.map(\.change) == [.config(key: "min.insync.replicas", from: "2", to: "1")])
        #expect(values(taken.last?.cluster) == ["1", "1", "1", "1"])
    }

    @Test func nothingInViewIsAskedOnceAMinute() {
        let cluster = cluster()
        let taken = observe(cluster, seconds: 59)
        #expect(cluster.received(32) == 1)
        #expect(values(taken.last?.cluster) == ["2", "2", "2", "2"])
    }
}
