// Verbs about groups in plain values: who a group is and what it has committed, asked of its
// coordinator, and where logs begin and end, asked of their leaders.
internal import KafkaWire

/// What a group has committed for a partition.
package struct CommittedOffset: Hashable, Sendable {
    package var offset: Int64
    /// Of the last record read; -1 where the committer did not say.
    package var leaderEpoch: Int32
    package var metadata: String

    package init(_ offset: Int64, leaderEpoch: Int32 = -1, metadata: String = "") {
        self.offset = offset
        self.leaderEpoch = leaderEpoch
        self.metadata = metadata
    }
}

/// A group as its coordinator tells it at this moment.
package struct GroupReading: Sendable {
    /// One of its members.
    package struct Member: Hashable, Sendable {
        package var id: String
        /// Set for static members.
        package var instanceID: String?
        package var clientID: String
        package var host: String
        /// The topics that it reads or may be given; nil where the coordinator does not tell.
        package var topics: Set<String>?
    }

    /// False where the coordinator does not list it.
    package var isListed = false
    /// `classic`, `consumer`, `share`, `streams`; empty where the broker is too old to say.
    package var type = ""
    /// Kafka's own word: Empty, Stable, …
    package var state = ""
    package var members: [Member] = []
    package var commits: [PartitionName: CommittedOffset] = [:]
}

/// An offset of a partition's log, or why it cannot be told.
package enum LogOffset: Hashable, Sendable {
    /// Nil where no record is so young.
    case known(Int64?)
    /// Words without a full stop.
    case unknown(String)
}

/// Which offset of a log is meant.
package enum LogPlace: Hashable, Sendable {
    case start
    /// The high watermark.
    case end
    /// The first record at or after this time, milliseconds since 1970.
    case time(Int64)
    /// When the newest record was written, milliseconds since 1970 (Kafka 3.0 and later).
    case newestTime

    fileprivate var timestamp: Int64 {
        switch self {
        case .start: -2
        case .end: -1
        case .time(let ms): max(0, ms)
        case .newestTime: -3
        }
    }

    /// Version 0 has another answer.
    fileprivate var leastVersion: Int16 { self == .newestTime ? 7 : 1 }
}

extension KafkaClient {
    // MARK: Reading

