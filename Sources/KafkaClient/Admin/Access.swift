// What may be done to the cluster itself and to groups, and the controller's clock: questions of an
// examination, which change nothing.
internal import KafkaWire
internal import Transport

/// How far the active controller's clock is from this machine's.
package struct ClockReading: Hashable, Sendable {
    /// The controller's less ours, in milliseconds.
    package var aheadMs: Int64
    /// The reading may be wrong by so much: half of the way there and back.
    package var withinMs: Int64
}

/// APIs without which something is missing, by Kafka's names.
package enum NeededAPI: String, Sendable {
    case listOffsets = "ListOffsets"
    case describeConfigs = "DescribeConfigs"
    case describeLogDirs = "DescribeLogDirs"
    case listGroups = "ListGroups"
    case describeGroups = "DescribeGroups"
    case offsetFetch = "OffsetFetch"
    case listPartitionReassignments = "ListPartitionReassignments"
    case describeQuorum = "DescribeQuorum"
    case electLeaders = "ElectLeaders"
    case alterPartitionReassignments = "AlterPartitionReassignments"
    case incrementalAlterConfigs = "IncrementalAlterConfigs"
    case createTopics = "CreateTopics"
    case createPartitions = "CreatePartitions"
    case deleteTopics = "DeleteTopics"
    case offsetCommit = "OffsetCommit"
    case deleteGroups = "DeleteGroups"

    fileprivate var request: any ClientRequest.Type {
        switch self {
        case .listOffsets: ListOffsetsRequest.self
        case .describeConfigs: DescribeConfigsRequest.self
        case .describeLogDirs: DescribeLogDirsRequest.self
        case .listGroups: ListGroupsRequest.self
        case .describeGroups: DescribeGroupsRequest.self
        case .offsetFetch: OffsetFetchRequest.self
        case .listPartitionReassignments: ListPartitionReassignmentsRequest.self
        case .describeQuorum: DescribeQuorumRequest.self
        case .electLeaders: ElectLeadersRequest.self
        case .alterPartitionReassignments: AlterPartitionReassignmentsRequest.self
        case .incrementalAlterConfigs: IncrementalAlterConfigsRequest.self
        case .createTopics: CreateTopicsRequest.self
        case .createPartitions: CreatePartitionsRequest.self
        case .deleteTopics: DeleteTopicsRequest.self
        case .offsetCommit: OffsetCommitRequest.self
        case .deleteGroups: DeleteGroupsRequest.self
        }
    }
}

extension VersionTable {
    /// Whether the broker speaks a version of it that we speak.
    package func offers(_ api: NeededAPI) -> Bool {
        version(key: api.request.apiKey, ours: api.request.versions) != nil
    }
}

extension KafkaClient {
    /// Bits of what may be done to the cluster (Kafka 2.3 and newer); nil: nobody tells.
    package func readClusterOperations(_ completion: @escaping (Int32?) -> Void) {
        send(
            to: .any,
            building: { _ in
                var request = DescribeClusterRequest()
                request.includeClusterAuthorizedOperations = true
                return request
            }
        ) { [weak self] result in
            if let told = (try? result.get())?.value, !told.error.isError {
                let bits = told.clusterAuthorizedOperations
                return completion(bits == .min ? nil : bits)
            }
            guard let self else { return completion(nil) }
            // Before Kafka 2.8 Metadata tells it, of versions 8 to 10.
            send(
                to: .any, leastVersion: 8, greatestVersion: 10,
                building: { version in
                    var request = MetadataRequest(topics: [], version: version)
                    request.includeClusterAuthorizedOperations = true
                    return request
                }
            ) { result in
                let bits = (try? result.get())?.value.clusterAuthorizedOperations ?? .min
                completion(bits == .min ? nil : bits)
            }
        }
    }

    /// Bits of what may be done to these groups, one after the other; those that nobody tells are
    /// missing. Only of groups that exist: asking for another's coordinator may make a topic.
    package func readGroupOperations(
        of groups: [String], _ completion: @escaping ([String: Int32]) -> Void
    ) {
        var rest = groups[...]
        var found: [String: Int32] = [:]
        func next() {
            guard let group = rest.popFirst() else { return completion(found) }
            readAuthorizedOperations(ofTopics: [], group: group) { operations in
                found.merge(operations.groups) { first, _ in first }
                next()
            }
        }
        next()
    }

    /// The active controller's clock, which DescribeQuorum tells since version 1: of itself the
    /// leader says that it fetched last at this moment (LeaderState.java, describeQuorum). Nil in
    /// ZooKeeper mode, before Kafka 3.4, and where it is not answered.
    package func readControllerClock(_ completion: @escaping (ClockReading?) -> Void) {
        send(
            to: .any, lane: .slow, leastVersion: 1, building: { _ in Self.metadataLog }
        ) { [weak self] result in
            guard let self, let answer = try? result.get(),
                let partition = answer.value.topics.first?.partitions.first,
                let leader = partition.currentVoters.first(where: {
                    $0.replicaID == partition.leaderID
                }), leader.lastFetchTimestamp > 0
            else { return completion(nil) }
            let nowMs = loop.system.wallClockMs()
            let sinceMs = Int64(clamping: (loop.now &- answer.receivedAtNs) / 1_000_000)
            let tripMs = Int64(clamping: (answer.receivedAtNs &- answer.sentAtNs) / 1_000_000)
            let thenMs = nowMs - sinceMs - tripMs / 2
            let (ahead, overflows) = leader.lastFetchTimestamp.subtractingReportingOverflow(thenMs)
            completion(overflows ? nil : ClockReading(aheadMs: ahead, withinMs: tripMs / 2 + 1))
        }
    }

    private static var metadataLog: DescribeQuorumRequest {
        var request = DescribeQuorumRequest()
        var topic = DescribeQuorumRequest.Topic()
        topic.topicName = "__cluster_metadata"
        topic.partitions = [.init()]
        request.topics = [topic]
        return request
    }
}
