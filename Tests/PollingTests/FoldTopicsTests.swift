// Metadata answers folded into the picture: in place, anew, older, partial and lying ones.
import ClusterModel
import KafkaWire
import Simulation
import Testing
import TransportTesting

@testable import Polling

@Suite struct FoldTopicsTests {
    @Test func leadersChangeInPlaceAndOlderNewsIsNotTaken() throws {
        var draft = Draft()
        draft.take([told("a", [told(0), told(1)]), told("b", [told(0)])])
        let layout = draft.cluster.layout
        let row = try #require(draft.row("a", 1))
        draft.take([
            told("a", [told(0), told(1, leader: 2, epoch: 4, isr: [2, 3])]), told("b", [told(0)]),
        ])
        #expect(draft.cluster.layout == layout)
        #expect(draft.cluster.partitions.leader[row] == 2)
        #expect(draft.cluster.partition(row).isr == [BrokerID(2), BrokerID(3)])
        // A broker that lags behind, with its old ISR.
        draft.take([told("a", [told(0), told(1)]), told("b", [told(0)])])
        #expect(draft.cluster.partitions.leader[row] == 2)
        #expect(draft.cluster.partitions.leaderEpoch[row] == 4)
        #expect(draft.cluster.partition(row).isr.count == 2)
        // The same when other rows force a new table.
        draft.take([told("a", [told(0), told(1), told(2)]), told("b", [told(0)])])
        #expect(draft.cluster.layout != layout)
        #expect(draft.cluster.partitions.leader[row] == 2)
        #expect(draft.cluster.partition(row).isr.count == 2)
        #expect(draft.faults.isEmpty)
    }

    /// Kafka 2.4 answers a partition without leader with error 72, leader -1 and epoch -1.
    @Test func leaderlessWithoutEpoch() throws {
        var draft = Draft()
        draft.take([told("a", [told(0, epoch: 7)])])
        for extra in [0, 1] {
            let more = extra == 0 ? [] : [told("b", [told(0)])]
            draft.take([told("a", [told(0, leader: -1, epoch: -1, error: 72)])] + more)
            #expect(draft.cluster.partitions.leader[0] == -1)
            #expect(draft.cluster.partitions.errorCode[0] == 72)
            #expect(draft.cluster.partitions.leaderEpoch[0] == 7)
        }
        draft.take([told("a", [told(0, leader: 2, epoch: 8)]), told("b", [told(0)])])
        #expect(draft.cluster.partitions.leader[0] == 2)
    }

    @Test func madeAnewUnderAnotherID() throws {
        var draft = Draft()
        draft.take([told("a", id: 5, [told(0)]), told("z", id: 6, [told(0)])], at: second)
        draft.end("a", 0, 1, 100, at: 10)
        draft.end("a", 0, 1, 300, at: 12)
        draft.end("z", 0, 1, 700, at: 12)
        #expect(abs(draft.rate("a", 0) - 100) < 0.1)
        draft.take([told("a", id: 55, [told(0, epoch: 0)]), told("z", id: 6, [told(0)])])
        #expect(draft.rate("a", 0).isNaN)
        let replica = try #require(draft.replica("a", 0, 1))
        #expect(draft.cluster.partitions.replicaEnd[replica] == -1)
        let other = try #require(draft.replica("z", 0, 1))
        #expect(draft.cluster.partitions.replicaEnd[other] == 700)
        let slot = try #require(draft.cluster.topic(named: "a")).slot
        #expect(draft.topicSlots.since[slot].happened)
        #expect(draft.faults.isEmpty)
    }

    /// Before 2.8 there is no id: leader epochs that go back and stay there tell.
    @Test func madeAnewWithoutID() {
        var draft = Draft()
        draft.take([told("a", [told(0, epoch: 9)])])
        draft.end("a", 0, 1, 500, at: 10)
        for _ in 1..<Limits.olderEpochRounds {
            draft.take([told("a", [told(0, leader: 2, epoch: 0)])])
            #expect(draft.cluster.partitions.leader[0] == 1)
        }
        draft.take([told("a", [told(0, leader: 2, epoch: 0)])])
        #expect(draft.cluster.partitions.leader[0] == 2)
        #expect(draft.cluster.partitions.replicaEnd == [-1, -1, -1])
        // One older answer now and then is a broker that lags behind.
        for _ in 0..<10 {
            draft.take([told("a", [told(0, leader: 3, epoch: 4)])])
            draft.take([told("a", [told(0, leader: 2, epoch: 3)])])
        }
        #expect(draft.cluster.partitions.leader[0] == 3)
    }

    /// In an upgrade some brokers tell topic ids and some do not.
    @Test func idsComeAndGo() throws {
        var draft = Draft()
        draft.take([told("a", [told(0)])])
        let (layout, slot) = (draft.cluster.layout, draft.cluster.topics[0].slot)
        for id in [UInt64(4), 0, 4, 0] {
            draft.take([told("a", id: id, [told(0)])])
            #expect(draft.cluster.layout == layout)
            #expect(draft.cluster.topics[0].id == TopicID(high: 9, low: 4))
        }
        draft.take([])
        draft.take([])
        #expect(draft.cluster.topics.isEmpty)
        draft.take([told("b", id: 1, [told(0)])])
        #expect(draft.cluster.topics[0].slot == slot, "the slot was given back")
    }

