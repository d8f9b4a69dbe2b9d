// Views, lookups and staleness: what a row of the columns means.

import ClusterModel
import ModelTesting
import Testing

@Suite struct Views {
    @Test func healthyPartition() throws {
        let cluster = SampleCluster.healthy()
        let row = try #require(cluster.row(of: PartitionKey(topic: "orders", partition: 2)))
        let view = cluster.partition(row)
        #expect(view.key == PartitionKey(topic: "orders", partition: 2))
        #expect(view.leader == BrokerID(1))
        #expect(view.preferredLeader == BrokerID(1))
        #expect(view.replicas.map(\.broker.value) == [1, 2, 3])
        #expect(view.isr == view.replicas.map(\.broker))
        #expect(view.logEnd == 1_999_998)
        #expect(view.worstLag == 0)
        #expect(view.sizeBytes == 799_999_200)
        #expect(view.recordsPerSecond == 15_000)
        #expect(!view.isStale && !view.isMoving)
        #expect(view.isUnderMinISR == false)
        #expect(view.replicas.filter(\.isLeader).map(\.broker) == [BrokerID(1)])
    }

    @Test func illPartitions() throws {
        let cluster = SampleCluster.ill()
        func view(_ topic: String, _ partition: Int32) throws -> PartitionView {
            let key = PartitionKey(topic: topic, partition: partition)
            return cluster.partition(try #require(cluster.row(of: key)))
        }
        let offline = try view("clicks", 0)
        #expect(offline.isOffline && !offline.isWrongLeader)
        #expect(offline.logEnd == nil && offline.worstLag == nil)
        #expect(offline.offlineReplicas.count == 3)
        #expect(offline.isUnderMinISR == true)

        #expect(try view("clicks", 1).isWrongLeader)

        let unknown = try view("clicks", 3)
        #expect(unknown.logEnd == nil && unknown.recordsPerSecond == nil)
        #expect(unknown.highWatermark == nil && unknown.worstLag == nil)
        #expect(unknown.replicas.allSatisfy { $0.lag == nil })

        let behind = try view("orders", 0)
        #expect(behind.isUnderReplicated && behind.isUnderMinISR == true)
        #expect(behind.worstLag == 48_100)
        #expect(behind.replicas[1].lag == 48_100)
        #expect(behind.replicas[1].lagPerSecond == 2_100)
        #expect(behind.replicas[1].secondsToCatchUp == .infinity)
        #expect(abs((behind.replicas[2].secondsToCatchUp ?? 0) - 14_200.0 / 900) < 0.001)
        #expect(behind.replicas[0].secondsToCatchUp == 0)

        let moving = try view("payments", 0)
        #expect(moving.isMoving && !moving.isUnderReplicated)
        #expect(moving.addingReplicas == [BrokerID(4)])
        #expect(moving.removingReplicas == [BrokerID(1)])
        #expect(moving.preferredLeader == BrokerID(4))
        #expect(moving.isWrongLeader)
    }

    @Test func lagIsNeverNegative() {
        var builder = ClusterBuilder(brokers: 2)
        builder.addTopic("t")
        let row = builder.addPartition(replicas: [1, 2], end: 50)
        builder.change(row, replica: 1) { $0.replicaLogEnd[$1] = 60 }
        let cluster = builder.finish()
        #expect(cluster.partition(row).worstLag == 0)
        #expect(cluster.partition(row).replicas[1].lag == 0)
    }

    @Test func lagIsThatOfOneMoment() {
        var builder = ClusterBuilder(brokers: 2)
        builder.addTopic("t")
        let row = builder.addPartition(replicas: [1, 2], end: 5_000)
        var cluster = builder.finish()
        let second: UInt64 = 1_000_000_000
        let first = cluster.partitions.replicas(of: row).lowerBound
        cluster.partitions.logEndBefore = [1_040]
        cluster.partitions.logEndBeforeAt = [20 * second]
        cluster.partitions.replicaLogEnd[first + 1] = 1_000
        cluster.partitions.replicaLogEndAt[first] = 40 * second
        // Seconds at which the follower was read, and its lag: the leader has written 198 a second
        // between its two reads. Where no read is of that time, all that is known to be written.
        let cases: [(at: UInt64, lag: Int64)] = [
            (40, 4_000), (39, 3_802), (41, 4_000), (20, 40), (21, 238), (19, 0), (22, 436),
            (18, 4_000), (1, 4_000),
        ]
        for (at, lag) in cases {
            cluster.partitions.replicaLogEndAt[first + 1] = at * second
            #expect(cluster.partitions.lag(first + 1, of: row) == lag, "read at \(at) s")
            #expect(cluster.partitions.worstLag(row) == lag)
            #expect(cluster.partition(row).replicas[1].lag == lag)
            #expect(cluster.partitions.lag(first, of: row) == 0)
            cluster.summarise()
            #expect(cluster.broker(BrokerID(2))?.worstReplicaLag == lag)
        }
        cluster.partitions.logEndBefore = []
        cluster.partitions.logEndBeforeAt = []
        cluster.partitions.replicaLogEndAt[first + 1] = 20 * second
        #expect(cluster.partitions.lag(first + 1, of: row) == 4_000)
    }

    /// A follower in sync that was read some tenths of a second before its leader has what the
    /// leader had then, however unevenly the leader writes; one out of sync is not taken for it.
    @Test func readingTimesAreNoLag() {
        var builder = ClusterBuilder(brokers: 2)
        builder.addTopic("t")
        let row = builder.addPartition(replicas: [1, 2], end: 5_000)
        var cluster = builder.finish()
        let second: UInt64 = 1_000_000_000
        let leader = cluster.partitions.replicas(of: row).lowerBound
        cluster.partitions.logEndBefore = [4_000]
        cluster.partitions.logEndBeforeAt = [10 * second]
        cluster.partitions.replicaLogEndAt[leader] = 12 * second
        cluster.partitions.replicaLogEndAt[leader + 1] = 12 * second - second / 4
        // 500 a second: 4,875 where it wrote evenly, 62 more or less are not told apart.
        for (end, lag) in [(4_880, 0), (4_815, 0), (4_810, 65), (4_000, 875)] {
            cluster.partitions.replicaLogEnd[leader + 1] = Int64(end)
            #expect(cluster.partitions.lag(leader + 1, of: row) == lag, "at \(end)")
        }
        cluster.partitions.replicaFlags[leader + 1].remove(.inSync)
        cluster.partitions.replicaLogEnd[leader + 1] = 4_815
        #expect(cluster.partitions.lag(leader + 1, of: row) == 60)
    }

    @Test func lookupsAgreeWithScans() {
        let cluster = SampleCluster.huge(brokers: 30, partitions: 2_000, groups: 50, topics: 300)
        for row in 0..<cluster.partitions.count {
            #expect(cluster.row(of: cluster.key(ofRow: row)) == row)
            for index in cluster.partitions.replicas(of: row) {
                #expect(cluster.partitions.row(ofReplica: index) == row)
                let key = ReplicaKey(
                    partition: cluster.key(ofRow: row),
                    broker: BrokerID(cluster.partitions.replicaBroker[index]))
                #expect(cluster.replicaRow(of: key) == index)
            }
        }
        #expect(cluster.row(of: PartitionKey(topic: "topic-007", partition: 999)) == nil)
        #expect(cluster.row(of: PartitionKey(topic: "nowhere", partition: 0)) == nil)
        #expect(cluster.broker(BrokerID(30))?.id == BrokerID(30))
        #expect(cluster.broker(BrokerID(31)) == nil)
        #expect(cluster.group("group-07")?.id == "group-07")
        let held = cluster.partitions.replicaBroker.filter { $0 == 3 }
        #expect(held.count == cluster.brokers[2].replicaCount)
    }

    @Test func partitionNumbersWithHoles() {
        var builder = ClusterBuilder(brokers: 1)
        builder.addTopic("t")
        for _ in 0..<3 { builder.addPartition(replicas: [1]) }
        builder.cluster.partitions.partition = [1, 5, 9]
        let cluster = builder.finish()
        let rows = [1, 5, 9, 0, 2, -1].map {
            cluster.row(of: PartitionKey(topic: "t", partition: $0))
        }
        #expect(rows == [0, 1, 2, nil, nil, nil])
    }

    @Test func staleness() {
        var cluster = SampleCluster.healthy()
        let now = cluster.takenAt.ns
        func at(_ secondsAgo: Double) -> Instant { Instant(ns: now - UInt64(secondsAgo * 1e9)) }
        let broker = BrokerID(1)
        // Interval 2 s: stale after 6 s.
        #expect(!cluster.isStale(offsetAt: at(5.9), of: broker))
        #expect(cluster.isStale(offsetAt: at(6.1), of: broker))
        #expect(cluster.isStale(offsetAt: .never, of: broker))
        #expect(cluster.isStale(offsetAt: at(0), of: BrokerID(99)))
        cluster.sections[.offsets]?.intervalSeconds = 30
        #expect(!cluster.isStale(offsetAt: at(80), of: broker))
        cluster.sections[.offsets]?.intervalSeconds = 0.5
        #expect(!cluster.isStale(offsetAt: at(4.9), of: broker))
        cluster.brokers[0].state = .silent(since: at(1))
        #expect(cluster.isStale(offsetAt: at(0.1), of: broker))
    }
}

@Suite struct Summaries {
    /// The tight loops against the views, which say the same the slow way.
    @Test(arguments: ["healthy", "ill", "huge"]) func agreeWithViews(_ name: String) {
        let cluster =
            switch name {
            case "healthy": SampleCluster.healthy()
            case "ill": SampleCluster.ill()
            default: SampleCluster.huge(brokers: 20, partitions: 1_500, groups: 20, topics: 100)
            }
        let views = (0..<cluster.partitions.count).map { cluster.partition($0) }
        let fresh = views.filter { !$0.isStale }
        let sum = fresh.compactMap(\.recordsPerSecond).reduce(0, +)
        #expect(abs((cluster.totals.recordsPerSecond ?? -1) - sum) < 1e-6 * max(1, sum))
        let known = fresh.count { $0.recordsPerSecond != nil }
        #expect(cluster.totals.staleRateCount == views.count - known)
        for broker in cluster.brokers {
            let led = views.filter { $0.leader == broker.id }
            #expect(broker.leaderCount == led.count)
            #expect(broker.preferredLeaderCount == views.count { $0.preferredLeader == broker.id })
            let hosted = views.flatMap { view in
                view.replicas.filter { $0.broker == broker.id }
            }
            #expect(broker.replicaCount == hosted.count)
            #expect(broker.worstReplicaLag == hosted.compactMap(\.lag).max())
        }
        for (i, topic) in cluster.topics.enumerated() {
            let rows = views.filter { $0.topicIndex == i }
            #expect(topic.sizeBytes == rows.compactMap(\.sizeBytes).reduce(0, +) || rows.isEmpty)
            #expect(topic.offlineCount == rows.count { $0.isOffline })
            #expect(topic.underReplicatedCount == rows.count { $0.isUnderReplicated })
        }
    }

