// The same machine on real sockets: the real client reads it over loopback.
import ClusterModel
import KafkaClient
import Polling
import SimulatedCluster
import Testing
import Transport

@Suite struct LoopbackTests {
    @Test func aRealClientReadsItOverLoopback() throws {
        var shape = smallShape()
        shape.brokers = 3
        let cluster = try read(shape)
        #expect(cluster.brokers.count == 3)
        #expect(cluster.partitions.count == 60 + 50)
        #expect(cluster.groups.count == 12)
    }

    /// What the demo shows: every topic has a name of its own, and every offset is told.
    @Test func theUsualShapeIsReadWhole() throws {
        let cluster = try read(Shape())
        #expect(cluster.topics.count > 50)
    }

    private func read(_ shape: Shape) throws -> Cluster {
        let served = try LoopbackCluster(shape)
        defer { served.stop() }
        #expect(Set(served.endpoints.map(\.port)).count == shape.brokers)
        let loop = Loop(try EpollSystem())
        let pictures = Locked<(last: Cluster, isDone: Bool)>((Cluster(), false))
        let observation = Observation(
            ClusterSession(loop: loop, config: ClientConfig(bootstrap: [served.endpoints[0]])),
            mode: .once(limitNs: 10_000_000_000),
            publish: { cluster in pictures.withLock { $0.last = cluster } },
            finished: {
                pictures.withLock { $0.isDone = true }
                pictures.signal()
            })
        #expect(loop.start())
        observation.start()
        let cluster = pictures.waitUntil { $0.isDone ? $0.last : nil }
        loop.stop()
        #expect(cluster.failures.isEmpty, "\(cluster.failures.map(\.message))")
        #expect(cluster.partitions.replicaLogEnd.allSatisfy { $0 >= 0 })
        return cluster
    }
}
