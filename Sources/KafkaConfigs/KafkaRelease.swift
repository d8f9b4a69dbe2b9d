// Releases of Kafka as far as configs differ between them.

/// A release by its first two numbers: 4.3.
package struct KafkaRelease: Hashable, Comparable, Sendable {
    package var major: Int
    package var minor: Int

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// "4.3" or "4.3.1"; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1]), major >= 0,
            minor >= 0
        else { return nil }
        self.init(major, minor)
    }

    package static func < (left: KafkaRelease, right: KafkaRelease) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
