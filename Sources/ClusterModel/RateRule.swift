// When two log end offsets make a rate, and when they do not. A rate shown is always records that
// were really written divided by the time really passed between two answers.

/// A log end offset (or a log's size in bytes) and when it was answered.
package struct OffsetSample: Sendable, Equatable {
    /// Negative: unknown.
    package var end: Int64
    package var at: Instant
    package init(end: Int64, at: Instant) {
        self.end = end
        self.at = at
    }
    package static let unknown = OffsetSample(end: -1, at: .never)
    package var isKnown: Bool { end >= 0 && at.happened }
}

/// What a new sample says beside the one before it.
package enum RateRule: Sendable, Equatable {
    /// Records a second between the two, never negative. The new sample is the next one's base.
    case rate(Double)
    /// There was nothing to measure against: the new sample is the first.
    case first
    /// The offset went down: the log was truncated, or the topic made anew. Nothing is known of the
    /// time between; the new sample is the first of a new series.
    case reset
    /// The new sample is unknown, or not later than the old one by enough: keep the old base.
    case keep

    /// Judges `new` against `old`. After a leader change `old` may be the previous leader's sample:
    /// the partition's log goes on where the new leader's end is not below it.
    ///
    /// A long time between the two is no fault: the rate is then the average over that time.
    package static func judge(_ old: OffsetSample, _ new: OffsetSample) -> RateRule {
        guard new.isKnown else { return .keep }
        guard old.isKnown else { return .first }
        if new.end < old.end { return new.at < old.at ? .keep : .reset }
        let seconds = new.at.seconds(since: old.at)
        guard seconds >= Limits.leastRateSeconds else { return .keep }
        return .rate(Double(new.end - old.end) / seconds)
    }
}

/// The rate of one growing number across its answers: the base sample and what it last came to.
package struct RateMeter: Sendable, Equatable {
    package private(set) var base: OffsetSample
    /// NaN unknown.
    package private(set) var perSecond: Float

    package init(base: OffsetSample = .unknown, perSecond: Float = .nan) {
        self.base = base
        self.perSecond = perSecond
    }

    /// Takes the next answer in; true where `perSecond` is a new measurement.
    @discardableResult
    package mutating func take(_ new: OffsetSample) -> Bool {
        switch RateRule.judge(base, new) {
        case .rate(let rate):
            base = new
            perSecond = Float(rate)
            return true
        case .first, .reset:
            base = new
            perSecond = .nan
            return false
        case .keep:
            return false
        }
    }

    /// Forgets everything: another incarnation of the topic.
    package mutating func reset() { self = RateMeter() }
}
