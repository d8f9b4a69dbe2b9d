// Builds clusters for tests and benchmarks by adding topics, partitions and groups to columns.

package import ClusterModel
internal import Health

/// Adds rows to a cluster. Topics must come in ascending order of name, groups of id.
package struct ClusterBuilder {
    package var cluster = Cluster()
    /// The moment of the picture; offsets are answered a second before it.
    package let now = Instant(ns: 100_000_000_000_000)
    package var answeredAt: Instant { Instant(ns: now.ns - 1_000_000_000) }

    package init(brokers: Int, racks: Int = 3) {
        cluster.takenAt = now
        cluster.takenAtWall = WallTime(ms: 1_795_438_083_042)
        cluster.clusterID = "Qb1Uyz6WTvO3h6FQhNNCmA"
        cluster.kind = .kraft
        cluster.kafkaVersion = "4.3"
        cluster.controller = brokers > 0 ? BrokerID(1) : nil
        cluster.controllerEpoch = brokers > 0 ? 41 : nil
        cluster.revision = 1
        cluster.layout = 1
        for i in 0..<brokers {
            let id = Int32(i + 1)
            let rack = racks > 0 ? "eu-1" + String(["a", "b", "c", "d"][i % min(racks, 4)]) : nil
            var broker = Broker(
                id: BrokerID(id), host: "kafka-\(id).example.com", port: 9092, rack: rack)
            broker.state = .answering
            broker.answeredAt = answeredAt
            broker.roundTripSeconds = 0.002
            broker.requestsPerSecond = 3
            cluster.brokers.append(broker)
        }
        let health = SectionHealth(
            state: .fresh, answeredAt: answeredAt, oldestAt: answeredAt, intervalSeconds: 2)
        for section in Section.allCases { cluster.sections[section] = health }
    }

    /// Adds an empty topic; its partitions follow by `addPartition`.
    package mutating func addTopic(
        _ name: String, isInternal: Bool = false, minInsyncReplicas: Int? = 2, overrides: Int? = 0
    ) {
        let index = cluster.topics.count
        let topic = Topic(
            name: name, id: TopicID(high: 0x9000_0000_0000_0001, low: UInt64(index)),
            isInternal: isInternal, firstPartition: cluster.partitions.count, historyIndex: index)
        cluster.topics.append(topic)
        cluster.configs.setMinInsyncReplicas(minInsyncReplicas, historyIndex: index)
        guard let overrides else { return }
        let list = (0..<overrides).map { ConfigOverride(name: "config.\($0)", value: "1") }
        cluster.configs.set(list, historyIndex: index)
    }

    /// Adds a partition to the last topic, healthy: led by its first replica, all in sync, no lag.
    @discardableResult
    package mutating func addPartition(
        replicas: [Int32], end: Int64 = 1_000, rate: Float = 0, bytesARecord: Int64 = 100
    ) -> Int {
        let row = cluster.partitions.count
        let topic = cluster.topics.count - 1
        let number = Int32(cluster.topics[topic].partitionCount)
        cluster.topics[topic].partitionCount += 1
        cluster.topics[topic].replicationFactor = max(
            cluster.topics[topic].replicationFactor, replicas.count)
        cluster.partitions.topic.append(Int32(topic))
        cluster.partitions.partition.append(number)
        cluster.partitions.leader.append(replicas.first ?? -1)
        cluster.partitions.leaderEpoch.append(5)
        cluster.partitions.errorCode.append(0)
        cluster.partitions.logStart.append(0)
        cluster.partitions.highWatermark.append(end)
        cluster.partitions.recordsPerSecond.append(rate)
        cluster.partitions.bytesPerSecond.append(rate * Float(bytesARecord))
        for broker in replicas {
            cluster.partitions.replicaBroker.append(broker)
            cluster.partitions.replicaFlags.append(.inSync)
            cluster.partitions.replicaLogEnd.append(end)
            cluster.partitions.replicaLogEndAt.append(answeredAt.ns)
            cluster.partitions.replicaRate.append(rate)
            cluster.partitions.replicaSize.append(end * bytesARecord)
            cluster.partitions.replicaDir.append(
                cluster.logDirs.indices.contains(Int(broker) - 1) ? broker - 1 : -1)
        }
        cluster.partitions.firstReplica.append(Int32(cluster.partitions.replicaBroker.count))
        return row
    }

    /// One directory a broker, 1 TB with 40 % used.
    package mutating func addLogDirs() {
        cluster.logDirs = cluster.brokers.map { broker in
            LogDir(
                broker: broker.id, path: "/var/lib/kafka/data", totalBytes: 1_000_000_000_000,
                usableBytes: 600_000_000_000, answeredAt: answeredAt)
        }
    }

    /// Changes one replica of a row; `replica` counts within the row.
    package mutating func change(
        _ row: Int, replica: Int, _ body: (inout PartitionTable, Int) -> Void
    ) {
        body(&cluster.partitions, cluster.partitions.replicas(of: row).lowerBound + replica)
    }

    /// A replica that is `lag` records behind, out of the ISR where it is said so.
    package mutating func setLag(_ row: Int, replica: Int, _ lag: Int64, inSync: Bool = true) {
        change(row, replica: replica) { table, i in
            table.replicaLogEnd[i] = max(0, table.logEnd(row) - lag)
            if !inSync { table.replicaFlags[i].remove(.inSync) }
        }
    }

    /// Adds a group that has committed `lag` records below the end of each of `rows`.
    package mutating func addGroup(
        _ id: String, rows: [Int], members: Int, lag: Int64 = 0, consumed: Double? = 100,
        type: String = "classic", state: String? = nil
    ) {
        var group = ConsumerGroup(
            id: id, coordinator: cluster.brokers.first?.id ?? .none,
            historyIndex: cluster.groups.count)
        group.type = type
        group.protocolType = "consumer"
        group.assignor = members > 0 ? "range" : ""
        group.state = state ?? (members > 0 ? "Stable" : "Empty")
        group.describedAt = answeredAt
        group.offsetsAt = answeredAt
        var offsets: [GroupOffset] = []
        var assigned = [[PartitionKey]](repeating: [], count: members)
        for (i, row) in rows.enumerated() {
            let key = cluster.key(ofRow: row)
            let end = cluster.partitions.highWatermark[row]
            var offset = GroupOffset(
                partition: key, committed: max(0, end - lag), highWatermark: end < 0 ? nil : end)
            if members > 0 {
                offset.member = i % members
                assigned[i % members].append(key)
            }
            offset.consumedPerSecond = consumed
            // It commits every few seconds, or was never seen to.
            let isMoving = consumed ?? 0 > 0
            offset.longestPause = isMoving ? 5 : 0
            offset.committedSince =
                isMoving ? answeredAt : Instant(ns: answeredAt.ns - 120_000_000_000)
            offsets.append(offset)
        }
        group.offsets = offsets.sorted { $0.partition < $1.partition }
        group.members = assigned.enumerated().map { i, keys in
            GroupMember(
                id: "\(id)-\(i + 1)-4f2a", clientID: "\(id)-\(i + 1)", host: "/10.0.0.\(i + 1)",
                assignment: keys)
        }
        cluster.groups.append(group)
    }

    /// The finished cluster: summed up, with the directories' sizes and a quorum.
    package mutating func finish(quorum: Bool = true) -> Cluster {
        for i in cluster.partitions.replicaDir.indices {
            let dir = Int(cluster.partitions.replicaDir[i])
            guard cluster.logDirs.indices.contains(dir) else { continue }
            cluster.logDirs[dir].sizeBytes += max(0, cluster.partitions.replicaSize[i])
            cluster.logDirs[dir].replicaCount += 1
        }
        if quorum, let leader = cluster.controller {
            let voters = cluster.brokers.prefix(3).map { broker in
                Quorum.Replica(
                    id: broker.id, logEndOffset: 48_211, lastFetchAt: cluster.takenAtWall,
                    lastCaughtUpAt: cluster.takenAtWall)
            }
            let observers = cluster.brokers.dropFirst(3).map { broker in
                Quorum.Replica(id: broker.id, logEndOffset: 48_210)
            }
            cluster.quorum = Quorum(
                leader: leader, leaderEpoch: 41, highWatermark: 48_211, voters: Array(voters),
                observers: Array(observers))
        }
        cluster.traffic.requestsPerSecond = 38
        cluster.traffic.openConnections = cluster.brokers.count
        cluster.errorNames = [56: "KAFKA_STORAGE_ERROR"]
        cluster.summarise()
        var health = HealthState()
        health.watchPast(of: cluster)
        health.advance(&cluster)
        return cluster
    }
}

