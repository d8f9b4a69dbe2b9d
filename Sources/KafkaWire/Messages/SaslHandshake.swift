// SaslHandshake (key 17): chooses the SASL mechanism. Never flexible. Source: Kafka's
// SaslHandshakeRequest/Response.json.

/// Names the mechanism the client wants.
package struct SaslHandshakeRequest: KafkaRequest {
    package static let apiKey: Int16 = 17
    package static let name = "SaslHandshake"
    package static let effect = ApiEffect.reads
    package static let verb = "log in"
    package static let versions: ClosedRange<Int16> = 0...1
    package static let firstFlexible = Limits.neverFlexible
    package typealias Response = SaslHandshakeResponse

    package var mechanism = ""
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.string(&mechanism)
    }
}

/// Error 33 when the broker does not offer it; `mechanisms` are those it offers.
package struct SaslHandshakeResponse: KafkaResponse {
    package var error = KafkaError.none
    package var mechanisms: [String] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.error(&error)
        w.strings(&mechanisms)
    }

    /// This answer carries no throttle time.
    package var throttleTimeMs: Int32 { 0 }
}
