// Leaders as they are and should be, against sums made the slow and obvious way.

import ClusterModel
import ModelTesting
import Testing

@Suite struct LeadershipTests {
    @Test(arguments: ["healthy", "ill", "huge"]) func sumsAreThoseOfThePartitions(_ name: String) {
        let cluster =
            switch name {
            case "healthy": SampleCluster.healthy()
            case "ill": SampleCluster.ill()
            default: SampleCluster.huge(brokers: 40, partitions: 3_000, groups: 1, topics: 60)
            }
        let sums = Leadership(cluster)
        var (electable, wrong) = (0, 0)
        for (index, broker) in cluster.brokers.enumerated() {
            var wanted = Leadership.Share()
            for row in 0..<cluster.partitions.count {
                let view = cluster.partition(row)
                if view.leader == broker.id { wanted.leaders += 1 }
                if view.preferredLeader == broker.id { wanted.preferred += 1 }
                guard view.isWrongLeader else { continue }
                let preferred = cluster.broker(view.preferredLeader)
                let isReady =
                    switch preferred?.state {
                    case nil, .missing?, .fenced?: false
                    default: preferred?.isListed == true && preferred?.isFenced == false
                    }
                guard isReady, view.isr.contains(view.preferredLeader) else { continue }
                if view.preferredLeader == broker.id { wanted.gained += 1 }
                if view.leader == broker.id { wanted.lost += 1 }
            }
            let found = sums.brokers[index]
            #expect(found.leaders == wanted.leaders && found.leaders == broker.leaderCount)
            #expect(found.preferred == wanted.preferred)
            #expect(found.gained == wanted.gained && found.lost == wanted.lost, "\(broker.id)")
            electable += wanted.gained
            for topic in cluster.topics.indices {
                let leaders = cluster.topics[topic].partitions.count {
                    cluster.partitions.leader[$0] == broker.id.value
                }
                #expect(Int(sums.cell(topic: topic, broker: index)?.leaders ?? 0) == leaders)
            }
        }
        wrong = (0..<cluster.partitions.count).count { cluster.partitions.isWrongLeader($0) }
        #expect(sums.electable == electable && sums.stuck == wrong - electable)
        let racked = sums.racks.reduce(0) { $0 + $1.share.leaders }
        let inRacks = cluster.brokers.filter { $0.rack != nil }.reduce(0) { $0 + $1.leaderCount }
        #expect(racked == inRacks)
    }

    @Test func afterAnElectionNothingIsLeftToElect() {
        var cluster = SampleCluster.huge(brokers: 12, partitions: 600, groups: 1, topics: 20)
        let before = Leadership(cluster)
        #expect(before.electable > 0)
        for row in 0..<cluster.partitions.count
        where cluster.partitions.isWrongLeader(row) && Leadership.canElect(cluster.partitions, row)
        {
            cluster.partitions.leader[row] = cluster.partitions.preferredLeader(row)
        }
        let after = Leadership(cluster)
        #expect(after.electable == 0 && after.stuck == before.stuck)
        #expect(after.brokers.map(\.leaders) == before.brokers.map(\.after))
    }

    @Test func nothingKnownIsNothingLed() {
        let sums = Leadership(Cluster())
        #expect(sums.fair == nil && sums.brokers.isEmpty && sums.cells(ofTopic: 3).isEmpty)
    }
}
