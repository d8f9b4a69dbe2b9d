// Offsets folded into the picture, and the rates that come of them.
import ClusterModel
import KafkaWire
import Testing

@testable import Polling

@Suite struct FoldOffsetsTests {
    private func draft() -> Draft {
        var draft = Draft()
        draft.take([
            told("a", [told(0), told(1, leader: 2)]), told("b", [told(0, leader: 3), told(1)]),
        ])
        return draft
    }

    private func question(
        _ draft: Draft, _ kind: OffsetAsk.Kind = .logEnd, broker: Int32 = 1
    ) -> OffsetAsk {
        OffsetAsk(
            kind: kind, broker: BrokerID(broker), rows: draft.rowsOfBroker[BrokerID(broker)] ?? [],
            layout: draft.cluster.layout)
    }

    private func answer(
        _ entries: [(String, Int32, Int64, Int16)]
    ) -> OffsetColumns {
        var response = ListOffsetsResponse()
        for (topic, number, offset, error) in entries {
            var partition = ListOffsetsResponse.Partition()
            partition.partitionIndex = number
            partition.offset = offset
            partition.error = KafkaError(rawValue: error)
            if response.topics.last?.name != topic {
                var entry = ListOffsetsResponse.Topic()
                entry.name = topic
                response.topics.append(entry)
            }
            response.topics[response.topics.count - 1].partitions.append(partition)
        }
        return OffsetColumns(response)
    }

    private func fold(_ answer: OffsetColumns, into draft: inout Draft) -> OffsetAsk.Faults {
        let question = question(draft)
        return question.fold(
            answer, to: question.request(draft), asked: second, answered: second + 1, into: &draft)
    }

    private func ends(_ draft: Draft, broker: Int32 = 1) -> [Int64] {
        (draft.rowsOfBroker[BrokerID(broker)] ?? []).map {
            draft.cluster.partitions.replicaEnd[Int($0)]
        }
    }

    @Test func requestNamesEachTopicOnce() {
        let draft = draft()
        let request = question(draft).request(draft).plain
        #expect(request.replicaID == -2)
        #expect(request.topics.map(\.name) == ["a", "b"])
        #expect(request.topics.map { $0.partitions.map(\.partitionIndex) } == [[0, 1], [0, 1]])
        #expect(request.topics.allSatisfy { $0.partitions.allSatisfy { $0.timestamp == -1 } })
        let starts = OffsetAsk(
            kind: .logStart, broker: BrokerID(1), rows: [0, 3], layout: draft.cluster.layout)
        #expect(starts.request(draft).plain.topics.map { $0.partitions[0].timestamp } == [-2, -2])
        let marks = OffsetAsk(
            kind: .highWatermark, broker: BrokerID(1), rows: [0], layout: draft.cluster.layout)
        #expect(marks.request(draft).plain.replicaID == -1)
    }

    @Test func anyOrderAndAnyLie() {
        let start = draft()
        let orders: [[(String, Int32, Int64, Int16)]] = [
            [("a", 0, 10, 0), ("a", 1, 11, 0), ("b", 0, 12, 0), ("b", 1, 13, 0)],
            [("b", 1, 13, 0), ("b", 0, 12, 0), ("a", 1, 11, 0), ("a", 0, 10, 0)],
            // Unknown topics and partitions, one twice, one beyond the end.
            [
                ("zz", 0, 99, 0), ("a", 0, 10, 0), ("a", 0, 77, 0), ("a", 9, 99, 0),
                ("a", -1, 99, 0), ("b", 0, 12, 0), ("a", 1, 11, 0), ("b", 1, 13, 0),
                ("b", 2, 99, 0),
            ],
        ]
        for order in orders {
            var draft = start
            let faults = fold(answer(order), into: &draft)
            #expect(ends(draft) == [10, 11, 12, 13])
            #expect(ends(draft, broker: 2) == [-1, -1, -1, -1])
            #expect(faults.counts.isEmpty && faults.missing == 0)
        }
    }

    @Test func errorsAndGapsAreCounted() {
        var draft = draft()
        let faults = fold(
            answer([("a", 0, 10, 0), ("a", 1, -1, 6), ("b", 0, -1, 6)]), into: &draft)
        #expect(ends(draft) == [10, -1, -1, -1])
        #expect(faults.counts == [.notLeaderOrFollower: 2])
        #expect(faults.example[.notLeaderOrFollower]?.partition == 1)
        #expect(faults.missing == 1)
        #expect(faults.needsMetadata)
        for (code, needs) in [(Int16(3), true), (56, true), (29, false), (42, false)] {
            let faults = fold(answer([("a", 0, -1, code)]), into: &draft)
            #expect(faults.needsMetadata == needs, "\(code)")
            #expect(ends(draft)[0] == 10, "what is known stays")
        }
    }

