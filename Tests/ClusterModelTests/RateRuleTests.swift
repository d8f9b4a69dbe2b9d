// The rule of rates: never negative, true in the mean, never further from the truth than they say.

import ClusterModel
import ModelTesting
import Simulation
import Testing

@Suite struct Rates {
    private func sample(_ end: Int64, _ asked: Double, _ answered: Double? = nil) -> OffsetSample {
        OffsetSample(
            end: end, asked: Instant(ns: UInt64(asked * 1e9)),
            answered: Instant(ns: UInt64((answered ?? asked) * 1e9)))
    }

    private func rate(_ old: OffsetSample, _ new: OffsetSample) -> Double? {
        guard case .rate(let rate, _) = RateRule.judge(old, new) else { return nil }
        return rate
    }

    @Test func rules() {
        let base = sample(100, 10)
        #expect(RateRule.judge(base, sample(300, 12)) == .rate(100, error: 0))
        #expect(RateRule.judge(base, sample(100, 12)) == .rate(0, error: 0))
        #expect(RateRule.judge(base, sample(100_000, 1_010)) == .rate(99.9, error: 0))
        #expect(RateRule.judge(base, sample(99, 12)) == .reset)
        #expect(RateRule.judge(base, sample(99, 9)) == .keep)
        #expect(RateRule.judge(base, sample(300, 9)) == .keep)
        #expect(RateRule.judge(base, sample(300, 10)) == .keep)
        #expect(RateRule.judge(base, sample(300, 10.2)) == .keep)
        #expect(RateRule.judge(base, .unknown) == .keep)
        #expect(RateRule.judge(.unknown, base) == .first)
        // Overlapping spans: nobody knows which was read first.
        #expect(RateRule.judge(sample(100, 10, 12), sample(300, 11, 13)) == .keep)
    }

    @Test func spans() throws {
        // Short spans: from middle to middle.
        let short = try #require(rate(sample(0, 10, 10.1), sample(200, 12, 12.1)))
        #expect(abs(short - 100) < 0.001)
        // Long ones too, and it is said how wrong that may be.
        #expect(RateRule.judge(sample(0, 10, 10), sample(300, 12, 14)) == .rate(100, error: 1 / 3))
        #expect(RateRule.judge(sample(0, 10, 12), sample(200, 12, 14)) == .rate(100, error: 1))
    }

    /// A writer whose rate changes at random, read at a random moment of each span: every rate is
    /// within the bounds that any reader could give, and in the mean it is the truth.
    @Test func neverAboveTruth() {
        var random = SeededGenerator(seed: 3)
        for writer in 0..<60 {
            let isSteady = writer.isMultiple(of: 3)
            let slowest = [0.01, 0.3, 3.0][writer % 3]
            var now = 10.0
            var written = 0.0
            var speed = 1_000.0
            var old = OffsetSample.unknown
            var oldRead = 0.0
            var resets = 0
            func advance(to time: Double) {
                written += speed * (time - now)
                now = time
                if !isSteady { speed = Double.random(in: 0...5_000, using: &random) }
            }
            for _ in 0..<120 {
                let asked = now + Double.random(in: 0.01...4, using: &random)
                let answered = asked + Double.random(in: 0.0001...slowest, using: &random)
                let read = Double.random(in: asked...answered, using: &random)
                advance(to: read)
                let new = sample(Int64(written), asked, answered)
                advance(to: answered)
                if Int.random(in: 0..<40, using: &random) == 0 {
                    written /= 2
                    resets += 1
                }
                switch RateRule.judge(old, new) {
                case .rate(let rate, let error):
                    let truth = Double(new.end - old.end) / (read - oldRead)
                    #expect(rate >= 0)
                    #expect(abs(rate - truth) <= truth * error * 1.0001 + 0.001)
                    if isSteady && slowest < 0.02 && new.asked.seconds(since: old.answered) > 1 {
                        #expect(abs(rate - truth) <= truth * 0.011 + 1)
                    }
                    (old, oldRead) = (new, read)
                case .first: (old, oldRead) = (new, read)
                case .reset:
                    #expect(resets > 0)
                    (old, oldRead) = (new, read)
                case .keep: break
                }
            }
        }
    }

    /// Successive rates of a steady writer, weighted by their time, are its rate within 1 %,
    /// however the answers jitter.
    @Test func errorsCancelOut() {
        var random = SeededGenerator(seed: 8)
        var old = OffsetSample.unknown
        var sum = 0.0
        var count = 0.0
        for round in 0..<16 {
            let asked = 10 + 2 * Double(round)
            let answered = asked + Double.random(in: 0.005...0.1, using: &random)
            let read = Double.random(in: asked...answered, using: &random)
            let new = sample(Int64(read * 50_000), asked, answered)
            if let rate = rate(old, new) {
                sum += rate
                count += 1
            }
            old = new
        }
        #expect(count == 15)
        #expect(abs(sum / count - 50_000) < 500)
    }
}
