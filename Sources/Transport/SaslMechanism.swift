// The seam of a SASL login, between the clients that carry its tokens and the mechanisms.

/// A SASL login on one connection: a sequence of tokens, without a socket and without knowledge
/// of the protocol that carries them.
package protocol SaslMechanism: AnyObject {
    /// As IANA's registry and Kafka's settings name it, such as "SCRAM-SHA-512".
    var name: String { get }
    /// The next token, given the server's last one (nil at first); nil when logged in. A thrown
    /// reason closes the connection.
    func step(_ challenge: [UInt8]?) throws(SaslFailure) -> [UInt8]?
}

/// Why a SASL login failed, in words without a full stop.
package struct SaslFailure: Error, Hashable, Sendable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}
