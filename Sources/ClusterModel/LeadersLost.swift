// Who serves a partition now: its leader, as long as it answers. Metadata names a leader that is
// gone until a controller elects another, and for ever where there is no controller to do so.

/// Which leaders do not answer, by id, in one look for each of many partitions.
package struct LeadersLost: Sendable, Equatable {
    private let index: BrokerIndex
    private let isLost: [Bool]

    package init(_ cluster: Cluster) {
        index = BrokerIndex(cluster.brokers)
        isLost = cluster.brokers.map(\.isIll)
    }

    /// Whether this leader does not answer now, or is in no list of brokers; false for -1, nobody.
    @inline(__always)
    package func contains(_ leader: Int32) -> Bool {
        guard leader >= 0 else { return false }
        return index.find(leader).map { isLost[$0] } ?? true
    }
}

extension Cluster {
    /// Whether somebody serves the partition: it has a leader, and that answers. nil where the
    /// leader was never asked.
    package func isServed(_ row: Int) -> Bool? {
        let leader = BrokerID(partitions.leader[row])
        guard leader.exists, let broker = broker(leader), !broker.isIll else { return false }
        return broker.state == .unknown ? nil : true
    }
}
