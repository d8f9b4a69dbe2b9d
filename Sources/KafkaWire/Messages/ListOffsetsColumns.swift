// ListOffsets (key 2) in columns: the same bytes as `ListOffsetsRequest` and its answer, for those
// who ask about all replicas of a large cluster, without an allocation a topic.

/// The same offset of many partitions. Version 0, whose answer is another, is not offered.
package struct ListOffsetsColumns: ColumnsRequest {
    package typealias Plain = ListOffsetsRequest
    package typealias Response = OffsetColumns
    package static let versions: ClosedRange<Int16> = 1...Plain.versions.upperBound

    /// See `ListOffsetsRequest`.
    package var replicaID: Int32 = 0
    package var timestamp: Int64 = 0
    package var isolationLevel: Int8 = 0
    package private(set) var topics = NameColumn()
    /// Where the partitions of each topic begin in `partitions`.
    private var firsts = RowStarts()
    package private(set) var partitions: [Int32] = []
    package var unknownTags = UnknownTags()

    package init(replicaID: Int32, timestamp: Int64, isolationLevel: Int8 = 0) {
        self.replicaID = replicaID
        self.timestamp = timestamp
        self.isolationLevel = isolationLevel
    }

    /// Makes room once for what will be asked; `nameBytes` are those of all topics' names.
    package mutating func reserve(topics count: Int, nameBytes: Int, partitions rows: Int) {
        topics.reserve(count, bytes: nameBytes)
        firsts.reserve(count)
        partitions.reserveCapacity(rows)
    }

    /// Begins a topic: name `index` of `names`.
    package mutating func begin(_ index: Int, of names: NameColumn) {
        topics.append(index, of: names)
        firsts.begin(at: partitions.count)
    }

    /// Asks about a partition of the topic begun last.
    package mutating func add(partition: Int32) { partitions.append(partition) }

    /// The rows of `partitions` that are of one topic.
    package func rows(of topic: Int) -> Range<Int> {
        firsts.rows(of: topic, of: partitions.count)
    }

    package mutating func write(_ w: inout WireWriter) {
        var entry = ListOffsetsRequest.Partition(partitionIndex: 0, timestamp: timestamp)
        w.int32(&replicaID)
        w.int8(&isolationLevel, 2...)
        w.count(topics.count)
        for topic in 0..<topics.count {
            let own = rows(of: topic)
            w.name(topic, of: topics)
            w.count(own.count)
            for row in own {
                entry.partitionIndex = partitions[row]
                entry.walk(&w)
            }
            w.tags()
        }
        var timeoutMs: Int32 = 0
        w.int32(&timeoutMs, 10..., ignorable: true)
        w.tags()
    }
}

/// An answer of ListOffsets from version 1 on.
package struct OffsetColumns: ClientResponse {
    package var throttleTimeMs: Int32 = 0
    package private(set) var topics = NameColumn()
    /// Where the partitions of each topic begin in `partitions`.
    private var firsts = RowStarts()
    package private(set) var partitions: [ListOffsetsResponse.Partition] = []
    package var unknownTags = UnknownTags()

    package init() {}

    /// The rows of `partitions` that are of one topic.
    package func rows(of topic: Int) -> Range<Int> {
        firsts.rows(of: topic, of: partitions.count)
    }

    package mutating func read(_ reader: inout WireReader) {
        reader.int32(&throttleTimeMs, 2..., ignorable: true)
        reader.each { reader in
            reader.name(&topics)
            firsts.begin(at: partitions.count)
            reader.structs(behind: &partitions)
            reader.tags()
        }
        reader.tags()
    }
}
