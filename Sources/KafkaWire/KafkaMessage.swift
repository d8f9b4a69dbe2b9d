// What makes a struct a request or an answer of Kafka: its API key, versions and header forms.

/// The root of a request or an answer. `read` and `write` are one line per type on purpose: they
/// are requirements satisfied by concrete code in this module, so that a caller in another module
/// reaches the specialised walk, not the generic one.
package protocol KafkaMessage: WireStruct {
    /// Tagged fields without a name, kept for writing the message again. Declared last.
    var unknownTags: UnknownTags { get set }
    mutating func read(_ reader: inout WireReader)
    mutating func write(_ writer: inout WireWriter)
}

/// An answer of Kafka.
package protocol KafkaResponse: KafkaMessage {
    /// How long the broker asks the client to hold its requests; 0 for APIs that never ask.
    var throttleTimeMs: Int32 { get }
}

/// What a request does to the cluster. A request that changes leaves only where the write policy
/// allows it, and is never repeated unasked.
package enum ApiEffect: Hashable, Sendable {
    case reads, changes
}

/// A request of Kafka, with what is needed to frame it and its answer, and what it does.
package protocol KafkaRequest: KafkaMessage {
    associatedtype Response: KafkaResponse
    static var apiKey: Int16 { get }
    /// Kafka's name of the API, without Request or Response.
    static var name: String { get }
    static var effect: ApiEffect { get }
    /// What the request does, as in "Could not read offsets".
    static var verb: String { get }
    /// Every version whose layout we know.
    static var versions: ClosedRange<Int16> { get }
    /// First version with compact lengths and tags; `Limits.neverFlexible` for none.
    static var firstFlexible: Int16 { get }
    /// Whether the answer's header has a tag section in this version.
    static func hasResponseHeaderTags(_ version: Int16) -> Bool
    /// The version an answer is laid out in, from the version asked for and the first field of its
    /// body read as an error code.
    static func answeredVersion(asked: Int16, error: KafkaError) -> Int16
}

extension KafkaRequest {
    package static func isFlexible(_ version: Int16) -> Bool { version >= firstFlexible }
    package static func hasResponseHeaderTags(_ version: Int16) -> Bool { isFlexible(version) }
    package static func answeredVersion(asked: Int16, error: KafkaError) -> Int16 { asked }
}

/// Every API of this module, for tables and for tests over all of them.
package let allRequests: [any KafkaRequest.Type] = [
    ListOffsetsRequest.self, MetadataRequest.self, OffsetFetchRequest.self,
    FindCoordinatorRequest.self, DescribeGroupsRequest.self, ListGroupsRequest.self,
    SaslHandshakeRequest.self, ApiVersionsRequest.self, DescribeConfigsRequest.self,
    AlterConfigsRequest.self, AlterReplicaLogDirsRequest.self, DescribeLogDirsRequest.self,
    SaslAuthenticateRequest.self, ElectLeadersRequest.self, IncrementalAlterConfigsRequest.self,
    AlterPartitionReassignmentsRequest.self, ListPartitionReassignmentsRequest.self,
    DescribeQuorumRequest.self, DescribeClusterRequest.self, ConsumerGroupDescribeRequest.self,
    DescribeTopicPartitionsRequest.self, ShareGroupDescribeRequest.self,
    StreamsGroupDescribeRequest.self, DescribeShareGroupOffsetsRequest.self,
]
