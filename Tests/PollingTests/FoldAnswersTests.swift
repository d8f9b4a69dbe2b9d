// Log directories, configs, the quorum, reassignments and fenced brokers folded into the picture.
import ClusterModel
import KafkaWire
import Testing

@testable import Polling

/// A log directory with (topic, partition, size, future) entries.
func dir(
    _ path: String, total: Int64 = 1_000, usable: Int64 = 400, error: Int16 = 0,
    _ entries: [(String, Int32, Int64, Bool)] = []
) -> DescribeLogDirsResponse.LogDir {
    var dir = DescribeLogDirsResponse.LogDir()
    dir.logDir = path
    dir.totalBytes = total
    dir.usableBytes = usable
    dir.error = KafkaError(rawValue: error)
    for (name, number, size, isFuture) in entries {
        var partition = DescribeLogDirsResponse.Partition()
        partition.partitionIndex = number
        partition.partitionSize = size
        partition.isFutureKey = isFuture
        var topic = DescribeLogDirsResponse.Topic()
        topic.name = name
        topic.partitions = [partition]
        dir.topics.append(topic)
    }
    return dir
}

@Suite struct FoldAnswersTests {
    private func working() -> WorkingCluster {
        var working = WorkingCluster()
        working.take([told("a", [told(0), told(1, leader: 2)]), told("b", [told(0, leader: 3)])])
        return working
    }

    @Test func sizesAndFutureReplicas() throws {
        var working = working()
        working.end("a", 0, 1, 500, at: 10)
        working.foldLogStart(partition: 0, 300)
        working.fold(
            logDirs: [
                dir("/d1", [("a", 0, 2_000, false), ("zz", 4, 10, false), ("b", 0, 7, false)]),
                dir("/d2", total: -1, usable: -1, [("a", 0, 900, true), ("a", 1, -5, false)]),
            ], broker: BrokerID(1), now: second)
        working.fold(logDirs: [dir("/d1")], broker: BrokerID(2), now: second)
        let (own, other) = (
            try #require(working.replica("a", 0, 1)), try #require(working.replica("a", 0, 2))
        )
        let table = working.cluster.partitions
        #expect(table.replicaSize[own] == 2_000)
        #expect(working.cluster.logDirs[Int(table.replicaDir[own])].path == "/d1")
        #expect(table.replicaDir[other] == -1)
        #expect(working.cluster.logDirs.map(\.sizeBytes) == [2_017, 900, 0])
        #expect(working.cluster.logDirs.map(\.totalBytes) == [1_000, nil, 1_000])
        #expect(working.bytesPerRecord[0] == 10)
        working.end("a", 0, 1, 700, at: 12)
        #expect(abs(working.cluster.partitions.bytesPerSecond[0] - 1_000) < 5)
        // An offline directory lists nothing; what was on it is not forgotten.
        working.fold(
            logDirs: [dir("/d1", total: -1, usable: -1, error: 56), dir("/d2")],
            broker: BrokerID(1), now: 2 * second)
        #expect(working.cluster.logDirs[0].errorCode == 56)
        #expect(working.cluster.logDirs[0].sizeBytes == 2_017)
        #expect(working.cluster.partitions.replicaSize[own] == 2_000)
    }

    @Test func directoriesGoAndIndexesFollow() throws {
        var working = working()
        for broker: Int32 in 1...3 {
            working.fold(
                logDirs: [
                    dir("/d1", [("a", 0, 1, false)]), dir("/d2", [("a", 1, 2, false)]),
                    dir("/d3", [("b", 0, 3, false)]), dir("/d3", [("b", 0, 99, false)]),
                ], broker: BrokerID(broker), now: second)
        }
        #expect(working.cluster.logDirs.count == 9)
        for _ in 0..<3 {
            working.fold(
                logDirs: [
                    dir("/d2", [("a", 1, 2, false)]), dir("/d3", [("b", 0, 3, false)]),
                    dir("/d2"),
                ], broker: BrokerID(1), now: 2 * second)
        }
        #expect(working.cluster.logDirs.count == 8)
        for row in 0..<working.cluster.partitions.count {
            for replica in working.cluster.partitions.replicas(of: row) {
                let view = working.cluster.replica(replica, of: row)
                let index = Int(working.cluster.partitions.replicaDir[replica])
                let wanted = ["/d1", "/d2", "/d3"][row]
                if view.broker == BrokerID(1) && row == 0 {
                    #expect(index == -1)
                } else {
                    #expect(view.dir == wanted)
                    #expect(working.cluster.logDirs[index].broker == view.broker)
                }
            }
        }
    }

