// The heat map of replica lag, against what was put into a cluster.

import ClusterModel
import ModelTesting
import Testing

@Suite struct ReplicaHeatTests {
    /// Six brokers in three racks; each pair shares partitions of 1,000 records a second.
    private func cluster(_ lag: (_ leader: Int32, _ follower: Int32) -> Int64) -> Cluster {
        var builder = ClusterBuilder(brokers: 6)
        builder.addTopic("orders")
        for leader in Int32(1)...6 {
            for follower in Int32(1)...6 where follower != leader {
                let row = builder.addPartition(
                    replicas: [leader, follower], end: 1_000_000, rate: 1_000)
                let records = lag(leader, follower)
                if records > 0 {
                    builder.setLag(row, replica: 1, records, inSync: records < 30_000)
                }
            }
        }
        return builder.finish()
    }

    @Test func aBadLinkIsACell() {
        let cluster = cluster { $0 == 2 && $1 == 5 ? 12_000 : 0 }
        let heat = ReplicaHeat(cluster, by: .brokers)
        #expect(heat.followers.count == 6 && heat.leaders.count == 6 && heat.leftOut == 0)
        #expect(heat.cell(follower: 4, leader: 1).seconds == 12)
        #expect(heat.cell(follower: 1, leader: 4).seconds == 0)
        #expect(heat.cell(follower: 1, leader: 1).isEmpty)
        let found = heat.shape(hot: 5)
        #expect(found.shape == .cell(follower: 4, leader: 1) && found.hot == 1 && found.of == 30)
    }

    @Test func aSlowDiskIsARow() {
        let cluster = cluster { $1 == 3 ? Int64($0) * 10_000 : 0 }
        let heat = ReplicaHeat(cluster, by: .brokers)
        let found = heat.shape(hot: 5)
        #expect(found.shape == .row(2) && found.hot == 5 && found.of == 5 && found.seconds == 60)
        // One follower out of sync is not lost among those that are near.
        #expect(heat.ofFollower[2].outOfSync == 3 && heat.ofFollower[2].seconds == 60)
    }

    @Test func aLeaderThatIsSlowToReadIsAColumn() {
        let heat = ReplicaHeat(cluster { leader, _ in leader == 6 ? 8_000 : 0 }, by: .brokers)
        #expect(heat.shape(hot: 5).shape == .column(5))
        #expect(heat.ofLeader[5].seconds == 8 && heat.ofLeader[0].seconds == 0)
    }

    @Test func allBehindIsNoDiskAndNoLink() {
        let heat = ReplicaHeat(cluster { _, _ in 9_000 }, by: .brokers)
        #expect(heat.shape(hot: 5).shape == .everywhere)
        #expect(ReplicaHeat(cluster { _, _ in 900 }, by: .brokers).shape(hot: 5).shape == .calm)
    }

    @Test func racksAddTheirBrokersUp() {
        let racked = cluster { $0 == 2 && $1 == 5 ? 12_000 : 0 }
        let heat = ReplicaHeat(racked, by: .racks)
        #expect(heat.racks.count == 3)
        // Brokers 2 and 5 are in one rack: what each follows of the other adds up.
        let place = heat.racks.firstIndex(of: racked.brokers[1].rack ?? "") ?? -1
        let cell = heat.cell(follower: place, leader: place)
        #expect(cell.followers == 2 && cell.lag == 12_000 && cell.seconds == 6)
        #expect(heat.shape(hot: 5).shape == .cell(follower: place, leader: place))
        let all = heat.followers.reduce(Int32(0)) { $0 + heat.ofFollower[Int($1)].followers }
        #expect(all == 30)
    }

    /// Of very many sides those furthest behind are laid out, with the same figures.
    @Test func ofManyTheFurthestBehindAreLaidOut() {
        let all = cluster { $0 == 2 && $1 == 5 ? 12_000 : $1 == 4 ? 2_000 : 0 }
        let heat = ReplicaHeat(all, by: .brokers, most: 2)
        #expect(heat.followers == [3, 4] && heat.leftOut == 4)
        #expect(heat.leaders.contains(1))
        #expect(heat.cell(follower: 4, leader: 1).seconds == 12)
        #expect(heat.cell(follower: 0, leader: 1).isEmpty)
        #expect(heat.ofFollower[3].seconds == 2)
    }

