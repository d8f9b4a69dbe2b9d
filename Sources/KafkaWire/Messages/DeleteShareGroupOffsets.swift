// DeleteShareGroupOffsets (key 92, Kafka 4.1): topics of which a share group without members is to
// know nothing any more, asked of its coordinator. Source: Kafka's
// DeleteShareGroupOffsetsRequest/Response.json.

/// Deletes the offsets of one group, by whole topics.
package struct DeleteShareGroupOffsetsRequest: KafkaRequest {
    package static let apiKey: Int16 = 92
    package static let name = "DeleteShareGroupOffsets"
    package static let effect = ApiEffect.changes
    package static let verb = "delete share group offsets"
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexible: Int16 = 0
    package typealias Response = DeleteShareGroupOffsetsResponse

    /// A topic.
    package struct Topic: WireStruct {
        package var topicName = ""

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&topicName)
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

/// What became of each topic.
package struct DeleteShareGroupOffsetsResponse: KafkaResponse {
    /// One topic.
    package struct Topic: WireStruct {
        package var topicName = ""
        package var topicID = KafkaUUID.zero
        package var error = KafkaError.none
        package var errorMessage: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&topicName)
            w.uuid(&topicID)
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