    /// Reads who a group is and all that it has committed. A group that nobody lists has nothing;
    /// it is not made.
    package func readGroup(
        _ id: String, completion: @escaping (Result<GroupReading, ClientError>) -> Void
    ) {
        findCoordinator(of: id) { [weak self] result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let broker): self?.readGroup(id, at: broker, completion)
            }
        }
    }

    func findCoordinator(
        of group: String, completion: @escaping (Result<Int32, ClientError>) -> Void
    ) {
        func request(_ version: Int16) -> FindCoordinatorRequest {
            var request = FindCoordinatorRequest()
            if version >= 4 { request.coordinatorKeys = [group] } else { request.key = group }
            return request
        }
        send(to: .any, building: request) { result in
            completion(
                result.flatMap { answer in
                    let value = answer.value
                    let told = value.coordinators.first
                    let error = told?.error ?? value.error
                    guard !error.isError else {
                        return .failure(
                            Self.refused(
                                FindCoordinatorRequest.self, answer.brokerID, error,
                                told?.errorMessage ?? value.errorMessage))
                    }
                    return .success(told?.nodeID ?? value.nodeID)
                })
        }
    }

    private func readGroup(
        _ id: String, at broker: Int32,
        _ completion: @escaping (Result<GroupReading, ClientError>) -> Void
    ) {
        send(ListGroupsRequest(), to: .broker(broker)) { [weak self] result in
            switch result {
            case .failure(let error): return completion(.failure(error))
            case .success(let answer):
                guard !answer.value.error.isError else {
                    return completion(
                        .failure(
                            Self.refused(ListGroupsRequest.self, broker, answer.value.error, nil)))
                }
                var reading = GroupReading()
                if let entry = answer.value.groups.first(where: { $0.groupID == id }) {
                    reading.isListed = true
                    reading.type = entry.groupType.lowercased()
                    reading.state = entry.groupState
                }
                self?.readMembers(id, at: broker, reading, completion)
            }
        }
    }

    private func readMembers(
        _ id: String, at broker: Int32, _ reading: GroupReading,
        _ completion: @escaping (Result<GroupReading, ClientError>) -> Void
    ) {
        guard reading.isListed else { return completion(.success(reading)) }
        func describe<R: KafkaRequest>(
            _ request: R, _ fold: @escaping (R.Response) -> Described
        ) {
            send(request, to: .broker(broker)) { [weak self] result in
                switch result {
                case .failure(let error): completion(.failure(error))
                case .success(let answer):
                    let told = fold(answer.value)
                    guard !told.error.isError else {
                        return completion(
                            .failure(Self.refused(R.self, broker, told.error, told.message)))
                    }
                    var reading = reading
                    reading.state = told.state
                    reading.members = told.members
                    self?.readCommits(id, at: broker, reading, completion)
                }
            }
        }
        switch reading.type {
        case "consumer":
            var request = ConsumerGroupDescribeRequest()
            request.groupIDs = [id]
            describe(request) { Described($0.groups.first ?? .init()) }
        case "share":
            var request = ShareGroupDescribeRequest()
            request.groupIDs = [id]
            describe(request) { Described($0.groups.first ?? .init()) }
        case "streams":
            var request = StreamsGroupDescribeRequest()
            request.groupIDs = [id]
            describe(request) { Described($0.groups.first ?? .init()) }
        default:
            var request = DescribeGroupsRequest()
            request.groups = [id]
            describe(request) { Described($0.groups.first ?? .init()) }
        }
    }

    private func readCommits(
        _ id: String, at broker: Int32, _ reading: GroupReading,
        _ completion: @escaping (Result<GroupReading, ClientError>) -> Void
    ) {
        if reading.type == "share" { return readShareOffsets(id, at: broker, reading, completion) }
        // Before version 2 nobody can ask for all; from 10 on topics are ids.
        send(
            to: .broker(broker), leastVersion: 2, greatestVersion: 9,
            building: { version in
                var request = OffsetFetchRequest()
                if version >= 8 {
                    request.groups = [.init(groupID: id)]
                } else {
                    request.groupID = id
                }
                return request
            }
        ) { result in
            completion(
                result.flatMap { answer in
                    let group = answer.value.groups.first
                    let error = group?.error ?? answer.value.error
                    guard !error.isError else {
                        return .failure(Self.refused(OffsetFetchRequest.self, broker, error, nil))
                    }
                    var reading = reading
                    for topic in group?.topics ?? answer.value.topics {
                        for entry in topic.partitions {
                            // An offset that a transaction is about to replace has none to show.
                            guard !entry.error.isError else {
                                return .failure(
                                    Self.refused(
                                        OffsetFetchRequest.self, broker, entry.error,
                                        "\(topic.name)-\(entry.partitionIndex)"))
                            }
                            guard entry.committedOffset >= 0 else { continue }
                            reading.commits[
                                PartitionName(topic: topic.name, number: entry.partitionIndex)] =
                                CommittedOffset(
                                    entry.committedOffset, leaderEpoch: entry.committedLeaderEpoch,
                                    metadata: entry.metadata ?? "")
                        }
                    }
                    return .success(reading)
                })
        }
    }

    /// Reads one offset of each partition's log from its leader; all are answered for, whatever
    /// happens to whom.
    package func readLogs(
        of partitions: [PartitionName], at place: LogPlace,
        leaders: [PartitionName: PartitionReading.State],
        completion: @escaping ([PartitionName: LogOffset]) -> Void
    ) {
        var found: [PartitionName: LogOffset] = [:]
        var byLeader: [Int32: [PartitionName]] = [:]
        for partition in partitions {
            guard let state = leaders[partition] else {
                found[partition] = .unknown("the cluster has no such partition")
                continue
            }
            guard let leader = state.leader else {
                found[partition] = .unknown("nobody leads it")
                continue
            }
            byLeader[leader, default: []].append(partition)
        }
        var left = byLeader.count
        guard left > 0 else { return loop.later { completion(found) } }
        for (leader, own) in byLeader.sorted(by: { $0.key < $1.key }) {
            send(
                to: .broker(leader), leastVersion: place.leastVersion,
                building: { _ in Self.listOffsets(own, place) }
            ) { result in
                found.merge(Self.offsets(own, place, result)) { _, new in new }
                left -= 1
                if left == 0 { completion(found) }
            }
        }
    }

    private static func listOffsets(
        _ partitions: [PartitionName], _ place: LogPlace
    ) -> ListOffsetsRequest {
        var request = ListOffsetsRequest()
        request.replicaID = -1
        request.topics = byTopic(partitions) { topic, own in
            ListOffsetsRequest.Topic(
                name: topic,
                partitions: own.map {
                    .init(partitionIndex: $0.number, timestamp: place.timestamp)
                })
        }
        return request
    }

    private static func offsets(
        _ partitions: [PartitionName], _ place: LogPlace,
        _ result: Result<Answer<ListOffsetsResponse>, ClientError>
    ) -> [PartitionName: LogOffset] {
        var found: [PartitionName: LogOffset] = [:]
        switch result {
        case .failure(let error):
            for partition in partitions { found[partition] = .unknown(error.sentence) }
        case .success(let answer):
            for partition in partitions {
                found[partition] = .unknown("the answer does not name it")
            }
            for topic in answer.value.topics {
                for entry in topic.partitions {
                    let name = PartitionName(topic: topic.name, number: entry.partitionIndex)
                    let value = place == .newestTime ? entry.timestamp : entry.offset
                    found[name] =
                        entry.error.isError
                        ? .unknown(entry.error.reason) : .known(value < 0 ? nil : value)
                }
            }
        }
        return found
    }

    // MARK: Shared

    /// One entry a topic, ascending, each with its partitions in their order.
    static func byTopic<Entry>(
        _ partitions: [PartitionName], _ make: (String, [PartitionName]) -> Entry
    ) -> [Entry] {
        Dictionary(grouping: partitions, by: \.topic).sorted { $0.key < $1.key }
            .map { make($0.key, $0.value) }
    }

    static func refused(
        _ type: any ClientRequest.Type, _ broker: Int32?, _ error: KafkaError, _ message: String?
    ) -> ClientError {
        let more = message.flatMap { $0.isEmpty || $0 == "NONE" ? nil : ": \($0)" } ?? ""
        return ClientError(
            code: .kafkaError, api: type.name, effect: type.effect, action: type.verb,
            brokerID: broker, what: "\(error.reason)\(more)", advice: "")
    }
}

