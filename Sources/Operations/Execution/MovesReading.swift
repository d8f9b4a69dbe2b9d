// What is being moved in a cluster now, by whomever, and the throttles that stand there: those that
// no move needs were left behind.
internal import KafkaClient
package import Planning

/// Moves and throttles at one moment.
package struct MovesReading: Sendable {
    /// One partition on its way.
    package struct Move: Sendable {
        package var topic: String
        package var partition: Int32
        package var target: [Int32]
        package var adding: [Int32]
        package var removing: [Int32]
        /// Of the new replicas together, as far as their brokers tell; nil: not told.
        package var bytesDone: Int64?
        /// What they come to; nil where the leader does not tell.
        package var bytesTotal: Int64?
        /// The journal's id of whoever moves it from here.
        package var owner: String?
    }

    /// A throttled list or rate.
    package struct Throttle: Sendable {
        /// "topic orders", "broker 3".
        package var resource: String
        package var key: String
        package var value: String
        /// Nothing that is being moved needs it.
        package var isLeftBehind: Bool
    }

    package var moves: [Move] = []
    package var throttles: [Throttle] = []
    /// Brokers and topics whose throttles could not be read.
    package var unread: [String] = []
}

extension Operator {
    /// Reads what is being moved, and the throttles of topics and of all live brokers.
    package func readMoves(
        topics: [String], records: [JournalRecord],
        completion: @escaping @Sendable (Result<MovesReading, OperationRefusal>) -> Void
    ) {
        session.run { client in
            client.listMoves { result in
                switch result {
                case .failure(let error): completion(.failure(.unread(error.sentence)))
                case .success(let moves):
                    Self.read(client, moves, topics, records, completion)
                }
            }
        }
    }

    private static func read(
        _ client: KafkaClient, _ moves: [OngoingMove], _ topics: [String],
        _ records: [JournalRecord],
        _ completion: @escaping @Sendable (Result<MovesReading, OperationRefusal>) -> Void
    ) {
        let partitions = Set(moves.lazy.map(\.partition))
        client.readMoving(partitions, isWhole: false) { result in
            switch result {
            case .failure(let error): completion(.failure(.unread(error.sentence)))
            case .success(let reading):
                var questions = ExecutionQuestions(topics: topics, brokers: reading.brokers)
                for move in moves {
                    let leader = reading.states[move.partition]?.leader
                    for broker in move.adding + [leader].compactMap(\.self) {
                        questions.replicas[broker, default: []].append(move.partition)
                    }
                }
                FactsReader.read(
                    client, partitions, questions, isWhole: false, knowsTopics: true
                ) { [questions] result in
                    completion(
                        result.map { MovesReading($0, questions, records) }
                            .mapError { .unread($0.sentence) })
                }
            }
        }
    }
}

extension MovesReading {
    init(
        _ facts: ExecutionFacts, _ questions: ExecutionQuestions, _ records: [JournalRecord]
    ) {
        var owners: [PartitionName: String] = [:]
        for record in records where !record.isEnded {
            for move in (record.change as? PlanExecution)?.moves ?? [] {
                owners[move.name] = record.id
            }
        }
        let ongoing = facts.ongoing.values.sorted {
            ($0.partition.topic, $0.partition.number) < ($1.partition.topic, $1.partition.number)
        }
        for move in ongoing {
            let name = move.partition
            let leader = facts.reading.states[name]?.leader
            let whole = leader.flatMap { facts.sizes[ReplicaName(name, $0)] }
            let parts = move.adding.compactMap { facts.sizes[ReplicaName(name, $0)] }
            moves.append(
                Move(
                    topic: name.topic, partition: name.number, target: move.target,
                    adding: move.adding, removing: move.removing,
                    bytesDone: parts.count == move.adding.count ? parts.reduce(0, +) : nil,
                    bytesTotal: whole.map { $0 * Int64(move.adding.count) },
                    owner: owners[name]))
        }
        let movingTopics = Set(ongoing.lazy.map { $0.partition.topic })
        let isQuiet = ongoing.isEmpty
        for topic in questions.topics {
            guard let lists = facts.topics[topic] else {
                unread.append("topic \(topic)")
                continue
            }
            add("topic \(topic)", ThrottleLists.leaderKey, lists.leader, movingTopics, topic)
            add("topic \(topic)", ThrottleLists.followerKey, lists.follower, movingTopics, topic)
        }
        for broker in questions.brokers {
            guard let rates = facts.brokers[broker] else {
                unread.append("broker \(broker)")
                continue
            }
            for (key, value) in [
                (ThrottleRates.leaderKey, rates.leader),
                (ThrottleRates.followerKey, rates.follower),
            ] {
                guard let value else { continue }
                throttles.append(
                    Throttle(
                        resource: "broker \(broker)", key: key, value: value,
                        isLeftBehind: isQuiet))
            }
        }
    }

    private mutating func add(
        _ resource: String, _ key: String, _ value: String?, _ moving: Set<String>,
        _ topic: String
    ) {
        guard let value, !value.isEmpty else { return }
        throttles.append(
            Throttle(
                resource: resource, key: key, value: value,
                isLeftBehind: !moving.contains(topic)))
    }
}
