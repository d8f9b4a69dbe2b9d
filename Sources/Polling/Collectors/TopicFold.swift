// Folds topics and partitions of a Metadata answer. As long as the same topics have
// the same partitions on the same replicas, columns are updated in place and row numbers stay; else
// the table is built anew and everything known of each replica is carried over.
import ClusterModel
package import KafkaWire

extension WorkingCluster {
    /// Folds what one broker says of topics. `whole`: the answer names all topics, so others are
    /// gone once answers have left them out often enough. Returns false when a partial answer shows
    /// rows that came or went: the caller then asks for everything.
    package mutating func fold(topics reported: MetadataColumns, whole: Bool, now: UInt64) -> Bool {
        let answer = reported.ordered()
        let places = answer.placesByName()
        let anew = topicsMadeAnew(answer, places)
        if anew.isEmpty && keepsLayout(answer, places, whole: whole) {
            updateInPlace(answer, places)
        } else {
            guard whole else { return false }
            rebuild(answer, places, madeAnew: anew, now: Instant(ns: now))
        }
        if whole { wholeTopicsAt = now }
        if !cluster.watchedSince.happened { cluster.watchedSince = Instant(ns: now) }
        markAnswered(.metadata, at: now)
        markAnswered(.topics, at: now)
        markAnswered(.partitions, at: now)
        return true
    }

    /// True when every topic of the answer has the rows it had, and (for a whole answer) none is
    /// missing.
    private func keepsLayout(_ answer: MetadataColumns, _ places: [Int], whole: Bool) -> Bool {
        if whole && places.count != cluster.topics.count { return false }
        var index = 0
        for place in places {
            let entry = answer.topics[place]
            let name = entry.name ?? ""
            while index < cluster.topics.count && cluster.topics[index].name < name {
                if whole { return false }
                index += 1
            }
            let isKnown = index < cluster.topics.count && cluster.topics[index].name == name
            if !whole, entry.error == .unknownTopicOrPartition, answer.rows(of: place).isEmpty {
                // A topic in view is gone: a change only where we still have it.
                if isKnown { return false }
                continue
            }
            guard isKnown, sameRows(place, of: answer, as: cluster.topics[index]) else {
                return false
            }
            index += 1
        }
        return true
    }

    /// Topics without an id (before Kafka 2.8) whose leader epochs went back and stay there:
    /// deleted and made again under the same name. One older answer alone is a broker that lags
    /// behind.
    private mutating func topicsMadeAnew(_ answer: MetadataColumns, _ places: [Int]) -> Set<String>
    {
        var anew: Set<String> = []
        for place in places where answer.topics[place].topicID.isZero {
            guard let name = answer.topics[place].name, let index = cluster.topicIndex(named: name),
                cluster.topics[index].id == nil
            else { continue }
            if hasOlderEpoch(place, of: answer, topic: index) {
                let rounds = (olderEpochRounds[name] ?? 0) + 1
                olderEpochRounds[name] = rounds
                if rounds >= Limits.olderEpochRounds { anew.insert(name) }
            } else if !answer.rows(of: place).isEmpty, olderEpochRounds[name] != nil {
                olderEpochRounds[name] = nil
            }
        }
        return anew
    }

    private func hasOlderEpoch(
        _ place: Int, of answer: MetadataColumns, topic index: Int
    ) -> Bool {
        for at in answer.rows(of: place) where answer.partitions[at].leaderEpoch >= 0 {
            let number = answer.partitions[at].partitionIndex
            if let row = cluster.row(ofPartition: number, topicIndex: index),
                answer.partitions[at].leaderEpoch < cluster.partitions.leaderEpoch[row]
            {
                return true
            }
        }
        return false
    }

    private func sameRows(
        _ place: Int, of answer: MetadataColumns, as topic: Topic
    ) -> Bool {
        let rows = answer.rows(of: place)
        let entry = answer.topics[place]
        // A topic that cannot be described now keeps the rows it had.
        if entry.error.isError && rows.isEmpty { return true }
        guard rows.count == topic.partitionCount, topic.isSame(as: entry) else { return false }
        for (at, row) in zip(rows, topic.partitions) {
            let reported = answer.partitions[at]
            let replicas = cluster.partitions.replicas(of: row)
            guard reported.partitionIndex == cluster.partitions.partition[row],
                reported.replicas.count == replicas.count
            else { return false }
            for (id, replica) in zip(reported.replicas, replicas)
            where answer.ids[id] != cluster.partitions.replicaBroker[replica] {
                return false
            }
        }
        return true
    }

