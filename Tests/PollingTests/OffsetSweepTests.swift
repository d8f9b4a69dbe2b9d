// The walk over a large cluster's partitions: every row of every broker is asked about once a pass,
// whatever brokers do.

import ClusterModel
import Testing

@testable import Polling

@Suite struct OffsetSweepTests {
    private static let brokers = (1...5).map { BrokerID(Int32($0)) }

    @Test func piecesAreTheWholeInSoManyRounds() {
        for count in [1, 7, 100, 1_001] {
            for rounds in [1, 2, 3, 10] {
                var sweep = OffsetSweep()
                _ = sweep.take(BrokerID(1), count: count)
                let pass = sweep.pass
                var rows: [Int] = []
                for _ in 0..<rounds where sweep.pass == pass {
                    sweep.advance(count: count, rounds: rounds)
                    rows += sweep.piece
                }
                #expect(rows == Array(0..<count))
                #expect(sweep.pass == pass + 1)
            }
        }
    }

    @Test func aBrokerBeginsWithAllItHolds() {
        var sweep = OffsetSweep()
        sweep.advance(count: 100, rounds: 4)
        #expect(sweep.take(BrokerID(1), count: 100) == nil)
        #expect(sweep.pass == 1)
        sweep.advance(count: 100, rounds: 4)
        #expect(sweep.take(BrokerID(1), count: 100) == [0..<25])
        sweep.begin(BrokerID(1))
        sweep.advance(count: 100, rounds: 4)
        #expect(sweep.take(BrokerID(1), count: 100) == nil)
    }

    @Test func whatWasSkippedIsAskedWithTheNextPiece() {
        var sweep = OffsetSweep()
        sweep.advance(count: 100, rounds: 4)
        _ = sweep.take(BrokerID(1), count: 100)
        sweep.advance(count: 100, rounds: 4)
        sweep.skip(BrokerID(1))
        sweep.advance(count: 100, rounds: 4)
        sweep.skip(BrokerID(1))
        sweep.advance(count: 100, rounds: 4)
        #expect(sweep.take(BrokerID(1), count: 100) == [0..<75])
        sweep.advance(count: 100, rounds: 4)
        sweep.skip(BrokerID(1))
        sweep.advance(count: 100, rounds: 4)
        #expect(sweep.take(BrokerID(1), count: 100) == [0..<25, 75..<100])
        // Once round without an answer: everything is owed.
        for _ in 0..<5 {
            sweep.advance(count: 100, rounds: 4)
            sweep.skip(BrokerID(1))
        }
        sweep.advance(count: 100, rounds: 4)
        #expect(sweep.take(BrokerID(1), count: 100) == nil)
    }

    /// Rounds rest between pieces, and a pass still takes no more rounds than it should.
    @Test func restingRoundsMakeLargerPieces() {
        for count in [7, 100, 1_001] {
            for (rounds, roundsPerPiece) in [(1, 2), (2, 2), (3, 2), (6, 2), (10, 3)] {
                var sweep = OffsetSweep()
                _ = sweep.take(BrokerID(1), count: count)
                var rows: [Int] = []
                var pieces = 0
                for _ in 0..<rounds where sweep.pass == 0 {
                    sweep.advance(
                        count: count, rounds: rounds, roundsPerPiece: roundsPerPiece)
                    if !sweep.piece.isEmpty { pieces += 1 }
                    rows += sweep.piece
                }
                #expect(rows == Array(0..<count))
                #expect(pieces <= (rounds + roundsPerPiece - 1) / roundsPerPiece)
                #expect(sweep.pass == 1)
            }
        }
    }

    /// Any mix of answers, failures, busy brokers and tables that grow: no row goes unasked for
    /// longer than two passes after its broker answers again.
    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func noRowIsForgotten(seed: UInt64) {
        var random = seed
        func roll(_ sides: UInt64) -> UInt64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (random >> 33) % sides
        }
        var sweep = OffsetSweep()
        var count = 50 + Int(roll(100))
        let rounds = 1 + Int(roll(9))
        let roundsPerPiece = 1 + Int(roll(3))
        for _ in 0..<60 {
            sweep.advance(count: count, rounds: rounds, roundsPerPiece: roundsPerPiece)
            for broker in Self.brokers {
                if roll(3) == 0 {
                    sweep.skip(broker)
                    continue
                }
                let pieces = sweep.take(broker, count: count) ?? [0..<count]
                #expect(pieces.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= count })
                if roll(4) == 0 { sweep.fail(broker, from: sweep.piece.lowerBound) }
            }
            if roll(10) == 0 { count = 50 + Int(roll(100)) }
        }
        var asked: [BrokerID: Set<Int>] = [:]
        for _ in 0..<(rounds * 2) {
            sweep.advance(count: count, rounds: rounds, roundsPerPiece: roundsPerPiece)
            for broker in Self.brokers {
                for piece in sweep.take(broker, count: count) ?? [0..<count] {
                    asked[broker, default: []].formUnion(piece)
                }
            }
        }
        for broker in Self.brokers { #expect(asked[broker]?.count == count) }
    }
}
