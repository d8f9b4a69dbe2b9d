// Metadata answers: brokers, the controller (ZooKeeper mode only), topics and partitions.
import ClusterModel
package import KafkaWire

extension TopicAnswers {
    /// Topics of a Metadata answer, ascending by name, partitions ascending by number. Topics that
    /// are known only by an error and without a name are left out.
    package init(_ reported: MetadataColumns) {
        topics.reserveCapacity(reported.topics.count)
        partitions.reserveCapacity(reported.partitions.count)
        replicaBroker.reserveCapacity(reported.ids.count / 2)
        replicaFlags.reserveCapacity(reported.ids.count / 2)
        for index in Self.order(reported) {
            if let name = reported.topics[index].name, name != topics.last?.name {
                append(index, of: reported, name: name)
            }
        }
    }

    /// Topics with a name, ascending by it.
    private static func order(_ reported: MetadataColumns) -> [Int] {
        var order: [Int] = []
        order.reserveCapacity(reported.topics.count)
        var isAscending = true
        var last = ""
        for (index, topic) in reported.topics.enumerated() {
            guard let name = topic.name else { continue }
            order.append(index)
            if name < last { isAscending = false }
            last = name
        }
        if isAscending { return order }
        return order.sorted { (reported.topics[$0].name ?? "") < (reported.topics[$1].name ?? "") }
    }

    private mutating func append(_ index: Int, of reported: MetadataColumns, name: String) {
        let first = partitions.count
        let rows = reported.rows(of: index)
        var isAscending = true
        var last: Int32 = -1
        for row in rows {
            let number = reported.partitions[row].partitionIndex
            if number <= last { isAscending = false }
            last = number
        }
        if isAscending {
            for row in rows { append(reported.partitions[row], reported.ids) }
        } else {
            var seen: Int32 = -1
            for partition in reported.partitions[rows].sorted(by: {
                $0.partitionIndex < $1.partitionIndex
            }) where partition.partitionIndex > seen {
                seen = partition.partitionIndex
                append(partition, reported.ids)
            }
        }
        let topic = reported.topics[index]
        topics.append(
            Entry(
                name: name,
                id: topic.topicID.isZero
                    ? nil : TopicID(high: topic.topicID.high, low: topic.topicID.low),
                isInternal: topic.isInternal, errorCode: topic.error.code, first: first,
                count: partitions.count - first))
    }

    private mutating func append(_ reported: MetadataColumns.Partition, _ ids: [Int32]) {
        let first = replicaBroker.count
        for place in reported.replicas where ids[place] >= 0 {
            let broker = ids[place]
            // A broker named twice would be asked twice, which Kafka refuses (42).
            guard !Self.contains(broker, replicaBroker, first..<replicaBroker.count) else {
                continue
            }
            var flags: ReplicaFlags = []
            if Self.contains(broker, ids, reported.isr) { flags.insert(.inSync) }
            if Self.contains(broker, ids, reported.offline) { flags.insert(.offline) }
            replicaBroker.append(broker)
            replicaFlags.append(flags)
        }
        partitions.append(
            Partition(
                number: reported.partitionIndex, leader: reported.leaderID,
                leaderEpoch: reported.leaderEpoch,
                errorCode: reported.error.code, firstReplica: Int32(first),
                replicaCount: Int32(replicaBroker.count - first)))
    }

    /// Written out: a slice would be counted for each of a million ids.
    @inline(__always)
    private static func contains(_ id: Int32, _ ids: [Int32], _ places: Range<Int>) -> Bool {
        for place in places where ids[place] == id { return true }
        return false
    }
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
