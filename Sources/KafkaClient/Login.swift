// The place of authentication: between the negotiated versions and the first request of a caller.
package import KafkaWire
package import Transport

/// A login on one connection, such as SASL: a sequence of requests and answers, without a socket.
package protocol Login: AnyObject {
    /// The next request, given the answer to the last one (nil at first); nil when logged in. A
    /// thrown reason closes the connection.
    func next(
        after answer: FrameBuffer?, versions: VersionTable
    ) throws(LoginFailure) -> LoginRequest?

    /// How long the broker takes requests before it wants another login on the same connection
    /// (KIP-368); 0: for ever. Known once logged in.
    var sessionLifetimeMs: Int64 { get }
}

extension Login {
    package var sessionLifetimeMs: Int64 { 0 }
}

/// One step of a login: makes the frame for the connection's next correlation id.
package struct LoginRequest {
    package let encode: (_ correlationID: Int32, _ clientID: String) throws(WireFault) -> [UInt8]

    package init(
        encode: @escaping (_ correlationID: Int32, _ clientID: String) throws(WireFault) -> [UInt8]
    ) {
        self.encode = encode
    }
}

/// Why a login failed: Kafka's error, in words without a full stop what happened, and what to do.
package struct LoginFailure: Error, Hashable, Sendable {
    package let error: KafkaError
    package let message: String
    package let advice: String

    package init(error: KafkaError, message: String, advice: String = "") {
        self.error = error
        self.message = message
        self.advice = advice
    }

    /// Whether the account itself was refused: trying again soon could lock it.
    var isRefusal: Bool { error == .saslAuthenticationFailed }
}
