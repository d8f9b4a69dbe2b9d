// Folds topics and partitions of a Metadata answer. As long as the same topics have
// the same partitions on the same replicas, columns are updated in place and row numbers stay; else
// the table is built anew and everything known of each replica is carried over.
import ClusterModel

extension WorkingCluster {
    /// Folds what one broker says of topics. `whole`: the answer names all topics, so others are
    /// gone once answers have left them out often enough. Returns false when a partial answer shows
    /// rows that came or went: the caller then asks for everything.
    package mutating func fold(_ answer: TopicAnswers, whole: Bool, now: UInt64) -> Bool {
        let anew = topicsMadeAnew(answer)
        if anew.isEmpty && keepsLayout(answer, whole: whole) {
            updateInPlace(answer)
        } else {
            guard whole else { return false }
            rebuild(answer, madeAnew: anew, now: Instant(ns: now))
        }
        markAnswered(.metadata, at: now)
        markAnswered(.topics, at: now)
        markAnswered(.partitions, at: now)
        return true
    }

    /// True when every topic of the answer has the rows it had, and (for a whole answer) none is
    /// missing.
    private func keepsLayout(_ answer: TopicAnswers, whole: Bool) -> Bool {
        if whole && answer.topics.count != cluster.topics.count { return false }
        var index = 0
        for entry in answer.topics {
            while index < cluster.topics.count && cluster.topics[index].name < entry.name {
                if whole { return false }
                index += 1
            }
            let isKnown =
                index < cluster.topics.count && cluster.topics[index].name == entry.name
            if !whole && entry.isUnknown {
                // A topic in view is gone: a change only where we still have it.
                if isKnown { return false }
                continue
            }
            guard isKnown, sameRows(entry, of: answer, as: cluster.topics[index]) else {
                return false
            }
            index += 1
        }
        return true
    }

    /// Topics without an id (before Kafka 2.8) whose leader epochs went back and stay there:
    /// deleted and made again under the same name. One older answer alone is a broker that lags
    /// behind.
    private mutating func topicsMadeAnew(_ answer: TopicAnswers) -> Set<String> {
        var anew: Set<String> = []
        for entry in answer.topics where entry.id == nil && entry.count > 0 {
            guard let index = cluster.topicIndex(named: entry.name),
                cluster.topics[index].id == nil
            else { continue }
            if hasOlderEpoch(entry, of: answer, topic: index) {
                let rounds = (olderEpochRounds[entry.name] ?? 0) + 1
                olderEpochRounds[entry.name] = rounds
                if rounds >= Limits.olderEpochRounds { anew.insert(entry.name) }
            } else if olderEpochRounds[entry.name] != nil {
                olderEpochRounds[entry.name] = nil
            }
        }
        return anew
    }

    private func hasOlderEpoch(
        _ entry: TopicAnswers.Entry, of answer: TopicAnswers, topic index: Int
    ) -> Bool {
        for reported in answer.partitions[entry.first..<entry.first + entry.count]
        where reported.leaderEpoch >= 0 {
            if let row = cluster.row(ofPartition: reported.number, topicIndex: index),
                reported.leaderEpoch < cluster.partitions.leaderEpoch[row]
            {
                return true
            }
        }
        return false
    }

    private func sameRows(
        _ entry: TopicAnswers.Entry, of answer: TopicAnswers, as topic: Topic
    ) -> Bool {
        // A topic that cannot be described now keeps the rows it had.
        if entry.errorCode != 0 && entry.count == 0 { return true }
        guard entry.count == topic.partitionCount, topic.isSame(as: entry) else { return false }
        for offset in 0..<entry.count {
            let reported = answer.partitions[entry.first + offset]
            let row = topic.firstPartition + offset
            let replicas = cluster.partitions.replicas(of: row)
            guard reported.number == cluster.partitions.partition[row],
                Int(reported.replicaCount) == replicas.count
            else { return false }
            for n in 0..<replicas.count
            where answer.replicaBroker[Int(reported.firstReplica) + n]
                != cluster.partitions.replicaBroker[replicas.lowerBound + n]
            {
                return false
            }
        }
        return true
    }

    private mutating func updateInPlace(_ answer: TopicAnswers) {
        var index = 0
        for entry in answer.topics {
            while index < cluster.topics.count && cluster.topics[index].name < entry.name {
                index += 1
            }
            guard index < cluster.topics.count, cluster.topics[index].name == entry.name else {
                continue
            }
            if cluster.topics[index].errorCode != entry.errorCode {
                cluster.topics[index].errorCode = entry.errorCode
                changes &+= 1
            }
            adopt(entry.id, topic: index)
            if !absentTopicRounds.isEmpty { absentTopicRounds[entry.name] = nil }
            let first = cluster.topics[index].firstPartition
            for offset in 0..<entry.count {
                update(row: first + offset, answer.partitions[entry.first + offset], of: answer)
            }
        }
    }

    /// A topic whose id was not known before is still the same topic, with its history.
    private mutating func adopt(_ id: TopicID?, topic index: Int) {
        guard let id, cluster.topics[index].id == nil else { return }
        cluster.topics[index].id = id
    }

