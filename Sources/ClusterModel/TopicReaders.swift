// Who reads a topic: groups that have a commit on one of its partitions, or are assigned one.

/// How many groups read each topic, of one state of a cluster. One pass over the groups' offsets.
package struct TopicReaders: Sendable {
    /// By place in `Cluster.topics`.
    private var counts: [Int32] = []
    /// The offsets of every group that commits any were read: none is missing.
    package private(set) var isWhole = false
    /// The groups were listed: a count of 0 says something.
    package private(set) var isKnown = false

    package init() {}

    package init(_ cluster: Cluster) {
        counts = Array(repeating: 0, count: cluster.topics.count)
        isKnown = cluster.health(.groups).answeredAt.happened
        isWhole = true
        // The group that was counted for a topic last: each counts once.
        var counted = [Int32](repeating: -1, count: counts.count)
        for index in cluster.groups.indices {
            let group = Int32(truncatingIfNeeded: index)
            guard cluster.groups[index].offsets != nil else {
                if cluster.groups[index].commits { isWhole = false }
                continue
            }
            cluster.forEachTopic(ofGroup: index) { _, topic in
                guard counted[topic] != group else { return }
                counted[topic] = group
                counts[topic] += 1
            }
        }
    }

    /// Groups that read the topic at a place, as far as their offsets were read; nil: unknown.
    package func count(topic: Int) -> Int? {
        isKnown && counts.indices.contains(topic) ? Int(counts[topic]) : nil
    }
}

/// A group that reads a topic.
package struct TopicReader: Sendable, Equatable {
    /// Its place in `Cluster.groups`.
    package var group: Int
    /// Partitions of the topic that it has an offset of.
    package var partitions = 0
    /// Records of the topic that it has not read, as far as that is known; nil: of none.
    package var lag: Int64?
    package var unknownLagCount = 0
}

extension Cluster {
    /// The groups that read a topic, as their offsets say, ascending by id.
    package func readers(ofTopic topic: Int) -> [TopicReader] {
        var readers: [TopicReader] = []
        for index in groups.indices {
            var reader = TopicReader(group: index)
            let offsets = groups[index].offsets ?? []
            forEachTopic(ofGroup: index) { place, at in
                guard at == topic else { return }
                reader.partitions += 1
                let offset = offsets[place]
                if let lag = offset.lag {
                    reader.lag = (reader.lag ?? 0).addingReportingOverflow(lag).partialValue
                } else if offset.committed != nil {
                    reader.unknownLagCount += 1
                }
            }
            if reader.partitions > 0 { readers.append(reader) }
        }
        return readers
    }

    /// The places of a group's offsets with the topics they belong to, as places in `topics`; not
    /// those of topics that are not here.
    fileprivate func forEachTopic(ofGroup index: Int, _ body: (_ offset: Int, _ topic: Int) -> Void)
    {
        let group = groups[index]
        guard let offsets = group.offsets else { return }
        if group.offsetRowsLayout == layout, group.offsetRows.count == offsets.count {
            for (place, row) in group.offsetRows.enumerated()
            where row >= 0 && Int(row) < partitions.count {
                body(place, Int(partitions.topic[Int(row)]))
            }
            return
        }
        // Offsets of a topic stand together: its name is looked up once.
        var last: (name: String, topic: Int?) = ("", nil)
        for (place, offset) in offsets.enumerated() {
            if offset.partition.topic != last.name {
                last = (offset.partition.topic, topicIndex(named: offset.partition.topic))
            }
            if let topic = last.topic { body(place, topic) }
        }
    }
}
