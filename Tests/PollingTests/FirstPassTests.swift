// The first picture of a large cluster is asked at once; later, what is in view is swept faster.
import ClusterModel
import KafkaWire
import Simulation
import Testing
import Transport
import TransportTesting

@testable import Polling

@Suite struct FirstPassTests {
    private func largeCluster() -> FakeCluster {
        let cluster = FakeCluster()
        cluster.addTopics(10, partitions: 7, perSecond: 10)
        cluster.change { state in
            for number in 0..<50 {
                state.groups["g\(number)"] = .init(coordinator: Int32(number % 3) + 1)
            }
        }
        return cluster
    }

    /// 210 replicas and 50 groups are more than a round of these.
    private var budget: Budget {
        var budget = Budget()
        budget.replicasPerRound = 40
        budget.groupsPerRound = 7
        budget.groupsPerRequest = 3
        return budget
    }

    @Test func theFirstPictureIsWholeBeforeTheSecondRound() throws {
        let pictures = observe(largeCluster(), seconds: 1.9, budget: budget)
        let picture = try #require(pictures.last?.cluster)
        #expect(picture.partitions.replicaCount == 210)
        #expect(picture.partitions.replicaLogEnd.allSatisfy { $0 >= 0 })
        #expect(picture.partitions.highWatermark.allSatisfy { $0 >= 0 })
        #expect(picture.partitions.logStart.allSatisfy { $0 >= 0 })
        #expect(picture.groups.count == 50)
        #expect(picture.groups.allSatisfy { $0.members != nil && $0.offsets != nil })
        #expect(picture.failures.isEmpty)
    }

    /// Later a round asks no more than its share: whole passes would be 31 times 210.
    @Test func laterRoundsArePaced() {
        let cluster = largeCluster()
        let pictures = observe(cluster, seconds: 60, budget: budget)
        let last = pictures.last?.cluster ?? Cluster()
        let answered = Set(last.partitions.replicaLogEndAt)
        #expect(answered.count >= 6)
    }

    @Test func whatIsInViewIsSweptFaster() throws {
        var interest = Interest()
        let none = interest
        interest.wantsAllReplicas = true
        interest.wantsAllGroups = true
        interest.wantsSizes = true
        let all = interest
        let pictures = observe(
            largeCluster(), seconds: 40, budget: budget,
            script: [(10, { $0.setInterest(all) }), (24, { $0.setInterest(none) })])
        func intervals(_ at: Double) -> [Double?] {
            let picture = pictures.last { $0.at < at }?.cluster ?? Cluster()
            return [Section.offsets, .groups, .logDirs].map { picture.health($0).intervalSeconds }
        }
        // 210 replicas at 40 or 80 a round, 50 groups at 7 or 14, of 2 s each.
        #expect(intervals(9.9) == [12, 16, 120])
        #expect(intervals(23.9) == [6, 8, 30])
        #expect(intervals(39.9) == [12, 16, 120])
        let sizes = pictures.last?.cluster.partitions.replicaSize ?? []
        #expect(sizes.count == 210 && sizes.allSatisfy { $0 >= 0 })
    }

    /// A broker that was silent in the first pass is asked for all it has as soon as it is back.
    @Test func aBrokerThatWasSilentCatchesUpAtOnce() throws {
        let cluster = largeCluster()
        cluster.freeze(2)
        cluster.system.after(20 * second) { cluster.thaw(2) }
        let pictures = observe(cluster, seconds: 30, budget: budget)
        let before = try #require(pictures.last { $0.at < 19.9 }?.cluster)
        #expect(before.partitions.replicaLogEnd.contains { $0 < 0 })
        let after = try #require(pictures.first { $0.at > 25 }?.cluster)
        #expect(after.partitions.replicaLogEnd.allSatisfy { $0 >= 0 })
    }
}
