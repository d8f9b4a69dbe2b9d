// What Kafka's tools and the brokers' disks say of a paused cluster, and the comparison of a
// snapshot with it.
import Testing

/// All that the tools print about a cluster whose user topics are paused.
struct Truth {
    var clusterID: String
    var controller: Int
    /// nil in ZooKeeper mode.
    var quorum: DescribedQuorum?
    var partitions: [PartitionID: DescribedPartition]
    var topicIDs: [String: String]
    var starts: [PartitionID: Int]
    var ends: [PartitionID: Int]
    var offsets: [String: [PartitionID: DescribedOffset]]
    var groups: [String: DescribedGroup]
    var groupTypes: [String: String]
    var replicas: [Int: [PartitionID: DescribedReplica]]
    var overrides: [String: Int]

    init(_ cluster: KafkaCluster) throws {
        clusterID = try cluster.readClusterID()
        try cluster.runTruthAhead()
        quorum = cluster.options.mode == "kraft" ? try cluster.describeQuorum() : nil
        controller = try quorum?.leader ?? cluster.readControllerNode()
        (partitions, topicIDs) = try cluster.describeTopics()
        starts = try cluster.getOffsets("earliest")
        ends = try cluster.getOffsets("latest")
        offsets = try cluster.describeOffsets()
        groups = try cluster.describeGroups()
        groupTypes = try cluster.listGroupTypes()
        replicas = try cluster.describeLogDirs()
        overrides = try cluster.countOverrides()
    }

    /// Internal topics move while groups with members commit, so their ends and sizes are only
    /// compared between a snapshot before and one after the tools ran.
    static func isInternal(_ topic: String) -> Bool { topic.hasPrefix("__") }
}

extension Truth {
    /// Brokers, controller, quorum and log directories.
    func compareBrokers(_ document: SnapshotDocument, of cluster: KafkaCluster) throws
        -> Differences
    {
        var differences = Differences()
        differences.compare("cluster id", document.clusterId, clusterID)
        differences.compare(
            "brokers", (document.brokers ?? []).map(\.id), cluster.brokers.map(\.id))
        differences.compare("controllers", document.controllers, [controller])
        for broker in cluster.brokers {
            let row = document.broker(broker.id)
            differences.compare("broker \(broker.id) host", row?.host, broker.host)
            differences.compare("broker \(broker.id) port", row?.port, broker.port)
            differences.compare("broker \(broker.id) rack", row?.rack, broker.rack)
            differences.compare("broker \(broker.id) state", row?.state, "answering")
            let dirs = (document.logDirs ?? []).filter { $0.broker == broker.id }
            differences.compare(
                "broker \(broker.id) log dirs", dirs.map(\.path).sorted(), broker.logDirs.sorted())
            for dir in dirs {
                let volume = try Volume(dir.path)
                differences.compare("\(dir.path) total", dir.totalBytes, volume.totalBytes)
                let sizes = (document.partitions ?? []).flatMap(\.replicaStates)
                    .filter { $0.logDir == dir.path }.compactMap(\.sizeBytes)
                differences.compare("\(dir.path) size", dir.sizeBytes, sizes.reduce(0, +))
                // Others write to the same disk meanwhile.
                differences.require(
                    abs((dir.usableBytes ?? -1) - volume.usableBytes) < volume.totalBytes / 10,
                    "\(dir.path) usable \(dir.usableBytes ?? -1), \(volume.usableBytes)")
            }
        }
        differences.require(
            (quorum == nil) == (document.quorum == nil), "quorum is there only on KRaft")
        if let quorum, let row = document.quorum {
            differences.compare("quorum leader", row.leaderId, quorum.leader)
            differences.compare("quorum epoch", row.leaderEpoch, quorum.leaderEpoch)
            differences.require(
                (row.highWatermark ?? -1) > 0 && row.voters.allSatisfy { $0.logEndOffset != nil },
                "quorum offsets")
            differences.compare("voters", Set(row.voters.map(\.id)), quorum.voters)
        }
        return differences
    }

