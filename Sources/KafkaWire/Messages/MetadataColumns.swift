// Metadata (key 3) in columns: the same bytes as `MetadataResponse`, without an allocation a topic:
// a large cluster has a hundred thousand of them, and its answer is what the first rows wait for.

/// Asks as `MetadataRequest` does, and reads the answer in columns.
package typealias MetadataColumnsRequest = InColumns<MetadataRequest, MetadataColumns>

/// One broker's view of the cluster.
package struct MetadataColumns: ClientResponse {
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

    /// The rows of `partitions` that are of one topic.
    package func rows(of topic: Int) -> Range<Int> {
        firsts.rows(of: topic, of: partitions.count)
    }

    // MARK: Order

    /// Places of topics that have a name, ascending by it, each name once.
    package func placesByName() -> [Int] {
        var places: [Int] = []
        places.reserveCapacity(topics.count)
        var isAscending = true
        var last: String?
        for (place, topic) in topics.enumerated() {
            guard let name = topic.name else { continue }
            if let last, last >= name { isAscending = false }
            last = name
            places.append(place)
        }
        if isAscending { return places }
        places.sort { (topics[$0].name ?? "", $0) < (topics[$1].name ?? "", $1) }
        var kept = 0
        for place in places where kept == 0 || topics[place].name != topics[places[kept - 1]].name {
            places[kept] = place
            kept += 1
        }
        return Array(places[..<kept])
    }

    /// The same facts with each topic's partitions ascending by number, and every broker once among
    /// a partition's replicas. This is how brokers answer, and then nothing is copied.
    package func ordered() -> MetadataColumns {
        if topics.indices.allSatisfy(isOrdered) { return self }
        var answer = self
        (answer.partitions, answer.ids, answer.firsts) = ([], [], RowStarts())
        for topic in topics.indices {
            answer.firsts.begin(at: answer.partitions.count)
            let sorted = partitions[rows(of: topic)].sorted {
                $0.partitionIndex < $1.partitionIndex
            }
            var last: Int32 = -1
            for partition in sorted where partition.partitionIndex > last {
                last = partition.partitionIndex
                answer.append(partition, of: ids)
            }
        }
        return answer
    }

    private func isOrdered(_ topic: Int) -> Bool {
        var last: Int32 = -1
        for row in rows(of: topic) {
            guard partitions[row].partitionIndex > last else { return false }
            last = partitions[row].partitionIndex
            for place in partitions[row].replicas
            where ids[place] < 0
                || holds(ids[place], partitions[row].replicas.lowerBound..<place)
            {
                return false
            }
        }
        return true
    }

    /// Whether a broker is named at one of these places of `ids`.
    @inline(__always)
    package func holds(_ id: Int32, _ places: Range<Int>) -> Bool {
        // Written out: a slice would be counted for each of a million ids.
        for place in places where ids[place] == id { return true }
        return false
    }

    private mutating func append(_ other: Partition, of otherIDs: [Int32]) {
        var partition = other
        partition.firstID = Int32(ids.count)
        var seen = IDList()
        for id in otherIDs[other.replicas] where id >= 0 && !seen.contains(id) { seen.append(id) }
        ids += seen
        partition.isrFirst = Int32(ids.count)
        ids += otherIDs[other.isr]
        partition.offlineFirst = Int32(ids.count)
        ids += otherIDs[other.offline]
        partition.endID = Int32(ids.count)
        partitions.append(partition)
    }

    // MARK: Reading

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
