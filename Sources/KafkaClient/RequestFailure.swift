// Why requests fail, in sentences: what happened and what to do. One place, so that a test can read
// all.
import KafkaWire
import Transport

/// A failure before it is known which request it ends.
struct RequestFailure: Hashable {
    let code: ClientError.Code
    let what: String
    var advice = ""
}

extension ServerWording {
    static let kafka = ServerWording(
        name: "Kafka", process: "the broker", port: 9092,
        tlsAdvice: "Connect with security.protocol=SSL (SASL_SSL with a login), or use the "
            + "plaintext port.")
}

extension RequestFailure {
    /// What the end of a connection means for requests; `greeted` once ApiVersions was answered.
    init(_ error: TransportError, greeted: Bool) {
        let code: ClientError.Code
        switch error {
        case .closedByPeer, .reset:
            self = .closed(error, greeted: greeted)
            return
        case .closedInFrame: code = .truncatedAnswer
        case .httpBytes, .notTheProtocol: code = .notKafka
        default: code = ClientError.Code(rawValue: error.code) ?? .systemError
        }
        let (what, advice) = error.sentence(about: .kafka)
        self.init(code: code, what: what, advice: advice)
    }

    private static func closed(_ error: TransportError, greeted: Bool) -> RequestFailure {
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
            return RequestFailure(
                code: .connectionClosed, what: "the connection was \(was) by the broker",
                advice: isFirst
                    ? "If this happens every time, the port may expect a login "
                        + "(security.protocol=SASL_PLAINTEXT or SASL_SSL)." : "")
        }
        return RequestFailure(
            code: .closedAtOnce, what: "the connection was \(was) at the first request",
            advice: "The port probably expects TLS (security.protocol=SSL), "
                + "or the broker is shutting down.")
    }

    static func timedOut(
        _ timeoutNs: UInt64, partial: (received: Int, expected: Int)?, isSilent: Bool
    ) -> RequestFailure {
        if let partial {
            return RequestFailure(
                code: .timedOut,
                what: "no whole answer within \(readableSeconds(timeoutNs))"
                    + " (\(partial.received) of \(partial.expected) bytes came)")
        }
        return RequestFailure(
            code: .timedOut, what: "no answer within \(readableSeconds(timeoutNs))",
            advice: isSilent ? "The broker accepts connections but is silent." : "")
    }

    static func negotiationSilent(_ timeoutNs: UInt64) -> RequestFailure {
        RequestFailure(
            code: .silent,
            what:
                "the server accepts connections but did not answer for "
                + readableSeconds(timeoutNs),
            advice: "It is frozen or overloaded, or the port is not Kafka's.")
    }

    static func silent(forNs: UInt64) -> RequestFailure {
        RequestFailure(
            code: .silent, what: "silent for \(readableSeconds(forNs)), not asked again meanwhile",
            advice: "The broker accepts connections but does not answer.")
    }

    static func unsupported(
        _ name: String, ours: ClosedRange<Int16>, theirs: ClosedRange<Int16>?
    ) -> RequestFailure {
        let has = theirs.map { "speaks versions \(range($0))" } ?? "does not have it"
        return RequestFailure(
            code: .unsupportedVersion,
            what: "no common version of \(name): highwater speaks \(range(ours)), the broker \(has)"
        )
    }

    static func throttled(forNs: UInt64) -> RequestFailure {
        RequestFailure(
            code: .throttled, what: "the broker asked us to wait \(readableSeconds(forNs))",
            advice: "A quota applies to this client (see the broker's client quotas).")
    }

    static func kafka(_ error: KafkaError, _ message: String = "") -> RequestFailure {
        RequestFailure(
            code: .kafkaError,
            what: message.isEmpty ? error.reason : "\(error.reason): \(message)")
    }

    static func securityUnsupported(_ name: String) -> RequestFailure {
        RequestFailure(
            code: .securityUnsupported, what: "security.protocol=\(name) is not in this version",
            advice: "Use a PLAINTEXT listener.")
    }

    /// `other` answers, -1 where that is not known, `place` is dialled where a map says so.
    static func wrongBroker(_ other: Int32, _ place: Endpoint?) -> RequestFailure {
        let who = other >= 0 ? "broker \(other)" : "another broker"
        let mapped = place.map { " (\($0) by the address map)" } ?? ""
        return RequestFailure(
            code: .wrongBroker, what: "\(who) answers at its address\(mapped)",
            advice: "Nothing it answers there is taken for this broker's. "
                + "Check advertised.listeners, names, tunnels and address maps.")
    }

    static func sharedAddress(_ id: Int32, _ other: Int32, _ place: Endpoint) -> RequestFailure {
        RequestFailure(
            code: .wrongBroker,
            what: "brokers \(min(id, other)) and \(max(id, other)) are both reached at \(place), "
                + "and it does not tell which of them it is",
            advice: "Check advertised.listeners and address maps, or allow DESCRIBE_CONFIGS on the "
                + "cluster.")
    }

    static func wrongCluster(_ id: String, instead expected: String) -> RequestFailure {
        RequestFailure(
            code: .wrongCluster, what: "cluster \(id) answers there, and not \(expected)",
            advice: "Nothing it answers is taken in. Check addresses, names, tunnels and maps.")
    }

    static let senselessVersions = RequestFailure(
        code: .notKafka, what: "the answer to ApiVersions makes no sense")
    static let readOnly = RequestFailure(
        code: .readOnly, what: "the read-only mode does not allow this request")
    static let queueFull = RequestFailure(
        code: .queueFull, what: "too many requests are waiting for this broker")
    static let unknownBroker = RequestFailure(
        code: .unknownBroker, what: "the cluster has not named such a broker")
    static let unknownController = RequestFailure(
        code: .unknownController, what: "the controller is not known yet")
    static let noServers = RequestFailure(
        code: .noBroker, what: "no server is configured", advice: "Name one with -b HOST:PORT.")

    private static func range(_ range: ClosedRange<Int16>) -> String {
        range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}
