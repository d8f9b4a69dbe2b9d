// Finding things in a cluster by their identity, and judging how old what is known of them is.

extension Cluster {
    /// The broker's index in `brokers`; nil where the cluster does not know it.
    package func brokerIndex(_ id: BrokerID) -> Int? {
        index(in: brokers.count) { i in
            brokers[i].id < id ? -1 : brokers[i].id == id ? 0 : 1
        }
    }
    package func broker(_ id: BrokerID) -> Broker? { brokerIndex(id).map { brokers[$0] } }

    package func topicIndex(named name: String) -> Int? {
        // One comparison of names a step: they are long and differ late.
        let at = firstIndex(of: topics.count) { !(topics[$0].name < name) }
        return at < topics.count && topics[at].name == name ? at : nil
    }
    package func topic(named name: String) -> Topic? { topicIndex(named: name).map { topics[$0] } }

    /// Records a second of every topic, -1 where unknown. Read here, where a topic need not be
    /// copied, nor its name retained, for one number.
    package var topicRates: [Double] {
        var rates: [Double] = []
        rates.reserveCapacity(topics.count)
        for index in topics.indices { rates.append(topics[index].recordsPerSecond ?? -1) }
        return rates
    }

    package func groupIndex(_ id: String) -> Int? {
        let at = firstIndex(of: groups.count) { !(groups[$0].id < id) }
        return at < groups.count && groups[at].id == id ? at : nil
    }
    package func group(_ id: String) -> ConsumerGroup? { groupIndex(id).map { groups[$0] } }

    /// The partition's row in the table; nil where there is none.
    package func row(of key: PartitionKey) -> Int? {
        guard let topic = topicIndex(named: key.topic) else { return nil }
        return row(ofPartition: key.partition, topicIndex: topic)
    }

    package func row(ofPartition number: Int32, topicIndex: Int) -> Int? {
        let rows = topics[topicIndex].partitions
        // Partition numbers have no holes unless metadata is partial: look there first.
        let guess = rows.lowerBound + Int(number)
        if number >= 0, guess < rows.upperBound, partitions.partition[guess] == number {
            return guess
        }
        let found = index(in: rows.count) { i in
            let there = partitions.partition[rows.lowerBound + i]
            return there < number ? -1 : there == number ? 0 : 1
        }
        return found.map { rows.lowerBound + $0 }
    }

    /// The replica's row in the replica columns.
    package func replicaRow(of key: ReplicaKey) -> Int? {
        guard let row = row(of: key.partition) else { return nil }
        return partitions.replicas(of: row).first {
            partitions.replicaBroker[$0] == key.broker.value
        }
    }

    /// The log directories of a broker.
    package func logDirs(of broker: BrokerID) -> [LogDir] {
        logDirs.filter { $0.broker == broker }
    }

    /// The partition's key: two reads, no view.
    package func key(ofRow row: Int) -> PartitionKey {
        PartitionKey(
            topic: topics[Int(partitions.topic[row])].name, partition: partitions.partition[row])
    }

    /// The first of `count` indices from which on `holds` is true; `count` where it never is.
    private func firstIndex(of count: Int, where holds: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func index(in count: Int, _ order: (Int) -> Int) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            let side = order(middle)
            if side == 0 { return middle }
            if side < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }
}

extension Cluster {
    /// Seconds since `moment`, as of `takenAt`; nil for never.
    package func ageSeconds(_ moment: Instant) -> Double? {
        moment.happened ? max(0, takenAt.seconds(since: moment)) : nil
    }

    /// The age from which a value of this section is stale: three of its refresh intervals.
    package func staleAfterSeconds(_ section: Section) -> Double {
        let interval = health(section).intervalSeconds ?? Limits.assumedIntervalSeconds
        return max(Limits.leastStaleSeconds, Limits.staleIntervals * interval)
    }

    /// True where a value of `section`, answered at `moment`, is too old to pass for the present.
    package func isStale(_ moment: Instant, in section: Section) -> Bool {
        guard let age = ageSeconds(moment) else { return true }
        return age > staleAfterSeconds(section)
    }

    /// The same for what only one broker knows: stale also while that broker does not answer.
    package func isStale(_ moment: Instant, in section: Section, from id: BrokerID) -> Bool {
        guard let broker = broker(id), broker.isAnswering else { return true }
        return isStale(moment, in: section)
    }

    /// Whether an offset that `broker` answered at `moment` is stale.
    package func isStale(offsetAt moment: Instant, of broker: BrokerID) -> Bool {
        isStale(moment, in: .offsets, from: broker)
    }
}