    @Test func oneAnswerWithoutATopicIsNotItsEnd() {
        var draft = Draft()
        draft.take([told("a", [told(0)]), told("b", [told(0)])])
        draft.end("a", 0, 2, 40, at: 10)
        draft.take([told("b", [told(0)])])
        #expect(draft.cluster.topics.map(\.name) == ["a", "b"])
        draft.take([told("a", [told(0)]), told("b", [told(0)])])
        draft.take([told("b", [told(0)])])
        #expect(draft.cluster.topics.map(\.name) == ["a", "b"])
        #expect(draft.replica("a", 0, 2).map { draft.cluster.partitions.replicaEnd[$0] } == 40)
        draft.take([told("b", [told(0)])])
        #expect(draft.cluster.topics.map(\.name) == ["b"])
        #expect(draft.faults.isEmpty)
    }

    @Test func partialAnswers() {
        var draft = Draft()
        draft.take([told("a", [told(0)]), told("b", [told(0)]), told("c", [told(0)])])
        let taken1 = draft.take([told("b", [told(0, leader: 2, epoch: 4)])], whole: false)
        #expect(taken1)
        #expect(draft.cluster.partitions.leader == [1, 2, 1])
        let taken2 = draft.take([told("b", [told(0), told(1)])], whole: false)
        #expect(!taken2)
        let taken3 = draft.take([told("bb", [told(0)])], whole: false)
        #expect(!taken3)
        // A topic that we never had and nobody knows is no news; one that we show is.
        let taken4 = draft.take([told("gone", error: 3, [])], whole: false)
        #expect(taken4)
        let taken5 = draft.take([told("c", error: 3, [])], whole: false)
        #expect(!taken5)
        #expect(draft.cluster.topics.count == 3)
        // A topic that cannot be described for a moment keeps its rows.
        let taken6 = draft.take([told("c", error: 5, [])], whole: false)
        #expect(taken6)
        #expect(draft.cluster.topics[2].errorCode == 5)
        #expect(draft.cluster.topics[2].partitionCount == 1)
        #expect(draft.faults.isEmpty)
    }

    @Test func hostileOrder() {
        var draft = Draft()
        draft.take([
            told("b", [told(3), told(0), told(3, leader: 9), told(-4), told(1)]), told("a", []),
            told("b", [told(7)]),
            told("c", [told(0, leader: 1, replicas: [1, 1, -1, 2, 2], isr: [2])]),
        ])
        #expect(draft.cluster.topics.map(\.name) == ["a", "b", "c"])
        #expect(draft.cluster.partitions.partition == [0, 1, 3, 0])
        #expect(draft.cluster.partitions.replicaBroker.suffix(2) == [1, 2])
        #expect(draft.faults.isEmpty)
    }

    /// A cluster that changes at random: rows stay sorted, every index is right, and what was known
    /// of a replica stays with that replica.
    @Test func propertyOfManyChanges() {
        var random = SeededGenerator(seed: 11)
        var draft = Draft()
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
            draft.take(answer)
            draft.take(answer)
            #expect(draft.faults.isEmpty, "round \(round)")
            #expect(draft.cluster.topics.map(\.name) == topics.keys.sorted())
            var next: [ReplicaKey: Int64] = [:]
            var wrong = 0
            for (index, topic) in draft.cluster.topics.enumerated() {
                for row in topic.partitions {
                    let key = PartitionKey(
                        topic: topic.name, partition: draft.cluster.partitions.partition[row])
                    let wanted = topics[topic.name]?.partitions[Int(key.partition)] ?? []
                    let rows = draft.cluster.partitions.replicas(of: row)
                    if rows.map({ draft.cluster.partitions.replicaBroker[$0] }) != wanted {
                        wrong += 1
                    }
                    for replica in rows {
                        let broker = draft.cluster.partitions.replicaBroker[replica]
                        // The id is part of the identity: another incarnation inherits nothing.
                        let own = ReplicaKey(
                            partition: PartitionKey(
                                topic: "\(topic.name)/\(topics[topic.name]?.id ?? 0)",
                                partition: key.partition), broker: BrokerID(broker))
                        if draft.cluster.partitions.replicaEnd[replica] != ends[own] ?? -1 {
                            wrong += 1
                        }
                        let end = Int64(round * 100_000 + index * 1_000 + replica)
                        draft.cluster.partitions.replicaEnd[replica] = end
                        next[own] = end
                    }
                }
            }
            #expect(wrong == 0, "round \(round)")
            ends = next
        }
    }

    @Test func brokersMissingAndForgotten() throws {
        var draft = Draft()
        func broker(_ id: Int32) -> MetadataResponse.Broker {
            var broker = MetadataResponse.Broker()
            broker.nodeID = id
            broker.host = "10.0.0.\(id)"
            broker.port = 9092
            return broker
        }
        let taken7 = draft.fold(brokers: [broker(2), broker(1)], now: second)
        #expect(taken7)
        draft.take([told("a", [told(0)])], at: second)
        #expect(draft.cluster.brokers.map(\.id.value) == [1, 2, 3])
        #expect(draft.cluster.brokers.map(\.isListed) == [true, true, false])
        let taken8 = draft.fold(brokers: [broker(1), broker(2)], now: 2 * second)
        #expect(!taken8)
        let taken9 = draft.fold(brokers: [broker(1)], now: 3 * second)
        #expect(taken9)
        #expect(draft.cluster.brokers[1].unlistedSince == Instant(ns: 3 * second))
        draft.fold(logDirs: [dir("/x")], broker: BrokerID(2), now: 4 * second)
        draft.take([told("a", [told(0, replicas: [1])])], at: 5 * second)
        draft.reconcileBrokers(now: 200 * second)
        #expect(draft.cluster.brokers.count == 3)
        draft.reconcileBrokers(now: 400 * second)
        #expect(draft.cluster.brokers.map(\.id.value) == [1])
        #expect(draft.cluster.logDirs.isEmpty)
    }
}
