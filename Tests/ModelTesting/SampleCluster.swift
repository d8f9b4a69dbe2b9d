// The clusters that tests and benchmarks look at: small and well, small and ill in every way the
// console must show, huge, still loading, and empty. All deterministic.

package import ClusterModel
internal import Simulation

/// Ready-made clusters.
package enum SampleCluster {
    /// Three brokers in three racks, six topics, four groups, all well, an hour of history.
    package static func healthy() -> Cluster {
        var builder = ClusterBuilder(brokers: 3)
        builder.addLogDirs()
        _ = addTopics(&builder)
        addGroups(&builder)
        var cluster = builder.finish()
        fillHistory(&cluster, seconds: 3_600, step: 10)
        return cluster
    }

    /// The same with broker 3 silent for 12 s, broker 9 missing, and one or more of each fault:
    /// offline, under min ISR, under-replicated, wrong leader, moving, lagging, stale and unknown
    /// offsets, a group stuck and one falling behind, a full volume, a failed directory, requests
    /// that failed, a gap of a minute in the history.
    package static func ill() -> Cluster {
        var builder = ClusterBuilder(brokers: 4)
        builder.addLogDirs()
        let rows = addTopics(&builder)
        spoilBrokers(&builder)
        spoilPartitions(&builder, rows)
        addGroups(&builder)
        let orders = builder.cluster.topic(named: "orders").map { Array($0.partitions) } ?? []
        builder.addGroup("slow-etl", rows: orders, members: 2, lag: 600_000, consumed: 13_500)
        builder.addGroup(
            "zz-stuck", rows: [rows.orders], members: 2, lag: 1_890_000, consumed: 0)
        builder.addGroup("zz-undescribed", rows: [], members: 0)
        let last = builder.cluster.groups.count - 1
        builder.cluster.groups[last].members = nil
        builder.cluster.groups[last].offsets = nil
        builder.cluster.groups[last].state = nil
        builder.cluster.groups[last].describedAt = .never
        builder.cluster.groups[last].offsetsAt = .never
        var cluster = builder.finish()
        fillHistory(&cluster, seconds: 3_600, step: 10, gap: 120..<180)
        return cluster
    }

    /// Connected, brokers known, nothing else answered yet; metadata half way.
    package static func loading() -> Cluster {
        var builder = ClusterBuilder(brokers: 3)
        for section in Section.allCases { builder.cluster.sections[section] = SectionHealth() }
        builder.cluster.sections[.brokers] = SectionHealth(
            state: .fresh, answeredAt: builder.answeredAt, oldestAt: builder.answeredAt)
        builder.cluster.sections[.metadata] = SectionHealth(state: .loading(0.5))
        builder.cluster.kafkaVersion = nil
        builder.cluster.controller = nil
        builder.cluster.controllerEpoch = nil
        builder.cluster.brokers[2].state = .unknown
        builder.cluster.brokers[2].answeredAt = .never
        return builder.finish(quorum: false)
    }

    /// A cluster that answers and holds nothing: no topics, no groups.
    package static func empty() -> Cluster {
        var builder = ClusterBuilder(brokers: 1, racks: 0)
        return builder.finish()
    }

    /// As large as is wanted: rates after Zipf, replication factor 3, a few faults, ten ticks of
    /// history. The defaults are the largest cluster that the budgets name.
    package static func huge(
        brokers: Int = 1_000, partitions: Int = 200_000, groups: Int = 10_000, topics: Int = 10_000
    ) -> Cluster {
        var generator = SeededGenerator(seed: 11)
        var builder = ClusterBuilder(brokers: brokers)
        builder.addLogDirs()
        let width = String(topics).utf8.count
        for topic in 0..<topics {
            let digits = String(topic)
            let zeros = String(repeating: "0", count: width - digits.utf8.count)
            builder.addTopic("topic-" + zeros + digits)
            let count = partitions * (topic + 1) / topics - partitions * topic / topics
            for number in 0..<count {
                let first = (topic * 7 + number) % brokers
                let replicas = (0..<min(3, brokers)).map { Int32((first + $0) % brokers + 1) }
                let row = builder.addPartition(
                    replicas: replicas, end: Int64(generator.next() % 1_000_000_000),
                    rate: 200_000 / Float(topic + 1) / Float(max(1, count)))
                if row % 1_000 == 7, replicas.count == 3 {
                    builder.setLag(row, replica: 2, Int64(row), inSync: false)
                }
                if row % 1_500 == 11 {
                    builder.cluster.partitions.leader[row] = replicas.last ?? -1
                }
            }
        }
        let groupWidth = String(groups).utf8.count
        for group in 0..<groups {
            let digits = String(group)
            let zeros = String(repeating: "0", count: groupWidth - digits.utf8.count)
            let rows = partitions > 1 ? [group % partitions, (group * 31 + 1) % partitions] : []
            builder.addGroup(
                "group-" + zeros + digits, rows: Array(Set(rows)).sorted(), members: group % 3,
                lag: group % 10 == 0 ? Int64(group) : 0)
        }
        var cluster = builder.finish()
        fillHistory(&cluster, seconds: 20, step: 2)
        return cluster
    }

    /// Rows that faults are put on: the first of each topic.
    struct Rows {
        var clicks: Int
        var orders: Int
        var payments: Int
    }

    private static func addTopics(_ builder: inout ClusterBuilder) -> Rows {
        builder.addTopic("__consumer_offsets", isInternal: true, overrides: 4)
        for i in 0..<4 { builder.addPartition(replicas: ring(i), end: 5_000, rate: 2) }
        builder.addTopic("audit", minInsyncReplicas: 1)
        builder.addPartition(replicas: [2], end: 77, rate: 0)
        builder.addTopic("clicks", overrides: 2)
        let clicks = builder.cluster.partitions.count
        for i in 0..<12 {
            builder.addPartition(replicas: ring(i), end: 9_000_000 + Int64(i), rate: 17_500)
        }
        builder.addTopic("orders")
        let orders = builder.cluster.partitions.count
        for i in 0..<6 {
            builder.addPartition(
                replicas: ring(i + 1), end: 2_000_000 - Int64(i), rate: 15_000, bytesARecord: 400)
        }
        builder.addTopic("payments", overrides: nil)
        let payments = builder.cluster.partitions.count
        for i in 0..<3 {
            builder.addPartition(replicas: ring(i + 2), end: 400_000, rate: 14_666.5)
        }
        builder.addTopic("quiet")
        for i in 0..<2 { builder.addPartition(replicas: ring(i), end: 0, rate: 0) }
        return Rows(clicks: clicks, orders: orders, payments: payments)
    }

    private static func ring(_ i: Int) -> [Int32] {
        (0..<3).map { Int32((i + $0) % 3 + 1) }
    }

    private static func addGroups(_ builder: inout ClusterBuilder) {
        func rows(_ topic: String) -> [Int] {
            builder.cluster.topic(named: topic).map { Array($0.partitions) } ?? []
        }
        let (clicks, orders, payments) = (rows("clicks"), rows("orders"), rows("payments"))
        builder.addGroup(
            "billing", rows: orders + payments, members: 3, lag: 2_000, consumed: 16_000)
        builder.addGroup("click-stream", rows: clicks, members: 4, lag: 120, consumed: 17_500)
        builder.addGroup(
            "fraud-scoring", rows: payments, members: 3, lag: 0, consumed: 14_666.5,
            type: "consumer")
        builder.addGroup("search-index", rows: orders, members: 0, lag: 0, consumed: 0)
    }

    private static func spoilBrokers(_ builder: inout ClusterBuilder) {
        let now = builder.now.ns
        let since = Instant(ns: now - 12_000_000_000)
        builder.cluster.brokers[2].state = .silent(since: since)
        builder.cluster.brokers[2].answeredAt = since
        builder.cluster.brokers[3].state = .slow(1.8)
        var missing = Broker(id: BrokerID(9))
        missing.state = .missing(since: Instant(ns: now - 300_000_000_000))
        builder.cluster.brokers.append(missing)
        builder.cluster.logDirs[0].usableBytes = 90_000_000_000
        builder.cluster.logDirs[1].errorCode = 56
        builder.cluster.failures = [
            ObservationFailure(
                api: "ListOffsets", broker: BrokerID(3), code: "TIMED_OUT",
                message: "Broker 3 did not answer ListOffsets within 3 s.", section: .offsets),
            ObservationFailure(
                api: "DescribeLogDirs", broker: BrokerID(2), code: "CLUSTER_AUTHORIZATION_FAILED",
                message: "Broker 2 refused DescribeLogDirs: DESCRIBE on the cluster is needed.",
                section: .logDirs),
        ]
        for section in [Section.offsets, .logDirs] {
            builder.cluster.sections[section]?.state = .partial
            builder.cluster.sections[section]?.oldestAt = since
        }
        // What broker 3 last told is 12 s old.
        for i in builder.cluster.partitions.replicaBroker.indices
        where builder.cluster.partitions.replicaBroker[i] == 3 {
            builder.cluster.partitions.replicaLogEndAt[i] = since.ns
        }
    }

    private static func spoilPartitions(_ builder: inout ClusterBuilder, _ rows: Rows) {
        // clicks-0: nobody leads. clicks-1: led by another than the first.
        builder.cluster.partitions.leader[rows.clicks] = -1
        builder.cluster.partitions.errorCode[rows.clicks] = 5
        for replica in 0..<3 {
            builder.change(rows.clicks, replica: replica) { $0.replicaFlags[$1] = .offline }
        }
        let other = builder.cluster.partitions.replicas(of: rows.clicks + 1).lowerBound + 2
        builder.cluster.partitions.leader[rows.clicks + 1] =
            builder.cluster.partitions.replicaBroker[other]
        // clicks-3: its leader's end and rate were never had.
        builder.change(rows.clicks + 3, replica: 0) { table, i in
            table.replicaLogEnd[i] = -1
            table.replicaLogEndAt[i] = 0
            table.replicaRate[i] = .nan
        }
        builder.cluster.partitions.highWatermark[rows.clicks + 3] = -1
        builder.cluster.partitions.recordsPerSecond[rows.clicks + 3] = .nan
        builder.cluster.partitions.bytesPerSecond[rows.clicks + 3] = .nan
        // orders-0: one of three in sync. orders-1: one far behind and falling further.
        builder.setLag(rows.orders, replica: 1, 48_100, inSync: false)
        builder.setLag(rows.orders, replica: 2, 14_200, inSync: false)
        builder.change(rows.orders, replica: 1) { $0.replicaRate[$1] = 12_900 }
        builder.change(rows.orders, replica: 2) { $0.replicaRate[$1] = 15_900 }
        builder.setLag(rows.orders + 1, replica: 1, 700, inSync: false)
        // payments-0: broker 4 is being added in place of 1, which still leads.
        builder.change(rows.payments, replica: 0) { table, i in
            table.replicaBroker[i] = 4
            table.replicaFlags[i] = .adding
            table.replicaLogEnd[i] = 10
        }
        builder.change(rows.payments, replica: 1) { $0.replicaFlags[$1].insert(.removing) }
        builder.cluster.partitions.leader[rows.payments] = 1
    }

    /// Lets the present rates flow for so long, with a wave, and nothing known within `gap`
    /// (seconds before now). Ends at the picture's own moment.
    package static func fillHistory(
        _ cluster: inout Cluster, seconds: Int, step: Int, gap: Range<Int> = 0..<0
    ) {
        let now = cluster.takenAt
        let base = cluster
        for back in stride(from: seconds - step, through: 0, by: -step)
        where !gap.contains(back) {
            let to = Instant(ns: now.ns - UInt64(back) * 1_000_000_000)
            var tick = base.tick(from: Instant(ns: to.ns - UInt64(step) * 1_000_000_000))
            tick.to = to
            // A wave of 10 minutes, as a triangle: no libm here.
            let phase = Float(back % 600) / 300
            let factor = 0.6 + 0.4 * (phase < 1 ? phase : 2 - phase)
            tick.cluster.records *= factor
            tick.cluster.bytes *= factor
            for i in tick.brokers.indices {
                tick.brokers[i].flow.records *= factor
                tick.brokers[i].flow.bytes *= factor
            }
            for i in tick.topics.indices { tick.topics[i] *= factor }
            for i in tick.groups.indices { tick.groups[i] *= factor }
            cluster.history.append(tick)
        }
    }
}
