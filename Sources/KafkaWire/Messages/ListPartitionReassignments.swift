// ListPartitionReassignments (key 46): moves in flight, asked of the controller (any broker in
// KRaft mode). Source: Kafka's ListPartitionReassignmentsRequest/Response.json.

/// Asks for the moves of some topics; nil is all.
package struct ListPartitionReassignmentsRequest: KafkaRequest {
    package static let apiKey: Int16 = 46
    package static let name = "ListPartitionReassignments"
    package static let effect = ApiEffect.reads
    package static let verb = "list reassignments"
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexible: Int16 = 0
    package typealias Response = ListPartitionReassignmentsResponse

    /// A topic and its partitions wanted.
    package struct Topic: WireStruct {
        package var name = ""
        package var partitionIndexes = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.ids(&partitionIndexes)
            w.tags()
        }
    }

    package var timeoutMs: Int32 = 60000
    package var topics: [Topic]?
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&timeoutMs)
        w.structs(&topics)
        w.tags()
    }
}

/// The moves in flight.
package struct ListPartitionReassignmentsResponse: KafkaResponse {
    /// Moves of one topic.
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

    /// One move: the replicas now, with those on the way in and out.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var replicas = IDList()
        package var addingReplicas = IDList()
        package var removingReplicas = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.ids(&replicas)
            w.ids(&addingReplicas)
            w.ids(&removingReplicas)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var error = KafkaError.none
    package var errorMessage: String?
    package var topics: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.error(&error)
        w.string(&errorMessage)
        w.structs(&topics)
        w.tags()
    }
}
