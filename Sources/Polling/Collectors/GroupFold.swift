// Groups: who exists, who coordinates, members and their assignment, committed offsets.
import ClusterModel
import KafkaWire

extension WorkingCluster {
    func groupIndex(_ id: String) -> Int? { cluster.groupIndex(id) }

    /// Folds the lists of the brokers that have answered so far. In the last fold of a round
    /// (`isLast`), groups that nobody lists are counted: one is believed gone when its coordinator
    /// has left it out `absentRounds` times. A silent broker's groups stay. `isWhole`: every listed
    /// broker has answered, so that also groups of a broker that is no more can go.
    mutating func fold(
        groupLists lists: [Int32: [ListGroupsResponse.Group]], isLast: Bool, isWhole: Bool,
        now: UInt64
    ) {
        var reported: [String: (group: ListGroupsResponse.Group, broker: Int32)] = [:]
        for broker in lists.keys.sorted() {
            for group in lists[broker] ?? [] { reported[group.groupID] = (group, broker) }
        }
        var gone: Set<String> = []
        for index in cluster.groups.indices {
            let id = cluster.groups[index].id
            if let (entry, broker) = reported.removeValue(forKey: id) {
                absentGroupRounds[id] = nil
                adopt(entry, from: BrokerID(broker), group: index)
            } else if isLast, couldTell(cluster.groups[index], lists, isWhole), !stillWaits(id) {
                absentGroupRounds[id] = nil
                commits[id] = nil
                groupTimes[id] = nil
                groupIndexes.giveBack(cluster.groups[index].historyIndex)
                gone.insert(id)
            }
        }
        if !gone.isEmpty { cluster.groups.removeAll { gone.contains($0.id) } }
        let known = cluster.groups.count
        for (id, (entry, broker)) in reported.sorted(by: { $0.key < $1.key }) {
            cluster.groups.append(
                ConsumerGroup(
                    id: id, coordinator: BrokerID(broker),
                    historyIndex: groupIndexes.take(at: Instant(ns: now))))
            adopt(entry, from: BrokerID(broker), group: cluster.groups.count - 1)
        }
        if cluster.groups.count > known { cluster.groups.sort { $0.id < $1.id } }
        markAnswered(.groups, at: now)
    }

    /// Takes what a list says of a group, and writes nothing that it said before.
    private mutating func adopt(
        _ entry: ListGroupsResponse.Group, from coordinator: BrokerID, group index: Int
    ) {
        var group = cluster.groups[index]
        group.coordinator = coordinator
        if !entry.groupType.isEmpty { group.type = entry.groupType.lowercased() }
        if !entry.groupState.isEmpty { group.state = entry.groupState }
        group.protocolType = entry.protocolType
        // A write to groups that are published copies all of them.
        guard group != cluster.groups[index] else { return }
        cluster.groups[index] = group
        groupTimes[group.id] = nil
    }

    /// Whether these lists would name the group if it was there.
    private func couldTell(
        _ group: ConsumerGroup, _ lists: [Int32: [ListGroupsResponse.Group]], _ isWhole: Bool
    ) -> Bool {
        if let home = cluster.home(ofGroup: group.id) {
            // Only that partition's leader knows it: while there is none, nobody lists the group.
            return lists[cluster.partitions.leader[home]] != nil
        }
        if lists[group.coordinator.value] != nil { return true }
        return isWhole && cluster.broker(group.coordinator)?.isListed != true
    }

    private mutating func stillWaits(_ id: String) -> Bool {
        let rounds = (absentGroupRounds[id] ?? 0) + 1
        absentGroupRounds[id] = rounds
        return rounds < Limits.absentRounds
    }

    mutating func fold(described group: DescribeGroupsResponse.Group, now: UInt64) {
        let isConsumer = group.protocolType == "consumer"
        let members = group.members.map { member in
            GroupMember(
                id: member.memberID, instanceID: member.groupInstanceID,
                clientID: member.clientID, host: member.clientHost,
                assignment: isConsumer ? assignment(member.memberAssignment) : [])
        }
        fold(members, of: group.groupID, group.error, now: now) { known in
            known.state = group.groupState
            known.protocolType = group.protocolType
            known.assignor = group.protocolData
        }
    }

    private func assignment(_ bytes: [UInt8]) -> [PartitionKey] {
        guard !bytes.isEmpty, let read = try? ConsumerAssignment(decoding: bytes) else { return [] }
        return read.assignedPartitions.flatMap { keys($0.topic, $0.partitions) }
    }

    private func keys(_ topic: String, _ partitions: IDList) -> [PartitionKey] {
        let name = shared(topic).name
        return partitions.map { PartitionKey(topic: name, partition: $0) }
    }

