// Sums over the columns: what the Brokers, Topics and Groups screens and the title show. One pass
// over the partitions, made once a publication by whoever makes the cluster.

extension Cluster {
    /// Fills the summed fields of brokers, topics and groups, and `totals`, from the columns.
    ///
    /// A sum of rates holds only rates that are fresh: known, of a partition whose leader answers
    /// and was heard within its refresh interval. `staleRateCount` says how many were left out; a
    /// sum with nothing in it is nil, a sum over no partitions at all is 0.
    package mutating func summarise() {
        var sums = Sums(self)
        // Taken out, so that a topic is filled as soon as its partitions are added up.
        var topics = self.topics
        self.topics = []
        sums.addPartitions(of: self, to: &topics)
        self.topics = topics
        fillBrokers(sums)
        fillGroups()
        fillTotals(sums)
    }

    private mutating func fillBrokers(_ sums: Sums) {
        for i in brokers.indices {
            let sum = sums.brokers[i]
            brokers[i].leaderCount = sum.flow.count
            brokers[i].preferredLeaderCount = sum.preferred
            brokers[i].replicaCount = sum.replicas
            brokers[i].underReplicatedCount = sum.outOfSync
            let isLoaded = partitions.count > 0
            brokers[i].recordsPerSecond = isLoaded ? sum.flow.recordsPerSecond : nil
            brokers[i].bytesPerSecond = isLoaded ? sum.flow.bytesPerSecond : nil
            brokers[i].staleRateCount = sum.flow.staleCount
            brokers[i].isRateUnsure = sum.flow.isUnsure
            brokers[i].worstReplicaLag = sum.worstLag < 0 ? nil : sum.worstLag
            brokers[i].sizeBytes = sum.size < 0 ? nil : sum.size
        }
        // A directory's own sum also holds replicas that are being moved within the broker.
        var seen: Set<Int> = []
        for dir in logDirs where dir.errorCode == 0 && dir.answeredAt.happened {
            guard let i = sums.index.find(dir.broker.value) else { continue }
            let before = seen.insert(i).inserted ? 0 : brokers[i].sizeBytes ?? 0
            brokers[i].sizeBytes = before + dir.sizeBytes
        }
    }

    private mutating func fillGroups() {
        for i in groups.indices {
            guard let offsets = groups[i].offsets else { continue }
            // Looked up where nobody has yet.
            let isKnown =
                groups[i].offsetRowsLayout == layout
                && groups[i].offsetRows.count == offsets.count
            let rows = isKnown ? groups[i].offsetRows : []
            var lag: Int64?
            var unknown = 0
            var consumed: Double?
            var produced: Double?
            // By place, not by element: a copy of an offset would retain its topic's name.
            for at in offsets.indices {
                if let known = offsets[at].lag {
                    lag = (lag ?? 0).addingReportingOverflow(known).partialValue
                } else if offsets[at].committed != nil, !offsets[at].isGone,
                    offsets[at].beyondEnd == 0
                {
                    unknown += 1
                }
                if let rate = offsets[at].consumedPerSecond { consumed = (consumed ?? 0) + rate }
                let row = isKnown ? Int(rows[at]) : row(of: offsets[at].partition) ?? -1
                if row >= 0 {
                    let rate = partitions.recordsPerSecond[row]
                    if !rate.isNaN { produced = (produced ?? 0) + Double(rate) }
                }
            }
            groups[i].lag = lag
            groups[i].unknownLagCount = unknown
            groups[i].consumedPerSecond = consumed
            groups[i].producedPerSecond = produced
        }
    }

    private mutating func fillTotals(_ sums: Sums) {
        var totals = Totals()
        totals.staleRateCount = sums.flow.staleCount
        totals.isRateUnsure = sums.flow.isUnsure
        if partitions.count > 0 || health(.metadata).answeredAt.happened {
            totals.recordsPerSecond = sums.flow.recordsPerSecond
            totals.bytesPerSecond = sums.flow.bytesPerSecond
        }
        totals.racks = Set(brokers.compactMap(\.rack)).count
        self.totals = totals
    }
}

extension Cluster {
    /// How many groups have not been watched for long enough to be judged.
    package var unjudgedGroups: Int {
        groups.indices.count { groups[$0].standing.verdict == nil && !groups[$0].isNotJudged }
    }
}

/// Where a broker id stands in `Cluster.brokers`, without a search a replica: a flat array while
/// ids are small, as they nearly always are.
package struct BrokerIndex: Sendable, Equatable {
    private var flat: [Int32]
    private var sparse: [Int32: Int32]

    package init(_ brokers: [Broker]) {
        let largest = Int(brokers.last?.id.value ?? -1)
        flat = []
        sparse = [:]
        if largest < 65_536 {
            flat = Array(repeating: -1, count: max(0, largest + 1))
            for (i, broker) in brokers.enumerated() where broker.id.exists {
                flat[Int(broker.id.value)] = Int32(i)
            }
        } else {
            for (i, broker) in brokers.enumerated() { sparse[broker.id.value] = Int32(i) }
        }
    }

    @inline(__always)
    package func find(_ id: Int32) -> Int? {
        if flat.isEmpty { return sparse[id].map(Int.init) }
        guard id >= 0, Int(id) < flat.count, flat[Int(id)] >= 0 else { return nil }
        return Int(flat[Int(id)])
    }
}

