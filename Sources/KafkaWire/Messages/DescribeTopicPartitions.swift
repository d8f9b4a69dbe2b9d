// DescribeTopicPartitions (key 75): partitions of topics in pages, with eligible leader replicas.
// KRaft brokers since 3.8. Source: Kafka's DescribeTopicPartitionsRequest/Response.json.

/// Asks for the partitions of topics, ascending by name; an empty list is all topics.
package struct DescribeTopicPartitionsRequest: KafkaRequest {
    package static let apiKey: Int16 = 75
    package static let name = "DescribeTopicPartitions"
    package static let effect = ApiEffect.reads
    package static let verb = "read topic partitions"
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexible: Int16 = 0
    package typealias Response = DescribeTopicPartitionsResponse

    /// A topic by name.
    package struct Topic: WireStruct {
        package var name = ""

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.tags()
        }
    }

    /// Where the next page begins.
    package struct Cursor: WireStruct {
        package var topicName = ""
        package var partitionIndex: Int32 = 0

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&topicName)
            w.int32(&partitionIndex)
            w.tags()
        }
    }

    package var topics: [Topic] = []
    /// Most partitions wanted in one answer.
    package var responsePartitionLimit: Int32 = 2000
    /// Where to go on; nil is the beginning.
    package var cursor: Cursor?
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.structs(&topics)
        w.int32(&responsePartitionLimit)
        w.structure(&cursor)
        w.tags()
    }
}

/// One page of partitions.
package struct DescribeTopicPartitionsResponse: KafkaResponse {
    /// One topic.
    package struct Topic: WireStruct {
        package var error = KafkaError.none
        package var name: String?
        package var topicID = KafkaUUID.zero
        package var isInternal = false
        package var partitions: [Partition] = []
        /// A bit field; `Int32.min` when not asked for.
        package var topicAuthorizedOperations = Int32.min

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.error(&error)
            w.string(&name)
            w.uuid(&topicID)
            w.bool(&isInternal)
            w.structs(&partitions)
            w.int32(&topicAuthorizedOperations)
            w.tags()
        }
    }

    /// One partition.
    package struct Partition: WireStruct {
        package var error = KafkaError.none
        package var partitionIndex: Int32 = 0
        /// -1 while nobody leads.
        package var leaderID: Int32 = 0
        package var leaderEpoch: Int32 = -1
        package var replicaNodes = IDList()
        package var isrNodes = IDList()
        /// Not in sync and still safe to elect; nil on releases without them.
        package var eligibleLeaderReplicas: IDList?
        /// Eligible before an unclean shutdown.
        package var lastKnownELR: IDList?
        package var offlineReplicas = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.error(&error)
            w.int32(&partitionIndex)
            w.int32(&leaderID)
            w.int32(&leaderEpoch)
            w.ids(&replicaNodes)
            w.ids(&isrNodes)
            w.ids(&eligibleLeaderReplicas)
            w.ids(&lastKnownELR)
            w.ids(&offlineReplicas)
            w.tags()
        }
    }

    /// Where the next page begins.
    package struct Cursor: WireStruct {
        package var topicName = ""
        package var partitionIndex: Int32 = 0

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&topicName)
            w.int32(&partitionIndex)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var topics: [Topic] = []
    /// Nil when this page is the last.
    package var nextCursor: Cursor?
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.structs(&topics)
        w.structure(&nextCursor)
        w.tags()
    }
}