    @Test func unknownIsNotZero() {
        let loading = SampleCluster.loading()
        #expect(loading.totals.recordsPerSecond == nil)
        #expect(loading.brokers.allSatisfy { $0.recordsPerSecond == nil })
        let empty = SampleCluster.empty()
        #expect(empty.totals.recordsPerSecond == 0)
    }

    /// Sizes are read less often than offsets: of a topic whose first records came since, the bytes
    /// are not known, and the sum of the others' is not that of the cluster.
    @Test func bytesOfSomeAreNotThoseOfAll() {
        var builder = ClusterBuilder(brokers: 1)
        builder.addTopic("busy")
        builder.addPartition(replicas: [1], rate: 1_000)
        builder.addTopic("quiet")
        builder.addPartition(replicas: [1], rate: 8)
        var cluster = builder.finish()
        #expect(cluster.totals.bytesPerSecond == 100_800)
        cluster.partitions.bytesPerSecond[0] = .nan
        cluster.summarise()
        #expect(cluster.totals.bytesPerSecond == nil)
        #expect(cluster.topics.map(\.bytesPerSecond) == [nil, 800])
        #expect(cluster.totals.recordsPerSecond == 1_008)
        // What weighs next to nothing takes nothing away.
        cluster.partitions.bytesPerSecond = [100_000, .nan]
        cluster.summarise()
        #expect(cluster.totals.bytesPerSecond == 100_000)
    }

