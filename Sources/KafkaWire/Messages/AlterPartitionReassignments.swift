// AlterPartitionReassignments (key 45): begins, replaces and cancels moves. Asked of the controller
// (any broker in KRaft mode). Source: Kafka's AlterPartitionReassignmentsRequest/Response.json.

/// Asks for partitions to be on other brokers.
package struct AlterPartitionReassignmentsRequest: KafkaRequest {
    package static let apiKey: Int16 = 45
    package static let name = "AlterPartitionReassignments"
    package static let effect = ApiEffect.changes
    package static let verb = "change reassignments"
    package static let versions: ClosedRange<Int16> = 0...1
    package static let firstFlexible: Int16 = 0
    package typealias Response = AlterPartitionReassignmentsResponse

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

    /// One move.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        /// The replicas in the end, the preferred leader first; nil cancels the move under way.
        package var replicas: IDList?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.ids(&replicas)
            w.tags()
        }
    }

    package var timeoutMs: Int32 = 60000
    /// False: a list of another length is refused.
    package var allowReplicationFactorChange = true
    package var topics: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&timeoutMs)
        w.bool(&allowReplicationFactorChange, 1..., default: true)
        w.structs(&topics)
        w.tags()
    }
}

/// What became of each move.
package struct AlterPartitionReassignmentsResponse: KafkaResponse {
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

    /// One move: accepted, not finished.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var error = KafkaError.none
        package var errorMessage: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.error(&error)
            w.string(&errorMessage)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var allowReplicationFactorChange = true
    package var error = KafkaError.none
    package var errorMessage: String?
    package var topics: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.bool(&allowReplicationFactorChange, 1..., default: true, ignorable: true)
        w.error(&error)
        w.string(&errorMessage)
        w.structs(&topics)
        w.tags()
    }
}
