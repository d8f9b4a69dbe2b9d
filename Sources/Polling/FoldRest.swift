// Log directories, topic configs and reassignments.
import ClusterModel
import KafkaWire

extension Draft {
    /// Folds all log directories of one broker. Sizes of replicas it does not list stay.
    mutating func fold(logDirs told: LogDirColumns, broker: BrokerID, now: UInt64) {
        var position: [String: Int] = [:]
        for index in cluster.logDirs.indices where cluster.logDirs[index].broker == broker {
            position[cluster.logDirs[index].path] = index
        }
        var seen: Set<String> = []
        for (place, dir) in told.dirs.enumerated() where seen.insert(dir.logDir).inserted {
            let index: Int
            if let known = position.removeValue(forKey: dir.logDir) {
                index = known
            } else {
                index = cluster.logDirs.count
                cluster.logDirs.append(LogDir(broker: broker, path: dir.logDir))
            }
            cluster.logDirs[index].errorCode = dir.error.code
            cluster.logDirs[index].totalBytes = dir.totalBytes >= 0 ? dir.totalBytes : nil
            cluster.logDirs[index].usableBytes = dir.usableBytes >= 0 ? dir.usableBytes : nil
            cluster.logDirs[index].answeredAt = Instant(ns: now)
            // An offline directory lists nothing: what was on it is still on it.
            guard !dir.error.isError else { continue }
            let (bytes, replicas) = foldSizes(
                told, dir: place, broker: broker, dirIndex: Int32(index))
            cluster.logDirs[index].sizeBytes = bytes
            cluster.logDirs[index].replicaCount = replicas
        }
        removeLogDirs(Set(position.values))
        markAnswered(.logDirs, at: now)
    }

    private mutating func foldSizes(
        _ told: LogDirColumns, dir: Int, broker: BrokerID, dirIndex: Int32
    ) -> (bytes: Int64, replicas: Int) {
        var bytes: Int64 = 0
        var replicas = 0
        for topic in told.topics(of: dir) {
            let known = topicNames.find(topic, of: told.topics)
            for place in told.rows(of: topic) {
                let partition = told.replicas[place]
                bytes &+= max(0, partition.partitionSize)
                replicas += 1
                // A future replica is a copy being made in another directory, not the replica.
                guard !partition.isFutureKey, let known,
                    let row = cluster.row(ofPartition: partition.partitionIndex, topicIndex: known),
                    let replica = replicaRow(partition: row, broker: broker)
                else { continue }
                foldSize(
                    replica: replica, bytes: max(0, partition.partitionSize), dir: dirIndex)
            }
        }
        return (bytes, replicas)
    }

    /// Takes directories out and keeps every replica's index pointing at its own.
    mutating func removeLogDirs(_ gone: Set<Int>) {
        guard !gone.isEmpty else { return }
        var moved: [Int32] = []
        var kept: [LogDir] = []
        for (index, dir) in cluster.logDirs.enumerated() {
            moved.append(gone.contains(index) ? -1 : Int32(kept.count))
            if !gone.contains(index) { kept.append(dir) }
        }
        cluster.logDirs = kept
        for replica in 0..<cluster.partitions.replicaCount {
            let dir = Int(cluster.partitions.replicaDir[replica])
            if dir >= 0 { cluster.partitions.replicaDir[replica] = moved[dir] }
        }
    }

    /// Config source "topic override" (DescribeConfigs v1+).
    private static let topicSource: Int8 = 1

    mutating func fold(
        configs result: DescribeConfigsResponse.Result, version: Int16, now: UInt64
    ) {
        guard let index = cluster.topicIndex(named: result.resourceName) else { return }
        var overrides = 0
        var least: Int?
        var values: [String: String] = [:]
        for config in result.configs {
            let isOverride =
                version >= 1 ? config.configSource == Self.topicSource : !config.isDefault
            if isOverride {
                overrides += 1
                values[config.name] = config.isSensitive ? "(hidden)" : config.value ?? ""
            }
            if config.name == "min.insync.replicas", let value = config.value { least = Int(value) }
        }
        noteOverrides(values, of: result.resourceName, NewsStamp(wall: wall, now: Instant(ns: now)))
        cluster.topics[index].overrideCount = overrides
        cluster.topics[index].minInsyncReplicas = least
    }

    /// Folds the complete list of moves under way: what is not listed does not move any more.
    /// Returns true when moves began or ended, or name replicas that we do not know: a reason to
    /// ask for Metadata.
    mutating func fold(
        reassignments told: [ListPartitionReassignmentsResponse.Topic], now: UInt64
    ) -> Bool {
        var moving: [Int: ReplicaFlags] = [:]
        var isNews = false
        for topic in told {
            for partition in topic.partitions {
                let key = PartitionKey(topic: topic.name, partition: partition.partitionIndex)
                guard let row = cluster.row(of: key) else {
                    isNews = true
                    continue
                }
                for broker in Array(partition.addingReplicas) + Array(partition.removingReplicas) {
                    guard let replica = replicaRow(partition: row, broker: BrokerID(broker)) else {
                        isNews = true
                        continue
                    }
                    let isAdding = partition.addingReplicas.contains(broker)
                    moving[replica, default: []].insert(isAdding ? .adding : .removing)
                }
            }
        }
        var changed: Set<Int32> = []
        let isFirst = !cluster.health(.reassignments).answeredAt.happened
        for replica in 0..<cluster.partitions.replicaCount {
            let known = cluster.partitions.replicaFlags[replica]
            // Most replicas of most clusters: nothing moves, nothing moved.
            if moving.isEmpty && known.isDisjoint(with: .moving) { continue }
            let next = known.subtracting(.moving).union(moving[replica] ?? [])
            guard next != known else { continue }
            cluster.partitions.replicaFlags[replica] = next
            isNews = true
            if !isFirst { changed.insert(partitionOfReplica[replica]) }
        }
        for row in changed.sorted() { noteMove(row: Int(row)) }
        markAnswered(.reassignments, at: now)
        return isNews
    }

    /// Notes that the moves of a partition began, changed or ended.
    private mutating func noteMove(row: Int) {
        var adding = IDList()
        var removing = IDList()
        for replica in cluster.partitions.replicas(of: row) {
            let flags = cluster.partitions.replicaFlags[replica]
            let broker = cluster.partitions.replicaBroker[replica]
            if flags.contains(.adding) { adding.append(broker) }
            if flags.contains(.removing) { removing.append(broker) }
        }
        news.moves.append(
            News.Move(
                key: cluster.key(ofRow: row), adding: adding, removing: removing,
                hasEnded: adding.isEmpty && removing.isEmpty))
    }

    /// Fenced brokers are registered, hold replicas, and are in no list of live brokers.
    mutating func fold(fenced told: [DescribeClusterResponse.Broker], now: UInt64) {
        let fenced = Set(told.filter(\.isFenced).map(\.brokerID))
        for entry in told where entry.isFenced && entry.brokerID >= 0 {
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
