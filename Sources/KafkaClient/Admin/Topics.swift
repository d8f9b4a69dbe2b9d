// Verbs about topics in plain values: made with their replicas where they are wanted, widened, and
// deleted. All are asked of the controller.
internal import KafkaWire

/// A topic that is to be made.
package struct NewTopic: Hashable, Sendable {
    package var name: String
    /// The brokers of each partition, the preferred leader first.
    package var replicas: [[Int32]]
    package var configs: [ConfigSetting]

    package init(_ name: String, replicas: [[Int32]], configs: [ConfigSetting] = []) {
        self.name = name
        self.replicas = replicas
        self.configs = configs
    }
}

/// What became of one topic of a request.
package struct TopicOutcome: Hashable, Sendable {
    package var topic: String
    /// Kafka's name of the error; nil: done.
    package var error: String?
    /// The broker's own sentence.
    package var message: String?

    fileprivate init(_ topic: String, _ error: KafkaError, _ message: String?) {
        self.topic = topic
        self.error = error.isError ? "\(error)" : nil
        self.message = error.isError ? message : nil
    }
}

extension KafkaClient {
    /// Makes a topic.
    /// - Parameter validatesOnly: the controller says whether it would, and makes nothing.
    package func createTopic(
        _ topic: NewTopic, validatesOnly: Bool = false,
        completion: @escaping (Result<TopicOutcome, ClientError>) -> Void
    ) {
        var wanted = CreateTopicsRequest.Topic()
        wanted.name = topic.name
        wanted.assignments = topic.replicas.enumerated().map { number, brokers in
            var entry = CreateTopicsRequest.Assignment()
            entry.partitionIndex = Int32(number)
            entry.brokerIDs = IDList(brokers)
            return entry
        }
        wanted.configs = topic.configs.map { setting in
            var config = CreateTopicsRequest.Config()
            config.name = setting.key
            config.value = setting.value
            return config
        }
        var request = CreateTopicsRequest()
        request.topics = [wanted]
        request.validateOnly = validatesOnly
        send(request, to: .controller, lane: .slow) { result in
            completion(
                result.map { answer in
                    let told = answer.value.topics.first { $0.name == topic.name }
                    return Self.outcome(topic.name, told.map { ($0.error, $0.errorMessage) })
                })
        }
    }

    /// Gives a topic more partitions.
    /// - Parameters:
    ///   - count: how many it has then.
    ///   - replicas: the brokers of each new one, the preferred leader first.
    package func addPartitions(
        to topic: String, count: Int32, replicas: [[Int32]], validatesOnly: Bool = false,
        completion: @escaping (Result<TopicOutcome, ClientError>) -> Void
    ) {
        var wanted = CreatePartitionsRequest.Topic()
        wanted.name = topic
        wanted.count = count
        wanted.assignments = replicas.map { brokers in
            var entry = CreatePartitionsRequest.Assignment()
            entry.brokerIDs = IDList(brokers)
            return entry
        }
        var request = CreatePartitionsRequest()
        request.topics = [wanted]
        request.validateOnly = validatesOnly
        send(request, to: .controller, lane: .slow) { result in
            completion(
                result.map { answer in
                    let told = answer.value.results.first { $0.name == topic }
                    return Self.outcome(topic, told.map { ($0.error, $0.errorMessage) })
                })
        }
    }

    /// Deletes topics with all their records; one outcome for each, in their order.
    package func deleteTopics(
        _ topics: [String],
        completion: @escaping (Result<[TopicOutcome], ClientError>) -> Void
    ) {
        func request(_ version: Int16) -> DeleteTopicsRequest {
            var request = DeleteTopicsRequest()
            if version >= 6 {
                request.topics = topics.map { name in
                    var topic = DeleteTopicsRequest.Topic()
                    topic.name = name
                    return topic
                }
            } else {
                request.topicNames = topics
            }
            return request
        }
        send(to: .controller, lane: .slow, building: request) { result in
            completion(
                result.map { answer in
                    topics.map { topic in
                        let told = answer.value.responses.first { $0.name == topic }
                        return Self.outcome(topic, told.map { ($0.error, $0.errorMessage) })
                    }
                })
        }
    }

    private static func outcome(
        _ topic: String, _ told: (error: KafkaError, message: String?)?
    ) -> TopicOutcome {
        guard let told else {
            return TopicOutcome(
                topic, .unknownServerError, "the answer does not name this topic")
        }
        return TopicOutcome(topic, told.error, told.message)
    }
}

/// A topic as a broker believes it to be at this moment.
package struct TopicReading: Sendable {
    /// Nil before Kafka 0.10.1.
    package var clusterID: String?
    /// Nil before Kafka 2.8.
    package var topicID: String?
    /// The assignment of each partition, the preferred leader first; empty: no such topic.
    package var replicas: [[Int32]] = []
}

extension KafkaClient {
    /// Reads one topic.
    package func readTopic(
        _ name: String, completion: @escaping (Result<TopicReading, ClientError>) -> Void
    ) {
        readTopics([name]) { result in
            completion(
                result.map { clusterID, topics in topics[name] ?? TopicReading(clusterID: clusterID)
                })
        }
    }

    /// Reads topics; those that the broker does not know are missing.
    package func readTopics(
        _ names: [String],
        completion:
            @escaping (Result<(clusterID: String?, topics: [String: TopicReading]), ClientError>) ->
            Void
    ) {
        send(to: .any, building: { MetadataRequest(topics: names, version: $0) }) {
            [weak self] result in
            if case .success(let answer) = result { self?.learn(answer.value) }
            completion(
                result.flatMap { answer in
                    var topics: [String: TopicReading] = [:]
                    for topic in answer.value.topics {
                        guard let name = topic.name else { continue }
                        if topic.error == .unknownTopicOrPartition || topic.error == .invalidTopic {
                            continue
                        }
                        // A topic that cannot be read must not be taken for one that is not there.
                        if topic.partitions.isEmpty, topic.error.isError {
                            return .failure(
                                Self.refused(
                                    MetadataRequest.self, answer.brokerID, topic.error, name))
                        }
                        let ordered = topic.partitions.sorted {
                            $0.partitionIndex < $1.partitionIndex
                        }
                        topics[name] = TopicReading(
                            clusterID: answer.value.clusterID,
                            topicID: topic.topicID.isZero ? nil : topic.topicID.description,
                            replicas: ordered.map { Array($0.replicaNodes) })
                    }
                    return .success((answer.value.clusterID, topics))
                })
        }
    }
}