    @Test func silentLeaderLeavesTheSum() {
        var cluster = SampleCluster.healthy()
        let whole = cluster.totals.recordsPerSecond ?? 0
        let lost = cluster.brokers[2].recordsPerSecond ?? 0
        cluster.brokers[2].state = .silent(since: cluster.takenAt)
        cluster.summarise()
        #expect(lost > 0)
        #expect(abs((cluster.totals.recordsPerSecond ?? 0) - (whole - lost)) < 0.01)
        #expect(cluster.totals.staleRateCount == cluster.brokers[2].leaderCount)
        #expect(cluster.brokers[2].recordsPerSecond == nil)
    }

    /// A wait that is told does not change with each look.
    @Test func waitsAreRounded() {
        for (seconds, words) in [
            (1, "30 s"), (30, "30 s"), (31, "60 s"), (61, "2 m"), (150, "5 m"), (700, "15 m"),
        ] as [(Double, String)] {
            #expect(NumberFormat.roundedWait(seconds) == words)
        }
        #expect(
            [3_599, 3_700, 50_000, 100_000].map { NumberFormat.roundedSeconds($0) }
                == [3_600, 7_200, 86_400, 172_800])
        #expect(NumberFormat.roundedWait(.nan) == NumberFormat.unknown)
    }

    @Test func unknownEndIsUnknownLag() {
        let cluster = SampleCluster.ill()
        let group = cluster.group("click-stream")
        #expect(group?.unknownLagCount == 1)
        #expect(group?.lag == 1_320)
    }

