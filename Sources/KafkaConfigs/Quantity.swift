// Times and sizes with units, exactly: what does not come out even is said, never rounded.

/// Numbers with units, read and written.
enum Quantity {
    /// From the greatest down, as they are written.
    private static let times: [(name: String, size: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]
    private static let weeks: [(name: String, size: Int64)] = [
        ("w", 604_800_000), ("min", 60_000),
    ]
    private static let binary: [(name: String, size: Int64)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]
    private static let decimal: [(name: String, size: Int64)] = [
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000),
    ]

    /// "1d 12h", "1.5h", "90s"; nil where it is no time at all.
    static func milliseconds(_ text: String, _ key: String) throws(ConfigFault) -> Int64? {
        try sum(text, key, of: "milliseconds") { unit in
            (times + weeks).first { $0.name == unit.lowercased() }?.size
        }
    }

    /// "10GiB", "1.5 MB"; nil where it is no size at all.
    static func bytes(_ text: String, _ key: String) throws(ConfigFault) -> Int64? {
        let letters = text.drop { !isLetter($0) }.lowercased()
        if let (small, large) = Self.ambiguous(letters) {
            throw ConfigFault(
                "\(key): write \(small) for powers of 1024 or \(large) for powers of 1000")
        }
        return try sum(text, key, of: "bytes") { unit in
            (binary + decimal).first { $0.name.lowercased() == unit.lowercased() }?.size
        }
    }

    private static func ambiguous(_ letters: String) -> (String, String)? {
        guard letters.utf8.count == 1, let letter = letters.first, "kmgt".contains(letter) else {
            return nil
        }
        let upper = letter.uppercased()
        return ("\(upper)iB", "\(upper)B")
    }

    private static func isLetter(_ character: Character) -> Bool {
        character.isASCII && character.isLetter
    }

    /// Numbers each with a unit, blanks between them or not.
    private static func sum(
        _ text: String, _ key: String, of what: String, _ size: (String) -> Int64?
    ) throws(ConfigFault) -> Int64? {
        var rest = text[...]
        var total: Int64 = 0
        var isEmpty = true
        while true {
            rest = rest.drop { $0 == " " }
            if rest.isEmpty { return isEmpty ? nil : total }
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count).drop { $0 == " " }
            let unit = rest.prefix(while: isLetter)
            rest = rest.dropFirst(unit.count)
            guard let (digits, scale) = read(number), let size = size(String(unit)) else {
                return nil
            }
            let (product, isOver) = digits.multipliedReportingOverflow(by: size)
            let (next, isOverToo) = total.addingReportingOverflow(product / scale)
            if isOver || isOverToo { throw ConfigFault("\(key): \(text) is too much") }
            guard product % scale == 0 else {
                throw ConfigFault("\(key) counts whole \(what): \(text) does not come out even")
            }
            total = next
            isEmpty = false
        }
    }

    /// "1.5" as 15 of tenths; nil where it is no number, or one of too many digits.
    private static func read(_ text: Substring) -> (digits: Int64, scale: Int64)? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty else { return nil }
        guard parts.count == 2 else { return Int64(parts[0]).map { ($0, 1) } }
        guard (1...6).contains(parts[1].count), let digits = Int64(parts[0] + parts[1]) else {
            return nil
        }
        return (digits, (0..<parts[1].count).reduce(1) { scale, _ in scale * 10 })
    }

    // MARK: Writing

    /// 7d, 1d 12h, 1m 30s.
    static func timeText(_ milliseconds: Int64) -> String { text(milliseconds, times) }

    /// 1GiB, 1MiB 12B, 500MB; nil where the number itself is easier to read.
    static func bytesText(_ bytes: Int64) -> String? {
        if bytes % 1024 != 0, let unit = decimal.first(where: { bytes % $0.size == 0 }) {
            return "\(bytes / unit.size)\(unit.name)"
        }
        let text = text(bytes, binary)
        return text.split(separator: " ").count <= 2 ? text : nil
    }

    private static func text(_ value: Int64, _ units: [(name: String, size: Int64)]) -> String {
        var rest = value
        var parts: [String] = []
        for unit in units where rest >= unit.size {
            parts.append("\(rest / unit.size)\(unit.name)")
            rest %= unit.size
        }
        return parts.joined(separator: " ")
    }
}
