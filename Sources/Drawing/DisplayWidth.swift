// How many columns a scalar takes, by our own table: libc's answer depends on the locale, and
// golden frames must not. Also the place where hostile scalars lose their power.

/// Columns `scalar` takes on a terminal: 0 combining, 2 East Asian wide and emoji, else 1.
/// Scalars that are never drawn (controls, bidirectional overrides) count as the `·` drawn instead.
package func displayWidth(of scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return 1 }
    if isWithin(value, combining) { return 0 }
    return isWithin(value, wide) ? 2 : 1
}

/// Columns `text` takes when drawn.
package func displayWidth(of text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.unicodeScalars.reduce(0) { $0 + displayWidth(of: harmless($1)) }
}

/// The scalar itself, or `·` for those that could move the cursor, reorder or hide text, and for
/// blanks that are not the usual one.
package func harmless(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let value = scalar.value
    if value >= 0x20 && value < 0x7F { return scalar }
    if value <= 0xA0 { return Glyph.hidden }
    return value == 0xAD || isWithin(value, hidden) ? Glyph.hidden : scalar
}

/// `text` in at most `width` columns. Names give way in the middle, where they differ least.
package func truncated(_ text: String, to width: Int, middle: Bool = true) -> String {
    if displayWidth(of: text) <= width { return text }
    if width <= 0 { return "" }
    if width == 1 { return String(Glyph.ellipsis) }
    let tailWidth = middle ? (width - 1) / 2 : 0
    let scalars = Array(text.unicodeScalars)
    var head = String.UnicodeScalarView()
    var used = 0
    for scalar in scalars {
        let columns = displayWidth(of: harmless(scalar))
        if used + columns > width - 1 - tailWidth { break }
        head.append(scalar)
        used += columns
    }
    var tail: [Unicode.Scalar] = []
    var tailUsed = 0
    for scalar in scalars.reversed() {
        let columns = displayWidth(of: harmless(scalar))
        if tailUsed + columns > tailWidth { break }
        tail.append(scalar)
        tailUsed += columns
    }
    head.append(Glyph.ellipsis)
    head.append(contentsOf: tail.reversed())
    return String(head)
}

private func isWithin(_ value: UInt32, _ ranges: [(UInt32, UInt32)]) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
        let middle = (low + high) / 2
        if value > ranges[middle].1 {
            low = middle + 1
        } else if value < ranges[middle].0 {
            high = middle
        } else {
            return true
        }
    }
    return false
}

/// Never drawn: blanks of other widths, zero-width, bidirectional and other formatting, separators,
/// tags, private use, surrogates' neighbours and noncharacters, as Transport's `printable` does.
/// Ascending.
private let hidden: [(UInt32, UInt32)] = [
    (0x034F, 0x034F), (0x0600, 0x0605), (0x061C, 0x061C), (0x06DD, 0x06DD), (0x070F, 0x070F),
    (0x0890, 0x0891), (0x08E2, 0x08E2), (0x115F, 0x1160), (0x1680, 0x1680), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0x2800, 0x2800),
    (0x3000, 0x3000), (0x3164, 0x3164), (0xE000, 0xF8FF), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0xFFFE, 0xFFFF), (0x110BD, 0x110BD), (0x110CD, 0x110CD),
    (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0x10FFFF),
]

/// Combining marks of the scripts that occur in names. Ascending.
private let combining: [(UInt32, UInt32)] = [
    (0x0300, 0x034E), (0x0350, 0x036F), (0x0483, 0x0489), (0x0591, 0x05BD), (0x05BF, 0x05BF),
    (0x05C1, 0x05C2), (0x05C4, 0x05C5), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
    (0x06D6, 0x06DC), (0x06DF, 0x06E4), (0x0711, 0x0711), (0x0730, 0x074A), (0x0900, 0x0902),
    (0x093A, 0x093A), (0x093C, 0x093C), (0x0941, 0x0948), (0x094D, 0x094D), (0x0E31, 0x0E31),
    (0x0E34, 0x0E3A), (0x0E47, 0x0E4E), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20F0),
    (0x302A, 0x302D), (0x3099, 0x309A), (0xFE20, 0xFE2F),
]

/// East Asian wide and fullwidth forms and the emoji blocks. Ascending.
private let wide: [(UInt32, UInt32)] = [
    (0x1100, 0x115E), (0x231A, 0x231B), (0x2329, 0x232A), (0x23E9, 0x23EC), (0x23F0, 0x23F0),
    (0x23F3, 0x23F3), (0x25FD, 0x25FE), (0x2614, 0x2615), (0x2648, 0x2653), (0x267F, 0x267F),
    (0x2693, 0x2693), (0x26A1, 0x26A1), (0x26AA, 0x26AB), (0x26BD, 0x26BE), (0x26C4, 0x26C5),
    (0x26CE, 0x26CE), (0x26D4, 0x26D4), (0x26EA, 0x26EA), (0x26F2, 0x26F3), (0x26F5, 0x26F5),
    (0x26FA, 0x26FA), (0x26FD, 0x26FD), (0x2705, 0x2705), (0x270A, 0x270B), (0x2728, 0x2728),
    (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757), (0x2795, 0x2797),
    (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55),
    (0x2E80, 0x3029), (0x302E, 0x303E), (0x3041, 0x3098), (0x309B, 0x3163), (0x3165, 0x4DBF),
    (0x4E00, 0xA4CF), (0xA960, 0xA97F), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE10, 0xFE19),
    (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x16FE0, 0x16FF1), (0x17000, 0x18CFF),
    (0x1AFF0, 0x1B2FF), (0x1F004, 0x1F004), (0x1F0CF, 0x1F0CF), (0x1F18E, 0x1F18E),
    (0x1F191, 0x1F19A), (0x1F1E6, 0x1F320), (0x1F32D, 0x1F335), (0x1F337, 0x1F37C),
    (0x1F37E, 0x1F393), (0x1F3A0, 0x1F3CA), (0x1F3CF, 0x1F3D3), (0x1F3E0, 0x1F3F0),
    (0x1F3F4, 0x1F3F4), (0x1F3F8, 0x1F43E), (0x1F440, 0x1F440), (0x1F442, 0x1F4FC),
    (0x1F4FF, 0x1F53D), (0x1F54B, 0x1F54E), (0x1F550, 0x1F567), (0x1F57A, 0x1F57A),
    (0x1F595, 0x1F596), (0x1F5A4, 0x1F5A4), (0x1F5FB, 0x1F64F), (0x1F680, 0x1F6C5),
    (0x1F6CC, 0x1F6CC), (0x1F6D0, 0x1F6D2), (0x1F6D5, 0x1F6D7), (0x1F6DC, 0x1F6DF),
    (0x1F6EB, 0x1F6EC), (0x1F6F4, 0x1F6FC), (0x1F7E0, 0x1F7EB), (0x1F7F0, 0x1F7F0),
    (0x1F90C, 0x1F93A), (0x1F93C, 0x1F945), (0x1F947, 0x1F9FF), (0x1FA70, 0x1FAFF),
    (0x20000, 0x3FFFD),
]
