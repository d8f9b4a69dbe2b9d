// AlterShareGroupOffsets (key 91, Kafka 4.1): where a share group without members is to begin to
// read, asked of its coordinator. Source: Kafka's AlterShareGroupOffsetsRequest/Response.json.

/// Sets the start offsets of one group.
package struct AlterShareGroupOffsetsRequest: KafkaRequest {
    package static let apiKey: Int16 = 91
    package static let name = "AlterShareGroupOffsets"
    package static let effect = ApiEffect.changes
    package static let verb = "set share group offsets"
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexible: Int16 = 0
    package typealias Response = AlterShareGroupOffsetsResponse

    /// A topic and its partitions.
    package struct Topic: WireStruct {
        package var topicName = ""
        package var partitions: [Partition] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&topicName)
            w.structs(&partitions)
            w.tags()
        }
    }

    /// One partition.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var startOffset: Int64 = 0

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.int64(&startOffset)
            w.tags()
        }
    }

    package var groupID = ""
    package var topics: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.string(&groupID)
        w.structs(&topics)
        w.tags()
    }
}

/// What became of each partition.
package struct AlterShareGroupOffsetsResponse: KafkaResponse {
    /// One topic.
    package struct Topic: WireStruct {
        package var topicName = ""
        package var topicID = KafkaUUID.zero
        package var partitions: [Partition] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&topicName)
            w.uuid(&topicID)
            w.structs(&partitions)
            w.tags()
        }
    }

    /// One partition.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var error = KafkaError.none
        package var errorMessage: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.error(&error)
            w.string(&errorMessage)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var error = KafkaError.none
    package var errorMessage: String?
    package var responses: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.error(&error)
        w.string(&errorMessage)
        w.structs(&responses)
        w.tags()
    }
}
