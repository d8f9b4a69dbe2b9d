// ListOffsets (key 2): log start, log end, offset of a time. Source: Kafka's
// ListOffsetsRequest/Response.json (4.3 from v1, 3.9 for v0).

/// Asks a broker for offsets of the partitions it leads, or, with replica id -2, of every replica
/// it hosts: then timestamp -1 is that replica's own log end offset.
package struct ListOffsetsRequest: KafkaRequest {
    package static let apiKey: Int16 = 2
    package static let name = "ListOffsets"
    package static let effect = ApiEffect.reads
    package static let verb = "read offsets"
    package static let versions: ClosedRange<Int16> = 0...11
    package static let firstFlexible: Int16 = 6
    package typealias Response = ListOffsetsResponse

    /// A topic and the partitions wanted of it.
    package struct Topic: WireStruct {
        package var name = ""
        package var partitions: [Partition] = []

        package init() {}

        package init(name: String, partitions: [Partition] = []) {
            self.name = name
            self.partitions = partitions
        }

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.structs(&partitions)
            w.tags()
        }
    }

    /// One partition, and which offset of it.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        /// -1: do not check.
        package var currentLeaderEpoch: Int32 = -1
        /// Milliseconds, or -1 latest, -2 earliest, -3 of the newest time (v7), -4 earliest local
        /// (v8), -5 last tiered (v9).
        package var timestamp: Int64 = 0
        package var maxNumOffsets: Int32 = 1

        package init() {}

        package init(partitionIndex: Int32, timestamp: Int64) {
            self.partitionIndex = partitionIndex
            self.timestamp = timestamp
        }

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.int32(&currentLeaderEpoch, 4..., default: -1, ignorable: true)
            w.int64(&timestamp)
            w.int32(&maxNumOffsets, 0...0, default: 1, ignorable: true)
            w.tags()
        }
    }

    /// -1 a consumer; -2 a debugging client, which followers answer too.
    package var replicaID: Int32 = 0
    /// 0 read uncommitted, 1 read committed.
    package var isolationLevel: Int8 = 0
    package var topics: [Topic] = []
    /// How long the broker may wait for tiered storage.
    package var timeoutMs: Int32 = 0
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&replicaID)
        w.int8(&isolationLevel, 2...)
        w.structs(&topics)
        w.int32(&timeoutMs, 10..., ignorable: true)
        w.tags()
    }
}

/// Offsets, one per partition asked for.
package struct ListOffsetsResponse: KafkaResponse {
    /// One topic.
    package struct Topic: WireStruct {
        package var name = ""
        /// The partitions in v0, whose element is another; `partitions` is empty then.
        package var oldPartitions: [OldPartition] = []
        package var partitions: [Partition] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.structs(&oldPartitions, 0...0)
            w.structs(&partitions, 1...)
            w.tags()
        }
    }

    /// A partition of v0: offsets in descending order. A type of its own, so that `Partition` has
    /// no array in it and 600,000 of them are copied like numbers.
    package struct OldPartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var error = KafkaError.none
        package var offsets: [Int64] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.error(&error)
            w.longs(&offsets)
        }
    }

    /// The answer for one partition; trivially copyable.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var error = KafkaError.none
        package var timestamp: Int64 = -1
        /// -1 when there is none.
        package var offset: Int64 = -1
        package var leaderEpoch: Int32 = -1

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.error(&error)
            w.int64(&timestamp, 1..., default: -1)
            w.int64(&offset, 1..., default: -1)
            w.int32(&leaderEpoch, 4..., default: -1)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var topics: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs, 2..., ignorable: true)
        w.structs(&topics)
        w.tags()
    }
}
