// What makes a struct a request or an answer of Kafka: its API key, versions and header forms.

/// What can be read from a frame's body.
package protocol ReadableMessage: Sendable, Equatable {
    /// Tagged fields without a name, kept for writing the message again. Declared last.
    var unknownTags: UnknownTags { get set }
    init()
    mutating func read(_ reader: inout WireReader)
}

/// What can be written as a frame's body.
package protocol WritableMessage: Sendable, Equatable {
    var unknownTags: UnknownTags { get set }
    mutating func write(_ writer: inout WireWriter)
}

/// The root of a request or an answer. `read` and `write` are requirements, so that a caller in
/// another module reaches the walk as it is specialised for the type in this module.
package protocol KafkaMessage: WireStruct, ReadableMessage, WritableMessage {}

extension KafkaMessage {
    // Inlined into each type's witness, where the type is known.
    @inline(__always)
    package mutating func read(_ reader: inout WireReader) { walk(&reader) }
    @inline(__always)
    package mutating func write(_ writer: inout WireWriter) { walk(&writer) }
}

/// An answer as a client needs it: read, never written.
package protocol ClientResponse: ReadableMessage {
    /// How long the broker asks the client to hold its requests; 0 for APIs that never ask.
    var throttleTimeMs: Int32 { get }
}

/// An answer of Kafka, in both directions.
package protocol KafkaResponse: ClientResponse, KafkaMessage {}

/// What a request does to the cluster. A request that changes leaves only where the write policy
/// allows it, and is never repeated unasked.
package enum ApiEffect: Hashable, Sendable {
    case reads, changes
}

/// A request as a client needs it: what it takes to frame it and to read its answer, and what it
/// does.
package protocol ClientRequest: WritableMessage {
    associatedtype Response: ClientResponse
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
    /// It only asks whether the cluster would take a change (`validate_only`), in every version.
    var isTrial: Bool { get }
}

/// A request of Kafka, in both directions.
package protocol KafkaRequest: ClientRequest, KafkaMessage where Response: KafkaResponse {}

extension ClientRequest {
    package static func isFlexible(_ version: Int16) -> Bool { version >= firstFlexible }
    package static func hasResponseHeaderTags(_ version: Int16) -> Bool { isFlexible(version) }
    package static func answeredVersion(asked: Int16, error: KafkaError) -> Int16 { asked }
    package var isTrial: Bool { false }
}

/// Every API of this module, for tables and for tests over all of them.
package let allRequests: [any KafkaRequest.Type] = [
    ListOffsetsRequest.self, MetadataRequest.self, OffsetCommitRequest.self,
    OffsetFetchRequest.self, FindCoordinatorRequest.self, LeaveGroupRequest.self,
    DescribeGroupsRequest.self, ListGroupsRequest.self, SaslHandshakeRequest.self,
    ApiVersionsRequest.self, CreateTopicsRequest.self, DeleteTopicsRequest.self,
    DescribeConfigsRequest.self, AlterConfigsRequest.self,
    AlterReplicaLogDirsRequest.self, DescribeLogDirsRequest.self, SaslAuthenticateRequest.self,
    CreatePartitionsRequest.self, DeleteGroupsRequest.self, ElectLeadersRequest.self,
    IncrementalAlterConfigsRequest.self,
    AlterPartitionReassignmentsRequest.self, ListPartitionReassignmentsRequest.self,
    OffsetDeleteRequest.self, DescribeQuorumRequest.self, DescribeClusterRequest.self,
    ConsumerGroupDescribeRequest.self, DescribeTopicPartitionsRequest.self,
    ShareGroupDescribeRequest.self, StreamsGroupDescribeRequest.self,
    DescribeShareGroupOffsetsRequest.self, AlterShareGroupOffsetsRequest.self,
    DeleteShareGroupOffsetsRequest.self,
]
