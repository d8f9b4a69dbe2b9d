// Metadata answers folded into the picture: in place, anew, older, partial and lying ones.
import ClusterModel
import KafkaWire
import Simulation
import Testing
import TransportTesting

@testable import Polling

@Suite struct FoldTopicsTests {
    @Test func leadersChangeInPlaceAndOlderNewsIsNotTaken() throws {
        var working = WorkingCluster()
        working.take([told("a", [told(0), told(1)]), told("b", [told(0)])])
        let layout = working.cluster.layout
        let row = try #require(working.row("a", 1))
        working.take([
            told("a", [told(0), told(1, leader: 2, epoch: 4, isr: [2, 3])]), told("b", [told(0)]),
        ])
        #expect(working.cluster.layout == layout)
        #expect(working.cluster.partitions.leader[row] == 2)
        #expect(working.cluster.partition(row).isr == [BrokerID(2), BrokerID(3)])
        // A broker that lags behind, with its old ISR.
        working.take([told("a", [told(0), told(1)]), told("b", [told(0)])])
        #expect(working.cluster.partitions.leader[row] == 2)
        #expect(working.cluster.partitions.leaderEpoch[row] == 4)
        #expect(working.cluster.partition(row).isr.count == 2)
        // The same when other rows force a new table.
        working.take([told("a", [told(0), told(1), told(2)]), told("b", [told(0)])])
        #expect(working.cluster.layout != layout)
        #expect(working.cluster.partitions.leader[row] == 2)
        #expect(working.cluster.partition(row).isr.count == 2)
        #expect(working.faults.isEmpty)
    }

    /// Kafka 2.4 answers a partition without leader with error 72, leader -1 and epoch -1.
    @Test func leaderlessWithoutEpoch() throws {
        var working = WorkingCluster()
        working.take([told("a", [told(0, epoch: 7)])])
        for extra in [0, 1] {
            let more = extra == 0 ? [] : [told("b", [told(0)])]
            working.take([told("a", [told(0, leader: -1, epoch: -1, error: 72)])] + more)
            #expect(working.cluster.partitions.leader[0] == -1)
            #expect(working.cluster.partitions.errorCode[0] == 72)
            #expect(working.cluster.partitions.leaderEpoch[0] == 7)
        }
        working.take([told("a", [told(0, leader: 2, epoch: 8)]), told("b", [told(0)])])
        #expect(working.cluster.partitions.leader[0] == 2)
    }

    @Test func madeAnewUnderAnotherID() throws {
        var working = WorkingCluster()
        working.take([told("a", id: 5, [told(0)]), told("z", id: 6, [told(0)])], at: second)
        working.end("a", 0, 1, 100, at: 10)
        working.end("a", 0, 1, 300, at: 12)
        working.end("z", 0, 1, 700, at: 12)
        #expect(abs(working.rate("a", 0) - 100) < 0.1)
        working.take([told("a", id: 55, [told(0, epoch: 0)]), told("z", id: 6, [told(0)])])
        #expect(working.rate("a", 0).isNaN)
        let replica = try #require(working.replica("a", 0, 1))
        #expect(working.cluster.partitions.replicaLogEnd[replica] == -1)
        let other = try #require(working.replica("z", 0, 1))
        #expect(working.cluster.partitions.replicaLogEnd[other] == 700)
        let historyIndex = try #require(working.cluster.topic(named: "a")).historyIndex
        #expect(working.topicIndexes.since[historyIndex].happened)
        #expect(working.faults.isEmpty)
    }

    /// Before 2.8 there is no id: leader epochs that go back and stay there tell.
    @Test func madeAnewWithoutID() {
        var working = WorkingCluster()
        working.take([told("a", [told(0, epoch: 9)])])
        working.end("a", 0, 1, 500, at: 10)
        for _ in 1..<Limits.olderEpochRounds {
            working.take([told("a", [told(0, leader: 2, epoch: 0)])])
            #expect(working.cluster.partitions.leader[0] == 1)
        }
        working.take([told("a", [told(0, leader: 2, epoch: 0)])])
        #expect(working.cluster.partitions.leader[0] == 2)
        #expect(working.cluster.partitions.replicaLogEnd == [-1, -1, -1])
        // One older answer now and then is a broker that lags behind.
        for _ in 0..<10 {
            working.take([told("a", [told(0, leader: 3, epoch: 4)])])
            working.take([told("a", [told(0, leader: 2, epoch: 3)])])
        }
        #expect(working.cluster.partitions.leader[0] == 3)
    }

