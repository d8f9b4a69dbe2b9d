// Numbers for narrow columns: three significant digits with a unit, never cut, never Foundation.

/// How figures are written. Unknown is `?` everywhere, and never 0.
package enum NumberFormat {
    package static let unknown = "?"

    /// 0, 7, 999, 1.23K, 45.6K, 650K, 1.2M … at most five columns ("-1.23K" six).
    package static func count(_ value: Double?) -> String {
        guard let value, !value.isNaN else { return unknown }
        return scaled(value, units: ["", "K", "M", "G", "T", "P", "E"], base: 1000)
    }
    package static func count(_ value: Int64?) -> String { count(value.map(Double.init)) }
    package static func count(_ value: Int?) -> String { count(value.map(Double.init)) }
    package static func count(_ value: Float) -> String { count(Double(value)) }

    /// Rates below ten keep their decimals: 0.25, 3.4, 12, 1.23K.
    package static func rate(_ value: Double?) -> String {
        guard let value, !value.isNaN else { return unknown }
        let size = abs(value)
        if size == 0 { return "0" }
        if size < 0.005 { return value < 0 ? "-0.01" : "0.01" }
        if size < 9.995 { return trimmed(value, decimals: 2) }
        if size < 99.95 { return trimmed(value, decimals: 1) }
        return count(value)
    }

    /// A rate with its sign: +2.1K, -340, 0.
    package static func signedRate(_ value: Double?) -> String {
        guard let value, !value.isNaN else { return unknown }
        return value > 0 ? "+" + rate(value) : rate(value)
    }

    /// Binary units, one letter: 0, 512B, 1.5K, 11.4G, 1.92T.
    package static func bytes(_ value: Double?) -> String {
        guard let value, !value.isNaN else { return unknown }
        if value == 0 { return "0" }
        return scaled(value, units: ["B", "K", "M", "G", "T", "P", "E"], base: 1024)
    }
    package static func bytes(_ value: Int64?) -> String { bytes(value.map(Double.init)) }

    /// The same in whole units, for a number that need not be read closely: 512B, 9K, 38K, 1M.
    package static func wholeBytes(_ value: Double) -> String {
        var unit = 1.0
        while value >= unit * 999.5, unit < 1e18 { unit *= 1024 }
        return bytes((value / unit).nearestWhole * unit)
    }

    /// Grouped digits for places with room: 20,412.
    package static func grouped(_ value: Int64?) -> String {
        guard let value else { return unknown }
        let digits = Array(String(value.magnitude).utf8)
        var text: [UInt8] = value < 0 ? [45] : []
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text.append(44) }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }
    package static func grouped(_ value: Int?) -> String { grouped(value.map(Int64.init)) }

    /// A share of one as whole per cent: "61 %".
    package static func percent(_ fraction: Double?) -> String {
        guard let fraction, fraction.isFinite else { return unknown }
        // Only a full volume may read 100, only an empty one 0.
        let percent = min(99_999, max(-99_999, fraction * 100))
        let whole = Int(percent.nearestWhole)
        let shown = whole == 100 && percent < 100 ? 99 : whole == 0 && percent > 0 ? 1 : whole
        return "\(shown) %"
    }

    /// An age or a wait in one or two units: 0.4 s, 12 s, 2 m, 41 m, 3 h 12 m, 2 d 4 h.
    package static func duration(_ seconds: Double?) -> String {
        guard let seconds, !seconds.isNaN else { return unknown }
        if seconds == .infinity { return "never" }
        if seconds < 0 { return "0 s" }
        if seconds < 9.95 { return trimmed(seconds, decimals: 1) + " s" }
        if seconds < 99.5 { return "\(Int(seconds.nearestWhole)) s" }
        let minutes = Int(min(seconds, 1e12) / 60)
        if minutes < 100 { return "\(minutes) m" }
        let hours = minutes / 60
        if hours < 24 { return minutes % 60 == 0 ? "\(hours) h" : "\(hours) h \(minutes % 60) m" }
        let days = hours / 24
        if days < 100 { return hours % 24 == 0 ? "\(days) d" : "\(days) d \(hours % 24) h" }
        return days < 10_000 ? "\(days) d" : "years"
    }

    /// A duration for a column of four: 12s, 41m, 3h, 2d.
    package static func shortDuration(_ seconds: Double?) -> String {
        guard let seconds, !seconds.isNaN else { return unknown }
        if seconds == .infinity { return "never" }
        let whole = max(0, min(seconds, 1e12))
        if whole < 99.5 { return "\(Int(whole.nearestWhole))s" }
        if whole < 5_970 { return "\(Int(whole / 60))m" }
        if whole < 172_800 { return "\(Int(whole / 3600))h" }
        return whole < 864_000_000 ? "\(Int(whole / 86_400))d" : "years"
    }

    /// 14:03:07 from seconds of a day (any number of them; taken modulo a day).
    package static func clock(secondsOfDay: Int, withSeconds: Bool = true) -> String {
        let second = ((secondsOfDay % 86_400) + 86_400) % 86_400
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        let minutes = "\(two(second / 3600)):\(two(second / 60 % 60))"
        return withSeconds ? minutes + ":" + two(second % 60) : minutes
    }

    private static func scaled(_ value: Double, units: [String], base: Double) -> String {
        if value.isInfinite { return value < 0 ? "-…" : "never" }
        var size = abs(value)
        var unit = 0
        // 999.5 would round to four digits: it belongs to the next unit already.
        while size >= 999.5 && unit < units.count - 1 {
            size /= base
            unit += 1
        }
        // Nothing real is this large; a lying number must not trap a conversion.
        guard size < 999.5 else { return value < 0 ? "-huge" : "huge" }
        let signed = value < 0 ? -size : size
        let isWhole = unit == 0 || size >= 99.95
        let text =
            isWhole
            ? String(Int(signed.nearestWhole)) : trimmed(signed, decimals: size < 9.995 ? 2 : 1)
        return text + units[unit]
    }

    /// `value` with at most `decimals` digits behind the point, trailing zeros left out.
    private static func trimmed(_ value: Double, decimals: Int) -> String {
        let factor = decimals == 2 ? 100.0 : 10.0
        let scaledValue = Int((abs(value) * factor).nearestWhole)
        let whole = scaledValue / Int(factor)
        let rest = scaledValue % Int(factor)
        var digits = String(rest)
        while digits.utf8.count < decimals { digits = "0" + digits }
        while digits.hasSuffix("0") { digits.removeLast() }
        let sign = value < 0 && scaledValue != 0 ? "-" : ""
        return sign + String(whole) + (digits.isEmpty ? "" : "." + digits)
    }
}

extension NumberFormat {
    /// A round trip in milliseconds: 0.4 ms, 12 ms, 1200 ms.
    package static func milliseconds(_ seconds: Double) -> String {
        guard seconds.isFinite else { return unknown }
        let ms = max(0, min(seconds, 1e6)) * 1000
        return ms < 9.95 ? rateWithOneDecimal(ms) + " ms" : "\(Int(ms.nearestWhole)) ms"
    }

    private static func rateWithOneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).nearestWhole)
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
