// When two reads of a growing number make a rate, and when they do not. A rate shown is always
// records that were really written divided by the time that really passed between two reads.

/// A growing number (a log end, a committed offset) and the span of time in which it was read: we
/// know when we asked and when the answer was here, not when between the two the broker looked. No
/// part of the span is what every exchange on the connection takes: that is the same for both, and
/// between two spans it does not count.
package struct OffsetSample: Sendable, Equatable {
    /// Negative: unknown.
    package var end: Int64
    /// When the question left and when the answer was here; `answered` is never before `asked`.
    package var asked: Instant
    package var answered: Instant

    package init(end: Int64, asked: Instant, answered: Instant) {
        self.end = end
        self.asked = asked
        self.answered = answered
    }
    package static let unknown = OffsetSample(end: -1, asked: .never, answered: .never)
    package var isKnown: Bool { end >= 0 && answered.happened }
}

/// What a new sample says beside the one before it.
package enum RateRule: Sendable, Equatable {
    /// Records a second between the two, never negative, and the share of it by which it may be
    /// wrong. The new sample is the next one's base.
    case rate(Double, error: Double)
    /// There was nothing to measure against: the new sample is the first.
    case first
    /// The number went down: the log was truncated, or the topic made anew. Nothing is known of the
    /// time between; the new sample is the first of a new series.
    case reset
    /// The new sample is unknown, may have been read before the old one, or follows it too closely:
    /// keep the old base and the old rate.
    case keep

    /// A rate that may be wrong by more than this is marked wherever it is shown.
    package static let sureShare = 0.02
    /// One that may be wrong by more than this is not known.
    package static let worstShare = 0.5

    /// Judges `new` against `old`. After a leader change `old` may be the previous leader's sample:
    /// the partition's log goes on where the new leader's end is not below it.
    ///
    /// A long time between the two is no fault: the rate is then the average over that time. The
    /// time between is taken from the middle of one span to the middle of the other, which is too
    /// long as often as too short; it may be wrong by half of each span.
    package static func judge(_ old: OffsetSample, _ new: OffsetSample) -> RateRule {
        guard new.isKnown else { return .keep }
        guard old.isKnown else { return .first }
        guard new.asked >= old.answered else { return .keep }
        if new.end < old.end { return .reset }
        let unsure =
            (old.answered.seconds(since: old.asked) + new.answered.seconds(since: new.asked)) / 2
        let middle = new.answered.seconds(since: old.asked) - unsure
        guard middle >= Limits.leastRateSeconds else { return .keep }
        return .rate(Double(new.end - old.end) / middle, error: unsure / middle)
    }
}
