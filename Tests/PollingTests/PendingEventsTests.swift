// From answers to events: what is told once, what is summed up, and what is no news at all.
import ClusterModel
import KafkaWire
import Testing

@testable import Polling

@Suite struct PendingEventsTests {
    private let stamp = EventStamp(wall: WallTime(ms: 1_000), now: Instant(ns: second))

    private func texts(_ working: WorkingCluster) -> [String] {
        working.cluster.events.events.map { "\($0.kind.rawValue) \($0.subject): \($0.text)" }
    }

    @Test func aBeginningIsNoChange() {
        var working = WorkingCluster()
        working.take([told("a", [told(0), told(1, leader: -1, isr: [])])])
        working.logEvents(stamp)
        #expect(working.cluster.events.events.isEmpty)
        // Nor is the same answer again.
        working.take([told("a", [told(0), told(1, leader: -1, isr: [])])])
        working.logEvents(stamp)
        #expect(working.cluster.events.events.isEmpty)
    }

    @Test func leadersAndISRsOneByOne() {
        var working = WorkingCluster()
        working.take([told("a", [told(0), told(1), told(2)])])
        working.take([
            told(
                "a",
                [
                    told(0, leader: 2, epoch: 4, isr: [2, 3]),
                    told(1, leader: -1, epoch: 4, isr: []), told(2),
                ])
        ])
        working.logEvents(stamp)
        #expect(
            texts(working) == [
                "leadership a-0: led by 2 instead of 1 (leader epoch 4)",
                "leadership a-1: has no leader, 1 before (leader epoch 4)",
                "isr a-0: in sync: 1, 2, 3 to 2, 3",
            ])
        #expect(working.cluster.events.events.map(\.isLoss) == [false, true, true])
        working.take([
            told("a", [told(0, leader: 2, epoch: 4), told(1, leader: 1, epoch: 5), told(2)])
        ])
        working.logEvents(stamp)
        #expect(
            texts(working).suffix(3) == [
                "leadership a-1: led by 1 instead of none (leader epoch 5)",
                "isr a-0: in sync: 2, 3 to 1, 2, 3",
                "isr a-1: in sync: none to 1, 2, 3",
            ])
        // Told once.
        working.logEvents(stamp)
        #expect(texts(working).count == 6)
    }

    @Test func whatAFasterSourceToldIsNotToldAgain() {
        var working = WorkingCluster()
        working.take([told("a", [told(0), told(1)])])
        working.pendingEvents.announced[PartitionKey(topic: "a", partition: 0)] = (2, [2, 3])
        working.take([
            told("a", [told(0, leader: 2, epoch: 4, isr: [2, 3]), told(1, leader: 3, epoch: 4)])
        ])
        working.logEvents(stamp)
        #expect(texts(working) == ["leadership a-1: led by 3 instead of 1 (leader epoch 4)"])
    }

    @Test func thousandsAtOnceAreSummedUp() {
        var working = WorkingCluster()
        let count = 300
        working.take([told("a", (0..<Int32(count)).map { told($0, leader: $0 % 3 + 1) })])
        working.take([
            told(
                "a",
                (0..<Int32(count)).map { number in
                    number % 3 == 0
                        ? told(number, leader: number == 0 ? -1 : 2, epoch: 4, isr: [2, 3])
                        : told(number, leader: number % 3 + 1, isr: [2, 3])
                })
        ])
        working.logEvents(stamp)
        #expect(
            texts(working) == [
                "leadership broker 1: lost the lead of 100 partitions, 1 without leader now",
                "leadership broker 2: got the lead of 99 partitions",
                "isr broker 1: fell out of sync in 300 partitions",
            ])
    }

    @Test func topicsComeGrowAndGoWithALayoutChange() {
        var working = WorkingCluster()
        working.take([told("a", [told(0)]), told("b", [told(0)])])
        working.take([told("a", [told(0, leader: 2, epoch: 4), told(1)]), told("c", [told(0)])])
        // One answer without b may be an old one; the second is believed.
        working.take([told("a", [told(0, leader: 2, epoch: 4), told(1)]), told("c", [told(0)])])
        working.logEvents(stamp)
        #expect(
            texts(working).sorted() == [
                "leadership a-0: led by 2 instead of 1 (leader epoch 4)",
                "topic a: grew from 1 to 2 partitions", "topic b: was deleted",
                "topic c: was created",
            ])
    }

    @Test func brokersAndTheControllerWithoutASession() {
        var working = WorkingCluster()
        func list(_ ids: [Int32], controller: Int32) {
            _ = working.fold(
                brokers: ids.map { id in
                    var broker = MetadataResponse.Broker()
                    broker.nodeID = id
                    broker.host = "b\(id)"
                    broker.port = 9092
                    return broker
                }, now: second)
            working.cluster.kind = .zookeeper
            working.cluster.controller = controller < 0 ? nil : BrokerID(controller)
            working.logEvents(stamp)
        }
        list([1, 2, 3], controller: 1)
        #expect(texts(working).isEmpty)
        list([1, 2], controller: -1)
        list([1, 2, 3], controller: 2)
        #expect(
            texts(working) == [
                "registration broker 3: left the cluster",
                "registration broker 3: joined the cluster",
                "election controller: broker 2 was elected, 1 before",
            ])
        working.pendingEvents.isWatched = true
        list([1], controller: 1)
        #expect(texts(working).count == 3)
    }

    @Test func overridesThatChange() {
        var working = WorkingCluster()
        working.take([told("a", [told(0)])])
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
            working.fold(configs: result, version: 4, now: second)
        }
        read(["retention.ms": "1", "x": "y"], secret: "one")
        read(["retention.ms": "2", "z": "0"], secret: "two")
        working.logEvents(stamp)
        #expect(
            texts(working) == [
                "config a: retention.ms: 1 to 2", "config a: x is not overridden any more (was y)",
                "config a: z set to 0",
            ])
        #expect(
            working.cluster.overrides(topic: 0)?.map(\.name) == ["retention.ms", "secret", "z"])
        #expect(!"\(working.cluster.configs)".contains("two"))
        // A topic made anew under its name begins without.
        working.take([told("a", id: 7, [told(0)])])
        working.take([told("a", id: 8, [told(0)])])
        #expect(working.cluster.overrides(topic: 0) == nil)
    }

    @Test func electionsOfTheQuorum() {
        var working = WorkingCluster()
        working.wall = WallTime(ms: 100_000)
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
            working.fold(quorum: partition, nodes: [], now: at)
            working.logEvents(stamp)
        }
        tell(1, 7, fetched: [:], end: 100, at: second)
        #expect(working.cluster.coordinator.isSinceSeen)
        #expect(working.cluster.coordinator.highWatermarkPerSecond == nil)
        tell(1, 7, fetched: [3: 50_000], end: 104, at: 3 * second)
        #expect(working.cluster.coordinator.highWatermarkPerSecond == 2)
        working.cluster.takenAtWall = working.wall
        #expect(working.cluster.kind == nil && working.cluster.survivesOneMoreLoss == nil)
        working.cluster.kind = .kraft
        #expect(working.cluster.survivesOneMoreLoss == false)
        tell(2, 8, fetched: [:], end: 110, at: 5 * second)
        #expect(!working.cluster.coordinator.isSinceSeen)
        #expect(working.cluster.survivesOneMoreLoss == true)
        // A broker that has not heard of it tells of the old leader: not taken.
        tell(1, 7, fetched: [:], end: 111, at: 6 * second)
        #expect(working.cluster.controller == BrokerID(2))
        tell(-1, 9, fetched: [:], end: 111, at: 7 * second)
        #expect(working.cluster.controller == BrokerID.none)
        #expect(
            texts(working) == [
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
