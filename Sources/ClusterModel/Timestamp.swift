// Wall-clock time as text, without a calendar library: the proleptic Gregorian calendar in UTC.

extension WallTime {
    /// ISO 8601 in UTC with milliseconds: `2026-11-23T12:48:03.042Z`.
    package var iso8601: String {
        let dayMs: Int64 = 86_400_000
        // Rounded down, so that moments before 1970 come out right.
        let days = ms >= 0 ? ms / dayMs : -((-ms + dayMs - 1) / dayMs)
        let rest = ms - days * dayMs
        let (year, month, day) = Self.civil(days)
        let time = [rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60]
            .map { pad($0, 2) }.joined(separator: ":")
        let date = pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2)
        return date + "T" + time + "." + pad(rest % 1_000, 3) + "Z"
    }

    /// Year, month and day of a count of days since 1970-01-01. Years are counted from March, so
    /// that the leap day is the last of a year, in eras of 400 years, which all have 146,097 days.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * fromMarch + 2) / 5 + 1)
    }

    private func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.utf8.count))
        return (number < 0 ? "-" : "") + zeros + digits
    }
}
