// Where a request goes and what comes back.
package import Transport

/// Who is to answer.
package enum Target: Hashable, Sendable {
    /// Any living broker, else a bootstrap server.
    case any
    /// Whoever carries out changes: see `updateController`.
    case controller
    case broker(Int32)
}

/// Who takes requests for the controller: protocol.md 1, "Receiver".
package enum ControllerRouting: Hashable, Sendable {
    case unknown
    /// ZooKeeper mode: this broker and no other.
    case broker(Int32)
    /// KRaft mode: every broker forwards.
    case anyBroker
}

/// Which of a broker's two connections.
package enum Lane: Int, Hashable, Sendable, CaseIterable {
    case fast
    /// For calls that may take long; they hold up nothing but each other.
    case slow
}

/// A broker as the cluster lists it.
package struct BrokerAddress: Hashable, Sendable {
    package var id: Int32
    package var endpoint: Endpoint
    package var rack: String?

    package init(id: Int32, endpoint: Endpoint, rack: String? = nil) {
        self.id = id
        self.endpoint = endpoint
        self.rack = rack
    }
}

/// One broker's answer with its circumstances. Times are the loop's nanoseconds.
package struct Answer<Value> {
    package var value: Value
    package var version: Int16
    /// Nil for a bootstrap server, whose id is not known.
    package var brokerID: Int32?
    package var endpoint: Endpoint
    package var sentAtNs: UInt64
    package var receivedAtNs: UInt64
    package var sizeBytes: Int
}

extension Answer: Sendable where Value: Sendable {}

/// Sums over the life of a client, for rates in the footer.
package struct ClientCounters: Hashable, Sendable {
    package var requests: UInt64 = 0
    package var answers: UInt64 = 0
    package var failures: UInt64 = 0
    package var bytesOut: UInt64 = 0
    package var bytesIn: UInt64 = 0
    package var connectionsOpened: UInt64 = 0
    /// Answers with bytes behind their last field, which were passed over.
    package var overlongAnswers: UInt64 = 0

    package init() {}
}
