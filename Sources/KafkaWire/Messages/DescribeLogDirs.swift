// DescribeLogDirs (key 35): log directories of one broker and the replicas in them; each broker
// must be asked. Source: Kafka's DescribeLogDirsRequest/Response.json (4.3 from v1, 3.9 for v0).

/// Asks for the replicas of some topics; nil is all.
package struct DescribeLogDirsRequest: KafkaRequest {
    package static let apiKey: Int16 = 35
    package static let name = "DescribeLogDirs"
    package static let effect = ApiEffect.reads
    package static let verb = "read log directories"
    package static let versions: ClosedRange<Int16> = 0...5
    package static let firstFlexible: Int16 = 2
    package typealias Response = DescribeLogDirsResponse

    /// A topic and its partitions wanted.
    package struct Topic: WireStruct {
        package var topic = ""
        package var partitions = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&topic)
            w.ids(&partitions)
            w.tags()
        }
    }

    package var topics: [Topic]?
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.structs(&topics)
        w.tags()
    }
}

/// The log directories of the broker that answers.
package struct DescribeLogDirsResponse: KafkaResponse {
    /// One directory.
    package struct LogDir: WireStruct {
        package var error = KafkaError.none
        package var logDir = ""
        package var topics: [Topic] = []
        /// Of the volume; -1 when not reported.
        package var totalBytes: Int64 = -1
        /// Of the volume; -1 when not reported.
        package var usableBytes: Int64 = -1
        package var isCordoned = false

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            walkHead(&w)
            w.structs(&topics)
            walkTail(&w)
        }

        /// What comes before the topics.
        mutating func walkHead(_ w: inout some WireVisitor) {
            w.error(&error)
            w.string(&logDir)
        }

        /// What comes behind them.
        mutating func walkTail(_ w: inout some WireVisitor) {
            w.int64(&totalBytes, 4..., default: -1, ignorable: true)
            w.int64(&usableBytes, 4..., default: -1, ignorable: true)
            w.bool(&isCordoned, 5..., ignorable: true)
            w.tags()
        }
    }

    /// Replicas of one topic in a directory.
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

    /// One replica.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        /// Bytes of its segments.
        package var partitionSize: Int64 = 0
        /// Not the lag of a replica: 0 for a current one, and how far a future one is behind it.
        package var offsetLag: Int64 = 0
        /// True for the copy that is being moved to this directory.
        package var isFutureKey = false

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.int64(&partitionSize)
            w.int64(&offsetLag)
            w.bool(&isFutureKey)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var error = KafkaError.none
    package var results: [LogDir] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.error(&error, 3..., ignorable: true)
        w.structs(&results)
        w.tags()
    }
}
