// From answers to events: what is told once, what is summed up, and what is no news at all.
import ClusterModel
import KafkaWire
import Testing

@testable import Polling

@Suite struct NewsTests {
    private let stamp = NewsStamp(wall: WallTime(ms: 1_000), now: Instant(ns: second))

    private func texts(_ draft: Draft) -> [String] {
        draft.cluster.events.events.map { "\($0.kind.rawValue) \($0.subject): \($0.text)" }
    }

    @Test func aBeginningIsNoChange() {
        var draft = Draft()
        draft.take([told("a", [told(0), told(1, leader: -1, isr: [])])])
        draft.tellNews(stamp)
        #expect(draft.cluster.events.events.isEmpty)
        // Nor is the same answer again.
        draft.take([told("a", [told(0), told(1, leader: -1, isr: [])])])
        draft.tellNews(stamp)
        #expect(draft.cluster.events.events.isEmpty)
    }

    @Test func leadersAndISRsOneByOne() {
        var draft = Draft()
        draft.take([told("a", [told(0), told(1), told(2)])])
        draft.take([
            told(
                "a",
                [
                    told(0, leader: 2, epoch: 4, isr: [2, 3]),
                    told(1, leader: -1, epoch: 4, isr: []), told(2),
                ])
        ])
        draft.tellNews(stamp)
        #expect(
            texts(draft) == [
                "leadership a-0: led by 2 instead of 1 (leader epoch 4)",
                "leadership a-1: has no leader, 1 before (leader epoch 4)",
                "isr a-0: in sync: 1, 2, 3 to 2, 3",
            ])
        #expect(draft.cluster.events.events.map(\.isLoss) == [false, true, true])
        draft.take([
            told("a", [told(0, leader: 2, epoch: 4), told(1, leader: 1, epoch: 5), told(2)])
        ])
        draft.tellNews(stamp)
        #expect(
            texts(draft).suffix(3) == [
                "leadership a-1: led by 1 instead of none (leader epoch 5)",
                "isr a-0: in sync: 2, 3 to 1, 2, 3",
                "isr a-1: in sync: none to 1, 2, 3",
            ])
        // Told once.
        draft.tellNews(stamp)
        #expect(texts(draft).count == 6)
    }

    @Test func whatAFasterSourceToldIsNotToldAgain() {
        var draft = Draft()
        draft.take([told("a", [told(0), told(1)])])
        draft.news.announced[PartitionKey(topic: "a", partition: 0)] = (2, [2, 3])
        draft.take([
            told("a", [told(0, leader: 2, epoch: 4, isr: [2, 3]), told(1, leader: 3, epoch: 4)])
        ])
        draft.tellNews(stamp)
        #expect(texts(draft) == ["leadership a-1: led by 3 instead of 1 (leader epoch 4)"])
    }

    @Test func thousandsAtOnceAreSummedUp() {
        var draft = Draft()
        let count = 300
        draft.take([told("a", (0..<Int32(count)).map { told($0, leader: $0 % 3 + 1) })])
        draft.take([
            told(
                "a",
                (0..<Int32(count)).map { number in
                    number % 3 == 0
                        ? told(number, leader: number == 0 ? -1 : 2, epoch: 4, isr: [2, 3])
                        : told(number, leader: number % 3 + 1, isr: [2, 3])
                })
        ])
        draft.tellNews(stamp)
        #expect(
            texts(draft) == [
                "leadership broker 1: lost the lead of 100 partitions, 1 without leader now",
                "leadership broker 2: got the lead of 99 partitions",
                "isr broker 1: fell out of sync in 300 partitions",
            ])
    }

    @Test func topicsComeGrowAndGoWithALayoutChange() {
        var draft = Draft()
        draft.take([told("a", [told(0)]), told("b", [told(0)])])
        draft.take([told("a", [told(0, leader: 2, epoch: 4), told(1)]), told("c", [told(0)])])
        // One answer without b may be an old one; the second is believed.
        draft.take([told("a", [told(0, leader: 2, epoch: 4), told(1)]), told("c", [told(0)])])
        draft.tellNews(stamp)
        #expect(
            texts(draft).sorted() == [
                "leadership a-0: led by 2 instead of 1 (leader epoch 4)",
                "topic a: grew from 1 to 2 partitions", "topic b: was deleted",
                "topic c: was created",
            ])
    }

    @Test func brokersAndTheControllerWithoutASession() {
        var draft = Draft()
        func list(_ ids: [Int32], controller: Int32) {
            _ = draft.fold(
                brokers: ids.map { id in
                    var broker = MetadataResponse.Broker()
                    broker.nodeID = id
                    broker.host = "b\(id)"
                    broker.port = 9092
                    return broker
                }, now: second)
            draft.cluster.kind = .zookeeper
            draft.cluster.controller = controller < 0 ? nil : BrokerID(controller)
            draft.tellNews(stamp)
        }
        list([1, 2, 3], controller: 1)
        #expect(texts(draft).isEmpty)
        list([1, 2], controller: -1)
        list([1, 2, 3], controller: 2)
        #expect(
            texts(draft) == [
                "registration broker 3: left the cluster",
                "registration broker 3: joined the cluster",
                "election controller: broker 2 was elected, 1 before",
            ])
        draft.news.isWatched = true
        list([1], controller: 1)
        #expect(texts(draft).count == 3)
    }

    @Test func overridesThatChange() {
        var draft = Draft()
        draft.take([told("a", [told(0)])])
        func read(_ values: [String: String], secret: String) {
            var result = DescribeConfigsResponse.Result()
            result.resourceName = "a"
            result.configs = (Array(values) + [("secret", secret)]).map { name, value in
                var config = DescribeConfigsResponse.Config()
                config.name = name
                config.value = value
                config.configSource = 1
                config.isSensitive = name == "secret"
                return config
            }
            draft.fold(configs: result, version: 4, now: second)
        }
        read(["retention.ms": "1", "x": "y"], secret: "one")
        read(["retention.ms": "2", "z": "0"], secret: "two")
        draft.tellNews(stamp)
        #expect(
            texts(draft) == [
                "config a: retention.ms: 1 to 2", "config a: x is not overridden any more (was y)",
                "config a: z set to 0",
            ])
        #expect(draft.cluster.overrides(topic: 0)?.map(\.name) == ["retention.ms", "secret", "z"])
        #expect(!"\(draft.cluster.configs)".contains("two"))
        // A topic made anew under its name begins without.
        draft.take([told("a", id: 7, [told(0)])])
        draft.take([told("a", id: 8, [told(0)])])
        #expect(draft.cluster.overrides(topic: 0) == nil)
    }

    @Test func electionsOfTheQuorum() {
        var draft = Draft()
        draft.wall = WallTime(ms: 100_000)
        func tell(_ leader: Int32, _ epoch: Int32, fetched: [Int32: Int64], end: Int64, at: UInt64)
        {
            var partition = DescribeQuorumResponse.Partition()
            partition.leaderID = leader
            partition.leaderEpoch = epoch
            partition.highWatermark = end
            partition.currentVoters = ([1, 2, 3] as [Int32]).map { id in
                var replica = DescribeQuorumResponse.Replica()
                replica.replicaID = id
                replica.logEndOffset = end
                replica.lastFetchTimestamp = fetched[id] ?? 99_900
                return replica
            }
            draft.fold(quorum: partition, nodes: [], now: at)
            draft.tellNews(stamp)
        }
        tell(1, 7, fetched: [:], end: 100, at: second)
        #expect(draft.cluster.coordinator.isSinceSeen)
        #expect(draft.cluster.coordinator.highWatermarkPerSecond == nil)
        tell(1, 7, fetched: [3: 50_000], end: 104, at: 3 * second)
        #expect(draft.cluster.coordinator.highWatermarkPerSecond == 2)
        draft.cluster.takenAtWall = draft.wall
        #expect(draft.cluster.kind == nil && draft.cluster.survivesOneMoreLoss == nil)
        draft.cluster.kind = .kraft
        #expect(draft.cluster.survivesOneMoreLoss == false)
        tell(2, 8, fetched: [:], end: 110, at: 5 * second)
        #expect(!draft.cluster.coordinator.isSinceSeen)
        #expect(draft.cluster.survivesOneMoreLoss == true)
        // A broker that has not heard of it tells of the old leader: not taken.
        tell(1, 7, fetched: [:], end: 111, at: 6 * second)
        #expect(draft.cluster.controller == BrokerID(2))
        tell(-1, 9, fetched: [:], end: 111, at: 7 * second)
        #expect(draft.cluster.controller == BrokerID.none)
        #expect(
            texts(draft) == [
                "coordinator controller 3: does not fetch any more",
                "election controller: 2 was elected (epoch 8), 1 before",
                "coordinator controller 3: fetches again",
                "election controller: none: 2 leads no more",
            ])
    }

    @Test func theLogIsBounded() {
        var log = EventLog()
        for number in 0..<10_000 {
            log.append(
                stamp.event(.topic("t"), .grew(from: 1, to: number), source: "test"))
        }
        #expect(log.events.count <= 4_000 && log.events.count >= 2_000)
        #expect(log.total == 10_000 && log.dropped == 10_000 - UInt64(log.events.count))
        #expect(
            log.events.last?.change == .grew(from: 1, to: 9_999)
                && log.events.last?.number == 10_000)
        let numbers = log.events.map(\.number)
        #expect(numbers == Array(numbers[0]...10_000))
    }
}
