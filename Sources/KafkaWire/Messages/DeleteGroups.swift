// DeleteGroups (key 42): groups without members, with all that they have committed. Asked of the
// coordinator. Source: Kafka's DeleteGroupsRequest/Response.json.

/// Deletes groups by id.
package struct DeleteGroupsRequest: KafkaRequest {
    package static let apiKey: Int16 = 42
    package static let name = "DeleteGroups"
    package static let effect = ApiEffect.changes
    package static let verb = "delete a group"
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexible: Int16 = 2
    package typealias Response = DeleteGroupsResponse

    package var groups: [String] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.strings(&groups)
        w.tags()
    }
}

/// What became of each group.
package struct DeleteGroupsResponse: KafkaResponse {
    /// One group.
    package struct Result: WireStruct {
        package var groupID = ""
        package var error = KafkaError.none

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&groupID)
            w.error(&error)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var results: [Result] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.structs(&results)
        w.tags()
    }
}
