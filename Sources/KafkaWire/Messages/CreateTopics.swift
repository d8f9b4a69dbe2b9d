// CreateTopics (key 19): new topics, with a placement of the broker's or of our own. Asked of the
// controller (any broker in KRaft mode). Source: Kafka's CreateTopicsRequest/Response.json.

/// Creates topics, or with `validateOnly` says whether they would be.
package struct CreateTopicsRequest: KafkaRequest {
    package static let apiKey: Int16 = 19
    package static let name = "CreateTopics"
    package static let effect = ApiEffect.changes
    package static let verb = "create topics"
    package static let versions: ClosedRange<Int16> = 2...7
    package static let firstFlexible: Int16 = 5
    package typealias Response = CreateTopicsResponse

    /// One topic.
    package struct Topic: WireStruct {
        package var name = ""
        /// -1 with `assignments`.
        package var numPartitions: Int32 = -1
        package var replicationFactor: Int16 = -1
        /// Empty: the controller places the replicas.
        package var assignments: [Assignment] = []
        package var configs: [Config] = []

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.int32(&numPartitions)
            w.int16(&replicationFactor)
            w.structs(&assignments)
            w.structs(&configs)
            w.tags()
        }
    }

    /// The brokers of one partition, the preferred leader first.
    package struct Assignment: WireStruct {
        package var partitionIndex: Int32 = 0
        package var brokerIDs = IDList()

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&partitionIndex)
            w.ids(&brokerIDs)
            w.tags()
        }
    }

    /// One override.
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

    package var topics: [Topic] = []
    package var timeoutMs: Int32 = 60000
    package var validateOnly = false
    package var unknownTags = UnknownTags()

    package var isTrial: Bool { validateOnly }

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.structs(&topics)
        w.int32(&timeoutMs)
        w.bool(&validateOnly)
        w.tags()
    }
}

/// What became of each topic.
package struct CreateTopicsResponse: KafkaResponse {
    /// One topic; what it has then from version 5 on.
    package struct Topic: WireStruct {
        package var name = ""
        package var topicID = KafkaUUID.zero
        package var error = KafkaError.none
        package var errorMessage: String?
        package var numPartitions: Int32 = -1
        package var replicationFactor: Int16 = -1
        package var configs: [Config]?
        /// Why its configs are not told.
        package var topicConfigError = KafkaError.none

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.uuid(&topicID, 7..., ignorable: true)
            w.error(&error)
            w.string(&errorMessage)
            w.int32(&numPartitions, 5..., default: -1, ignorable: true)
            w.int16(&replicationFactor, 5..., default: -1, ignorable: true)
            w.structs(&configs, 5..., ignorable: true)
            w.openTags()
            if w.openTag(0, isDefault: topicConfigError == .none) {
                w.error(&topicConfigError)
                w.closeTag()
            }
            w.closeTags()
        }
    }

    /// One config as it is in force.
    package struct Config: WireStruct {
        package var name = ""
        package var value: String?
        package var readOnly = false
        package var configSource: Int8 = -1
        package var isSensitive = false

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.string(&name)
            w.string(&value)
            w.bool(&readOnly)
            w.int8(&configSource)
            w.bool(&isSensitive)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var topics: [Topic] = []
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.structs(&topics)
        w.tags()
    }
}
