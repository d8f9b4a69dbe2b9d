// Groups: who exists, who coordinates, members and their assignment, committed offsets.
import ClusterModel
import KafkaWire

extension Draft {
    func groupIndex(_ id: String) -> Int? { cluster.groupIndex(id) }

    /// Folds the lists of all brokers that answered in one round. A group is believed gone only when
    /// every broker that could have it has left it out `absentRounds` times: `answered` are the
    /// brokers whose lists are in `lists`, and a silent broker's groups stay.
    mutating func fold(groupLists lists: [Int32: [ListGroupsResponse.Group]], now: UInt64) {
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
            } else if lists[group.coordinator.value] == nil || stillWaits(group.id) {
                next.append(group)
            } else {
                absentGroupRounds[group.id] = nil
                groupRows[group.id] = nil
                groupSlots.release(group.id)
            }
        }
        for (id, (entry, broker)) in told {
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

    /// One committed offset as told, whatever the version of the answer.
    struct Committed {
        var partition: PartitionKey
        var offset: Int64
        var errorCode: Int16
    }

    /// Folds all committed offsets of a group. Rates come from the same partition's offset before.
    mutating func fold(offsets told: [Committed], of id: String, asked: UInt64, now: UInt64) {
        guard let index = groupIndex(id) else { return }
        var before: [PartitionKey: GroupOffset] = [:]
        for offset in cluster.groups[index].offsets ?? [] { before[offset.partition] = offset }
        let span = Double(now &- cluster.groups[index].offsetsAt.ns) / 1e9
        var next: [GroupOffset] = []
        next.reserveCapacity(told.count)
        for entry in told.sorted(by: { $0.partition < $1.partition }) {
            var offset = GroupOffset(
                partition: entry.partition, committed: entry.offset < 0 ? nil : entry.offset)
            offset.errorCode = entry.errorCode
            if let old = before[entry.partition] {
                offset.end = old.end
                let step = (offset.committed ?? 0) - (old.committed ?? 0)
                if offset.committed != nil, old.committed != nil, step >= 0,
                    cluster.groups[index].offsetsAt.happened, span > 0.25
                {
                    offset.consumedPerSecond = Double(step) / span
                }
            }
            next.append(offset)
        }
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
            for (at, row) in rows.enumerated() where row >= 0 {
                let end = cluster.partitions.highWatermark[Int(row)]
                let known: Int64? = end >= 0 ? end : nil
                if cluster.groups[index].offsets?[at].end != known {
                    cluster.groups[index].offsets?[at].end = known
                }
            }
        }
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
