// AlterReplicaLogDirs (key 34): moves replicas between the log directories of the broker asked.
// Source: Kafka's AlterReplicaLogDirsRequest/Response.json.

/// Asks a broker to have replicas in other directories.
package struct AlterReplicaLogDirsRequest: KafkaRequest {
    package static let apiKey: Int16 = 34
    package static let name = "AlterReplicaLogDirs"
    package static let effect = ApiEffect.changes
    package static let verb = "move replicas between log directories"
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexible: Int16 = 2
    package typealias Response = AlterReplicaLogDirsResponse

    /// A directory and what is to be in it.
    package struct LogDir: WireStruct {
        package var path = ""
        package var topics: [Topic] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&path)
            w.structs(&topics)
            w.tags()
        }
    }

    /// Partitions of one topic.
    package struct Topic: WireStruct {
        package var name = ""
        package var partitions = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.ids(&partitions)
            w.tags()
        }
    }

    package var dirs: [LogDir] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.structs(&dirs)
        w.tags()
    }
}

/// What became of each move: accepted, not finished.
package struct AlterReplicaLogDirsResponse: KafkaResponse {
    /// Partitions of one topic.
    package struct Topic: WireStruct {
        package var topicName = ""
        package var partitions: [Partition] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&topicName)
            w.structs(&partitions)
            w.tags()
        }
    }

    /// One replica.
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
    package var results: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.structs(&results)
        w.tags()
    }
}
