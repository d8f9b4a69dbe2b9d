// SaslAuthenticate (key 36): one step of the SASL exchange. Source: Kafka's
// SaslAuthenticateRequest/Response.json.

/// The client's token of this step. Secret: never print it.
package struct SaslAuthenticateRequest: KafkaRequest {
    package static let apiKey: Int16 = 36
    package static let name = "SaslAuthenticate"
    package static let effect = ApiEffect.reads
    package static let verb = "log in"
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexible: Int16 = 2
    package typealias Response = SaslAuthenticateResponse

    package var authBytes: [UInt8] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.bytes(&authBytes)
        w.tags()
    }
}

/// The broker's token of this step.
package struct SaslAuthenticateResponse: KafkaResponse {
    package var error = KafkaError.none
    package var errorMessage: String?
    package var authBytes: [UInt8] = []
    /// When it is over the broker wants a new authentication; 0 is never.
    package var sessionLifetimeMs: Int64 = 0
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.error(&error)
        w.string(&errorMessage)
        w.bytes(&authBytes)
        w.int64(&sessionLifetimeMs, 1..., ignorable: true)
        w.tags()
    }

    /// This answer carries no throttle time.
    package var throttleTimeMs: Int32 { 0 }
}
