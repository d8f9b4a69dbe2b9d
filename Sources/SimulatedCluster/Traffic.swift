// How many records have been written by a moment: sums in closed form, so that a partition costs
// nothing until somebody asks.
import Simulation

/// The ups and downs of one topic's traffic about its mean: the day, the quarter of an hour, the
/// minute, the seconds.
struct Wave: Sendable {
    /// Shares of the mean; together with a partition's own they stay below 1, so that nothing ever
    /// flows backwards.
    private static let shares = [0.42, 0.13, 0.10, 0.05]
    static let partitionShare = 0.15
    static let partitionPeriod = 37.0
    /// What traffic comes to at its height, as a multiple of its mean.
    static var greatest: Double { 1 + shares.reduce(0, +) + partitionShare }
    private static let turn = 2 * Double.pi
    private static let day = 86_400.0

    private var phases: (Double, Double, Double, Double)
    private var periods: (Double, Double, Double, Double)

    /// - Parameter dayPhase: turns of the day at the start of the simulation.
    init(seed: UInt64, dayPhase: Double) {
        func chance(_ number: UInt64) -> Double { fraction(hashed(seed, number)) }
        // Most topics follow people: least at four in the morning, most at four in the afternoon.
        let own = (chance(1) - 0.5) * 0.12
        phases = (dayPhase - 16.0 / 24 + own, chance(2), chance(3), chance(4))
        periods = (Self.day, 700 + 500 * chance(5), 70 + 50 * chance(6), 11 + 9 * chance(7))
    }

    /// The integral of 1 plus all waves, in seconds of mean traffic.
    func flown(_ t: Double) -> Double {
        var sum = t
        sum += Self.term(Self.shares[0], periods.0, t, phases.0)
        sum += Self.term(Self.shares[1], periods.1, t, phases.1)
        sum += Self.term(Self.shares[2], periods.2, t, phases.2)
        sum += Self.term(Self.shares[3], periods.3, t, phases.3)
        return sum
    }

    /// The wobble of one partition on top.
    static func wobble(partition: Int, _ t: Double) -> Double {
        let phase = Double((partition &* 37) & 127) / 128
        return term(partitionShare, partitionPeriod, t, phase)
    }

    private static func term(
        _ share: Double, _ period: Double, _ t: Double, _ phase: Double
    ) -> Double {
        share * period / turn * sine(turns: t / period + phase)
    }
}

/// A stretch of time in which a partition's mean rate stays the same.
struct Stretch: Sendable {
    /// When it began, seconds of the simulation.
    var time: Double
    /// The topic's and the partition's integral then.
    var flown: Double
    /// Records written by then.
    var end: Double
    /// Records a second in the mean.
    var rate: Float
}

/// How far a reader of a log has come, in time: it has all that had been written by `from` plus
/// `speed` seconds of writing for each second since `since`, and never more than there is.
package struct Pace: Sendable, Equatable {
    var since: Double
    var from: Double
    var speed: Double

    func reached(_ t: Double) -> Double { from + (t - since) * speed }
}
