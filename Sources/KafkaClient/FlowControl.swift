// How much may be under way at once over all connections of a client: what the link was measured to
// carry in a short while. A slow link or a slow machine is then slower, and what is asked next does
// not wait behind megabytes that were asked before.

/// One exchange on its way, as flow control counts it.
struct Passage {
    let api: Int16
    let requestBytes: Int
    let sentAt: UInt64
    /// What the window holds of it; 0 once it holds it no more.
    fileprivate(set) var held: Int
    /// What had passed when it left.
    fileprivate let passedBefore: UInt64
}

/// The window of one client, in bytes, from the rate and the round trip of the last seconds.
struct FlowControl {
    /// Sent and not answered, in bytes as they are expected both ways.
    private(set) var held = 0
    private var passed: UInt64 = 0
    /// Bytes a second, the most of the last seconds.
    private var rate = Recent<Double>(keeps: >)
    private var trip = Recent<UInt64>(keeps: <)
    private var longestOwed = Recent<UInt64>(keeps: >)
    private var habits: [Int16: Habit] = [:]

    /// What was seen of one API.
    private struct Habit {
        /// Bytes of answers for each byte of requests.
        var share: Double
        var leastTrip = Recent<UInt64>(keeps: <)
    }

    /// Bytes that may be under way. Twice what passed in a round trip and a moment: more than the
    /// link carries in that time only waits in it, and less would leave it idle.
    func window(_ now: UInt64) -> Int {
        guard let rate = rate.value(now) else { return Limits.leastWindow }
        let seconds = Double((trip.value(now) ?? 0) + Limits.windowSpan) / 1e9
        return max(Limits.leastWindow, Int(min(2 * rate * seconds, 1e12)))
    }

    /// Whether one more exchange may leave.
    func hasRoom(_ now: UInt64) -> Bool { held < window(now) }

    /// How long the link takes for what is under way, as far as it was measured.
    func carryNs(_ now: UInt64) -> UInt64 {
        guard let rate = rate.value(now), rate > 0 else { return 0 }
        return UInt64(min(Double(held) / rate * 1e9, 1e12))
    }

    /// How long an answer was owed at the most, in the last seconds; nil where none came.
    func longestOwed(_ now: UInt64) -> UInt64? { longestOwed.value(now) }

    /// An answer came that was owed for so long: since it was asked for, or since the answer before
    /// it on its connection.
    mutating func owed(_ nanoseconds: UInt64, at now: UInt64) { longestOwed.note(nanoseconds, now) }

    mutating func leaves(_ api: Int16, bytes: Int, at now: UInt64) -> Passage {
        let habit = habits[api]
        let expected = Double(bytes) * (1 + (habit?.share ?? Limits.unknownShare))
        var weight = expected + Double(Limits.exchangeBytes)
        // A call that takes long at the broker itself is on the link for a part of its time only.
        if let least = habit?.leastTrip.value(now), least > Limits.windowSpan {
            weight *= Double(Limits.windowSpan) / Double(least)
        }
        let passage = Passage(
            api: api, requestBytes: bytes, sentAt: now, held: Int(min(weight, 1e9)),
            passedBefore: passed)
        held += passage.held
        return passage
    }

    /// The exchange was answered.
    mutating func arrived(_ passage: inout Passage, bytes: Int, at now: UInt64) {
        release(&passage)
        passed &+= UInt64(passage.requestBytes + bytes + Limits.exchangeBytes)
        let took = max(now &- passage.sentAt, Limits.leastTrip)
        trip.note(took, now)
        rate.note(Double(passed &- passage.passedBefore) / Double(took) * 1e9, now)
        let share = Double(bytes) / Double(max(1, passage.requestBytes))
        var habit = habits[passage.api] ?? Habit(share: share)
        habit.share += (share - habit.share) / 4
        habit.leastTrip.note(took, now)
        habits[passage.api] = habit
    }

    /// The exchange has ended without an answer, or is not waited for by others any more.
    mutating func release(_ passage: inout Passage) {
        held -= passage.held
        passage.held = 0
    }
}

/// The extreme value of the last one to two spans of time.
struct Recent<Value: Comparable> {
    private let span: UInt64
    private let isBetter: (Value, Value) -> Bool
    private var newer: Value?
    private var older: Value?
    private var turnedAt: UInt64 = 0

    init(span: UInt64 = Limits.recentSpan, keeps isBetter: @escaping (Value, Value) -> Bool) {
        self.span = span
        self.isBetter = isBetter
    }

    mutating func note(_ value: Value, _ now: UInt64) {
        if now &- turnedAt >= span {
            older = now &- turnedAt < 2 * span ? newer : nil
            newer = nil
            turnedAt = now
        }
        if newer.map({ isBetter(value, $0) }) ?? true { newer = value }
    }

    func value(_ now: UInt64) -> Value? {
        guard now &- turnedAt < 2 * span else { return nil }
        guard let newer, let older else { return newer ?? older }
        return isBetter(newer, older) ? newer : older
    }
}
