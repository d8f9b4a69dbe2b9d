// Snapshots over links that are slow, jitter or stand still, and of a cluster on one slow machine:
// within the time they were given they are whole.
import ClusterModel
import KafkaClient
import Polling
import SimulatedCluster
import Simulation
import Testing
import Transport

@Suite struct LinkSnapshotTests {
    /// One pass within `seconds`; nil where it had not finished by then.
    private func snapshot(
        _ shape: Shape, _ link: SimulatedLink, seconds: UInt64 = 60
    ) -> (cluster: Cluster, seconds: Double)? {
        let system = SimulatedSystem(seed: shape.seed, cuts: false)
        system.setLink(link)
        let network = ClusterNetwork(shape, on: system)
        defer { network.dismantle() }
        let loop = Loop(system)
        let pictures = Locked<Cluster?>(nil)
        let isDone = Locked(false)
        let observation = Observation(
            ClusterSession(
                loop: loop,
                config: ClientConfig(bootstrap: network.bootstrap).within(seconds * second)),
            mode: .once(limitNs: seconds * second),
            publish: { cluster in pictures.withLock { $0 = cluster } },
            finished: {
                isDone.withLock { $0 = true }
                loop.stop()
            })
        observation.start()
        let begun = system.now()
        loop.run(until: begun + seconds * second)
        loop.stop()
        loop.run()
        withExtendedLifetime(observation) {}
        guard isDone.withLock({ $0 }), let cluster = pictures.withLock({ $0 }) else { return nil }
        return (cluster, Double(system.now() - begun) / 1e9)
    }

    private func expectWhole(
        _ shape: Shape, _ link: SimulatedLink, seconds: UInt64 = 60, atLeast: Double = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let told = try #require(
            snapshot(shape, link, seconds: seconds), "not finished", sourceLocation: sourceLocation)
        let cluster = told.cluster
        #expect(
            cluster.failures.isEmpty,
            "after \(told.seconds) s: \(cluster.failures.prefix(5).map(\.message))",
            sourceLocation: sourceLocation)
        #expect(
            cluster.partitions.replicaLogEnd.allSatisfy { $0 >= 0 }, sourceLocation: sourceLocation)
        #expect(cluster.groups.count == shape.groups, sourceLocation: sourceLocation)
        #expect(
            cluster.groups.allSatisfy { $0.type == "share" || $0.offsets != nil },
            sourceLocation: sourceLocation)
        #expect(cluster.brokers.allSatisfy { !$0.isIll }, sourceLocation: sourceLocation)
        #expect(told.seconds >= atLeast, "the link was no link", sourceLocation: sourceLocation)
    }

    private var threeBrokers: Shape {
        var shape = Shape()
        shape.brokers = 3
        shape.partitions = 3_000
        shape.groups = 300
        return shape
    }

    @Test func aSlowLink() throws {
        var link = SimulatedLink()
        link.bytesPerSecond = 128_000
        try expectWhole(threeBrokers, link, atLeast: 5)
    }

    @Test func jitter() throws {
        var link = SimulatedLink()
        link.jitterNs = 2 * second
        try expectWhole(threeBrokers, link, atLeast: 2)
    }

    @Test(arguments: [0.05, 0.5, 2.0])
    func aStall(at begins: Double) throws {
        var link = SimulatedLink()
        link.bytesPerSecond = 512_000
        let from = SimulatedSystem.startNs + UInt64(begins * 1e9)
        link.stalls = [.init(.down, fromNs: from, toNs: from + 20 * second)]
        try expectWhole(threeBrokers, link, atLeast: begins < 1 ? 20 : 0)
    }

    /// 120 brokers in one process that answers 60 questions a second: far more than anybody waits
    /// for one of them when all are asked at once.
    @Test func aSlowMachine() throws {
        var shape = Shape()
        shape.brokers = 120
        shape.partitions = 2_400
        shape.groups = 200
        var link = SimulatedLink()
        link.workNs = second / 60
        try expectWhole(shape, link, seconds: 60, atLeast: 10)
    }
}