    private mutating func updateInPlace(_ answer: MetadataColumns, _ places: [Int]) {
        var index = 0
        for place in places {
            let entry = answer.topics[place]
            let name = entry.name ?? ""
            while index < cluster.topics.count && cluster.topics[index].name < name { index += 1 }
            guard index < cluster.topics.count, cluster.topics[index].name == name else { continue }
            if cluster.topics[index].errorCode != entry.error.code {
                cluster.topics[index].errorCode = entry.error.code
                changes &+= 1
            }
            adopt(entry.id, topic: index)
            if !absentTopicRounds.isEmpty { absentTopicRounds[name] = nil }
            let first = cluster.topics[index].firstPartition
            for (offset, at) in answer.rows(of: place).enumerated() {
                update(row: first + offset, answer.partitions[at], of: answer)
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
        row: Int, _ reported: MetadataColumns.Partition, of answer: MetadataColumns
    ) {
        guard isNewer(reported, row: row) else { return }
        let oldLeader = cluster.partitions.leader[row]
        let epoch =
            reported.leaderEpoch >= 0 ? reported.leaderEpoch : cluster.partitions.leaderEpoch[row]
        let changed = changedFlags(reported, row: row, of: answer)
        guard
            !changed.isEmpty || oldLeader != reported.leaderID
                || cluster.partitions.leaderEpoch[row] != epoch
                || cluster.partitions.errorCode[row] != reported.error.code
        else { return }
        changes &+= 1
        let isNews = oldLeader != reported.leaderID || changed.contains(.inSync)
        let oldISR = isNews ? cluster.partitions.inSync(row) : []
        if oldLeader != reported.leaderID { cluster.partitions.leader[row] = reported.leaderID }
        if cluster.partitions.leaderEpoch[row] != epoch {
            cluster.partitions.leaderEpoch[row] = epoch
        }
        if cluster.partitions.errorCode[row] != reported.error.code {
            cluster.partitions.errorCode[row] = reported.error.code
        }
        if !changed.isEmpty {
            for (place, replica) in zip(reported.replicas, cluster.partitions.replicas(of: row)) {
                let known = cluster.partitions.replicaFlags[replica]
                cluster.partitions.replicaFlags[replica] =
                    answer.flags(reported, replica: place).union(known.intersection(.moving))
            }
        }
        movedAt[row] = 0
        if isNews { noteChange(row: row, oldLeader: oldLeader, oldISR: oldISR) }
    }

    /// The flags that an answer reports of any replica otherwise than they are known.
    private func changedFlags(
        _ reported: MetadataColumns.Partition, row: Int, of answer: MetadataColumns
    ) -> ReplicaFlags {
        var replica = Int(cluster.partitions.firstReplica[row])
        var changed: UInt8 = 0
        for place in reported.replicas {
            changed |=
                answer.flags(reported, replica: place).rawValue
                ^ cluster.partitions.replicaFlags[replica].rawValue
            replica += 1
        }
        return ReplicaFlags(rawValue: changed & ~ReplicaFlags.moving.rawValue)
    }

    /// Brokers learn of changes at different moments: what is older than we know is not taken. An
    /// answer without an epoch (before 2.4, or a partition without leader on 2.4) always is.
    private func isNewer(_ reported: MetadataColumns.Partition, row: Int) -> Bool {
        reported.leaderEpoch < 0 || reported.leaderEpoch >= cluster.partitions.leaderEpoch[row]
    }

    private mutating func rebuild(
        _ answer: MetadataColumns, _ places: [Int], madeAnew: Set<String>, now: Instant
    ) {
        var builder = TableBuilder(old: self, answer: answer)
        var old = 0
        for place in places {
            let entry = answer.topics[place]
            let name = entry.name ?? ""
            while old < cluster.topics.count && cluster.topics[old].name < name {
                keepOrDrop(old, into: &builder)
                old += 1
            }
            absentTopicRounds[name] = nil
            if old < cluster.topics.count && cluster.topics[old].name == name {
                let known = cluster.topics[old]
                if entry.error.isError && answer.rows(of: place).isEmpty {
                    builder.carry(topic: known, errorCode: entry.error.code)
                } else if known.isSame(as: entry) && !madeAnew.contains(name) {
                    builder.merge(place, known: known)
                } else {
                    olderEpochRounds[name] = nil
                    topicIndexes.giveBack(known.historyIndex)
                    builder.add(place, historyIndex: newHistoryIndex(now))
                }
                old += 1
            } else {
                builder.add(place, historyIndex: newHistoryIndex(now))
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
        leaderLogEnd = builder.leaderLogEnd
        earlierLogEnds = [:]
        bytesPerRecord = builder.bytesPerRecord
        movedAt = builder.movedAt
        woken = []
        replicaAsked = builder.replicaAsked
        cluster.layout &+= 1
        changes &+= 1
        reindex()
    }

    /// A history index for a topic that is new: nothing of the topic that had it before stays.
    private mutating func newHistoryIndex(_ now: Instant) -> Int {
        let historyIndex = topicIndexes.take(at: now)
        cluster.configs.forget(historyIndex: historyIndex)
        return historyIndex
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
            topicIndexes.giveBack(topic.historyIndex)
        }
    }
}

extension Topic {
    /// False where the answer is of another topic of the same name. Brokers of different releases,
    /// as in an upgrade, have ids or do not.
    fileprivate func isSame(as entry: MetadataColumns.Topic) -> Bool {
        id == nil || entry.id == nil || id == entry.id
    }
}
