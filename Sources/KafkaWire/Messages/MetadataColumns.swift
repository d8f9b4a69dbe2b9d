// Metadata (key 3) in columns: the same bytes as `MetadataResponse`, without an allocation a topic:
// a large cluster has a hundred thousand of them, and its answer is what the first rows wait for.

/// Asks as `MetadataRequest` does, and reads the answer in columns.
package struct MetadataColumnsRequest: KafkaRequest {
    package static let apiKey: Int16 = MetadataRequest.apiKey
    package static let name = MetadataRequest.name
    package static let effect = MetadataRequest.effect
    package static let verb = MetadataRequest.verb
    package static let versions: ClosedRange<Int16> = MetadataRequest.versions
    package static let firstFlexible: Int16 = MetadataRequest.firstFlexible
    package typealias Response = MetadataColumns

    package var plain = MetadataRequest()
    package var unknownTags: UnknownTags {
        get { plain.unknownTags }
        set { plain.unknownTags = newValue }
    }

    package init() {}

    /// - Parameter topics: by name; nil asks for all.
    package init(topics: [String]?, version: Int16) {
        plain.allowAutoTopicCreation = version < 4
        // Version 0 has no null: an empty list means all topics there.
        plain.topics = topics?.map { MetadataRequest.Topic(name: $0) } ?? (version == 0 ? [] : nil)
    }

    package mutating func walk(_ w: inout some WireVisitor) { plain.walk(&w) }
    package mutating func read(_ reader: inout WireReader) { walk(&reader) }
    package mutating func write(_ writer: inout WireWriter) { walk(&writer) }
}

/// One broker's view of the cluster.
package struct MetadataColumns: ColumnsResponse {
    /// One topic, without its partitions.
    package typealias Topic = MetadataResponse.Topic

    /// One partition; see `MetadataResponse.Partition`. Its brokers stand in `ids`.
    package struct Partition: Sendable, Equatable {
        package var error = KafkaError.none
        package var partitionIndex: Int32 = 0
        package var leaderID: Int32 = 0
        package var leaderEpoch: Int32 = -1
        fileprivate var firstID: Int32 = 0
        fileprivate var isrFirst: Int32 = 0
        fileprivate var offlineFirst: Int32 = 0
        fileprivate var endID: Int32 = 0

        /// Where its replicas stand in `ids`, the preferred leader first.
        package var replicas: Range<Int> { Int(firstID)..<Int(isrFirst) }
        /// Where its ISR stands in `ids`.
        package var isr: Range<Int> { Int(isrFirst)..<Int(offlineFirst) }
        /// Where its offline replicas stand in `ids`.
        package var offline: Range<Int> { Int(offlineFirst)..<Int(endID) }
    }

    package var throttleTimeMs: Int32 = 0
    package var brokers: [MetadataResponse.Broker] = []
    package var clusterID: String?
    package var controllerID: Int32 = -1
    /// Topics; their `partitions` are empty.
    package private(set) var topics: [Topic] = []
    package private(set) var partitions: [Partition] = []
    /// The brokers that partitions name.
    package private(set) var ids: [Int32] = []
    package var clusterAuthorizedOperations = Int32.min
    package var error = KafkaError.none
    package var unknownTags = UnknownTags()
    /// Where the partitions of each topic begin in `partitions`.
    private var firsts = RowStarts()

    package init() {}

    /// The same answer.
    package init(_ plain: MetadataResponse) {
        throttleTimeMs = plain.throttleTimeMs
        brokers = plain.brokers
        clusterID = plain.clusterID
        controllerID = plain.controllerID
        for var topic in plain.topics {
            firsts.begin(at: partitions.count)
            for entry in topic.partitions {
                var partition = Partition()
                partition.error = entry.error
                partition.partitionIndex = entry.partitionIndex
                partition.leaderID = entry.leaderID
                partition.leaderEpoch = entry.leaderEpoch
                partition.firstID = Int32(ids.count)
                ids += entry.replicaNodes
                partition.isrFirst = Int32(ids.count)
                ids += entry.isrNodes
                partition.offlineFirst = Int32(ids.count)
                ids += entry.offlineReplicas
                partition.endID = Int32(ids.count)
                partitions.append(partition)
            }
            topic.partitions = []
            topics.append(topic)
        }
        clusterAuthorizedOperations = plain.clusterAuthorizedOperations
        error = plain.error
        unknownTags = plain.unknownTags
    }

    /// The rows of `partitions` that are of one topic.
    package func rows(of topic: Int) -> Range<Int> {
        firsts.rows(of: topic, of: partitions.count)
    }

    /// The answer it stands for.
    package var plain: MetadataResponse {
        var answer = MetadataResponse()
        answer.throttleTimeMs = throttleTimeMs
        answer.brokers = brokers
        answer.clusterID = clusterID
        answer.controllerID = controllerID
        answer.topics = topics.indices.map { index in
            var topic = topics[index]
            topic.partitions = partitions[rows(of: index)].map { entry in
                var partition = MetadataResponse.Partition()
                partition.error = entry.error
                partition.partitionIndex = entry.partitionIndex
                partition.leaderID = entry.leaderID
                partition.leaderEpoch = entry.leaderEpoch
                partition.replicaNodes = IDList(ids[entry.replicas])
                partition.isrNodes = IDList(ids[entry.isr])
                partition.offlineReplicas = IDList(ids[entry.offline])
                return partition
            }
            return topic
        }
        answer.clusterAuthorizedOperations = clusterAuthorizedOperations
        answer.error = error
        answer.unknownTags = unknownTags
        return answer
    }

    package mutating func read(_ reader: inout WireReader) {
        var head = MetadataResponse()
        head.walkHead(&reader)
        (throttleTimeMs, brokers) = (head.throttleTimeMs, head.brokers)
        (clusterID, controllerID) = (head.clusterID, head.controllerID)
        // Room for lists of three, nearly all of a large answer: growing would copy them each time.
        ids.reserveCapacity(reader.left / 7)
        partitions.reserveCapacity(reader.left / 42)
        reader.each { reader in
            var topic = Topic()
            topic.walkHead(&reader)
            firsts.begin(at: partitions.count)
            reader.each { readPartition(&$0) }
            topic.walkTail(&reader)
            topics.append(topic)
        }
        head.walkTail(&reader)
        (clusterAuthorizedOperations, error) = (head.clusterAuthorizedOperations, head.error)
    }

    /// In the order of `MetadataResponse.Partition.walk`.
    private mutating func readPartition(_ reader: inout WireReader) {
        var partition = Partition()
        reader.error(&partition.error)
        reader.int32(&partition.partitionIndex)
        reader.int32(&partition.leaderID)
        reader.int32(&partition.leaderEpoch, 7..., default: -1, ignorable: true)
        partition.firstID = Int32(ids.count)
        reader.ids(behind: &ids)
        partition.isrFirst = Int32(ids.count)
        reader.ids(behind: &ids)
        partition.offlineFirst = Int32(ids.count)
        if reader.version >= 5 { reader.ids(behind: &ids) }
        partition.endID = Int32(ids.count)
        reader.tags()
        partitions.append(partition)
    }
}
