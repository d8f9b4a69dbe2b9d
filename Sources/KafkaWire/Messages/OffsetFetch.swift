// OffsetFetch (key 9): committed offsets of groups, asked of their coordinator. Source: Kafka's
// OffsetFetchRequest/Response.json (4.3 from v1, 3.9 for v0).

/// Asks for the offsets of one group (`groupID` and `topics`, v0-7) or of many (`groups`, v8+). Nil
/// topics are all the group has committed (v2+).
package struct OffsetFetchRequest: KafkaRequest {
    package static let apiKey: Int16 = 9
    package static let name = "OffsetFetch"
    package static let effect = ApiEffect.reads
    package static let verb = "read committed offsets"
    package static let versions: ClosedRange<Int16> = 0...10
    package static let firstFlexible: Int16 = 6
    package typealias Response = OffsetFetchResponse

    /// One group (v8+).
    package struct Group: WireStruct {
        package var groupID = ""
        package var memberID: String?
        package var memberEpoch: Int32 = -1
        package var topics: [Topic]?

        package init() {}

        package init(groupID: String, topics: [Topic]? = nil) {
            self.groupID = groupID
            self.topics = topics
        }

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&groupID, 8...)
            w.string(&memberID, 9..., ignorable: true)
            w.int32(&memberEpoch, 9..., default: -1, ignorable: true)
            w.structs(&topics, 8...)
            w.tags()
        }
    }

    /// A topic: by name up to v9, by id from v10.
    package struct Topic: WireStruct {
        package var name = ""
        package var topicID = KafkaUUID.zero
        package var partitionIndexes = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name, 0...9, ignorable: true)
            w.uuid(&topicID, 10..., ignorable: true)
            w.ids(&partitionIndexes)
            w.tags()
        }
    }

    package var groupID = ""
    package var topics: [Topic]?
    package var groups: [Group] = []
    /// Refuse to answer while transactions are open.
    package var requireStable = false
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.string(&groupID, 0...7)
        w.structs(&topics, 0...7, nullable: 2...7)
        w.structs(&groups, 8...)
        w.bool(&requireStable, 7...)
        w.tags()
    }
}

/// Committed offsets: `topics` in v0-7, `groups` from v8.
package struct OffsetFetchResponse: KafkaResponse {
    /// One group (v8+).
    package struct Group: WireStruct {
        package var groupID = ""
        package var topics: [Topic] = []
        package var error = KafkaError.none

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&groupID, 8...)
            w.structs(&topics, 8...)
            w.error(&error, 8...)
            w.tags()
        }
    }

    /// A topic: by name up to v9, by id from v10.
    package struct Topic: WireStruct {
        package var name = ""
        package var topicID = KafkaUUID.zero
        package var partitions: [Partition] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name, 0...9, ignorable: true)
            w.uuid(&topicID, 10..., ignorable: true)
            w.structs(&partitions)
            w.tags()
        }
    }

    /// A partition.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        /// -1 when nothing is committed.
        package var committedOffset: Int64 = 0
        package var committedLeaderEpoch: Int32 = -1
        package var metadata: String?
        package var error = KafkaError.none

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.int64(&committedOffset)
            w.int32(&committedLeaderEpoch, 5..., default: -1, ignorable: true)
            w.string(&metadata)
            w.error(&error)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var topics: [Topic] = []
    package var error = KafkaError.none
    package var groups: [Group] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs, 3..., ignorable: true)
        w.structs(&topics, 0...7)
        w.error(&error, 2...7, ignorable: true)
        w.structs(&groups, 8...)
        w.tags()
    }
}
