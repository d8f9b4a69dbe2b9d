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
        let served = try LoopbackCluster(shape)
        defer { served.stop() }
        #expect(served.endpoints.count == 3)
        #expect(Set(served.endpoints.map(\.port)).count == 3)
        let loop = Loop(try EpollSystem())
        let pictures = Locked<(last: Cluster, isDone: Bool)>((Cluster(), false))
        let observation = Observation(
            loop: loop, config: ClientConfig(bootstrap: [served.endpoints[0]]),
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
        #expect(cluster.brokers.count == 3)
        #expect(cluster.failures.isEmpty, "\(cluster.failures.map(\.message))")
        #expect(cluster.partitions.count == 60 + 50)
        #expect(cluster.groups.count == 12)
        #expect(cluster.partitions.replicaEnd.allSatisfy { $0 >= 0 })
    }
}