    /// Writes what has changed and nothing else: a write to a column that is published copies it.
    private mutating func update(
        row: Int, _ reported: TopicAnswers.Partition, of answer: TopicAnswers
    ) {
        guard isNewer(reported, row: row) else { return }
        let before = changesState(reported, row: row, of: answer) ? inSync(row) : nil
        let oldLeader = cluster.partitions.leader[row]
        var hasChanged = false
        if cluster.partitions.leader[row] != reported.leader {
            cluster.partitions.leader[row] = reported.leader
            hasChanged = true
        }
        if reported.leaderEpoch >= 0 && cluster.partitions.leaderEpoch[row] != reported.leaderEpoch
        {
            cluster.partitions.leaderEpoch[row] = reported.leaderEpoch
            hasChanged = true
        }
        if cluster.partitions.errorCode[row] != reported.errorCode {
            cluster.partitions.errorCode[row] = reported.errorCode
            hasChanged = true
        }
        let replicas = cluster.partitions.replicas(of: row)
        for n in 0..<replicas.count {
            let known = cluster.partitions.replicaFlags[replicas.lowerBound + n]
            let flags = answer.replicaFlags[Int(reported.firstReplica) + n]
                .union(known.intersection(.moving))
            if flags != known {
                cluster.partitions.replicaFlags[replicas.lowerBound + n] = flags
                hasChanged = true
            }
        }
        if hasChanged { changes &+= 1 }
        if let before { noteChange(row: row, oldLeader: oldLeader, oldISR: before) }
    }

    /// Whether an answer names another leader or ISR than is known.
    private func changesState(
        _ reported: TopicAnswers.Partition, row: Int, of answer: TopicAnswers
    ) -> Bool {
        if cluster.partitions.leader[row] != reported.leader { return true }
        let first = Int(cluster.partitions.firstReplica[row])
        let count = Int(cluster.partitions.firstReplica[row + 1]) - first
        for n in 0..<count {
            let known = cluster.partitions.replicaFlags[first + n].rawValue
            let next = answer.replicaFlags[Int(reported.firstReplica) + n].rawValue
            if (known ^ next) & ReplicaFlags.inSync.rawValue != 0 { return true }
        }
        return false
    }

    /// Brokers learn of changes at different moments: what is older than we know is not taken. An
    /// answer without an epoch (before 2.4, or a partition without leader on 2.4) always is.
    private func isNewer(_ reported: TopicAnswers.Partition, row: Int) -> Bool {
        reported.leaderEpoch < 0 || reported.leaderEpoch >= cluster.partitions.leaderEpoch[row]
    }

    private mutating func rebuild(
        _ answer: TopicAnswers, madeAnew: Set<String>, now: Instant
    ) {
        var builder = TableBuilder(old: self, answer: answer)
        var old = 0
        for entry in answer.topics {
            while old < cluster.topics.count && cluster.topics[old].name < entry.name {
                keepOrDrop(old, into: &builder)
                old += 1
            }
            absentTopicRounds[entry.name] = nil
            if old < cluster.topics.count && cluster.topics[old].name == entry.name {
                let known = cluster.topics[old]
                if entry.errorCode != 0 && entry.count == 0 {
                    builder.carry(topic: known, errorCode: entry.errorCode)
                } else if known.isSame(as: entry) && !madeAnew.contains(entry.name) {
                    builder.merge(entry, known: known)
                } else {
                    olderEpochRounds[entry.name] = nil
                    topicSlots.giveBack(known.slot)
                    builder.add(entry, slot: newSlot(now))
                }
                old += 1
            } else {
                builder.add(entry, slot: newSlot(now))
            }
        }
        while old < cluster.topics.count {
            keepOrDrop(old, into: &builder)
            old += 1
        }
        builder.finish()
        let before = (cluster.topics, cluster.partitions)
        cluster.topics = builder.topics
        cluster.partitions = builder.table
        noteChanges(from: before.1, topics: before.0, EventStamp(wall: wall, now: now))
        leaderEnd = builder.leaderEnd
        bytesPerRecord = builder.bytesPerRecord
        replicaAsked = builder.replicaAsked
        cluster.layout &+= 1
        changes &+= 1
        reindex()
    }

    /// A slot for a topic that is new: nothing of the topic that had it before stays.
    private mutating func newSlot(_ now: Instant) -> Int {
        let slot = topicSlots.take(at: now)
        cluster.configs.forget(slot: slot)
        return slot
    }

    /// A topic that one answer leaves out may be a new one that this broker does not know yet.
    private mutating func keepOrDrop(_ index: Int, into builder: inout TableBuilder) {
        let topic = cluster.topics[index]
        let rounds = (absentTopicRounds[topic.name] ?? 0) + 1
        if rounds < Limits.absentRounds {
            absentTopicRounds[topic.name] = rounds
            builder.carry(topic: topic)
        } else {
            absentTopicRounds[topic.name] = nil
            olderEpochRounds[topic.name] = nil
            topicSlots.giveBack(topic.slot)
        }
    }
}

extension Topic {
    /// False where the answer is of another topic of the same name. Brokers of different releases,
    /// as in an upgrade, have ids or do not.
    fileprivate func isSame(as entry: TopicAnswers.Entry) -> Bool {
        id == nil || entry.id == nil || id == entry.id
    }
}
