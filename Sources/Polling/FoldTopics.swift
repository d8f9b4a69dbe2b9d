// Folds topics and partitions of a Metadata answer into the draft. As long as the same topics have
// the same partitions on the same replicas, columns are updated in place and row numbers stay; else
// the table is built anew and everything known of each replica is carried over.
import ClusterModel

extension Draft {
    /// Folds what one broker says of topics. `whole`: the answer names all topics, so others are
    /// gone once living brokers have left them out often enough. Returns false when a partial answer
    /// shows rows that came or went: the caller then asks for everything.
    mutating func fold(_ answer: TopicAnswers, whole: Bool, now: UInt64) -> Bool {
        let fits = keepsLayout(answer, whole: whole)
        if fits {
            updateInPlace(answer)
        } else {
            guard whole else { return false }
            rebuild(answer, now: Instant(ns: now))
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
            guard index < cluster.topics.count, cluster.topics[index].name == entry.name else {
                return false
            }
            if !sameRows(entry, of: answer, as: cluster.topics[index]) { return false }
            index += 1
        }
        return true
    }

    private func sameRows(
        _ entry: TopicAnswers.Entry, of answer: TopicAnswers, as topic: Topic
    ) -> Bool {
        // A topic that cannot be described now keeps the rows it had.
        if entry.errorCode != 0 && entry.count == 0 { return true }
        guard entry.count == topic.partitionCount, entry.id == topic.id || topic.id == nil else {
            return false
        }
        for offset in 0..<entry.count {
            let told = answer.partitions[entry.first + offset]
            let row = topic.firstPartition + offset
            let replicas = cluster.partitions.replicas(of: row)
            guard told.number == cluster.partitions.partition[row],
                Int(told.replicaCount) == replicas.count
            else { return false }
            for n in 0..<replicas.count
            where answer.replicaBroker[Int(told.firstReplica) + n]
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
            while cluster.topics[index].name < entry.name { index += 1 }
            cluster.topics[index].errorCode = entry.errorCode
            cluster.topics[index].id = entry.id ?? cluster.topics[index].id
            absentTopicRounds[entry.name] = nil
            let first = cluster.topics[index].firstPartition
            for offset in 0..<entry.count {
                let told = answer.partitions[entry.first + offset]
                let row = first + offset
                guard isNews(told, row: row) else { continue }
                cluster.partitions.leader[row] = told.leader
                if told.leaderEpoch >= 0 { cluster.partitions.leaderEpoch[row] = told.leaderEpoch }
                cluster.partitions.errorCode[row] = told.errorCode
                let replicas = cluster.partitions.replicas(of: row)
                for n in 0..<replicas.count {
                    let moving = cluster.partitions.replicaFlags[replicas.lowerBound + n]
                        .intersection([.adding, .removing])
                    cluster.partitions.replicaFlags[replicas.lowerBound + n] =
                        answer.replicaFlags[Int(told.firstReplica) + n].union(moving)
                }
            }
        }
    }

    /// Brokers learn of changes at different moments: what is older than we know is not taken. An
    /// answer without an epoch (before 2.4, or a partition without leader on 2.4) always is.
    private func isNews(_ told: TopicAnswers.Partition, row: Int) -> Bool {
        told.leaderEpoch < 0 || told.leaderEpoch >= cluster.partitions.leaderEpoch[row]
    }

    private mutating func rebuild(_ answer: TopicAnswers, now: Instant) {
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
                let sameTopic = known.id == nil || entry.id == nil || known.id == entry.id
                if entry.errorCode != 0 && entry.count == 0 {
                    builder.carry(topic: known)
                } else if sameTopic {
                    builder.merge(entry, known: known)
                } else {
                    topicSlots.release(known.incarnation)
                    builder.add(entry, slot: slot(of: entry, now))
                }
                old += 1
            } else {
                builder.add(entry, slot: slot(of: entry, now))
            }
        }
        while old < cluster.topics.count {
            keepOrDrop(old, into: &builder)
            old += 1
        }
        cluster.topics = builder.topics
        cluster.partitions = builder.table
        leaderEnd = builder.leaderEnd
        leaderEndEarliest = builder.leaderEndEarliest
        leaderEndLatest = builder.leaderEndLatest
        bytesPerRecord = builder.bytesPerRecord
        replicaAsked = builder.replicaAsked
        cluster.layout &+= 1
        reindex()
    }

    /// A topic that one answer leaves out may be news that this broker has not heard yet.
    private mutating func keepOrDrop(_ index: Int, into builder: inout TableBuilder) {
        let topic = cluster.topics[index]
        let rounds = (absentTopicRounds[topic.name] ?? 0) + 1
        if rounds < Limits.absentRounds {
            absentTopicRounds[topic.name] = rounds
            builder.carry(topic: topic)
        } else {
            absentTopicRounds[topic.name] = nil
            topicSlots.release(topic.incarnation)
        }
    }

    private mutating func slot(of entry: TopicAnswers.Entry, _ now: Instant) -> Int {
        topicSlots.slot(of: TopicIncarnation(name: entry.name, id: entry.id), at: now)
    }
}

extension Topic {
    fileprivate var incarnation: TopicIncarnation { TopicIncarnation(name: name, id: id) }
}
