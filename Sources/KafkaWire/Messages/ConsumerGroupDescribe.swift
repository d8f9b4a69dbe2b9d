// ConsumerGroupDescribe (key 69): state and members of KIP-848 groups, asked of their coordinator.
// Source: Kafka's ConsumerGroupDescribeRequest/Response.json.

/// Asks for groups by id.
package struct ConsumerGroupDescribeRequest: KafkaRequest {
    package static let apiKey: Int16 = 69
    package static let name = "ConsumerGroupDescribe"
    package static let effect = ApiEffect.reads
    package static let verb = "read group members"
    package static let versions: ClosedRange<Int16> = 0...1
    package static let firstFlexible: Int16 = 0
    package typealias Response = ConsumerGroupDescribeResponse

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
package struct ConsumerGroupDescribeResponse: KafkaResponse {
    /// One group.
    package struct Group: WireStruct {
        package var error = KafkaError.none
        package var errorMessage: String?
        package var groupID = ""
        package var groupState = ""
        package var groupEpoch: Int32 = 0
        package var assignmentEpoch: Int32 = 0
        package var assignorName = ""
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
            w.string(&assignorName)
            w.structs(&members)
            w.int32(&authorizedOperations)
            w.tags()
        }
    }

    /// One member.
    package struct Member: WireStruct {
        package var memberID = ""
        package var instanceID: String?
        package var rackID: String?
        package var memberEpoch: Int32 = 0
        package var clientID = ""
        package var clientHost = ""
        package var subscribedTopicNames: [String] = []
        package var subscribedTopicRegex: String?
        package var assignment = Assignment()
        package var targetAssignment = Assignment()
        /// -1 unknown, 0 classic, 1 consumer.
        package var memberType: Int8 = -1

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&memberID)
            w.string(&instanceID)
            w.string(&rackID)
            w.int32(&memberEpoch)
            w.string(&clientID)
            w.string(&clientHost)
            w.strings(&subscribedTopicNames)
            w.string(&subscribedTopicRegex)
            w.structure(&assignment)
            w.structure(&targetAssignment)
            w.int8(&memberType, 1..., default: -1, ignorable: true)
            w.tags()
        }
    }

    /// The partitions of a member, of share groups too.
    package struct Assignment: WireStruct {
        package var topicPartitions: [TopicPartitions] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.structs(&topicPartitions)
            w.tags()
        }
    }

    /// Partitions of one topic.
    package struct TopicPartitions: WireStruct {
        package var topicID = KafkaUUID.zero
        package var topicName = ""
        package var partitions = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.uuid(&topicID)
            w.string(&topicName)
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
