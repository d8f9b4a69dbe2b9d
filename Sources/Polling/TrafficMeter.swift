// What observing costs the cluster, over the last seconds.
import ClusterModel
import KafkaClient

extension Observer {
    func refreshTraffic(_ now: UInt64) {
        var counters = client.counters
        counters.requests += quorum.counters.requests
        counters.bytesIn += quorum.counters.bytesIn
        counters.bytesOut += quorum.counters.bytesOut
        counters.overlongAnswers += quorum.counters.overlongAnswers
        working.cluster.traffic.overlongAnswers =
            counters.overlongAnswers + ensemble.overlongAnswers
        traffic.measure(counters, client.links, now, into: &working.cluster)
    }
}

/// What observing costs, from the client's sums at two moments.
struct TrafficMeter {
    private var at: UInt64 = 0
    private var before = ClientCounters()
    private var requestsOfBroker: [Int32: UInt64] = [:]
    /// Smoothed over this many nanoseconds: a footer must not flicker.
    private static let window: UInt64 = 2 * Limits.second
    /// Bytes come in bursts, since what stands still is asked about in turns: so much of the newest
    /// rate counts.
    private static let share = 0.25
    private var isFirst = true

    mutating func start(at now: UInt64) { at = now }

    mutating func measure(
        _ counters: ClientCounters, _ links: [BrokerLink], _ now: UInt64,
        into cluster: inout Cluster
    ) {
        cluster.traffic.openConnections = links.count { $0.state == .ready }
        guard now &- at >= Self.window else { return }
        let seconds = Double(now - at) / 1e9
        func rate(_ count: UInt64, _ before: UInt64) -> Double {
            count > before ? Double(count - before) / seconds : 0
        }
        cluster.traffic.requestsPerSecond = rate(counters.requests, before.requests)
        let share = isFirst ? 1 : Self.share
        isFirst = false
        cluster.traffic.bytesInPerSecond +=
            share * (rate(counters.bytesIn, before.bytesIn) - cluster.traffic.bytesInPerSecond)
        cluster.traffic.bytesOutPerSecond +=
            share * (rate(counters.bytesOut, before.bytesOut) - cluster.traffic.bytesOutPerSecond)
        for link in links {
            if let index = cluster.brokerIndex(BrokerID(link.id)) {
                cluster.brokers[index].requestsPerSecond = rate(
                    link.requestsSent, requestsOfBroker[link.id] ?? 0)
            }
            requestsOfBroker[link.id] = link.requestsSent
        }
        at = now
        before = counters
    }
}
