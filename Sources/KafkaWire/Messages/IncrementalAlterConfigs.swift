// IncrementalAlterConfigs (key 44): sets, removes and edits single configs. Topics: any broker;
// brokers: that broker. Source: Kafka's IncrementalAlterConfigsRequest/Response.json.

/// Asks for changes of the configs of resources; each resource is changed as a whole or not at all.
package struct IncrementalAlterConfigsRequest: KafkaRequest {
    package static let apiKey: Int16 = 44
    package static let name = "IncrementalAlterConfigs"
    package static let effect = ApiEffect.changes
    package static let verb = "change configs"
    package static let versions: ClosedRange<Int16> = 0...1
    package static let firstFlexible: Int16 = 1
    package typealias Response = AlterConfigsResponse

    /// A resource and its changes.
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

    /// One change.
    package struct Config: WireStruct {
        package var name = ""
        /// 0 set, 1 delete, 2 append to a list, 3 subtract from a list.
        package var operation: Int8 = 0
        package var value: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.int8(&operation)
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

    /// One config of one resource, set or, with nil, deleted (operations SET 0 and DELETE 1).
    package init(
        _ config: String, _ value: String?, resourceType: ConfigResourceType, resourceName: String
    ) {
        var change = Config()
        change.name = config
        change.operation = value == nil ? 1 : 0
        change.value = value
        var resource = Resource()
        resource.resourceType = resourceType
        resource.resourceName = resourceName
        resource.configs = [change]
        resources = [resource]
    }

    package mutating func walk(_ w: inout some WireVisitor) {
        w.structs(&resources)
        w.bool(&validateOnly)
        w.tags()
    }
}
