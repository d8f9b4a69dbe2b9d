// The answers a cluster of the largest size would give, as bytes of the wire.
import ClusterModel
import KafkaWire
import Polling

/// Versions that Kafka 4.x answers in.
enum Answers {
    static let metadataVersion: Int16 = 13
    static let offsetsVersion: Int16 = 10

    /// All topics, 20 partitions each, on three brokers each.
    static func metadata() -> MetadataResponse {
        var answer = MetadataResponse()
        for id in 1...Int32(Size.brokers) {
            var broker = MetadataResponse.Broker()
            broker.nodeID = id
            broker.host = "kafka-\(id).prod.example.com"
            broker.port = 9092
            broker.rack = "eu-1\(["a", "b", "c"][Int(id) % 3])"
            answer.brokers.append(broker)
        }
        answer.clusterID = "Qb1Uyz6WTvO3h6FQhNNCmA"
        answer.topics = (0..<Size.topics).map(topic)
        return answer
    }

    /// The same as a client reads it.
    static func metadataColumns() throws -> MetadataColumns {
        try decodeResponse(
            MetadataColumnsRequest.self, version: metadataVersion,
            bytes: body(MetadataRequest.self, metadata(), metadataVersion))
    }

    private static func topic(_ index: Int) -> MetadataResponse.Topic {
        var topic = MetadataResponse.Topic()
        // As long as names are: no short string without an allocation of its own.
        topic.name = "team-\(100 + index % 97).events.v1.\(100_000 + index)"
        topic.topicID = KafkaUUID(high: 7, low: UInt64(index) + 1)
        for number in 0..<Size.partitionsPerTopic {
            var partition = MetadataResponse.Partition()
            partition.partitionIndex = Int32(number)
            let first = index * 7 + number
            let brokers = (0..<Int(Size.replicas)).map {
                Int32((first + $0) % Size.brokers + 1)
            }
            partition.leaderID = brokers[0]
            partition.leaderEpoch = 5
            partition.replicaNodes = IDList(brokers)
            partition.isrNodes = IDList(brokers)
            topic.partitions.append(partition)
        }
        return topic
    }

    /// The body of an answer, as the connection hands it over: no size, no correlation id.
    static func body<R: KafkaRequest>(
        _ type: R.Type, _ answer: R.Response, _ version: Int16
    ) throws -> [UInt8] {
        let head = 2 * MemoryLayout<Int32>.size
        let frame = try encodeResponse(type, answer, version: version, correlationID: 1)
        return Array(frame.dropFirst(head))
    }

    /// What a broker answers to a question for the ends of its replicas; each has grown to `end`.
    static func logEnds(_ request: ListOffsetsRequest, end: Int64) -> ListOffsetsResponse {
        var answer = ListOffsetsResponse()
        answer.topics = request.topics.map { asked in
            var topic = ListOffsetsResponse.Topic()
            topic.name = asked.name
            topic.partitions = asked.partitions.map { asked in
                var partition = ListOffsetsResponse.Partition()
                partition.partitionIndex = asked.partitionIndex
                partition.offset = end + Int64(asked.partitionIndex)
                partition.leaderEpoch = 5
                return partition
            }
            return topic
        }
        return answer
    }
}

/// The answers of all brokers to one sweep over all replicas.
struct Sweep {
    var brokers: [BrokerID]
    var requests: [ListOffsetsColumns]
    var bodies: [[UInt8]]
    /// Topics in all answers together: each is a name and an array.
    var topicCount = 0

    init(_ fold: AnswerFold, end: Int64) throws {
        brokers = fold.cluster.brokers.map(\.id)
        requests = brokers.map(fold.logEndRequest)
        bodies = []
        for request in requests {
            let frame = try encodeRequest(
                request, version: Answers.offsetsVersion, correlationID: 1, clientID: nil)
            let (_, asked) = try frame.dropFirst(4).withUnsafeBytes {
                try decodeRequest(ListOffsetsRequest.self, frame: $0)
            }
            let answer = Answers.logEnds(asked, end: end)
            topicCount += answer.topics.count
            bodies.append(
                try Answers.body(ListOffsetsRequest.self, answer, Answers.offsetsVersion))
        }
    }

    func decode(_ index: Int) throws -> OffsetColumns {
        try decodeResponse(
            ListOffsetsColumns.self, version: Answers.offsetsVersion, bytes: bodies[index])
    }
}