    /// Topics, partitions and their replicas. `later` is a snapshot taken after the tools ran.
    func comparePartitions(
        _ document: SnapshotDocument, later: SnapshotDocument, of cluster: KafkaCluster
    ) throws -> Differences {
        var differences = Differences()
        let (rows, laterRows) = (document.partitionsByID, later.partitionsByID)
        differences.compare("row count", document.partitions?.count, rows.count)
        differences.compare("partitions", rows.keys.sorted(), partitions.keys.sorted())
        compareTopics(document, &differences)
        for (id, truth) in partitions {
            guard let row = rows[id] else { continue }
            differences.compare("\(id) leader", row.leader, truth.leader)
            differences.compare("\(id) preferred", row.preferredLeader, truth.replicas.first)
            differences.compare("\(id) replicas", row.replicas, truth.replicas)
            differences.compare("\(id) ISR", Set(row.isr), truth.isr)
            differences.compare("\(id) offline", row.offlineReplicas, [])
            differences.compare("\(id) log start", row.logStartOffset, starts[id])
            differences.compare("\(id) states", row.replicaStates.map(\.broker), truth.replicas)
            if let leader = truth.leader {
                let log = LogOnDisk(
                    try cluster.broker(leader), topic: id.topic, partition: id.partition)
                differences.compare("\(id) epoch", row.leaderEpoch, try log?.readLeaderEpoch())
            }
            if Truth.isInternal(id.topic) {
                let end = ends[id] ?? -1
                differences.require(
                    (row.logEndOffset ?? -1) >= 0 && (row.highWatermark ?? .max) <= end
                        && end <= laterRows[id]?.logEndOffset ?? -1,
                    "\(id): \(end) is not between the snapshots")
                continue
            }
            differences.compare("\(id) end", row.logEndOffset, ends[id])
            differences.compare("\(id) high watermark", row.highWatermark, ends[id])
            for replica in row.replicaStates {
                let truth = replicas[replica.broker]?[id]
                differences.compare(
                    "\(id) on \(replica.broker)", replica,
                    .init(
                        broker: replica.broker, logEndOffset: ends[id], lag: 0, inSync: true,
                        sizeBytes: truth?.sizeBytes, logDir: truth?.logDir))
            }
        }
        return differences
    }

    private func compareTopics(_ document: SnapshotDocument, _ differences: inout Differences) {
        let names = Set(partitions.keys.map(\.topic))
        differences.compare("topics", Set((document.topics ?? []).map(\.name)), names)
        differences.compare("topic rows", document.topics?.count, names.count)
        for row in document.topics ?? [] {
            let mine = partitions.filter { $0.key.topic == row.name }
            differences.compare("\(row.name) partitions", row.partitionCount, mine.count)
            differences.compare(
                "\(row.name) replication", row.replicationFactor,
                mine.values.map(\.replicas.count).max())
            differences.compare("\(row.name) id", row.topicId, topicIDs[row.name])
            differences.compare("\(row.name) internal", row.internal, Truth.isInternal(row.name))
            differences.compare(
                "\(row.name) overrides", row.overrideCount, overrides[row.name])
        }
    }

    /// Groups, their members and offsets.
    func compareGroups(_ document: SnapshotDocument) -> Differences {
        var differences = Differences()
        differences.compare(
            "groups", (document.groups ?? []).map(\.id).sorted(), groupTypes.keys.sorted())
        for (id, truth) in groups {
            let row = document.group(id)
            differences.compare("\(id) state", row?.state, truth.state)
            differences.compare("\(id) type", row?.type, groupTypes[id]?.lowercased())
            differences.compare("\(id) coordinator", row?.coordinator, truth.coordinator)
            differences.compare("\(id) members", row?.memberCount, truth.memberCount)
        }
        for (id, rows) in offsets {
            Truth.compareOffsets(of: id, rows, document, &differences)
        }
        return differences
    }

    /// One group's offsets with what the tool printed of it.
    static func compareOffsets(
        of group: String, _ truth: [PartitionID: DescribedOffset], _ document: SnapshotDocument,
        _ differences: inout Differences
    ) {
        let row = document.group(group)
        differences.compare("\(group) lag", row?.lag, truth.values.compactMap(\.lag).reduce(0, +))
        differences.compare(
            "\(group) partitions", (row?.partitions ?? []).map(\.id).sorted(), truth.keys.sorted())
        for (id, truth) in truth {
            guard let got = row?.offsetsByID[id] else { continue }
            let offset = DescribedOffset(
                committed: got.committedOffset, end: got.logEndOffset, lag: got.lag,
                memberID: got.memberId, host: got.host.map(stripSlash), clientID: got.clientId)
            differences.compare("\(group) \(id)", offset, truth)
        }
    }
}
