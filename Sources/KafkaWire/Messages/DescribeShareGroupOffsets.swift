// DescribeShareGroupOffsets (key 90): where share groups begin to read, asked of their coordinator.
// Source: Kafka's DescribeShareGroupOffsetsRequest/Response.json.

/// Asks for the start offsets of groups.
package struct DescribeShareGroupOffsetsRequest: KafkaRequest {
    package static let apiKey: Int16 = 90
    package static let name = "DescribeShareGroupOffsets"
    package static let effect = ApiEffect.reads
    package static let verb = "read share group offsets"
    package static let versions: ClosedRange<Int16> = 0...1
    package static let firstFlexible: Int16 = 0
    package typealias Response = DescribeShareGroupOffsetsResponse

    /// A group and its topics.
    package struct Group: WireStruct {
        package var groupID = ""
        /// Nil is all.
        package var topics: [Topic]?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&groupID)
            w.structs(&topics)
            w.tags()
        }
    }

    /// Partitions of one topic.
    package struct Topic: WireStruct {
        package var topicName = ""
        package var partitions = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&topicName)
            w.ids(&partitions)
            w.tags()
        }
    }

    package var groups: [Group] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.structs(&groups)
        w.tags()
    }
}

/// The start offsets of each group.
package struct DescribeShareGroupOffsetsResponse: KafkaResponse {
    /// One group.
    package struct Group: WireStruct {
        package var groupID = ""
        package var topics: [Topic] = []
        package var error = KafkaError.none
        package var errorMessage: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&groupID)
            w.structs(&topics)
            w.error(&error)
            w.string(&errorMessage)
            w.tags()
        }
    }

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
        /// The first record not yet done with; -1 for none.
        package var startOffset: Int64 = 0
        package var leaderEpoch: Int32 = 0
        /// Records from there to the end; -1 when not known.
        package var lag: Int64 = -1
        package var error = KafkaError.none
        package var errorMessage: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.int64(&startOffset)
            w.int32(&leaderEpoch)
            w.int64(&lag, 1..., default: -1, ignorable: true)
            w.error(&error)
            w.string(&errorMessage)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var groups: [Group] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.structs(&groups)
        w.tags()
    }
}
