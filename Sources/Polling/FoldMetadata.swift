// Metadata answers: brokers, the controller (ZooKeeper mode only), topics and partitions.
import ClusterModel
import KafkaWire

extension TopicAnswers {
    /// Topics of a Metadata answer, ascending by name, partitions ascending by number. Topics that
    /// are known only by an error and without a name are left out.
    init(_ topics: [MetadataResponse.Topic]) {
        let named = topics.indices.filter { topics[$0].name != nil }
        let order = named.sorted { (topics[$0].name ?? "") < (topics[$1].name ?? "") }
        self.topics.reserveCapacity(order.count)
        partitions.reserveCapacity(topics.reduce(0) { $0 + $1.partitions.count })
        replicaBroker.reserveCapacity(partitions.capacity * 3)
        replicaFlags.reserveCapacity(partitions.capacity * 3)
        for index in order {
            if let name = topics[index].name, name != self.topics.last?.name {
                append(topics[index], name: name)
            }
        }
    }

    private mutating func append(_ topic: MetadataResponse.Topic, name: String) {
        let first = partitions.count
        var isAscending = true
        var last: Int32 = -1
        for partition in topic.partitions {
            if partition.partitionIndex <= last { isAscending = false }
            last = partition.partitionIndex
        }
        if isAscending {
            for partition in topic.partitions { append(partition) }
        } else {
            var seen: Int32 = -1
            for partition in topic.partitions.sorted(by: { $0.partitionIndex < $1.partitionIndex })
            where partition.partitionIndex > seen {
                seen = partition.partitionIndex
                append(partition)
            }
        }
        let id =
            topic.topicID.isZero
            ? nil : TopicID(high: topic.topicID.high, low: topic.topicID.low)
        self.topics.append(
            Entry(
                name: name, id: id, isInternal: topic.isInternal, errorCode: topic.error.code,
                first: first, count: partitions.count - first))
    }

    private mutating func append(_ told: MetadataResponse.Partition) {
        let first = Int32(replicaBroker.count)
        for broker in told.replicaNodes where broker >= 0 {
            // A broker named twice would be asked twice, which Kafka refuses (42).
            guard !replicaBroker[Int(first)...].contains(broker) else { continue }
            var flags: ReplicaFlags = []
            if told.isrNodes.contains(broker) { flags.insert(.inSync) }
            if told.offlineReplicas.contains(broker) { flags.insert(.offline) }
            replicaBroker.append(broker)
            replicaFlags.append(flags)
        }
        partitions.append(
            Partition(
                number: told.partitionIndex, leader: told.leaderID, leaderEpoch: told.leaderEpoch,
                errorCode: told.error.code, firstReplica: first,
                replicaCount: Int32(replicaBroker.count) - first))
    }
}

extension Draft {
    /// Folds the brokers one broker lists as alive. Brokers that only replica lists name stay, as
    /// missing since the first answer without them. Returns true when the set of live brokers is
    /// another than before: a reason to ask for all metadata.
    mutating func fold(brokers told: [MetadataResponse.Broker], now: UInt64) -> Bool {
        var changed = false
        for entry in told where entry.nodeID >= 0 {
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
        let alive = Set(told.map { $0.nodeID })
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

    /// Brokers that replica lists name but no broker lists: missing. Brokers that are neither listed
    /// nor hold a replica any more are gone for good (decommissioned) and leave.
    mutating func reconcileBrokers(now: UInt64) {
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
