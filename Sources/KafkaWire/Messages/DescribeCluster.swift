// DescribeCluster (key 60): the brokers, or on a controller listener the controllers. Source:
// Kafka's DescribeClusterRequest/Response.json.

/// Asks for the nodes of one endpoint type.
package struct DescribeClusterRequest: KafkaRequest {
    package static let apiKey: Int16 = 60
    package static let name = "DescribeCluster"
    package static let effect = ApiEffect.reads
    package static let verb = "read the cluster's brokers"
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexible: Int16 = 0
    package typealias Response = DescribeClusterResponse

    package var includeClusterAuthorizedOperations = false
    /// 1 brokers, 2 controllers.
    package var endpointType: Int8 = 1
    /// Also brokers that are registered and down.
    package var includeFencedBrokers = false
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.bool(&includeClusterAuthorizedOperations)
        w.int8(&endpointType, 1..., default: 1)
        w.bool(&includeFencedBrokers, 2...)
        w.tags()
    }
}

/// The nodes. On a controller `controllerID` is the active one; on a KRaft broker a random live
/// broker.
package struct DescribeClusterResponse: KafkaResponse {
    /// A broker, or a controller for endpoint type 2.
    package struct Broker: WireStruct {
        package var brokerID: Int32 = 0
        package var host = ""
        package var port: Int32 = 0
        package var rack: String?
        package var isFenced = false

        package init() {}

        package mutating func walk(_ w: inout some WireVisitor) {
            w.int32(&brokerID)
            w.string(&host)
            w.int32(&port)
            w.string(&rack)
            w.bool(&isFenced, 2...)
            w.tags()
        }
    }

    package var throttleTimeMs: Int32 = 0
    package var error = KafkaError.none
    package var errorMessage: String?
    /// 1 brokers, 2 controllers.
    package var endpointType: Int8 = 1
    package var clusterID = ""
    package var controllerID: Int32 = -1
    package var brokers: [Broker] = []
    /// A bit field; `Int32.min` when not asked for.
    package var clusterAuthorizedOperations = Int32.min
    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        w.int32(&throttleTimeMs)
        w.error(&error)
        w.string(&errorMessage)
        w.int8(&endpointType, 1..., default: 1)
        w.string(&clusterID)
        w.int32(&controllerID)
        w.structs(&brokers)
        w.int32(&clusterAuthorizedOperations)
        w.tags()
    }
}
