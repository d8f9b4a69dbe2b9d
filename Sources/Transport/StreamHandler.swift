// The two seams of a connection: the protocol that lives on its bytes, and a layer between socket
// and bytes such as TLS. Neither knows a descriptor, a clock or a thread.

/// A protocol spoken on a connection. Called on the loop's thread; after `ended` never again.
package protocol StreamHandler: AnyObject {
    /// The stream stands (and is protected, if it is to be): the first bytes may be sent.
    func opened(_ connection: Connection)
    /// Where the next bytes should land at once, if that is known.
    var tail: UnsafeMutableRawBufferPointer? { get }
    /// Bytes came: the first `placed` already stand in `tail`, the rest is in `bytes`, valid for
    /// this call. With a layer in between nothing is ever placed. An error closes the connection.
    func received(placed: Int, _ bytes: UnsafeRawBufferPointer) throws(TransportError)
    /// The peer has ended the stream: what that means here.
    func endOfStream(wasReset: Bool) -> TransportError
    /// The connection is gone, or never came to stand. Not called after a `close` of one's own.
    func ended(_ error: TransportError)
}

/// A layer between socket and protocol, such as TLS: bytes in, bytes out, no socket.
package protocol StreamLayer: AnyObject {
    /// True when bytes of the protocol may pass.
    var isReady: Bool { get }
    /// True when the peer has said that nothing more will come.
    var hasEnded: Bool { get }
    /// The bytes to send first.
    func start(_ output: inout [UInt8]) throws(TransportError)
    /// Takes what the peer sent; gives what it means for the protocol and what must be answered,
    /// also when it throws: then those are the last words.
    func receive(
        _ bytes: UnsafeRawBufferPointer, plain: inout [UInt8], output: inout [UInt8]
    ) throws(TransportError)
    /// Turns the protocol's bytes into those to send.
    func send(_ plain: [UInt8], _ output: inout [UInt8]) throws(TransportError)
    /// What it means that the peer closed the connection before the layer was ready, without a
    /// full stop.
    func peerLeft(afterAnswering: Bool) -> String
    /// What is known of the protection, also after a handshake that failed; nil: it is no such
    /// layer.
    var protection: Protection? { get }
}

extension StreamLayer {
    package var hasEnded: Bool { false }
    package var protection: Protection? { nil }
    package func peerLeft(afterAnswering: Bool) -> String {
        "the peer closed the connection during the handshake"
    }
}

/// How to open a connection.
package struct ConnectOptions {
    /// For one address; a name with several has each tried in turn.
    package var connectTimeoutNs: UInt64 = 2 * Limits.nanosecondsPerSecond
    package var resolveTimeoutNs: UInt64 = 5 * Limits.nanosecondsPerSecond
    /// How long a layer may take from the standing connection to being ready.
    package var layerTimeoutNs: UInt64 = 5 * Limits.nanosecondsPerSecond
    /// The proxy that is dialled instead, and asked for the way; nil: there is none.
    package var proxy: Proxy?
    /// Makes the layer for each attempt; nil for plaintext.
    package var makeLayer: (() -> any StreamLayer)?

    package init() {}
}
