// Groups: who exists, who coordinates, members and their assignment, committed offsets.
import ClusterModel
import KafkaWire

extension Draft {
    func groupIndex(_ id: String) -> Int? { cluster.groupIndex(id) }

    /// Folds the lists of the brokers that have answered so far. In the last fold of a round
    /// (`isLast`), groups that nobody lists are counted: one is believed gone when its coordinator
    /// has left it out `absentRounds` times. A silent broker's groups stay. `isWhole`: every listed
    /// broker has answered, so that also groups of a broker that is no more can go.
    mutating func fold(
        groupLists lists: [Int32: [ListGroupsResponse.Group]], isLast: Bool, isWhole: Bool,
        now: UInt64
    ) {
        var told: [String: (group: ListGroupsResponse.Group, broker: Int32)] = [:]
        for broker in lists.keys.sorted() {
            for group in lists[broker] ?? [] { told[group.groupID] = (group, broker) }
        }
        var next: [ConsumerGroup] = []
        next.reserveCapacity(max(told.count, cluster.groups.count))
        for var group in cluster.groups {
            if let (entry, broker) = told.removeValue(forKey: group.id) {
                absentGroupRounds[group.id] = nil
                group.coordinator = BrokerID(broker)
                group.adopt(entry)
                next.append(group)
            } else if !isLast || !couldTell(group, lists, isWhole) || stillWaits(group.id) {
                next.append(group)
            } else {
                absentGroupRounds[group.id] = nil
                groupRows[group.id] = nil
                commits[group.id] = nil
                groupSlots.release(group.id)
            }
        }
        for (id, (entry, broker)) in told.sorted(by: { $0.key < $1.key }) {
            var group = ConsumerGroup(
                id: id, coordinator: BrokerID(broker),
                slot: groupSlots.slot(of: id, at: Instant(ns: now)))
            group.adopt(entry)
            next.append(group)
        }
        next.sort { $0.id < $1.id }
        cluster.groups = next
        markAnswered(.groups, at: now)
    }

    /// Whether these lists would name the group if it was there.
    private func couldTell(
        _ group: ConsumerGroup, _ lists: [Int32: [ListGroupsResponse.Group]], _ isWhole: Bool
    ) -> Bool {
        if lists[group.coordinator.value] != nil { return true }
        return isWhole && cluster.broker(group.coordinator)?.isListed != true
    }

    private mutating func stillWaits(_ id: String) -> Bool {
        let rounds = (absentGroupRounds[id] ?? 0) + 1
        absentGroupRounds[id] = rounds
        return rounds < Limits.absentRounds
    }

    mutating func fold(described group: DescribeGroupsResponse.Group, now: UInt64) {
        guard let index = groupIndex(group.groupID) else { return }
        cluster.groups[index].errorCode = group.error.code
        guard !group.error.isError else { return }
        cluster.groups[index].state = group.groupState
        cluster.groups[index].protocolType = group.protocolType
        cluster.groups[index].assignor = group.protocolData
        let isConsumer = group.protocolType == "consumer"
        cluster.groups[index].members = group.members.map { member in
            GroupMember(
                id: member.memberID, instanceID: member.groupInstanceID,
                clientID: member.clientID, host: member.clientHost,
                assignment: isConsumer ? assignment(member.memberAssignment) : [])
        }
        cluster.groups[index].describedAt = Instant(ns: now)
        joinMembers(index)
    }

    private func assignment(_ bytes: [UInt8]) -> [PartitionKey] {
        guard !bytes.isEmpty, let read = try? ConsumerAssignment(decoding: bytes) else { return [] }
        return read.assignedPartitions.flatMap { topic in
            topic.partitions.map { PartitionKey(topic: topic.topic, partition: $0) }
        }
    }

    mutating func fold(described group: ConsumerGroupDescribeResponse.Group, now: UInt64) {
        guard let index = groupIndex(group.groupID) else { return }
        cluster.groups[index].errorCode = group.error.code
        guard !group.error.isError else { return }
        cluster.groups[index].state = group.groupState
        cluster.groups[index].assignor = group.assignorName
        cluster.groups[index].members = group.members.map { member in
            GroupMember(
                id: member.memberID, instanceID: member.instanceID, clientID: member.clientID,
                host: member.clientHost,
                assignment: member.assignment.topicPartitions.flatMap { topic in
                    topic.partitions.map { PartitionKey(topic: topic.topicName, partition: $0) }
                })
        }
        cluster.groups[index].describedAt = Instant(ns: now)
        joinMembers(index)
    }

    /// A group that its coordinator lists as empty has no members: nobody need ask.
    mutating func fold(emptyGroup id: String, now: UInt64) {
        guard let index = groupIndex(id) else { return }
        cluster.groups[index].members = []
        cluster.groups[index].describedAt = Instant(ns: now)
        joinMembers(index)
    }

    /// One committed offset as told, whatever the version of the answer.
    struct Committed {
        var partition: PartitionKey
        var offset: Int64
        var errorCode: Int16
    }

