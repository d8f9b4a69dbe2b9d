// Whose answers these are: another cluster's are not taken in, and said.
import ClusterModel
import KafkaClient
import Transport

extension Observer {
    /// Whether an answer is the cluster's that was observed first; the first one says which that
    /// is. The client has each connection show it; what it lets pass, while nothing was known to
    /// compare with, ends here.
    func isOfThisCluster(_ id: String?, _ broker: Int32?, _ endpoint: Endpoint) -> Bool {
        // A broker that has just started, or is in trouble, may name none.
        let id = id.flatMap { $0.isEmpty ? nil : $0 }
        if let id, let known = working.cluster.clusterID, id != known {
            client.meets(cluster: id, at: broker, endpoint)
            return false
        }
        if let id { working.cluster.clusterID = id }
        client.expect(cluster: id)
        return true
    }

    /// A list of addresses may lead to two clusters. A snapshot waits a little for those that have
    /// not answered.
    func proveBootstrap(except known: Endpoint) {
        if isOnce { beginWork() }
        client.proveBootstrap(except: known, within: Limits.bootstrapProof) { [weak self] in
            guard let self else { return }
            if isOnce { endWork() } else { changed() }
        }
    }

    /// The other cluster that is met at a broker's address, or at one that was given to begin with.
    func otherCluster(_ now: UInt64) -> OtherCluster? {
        for link in client.links + client.bootstrapLinks {
            guard let id = link.otherClusterID else { continue }
            var other = OtherCluster(
                id: id, host: link.endpoint.host, port: Int32(link.endpoint.port),
                broker: link.id >= 0 ? BrokerID(link.id) : nil)
            let before = working.cluster.otherCluster
            other.since = before?.id == other.id ? before?.since ?? .never : Instant(ns: now)
            return other
        }
        return nil
    }
}
