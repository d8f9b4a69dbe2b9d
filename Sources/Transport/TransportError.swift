// Why a connection could not be made or has ended. The sentences are written where the request is
// known; here are the facts they need.

/// The end of a connection, or why there never was one.
package enum TransportError: Error, Hashable, Sendable {
    /// The name has no address; the resolver's own message.
    case unknownHost(name: String, reason: String)
    /// The resolver did not answer in time.
    case resolverSilent(name: String)
    case refused(Address)
    /// No answer to the connection attempt at all.
    case connectTimedOut(Address)
    /// No way to the network or the host; the system's error number.
    case unreachable(Address, errno: Int32)
    /// A call of the system failed for another reason, as when descriptors have run out.
    case system(call: String, errno: Int32)
    /// The peer ended the stream between two frames; `answers` were taken before.
    case closedByPeer(answers: Int)
    /// The peer ended the stream inside a frame.
    case closedInFrame(received: Int, expected: Int)
    /// The connection was reset.
    case reset(answers: Int)
    /// The bytes are TLS: this port wants an encrypted connection.
    case tlsBytes
    /// The bytes are an HTTP answer.
    case httpBytes
    /// The first bytes are no frame of the protocol spoken.
    case notTheProtocol(firstBytes: [UInt8])
    /// A later frame is impossible: negative or short length, or an answer nobody asked for.
    case malformed(String)
    /// A frame that says it is larger than we take.
    case frameTooLarge(bytes: Int, limit: Int)
    /// The protection layer (TLS) failed; its own message.
    case protection(String)
    /// A proxy did not open the way, or was not reached itself; what it said, or what happened.
    case proxy(name: String, reason: String)
    /// Closed by this side, with the reason.
    case closedLocally(String)
    /// The loop has stopped.
    case shutdown
}

extension TransportError {
    /// What the error number of a failed connection attempt means.
    package init(connecting address: Address, errno: Int32) {
        switch SystemError(errno) {
        case .refused: self = .refused(address)
        case .timedOut: self = .connectTimedOut(address)
        case .unreachable: self = .unreachable(address, errno: errno)
        case .reset, .other: self = .system(call: "connect", errno: errno)
        }
    }
}
