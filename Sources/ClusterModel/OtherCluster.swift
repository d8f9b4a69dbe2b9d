// Another cluster at an address of the one that is observed: an address is not an identity.

/// A cluster that answers where another is expected.
package struct OtherCluster: Sendable, Equatable {
    package var id: String
    /// Where it answers, as a broker or the operator names the place.
    package var host: String
    package var port: Int32
    /// The broker that is expected there; nil: any, it is an address that was given to begin with.
    package var broker: BrokerID?
    /// When it was met first.
    package var since = Instant.never

    package init(id: String, host: String, port: Int32, broker: BrokerID? = nil) {
        self.id = id
        self.host = host
        self.port = port
        self.broker = broker
    }

    /// "kafka-1:9092".
    package var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension Cluster {
    /// Which two clusters answer, and where; nil where there is only one.
    package var otherClusterSentence: String? {
        guard let other = otherCluster else { return nil }
        let place =
            other.broker.map { "\(other.address), the address of broker \($0)" }
            ?? other.address
        return "cluster \(other.id) answers at \(place), and not cluster \(clusterID ?? "?")"
    }
}
