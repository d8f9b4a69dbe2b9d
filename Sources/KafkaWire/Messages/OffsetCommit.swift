// OffsetCommit (key 8): offsets that a group has read up to, as its members or, while it has none,
// an administrator sets them. Asked of the coordinator. Source: Kafka's
// OffsetCommitRequest/Response.json.

/// Commits offsets of one group. Version 10, whose topics are ids, is not offered.
package struct OffsetCommitRequest: KafkaRequest {
    package static let apiKey: Int16 = 8
    package static let name = "OffsetCommit"
    package static let effect = ApiEffect.changes
    package static let verb = "commit offsets"
    package static let versions: ClosedRange<Int16> = 2...9
    package static let firstFlexible: Int16 = 8
    package typealias Response = OffsetCommitResponse

    /// A topic and what is committed of it.
    package struct Topic: WireStruct {
        package var name = ""
        package var partitions: [Partition] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.structs(&partitions)
            w.tags()
        }
    }

    /// One partition.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var committedOffset: Int64 = 0
        /// Of the last record read; -1 unknown.
        package var committedLeaderEpoch: Int32 = -1
        package var committedMetadata: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.int64(&committedOffset)
            w.int32(&committedLeaderEpoch, 6..., default: -1, ignorable: true)
            w.string(&committedMetadata)
            w.tags()
        }
    }

    package var groupID = ""
    /// -1 with an empty member id: an administrator, taken only while the group has no members.
    package var generationID: Int32 = -1
    package var memberID = ""
    package var groupInstanceID: String?
    /// -1: as long as the broker keeps offsets.
    package var retentionTimeMs: Int64 = -1
    package var topics: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.string(&groupID)
        w.int32(&generationID)
        w.string(&memberID)
        w.string(&groupInstanceID, 7...)
        w.int64(&retentionTimeMs, 2...4, default: -1, ignorable: true)
        w.structs(&topics)
        w.tags()
    }
}

/// What became of each commit.
package struct OffsetCommitResponse: KafkaResponse {
    /// One topic.
    package struct Topic: WireStruct {
        package var name = ""
        package var partitions: [Partition] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.structs(&partitions)
            w.tags()
        }
    }

    /// One partition.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var error = KafkaError.none

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.error(&error)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var topics: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs, 3..., ignorable: true)
        w.structs(&topics)
        w.tags()
    }
}
