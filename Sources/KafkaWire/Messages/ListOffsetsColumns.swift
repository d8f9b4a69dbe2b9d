// ListOffsets (key 2) in columns: the same bytes as `ListOffsetsRequest` and its answer, for those
// who ask about all replicas of a large cluster, without an allocation a topic.

/// The same offset of many partitions. Version 0, whose answer is another, is not offered.
package struct ListOffsetsColumns: KafkaRequest {
    package static let apiKey: Int16 = ListOffsetsRequest.apiKey
    package static let name = ListOffsetsRequest.name
    package static let effect = ListOffsetsRequest.effect
    package static let verb = ListOffsetsRequest.verb
    package static let versions: ClosedRange<Int16> = 1...ListOffsetsRequest.versions.upperBound
    package static let firstFlexible: Int16 = ListOffsetsRequest.firstFlexible
    package typealias Response = OffsetColumns

    /// See `ListOffsetsRequest`.
    package var replicaID: Int32 = 0
    package var timestamp: Int64 = 0
    package private(set) var topics = NameColumn()
    /// Where the partitions of each topic begin in `partitions`.
    private var firsts = RowStarts()
    package private(set) var partitions: [Int32] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package init(replicaID: Int32, timestamp: Int64) {
        self.replicaID = replicaID
        self.timestamp = timestamp
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

    /// The request it stands for.
    package var plain: ListOffsetsRequest {
        var request = ListOffsetsRequest()
        request.replicaID = replicaID
        request.topics = (0..<topics.count).map { topic in
            ListOffsetsRequest.Topic(
                name: topics[topic],
                partitions: partitions[rows(of: topic)].map {
                    ListOffsetsRequest.Partition(partitionIndex: $0, timestamp: timestamp)
                })
        }
        request.unknownTags = unknownTags
        return request
    }

    /// Slow and for completeness: only `write` is used on the way to a broker. What it cannot hold
    /// (an isolation level, a timestamp for each partition) is not read.
    package mutating func walk(_ w: inout some WireVisitor) {
        var request = plain
        request.walk(&w)
        self = ListOffsetsColumns(
            replicaID: request.replicaID,
            timestamp: request.topics.first?.partitions.first?.timestamp ?? timestamp)
        for topic in request.topics {
            topics.append(topic.name)
            firsts.begin(at: partitions.count)
            partitions += topic.partitions.map(\.partitionIndex)
        }
    }

    package mutating func read(_ reader: inout WireReader) { walk(&reader) }

    package mutating func write(_ w: inout WireWriter) {
        var isolationLevel: Int8 = 0
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
package struct OffsetColumns: ColumnsResponse {
    package var throttleTimeMs: Int32 = 0
    package private(set) var topics = NameColumn()
    /// Where the partitions of each topic begin in `partitions`.
    private var firsts = RowStarts()
    package private(set) var partitions: [ListOffsetsResponse.Partition] = []
    package var unknownTags = UnknownTags()

    package init() {}

    /// The same answer; partitions of version 0 are left out.
    package init(_ plain: ListOffsetsResponse) {
        throttleTimeMs = plain.throttleTimeMs
        for topic in plain.topics {
            topics.append(topic.name)
            firsts.begin(at: partitions.count)
            partitions += topic.partitions
        }
        unknownTags = plain.unknownTags
    }

    /// The rows of `partitions` that are of one topic.
    package func rows(of topic: Int) -> Range<Int> {
        firsts.rows(of: topic, of: partitions.count)
    }

    /// The answer it stands for.
    package var plain: ListOffsetsResponse {
        var answer = ListOffsetsResponse()
        answer.throttleTimeMs = throttleTimeMs
        answer.topics = (0..<topics.count).map { topic in
            var one = ListOffsetsResponse.Topic()
            one.name = topics[topic]
            one.partitions = Array(partitions[rows(of: topic)])
            return one
        }
        answer.unknownTags = unknownTags
        return answer
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
