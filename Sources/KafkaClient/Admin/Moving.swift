// Verbs that say how a cluster is while partitions of it are moved: partitions with who is in sync,
// moves under way, sizes on disks, the value in force of a config.
internal import KafkaWire

/// A cluster as one broker believes it to be, as far as those need it who move partitions.
package struct MovingReading: Sendable {
    package struct State: Hashable, Sendable {
        /// Nil where none leads.
        package var leader: Int32?
        /// The assignment, the preferred leader first.
        package var replicas: [Int32]
        package var inSync: [Int32]

        package init(leader: Int32?, replicas: [Int32], inSync: [Int32]) {
            (self.leader, self.replicas, self.inSync) = (leader, replicas, inSync)
        }
    }

    /// Nil before Kafka 0.10.1.
    package var clusterID: String?
    /// Those that are alive and let work, ascending.
    package var brokers: [Int32] = []
    package var hasController = false
    /// Those asked about; partitions that there are none of are missing.
    package var states: [PartitionName: State] = [:]
    /// By topic, where the broker tells ids (Kafka 2.8 and later).
    package var topicIDs: [String: String] = [:]
    /// Of the topics asked about, how many partitions each has.
    package var partitionCounts: [String: Int] = [:]
    /// Topics of which the broker says something else than that there are none, and what.
    package var unread: [String: String] = [:]
    /// Of the whole cluster, where that was asked for.
    package var elsewhere: Elsewhere?

    package init(clusterID: String? = nil) { self.clusterID = clusterID }

    /// What a whole reading says of partitions that were not asked about.
    package struct Elsewhere: Sendable {
        /// Partitions with a replica out of sync.
        package var behind = 0
        /// One of them.
        package var example: PartitionName?
        /// All replicas that each broker is assigned, those of asked partitions too.
        package var replicas: [Int32: Int] = [:]
    }
}

/// A move that is under way.
package struct OngoingMove: Hashable, Sendable {
    package var partition: PartitionName
    /// All that have it now, with those that come and those that go.
    package var replicas: [Int32]
    package var adding: [Int32]
    package var removing: [Int32]

    /// What it becomes.
    package var target: [Int32] { replicas.filter { !removing.contains($0) } }
}

/// The disks of one broker.
package struct DiskReading: Sendable {
    package struct Volume: Sendable {
        package var totalBytes: Int64
        package var usableBytes: Int64

        package init(totalBytes: Int64, usableBytes: Int64) {
            (self.totalBytes, self.usableBytes) = (totalBytes, usableBytes)
        }
    }

    /// Those that tell how large they are (Kafka 3.3 and later).
    package var volumes: [Volume] = []
    /// Log directories that fail.
    package var failed = 0
    /// Of the replicas asked about, in bytes.
    package var sizes: [PartitionName: Int64] = [:]
}

extension KafkaClient {
    /// Reads partitions from any broker.
    /// - Parameter isWhole: all topics are read, not only those of `partitions`.
    package func readMoving(
        _ partitions: Set<PartitionName>, isWhole: Bool,
        completion: @escaping (Result<MovingReading, ClientError>) -> Void
    ) {
        let topics = isWhole ? nil : Set(partitions.map(\.topic)).sorted()
        send(
            to: .any, lane: isWhole ? .slow : .fast,
            building: { MetadataRequest(topics: topics, version: $0) }
        ) { [weak self] result in
            if case .success(let answer) = result {
                self?.learn(answer.value)
                let controller = answer.value.controllerID
                if controller >= 0 { self?.followController(controller) }
            }
            completion(result.map { Self.moving($0.value, partitions, isWhole) })
        }
    }