    /// In an upgrade some brokers tell topic ids and some do not.
    @Test func idsComeAndGo() throws {
        var working = WorkingCluster()
        working.take([told("a", [told(0)])])
        let (layout, historyIndex) = (
            working.cluster.layout, working.cluster.topics[0].historyIndex
        )
        for id in [UInt64(4), 0, 4, 0] {
            working.take([told("a", id: id, [told(0)])])
            #expect(working.cluster.layout == layout)
            #expect(working.cluster.topics[0].id == TopicID(high: 9, low: 4))
        }
        working.take([])
        working.take([])
        #expect(working.cluster.topics.isEmpty)
        working.take([told("b", id: 1, [told(0)])])
        #expect(
            working.cluster.topics[0].historyIndex == historyIndex,
            "the historyIndex was given back")
    }

    @Test func oneAnswerWithoutATopicIsNotItsEnd() {
        var working = WorkingCluster()
        working.take([told("a", [told(0)]), told("b", [told(0)])])
        working.end("a", 0, 2, 40, at: 10)
        working.take([told("b", [told(0)])])
        #expect(working.cluster.topics.map(\.name) == ["a", "b"])
        working.take([told("a", [told(0)]), told("b", [told(0)])])
        working.take([told("b", [told(0)])])
        #expect(working.cluster.topics.map(\.name) == ["a", "b"])
        #expect(
            working.replica("a", 0, 2).map { working.cluster.partitions.replicaLogEnd[$0] } == 40)
        working.take([told("b", [told(0)])])
        #expect(working.cluster.topics.map(\.name) == ["b"])
        #expect(working.faults.isEmpty)
    }

    @Test func partialAnswers() {
        var working = WorkingCluster()
        working.take([told("a", [told(0)]), told("b", [told(0)]), told("c", [told(0)])])
        let taken1 = working.take([told("b", [told(0, leader: 2, epoch: 4)])], whole: false)
        #expect(taken1)
        #expect(working.cluster.partitions.leader == [1, 2, 1])
        let taken2 = working.take([told("b", [told(0), told(1)])], whole: false)
        #expect(!taken2)
        let taken3 = working.take([told("bb", [told(0)])], whole: false)
        #expect(!taken3)
        // A topic that we never had and nobody knows is no news; one that we show is.
        let taken4 = working.take([told("gone", error: 3, [])], whole: false)
        #expect(taken4)
        let taken5 = working.take([told("c", error: 3, [])], whole: false)
        #expect(!taken5)
        #expect(working.cluster.topics.count == 3)
        // A topic that cannot be described for a moment keeps its rows.
        let taken6 = working.take([told("c", error: 5, [])], whole: false)
        #expect(taken6)
        #expect(working.cluster.topics[2].errorCode == 5)
        #expect(working.cluster.topics[2].partitionCount == 1)
        #expect(working.faults.isEmpty)
    }

    @Test func hostileOrder() {
        var working = WorkingCluster()
        working.take([
            told("b", [told(3), told(0), told(3, leader: 9), told(-4), told(1)]), told("a", []),
            told("b", [told(7)]),
            told("c", [told(0, leader: 1, replicas: [1, 1, -1, 2, 2], isr: [2])]),
        ])
        #expect(working.cluster.topics.map(\.name) == ["a", "b", "c"])
        #expect(working.cluster.partitions.partition == [0, 1, 3, 0])
        #expect(working.cluster.partitions.replicaBroker.suffix(2) == [1, 2])
        #expect(working.faults.isEmpty)
    }

    /// A cluster that changes at random: rows stay sorted, every index is right, and what was known
    /// of a replica stays with that replica.
    @Test func propertyOfManyChanges() {
        var random = SeededGenerator(seed: 11)
        var working = WorkingCluster()
        var topics: [String: (id: UInt64, partitions: [[Int32]])] = [:]
        var ends: [ReplicaKey: Int64] = [:]
        var nextID: UInt64 = 1
        func replicas(_ random: inout SeededGenerator) -> [Int32] {
            Array((Int32(1)...7).shuffled(using: &random).prefix(3))
        }
        for round in 0..<50 {
            let name = "t\(Int.random(in: 0..<40, using: &random))"
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                topics[name] = nil
            case 1 where topics[name] != nil:
                topics[name]?.partitions.append(replicas(&random))
            case 2 where topics[name] != nil:
                let last = (topics[name]?.partitions.count ?? 1) - 1
                topics[name]?.partitions[last] = replicas(&random)
            case 3: break
            default:
                let count = Int.random(in: 1...16, using: &random)
                topics[name] = (nextID, (0..<count).map { _ in replicas(&random) })
                nextID += 1
            }
            let answer = topics.map { name, topic in
                told(
                    name, id: topic.id,
                    topic.partitions.enumerated().map {
                        told(Int32($0), leader: $1[0], replicas: $1)
                    }.shuffled(using: &random))
            }.shuffled(using: &random)
            // Twice, so that what is gone is believed gone.
            working.take(answer)
            working.take(answer)
            #expect(working.faults.isEmpty, "round \(round)")
            #expect(working.cluster.topics.map(\.name) == topics.keys.sorted())
            var next: [ReplicaKey: Int64] = [:]
            var wrong = 0
            for (index, topic) in working.cluster.topics.enumerated() {
                for row in topic.partitions {
                    let key = PartitionKey(
                        topic: topic.name, partition: working.cluster.partitions.partition[row])
                    let wanted = topics[topic.name]?.partitions[Int(key.partition)] ?? []
                    let rows = working.cluster.partitions.replicas(of: row)
                    if rows.map({ working.cluster.partitions.replicaBroker[$0] }) != wanted {
                        wrong += 1
                    }
                    for replica in rows {
                        let broker = working.cluster.partitions.replicaBroker[replica]
                        // The id is part of the identity: another incarnation inherits nothing.
                        let own = ReplicaKey(
                            partition: PartitionKey(
                                topic: "\(topic.name)/\(topics[topic.name]?.id ?? 0)",
                                partition: key.partition), broker: BrokerID(broker))
                        if working.cluster.partitions.replicaLogEnd[replica] != ends[own] ?? -1 {
                            wrong += 1
                        }
                        let end = Int64(round * 100_000 + index * 1_000 + replica)
                        working.cluster.partitions.replicaLogEnd[replica] = end
                        next[own] = end
                    }
                }
            }
            #expect(wrong == 0, "round \(round)")
            ends = next
        }
    }

    @Test func brokersMissingAndForgotten() throws {
        var working = WorkingCluster()
        func broker(_ id: Int32) -> MetadataResponse.Broker {
            var broker = MetadataResponse.Broker()
            broker.nodeID = id
            broker.host = "10.0.0.\(id)"
            broker.port = 9092
            return broker
        }
        let taken7 = working.fold(brokers: [broker(2), broker(1)], now: second)
        #expect(taken7)
        working.take([told("a", [told(0)])], at: second)
        #expect(working.cluster.brokers.map(\.id.value) == [1, 2, 3])
        #expect(working.cluster.brokers.map(\.isListed) == [true, true, false])
        let taken8 = working.fold(brokers: [broker(1), broker(2)], now: 2 * second)
        #expect(!taken8)
        let taken9 = working.fold(brokers: [broker(1)], now: 3 * second)
        #expect(taken9)
        #expect(working.cluster.brokers[1].unlistedSince == Instant(ns: 3 * second))
        working.fold(logDirs: [dir("/x")], broker: BrokerID(2), now: 4 * second)
        working.take([told("a", [told(0, replicas: [1])])], at: 5 * second)
        working.reconcileBrokers(now: 200 * second)
        #expect(working.cluster.brokers.count == 3)
        working.reconcileBrokers(now: 400 * second)
        #expect(working.cluster.brokers.map(\.id.value) == [1])
        #expect(working.cluster.logDirs.isEmpty)
    }
}
