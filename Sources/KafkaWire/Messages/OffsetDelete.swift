// OffsetDelete (key 47): committed offsets of a group that are to be absent again. Asked of the
// coordinator. Source: Kafka's OffsetDeleteRequest/Response.json.

/// Deletes committed offsets of one group. Never flexible.
package struct OffsetDeleteRequest: KafkaRequest {
    package static let apiKey: Int16 = 47
    package static let name = "OffsetDelete"
    package static let effect = ApiEffect.changes
    package static let verb = "delete committed offsets"
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexible: Int16 = Limits.neverFlexible
    package typealias Response = OffsetDeleteResponse

    /// A topic and its partitions.
    package struct Topic: WireStruct {
        package var name = ""
        package var partitions = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            // Structs of one number without tags: the same bytes as a list of numbers.
            w.ids(&partitions)
        }
    }

    package var groupID = ""
    package var topics: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.string(&groupID)
        w.structs(&topics)
    }
}

/// What became of each; the error of the whole stands before the throttle time.
package struct OffsetDeleteResponse: KafkaResponse {
    /// One topic.
    package struct Topic: WireStruct {
        package var name = ""
        package var partitions: [Partition] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.structs(&partitions)
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
        }
    }

    package var error = KafkaError.none
    package var throttleTimeMs: Int32 = 0
    package var topics: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.error(&error)
        w.int32(&throttleTimeMs)
        w.structs(&topics)
    }
}
