// DescribeGroups (key 15): state and members of classic groups, asked of their coordinator. Source:
// Kafka's DescribeGroupsRequest/Response.json.

/// Asks for groups by id.
package struct DescribeGroupsRequest: KafkaRequest {
    package static let apiKey: Int16 = 15
    package static let name = "DescribeGroups"
    package static let effect = ApiEffect.reads
    package static let verb = "read group members"
    package static let versions: ClosedRange<Int16> = 0...6
    package static let firstFlexible: Int16 = 5
    package typealias Response = DescribeGroupsResponse

    package var groups: [String] = []
    package var includeAuthorizedOperations = false
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.strings(&groups)
        w.bool(&includeAuthorizedOperations, 3...)
        w.tags()
    }
}

/// The groups asked for. A group that is missing or of another type is "Dead" without an error up
/// to v5, error 69 in v6.
package struct DescribeGroupsResponse: KafkaResponse {
    /// One group.
    package struct Group: WireStruct {
        package var error = KafkaError.none
        package var errorMessage: String?
        package var groupID = ""
        package var groupState = ""
        package var protocolType = ""
        /// The assignor, for protocol type `consumer`.
        package var protocolData = ""
        package var members: [Member] = []
        /// A bit field; `Int32.min` when not asked for.
        package var authorizedOperations = Int32.min

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.error(&error)
            w.string(&errorMessage, 6...)
            w.string(&groupID)
            w.string(&groupState)
            w.string(&protocolType)
            w.string(&protocolData)
            w.structs(&members)
            w.int32(&authorizedOperations, 3..., default: .min)
            w.tags()
        }
    }

    /// One member; the byte fields belong to the group's protocol type.
    package struct Member: WireStruct {
        package var memberID = ""
        /// Set for static members.
        package var groupInstanceID: String?
        package var clientID = ""
        package var clientHost = ""
        package var memberMetadata: [UInt8] = []
        /// For protocol type `consumer`: see `ConsumerAssignment`.
        package var memberAssignment: [UInt8] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&memberID)
            w.string(&groupInstanceID, 4..., ignorable: true)
            w.string(&clientID)
            w.string(&clientHost)
            w.bytes(&memberMetadata)
            w.bytes(&memberAssignment)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var groups: [Group] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs, 1..., ignorable: true)
        w.structs(&groups)
        w.tags()
    }
}
