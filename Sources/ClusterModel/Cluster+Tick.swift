// From a summed-up cluster to a tick of `History`.

extension Cluster {
    /// Appends to `history` what this cluster measured since `from`, the `takenAt` of the one
    /// before.
    /// Call it after `summarise()`. `watched` are the partitions that someone looks at.
    package mutating func remember(
        from: Instant, topicsSince: [Instant] = [], groupsSince: [Instant] = [],
        watched: some Sequence<PartitionKey> = []
    ) {
        history.append(
            tick(from: from, topicsSince: topicsSince, groupsSince: groupsSince, watched: watched))
    }

    /// The tick that `remember` appends.
    package func tick(
        from: Instant, topicsSince: [Instant] = [], groupsSince: [Instant] = [],
        watched: some Sequence<PartitionKey> = []
    ) -> History.Tick {
        var tick = History.Tick(from: from, to: takenAt)
        tick.topicsSince = topicsSince
        tick.groupsSince = groupsSince
        tick.cluster = flow(
            totals.recordsPerSecond, totals.bytesPerSecond, stale: totals.staleRateCount,
            of: partitions.count)
        tick.brokers = brokers.map { broker in
            // What an ill broker leads is not known, even where that is nothing.
            let isKnown = broker.isAnswering
            return (
                broker.id,
                flow(
                    isKnown ? broker.recordsPerSecond : nil, isKnown ? broker.bytesPerSecond : nil,
                    stale: broker.staleRateCount, of: broker.leaderCount)
            )
        }
        tick.topics = byHistoryIndex(topics.lazy.map(\.historyIndex)) { i in
            let topic = topics[i]
            let flow = flow(
                topic.recordsPerSecond, topic.bytesPerSecond, stale: topic.staleRateCount,
                of: topic.partitionCount)
            return (flow.records, flow.bytes)
        }
        tick.groups = byHistoryIndex(groups.lazy.map(\.historyIndex)) { i in
            let group = groups[i]
            // A lag of which a part is unknown would draw a drop that did not happen.
            let lag = group.unknownLagCount == 0 ? group.lag : nil
            return (lag.map(Float.init) ?? .nan, group.consumedPerSecond.map(Float.init) ?? .nan)
        }
        for key in watched {
            guard let row = row(of: key) else { continue }
            let isFresh =
                partitions.leaderReplica(row).map {
                    !isStale(
                        offsetAt: Instant(ns: partitions.replicaLogEndAt[$0]),
                        of: BrokerID(partitions.leader[row]))
                } ?? false
            guard isFresh else { continue }
            tick.partitions[key] = PartitionFlow(
                records: partitions.recordsPerSecond[row], bytes: partitions.bytesPerSecond[row])
        }
        return tick
    }

    private func flow(
        _ records: Double?, _ bytes: Double?, stale: Int, of count: Int
    ) -> PartitionFlow {
        let isKnown = Double(stale) <= Limits.historyStaleShare * Double(count)
        return PartitionFlow(
            records: isKnown ? records.map(Float.init) ?? .nan : .nan,
            bytes: isKnown ? bytes.map(Float.init) ?? .nan : .nan)
    }

    private func byHistoryIndex(
        _ historyIndexes: some Collection<Int>, _ pair: (Int) -> (Float, Float)
    ) -> [Float] {
        let count = min((historyIndexes.max() ?? -1) + 1, Limits.historyIndexes)
        var values = [Float](repeating: .nan, count: 2 * max(0, count))
        for (i, historyIndex) in historyIndexes.enumerated()
        where historyIndex >= 0 && historyIndex < count {
            (values[2 * historyIndex], values[2 * historyIndex + 1]) = pair(i)
        }
        return values
    }
}