    @Test func configSources() throws {
        func result(_ entries: [(String, String?, Int8, Bool)]) -> DescribeConfigsResponse.Result {
            var result = DescribeConfigsResponse.Result()
            result.resourceName = "a"
            result.configs = entries.map { name, value, source, isDefault in
                var config = DescribeConfigsResponse.Config()
                config.name = name
                config.value = value
                config.configSource = source
                config.isDefault = isDefault
                return config
            }
            return result
        }
        var working = working()
        working.fold(
            configs: result([
                ("min.insync.replicas", "2", 4, false), ("retention.ms", "5", 1, false),
                ("cleanup.policy", "delete", 5, true), ("segment.bytes", nil, 1, false),
            ]), version: 1, now: second)
        #expect(working.cluster.overrides(topic: 0)?.count == 2)
        #expect(working.cluster.minInsyncReplicas(topic: 0) == 2)
        #expect(working.cluster.overrides(topic: 1) == nil)
        // Version 0 has no sources.
        working.fold(
            configs: result([
                ("min.insync.replicas", "many", -1, true), ("retention.ms", "5", -1, false),
            ]), version: 0, now: second)
        #expect(working.cluster.overrides(topic: 0)?.count == 1)
        #expect(working.cluster.minInsyncReplicas(topic: 0) == nil)
    }

    @Test func quorumWithAndWithoutLeader() {
        var working = working()
        func replica(_ id: Int32, _ fetched: Int64) -> DescribeQuorumResponse.Replica {
            var replica = DescribeQuorumResponse.Replica()
            replica.replicaID = id
            replica.logEndOffset = 100 + Int64(id)
            replica.lastFetchTimestamp = fetched
            return replica
        }
        var told = DescribeQuorumResponse.Partition()
        told.leaderID = 3002
        told.leaderEpoch = 9
        told.currentVoters = [replica(3003, -1), replica(3001, 5)]
        told.observers = [replica(2, 7), replica(1, 7)]
        working.fold(quorum: told, nodes: [], now: second)
        #expect(working.cluster.controller == BrokerID(3002))
        #expect(working.cluster.quorum?.voters.map(\.id.value) == [3001, 3003])
        #expect(working.cluster.quorum?.voters[1].lastFetchAt == nil)
        #expect(working.cluster.quorum?.observers.map(\.id.value) == [1, 2])
        told.leaderID = -1
        working.fold(quorum: told, nodes: [], now: 2 * second)
        #expect(working.cluster.controller == BrokerID.none)
    }

    @Test func movesComeAndGo() throws {
        func move(
            _ name: String, _ number: Int32, adding: [Int32], removing: [Int32]
        ) -> ListPartitionReassignmentsResponse.Topic {
            var partition = ListPartitionReassignmentsResponse.Partition()
            partition.partitionIndex = number
            partition.addingReplicas = IDList(adding)
            partition.removingReplicas = IDList(removing)
            var topic = ListPartitionReassignmentsResponse.Topic()
            topic.name = name
            topic.partitions = [partition]
            return topic
        }
        var working = working()
        let taken10 = working.fold(reassignments: [], now: second)
        #expect(!taken10)
        let moving = [move("a", 1, adding: [3], removing: [1])]
        let taken11 = working.fold(reassignments: moving, now: second)
        #expect(taken11)
        let taken12 = working.fold(reassignments: moving, now: second)
        #expect(!taken12)
        let row = try #require(working.row("a", 1))
        #expect(working.cluster.partition(row).addingReplicas == [BrokerID(3)])
        #expect(working.cluster.partition(row).removingReplicas == [BrokerID(1)])
        // Metadata says nothing of moves, and neither of its two ways forgets them.
        working.take([told("a", [told(0), told(1, leader: 2)]), told("b", [told(0, leader: 3)])])
        #expect(working.cluster.partition(row).isMoving)
        working.take([
            told("a", [told(0), told(1, leader: 2), told(2)]), told("b", [told(0, leader: 3)]),
        ])
        #expect(working.cluster.partition(row).addingReplicas == [BrokerID(3)])
        // A replica we do not know yet is a reason to ask for Metadata.
        let taken13 = working.fold(
            reassignments: [move("b", 0, adding: [9], removing: [])], now: second)
        #expect(taken13)
        #expect(!working.cluster.partition(row).isMoving)
        let taken14 = working.fold(
            reassignments: [move("?", 0, adding: [9], removing: [])], now: second)
        #expect(taken14)
    }

    @Test func fencedBrokers() throws {
        var working = working()
        func broker(_ id: Int32, fenced: Bool) -> DescribeClusterResponse.Broker {
            var broker = DescribeClusterResponse.Broker()
            broker.brokerID = id
            broker.host = "10.0.0.\(id)"
            broker.port = 9092
            broker.isFenced = fenced
            return broker
        }
        working.fold(fenced: [broker(1, fenced: false), broker(8, fenced: true)], now: 4 * second)
        let index = try #require(working.brokerIndex(BrokerID(8)))
        #expect(working.cluster.brokers[index].isFenced)
        #expect(!working.cluster.brokers[index].isListed)
        #expect(working.cluster.brokers[index].unlistedSince == Instant(ns: 4 * second))
        #expect(working.cluster.brokers[index].endpoint == "10.0.0.8:9092")
        working.reconcileBrokers(now: 900 * second)
        #expect(working.brokerIndex(BrokerID(8)) != nil)
        working.fold(fenced: [], now: 900 * second)
        working.reconcileBrokers(now: 900 * second)
        #expect(working.brokerIndex(BrokerID(8)) == nil)
    }
}
