// What the journal keeps of an execution before its first request: what was set before anything of
// ours was, and which topics it is about.
internal import JSON

/// Enough, with the plan, to go on from any point.
package struct ExecutionNote: Hashable, Sendable {
    package var earlier = EarlierThrottles()
    /// By topic, as it was when the plan was begun.
    package var topics: [String: KnownTopic] = [:]

    package init() {}

    var document: JSONValue {
        .object([
            .init(
                "topics",
                .array(
                    earlier.topics.sorted { $0.key < $1.key }.map { topic, lists in
                        .object([
                            .init("topic", .string(topic)),
                            .init("leader", text(lists.leader)),
                            .init("follower", text(lists.follower)),
                        ])
                    })),
            .init(
                "brokers",
                .array(
                    earlier.brokers.sorted { $0.key < $1.key }.map { broker, rates in
                        .object([
                            .init("broker", .integer(Int64(broker))),
                            .init("leader", text(rates.leader)),
                            .init("follower", text(rates.follower)),
                        ])
                    })),
            .init(
                "topic_ids",
                .array(
                    topics.sorted { $0.key < $1.key }.map { topic, known in
                        .object([
                            .init("topic", .string(topic)), .init("id", text(known.id)),
                            .init(
                                "partitions",
                                known.partitions.map { .integer(Int64($0)) } ?? .null),
                        ])
                    })),
        ])
    }

    private func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }

    init?(_ document: JSONValue) {
        guard let topics = document["topics"]?.array, let brokers = document["brokers"]?.array
        else { return nil }
        for entry in topics {
            guard let topic = entry["topic"]?.string else { return nil }
            earlier.topics[topic] = ThrottleLists(
                leader: entry["leader"]?.string, follower: entry["follower"]?.string)
        }
        for entry in brokers {
            guard let broker = entry["broker"]?.integer.flatMap({ Int32(exactly: $0) }) else {
                return nil
            }
            earlier.brokers[broker] = ThrottleRates(
                leader: entry["leader"]?.string, follower: entry["follower"]?.string)
        }
        for entry in document["topic_ids"]?.array ?? [] {
            guard let topic = entry["topic"]?.string else { return nil }
            self.topics[topic] = KnownTopic(
                id: entry["id"]?.string,
                partitions: entry["partitions"]?.integer.flatMap { Int(exactly: $0) })
        }
    }
}

/// What tells that a topic is another one since, or has got partitions.
package struct KnownTopic: Hashable, Sendable {
    /// Nil where brokers do not tell ids (before Kafka 2.8).
    package var id: String?
    package var partitions: Int?

    package init(id: String? = nil, partitions: Int? = nil) {
        (self.id, self.partitions) = (id, partitions)
    }
}
