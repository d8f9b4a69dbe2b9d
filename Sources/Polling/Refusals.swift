// What servers refuse: a denial does not change from one second to the next, and each attempt is a
// line in the server's log.
import ClusterModel
import KafkaWire

/// Questions that were refused. Each is asked again after its time, when the broker's connection is
/// new, and when the operator asks for a refresh.
struct Refusals {
    private struct Refusal {
        /// The loop's time from which on it is asked again.
        var until: UInt64
        /// Who refused; nil: any broker would.
        var broker: BrokerID?
        /// Connections made until then; nil where the refusal does not depend on them.
        var connections: UInt64?
    }
    private var refusals: [QuestionKey: Refusal] = [:]

    var isEmpty: Bool { refusals.isEmpty }

    mutating func remember(
        _ keys: [QuestionKey], until: UInt64, broker: BrokerID? = nil, connections: UInt64? = nil
    ) {
        let refusal = Refusal(until: until, broker: broker, connections: connections)
        for key in keys { refusals[key] = refusal }
    }

    /// Whether a question is not asked now; `connections`: made to a broker so far, to all for nil.
    func isInForce(
        _ key: QuestionKey, at now: UInt64, connections: (BrokerID?) -> UInt64 = { _ in 0 }
    ) -> Bool {
        guard let refusal = refusals[key], now < refusal.until else { return false }
        return refusal.connections.map { $0 == connections(refusal.broker) } ?? true
    }

    /// Whether a question was refused when it was asked last.
    func contains(_ key: QuestionKey) -> Bool { refusals[key] != nil }

    /// The time from which on a question is asked again; 0 where it was not refused.
    func end(_ key: QuestionKey) -> UInt64 { refusals[key]?.until ?? 0 }

    /// A question was answered.
    mutating func remove(_ key: QuestionKey) { refusals[key] = nil }

    /// Everything is asked again from now on. What was refused stays known until it is answered.
    mutating func lapse(at now: UInt64) {
        for key in refusals.keys { refusals[key]?.until = now }
    }
}

extension KafkaError {
    /// The broker will not answer this: asking again changes nothing.
    var isRefusal: Bool { Self.refusals.contains(self) }

    private static let refusals: Set<KafkaError> = [
        .topicAuthorizationFailed, .groupAuthorizationFailed, .clusterAuthorizationFailed,
        .unsupportedVersion,
    ]
}