    mutating func fold(described group: ConsumerGroupDescribeResponse.Group, now: UInt64) {
        let members = group.members.map { member in
            GroupMember(
                id: member.memberID, instanceID: member.instanceID, clientID: member.clientID,
                host: member.clientHost,
                assignment: member.assignment.topicPartitions.flatMap {
                    keys($0.topicName, $0.partitions)
                })
        }
        fold(members, of: group.groupID, group.error, now: now) { known in
            known.state = group.groupState
            known.assignor = group.assignorName
        }
    }

    /// A group that its coordinator lists as empty has no members, and is not asked.
    mutating func fold(emptyGroup id: String, now: UInt64) { fold([], of: id, .none, now: now) }

    private mutating func fold(
        _ members: [GroupMember], of id: String, _ error: KafkaError, now: UInt64,
        adopt: (inout ConsumerGroup) -> Void = { _ in }
    ) {
        guard let index = groupIndex(id) else { return }
        cluster.groups[index].errorCode = error.code
        guard !error.isError else { return }
        adopt(&cluster.groups[index])
        if cluster.groups[index].members != members || groupTimes[id]?.membersMovedAt ?? 0 == 0 {
            groupTimes[id, default: GroupTimes()].membersMovedAt = now
        }
        cluster.groups[index].members = members
        cluster.groups[index].describedAt = Instant(ns: now)
        joinMembers(index)
    }

    /// One committed offset of an answer.
    struct Committed {
        var partition: PartitionKey
        /// Its row in the table as it is now; -1 where it is not there.
        var row: Int32
        var offset: Int64
        var errorCode: Int16
    }

    /// What a group has committed.
    func committed(_ topics: [OffsetFetchResponse.Topic]) -> [Committed] {
        topics.flatMap { topic in
            let (name, index) = shared(topic.name)
            return topic.partitions.map { reported in
                let number = reported.partitionIndex
                let row = index.flatMap { cluster.row(ofPartition: number, topicIndex: $0) }
                return Committed(
                    partition: PartitionKey(topic: name, partition: number),
                    row: Int32(row ?? -1), offset: reported.committedOffset,
                    errorCode: reported.error.code)
            }
        }
    }

    /// A topic's name as the cluster has it and where: ten thousand groups name the same topics,
    /// and names that share their bytes cost nothing to hold or to compare.
    private func shared(_ name: String) -> (name: String, topic: Int?) {
        guard let index = topicNames.find(name) else { return (name, nil) }
        return (cluster.topics[index].name, index)
    }

    /// Folds all committed offsets of a group. Rates come from the same partition's own series.
    mutating func fold(offsets reported: [Committed], of id: String, asked: UInt64, now: UInt64) {
        guard let index = groupIndex(id) else { return }
        let before = commits[id] ?? []
        let known = cluster.groups[index].offsets ?? []
        var series: [CommitSeries] = []
        var next: [GroupOffset] = []
        var rows: [Int32] = []
        next.reserveCapacity(reported.count)
        rows.reserveCapacity(reported.count)
        series.reserveCapacity(reported.count)
        var at = 0
        var knownAt = 0
        // The table is in the order of names and numbers.
        let order = reported.sorted {
            $0.row >= 0 && $1.row >= 0 ? $0.row < $1.row : $0.partition < $1.partition
        }
        for entry in order where next.last?.partition != entry.partition {
            var offset = GroupOffset(
                partition: entry.partition, committed: entry.offset < 0 ? nil : entry.offset)
            offset.errorCode = entry.errorCode
            while knownAt < known.count && known[knownAt].partition < entry.partition {
                knownAt += 1
            }
            if knownAt < known.count, known[knownAt].partition == entry.partition {
                offset.highWatermark = known[knownAt].highWatermark
                if known[knownAt].committed == offset.committed {
                    offset.beyondEnd = known[knownAt].beyondEnd
                    offset.isGone = known[knownAt].isGone && entry.row < 0
                }
            }
            offset.lost = lost(offset.committed, entry.row)
            if entry.offset >= 0 {
                while at < before.count && before[at].partition < entry.partition { at += 1 }
                var one =
                    at < before.count && before[at].partition == entry.partition
                    ? before[at] : CommitSeries(partition: entry.partition)
                one.take(
                    OffsetSample(
                        end: entry.offset, asked: Instant(ns: asked), answered: Instant(ns: now)))
                offset.consumedPerSecond = one.perSecond
                offset.rewound = max(0, one.peak - entry.offset)
                offset.committedSince = one.movedAt
                offset.longestPause = one.longestPause
                series.append(one)
            }
            next.append(offset)
            rows.append(entry.row)
        }
        let times = groupTimes[id] ?? GroupTimes()
        let isMoving = !series.elementsEqual(before) {
            $0.partition == $1.partition && $0.base.end == $1.base.end
        }
        if isMoving || times.commitsMovedAt == 0 {
            groupTimes[id, default: GroupTimes()].commitsMovedAt = now
            // Whoever begins to commit may be a new member.
            if now > times.commitsMovedAt &+ Limits.commitPatience {
                groupTimes[id, default: GroupTimes()].membersMovedAt = 0
            }
        }
        commits[id] = series
        setOffsets(index, next, rows: rows)
        cluster.groups[index].offsetsAt = Instant(ns: now)
        joinMembers(index)
    }