/// Rates added up, with how many were fresh.
struct FlowSum {
    var count = 0
    var records = 0.0
    var bytes = 0.0
    var recordsKnown = 0
    var bytesKnown = 0
    /// Records a second of partitions whose bytes a record are not known.
    var recordsWithoutBytes = 0.0
    /// By how many records a second the sum may be wrong.
    var unsure = 0.0

    @inline(__always)
    mutating func add(records rate: Float, bytes size: Float, error: Float, isFresh: Bool) {
        count += 1
        guard isFresh else { return }
        if rate >= 0 {
            records += Double(rate)
            recordsKnown += 1
            unsure += Double(rate * error)
        }
        if size >= 0 {
            bytes += Double(size)
            bytesKnown += 1
        } else if rate > 0 {
            recordsWithoutBytes += Double(rate)
        }
    }
    var staleCount: Int { count - recordsKnown }
    var isUnsure: Bool { unsure > records * RateRule.sureShare }
    var recordsPerSecond: Double? { recordsKnown > 0 || count == 0 ? records : nil }
    /// nil where nothing is known, or where what is known leaves out records that flow: sizes are
    /// read less often than offsets, and the sum without them would be far too small.
    var bytesPerSecond: Double? {
        guard bytesKnown > 0 || count == 0 else { return nil }
        return recordsWithoutBytes > records * RateRule.sureShare ? nil : bytes
    }
}

/// What one pass over the table adds up.
struct Sums {
    struct OfBroker {
        var flow = FlowSum()
        var preferred = 0
        var replicas = 0
        var outOfSync = 0
        var worstLag: Int64 = -1
        var size: Int64 = -1
    }
    struct OfTopic {
        var flow = FlowSum()
        var size: Int64 = -1
        var underReplicated = 0
        var offline = 0
        var notServed = 0
        var wrongLeader = 0

        func fill(_ topic: inout Topic) {
            topic.recordsPerSecond = flow.recordsPerSecond
            topic.bytesPerSecond = flow.bytesPerSecond
            topic.staleRateCount = flow.staleCount
            topic.isRateUnsure = flow.isUnsure
            topic.sizeBytes = size < 0 ? nil : size
            topic.underReplicatedCount = underReplicated
            topic.offlineCount = offline
            topic.notServedCount = notServed
            topic.wrongLeaderCount = wrongLeader
        }
    }
    let index: BrokerIndex
    var brokers: [OfBroker]
    var flow = FlowSum()

    init(_ cluster: Cluster) {
        index = BrokerIndex(cluster.brokers)
        brokers = Array(repeating: OfBroker(), count: cluster.brokers.count)
    }

    /// - Parameter topics: those of the cluster, to be filled with their sums.
    mutating func addPartitions(of cluster: Cluster, to topics: inout [Topic]) {
        let table = cluster.partitions
        let assignments = Assignments(table)
        let answering = cluster.brokers.map(\.isAnswering)
        let lost = LeadersLost(cluster)
        let errors = table.rateError
        let staleNs = UInt64(min(cluster.staleAfterSeconds(.offsets), 1e9) * 1e9)
        let now = cluster.takenAt.ns
        // Without a time (in a test, from a file) nothing grows old.
        let oldest = now > staleNs ? now - staleNs : 1
        for topic in topics.indices {
            var sum = OfTopic()
            for row in topics[topic].partitions {
                let facts = PartitionFacts(row, of: assignments, minInsyncReplicas: nil)
                addReplicas(facts, of: table)
                let leaderIndex = index.find(facts.leader)
                let leaderReplica = facts.leaderReplica
                let isFresh =
                    leaderReplica >= 0 && leaderIndex.map { answering[$0] } == true
                    && table.replicaLogEndAt[leaderReplica] >= oldest
                let records = table.recordsPerSecond[row]
                let bytes = table.bytesPerSecond[row]
                let error = errors.isEmpty ? 0 : errors[row]
                flow.add(records: records, bytes: bytes, error: error, isFresh: isFresh)
                sum.flow.add(records: records, bytes: bytes, error: error, isFresh: isFresh)
                if let leaderIndex {
                    brokers[leaderIndex].flow.add(
                        records: records, bytes: bytes, error: error, isFresh: isFresh)
                }
                if let preferred = index.find(facts.preferred) {
                    brokers[preferred].preferred += 1
                }
                if leaderReplica >= 0, table.replicaSize[leaderReplica] >= 0 {
                    sum.size = max(0, sum.size) + table.replicaSize[leaderReplica]
                }
                if facts.isOffline { sum.offline += 1 }
                if lost.contains(facts.leader) { sum.notServed += 1 }
                if facts.isWrongLeader { sum.wrongLeader += 1 }
                if facts.isUnderReplicated { sum.underReplicated += 1 }
            }
            sum.fill(&topics[topic])
        }
    }

    /// Adds one row's replicas to their brokers.
    @inline(__always)
    private mutating func addReplicas(_ facts: PartitionFacts, of table: PartitionTable) {
        for i in table.replicas(of: facts.row) {
            guard let broker = index.find(table.replicaBroker[i]) else { continue }
            let flags = table.replicaFlags[i]
            brokers[broker].replicas += 1
            if !flags.contains(.inSync), !flags.contains(.adding) { brokers[broker].outOfSync += 1 }
            if facts.leaderReplica >= 0 {
                brokers[broker].worstLag = max(
                    brokers[broker].worstLag,
                    table.lag(i, behind: facts.leaderReplica, of: facts.row))
            }
            let size = table.replicaSize[i]
            if size >= 0 { brokers[broker].size = max(0, brokers[broker].size) + size }
        }
    }
}
