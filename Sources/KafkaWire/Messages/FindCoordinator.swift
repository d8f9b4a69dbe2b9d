// FindCoordinator (key 10): which broker coordinates a group or a transaction. Creates the internal
// topic when it is missing. Source: Kafka's FindCoordinatorRequest/Response.json.

/// Asks for one coordinator (`key`, v0-3) or many (`coordinatorKeys`, v4+).
package struct FindCoordinatorRequest: KafkaRequest {
    package static let apiKey: Int16 = 10
    package static let name = "FindCoordinator"
    package static let effect = ApiEffect.reads
    package static let verb = "find a coordinator"
    package static let versions: ClosedRange<Int16> = 0...6
    package static let firstFlexible: Int16 = 3
    package typealias Response = FindCoordinatorResponse

    package var key = ""
    /// 0 group, 1 transaction, 2 share.
    package var keyType: Int8 = 0
    package var coordinatorKeys: [String] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.string(&key, 0...3)
        w.int8(&keyType, 1...)
        w.strings(&coordinatorKeys, 4...)
        w.tags()
    }
}

/// Where the coordinators are: the flat fields in v0-3, `coordinators` from v4.
package struct FindCoordinatorResponse: KafkaResponse {
    /// The coordinator of one key.
    package struct Coordinator: WireStruct {
        package var key = ""
        package var nodeID: Int32 = 0
        package var host = ""
        package var port: Int32 = 0
        package var error = KafkaError.none
        package var errorMessage: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&key, 4...)
            w.int32(&nodeID, 4...)
            w.string(&host, 4...)
            w.int32(&port, 4...)
            w.error(&error, 4...)
            w.string(&errorMessage, 4..., ignorable: true)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var error = KafkaError.none
    package var errorMessage: String?
    package var nodeID: Int32 = 0
    package var host = ""
    package var port: Int32 = 0
    package var coordinators: [Coordinator] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs, 1..., ignorable: true)
        w.error(&error, 0...3)
        w.string(&errorMessage, 1...3, ignorable: true)
        w.int32(&nodeID, 0...3)
        w.string(&host, 0...3)
        w.int32(&port, 0...3)
        w.structs(&coordinators, 4...)
        w.tags()
    }
}
