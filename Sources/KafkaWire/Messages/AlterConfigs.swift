// AlterConfigs (key 33): replaces all configs of a resource at once; superseded by
// IncrementalAlterConfigs. Source: Kafka's AlterConfigsRequest/Response.json.

/// Asks for the whole dynamic configs of resources: what is not named goes back to its default.
package struct AlterConfigsRequest: KafkaRequest {
    package static let apiKey: Int16 = 33
    package static let name = "AlterConfigs"
    package static let effect = ApiEffect.changes
    package static let verb = "replace configs"
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexible: Int16 = 2
    package typealias Response = AlterConfigsResponse

    /// A resource and all its configs.
    package struct Resource: WireStruct {
        package var resourceType = ConfigResourceType.unknown
        /// A broker's id, or empty for the default of all brokers.
        package var resourceName = ""
        package var configs: [Config] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int8(&resourceType.rawValue)
            w.string(&resourceName)
            w.structs(&configs)
            w.tags()
        }
    }

    /// One config.
    package struct Config: WireStruct {
        package var name = ""
        package var value: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.string(&value)
            w.tags()
        }
    }

    package var resources: [Resource] = []
    /// Answers as if, and changes nothing.
    package var validateOnly = false
    package var unknownTags = UnknownTags()

    package var isTrial: Bool { validateOnly }

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.structs(&resources)
        w.bool(&validateOnly)
        w.tags()
    }
}

/// What became of each resource; IncrementalAlterConfigs is answered alike.
package struct AlterConfigsResponse: KafkaResponse {
    /// One resource.
    package struct Result: WireStruct {
        package var error = KafkaError.none
        package var errorMessage: String?
        package var resourceType = ConfigResourceType.unknown
        package var resourceName = ""

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.error(&error)
            w.string(&errorMessage)
            w.int8(&resourceType.rawValue)
            w.string(&resourceName)
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
