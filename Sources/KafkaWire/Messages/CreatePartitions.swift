// CreatePartitions (key 37): more partitions for topics. Asked of the controller (any broker in
// KRaft mode). Source: Kafka's CreatePartitionsRequest/Response.json.

/// Adds partitions, or with `validateOnly` says whether they would be.
package struct CreatePartitionsRequest: KafkaRequest {
    package static let apiKey: Int16 = 37
    package static let name = "CreatePartitions"
    package static let effect = ApiEffect.changes
    package static let verb = "add partitions"
    package static let versions: ClosedRange<Int16> = 0...3
    package static let firstFlexible: Int16 = 2
    package typealias Response = CreatePartitionsResponse

    /// One topic.
    package struct Topic: WireStruct {
        package var name = ""
        /// How many it has then.
        package var count: Int32 = 0
        /// Of the new partitions only; nil: the controller places them.
        package var assignments: [Assignment]?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.int32(&count)
            w.structs(&assignments)
            w.tags()
        }
    }

    /// The brokers of one new partition, the preferred leader first.
    package struct Assignment: WireStruct {
        package var brokerIDs = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.ids(&brokerIDs)
            w.tags()
        }
    }

    package var topics: [Topic] = []
    package var timeoutMs: Int32 = 60000
    package var validateOnly = false
    package var unknownTags = UnknownTags()

    package var isTrial: Bool { validateOnly }

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.structs(&topics)
        w.int32(&timeoutMs)
        w.bool(&validateOnly)
        w.tags()
    }
}

/// What became of each topic.
package struct CreatePartitionsResponse: KafkaResponse {
    /// One topic.
    package struct Result: WireStruct {
        package var name = ""
        package var error = KafkaError.none
        package var errorMessage: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.error(&error)
            w.string(&errorMessage)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var results: [Result] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.structs(&results)
        w.tags()
    }
}
