// What clients ask of the simulated ensemble, counted: by it tests and benchmarks tell whether an
// ensemble is burdened by the size of the cluster.
package import ZooKeeperClient

/// Sums over all servers and connections since the simulation began.
package struct ZooKeeperTally: Sendable, Equatable {
    /// Requests of sessions.
    package var requests: [OpCode: Int] = [:]
    /// Sessions asked for or taken up again, and words of four letters.
    package var connects = 0
    package var words = 0
    /// From clients and to them.
    package var bytesIn = 0
    package var bytesOut = 0

    package init() {}

    /// Requests that read or watch znodes: all but those that keep sessions alive.
    package var reads: Int {
        requests.reduce(0) { $1.key == .ping ? $0 : $0 + $1.value }
    }

    /// What came since `earlier`.
    package func since(_ earlier: ZooKeeperTally) -> ZooKeeperTally {
        var more = self
        more.requests = requests.reduce(into: [:]) { sums, entry in
            let count = entry.value - (earlier.requests[entry.key] ?? 0)
            if count != 0 { sums[entry.key] = count }
        }
        more.connects -= earlier.connects
        more.words -= earlier.words
        more.bytesIn -= earlier.bytesIn
        more.bytesOut -= earlier.bytesOut
        return more
    }
}