    @Test func answerToAnOlderLayout() {
        var draft = draft()
        let old = question(draft)
        let request = old.request(draft)
        draft.take([
            told("a", [told(0), told(1, leader: 2)]), told("aa", [told(0)]),
            told("b", [told(0, leader: 3), told(1, replicas: [2, 3])]),
        ])
        _ = old.fold(
            answer([("a", 0, 10, 0), ("a", 1, 11, 0), ("b", 0, 12, 0), ("b", 1, 13, 0)]),
            to: request, asked: second, answered: second + 1, into: &draft)
        #expect(ends(draft) == [10, 11, -1, 12])
        #expect(draft.cluster.partitions.replicaEnd.filter { $0 >= 0 }.count == 3)
        #expect(draft.faults.isEmpty)
    }

    @Test func truncationAndCloseSamples() {
        var draft = draft()
        draft.end("a", 0, 1, 1_000, at: 10)
        #expect(draft.rate("a", 0).isNaN)
        draft.end("a", 0, 1, 1_400, at: 12)
        #expect(abs(draft.rate("a", 0) - 200) < 0.5)
        draft.end("a", 0, 1, 1_410, at: 12.1)
        #expect(abs(draft.rate("a", 0) - 200) < 0.5, "too close: the rate stays")
        draft.end("a", 0, 1, 1_800, at: 14)
        #expect(abs(draft.rate("a", 0) - 200) < 0.5)
        draft.end("a", 0, 1, 300, at: 16)
        #expect(draft.rate("a", 0).isNaN, "truncated")
        draft.end("a", 0, 1, 500, at: 18)
        #expect(abs(draft.rate("a", 0) - 100) < 0.5)
        draft.end("a", 0, 1, 100_500, at: 1_018)
        #expect(abs(draft.rate("a", 0) - 100) < 0.5, "a long gap is averaged")
    }

    /// Broker 2 freezes far behind, then leads: the partition's rate is never above what was
    /// written.
    @Test func aLateFollowerIsHeldAgainstTheLeaderOfThen() throws {
        var draft = draft()
        draft.end("a", 0, 1, 1_000, at: 10)
        draft.end("a", 0, 2, 990, at: 10)
        draft.end("a", 0, 1, 3_000, at: 12)
        let row = try #require(draft.row("a", 0))
        let follower = try #require(draft.replica("a", 0, 2))
        #expect(draft.cluster.partitions.lag(follower, of: row) == 10)
        draft.end("a", 0, 2, 2_995, at: 12.1)
        #expect(draft.cluster.partitions.lag(follower, of: row) == 5)
        // Silent from now on: what it lacks grows with all that is written.
        draft.end("a", 0, 1, 5_000, at: 14)
        draft.end("a", 0, 1, 7_000, at: 16)
        #expect(draft.cluster.partitions.lag(follower, of: row) == 4_005)
    }

    @Test func leadersMove() {
        var draft = draft()
        draft.end("a", 0, 1, 1_000, at: 10)
        draft.end("a", 0, 2, 990, at: 10)
        draft.end("a", 0, 1, 1_200, at: 12)
        #expect(abs(draft.rate("a", 0) - 100) < 0.5)
        // Broker 1 dies; the new leader goes on where the log was.
        let next = [
            told("a", [told(0, leader: 2, epoch: 4), told(1, leader: 2)]),
            told("b", [told(0, leader: 3), told(1)]),
        ]
        draft.take(next)
        draft.end("a", 0, 2, 1_600, at: 16)
        #expect(abs(draft.rate("a", 0) - 100) < 0.5)
        // An unclean election: the log of broker 3 is shorter.
        draft.take([
            told("a", [told(0, leader: 3, epoch: 5), told(1, leader: 2)]),
            told("b", [told(0, leader: 3), told(1)]),
        ])
        draft.end("a", 0, 3, 700, at: 18)
        #expect(draft.rate("a", 0).isNaN)
        draft.end("a", 0, 3, 900, at: 20)
        #expect(abs(draft.rate("a", 0) - 100) < 0.5)
        // Broker 1 thaws as a follower, and its own old sample is no base for the partition.
        draft.end("a", 0, 1, 950, at: 21)
        #expect(abs(draft.rate("a", 0) - 100) < 0.5)
    }

    @Test func oldRatesAreForgottenAndOffsetsStay() throws {
        var draft = draft()
        for at in [10.0, 12] {
            draft.end("a", 0, 1, Int64(at * 100), at: at)
            draft.end("a", 0, 2, Int64(at * 100), at: at)
        }
        draft.end("a", 0, 1, 1_900, at: 19)
        let oldest = draft.forgetOldRates(now: 20 * second, limit: 6 * second)
        #expect(abs(oldest.seconds(since: Instant(ns: 12 * second)) - 0.002) < 1e-6)
        #expect(!draft.rate("a", 0).isNaN)
        let follower = try #require(draft.replica("a", 0, 2))
        #expect(draft.cluster.partitions.replicaRate[follower].isNaN)
        #expect(draft.cluster.partitions.replicaEnd[follower] == 1_200)
        _ = draft.forgetOldRates(now: 40 * second, limit: 6 * second)
        #expect(draft.rate("a", 0).isNaN)
        #expect(draft.cluster.partitions.logEnd(0) == 1_900)
    }
}