    /// Folds all committed offsets of a group. Rates come from the same partition's own series.
    mutating func fold(offsets told: [Committed], of id: String, asked: UInt64, now: UInt64) {
        guard let index = groupIndex(id) else { return }
        let before = commits[id] ?? []
        let known = cluster.groups[index].offsets ?? []
        var series: [CommitSeries] = []
        var next: [GroupOffset] = []
        next.reserveCapacity(told.count)
        var at = 0
        var knownAt = 0
        for entry in told.sorted(by: { $0.partition < $1.partition })
        where next.last?.partition != entry.partition {
            var offset = GroupOffset(
                partition: entry.partition, committed: entry.offset < 0 ? nil : entry.offset)
            offset.errorCode = entry.errorCode
            while knownAt < known.count && known[knownAt].partition < entry.partition {
                knownAt += 1
            }
            if knownAt < known.count, known[knownAt].partition == entry.partition {
                offset.end = known[knownAt].end
            }
            if entry.offset >= 0 {
                while at < before.count && before[at].partition < entry.partition { at += 1 }
                var one =
                    at < before.count && before[at].partition == entry.partition
                    ? before[at] : CommitSeries(partition: entry.partition)
                one.take(
                    OffsetSample(
                        end: entry.offset, asked: Instant(ns: asked), answered: Instant(ns: now)))
                offset.consumedPerSecond = one.perSecond
                series.append(one)
            }
            next.append(offset)
        }
        commits[id] = series
        cluster.groups[index].offsets = next
        cluster.groups[index].offsetsAt = Instant(ns: now)
        groupRows[id] = nil
        joinMembers(index)
    }

    /// Joins assigned partitions with committed offsets: an assigned partition without a commit is a
    /// row too, and each row names its member.
    private mutating func joinMembers(_ index: Int) {
        guard let members = cluster.groups[index].members,
            var offsets = cluster.groups[index].offsets
        else { return }
        cluster.groups[index].offsets = nil
        var owner: [PartitionKey: Int] = [:]
        for (number, member) in members.enumerated() {
            for key in member.assignment { owner[key] = number }
        }
        offsets.removeAll { $0.committed == nil && $0.errorCode == 0 && owner[$0.partition] == nil }
        for at in offsets.indices {
            offsets[at].member = owner.removeValue(forKey: offsets[at].partition)
        }
        for (key, member) in owner {
            var offset = GroupOffset(partition: key, committed: nil)
            offset.member = member
            offsets.append(offset)
        }
        if !owner.isEmpty { offsets.sort { $0.partition < $1.partition } }
        cluster.groups[index].offsets = offsets
        groupRows[cluster.groups[index].id] = nil
    }

    /// Puts the newest high watermarks beside the committed offsets; rows are looked up once for
    /// each layout.
    mutating func joinEnds() {
        if groupRowsLayout != cluster.layout {
            groupRows = [:]
            groupRowsLayout = cluster.layout
        }
        for index in cluster.groups.indices {
            guard let offsets = cluster.groups[index].offsets, !offsets.isEmpty else { continue }
            let id = cluster.groups[index].id
            let rows: [Int32]
            if let known = groupRows[id], known.count == offsets.count {
                rows = known
            } else {
                rows = offsets.map { Int32(cluster.row(of: $0.partition) ?? -1) }
                groupRows[id] = rows
            }
            joinEnds(index, rows)
        }
    }

    private mutating func joinEnds(_ index: Int, _ rows: [Int32]) {
        guard var offsets = cluster.groups[index].offsets else { return }
        var hasChanged = false
        for (at, row) in rows.enumerated() {
            // A topic that is gone has no end any more; one that was never seen has none yet.
            let end = row >= 0 ? cluster.partitions.highWatermark[Int(row)] : -1
            let known: Int64? = end >= 0 ? end : nil
            if offsets[at].end != known {
                if !hasChanged { cluster.groups[index].offsets = nil }
                offsets[at].end = known
                hasChanged = true
            }
        }
        if hasChanged { cluster.groups[index].offsets = offsets }
    }
}

/// The committed offsets of a group in one partition over time. Consumers commit every few seconds:
/// a read between two commits sees nothing move, which is not a rate of 0.
struct CommitSeries: Equatable {
    var partition: PartitionKey
    /// Where the rate is measured from: the read in which the present commit was seen first.
    var base = OffsetSample.unknown
    var perSecond: Double?

    init(partition: PartitionKey) { self.partition = partition }

    mutating func take(_ sample: OffsetSample) {
        if base.isKnown && sample.end == base.end {
            let stood = sample.asked.seconds(since: base.answered)
            guard stood >= Double(Limits.commitPatience) / 1e9 else { return }
            base = sample
            perSecond = 0
            return
        }
        switch RateRule.judge(base, sample) {
        case .keep: return
        case .rate(let rate): perSecond = rate
        case .first, .reset: perSecond = nil
        }
        base = sample
    }
}

extension ConsumerGroup {
    /// What a list says of a group.
    fileprivate mutating func adopt(_ entry: ListGroupsResponse.Group) {
        if !entry.groupType.isEmpty { type = entry.groupType.lowercased() }
        if !entry.groupState.isEmpty { state = entry.groupState }
        protocolType = entry.protocolType
    }
}
