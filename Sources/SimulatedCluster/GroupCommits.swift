// What groups have committed: by themselves as time goes by, or as an administrator has set it.
import KafkaWire

extension Machine {
    /// The broker that leads a group's partition of the offsets topic; -1 while nobody does.
    func coordinator(ofGroup id: String) -> Int32 {
        leader[topics[offsetsTopic].firstPartition + slot(ofGroup: id)]
    }

    /// A commit at a moment; nil where there is none.
    func commit(_ group: SimulatedGroup, _ row: Int, _ t: Double) -> PinnedCommit? {
        let pinned = group.pinned[Int32(row)]
        let reads = group.topics.contains(Int(topicOf[row]))
        if group.memberCount == 0 || !reads {
            if let pinned { return pinned.offset < 0 ? nil : pinned }
            guard reads else { return nil }
        }
        // Nobody reads beyond the high watermark, and what retention removed is skipped.
        let flown = topicFlown(row, t)
        let end = highWatermark(row, t, topicFlown: flown)
        let read = min(end, written(row, group.committedTime(t)))
        let start = logStart(row, end: written(row, t, topicFlown: flown))
        var commit = PinnedCommit(offset: max(read, start), epoch: epoch[row])
        if let pinned, pinned.offset >= 0, let since = group.resumedAt {
            // Members that read on from what was set have all that there is before long.
            let reached = Double(pinned.offset) + (t - since) * Limits.resumedRecordsPerSecond
            commit.offset = max(start, min(commit.offset, Int64(reached)))
        }
        return commit
    }

    /// A group's members become others, or none: what it has committed then stays.
    mutating func resize(_ index: Int, _ members: Int) {
        let group = groups[index]
        if members > 0, group.memberCount == 0, !group.pinned.isEmpty {
            groups[index].resumedAt = seconds
        }
        groups[index].memberCount = members
    }

    /// The last member has gone: nothing moves the commits any more.
    mutating func pinCommits(_ index: Int) {
        let group = groups[index]
        for topic in group.topics {
            for row in topics[topic].partitions {
                groups[index].pinned[Int32(row)] =
                    commit(group, row, seconds) ?? PinnedCommit(offset: -1)
            }
        }
    }

    /// An empty group that knows no topic, made by a commit.
    mutating func addGroup(_ id: String) -> Int {
        groups.append(
            SimulatedGroup(
                id: id, type: .classic, topics: [], memberCount: 0, assignor: "", delay: 0,
                commitInterval: 1))
        let index = groups.count - 1
        groupIndex[id] = index
        groupsOfSlot[slot(ofGroup: id)].append(index)
        return index
    }

    /// Its entry stays, since what is planned names groups by number; nobody finds it any more.
    mutating func removeGroup(_ index: Int) {
        let id = groups[index].id
        groupIndex[id] = nil
        groupsOfSlot[slot(ofGroup: id)].removeAll { $0 == index }
        groups[index].memberCount = 0
        groups[index].pinned = [:]
    }
}

extension RequestContext {
    /// What a group has committed, by topic; nil asks for everything.
    func committed(
        _ id: String, _ wanted: [OffsetFetchRequest.Topic]?
    ) -> [OffsetFetchResponse.Topic] {
        // Share groups commit nothing.
        let group = machine.groupIndex[id].map { machine.groups[$0] }
            .flatMap { $0.type == .share ? nil : $0 }
        if let wanted {
            return wanted.map { topic in
                let known =
                    version >= 10
                    ? machine.topicOfID[topic.topicID] : machine.topicIndex[topic.name]
                let list = topic.partitionIndexes.map { number in
                    let row = known.flatMap { machine.row($0, number) }
                    return (
                        number: number,
                        commit: row.flatMap { row in
                            group.flatMap { machine.commit($0, row, t) }
                        }
                    )
                }
                return offsets(topic.name, known, list)
            }
        }
        guard let group else { return [] }
        let pinned = Set(group.pinned.keys.map { Int(machine.topicOf[Int($0)]) })
        return Set(group.topics).union(pinned).sorted()
            .filter { !isHidden(topic: machine.topics[$0].name) }
            .compactMap { index in
                let topic = machine.topics[index]
                let list = topic.partitions.compactMap { row in
                    machine.commit(group, row, t).map {
                        (number: Int32(row - topic.firstPartition), commit: Optional($0))
                    }
                }
                return list.isEmpty ? nil : offsets(topic.name, index, list)
            }
    }

    private func offsets(
        _ name: String, _ known: Int?,
        _ partitions: [(number: Int32, commit: PinnedCommit?)]
    ) -> OffsetFetchResponse.Topic {
        var topic = OffsetFetchResponse.Topic()
        topic.name = name
        if version >= 8 { topic.topicID = known.map { machine.topics[$0].id } ?? .zero }
        topic.partitions = partitions.map { number, commit in
            var entry = OffsetFetchResponse.Partition()
            entry.partitionIndex = number
            entry.committedOffset = commit?.offset ?? -1
            if version >= 5, let commit { entry.committedLeaderEpoch = commit.epoch }
            entry.metadata = commit?.metadata ?? ""
            return entry
        }
        return topic
    }
}
