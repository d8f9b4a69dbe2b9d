// The colour that marks a context in the title: production is not to be taken for a test cluster.

/// `highwater.color`: a name or `#rrggbb`.
package struct ContextColor: Hashable, Sendable {
    package let red: UInt8
    package let green: UInt8
    package let blue: UInt8

    /// The names there are, with colours that bear black or white text.
    package static let named: [(name: String, rgb: UInt32)] = [
        ("red", 0xd0_2020), ("orange", 0xe0_8000), ("yellow", 0xe0_c000), ("green", 0x20_9040),
        ("cyan", 0x20_a0a0), ("blue", 0x20_60d0), ("magenta", 0xb0_30b0), ("grey", 0x80_8080),
    ]

    package init?(parsing text: String) {
        let name = text.lowercased() == "gray" ? "grey" : text.lowercased()
        let digits = text.dropFirst()
        let isHex = text.hasPrefix("#") && digits.count == 6 && digits.allSatisfy(\.isHexDigit)
        guard
            let value = isHex
                ? UInt32(digits, radix: 16) : Self.named.first(where: { $0.name == name })?.rgb
        else { return nil }
        red = UInt8(value >> 16 & 0xff)
        green = UInt8(value >> 8 & 0xff)
        blue = UInt8(value & 0xff)
    }

    /// Whether text on it is better black than white (weights of ITU-R BT.601).
    package var isLight: Bool {
        299 * Int(red) + 587 * Int(green) + 114 * Int(blue) > 115_000
    }
}