    /// The bastion's clock may be minutes off: voters are late by their leader's, in any case.
    @Test func votersAreLateByTheirLeadersClock() {
        func quorum(leaderAt: Int64?, followerAt: Int64) -> Quorum {
            func voter(_ id: Int32, _ ms: Int64?) -> Quorum.Replica {
                Quorum.Replica(
                    id: BrokerID(id), logEndOffset: 7, lastFetchAt: ms.map { WallTime(ms: $0) })
            }
            return Quorum(
                leader: BrokerID(1), leaderEpoch: 1, highWatermark: 7,
                voters: [voter(1, leaderAt), voter(2, followerAt)], observers: [])
        }
        let told: Int64 = 1_000_000
        for (late, isVoting) in [(0, true), (2_999, true), (3_000, false), (60_000, false)] {
            for skew in [-3_600_000, -5_000, 0, 5_000, 3_600_000] as [Int64] {
                let now = WallTime(ms: told + skew)
                let heard = quorum(leaderAt: told, followerAt: told - Int64(late))
                #expect(heard.isVoting(heard.voters[1], at: now, lateMs: 3_000) == isVoting)
                #expect(heard.isVoting(heard.voters[0], at: now, lateMs: 3_000) == true)
            }
            let unheard = quorum(leaderAt: nil, followerAt: told - Int64(late))
            #expect(
                unheard.isVoting(unheard.voters[1], at: WallTime(ms: told), lateMs: 3_000)
                    == isVoting)
        }
    }
}
