// A partition that takes far more than the others of its topic, and with it most of its broker: one
// key gets the traffic of many.

internal import ClusterModel

/// Partitions that are hot.
enum HotPartitions: Rule {
    static let entry = RuleEntry(
        "hot_partition", "hot partitions", .warning, .none,
        advice:
            "One key, or no key and a sticky producer, gets the traffic of many: more partitions "
            + "do not help before the key is split.")

    private struct Hot {
        var row: Int
        var rate: Float
        /// How many times the mean of the others of its topic.
        var times: Float
        /// Of all that its broker takes.
        var share: Float
    }

    static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        return hot(cluster).prefix(Limits.findingsEach).map { one in
            let key = cluster.key(ofRow: one.row)
            let broker = BrokerID(cluster.partitions.leader[one.row])
            let times = NumberFormat.rate(Double(one.times).nearestWhole)
            return finding(
                .partition(key),
                "\(key) takes \(times) times the mean of its topic's others: "
                    + "\(NumberFormat.rate(Double(one.rate))) rec/s, "
                    + "\(NumberFormat.percent(Double(one.share))) of broker \(broker)",
                cost: Finding.Cost(recordsPerSecond: Double(one.rate)),
                evidence: [
                    .init("records_per_second", Double(one.rate).nearestWhole),
                    .init("times_others", Double(one.times).nearestWhole),
                    .init("share_of_broker", (Double(one.share) * 100).nearestWhole / 100),
                    .init("broker", broker.value),
                ])
        }
    }

    /// One pass over the rates; the hottest first.
    private static func hot(_ cluster: Cluster) -> [Hot] {
        let rates = cluster.partitions.recordsPerSecond
        let leaders = cluster.partitions.leader
        let flows = cluster.brokers.compactMap(\.recordsPerSecond)
        let mean = flows.reduce(0, +) / Double(max(1, flows.count))
        let thresholds = cluster.thresholds
        let least = Float(max(thresholds[.hotRate], Limits.hotShareOfMean * mean))
        var found: [Hot] = []
        for topic in cluster.topics.indices {
            let rows = cluster.topics[topic].partitions
            guard rows.count > 1 else { continue }
            var (sum, known) = (Float(0), 0)
            var (hottest, most) = (-1, least)
            for row in rows where rates[row] >= 0 {
                sum += rates[row]
                known += 1
                if rates[row] >= most { (hottest, most) = (row, rates[row]) }
            }
            guard hottest >= 0, known == rows.count else { continue }
            let others = (sum - most) / Float(known - 1)
            let times = most / max(others, 1)
            guard Double(times) >= thresholds[.hotPartitionTimes] else { continue }
            let broker = cluster.broker(BrokerID(leaders[hottest]))
            guard let all = broker?.recordsPerSecond, all > 0 else { continue }
            let share = min(1, most / Float(all))
            guard Double(share) >= thresholds[.hotPartitionShare] else { continue }
            found.append(Hot(row: hottest, rate: most, times: times, share: share))
        }
        return found.sorted { $0.rate > $1.rate }
    }
}
