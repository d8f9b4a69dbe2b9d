// Why a request has no answer, with a stable code for scripts and one sentence for people.
package import KafkaWire
package import Transport

/// A request that failed: what was tried, of whom, what happened, what to do.
package struct ClientError: Error, Hashable, Sendable {
    /// Stable names for snapshots and scripts.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// No answer in time.
        case timedOut = "TIMED_OUT"
        /// Not even asked: the broker has not answered earlier requests.
        case silent = "SILENT"
        case connectionRefused = "CONNECTION_REFUSED"
        case connectTimedOut = "CONNECT_TIMED_OUT"
        case unreachable = "UNREACHABLE"
        case unknownHost = "UNKNOWN_HOST"
        case resolverSilent = "RESOLVER_SILENT"
        case connectionClosed = "CONNECTION_CLOSED"
        /// Closed at our first request: most often TLS or a proxy.
        case closedAtOnce = "CLOSED_AT_ONCE"
        case truncatedAnswer = "TRUNCATED_ANSWER"
        case tlsExpected = "TLS_EXPECTED"
        case tlsFailed = "TLS_FAILED"
        case proxyFailed = "PROXY_FAILED"
        case loginFailed = "LOGIN_FAILED"
        case notKafka = "NOT_KAFKA"
        case malformedAnswer = "MALFORMED_ANSWER"
        case answerTooLarge = "ANSWER_TOO_LARGE"
        case unsupportedVersion = "UNSUPPORTED_VERSION"
        /// The version spoken lacks a field that must be sent.
        case cannotExpress = "CANNOT_EXPRESS"
        case readOnly = "READ_ONLY"
        case queueFull = "QUEUE_FULL"
        case throttled = "THROTTLED"
        case unknownBroker = "UNKNOWN_BROKER"
        case unknownController = "UNKNOWN_CONTROLLER"
        /// Several servers failed in different ways.
        case noBroker = "NO_BROKER"
        case kafkaError = "KAFKA_ERROR"
        case securityUnsupported = "SECURITY_UNSUPPORTED"
        case systemError = "SYSTEM_ERROR"
        case shutdown = "SHUTDOWN"
        /// Another broker answers at the address, or it cannot be told which of two does.
        case wrongBroker = "WRONG_BROKER"
        /// Another cluster answers at the address.
        case wrongCluster = "WRONG_CLUSTER"
    }

    package var code: Code
    /// Kafka's name of the API.
    package var api: String
    package var effect = ApiEffect.reads
    /// What was tried, as in "read offsets".
    package var action: String
    /// Nil for a bootstrap server or before one was chosen.
    package var brokerID: Int32?
    package var endpoint: Endpoint?
    /// What happened, without a full stop.
    package var what: String
    /// What to do, whole sentences; may be empty.
    package var advice: String
    /// True when the request may have reached the broker, so that a change may have been made.
    package var wasSent = false
    /// For `.any`: what each server tried said.
    package var attempts: [ClientError] = []

    /// One sentence or two in the house shape, on one line.
    package var sentence: String {
        let end = advice.isEmpty ? "" : " " + advice
        let by = effect == .reads ? "from" : "through"
        return "Could not \(action) \(by) \(place): \(what).\(end)"
    }

    /// "broker 3 (kafka-3:9092)".
    package var place: String {
        let endpoint = endpoint.map { printable($0.description) }
        return switch (brokerID, endpoint) {
        case (let id?, let endpoint?): "broker \(id) (\(endpoint))"
        case (let id?, nil): "broker \(id)"
        case (nil, let endpoint?): "bootstrap server \(endpoint)"
        case (nil, nil): attempts.isEmpty ? "the cluster" : "any of \(attempts.count) servers"
        }
    }
}

extension ClientError: CustomStringConvertible {
    package var description: String { "\(code.rawValue): \(sentence)" }
}