    private mutating func setOffsets(_ index: Int, _ offsets: [GroupOffset], rows: [Int32]) {
        cluster.groups[index].offsets = offsets
        cluster.groups[index].offsetRows = rows
        cluster.groups[index].offsetRowsLayout = cluster.layout
    }

    /// The rows of a group's offsets, looked up once for each layout.
    mutating func offsetRows(_ index: Int) -> [Int32] {
        guard cluster.groups[index].offsetRowsLayout != cluster.layout else {
            return cluster.groups[index].offsetRows
        }
        let rows = (cluster.groups[index].offsets ?? []).map { row(of: $0.partition) }
        cluster.groups[index].offsetRows = rows
        cluster.groups[index].offsetRowsLayout = cluster.layout
        return rows
    }

    private func row(of key: PartitionKey) -> Int32 {
        guard let topic = topicNames.find(key.topic) else { return -1 }
        return Int32(cluster.row(ofPartition: key.partition, topicIndex: topic) ?? -1)
    }

    /// A partition that a member is assigned.
    private struct Owned {
        var key: PartitionKey
        var row: Int32
        var member: Int
    }

    /// Joins assigned partitions with committed offsets: an assigned partition without a commit is
    /// a row too, and each row names its member. Both come in the order of the table.
    private mutating func joinMembers(_ index: Int) {
        guard let members = cluster.groups[index].members,
            let offsets = cluster.groups[index].offsets
        else { return }
        let offsetRows = offsetRows(index)
        let owned = owned(members)
        var next: [GroupOffset] = []
        var rows: [Int32] = []
        next.reserveCapacity(max(offsets.count, owned.count))
        rows.reserveCapacity(max(offsets.count, owned.count))
        func add(_ owned: Owned) {
            next.append(GroupOffset(partition: owned.key, committed: nil))
            next[next.count - 1].member = owned.member
            rows.append(owned.row)
        }
        var at = 0
        for place in offsets.indices {
            let key = offsets[place].partition
            while at < owned.count, owned[at].key < key {
                add(owned[at])
                at += 1
            }
            let isOwned = at < owned.count && owned[at].key == key
            let isRow = offsets[place].committed != nil || offsets[place].errorCode != 0
            if isRow || isOwned {
                next.append(offsets[place])
                next[next.count - 1].member = isOwned ? owned[at].member : nil
                rows.append(offsetRows[place])
            }
            if isOwned { at += 1 }
        }
        while at < owned.count {
            add(owned[at])
            at += 1
        }
        setOffsets(index, next, rows: rows)
    }

    /// What members are assigned, ascending, each partition once: of two members that claim one, as
    /// while a group rebalances, the last.
    private func owned(_ members: [GroupMember]) -> [Owned] {
        var owned: [Owned] = []
        for (number, member) in members.enumerated() {
            for key in member.assignment {
                owned.append(Owned(key: key, row: row(of: key), member: number))
            }
        }
        owned.sort {
            if $0.row >= 0, $1.row >= 0 { return ($0.row, $0.member) < ($1.row, $1.member) }
            return ($0.key, $0.member) < ($1.key, $1.member)
        }
        var last = 0
        for at in owned.indices.dropFirst() {
            if owned[at].key != owned[last].key { last += 1 }
            owned[last] = owned[at]
        }
        if !owned.isEmpty { owned.removeSubrange((last + 1)...) }
        return owned
    }
}

/// The committed offsets of a group in one partition over time. Consumers commit every few seconds:
/// a read between two commits sees nothing move, which is not a rate of 0.
struct CommitSeries: Equatable {
    var partition: PartitionKey
    /// Where the rate is measured from: the read in which the present commit was seen first.
    var base = OffsetSample.unknown
    var perSecond: Double?
    /// The highest commit before one that went back, until that is reached again; 0: none.
    var peak: Int64 = 0
    /// When the commit was seen to change last; at first, when it was seen.
    var movedAt = Instant.never
    /// The longest time between two changes, in seconds, forgotten slowly; 0: none was seen.
    var longestPause: Float = 0

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
        case .rate(let rate, let error): perSecond = error <= RateRule.worstShare ? rate : nil
        case .first: perSecond = nil
        case .reset:
            perSecond = nil
            peak = max(peak, base.end)
        }
        if sample.end >= peak { peak = 0 }
        noteMove(at: sample.answered)
        base = sample
    }

    private mutating func noteMove(at now: Instant) {
        if movedAt.happened {
            let pause = Float(now.seconds(since: movedAt))
            longestPause = max(pause, longestPause * Limits.pauseMemory)
        }
        movedAt = now
    }
}
