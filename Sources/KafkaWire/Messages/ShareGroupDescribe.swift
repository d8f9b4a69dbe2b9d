// ShareGroupDescribe (key 77): state and members of share groups (KIP-932), asked of their
// coordinator. Source: Kafka's ShareGroupDescribeRequest/Response.json.

/// Asks for groups by id.
package struct ShareGroupDescribeRequest: KafkaRequest {
    package static let apiKey: Int16 = 77
    package static let name = "ShareGroupDescribe"
    package static let effect = ApiEffect.reads
    package static let verb = "read share groups"
    package static let versions: ClosedRange<Int16> = 1...1
    package static let firstFlexible: Int16 = 0
    package typealias Response = ShareGroupDescribeResponse

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
package struct ShareGroupDescribeResponse: KafkaResponse {
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
        package var rackID: String?
        package var memberEpoch: Int32 = 0
        package var clientID = ""
        package var clientHost = ""
        package var subscribedTopicNames: [String] = []
        /// Other members may have the same partitions.
        package var assignment = ConsumerGroupDescribeResponse.Assignment()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&memberID)
            w.string(&rackID)
            w.int32(&memberEpoch)
            w.string(&clientID)
            w.string(&clientHost)
            w.strings(&subscribedTopicNames)
            w.structure(&assignment)
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
