// The words of every failure: what happened and what to do. One place, so that a test can read all.
import KafkaWire
import Transport

/// A failure before it is known which request it ends.
struct Failure: Hashable {
    let code: ClientError.Code
    let what: String
    var advice = ""
}

extension Failure {
    /// What the end of a connection means for requests; `greeted` once ApiVersions was answered.
    init(_ error: TransportError, greeted: Bool) {
        switch error {
        case .unknownHost(let name, let reason):
            self.init(
                code: .unknownHost, what: "the name \(name) has no address (\(reason))",
                advice: "Check the address and this machine's name service.")
        case .resolverSilent(let name):
            self.init(
                code: .resolverSilent, what: "looking up the name \(name) got no answer",
                advice: "Check this machine's name servers.")
        case .refused(let address):
            self.init(
                code: .connectionRefused, what: "connection refused at \(address)",
                advice: "Nothing listens there: check the address and that the broker runs.")
        case .connectTimedOut(let address):
            self.init(
                code: .connectTimedOut, what: "no answer to the connection attempt at \(address)",
                advice: "The machine is down or a firewall drops the packets.")
        case .unreachable(let address, let errno):
            self.init(
                code: .unreachable, what: "\(SystemError.text(errno)) (\(address))",
                advice: "Check the network and the address family.")
        case .system(let call, let errno):
            self.init(
                code: .systemError, what: "\(call) failed: \(SystemError.text(errno))",
                advice: "This is a fault of the machine highwater runs on.")
        case .closedByPeer, .reset: self = .closed(error, greeted: greeted)
        case .closedInFrame(let received, let expected):
            self.init(
                code: .truncatedAnswer,
                what: "the connection closed after \(received) of \(expected) bytes of an answer")
        case .tlsBytes:
            self.init(
                code: .tlsExpected, what: "the port answers with TLS",
                advice: "Connect with security.protocol=SSL, or use the plaintext port.")
        case .httpBytes:
            self.init(
                code: .notKafka, what: "the port speaks HTTP, not Kafka",
                advice: "Check the port: Kafka usually listens on 9092.")
        case .notTheProtocol(let bytes):
            self.init(
                code: .notKafka,
                what: "the port does not speak Kafka (it sent \(Self.shown(bytes)))",
                advice: "Check the port: Kafka usually listens on 9092.")
        case .malformed(let reason):
            self.init(code: .malformedAnswer, what: "the stream of answers broke: \(reason)")
        case .frameTooLarge(let bytes, let limit):
            self.init(
                code: .answerTooLarge,
                what: "an answer of \(bytes) bytes, over the limit of \(limit)")
        case .protection(let reason):
            self.init(code: .tlsFailed, what: "no TLS connection: \(reason)")
        case .closedLocally(let reason): self.init(code: .connectionClosed, what: reason)
        case .shutdown: self.init(code: .shutdown, what: "highwater is ending")
        }
    }

    private static func closed(_ error: TransportError, greeted: Bool) -> Failure {
        var answers = 0
        var was = "closed"
        switch error {
        case .closedByPeer(let count): answers = count
        case .reset(let count):
            answers = count
            was = "reset"
        default: break
        }
        guard !greeted else {
            let isFirst = answers <= 1
            return Failure(
                code: .connectionClosed, what: "the connection was \(was) by the broker",
                advice: isFirst
                    ? "If this happens every time, the port may expect a login "
                        + "(security.protocol=SASL_PLAINTEXT)." : "")
        }
        return Failure(
            code: .closedAtOnce, what: "the connection was \(was) at the first request",
            advice: "The port probably expects TLS (security.protocol=SSL), "
                + "or the broker is shutting down.")
    }

    /// Bytes from a stranger, safe to print.
    private static func shown(_ bytes: [UInt8]) -> String {
        let isText = !bytes.isEmpty && bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 }
        if isText { return "\"\(String(decoding: bytes, as: UTF8.self))\"" }
        return bytes.map { (byte: UInt8) -> String in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined(separator: " ")
    }

    static func timedOut(
        _ timeoutNs: UInt64, partial: (received: Int, expected: Int)?, isSilent: Bool
    ) -> Failure {
        if let partial {
            return Failure(
                code: .timedOut,
                what: "no whole answer within \(seconds(timeoutNs))"
                    + " (\(partial.received) of \(partial.expected) bytes came)")
        }
        return Failure(
            code: .timedOut, what: "no answer within \(seconds(timeoutNs))",
            advice: isSilent ? "The broker accepts connections but is silent." : "")
    }

    static func stillWaiting(_ timeoutNs: UInt64, _ state: BrokerLink.State) -> Failure {
        let limit = seconds(timeoutNs)
        let what =
            switch state {
            case .connecting: "no connection within \(limit)"
            case .negotiating, .authenticating:
                "no answer within \(limit): it accepts connections but is silent"
            case .idle, .backingOff, .ready:
                "not sent within \(limit): earlier requests are not answered"
            }
        return Failure(code: .timedOut, what: what)
    }

    static func negotiationSilent(_ timeoutNs: UInt64) -> Failure {
        Failure(
            code: .silent,
            what: "the server accepts connections but did not answer for \(seconds(timeoutNs))",
            advice: "It is frozen or overloaded, or the port is not Kafka's.")
    }

    static func silent(forNs: UInt64) -> Failure {
        Failure(
            code: .silent, what: "silent for \(seconds(forNs)), not asked again meanwhile",
            advice: "The broker accepts connections but does not answer.")
    }

    static func unsupported(
        _ name: String, ours: ClosedRange<Int16>, theirs: ClosedRange<Int16>?
    ) -> Failure {
        let has = theirs.map { "speaks versions \(range($0))" } ?? "does not have it"
        return Failure(
            code: .unsupportedVersion,
            what: "no common version of \(name): highwater speaks \(range(ours)), the broker \(has)"
        )
    }

    static func throttled(forNs: UInt64) -> Failure {
        Failure(
            code: .throttled, what: "the broker asked us to wait \(seconds(forNs))",
            advice: "A quota applies to this client (see the broker's client quotas).")
    }

    static func kafka(_ error: KafkaError, _ message: String = "") -> Failure {
        Failure(
            code: .kafkaError, what: message.isEmpty ? "\(error)" : "\(error) (\(message))")
    }

    static func securityUnsupported(_ name: String) -> Failure {
        Failure(
            code: .securityUnsupported, what: "security.protocol=\(name) is not in this version",
            advice: "Use a PLAINTEXT listener.")
    }

    static let readOnly = Failure(
        code: .readOnly, what: "the read-only mode does not allow this request")
    static let queueFull = Failure(
        code: .queueFull, what: "too many requests are waiting for this broker")
    static let unknownBroker = Failure(
        code: .unknownBroker, what: "the cluster has not named such a broker")
    static let unknownController = Failure(
        code: .unknownController, what: "the controller is not known yet")
    static let noServers = Failure(
        code: .noBroker, what: "no server is configured", advice: "Name one with -b HOST:PORT.")

    /// A duration as people read it: "3 s", "1.5 s".
    static func seconds(_ nanoseconds: UInt64) -> String {
        let tenths = (nanoseconds + 50_000_000) / 100_000_000
        return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }

    private static func range(_ range: ClosedRange<Int16>) -> String {
        range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}
