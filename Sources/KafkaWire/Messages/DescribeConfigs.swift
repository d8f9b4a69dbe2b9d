// DescribeConfigs (key 32): configs of topics (any broker), of brokers (that broker). Source:
// Kafka's DescribeConfigsRequest/Response.json (4.3 from v1, 3.9 for v0).

/// Asks for the configs of resources.
package struct DescribeConfigsRequest: KafkaRequest {
    package static let apiKey: Int16 = 32
    package static let name = "DescribeConfigs"
    package static let effect = ApiEffect.reads
    package static let verb = "read configs"
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexible: Int16 = 4
    package typealias Response = DescribeConfigsResponse

    /// A resource and the keys wanted of it.
    package struct Resource: WireStruct {
        package var resourceType = ConfigResourceType.unknown
        package var resourceName = ""
        /// Nil is all. An empty list is none on 2.4 and all later: never send it.
        package var configurationKeys: [String]?

        package init() {}

        package init(resourceType: ConfigResourceType, resourceName: String, keys: [String]? = nil)
        {
            self.resourceType = resourceType
            self.resourceName = resourceName
            configurationKeys = keys
        }

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int8(&resourceType.rawValue)
            w.string(&resourceName)
            w.strings(&configurationKeys)
            w.tags()
        }
    }

    package var resources: [Resource] = []
    package var includeSynonyms = false
    package var includeDocumentation = false
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.structs(&resources)
        w.bool(&includeSynonyms, 1...)
        w.bool(&includeDocumentation, 3...)
        w.tags()
    }
}

/// The configs of each resource asked for.
package struct DescribeConfigsResponse: KafkaResponse {
    /// One resource.
    package struct Result: WireStruct {
        package var error = KafkaError.none
        package var errorMessage: String?
        package var resourceType = ConfigResourceType.unknown
        package var resourceName = ""
        package var configs: [Config] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.error(&error)
            w.string(&errorMessage)
            w.int8(&resourceType.rawValue)
            w.string(&resourceName)
            w.structs(&configs)
            w.tags()
        }
    }

    /// One config. The value is nil when it is unset or sensitive.
    package struct Config: WireStruct {
        package var name = ""
        package var value: String?
        package var readOnly = false
        package var isDefault = false
        /// 1 topic, 2 broker, 3 default broker, 4 static broker, 5 default, 6 logger, 7 client
        /// metrics, 8 group; -1 not reported (v0).
        package var configSource: Int8 = -1
        package var isSensitive = false
        package var synonyms: [Synonym] = []
        /// 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password; 0
        /// unknown.
        package var configType: Int8 = 0
        package var documentation: String?

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.string(&value)
            w.bool(&readOnly)
            w.bool(&isDefault, 0...0, ignorable: true)
            w.int8(&configSource, 1..., default: -1, ignorable: true)
            w.bool(&isSensitive)
            w.structs(&synonyms, 1..., ignorable: true)
            w.int8(&configType, 3..., ignorable: true)
            w.string(&documentation, 3..., ignorable: true)
            w.tags()
        }
    }

    /// Where the value comes from, first the one in force.
    package struct Synonym: WireStruct {
        package var name = ""
        package var value: String?
        package var source: Int8 = 0

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name, 1...)
            w.string(&value, 1...)
            w.int8(&source, 1...)
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
