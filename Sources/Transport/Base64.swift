// Base64 (RFC 4648) in its two alphabets: SCRAM's tokens, and JSON Web Tokens without padding.

/// Bytes as base64 text.
package enum Base64 {
    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// - Parameter isForURLs: the alphabet with `-` and `_`, and no padding (RFC 7515).
    package static func encode(_ bytes: [UInt8], isForURLs: Bool = false) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        var at = 0
        while at < bytes.count {
            let count = min(3, bytes.count - at)
            var bits = 0
            for place in 0..<3 { bits = bits << 8 | (place < count ? Int(bytes[at + place]) : 0) }
            for place in 0..<4 where place <= count || !isForURLs {
                let digit = digits[bits >> (18 - 6 * place) & 63]
                out.append(place <= count ? digit : UInt8(ascii: "="))
            }
            at += 3
        }
        if isForURLs { out = out.map { $0 == 0x2b ? 0x2d : $0 == 0x2f ? 0x5f : $0 } }
        return String(decoding: out, as: UTF8.self)
    }

    /// Takes both alphabets, with and without padding; nil where it is neither.
    package static func decode(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        var bits = 0
        var count = 0
        var padding = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let digit = value(byte) else { return nil }
            bits = bits << 6 | digit
            count += 1
            switch count % 4 {
            case 2: out.append(UInt8(bits >> 4 & 0xff))
            case 3: out.append(UInt8(bits >> 2 & 0xff))
            case 0: out.append(UInt8(bits & 0xff))
            default: break
            }
            bits &= 0xffff
        }
        let isWhole = padding == 0 || (count + padding) % 4 == 0
        return count % 4 == 1 || padding > 2 || !isWhole ? nil : out
    }

    private static func value(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) + 4
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