extension HealthState {
    private static let watchedSteps = 12
    private static let watchedGroups = 1_000

    /// Sees the groups as they were in the last two minutes at the present rates, so that they are
    /// judged; not those of a huge cluster, where it would take long.
    package mutating func watchPast(of cluster: Cluster) {
        guard !cluster.groups.isEmpty, cluster.groups.count <= Self.watchedGroups else { return }
        for step in stride(from: Self.watchedSteps, to: 0, by: -1) {
            watch(cluster, secondsAgo: 10 * step)
        }
    }

    private mutating func watch(_ cluster: Cluster, secondsAgo: Int) {
        var past = cluster
        let ns = UInt64(secondsAgo) * 1_000_000_000
        past.takenAt = Instant(ns: past.takenAt.ns &- ns)
        for row in 0..<past.partitions.count {
            let rate = past.partitions.recordsPerSecond[row]
            guard let leader = past.partitions.leaderReplica(row), !rate.isNaN else { continue }
            let end = past.partitions.replicaLogEnd[leader]
            past.partitions.replicaLogEnd[leader] = max(
                -1, end &- records(rate, in: secondsAgo))
            past.partitions.replicaLogEndAt[leader] -= min(
                ns, past.partitions.replicaLogEndAt[leader])
        }
        for place in past.groups.indices where past.groups[place].offsetsAt.happened {
            past.groups[place].offsetsAt = Instant(ns: past.groups[place].offsetsAt.ns &- ns)
            past.groups[place].describedAt = past.groups[place].offsetsAt
            let now = past.groups[place].offsetsAt
            past.groups[place].offsets = past.groups[place].offsets?.map { offset in
                var offset = offset
                let row = past.row(of: offset.partition)
                let rate = row.map { past.partitions.recordsPerSecond[$0] } ?? .nan
                offset.go(back: secondsAgo, rate: rate, at: now)
                return offset
            }
        }
        advance(&past)
    }
}

extension GroupOffset {
    /// As it was so many seconds before, at `at`.
    fileprivate mutating func go(back seconds: Int, rate: Float, at: Instant) {
        let consumed = consumedPerSecond ?? 0
        if consumed > 0 { committedSince = at }
        committed = committed.map { max(0, $0 &- records(Float(consumed), in: seconds)) }
        if !rate.isNaN { highWatermark = highWatermark.map { $0 &- records(rate, in: seconds) } }
    }
}

/// Rates may lie in some tests, and must not trap.
private func records(_ rate: Float, in seconds: Int) -> Int64 {
    Int64(min(max(0, rate), 1e9)) * Int64(seconds)
}
