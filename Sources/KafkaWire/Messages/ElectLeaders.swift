// ElectLeaders (key 43): leadership back to the preferred replica, or to any live one. Asked of the
// controller (any broker in KRaft mode). Source: Kafka's ElectLeadersRequest/Response.json.

/// Asks for elections; without partitions for all that need one.
package struct ElectLeadersRequest: KafkaRequest {
    package static let apiKey: Int16 = 43
    package static let name = "ElectLeaders"
    package static let effect = ApiEffect.changes
    package static let verb = "elect leaders"
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexible: Int16 = 2
    package typealias Response = ElectLeadersResponse

    /// Partitions of one topic.
    package struct TopicPartitions: WireStruct {
        package var topic = ""
        package var partitions = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&topic)
            w.ids(&partitions)
            w.tags()
        }
    }

    /// 0 preferred, 1 unclean: any live replica, records may be lost.
    package var electionType: Int8 = 0
    /// Nil is all; the answer then lists only those that changed.
    package var topicPartitions: [TopicPartitions]?
    package var timeoutMs: Int32 = 60000
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int8(&electionType, 1...)
        w.structs(&topicPartitions)
        w.int32(&timeoutMs)
        w.tags()
    }
}

/// What became of each election.
package struct ElectLeadersResponse: KafkaResponse {
    /// Elections of one topic.
    package struct Result: WireStruct {
        package var topic = ""
        package var partitions: [PartitionResult] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&topic)
            w.structs(&partitions)
            w.tags()
        }
    }

    /// One election.
    package struct PartitionResult: WireStruct {
        package var partitionID: Int32 = 0
        package var error = KafkaError.none
        package var errorMessage: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionID)
            w.error(&error)
            w.string(&errorMessage)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var error = KafkaError.none
    package var results: [Result] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.error(&error, 1...)
        w.structs(&results)
        w.tags()
    }
}
