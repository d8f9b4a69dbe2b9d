// Reads from the cluster what the execution of a plan asks for, one kind of question after the
// other.
internal import KafkaClient
internal import Planning

/// One reading. It keeps itself alive until its answer.
final class FactsReader {
    typealias Completion = (Result<ExecutionFacts, ClientError>) -> Void

    private let client: KafkaClient
    private let questions: ExecutionQuestions
    private let leastOf: [String]
    private var facts = ExecutionFacts()
    private let completion: Completion

    private init(
        _ client: KafkaClient, _ questions: ExecutionQuestions, leastOf: [String],
        _ completion: @escaping Completion
    ) {
        (self.client, self.questions, self.leastOf) = (client, questions, leastOf)
        self.completion = completion
    }

    /// - Parameters:
    ///   - leastOf: topics whose `min.insync.replicas` is asked for.
    ///   - knowsTopics: the topics asked about are known to be there.
    static func read(
        _ client: KafkaClient, _ partitions: Set<PartitionName>, _ questions: ExecutionQuestions,
        isWhole: Bool, leastOf: [String] = [], knowsTopics: Bool = false,
        completion: @escaping Completion
    ) {
        let reader = FactsReader(client, questions, leastOf: leastOf, completion)
        client.readMoving(partitions, isWhole: isWhole) { result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let reading):
                reader.facts.reading = reading
                // What is not there cannot be asked for its configs.
                reader.readMoves(
                    knowsTopics
                        ? Set(questions.topics) : Set(reading.states.keys.map { $0.topic }))
            }
        }
    }

    private func readMoves(_ there: Set<String>) {
        client.listMoves { [self] result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let moves):
                facts.ongoing = Dictionary(
                    moves.map { ($0.partition, $0) }, uniquingKeysWith: { first, _ in first })
                let topics = questions.topics.filter { there.contains($0) }
                readLists(chunks(topics, of: Limits.topicsPerReading)[...], there)
            }
        }
    }

    private func readLists(_ rest: ArraySlice<[String]>, _ there: Set<String>) {
        guard let topics = rest.first else {
            return readLeast(
                chunks(leastOf.filter { there.contains($0) }, of: Limits.topicsPerReading)[...])
        }
        client.readConfigs(of: topics.map { (.topic($0), ThrottleLists.keys) }) { [self] result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let values):
                for (topic, told) in zip(topics, values) {
                    facts.topics[topic] = ThrottleLists(
                        leader: told[ThrottleLists.leaderKey],
                        follower: told[ThrottleLists.followerKey])
                }
                readLists(rest.dropFirst(), there)
            }
        }
    }

    private func readLeast(_ rest: ArraySlice<[String]>) {
        guard let topics = rest.first else { return readBrokers() }
        client.readInForce("min.insync.replicas", ofTopics: topics) { [self] result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let values):
                for (topic, value) in values {
                    facts.leastInSync[topic] = Int(value).map { min(max(1, $0), 1_000) }
                }
                readLeast(rest.dropFirst())
            }
        }
    }

    /// Each broker is asked for itself, all at once; who does not answer is not told of.
    private func readBrokers() {
        let alive = Set(facts.reading.brokers)
        let rates = questions.brokers.filter(alive.contains)
        let disks = questions.replicas.filter { alive.contains($0.key) }
        var left = rates.count + disks.count
        guard left > 0 else { return completion(.success(facts)) }
        func end() {
            left -= 1
            if left == 0 { completion(.success(facts)) }
        }
        for broker in rates {
            client.readConfigs(of: [(.broker(broker), ThrottleRates.keys)]) { [self] result in
                if case .success(let values) = result, let told = values.first {
                    facts.brokers[broker] = ThrottleRates(
                        leader: told[ThrottleRates.leaderKey],
                        follower: told[ThrottleRates.followerKey])
                }
                end()
            }
        }
        for (broker, partitions) in disks.sorted(by: { $0.key < $1.key }) {
            client.readDisks(of: broker, partitions) { [self] result in
                if case .success(let told) = result { take(told, broker) }
                end()
            }
        }
    }

    private func take(_ told: DiskReading, _ broker: Int32) {
        for (partition, size) in told.sizes {
            facts.sizes[ReplicaName(partition, broker)] = size
        }
        if told.failed > 0 { facts.failedDisks.insert(broker) }
        guard !told.volumes.isEmpty else { return }
        var whole = DiskReading.Volume(totalBytes: 0, usableBytes: 0)
        for volume in told.volumes {
            whole.totalBytes &+= volume.totalBytes
            whole.usableBytes &+= volume.usableBytes
        }
        facts.volumes[broker] = whole
    }
}
