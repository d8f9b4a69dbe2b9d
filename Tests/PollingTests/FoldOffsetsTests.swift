// Offsets folded into the picture, and the rates that come of them.
import ClusterModel
import KafkaWire
import Testing

@testable import Polling

@Suite struct FoldOffsetsTests {
    private func working() -> WorkingCluster {
        var working = WorkingCluster()
        working.take([
            told("a", [told(0), told(1, leader: 2)]), told("b", [told(0, leader: 3), told(1)]),
        ])
        return working
    }

    private func question(
        _ working: WorkingCluster, _ kind: OffsetQuestion.Kind = .logEnd, broker: Int32 = 1
    ) -> OffsetQuestion {
        OffsetQuestion(
            kind: kind, broker: BrokerID(broker),
            rows: working.rowsOfBroker[BrokerID(broker)] ?? [],
            layout: working.cluster.layout)
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
        return columns(ListOffsetsColumns.self, response)
    }

    private func fold(_ answer: OffsetColumns, into working: inout WorkingCluster)
        -> OffsetQuestion.Faults
    {
        let question = question(working)
        return question.fold(
            answer, to: question.request(working), asked: second, answered: second + 1,
            into: &working)
    }

    private func ends(_ working: WorkingCluster, broker: Int32 = 1) -> [Int64] {
        (working.rowsOfBroker[BrokerID(broker)] ?? []).map {
            working.cluster.partitions.replicaLogEnd[Int($0)]
        }
    }

    /// The request as a broker reads it.
    private func plain(_ request: ListOffsetsColumns) throws -> ListOffsetsRequest {
        let frame = try encodeRequest(request, version: 10, correlationID: 1, clientID: nil)
        return try frame.dropFirst(4).withUnsafeBytes {
            try decodeRequest(ListOffsetsRequest.self, frame: $0).request
        }
    }

