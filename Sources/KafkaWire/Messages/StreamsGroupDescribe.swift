// StreamsGroupDescribe (key 89): topology, state and members of streams groups (KIP-1071), asked of
// their coordinator. Source: Kafka's StreamsGroupDescribeRequest/Response.json.

/// Asks for groups by id.
package struct StreamsGroupDescribeRequest: KafkaRequest {
    package static let apiKey: Int16 = 89
    package static let name = "StreamsGroupDescribe"
    package static let effect = ApiEffect.reads
    package static let verb = "read streams groups"
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexible: Int16 = 0
    package typealias Response = StreamsGroupDescribeResponse

    package var groupIDs: [String] = []
    package var includeAuthorizedOperations = false
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.strings(&groupIDs)
        w.bool(&includeAuthorizedOperations)
        w.tags()
    }
}

/// The groups asked for.
package struct StreamsGroupDescribeResponse: KafkaResponse {
    /// One group.
    package struct Group: WireStruct {
        package var error = KafkaError.none
        package var errorMessage: String?
        package var groupID = ""
        package var groupState = ""
        package var groupEpoch: Int32 = 0
        package var assignmentEpoch: Int32 = 0
        /// Nil until a member has reported it.
        package var topology: Topology?
        package var members: [Member] = []
        /// A bit field; `Int32.min` when not asked for.
        package var authorizedOperations = Int32.min

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.error(&error)
            w.string(&errorMessage)
            w.string(&groupID)
            w.string(&groupState)
            w.int32(&groupEpoch)
            w.int32(&assignmentEpoch)
            w.structure(&topology)
            w.structs(&members)
            w.int32(&authorizedOperations)
            w.tags()
        }
    }

    /// What the application does, in parts that share no topic.
    package struct Topology: WireStruct {
        package var epoch: Int32 = 0
        package var subtopologies: [Subtopology]?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&epoch)
            w.structs(&subtopologies)
            w.tags()
        }
    }

    /// One part.
    package struct Subtopology: WireStruct {
        package var subtopologyID = ""
        package var sourceTopics: [String] = []
        package var repartitionSinkTopics: [String] = []
        package var stateChangelogTopics: [TopicInfo] = []
        package var repartitionSourceTopics: [TopicInfo] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&subtopologyID)
            w.strings(&sourceTopics)
            w.strings(&repartitionSinkTopics)
            w.structs(&stateChangelogTopics)
            w.structs(&repartitionSourceTopics)
            w.tags()
        }
    }

    /// A topic the application makes for itself.
    package struct TopicInfo: WireStruct {
        package var name = ""
        package var partitions: Int32 = 0
        package var replicationFactor: Int16 = 0
        package var topicConfigs: [KeyValue] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.int32(&partitions)
            w.int16(&replicationFactor)
            w.structs(&topicConfigs)
            w.tags()
        }
    }

    /// A name and what stands for it.
    package struct KeyValue: WireStruct {
        package var key = ""
        package var value = ""

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&key)
            w.string(&value)
            w.tags()
        }
    }

    /// One member.
    package struct Member: WireStruct {
        package var memberID = ""
        package var memberEpoch: Int32 = 0
        package var instanceID: String?
        package var rackID: String?
        package var clientID = ""
        package var clientHost = ""
        package var topologyEpoch: Int32 = 0
        package var processID = ""
        package var userEndpoint: Endpoint?
        package var clientTags: [KeyValue] = []
        package var taskOffsets: [TaskOffset] = []
        package var taskEndOffsets: [TaskOffset] = []
        package var assignment = Assignment()
        package var targetAssignment = Assignment()
        package var isClassic = false

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&memberID)
            w.int32(&memberEpoch)
            w.string(&instanceID)
            w.string(&rackID)
            w.string(&clientID)
            w.string(&clientHost)
            w.int32(&topologyEpoch)
            w.string(&processID)
            w.structure(&userEndpoint)
            w.structs(&clientTags)
            w.structs(&taskOffsets)
            w.structs(&taskEndOffsets)
            w.structure(&assignment)
            w.structure(&targetAssignment)
            w.bool(&isClassic)
            w.tags()
        }
    }

    /// Where a member answers interactive queries.
    package struct Endpoint: WireStruct {
        package var host = ""
        package var port: UInt16 = 0

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&host)
            w.uint16(&port)
            w.tags()
        }
    }

    /// How far a task has come.
    package struct TaskOffset: WireStruct {
        package var subtopologyID = ""
        package var partition: Int32 = 0
        package var offset: Int64 = 0

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&subtopologyID)
            w.int32(&partition)
            w.int64(&offset)
            w.tags()
        }
    }

    /// The tasks of a member.
    package struct Assignment: WireStruct {
        package var activeTasks: [TaskIDs] = []
        package var standbyTasks: [TaskIDs] = []
        package var warmupTasks: [TaskIDs] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.structs(&activeTasks)
            w.structs(&standbyTasks)
            w.structs(&warmupTasks)
            w.tags()
        }
    }

    /// Tasks of one part of the topology.
    package struct TaskIDs: WireStruct {
        package var subtopologyID = ""
        package var partitions = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&subtopologyID)
            w.ids(&partitions)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var groups: [Group] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.structs(&groups)
        w.tags()
    }
}