/// What the four APIs that describe groups have in common.
private struct Described {
    var error: KafkaError
    var message: String?
    var state: String
    var members: [GroupReading.Member]

    init(_ group: DescribeGroupsResponse.Group) {
        (error, message, state) = (group.error, group.errorMessage, group.groupState)
        // What a member has told of itself is there only while the group is stable.
        let isTold = group.protocolType == "consumer" && group.groupState == "Stable"
        members = group.members.map {
            .init(
                id: $0.memberID, instanceID: $0.groupInstanceID, clientID: $0.clientID,
                host: $0.clientHost,
                topics: isTold
                    ? (try? ConsumerSubscription(decoding: $0.memberMetadata)).map {
                        Set($0.topics)
                    } : nil)
        }
    }

    init(_ group: ConsumerGroupDescribeResponse.Group) {
        (error, message, state) = (group.error, group.errorMessage, group.groupState)
        members = group.members.map { member in
            .init(
                id: member.memberID, instanceID: member.instanceID, clientID: member.clientID,
                host: member.clientHost,
                // By a pattern it subscribes to topics that only its assignment names.
                topics: Set(
                    member.subscribedTopicNames
                        + (member.assignment.topicPartitions
                        + member.targetAssignment.topicPartitions).map(\.topicName)))
        }
    }

    init(_ group: ShareGroupDescribeResponse.Group) {
        (error, message, state) = (group.error, group.errorMessage, group.groupState)
        members = group.members.map {
            .init(
                id: $0.memberID, instanceID: nil, clientID: $0.clientID, host: $0.clientHost,
                topics: Set($0.subscribedTopicNames))
        }
    }

    init(_ group: StreamsGroupDescribeResponse.Group) {
        (error, message, state) = (group.error, group.errorMessage, group.groupState)
        // Whatever the application reads each of its members may be given.
        let topics = group.topology?.subtopologies.map { parts in
            Set(parts.flatMap { $0.sourceTopics + $0.repartitionSourceTopics.map(\.name) })
        }
        members = group.members.map {
            .init(
                id: $0.memberID, instanceID: $0.instanceID, clientID: $0.clientID,
                host: $0.clientHost, topics: topics)
        }
    }
}
