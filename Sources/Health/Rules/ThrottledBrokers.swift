// A broker whose quota holds this client back.

internal import ClusterModel

/// Brokers that make this client wait before it may ask again.
enum ThrottledBrokers: Rule {
    static let entry = RuleEntry(
        "broker_throttled", "brokers throttle us", .warning, .brokers,
        advice: "A request quota applies to this client's principal or client id: raise it, or ask "
            + "less often.")

    static func check(_ pass: HealthPass) -> [Finding] {
        pass.cluster.brokers.compactMap { broker in
            guard case .throttled = broker.state else { return nil }
            return finding(.broker(broker.id), IllBrokers.sentence(broker))
        }
    }
}
