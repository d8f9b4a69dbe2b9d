// Swarm: each seed enables its own faults. Pictures stay true through all of them and the cluster
// is whole again afterwards.
import ClusterModel
import Glibc
import SimulatedCluster
import Simulation
import Testing
import Transport

@Suite struct ChaosTests {
    /// Each seed turns on its own subset of faultRates.
    private func shape(_ seed: UInt64) -> Shape {
        var generator = SeededGenerator(seed: seed &* 7919)
        func chance(_ most: Double) -> Double {
            let roll = generator.next()
            return roll & 1 == 0 ? 0 : Double(roll >> 32 & 255) / 255 * most
        }
        var shape = Shape()
        shape.seed = seed
        shape.brokers = 4 + Int(generator.next() % 3)
        shape.partitions = 16
        shape.groups = 5
        shape.scenario = generator.next() % 3 == 0 ? .quietDay : .chaos
        shape.storyAtSeconds = 8
        shape.faultRates.drop = chance(0.03)
        shape.faultRates.silence = chance(0.01)
        shape.faultRates.delay = chance(0.2)
        shape.faultRates.error = chance(0.1)
        shape.faultsEndAtSeconds = 60
        let releases: [(Release, Coordination)] = [
            (.v24, .zookeeper), (.v39, .kraft), (.v39, .zookeeper), (.v43, .kraft),
        ]
        (shape.release, shape.coordination) = releases[Int(generator.next() % 4)]
        shape.faultRates.staleSeconds = chance(5)
        shape.upgradedBrokers = Int(chance(3))
        return shape
    }

    private struct Findings {
        var faults: [String] = []
        var partitions = 0
        var topics = 0
    }

    private func faults(_ seed: UInt64) -> [String] {
        let findings = Locked(Findings())
        let cluster = Watched.run(
            shape(seed), seconds: 110, refreshSeconds: 3,
            each: { cluster in
                findings.withLock { check(cluster, &$0) }
            }
        ).last
        var faults = findings.withLock { $0.faults }
        if !cluster.brokers.allSatisfy({ $0.isListed }) { faults.append("a broker stays lost") }
        if !cluster.failures.isEmpty {
            faults.append("failures stay: \(cluster.failures.map(\.message))")
        }
        if cluster.counts["offline", default: 0] > 0 { faults.append("partitions stay offline") }
        return faults
    }

    private func check(_ cluster: Cluster, _ findings: inout Findings) {
        let table = cluster.partitions
        if table.count < findings.partitions || cluster.topics.count < findings.topics {
            findings.faults.append(
                "rows vanished: \(findings.partitions) to \(table.count) partitions")
        }
        findings.partitions = table.count
        findings.topics = cluster.topics.count
        if let rate = table.replicaRate.first(where: { $0 < 0 }) {
            findings.faults.append("a replica's rate of \(rate)")
        }
        for group in cluster.groups {
            for offset in group.offsets ?? [] where (offset.consumedPerSecond ?? 0) < 0 {
                findings.faults.append("\(group.id) consumes backwards")
            }
        }
        if (cluster.totals.recordsPerSecond ?? 0) < 0 { findings.faults.append("flows back") }
    }

    @Test func twentySeeds() {
        let chosen = getenv("CHAOS_SEED").flatMap { UInt64(String(cString: $0)) }
        for seed in chosen.map({ [$0] }) ?? Array(1...20) {
            let found = faults(seed)
            #expect(
                found.isEmpty,
                """
                seed \(seed): \(found.prefix(3).joined(separator: "; ")). Replay: \
                CHAOS_SEED=\(seed) swift test --filter ChaosTests
                """)
        }
    }

    /// For a fixed script the n-th exchange fails, for every n: the next rounds make up for it.
    @Test func everyExchangeMayFail() {
        var shape = Shape()
        shape.brokers = 3
        shape.partitions = 6
        shape.groups = 3
        let total = Locked(0)
        _ = Watched.run(
            shape, seconds: 3.5,
            atEnd: { network in
                let count = network.inspect(\.exchanges)
                total.withLock { $0 = count }
            })
        let exchanges = total.withLock { $0 }
        #expect(exchanges > 20)
        for number in 1...exchanges {
            shape.faultRates.failingExchange = number
            let cluster = Watched.run(shape, seconds: 16).last
            let isWhole =
                cluster.failures.isEmpty && cluster.brokers.count == 3
                && cluster.totals.recordsPerSecond ?? 0 > 0
                && cluster.groups.allSatisfy { $0.offsets != nil }
            #expect(isWhole, "after the failure of exchange \(number): \(cluster.failures)")
        }
    }
}