    private static func moving(
        _ metadata: MetadataResponse, _ wanted: Set<PartitionName>, _ isWhole: Bool
    ) -> MovingReading {
        var reading = MovingReading(clusterID: metadata.clusterID)
        reading.brokers = metadata.brokers.map(\.nodeID).sorted()
        reading.hasController = metadata.controllerID >= 0
        var elsewhere = MovingReading.Elsewhere()
        let topics = Set(wanted.lazy.map(\.topic))
        for topic in metadata.topics {
            guard let name = topic.name else { continue }
            let isWanted = topics.contains(name)
            if isWanted {
                if topic.error.isError, topic.error != .unknownTopicOrPartition {
                    reading.unread[name] = topic.error.reason
                }
                if !topic.error.isError { reading.partitionCounts[name] = topic.partitions.count }
                if topic.topicID != .zero { reading.topicIDs[name] = "\(topic.topicID)" }
            }
            for partition in topic.partitions {
                if isWhole {
                    for id in partition.replicaNodes { elsewhere.replicas[id, default: 0] += 1 }
                }
                let isBehind = partition.isrNodes.count < partition.replicaNodes.count
                guard isWanted || (isWhole && isBehind) else { continue }
                let key = PartitionName(topic: name, number: partition.partitionIndex)
                if isWanted, wanted.contains(key) {
                    reading.states[key] = .init(
                        leader: partition.leaderID >= 0 ? partition.leaderID : nil,
                        replicas: Array(partition.replicaNodes),
                        inSync: Array(partition.isrNodes))
                } else if isBehind {
                    elsewhere.behind += 1
                    if elsewhere.example == nil { elsewhere.example = key }
                }
            }
        }
        if isWhole { reading.elsewhere = elsewhere }
        return reading
    }

    /// All moves that are under way, by whomever (Kafka 2.4 and later).
    package func listMoves(
        completion: @escaping (Result<[OngoingMove], ClientError>) -> Void
    ) {
        send(ListPartitionReassignmentsRequest(), to: .controller) { result in
            completion(
                result.flatMap { answer in
                    guard !answer.value.error.isError else {
                        return .failure(
                            Self.refused(
                                ListPartitionReassignmentsRequest.self, nil, answer.value.error,
                                answer.value.errorMessage))
                    }
                    return .success(
                        answer.value.topics.flatMap { topic in
                            topic.partitions.map { entry in
                                OngoingMove(
                                    partition: PartitionName(
                                        topic: topic.name, number: entry.partitionIndex),
                                    replicas: Array(entry.replicas),
                                    adding: Array(entry.addingReplicas),
                                    removing: Array(entry.removingReplicas))
                            }
                        })
                })
        }
    }

    /// Reads the disks of one broker, and the sizes of some of its replicas.
    package func readDisks(
        of broker: Int32, _ partitions: [PartitionName],
        completion: @escaping (Result<DiskReading, ClientError>) -> Void
    ) {
        var request = DescribeLogDirsRequest()
        request.topics = Self.byTopic(partitions) { topic, own in
            var entry = DescribeLogDirsRequest.Topic()
            entry.topic = topic
            entry.partitions = IDList(own.map(\.number))
            return entry
        }
        send(request, to: .broker(broker)) { result in
            completion(
                result.flatMap { answer in
                    guard !answer.value.error.isError else {
                        return .failure(
                            Self.refused(
                                DescribeLogDirsRequest.self, broker, answer.value.error, nil))
                    }
                    var reading = DiskReading()
                    for directory in answer.value.results {
                        guard !directory.error.isError else {
                            reading.failed += 1
                            continue
                        }
                        if directory.totalBytes > 0, directory.usableBytes >= 0 {
                            reading.volumes.append(
                                .init(
                                    totalBytes: directory.totalBytes,
                                    usableBytes: directory.usableBytes))
                        }
                        for topic in directory.topics {
                            for entry in topic.partitions where !entry.isFutureKey {
                                reading.sizes[
                                    PartitionName(topic: topic.name, number: entry.partitionIndex)
                                ] = max(0, entry.partitionSize)
                            }
                        }
                    }
                    return .success(reading)
                })
        }
    }

    /// Reads the value in force of one config of topics, whoever set it; topics that do not tell
    /// are missing.
    package func readInForce(
        _ key: String, ofTopics topics: [String],
        completion: @escaping (Result<[String: String], ClientError>) -> Void
    ) {
        var request = DescribeConfigsRequest()
        request.resources = topics.map {
            .init(resourceType: .topic, resourceName: $0, keys: [key])
        }
        send(request, to: .any) { result in
            completion(
                result.map { answer in
                    var values: [String: String] = [:]
                    for told in answer.value.results where !told.error.isError {
                        values[told.resourceName] = told.configs.first { $0.name == key }?.value
                    }
                    return values
                })
        }
    }
}