    @Test func requestNamesEachTopicOnce() throws {
        let working = working()
        let request = try plain(question(working).request(working))
        #expect(request.replicaID == -2)
        #expect(request.topics.map(\.name) == ["a", "b"])
        #expect(request.topics.map { $0.partitions.map(\.partitionIndex) } == [[0, 1], [0, 1]])
        #expect(request.topics.allSatisfy { $0.partitions.allSatisfy { $0.timestamp == -1 } })
        let starts = OffsetQuestion(
            kind: .logStart, broker: BrokerID(1), rows: [0, 3], layout: working.cluster.layout)
        #expect(
            try plain(starts.request(working)).topics.map { $0.partitions[0].timestamp } == [
                -2, -2,
            ])
        let marks = OffsetQuestion(
            kind: .highWatermark, broker: BrokerID(1), rows: [0], layout: working.cluster.layout)
        #expect(try plain(marks.request(working)).replicaID == -1)
    }

    @Test func anyOrderAndAnyLie() {
        let start = working()
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
            var working = start
            let faults = fold(answer(order), into: &working)
            #expect(ends(working) == [10, 11, 12, 13])
            #expect(ends(working, broker: 2) == [-1, -1, -1, -1])
            #expect(faults.counts.isEmpty && faults.missing == 0)
        }
    }

    @Test func errorsAndGapsAreCounted() {
        var working = working()
        let faults = fold(
            answer([("a", 0, 10, 0), ("a", 1, -1, 6), ("b", 0, -1, 6)]), into: &working)
        #expect(ends(working) == [10, -1, -1, -1])
        #expect(faults.counts == [.notLeaderOrFollower: 2])
        #expect(faults.example[.notLeaderOrFollower]?.partition == 1)
        #expect(faults.missing == 1)
        #expect(faults.needsMetadata)
        for (code, needs) in [(Int16(3), true), (56, true), (29, false), (42, false)] {
            let faults = fold(answer([("a", 0, -1, code)]), into: &working)
            #expect(faults.needsMetadata == needs, "\(code)")
            #expect(ends(working)[0] == 10, "what is known stays")
        }
    }

    @Test func answerToAnOlderLayout() {
        var working = working()
        let old = question(working)
        let request = old.request(working)
        working.take([
            told("a", [told(0), told(1, leader: 2)]), told("aa", [told(0)]),
            told("b", [told(0, leader: 3), told(1, replicas: [2, 3])]),
        ])
        _ = old.fold(
            answer([("a", 0, 10, 0), ("a", 1, 11, 0), ("b", 0, 12, 0), ("b", 1, 13, 0)]),
            to: request, asked: second, answered: second + 1, into: &working)
        #expect(ends(working) == [10, 11, -1, 12])
        #expect(working.cluster.partitions.replicaLogEnd.filter { $0 >= 0 }.count == 3)
        #expect(working.faults.isEmpty)
    }

    @Test func truncationAndCloseSamples() {
        var working = working()
        working.end("a", 0, 1, 1_000, at: 10)
        #expect(working.rate("a", 0).isNaN)
        working.end("a", 0, 1, 1_400, at: 12)
        #expect(abs(working.rate("a", 0) - 200) < 0.5)
        working.end("a", 0, 1, 1_410, at: 12.1)
        #expect(abs(working.rate("a", 0) - 200) < 0.5, "too close: the rate stays")
        working.end("a", 0, 1, 1_800, at: 14)
        #expect(abs(working.rate("a", 0) - 200) < 0.5)
        working.end("a", 0, 1, 300, at: 16)
        #expect(working.rate("a", 0).isNaN, "truncated")
        working.end("a", 0, 1, 500, at: 18)
        #expect(abs(working.rate("a", 0) - 100) < 0.5)
        working.end("a", 0, 1, 100_500, at: 1_018)
        #expect(abs(working.rate("a", 0) - 100) < 0.5, "a long gap is averaged")
    }

    /// Broker 2 freezes far behind, then leads: the partition's rate is never above what was
    /// written.
    @Test func aLateFollowerIsHeldAgainstTheLeaderOfThen() throws {
        var working = working()
        working.end("a", 0, 1, 1_000, at: 10)
        working.end("a", 0, 2, 990, at: 10)
        working.end("a", 0, 1, 3_000, at: 12)
        let row = try #require(working.row("a", 0))
        let follower = try #require(working.replica("a", 0, 2))
        #expect(working.cluster.partitions.lag(follower, of: row) == 10)
        working.end("a", 0, 2, 2_995, at: 12.1)
        #expect(working.cluster.partitions.lag(follower, of: row) == 5)
        // Silent from now on: what it lacks grows with all that is written.
        working.end("a", 0, 1, 5_000, at: 14)
        working.end("a", 0, 1, 7_000, at: 16)
        #expect(working.cluster.partitions.lag(follower, of: row) == 4_005)
    }

    @Test func leadersMove() {
        var working = working()
        working.end("a", 0, 1, 1_000, at: 10)
        working.end("a", 0, 2, 990, at: 10)
        working.end("a", 0, 1, 1_200, at: 12)
        #expect(abs(working.rate("a", 0) - 100) < 0.5)
        // Broker 1 dies; the new leader goes on where the log was.
        let next = [
            told("a", [told(0, leader: 2, epoch: 4), told(1, leader: 2)]),
            told("b", [told(0, leader: 3), told(1)]),
        ]
        working.take(next)
        working.end("a", 0, 2, 1_600, at: 16)
        #expect(abs(working.rate("a", 0) - 100) < 0.5)
        // An unclean election: the log of broker 3 is shorter.
        working.take([
            told("a", [told(0, leader: 3, epoch: 5), told(1, leader: 2)]),
            told("b", [told(0, leader: 3), told(1)]),
        ])
        working.end("a", 0, 3, 700, at: 18)
        #expect(working.rate("a", 0).isNaN)
        working.end("a", 0, 3, 900, at: 20)
        #expect(abs(working.rate("a", 0) - 100) < 0.5)
        // Broker 1 thaws as a follower, and its own old sample is no base for the partition.
        working.end("a", 0, 1, 950, at: 21)
        #expect(abs(working.rate("a", 0) - 100) < 0.5)
    }

    /// Broker 1 led, was away, and follows by now, which it tells by the epoch beside its end: what
    /// it lacks of the new leader's log was not written in the two seconds between the looks.
    @Test func whoLedBeforeIsNoMeasure() throws {
        var working = working()
        func lead(_ leader: Int32, _ epoch: Int32) -> [MetadataResponse.Topic] {
            [
                told("a", [told(0, leader: leader, epoch: epoch), told(1, leader: 2)]),
                told("b", [told(0, leader: 3), told(1)]),
            ]
        }
        working.take(lead(1, 4))
        working.end("a", 0, 1, 1_000, at: 10, epoch: 4)
        working.end("a", 0, 1, 1_200, at: 12, epoch: 4)
        #expect(abs(working.rate("a", 0) - 100) < 0.5)
        working.end("a", 0, 1, 1_300, at: 20, epoch: 5)
        #expect(abs(working.rate("a", 0) - 100) < 0.5, "what is known stays")
        let replica = try #require(working.replica("a", 0, 1))
        #expect(working.cluster.partitions.replicaLogEnd[replica] == 1_300, "its own end is told")
        working.take(lead(2, 5))
        working.end("a", 0, 2, 2_200, at: 22, epoch: 5)
        #expect(abs(working.rate("a", 0) - 100) < 0.5, "over the ten seconds since it was measured")
        // A broker that knows of no election yet is no measure either.
        working.end("a", 0, 2, 9_000, at: 24, epoch: 4)
        #expect(abs(working.rate("a", 0) - 100) < 0.5)
    }

    @Test func oldRatesAreForgottenAndOffsetsStay() throws {
        var working = working()
        for at in [10.0, 12] {
            working.end("a", 0, 1, Int64(at * 100), at: at)
            working.end("a", 0, 2, Int64(at * 100), at: at)
        }
        working.end("a", 0, 1, 1_900, at: 19)
        let oldest = working.forgetOldRates(now: 20 * second, limit: 6 * second)
        #expect(abs(oldest.seconds(since: Instant(ns: 12 * second)) - 0.002) < 1e-6)
        #expect(!working.rate("a", 0).isNaN)
        let follower = try #require(working.replica("a", 0, 2))
        #expect(working.cluster.partitions.replicaRate[follower].isNaN)
        #expect(working.cluster.partitions.replicaLogEnd[follower] == 1_200)
        _ = working.forgetOldRates(now: 40 * second, limit: 6 * second)
        #expect(working.rate("a", 0).isNaN)
        #expect(working.cluster.partitions.logEnd(0) == 1_900)
    }

    /// Producers write in batches: 52 records each 78 ms are 667 records a second, and a look every
    /// two seconds sees one batch more or less, 4 % of it.
    @Test func ratesAreSteadyThoughProducersWriteInBatches() throws {
        for phase in 0..<20 {
            var working = working()
            let row = try #require(working.row("a", 0))
            let replica = try #require(working.replica("a", 0, 1))
            let batch = 52.0
            let every = batch / 667
            for look in 0..<40 {
                let uneven = Double((look * 7 + phase * 3) % 10) / 50
                let seconds = 10 + Double(look) * 2 + uneven
                let written = min(seconds, 60)
                let at = Instant(ns: UInt64(seconds * 1e9))
                let end = Int64((written / every).rounded(.down) * batch)
                working.foldLogEnd(
                    replica: replica, OffsetSample(end: end, asked: at, answered: at))
                let rate = Double(working.cluster.partitions.recordsPerSecond[row])
                if (4...24).contains(look) {
                    #expect(abs(rate - 667) < 0.02 * 667, "\(rate) at \(seconds)")
                }
                if seconds > 68.5 {
                    #expect(rate == 0, "stopped at 60, \(rate) at \(seconds)")
                    #expect(working.earlierLogEnds.isEmpty)
                }
            }
        }
    }
}
