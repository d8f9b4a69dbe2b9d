// DescribeQuorum (key 55): the KRaft quorum. Brokers forward it to the active controller. Source:
// Kafka's DescribeQuorumRequest/Response.json.

/// Asks for the quorum of `__cluster_metadata` partition 0.
package struct DescribeQuorumRequest: KafkaRequest {
    package static let apiKey: Int16 = 55
    package static let name = "DescribeQuorum"
    package static let effect = ApiEffect.reads
    package static let verb = "read the quorum"
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexible: Int16 = 0
    package typealias Response = DescribeQuorumResponse

    /// A topic by name.
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

    /// A partition by index.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.tags()
        }
    }

    package var topics: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.structs(&topics)
        w.tags()
    }
}

/// The quorum as its leader sees it; brokers are observers.
package struct DescribeQuorumResponse: KafkaResponse {
    /// A topic by name.
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

    /// The state of one quorum.
    package struct Partition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var error = KafkaError.none
        package var errorMessage: String?
        package var leaderID: Int32 = 0
        package var leaderEpoch: Int32 = 0
        package var highWatermark: Int64 = 0
        package var currentVoters: [Replica] = []
        package var observers: [Replica] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.error(&error)
            w.string(&errorMessage, 2..., ignorable: true)
            w.int32(&leaderID)
            w.int32(&leaderEpoch)
            w.int64(&highWatermark)
            w.structs(&currentVoters)
            w.structs(&observers)
            w.tags()
        }
    }

    /// A voter or an observer. Times are -1 when unknown, offsets too.
    package struct Replica: WireStruct {
        package var replicaID: Int32 = 0
        package var replicaDirectoryID = KafkaUUID.zero
        package var logEndOffset: Int64 = 0
        package var lastFetchTimestamp: Int64 = -1
        package var lastCaughtUpTimestamp: Int64 = -1

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&replicaID)
            w.uuid(&replicaDirectoryID, 2...)
            w.int64(&logEndOffset)
            w.int64(&lastFetchTimestamp, 1..., default: -1, ignorable: true)
            w.int64(&lastCaughtUpTimestamp, 1..., default: -1, ignorable: true)
            w.tags()
        }
    }

    /// A controller with its addresses (v2).
    package struct Node: WireStruct {
        package var nodeID: Int32 = 0
        package var listeners: [Listener] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&nodeID, 2...)
            w.structs(&listeners, 2...)
            w.tags()
        }
    }

    /// One address.
    package struct Listener: WireStruct {
        package var name = ""
        package var host = ""
        package var port: UInt16 = 0

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name, 2...)
            w.string(&host, 2...)
            w.uint16(&port, 2...)
            w.tags()
        }
    }

    package var error = KafkaError.none
    package var errorMessage: String?
    package var topics: [Topic] = []
    package var nodes: [Node] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.error(&error)
        w.string(&errorMessage, 2..., ignorable: true)
        w.structs(&topics)
        w.structs(&nodes, 2...)
        w.tags()
    }

    /// This answer carries no throttle time.
    package var throttleTimeMs: Int32 { 0 }
}
