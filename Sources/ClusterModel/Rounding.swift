// Rounding without libm: the standard library's `rounded` calls it in debug builds, and this module
// links nothing.

extension Double {
    /// The nearest whole number; halves away from zero. Beyond 2^53 every number is whole already.
    package var nearestWhole: Double {
        guard abs(self) < 9e15 else { return self }
        return Double(Int64(self < 0 ? self - 0.5 : self + 0.5))
    }
    /// The greatest whole number that is not greater.
    package var wholeBelow: Double {
        guard abs(self) < 9e15 else { return self }
        let cut = Double(Int64(self))
        return cut > self ? cut - 1 : cut
    }
    /// The least whole number that is not less.
    package var wholeAbove: Double { -(-self).wholeBelow }
}
