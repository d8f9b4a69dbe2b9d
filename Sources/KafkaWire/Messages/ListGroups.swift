// ListGroups (key 16): the groups a broker coordinates; each broker must be asked. Source: Kafka's
// ListGroupsRequest/Response.json.

/// Asks for all groups of a broker, or those of some states (v4) and types (v5); empty is all.
package struct ListGroupsRequest: KafkaRequest {
    package static let apiKey: Int16 = 16
    package static let name = "ListGroups"
    package static let effect = ApiEffect.reads
    package static let verb = "list groups"
    package static let versions: ClosedRange<Int16> = 0...5
    package static let firstFlexible: Int16 = 3
    package typealias Response = ListGroupsResponse

    package var statesFilter: [String] = []
    package var typesFilter: [String] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.strings(&statesFilter, 4...)
        w.strings(&typesFilter, 5...)
        w.tags()
    }
}

/// The groups the broker coordinates.
package struct ListGroupsResponse: KafkaResponse {
    /// One group. State is empty before v4, type before v5.
    package struct Group: WireStruct {
        package var groupID = ""
        package var protocolType = ""
        package var groupState = ""
        /// `classic`, `consumer`, `share`, `streams`.
        package var groupType = ""

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&groupID)
            w.string(&protocolType)
            w.string(&groupState, 4..., ignorable: true)
            w.string(&groupType, 5..., ignorable: true)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var error = KafkaError.none
    package var groups: [Group] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs, 1..., ignorable: true)
        w.error(&error)
        w.structs(&groups)
        w.tags()
    }
}
