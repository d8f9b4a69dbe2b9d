// Metadata (key 3): brokers, topics, partitions, leaders, ISR. Any broker answers from its cache.
// Source: Kafka's MetadataRequest/Response.json.

/// Asks for all topics (nil; v0: an empty list), some, or none (an empty list, v1+).
package struct MetadataRequest: KafkaRequest {
    package static let apiKey: Int16 = 3
    package static let name = "Metadata"
    package static let effect = ApiEffect.reads
    package static let verb = "read topics and brokers"
    package static let versions: ClosedRange<Int16> = 0...13
    package static let firstFlexible: Int16 = 9
    package typealias Response = MetadataResponse

    /// A topic by name, or by id with a nil name (v12+).
    package struct Topic: WireStruct {
        package var topicID = KafkaUUID.zero
        package var name: String?

        package init() {}

        package init(name: String) { self.name = name }

        package mutating func walk(_ w: inout some WireVisitor) {
            w.uuid(&topicID, 10..., ignorable: true)
            w.string(&name, nullable: 10...)
            w.tags()
        }
    }

    package var topics: [Topic]?
    /// Kafka's default is true, and true creates topics on brokers that allow it: v4+ can say no.
    package var allowAutoTopicCreation = true
    package var includeClusterAuthorizedOperations = false
    package var includeTopicAuthorizedOperations = false
    package var unknownTags = UnknownTags()

    package init() {}

    /// Asks without making topics, where the version can say so.
    /// - Parameter topics: by name; nil asks for all.
    package init(topics: [String]?, version: Int16) {
        allowAutoTopicCreation = version < 4
        // Version 0 has no null: an empty list means all topics there.
        self.topics = topics?.map { Topic(name: $0) } ?? (version == 0 ? [] : nil)
    }

    package mutating func walk(_ w: inout some WireVisitor) {
        w.structs(&topics, nullable: 1...)
        w.bool(&allowAutoTopicCreation, 4..., default: true)
        w.bool(&includeClusterAuthorizedOperations, 8...10)
        w.bool(&includeTopicAuthorizedOperations, 8...)
        w.tags()
    }
}

/// One broker's view of the cluster.
package struct MetadataResponse: KafkaResponse {
    /// A live broker with its address on the listener we came through.
    package struct Broker: WireStruct {
        package var nodeID: Int32 = 0
        package var host = ""
        package var port: Int32 = 0
        package var rack: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&nodeID)
            w.string(&host)
            w.int32(&port)
            w.string(&rack, 1..., ignorable: true)
            w.tags()
        }
    }

    /// One topic.
    package struct Topic: WireStruct {
        package var error = KafkaError.none
        /// Nil only when asked by an id nobody knows (v12+).
        package var name: String?
        package var topicID = KafkaUUID.zero
        package var isInternal = false
        package var partitions: [Partition] = []
        /// A bit field; `Int32.min` when not asked for.
        package var topicAuthorizedOperations = Int32.min

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            walkHead(&w)
            w.structs(&partitions)
            walkTail(&w)
        }

        /// What comes before the partitions.
        mutating func walkHead(_ w: inout some WireVisitor) {
            w.error(&error)
            w.string(&name, nullable: 12...)
            w.uuid(&topicID, 10..., ignorable: true)
            w.bool(&isInternal, 1..., ignorable: true)
        }

        /// What comes behind them.
        mutating func walkTail(_ w: inout some WireVisitor) {
            w.int32(&topicAuthorizedOperations, 8..., default: .min)
            w.tags()
        }
    }

    /// One partition: who leads it and who has it.
    package struct Partition: WireStruct {
        package var error = KafkaError.none
        package var partitionIndex: Int32 = 0
        /// -1 when there is none.
        package var leaderID: Int32 = 0
        package var leaderEpoch: Int32 = -1
        /// The first is the preferred leader.
        package var replicaNodes = IDList()
        package var isrNodes = IDList()
        package var offlineReplicas = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.error(&error)
            w.int32(&partitionIndex)
            w.int32(&leaderID)
            w.int32(&leaderEpoch, 7..., default: -1, ignorable: true)
            w.ids(&replicaNodes)
            w.ids(&isrNodes)
            w.ids(&offlineReplicas, 5..., ignorable: true)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var brokers: [Broker] = []
    package var clusterID: String?
    /// The controller in ZooKeeper mode; a random live broker in KRaft mode.
    package var controllerID: Int32 = -1
    package var topics: [Topic] = []
    package var clusterAuthorizedOperations = Int32.min
    package var error = KafkaError.none
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        walkHead(&w)
        w.structs(&topics)
        walkTail(&w)
    }

    /// What comes before the topics.
    mutating func walkHead(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs, 3..., ignorable: true)
        w.structs(&brokers)
        w.string(&clusterID, 2..., ignorable: true)
        w.int32(&controllerID, 1..., default: -1, ignorable: true)
    }

    /// What comes behind them.
    mutating func walkTail(_ w: inout some WireVisitor) {
        w.int32(&clusterAuthorizedOperations, 8...10, default: .min)
        w.error(&error, 13..., ignorable: true)
        w.tags()
    }
}
