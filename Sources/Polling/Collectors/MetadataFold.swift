// Metadata answers: brokers, the controller (ZooKeeper mode only), topics and partitions.
import ClusterModel
package import KafkaWire

extension MetadataColumns {
    /// What a partition's replica at `place` in `ids` is, but for what only reassignments say.
    @inline(__always)
    func flags(_ partition: Partition, replica place: Int) -> ReplicaFlags {
        var flags: UInt8 = 0
        if holds(ids[place], partition.isr) { flags |= ReplicaFlags.inSync.rawValue }
        if holds(ids[place], partition.offline) { flags |= ReplicaFlags.offline.rawValue }
        return ReplicaFlags(rawValue: flags)
    }
}

extension MetadataColumns.Topic {
    /// Nil before Kafka 2.8.
    var id: TopicID? {
        topicID.isZero ? nil : TopicID(high: topicID.high, low: topicID.low)
    }
}

extension ReplicaFlags {
    /// What reassignments say of a replica; everything else Metadata says.
    static let moving: ReplicaFlags = [.adding, .removing]
}

extension WorkingCluster {
    /// Folds the brokers one broker lists as alive. Brokers that only replica lists name stay, as
    /// missing since the first answer without them. Returns true when the set of live brokers is
    /// another than before: a reason to ask for all metadata.
    package mutating func fold(brokers reported: [MetadataResponse.Broker], now: UInt64) -> Bool {
        var changed = false
        for entry in reported where entry.nodeID >= 0 {
            let id = BrokerID(entry.nodeID)
            let isNew = brokerIndex(id) == nil
            let index = ensureBroker(id)
            let fresh = Broker(id: id, host: entry.host, port: entry.port, rack: entry.rack)
            if isNew || cluster.brokers[index].isListed == false
                || cluster.brokers[index].endpoint != fresh.endpoint
            {
                changed = true
            }
            cluster.brokers[index].host = fresh.host
            cluster.brokers[index].port = fresh.port
            cluster.brokers[index].rack = fresh.rack
            cluster.brokers[index].endpoint = fresh.endpoint
            cluster.brokers[index].isListed = true
            cluster.brokers[index].unlistedSince = .never
        }
        let alive = Set(reported.map { $0.nodeID })
        for index in cluster.brokers.indices where !alive.contains(cluster.brokers[index].id.value)
        {
            if cluster.brokers[index].isListed { changed = true }
            cluster.brokers[index].isListed = false
            if !cluster.brokers[index].unlistedSince.happened {
                cluster.brokers[index].unlistedSince = Instant(ns: now)
            }
        }
        markAnswered(.brokers, at: now)
        return changed
    }

    /// Brokers that replica lists name but no broker lists: missing. Brokers that are neither
    /// listed nor hold a replica any more are gone for good (decommissioned) and leave.
    package mutating func reconcileBrokers(now: UInt64) {
        for id in rowsOfBroker.keys.sorted() where id.exists && brokerIndex(id) == nil {
            let index = ensureBroker(id)
            cluster.brokers[index].isListed = false
            cluster.brokers[index].unlistedSince = Instant(ns: now)
        }
        cluster.brokers.removeAll { broker in
            !broker.isListed && !broker.isFenced && rowsOfBroker[broker.id] == nil
                && Instant(ns: now).seconds(since: broker.unlistedSince)
                    > Limits.forgetBrokerSeconds
        }
        removeLogDirs(
            Set(cluster.logDirs.indices.filter { brokerIndex(cluster.logDirs[$0].broker) == nil }))
    }
}
