// Verbs about partitions in plain values: who leads them, what their assignment is, elections of
// their preferred leader, and moves.
internal import KafkaWire
internal import Transport

/// A partition by topic and number.
package struct PartitionName: Hashable, Sendable {
    package var topic: String
    package var number: Int32

    package init(topic: String, number: Int32) {
        self.topic = topic
        self.number = number
    }
}

/// Partitions as one broker believes them to be at this moment.
package struct PartitionReading: Sendable {
    package struct State: Hashable, Sendable {
        /// Nil where none leads.
        package var leader: Int32?
        /// The assignment, the preferred leader first.
        package var replicas: [Int32]
    }

    /// Nil before Kafka 0.10.1.
    package var clusterID: String?
    /// Partitions that the broker does not know are missing.
    package var states: [PartitionName: State] = [:]
}

/// What became of one partition of a request.
package struct PartitionOutcome: Hashable, Sendable {
    package var partition: PartitionName
    /// Kafka's name of the error; nil: done.
    package var error: String?
    /// The broker's own sentence.
    package var message: String?
}

extension KafkaClient {
    /// Reads the partitions of topics from any broker. Its answer also says which brokers there are
    /// and, where nobody has said so yet, who takes requests for the controller.
    package func readPartitions(
        ofTopics topics: [String],
        completion: @escaping (Result<PartitionReading, ClientError>) -> Void
    ) {
        send(
            to: .any, building: { MetadataRequest(topics: topics, version: $0) }
        ) { [weak self] result in
            if case .success(let answer) = result { self?.learn(answer.value) }
            completion(result.map { Self.reading($0.value) })
        }
    }

    func learn(_ metadata: MetadataResponse) {
        updateBrokers(
            metadata.brokers.compactMap { broker in
                UInt16(exactly: broker.port).map { port in
                    BrokerAddress(
                        id: broker.nodeID, endpoint: Endpoint(host: broker.host, port: port),
                        rack: broker.rack)
                }
            })
        // In KRaft mode it is any live broker, which forwards.
        if metadata.controllerID >= 0 { suggestController(metadata.controllerID) }
    }

    private static func reading(_ metadata: MetadataResponse) -> PartitionReading {
        var reading = PartitionReading(clusterID: metadata.clusterID)
        for topic in metadata.topics {
            guard let name = topic.name else { continue }
            for partition in topic.partitions {
                reading.states[PartitionName(topic: name, number: partition.partitionIndex)] =
                    PartitionReading.State(
                        leader: partition.leaderID >= 0 ? partition.leaderID : nil,
                        replicas: Array(partition.replicaNodes))
            }
        }
        return reading
    }

    /// Asks the controller to make the preferred replica of each partition its leader or, unclean,
    /// any live replica of a partition without leader, whatever records that one lacks (Kafka 2.4
    /// and later). It may take as long as a slow request may.
    package func electLeaders(
        of partitions: [PartitionName], isUnclean: Bool,
        completion: @escaping (Result<[PartitionOutcome], ClientError>) -> Void
    ) {
        var request = ElectLeadersRequest()
        request.electionType = isUnclean ? 1 : 0
        request.topicPartitions = Dictionary(grouping: partitions, by: \.topic)
            .sorted { $0.key < $1.key }
            .map { topic, partitions in
                var entry = ElectLeadersRequest.TopicPartitions()
                entry.topic = topic
                entry.partitions = IDList(partitions.map(\.number))
                return entry
            }
        // Version 0 knows no kind of election: it would elect preferred leaders.
        send(
            to: .controller, lane: .slow, leastVersion: isUnclean ? 1 : nil,
            building: { [request] _ in request }
        ) { result in
            completion(result.map { Self.outcomes(of: $0.value, partitions) })
        }
    }

    /// Asks the controller to begin the move of each partition to its replicas, the preferred
    /// leader first; nil cancels a move under way. Accepted is not finished.
    package func reassign(
        _ moves: [(partition: PartitionName, replicas: [Int32]?)],
        completion: @escaping (Result<[PartitionOutcome], ClientError>) -> Void
    ) {
        var request = AlterPartitionReassignmentsRequest()
        request.topics = Dictionary(grouping: moves, by: \.partition.topic)
            .sorted { $0.key < $1.key }
            .map { topic, moves in
                var entry = AlterPartitionReassignmentsRequest.Topic()
                entry.name = topic
                entry.partitions = moves.map { move in
                    var partition = AlterPartitionReassignmentsRequest.Partition()
                    partition.partitionIndex = move.partition.number
                    partition.replicas = move.replicas.map { IDList($0) }
                    return partition
                }
                return entry
            }
        send(request, to: .controller, lane: .slow) { result in
            completion(
                result.map { answer in
                    let told = answer.value.topics.flatMap { topic in
                        topic.partitions.map { entry in
                            Self.outcome(
                                PartitionName(topic: topic.name, number: entry.partitionIndex),
                                entry.error, entry.errorMessage)
                        }
                    }
                    return Self.outcomes(told, whole: answer.value.error, moves.map(\.partition))
                })
        }
    }

    private static func outcomes(
        of response: ElectLeadersResponse, _ partitions: [PartitionName]
    ) -> [PartitionOutcome] {
        let told = response.results.flatMap { result in
            result.partitions.map { entry in
                // It leads already: what was wanted is so.
                let isDone = entry.error == .electionNotNeeded
                return outcome(
                    PartitionName(topic: result.topic, number: entry.partitionID),
                    isDone ? .none : entry.error, entry.errorMessage)
            }
        }
        return outcomes(told, whole: response.error, partitions)
    }

    private static func outcome(
        _ partition: PartitionName, _ error: KafkaError, _ message: String?
    ) -> PartitionOutcome {
        PartitionOutcome(
            partition: partition, error: error.isError ? "\(error)" : nil,
            message: error.isError ? message : nil)
    }

    /// One outcome for each partition asked about, in that order; `whole` is the error of the
    /// answer as a whole.
    private static func outcomes(
        _ told: [PartitionOutcome], whole: KafkaError, _ partitions: [PartitionName]
    ) -> [PartitionOutcome] {
        let answers = Dictionary(
            told.map { ($0.partition, $0) }, uniquingKeysWith: { _, last in last })
        let whole = whole.isError ? "\(whole)" : nil
        return partitions.map { partition in
            var outcome =
                answers[partition]
                ?? PartitionOutcome(
                    partition: partition, error: whole ?? "\(KafkaError.unknownServerError)",
                    message: whole == nil ? "the answer does not name this partition" : nil)
            outcome.error = outcome.error ?? whole
            return outcome
        }
    }
}