    @Test func whoDoesNotAnswerIsUnknownAndNotZero() {
        var silent = cluster { _, _ in 0 }
        silent.brokers[2].state = .silent(since: silent.takenAt)
        let heat = ReplicaHeat(silent, by: .brokers)
        #expect(heat.ofFollower[2].seconds.isNaN && heat.ofFollower[2].unknown == 5)
        #expect(heat.cell(follower: 0, leader: 2).seconds.isNaN)
        #expect(heat.ofFollower[0].seconds == 0 && heat.ofFollower[0].unknown == 1)
        #expect(ReplicaHeat(SampleCluster.loading(), by: .brokers).shape(hot: 5).shape == .unknown)
    }

    /// A record or two that an idle follower in sync lacks are no minutes; one that fell out of
    /// sync of what nobody writes to has no time, and is told.
    @Test func idlePartitionsMakeNoMinutes() {
        var builder = ClusterBuilder(brokers: 2)
        builder.addTopic("quiet")
        let near = builder.addPartition(replicas: [1, 2], end: 100, rate: 0.01)
        builder.setLag(near, replica: 1, 1, inSync: true)
        let out = builder.addPartition(replicas: [1, 2], end: 100, rate: 0)
        builder.setLag(out, replica: 1, 50, inSync: false)
        let cell = ReplicaHeat(builder.finish(), by: .brokers).cell(follower: 1, leader: 0)
        #expect(cell.seconds == 0 && cell.unpaced == 1 && cell.outOfSync == 1)
    }

    @Test func aTopicAndABrokerAloneCanBeLookedAt() {
        var builder = ClusterBuilder(brokers: 3)
        builder.addTopic("a")
        let a = builder.addPartition(replicas: [1, 2, 3], end: 10_000, rate: 100)
        builder.addTopic("b")
        let b = builder.addPartition(replicas: [1, 2, 3], end: 10_000, rate: 100)
        builder.setLag(a, replica: 1, 700, inSync: true)
        builder.setLag(b, replica: 2, 900, inSync: true)
        let cluster = builder.finish()
        let topic = ReplicaHeat(cluster, by: .brokers, rows: cluster.topics[0].partitions)
        #expect(topic.ofFollower[1].seconds == 7 && topic.ofFollower[2].seconds == 0)
        let broker = ReplicaHeat(cluster, by: .brokers, only: BrokerID(3))
        #expect(broker.ofFollower[1].isEmpty && broker.ofFollower[2].seconds == 4.5)
    }
}

@Suite struct TopicReaderTests {
    @Test func groupsAreCountedOnceATopic() {
        let cluster = SampleCluster.healthy()
        let readers = TopicReaders(cluster)
        #expect(readers.isKnown && readers.isWhole)
        for topic in cluster.topics.indices {
            let wanted = cluster.groups.indices.filter { group in
                cluster.groups[group].offsets?.contains {
                    $0.partition.topic == cluster.topics[topic].name
                } == true
            }
            #expect(readers.count(topic: topic) == wanted.count)
            let found = cluster.readers(ofTopic: topic)
            #expect(found.map(\.group) == wanted)
            for reader in found {
                let offsets = (cluster.groups[reader.group].offsets ?? []).filter {
                    $0.partition.topic == cluster.topics[topic].name
                }
                #expect(reader.partitions == offsets.count)
                #expect(reader.lag ?? 0 == offsets.reduce(0) { $0 + ($1.lag ?? 0) })
            }
        }
        #expect(readers.count(topic: cluster.topicIndex(named: "orders") ?? -1) ?? 0 > 0)
    }

    @Test func whatIsNotReadIsNotNone() {
        let ill = TopicReaders(SampleCluster.ill())
        #expect(ill.isKnown && !ill.isWhole, "the offsets of zz-undescribed are not read")
        #expect(TopicReaders(SampleCluster.loading()).count(topic: 0) == nil)
    }
}
