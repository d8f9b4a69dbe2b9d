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

    /// A topic in v0-7.
    package struct Topic: WireStruct {
        package var name = ""
        package var partitionIndexes = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name, 0...7)
            w.ids(&partitionIndexes, 0...7)
            w.tags()
        }
    }

    /// One group (v8+).
    package struct Group: WireStruct {
        package var groupID = ""
        package var memberID: String?
        package var memberEpoch: Int32 = -1
        package var topics: [GroupTopic]?

        package init() {}

        package init(groupID: String, topics: [GroupTopic]? = nil) {
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

    /// A topic of a group (v8+): by name up to v9, by id from v10.
    package struct GroupTopic: WireStruct {
        package var name = ""
        package var topicID = KafkaUUID.zero
        package var partitionIndexes = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name, 8...9, ignorable: true)
            w.uuid(&topicID, 10..., ignorable: true)
            w.ids(&partitionIndexes, 8...)
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

    package mutating func read(_ reader: inout WireReader) { walk(&reader) }
    package mutating func write(_ writer: inout WireWriter) { walk(&writer) }
}

/// Committed offsets: `topics` in v0-7, `groups` from v8.
package struct OffsetFetchResponse: KafkaResponse {
    /// A topic in v0-7.
    package struct Topic: WireStruct {
        package var name = ""
        package var partitions: [Partition] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name, 0...7)
            w.structs(&partitions, 0...7)
            w.tags()
        }
    }

    /// A partition in v0-7.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        /// -1 when nothing is committed.
        package var committedOffset: Int64 = 0
        package var committedLeaderEpoch: Int32 = -1
        package var metadata: String?
        package var error = KafkaError.none

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex, 0...7)
            w.int64(&committedOffset, 0...7)
            w.int32(&committedLeaderEpoch, 5...7, default: -1, ignorable: true)
            w.string(&metadata, 0...7)
            w.error(&error, 0...7)
            w.tags()
        }
    }

    /// One group (v8+).
    package struct Group: WireStruct {
        package var groupID = ""
        package var topics: [GroupTopic] = []
        package var error = KafkaError.none

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&groupID, 8...)
            w.structs(&topics, 8...)
            w.error(&error, 8...)
            w.tags()
        }
    }

    /// A topic of a group (v8+): by name up to v9, by id from v10.
    package struct GroupTopic: WireStruct {
        package var name = ""
        package var topicID = KafkaUUID.zero
        package var partitions: [GroupPartition] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name, 8...9, ignorable: true)
            w.uuid(&topicID, 10..., ignorable: true)
            w.structs(&partitions, 8...)
            w.tags()
        }
    }

    /// A partition of a group (v8+).
    package struct GroupPartition: WireStruct {
        package var partitionIndex: Int32 = 0
        /// -1 when nothing is committed.
        package var committedOffset: Int64 = 0
        package var committedLeaderEpoch: Int32 = -1
        package var metadata: String?
        package var error = KafkaError.none

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex, 8...)
            w.int64(&committedOffset, 8...)
            w.int32(&committedLeaderEpoch, 8..., default: -1, ignorable: true)
            w.string(&metadata, 8...)
            w.error(&error, 8...)
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

    package mutating func read(_ reader: inout WireReader) { walk(&reader) }
    package mutating func write(_ writer: inout WireWriter) { walk(&writer) }
}
