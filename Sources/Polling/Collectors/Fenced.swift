// Fenced brokers: registered, and in no list of live brokers; and what we may do to the cluster.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// Asks for them where DescribeCluster can list them (version 2, Kafka 4.0).
final class FencedCollector: Collector {
    private unowned let observer: Observer
    private var clock = Clock()

    init(_ observer: Observer) { self.observer = observer }

    func round(_ due: Due) {
        let now = observer.loop.now
        let cluster = observer.working.cluster
        guard clock.isDue(due, every: Limits.fencedInterval, at: now) else { return }
        // Rights are told by every broker that has the request (2.8), and asked for once.
        let least: Int16 = cluster.rights == nil ? 0 : 2
        let canAnswer = cluster.brokers.contains {
            let version = observer.client.version(
                of: DescribeClusterRequest.self, broker: $0.id.value)
            return version.map { $0 >= least } ?? false
        }
        // In a snapshot no versions are known yet; KRaft brokers have the request in any case.
        guard canAnswer || (due == .once && cluster.kind == .kraft) else { return }
        clock.start(at: now)
        observer.ask(
            Question(.brokers),
            { version in
                var request = DescribeClusterRequest()
                request.includeFencedBrokers = version >= 2
                request.includeClusterAuthorizedOperations = true
                return request
            }
        ) { [weak self] answer in
            // An older broker lists the living only: that says nothing of the fenced ones.
            guard let self, !answer.value.error.isError,
                observer.isOfThisCluster(
                    answer.value.clusterID, answer.brokerID, answer.endpoint)
            else { return }
            observer.working.cluster.rights = Rights(
                told: answer.value.clusterAuthorizedOperations)
            guard answer.version >= 2 else { return }
            observer.working.fold(fenced: answer.value.brokers, now: observer.loop.now)
        }
    }
}

extension WorkingCluster {
    /// Fenced brokers are registered, hold replicas, and are in no list of live brokers.
    mutating func fold(fenced reported: [DescribeClusterResponse.Broker], now: UInt64) {
        cluster.coordinator.tellsFenced = true
        let fenced = Set(reported.filter(\.isFenced).map(\.brokerID))
        for entry in reported where entry.isFenced && entry.brokerID >= 0 {
            let index = ensureBroker(BrokerID(entry.brokerID))
            if cluster.brokers[index].host.isEmpty {
                let named = Broker(
                    id: BrokerID(entry.brokerID), host: entry.host, port: entry.port,
                    rack: entry.rack)
                cluster.brokers[index].host = named.host
                cluster.brokers[index].port = named.port
                cluster.brokers[index].rack = named.rack
                cluster.brokers[index].endpoint = named.endpoint
                cluster.brokers[index].isListed = false
                if !cluster.brokers[index].unlistedSince.happened {
                    cluster.brokers[index].unlistedSince = Instant(ns: now)
                }
            }
        }
        for index in cluster.brokers.indices {
            cluster.brokers[index].isFenced = fenced.contains(cluster.brokers[index].id.value)
        }
    }
}
