// DeleteTopics (key 20): topics with all their records. Asked of the controller (any broker in
// KRaft mode). Source: Kafka's DeleteTopicsRequest/Response.json.

/// Deletes topics by name (`topicNames`, v1-5) or by name or id (`topics`, v6+).
package struct DeleteTopicsRequest: KafkaRequest {
    package static let apiKey: Int16 = 20
    package static let name = "DeleteTopics"
    package static let effect = ApiEffect.changes
    package static let verb = "delete topics"
    package static let versions: ClosedRange<Int16> = 1...6
    package static let firstFlexible: Int16 = 4
    package typealias Response = DeleteTopicsResponse

    /// One topic: a name and the zero id, or an id and no name.
    package struct Topic: WireStruct {
        package var name: String?
        package var topicID = KafkaUUID.zero

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.uuid(&topicID)
            w.tags()
        }
    }

    package var topics: [Topic] = []
    package var topicNames: [String] = []
    package var timeoutMs: Int32 = 60000
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.structs(&topics, 6...)
        w.strings(&topicNames, 0...5)
        w.int32(&timeoutMs)
        w.tags()
    }
}

/// What became of each topic.
package struct DeleteTopicsResponse: KafkaResponse {
    /// One topic.
    package struct Result: WireStruct {
        package var name: String?
        package var topicID = KafkaUUID.zero
        package var error = KafkaError.none
        package var errorMessage: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name, nullable: 6...)
            w.uuid(&topicID, 6..., ignorable: true)
            w.error(&error)
            w.string(&errorMessage, 5..., ignorable: true)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var responses: [Result] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.structs(&responses)
        w.tags()
    }
}
