// LeaveGroup (key 13): members that leave a group, or are removed from it by an administrator.
// Asked of the coordinator. Source: Kafka's LeaveGroupRequest/Response.json.

/// Takes members out of a group: one by `memberID` (v0-2), or those of `members` (v3+).
package struct LeaveGroupRequest: KafkaRequest {
    package static let apiKey: Int16 = 13
    package static let name = "LeaveGroup"
    package static let effect = ApiEffect.changes
    package static let verb = "remove a member"
    package static let versions: ClosedRange<Int16> = 0...5
    package static let firstFlexible: Int16 = 4
    package typealias Response = LeaveGroupResponse

    /// One member: by its id or, where it is static, by its instance id and an empty id.
    package struct Member: WireStruct {
        package var memberID = ""
        package var groupInstanceID: String?
        /// For the broker's log.
        package var reason: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&memberID)
            w.string(&groupInstanceID)
            w.string(&reason, 5..., ignorable: true)
            w.tags()
        }
    }

    package var groupID = ""
    package var memberID = ""
    package var members: [Member] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.string(&groupID)
        w.string(&memberID, 0...2)
        w.structs(&members, 3...)
        w.tags()
    }
}

/// What became of each member.
package struct LeaveGroupResponse: KafkaResponse {
    /// One member (v3+).
    package struct Member: WireStruct {
        package var memberID = ""
        package var groupInstanceID: String?
        package var error = KafkaError.none

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&memberID)
            w.string(&groupInstanceID)
            w.error(&error)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var error = KafkaError.none
    package var members: [Member] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs, 1..., ignorable: true)
        w.error(&error)
        w.structs(&members, 3...)
        w.tags()
    }
}
