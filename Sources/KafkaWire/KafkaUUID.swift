// Kafka's 16-byte identifiers: topic ids, directory ids.

/// A 128-bit id as Kafka prints it: base64url without padding, 22 characters. All zero means
/// unknown.
package struct KafkaUUID: Hashable, Sendable, CustomStringConvertible {
    package var high: UInt64
    package var low: UInt64

    package static let zero = KafkaUUID(high: 0, low: 0)

    package init(high: UInt64 = 0, low: UInt64 = 0) {
        self.high = high
        self.low = low
    }

    /// True when the server did not give an id.
    package var isZero: Bool { high == 0 && low == 0 }

    package var description: String {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        // 128 bits are 21 groups of six and one of two, which is filled up with zero bits.
        var text: [UInt8] = []
        text.reserveCapacity(22)
        for group in 0..<22 {
            let shift = 122 - 6 * group
            let bits = shift >= 0 ? bits(from: shift) : low << 4
            text.append(alphabet[Int(bits & 63)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func bits(from shift: Int) -> UInt64 {
        if shift >= 64 { return high >> UInt64(shift - 64) }
        return low >> UInt64(shift) | (shift > 0 ? high << UInt64(64 - shift) : 0)
    }
}
