// What the end of a connection means, said once for every protocol: a stable code for scripts, what
// happened and what to do for people.

/// How a kind of server is named in sentences about connections to it.
package struct ServerWording: Sendable {
    /// The protocol: "Kafka".
    package let name: String
    /// What should run there: "the broker".
    package let process: String
    package let port: Int
    /// What to do where the port answers with TLS.
    package let tlsAdvice: String

    package init(name: String, process: String, port: Int, tlsAdvice: String) {
        self.name = name
        self.process = process
        self.port = port
        self.tlsAdvice = tlsAdvice
    }
}

extension ServerWording {
    static let proxy = ServerWording(
        name: "a proxy", process: "the proxy", port: 1080, tlsAdvice: "")
}

extension TransportError {
    /// A stable name, the same whatever protocol was spoken.
    package var code: String {
        switch self {
        case .unknownHost: "UNKNOWN_HOST"
        case .resolverSilent: "RESOLVER_SILENT"
        case .refused: "CONNECTION_REFUSED"
        case .connectTimedOut: "CONNECT_TIMED_OUT"
        case .unreachable: "UNREACHABLE"
        case .system: "SYSTEM_ERROR"
        case .closedByPeer, .closedInFrame, .reset, .closedLocally: "CONNECTION_CLOSED"
        case .tlsBytes: "TLS_EXPECTED"
        case .httpBytes, .notTheProtocol: "NOT_THE_PROTOCOL"
        case .malformed: "MALFORMED_ANSWER"
        case .frameTooLarge: "ANSWER_TOO_LARGE"
        case .protection: "TLS_FAILED"
        case .proxy: "PROXY_FAILED"
        case .shutdown: "SHUTDOWN"
        }
    }

    /// What happened, without a full stop, and what to do: whole sentences, or nothing.
    package func sentence(about server: ServerWording) -> (what: String, advice: String) {
        let checkPort = "Check the port: \(server.name) usually listens on \(server.port)."
        return switch self {
        case .unknownHost(let name, let reason):
            (
                "the name \(name) has no address (\(reason))",
                "Check the address and this machine's name service."
            )
        case .resolverSilent(let name):
            ("looking up the name \(name) got no answer", "Check this machine's name servers.")
        case .refused(let address):
            (
                "connection refused at \(address)",
                "Nothing listens there: check the address and that \(server.process) runs."
            )
        case .connectTimedOut(let address):
            (
                "no answer to the connection attempt at \(address)",
                "The machine is down or a firewall drops the packets."
            )
        case .unreachable(let address, let errno):
            (
                "\(SystemError.text(errno)) (\(address))",
                "Check the network and the address family."
            )
        case .system(let call, let errno):
            (
                "\(call) failed: \(SystemError.text(errno))",
                "This is a fault of the machine highwater runs on."
            )
        case .closedByPeer: ("the connection was closed", "")
        case .reset: ("the connection was reset", "")
        case .closedInFrame(let received, let expected):
            ("the connection closed after \(received) of \(expected) bytes of an answer", "")
        case .tlsBytes: ("the port answers with TLS", server.tlsAdvice)
        case .httpBytes: ("the port speaks HTTP, not \(server.name)", checkPort)
        case .notTheProtocol(let bytes):
            ("the port does not speak \(server.name) (it sent \(shown(bytes)))", checkPort)
        case .malformed(let reason): ("the stream of answers broke: \(reason)", "")
        case .frameTooLarge(let bytes, let limit):
            ("an answer of \(bytes) bytes, over the limit of \(limit)", "")
        case .protection(let reason): ("no TLS connection: \(reason)", "")
        case .proxy(let name, let reason):
            (
                "no way through the proxy \(name): \(reason)",
                "Check highwater.proxy, and what the proxy allows and reaches."
            )
        case .closedLocally(let reason): (reason, "")
        case .shutdown: ("highwater is ending", "")
        }
    }
}

/// The first bytes of a peer that does not speak the protocol, safe to print.
private func shown(_ bytes: [UInt8]) -> String {
    let isText = !bytes.isEmpty && bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 }
    if isText { return "\"\(String(decoding: bytes, as: UTF8.self))\"" }
    return bytes.map { (byte: UInt8) -> String in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined(separator: " ")
}

/// A duration as people read it: "3 s", "1.5 s".
package func readableSeconds(_ nanoseconds: UInt64) -> String {
    let tenths = (nanoseconds + 50_000_000) / 100_000_000
    return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
}
