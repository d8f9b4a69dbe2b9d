// Chance that is the same for the same seed on every machine: a generator, a hash, and a sine of
// plain arithmetic, since the host's own may differ in the last bit.

/// A small generator of random numbers, the same for the same seed (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return scramble(state)
    }

    /// 0 up to but not including 1.
    package mutating func unit() -> Double { fraction(next()) }
}

/// The finish of SplitMix64: every bit of the result depends on every bit of the number.
@inlinable package func scramble(_ number: UInt64) -> UInt64 {
    var z = number
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
}

/// A number that belongs to two others for ever.
@inlinable package func hashed(_ first: UInt64, _ second: UInt64) -> UInt64 {
    scramble(scramble(first &+ 0x9e37_79b9_7f4a_7c15) ^ second)
}

/// 0 up to but not including 1, from the upper bits of a number.
@inlinable package func fraction(_ number: UInt64) -> Double { Double(number >> 11) * 0x1p-53 }

/// sin(2πu) for u in turns, within 0.1 %, smooth where turns meet.
@inlinable package func sine(turns: Double) -> Double {
    let u = turns - turns.rounded()
    let s = 8 * u - 16 * u * abs(u)
    return 0.225 * (s * abs(s) - s) + s
}
