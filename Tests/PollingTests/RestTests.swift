// A cluster at rest: what stands still is asked less and less, what moves in each round, and
// nothing shown is older than it may be.
import ClusterModel
import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

@testable import Polling

@Suite struct RestTests {
    /// A tenth of 3,010 partitions of three replicas, 40 of them written, and of 300 groups.
    private func makeCluster() -> FakeCluster {
        let cluster = FakeCluster()
        cluster.addTopics(30, partitions: 10)
        let now = cluster.system.now()
        cluster.change { state in
            for topic in 0..<4 {
                state.topics["t\(topic)"]?[0].perSecond = 100
                state.topics["t\(topic)"]?[0].since = now
            }
            for number in 0..<30 {
                state.groups["g\(number)"] = .init(
                    coordinator: Int32(number % 3) + 1, topic: "t\(number)", follows: number < 4)
            }
        }
        return cluster
    }

    /// A tenth of what such a cluster may cost, but for what does not depend on its size.
    private let budget = {
        var budget = Budget()
        budget.offsetBytesPerSecond /= 10
        budget.groupBytesPerSecond /= 10
        budget.groupListBytesPerSecond /= 10
        budget.metadataBytesPerSecond /= 10
        budget.logDirBytesPerSecond /= 10
        budget.configBytesPerSecond /= 10
        return budget
    }()

    @Test func costFollowsWhatChanges() throws {
        let cluster = makeCluster()
        let all = observe(cluster, seconds: 180, budget: budget)
        let late = all.filter { $0.at > 90 }
        #expect(late.count > 30)
        let mean =
            late.map { $0.cluster.traffic.bytesInPerSecond + $0.cluster.traffic.bytesOutPerSecond }
            .reduce(0, +) / Double(late.count)
        #expect(mean < 7_500, "\(mean) bytes a second at rest")
        #expect(mean > 1_000)
        for (at, cluster) in late {
            #expect(cluster.failures.isEmpty)
            #expect(cluster.totals.staleRateCount == 0, "at \(at)")
            let ages = (0..<cluster.partitions.count).map {
                cluster.takenAt.seconds(since: cluster.partition($0).logEndAt)
            }
            #expect(ages.max() ?? 99 < 10, "at \(at)")
            for topic in 0..<4 {
                let row = try #require(
                    cluster.row(of: PartitionKey(topic: "t\(topic)", partition: 0)))
                let view = cluster.partition(row)
                #expect(abs((view.recordsPerSecond ?? 0) - 100) < 2)
                #expect(cluster.takenAt.seconds(since: view.logEndAt) < 3)
                #expect(view.worstLag ?? 99 <= 1)
            }
        }
        let last = try #require(late.last).cluster
        #expect(last.totals.recordsPerSecond.map { abs($0 - 400) < 4 } == true)
        #expect((0..<last.partitions.count).allSatisfy { last.partition($0).worstLag ?? 99 <= 1 })
        // What follows reads on, what stands is known to stand.
        let following = try #require(last.group("g3"))
        #expect(following.consumedPerSecond.map { abs($0 - 100) < 5 } == true)
        #expect(last.group("g20")?.consumedPerSecond == 0)
        #expect(last.groups.allSatisfy { $0.unknownLagCount == 0 })
    }

    /// What begins to move is seen within ten seconds, without a lag that is not there; what is
    /// looked at, sooner.
    @Test(arguments: [false, true]) func whatBeginsToMoveIsSeen(isLookedAt: Bool) throws {
        let cluster = makeCluster()
        var interest = Interest()
        if isLookedAt { interest.topics = ["t25"] }
        let wanted = interest
        let begun = 120.5
        let write: @Sendable (Observation) -> Void = { _ in
            let now = cluster.system.now()
            cluster.change { state in
                state.topics["t25"]?[4].perSecond = 50
                state.topics["t25"]?[4].since = now
            }
        }
        let all = observe(
            cluster, seconds: 150, budget: budget,
            script: [(100, { $0.setInterest(wanted) }), (begun, write)])
        func view(_ cluster: Cluster) throws -> PartitionView {
            cluster.partition(
                try #require(cluster.row(of: PartitionKey(topic: "t25", partition: 4))))
        }
        let firstSeen = all.first {
            $0.at > begun && (try? view($0.cluster).recordsPerSecond ?? 0) ?? 0 > 0
        }
        let seen = try #require(firstSeen)
        #expect(seen.at - begun < (isLookedAt ? 7 : 12), "seen after \(seen.at - begun) s")
        for (at, cluster) in all where at > begun {
            let lag = try view(cluster).worstLag ?? 0
            #expect(lag < 101, "at \(at)")
        }
        let last = try #require(all.last)
        // The replicas are read moments apart.
        #expect(try view(last.cluster).worstLag ?? 99 <= 1)
        #expect(try abs((view(last.cluster).recordsPerSecond ?? 0) - 50) < 2)
    }

    /// A small cluster is asked about everything in each round, as it was.
    @Test func whatCostsLittleIsAskedInEachRound() throws {
        let cluster = FakeCluster()
        cluster.addTopics(10, partitions: 5)
        let all = observe(cluster, seconds: 60)
        let last = try #require(all.last).cluster
        #expect(
            (0..<last.partitions.count).allSatisfy {
                last.takenAt.seconds(since: last.partition($0).logEndAt) < 3
            })
    }

    @Test func turnsGrowWithStillness() {
        let second = Limits.second
        func rounds(_ still: UInt64, _ most: UInt64 = 28) -> UInt64 {
            Pace.rounds(still: still * second, round: 2 * second, most: most * second)
        }
        #expect(
            [0, 4, 7, 8, 15, 16, 31, 32, 63, 64, 1_000].map { rounds($0) }
                == [1, 1, 1, 2, 2, 4, 4, 8, 8, 14, 14])
        #expect([0, 8, 16, 32, 1_000].map { rounds($0, 8) } == [1, 2, 4, 4, 4])
        // Rounds that take longer than a thing may wait.
        #expect(Pace.rounds(still: 900 * second, round: 20 * second, most: 8 * second) == 1)
        #expect(
            Pace.interval(bytes: 150_000, bytesPerSecond: 12_000, least: 0, most: 14 * second)
                == 25 * second / 2)
        #expect(
            Pace.interval(bytes: .max, bytesPerSecond: 0, least: second, most: 9 * second)
                == 9 * second)
    }
}
