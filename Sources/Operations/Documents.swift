// Identities as Kafka's own JSON files write them: {"topic": …, "partition": …}.
internal import ClusterModel
internal import JSON

extension PartitionKey {
    var members: [JSONValue.Member] {
        [.init("topic", .string(topic)), .init("partition", .integer(Int64(partition)))]
    }

    var document: JSONValue { .object(members) }

    init?(_ document: JSONValue) {
        guard let topic = document["topic"]?.string,
            let number = document["partition"]?.integer.flatMap({ Int32(exactly: $0) })
        else { return nil }
        self.init(topic: topic, partition: number)
    }
}

extension BrokerID {
    init?(_ document: JSONValue?) {
        guard let id = document?.integer.flatMap({ Int32(exactly: $0) }) else { return nil }
        self.init(id)
    }
}

extension JSONValue.Member {
    /// The partitions of a change, each with what else is kept of it.
    static func partitions<Item>(
        _ items: [Item], _ key: (Item) -> PartitionKey, _ more: (Item) -> [JSONValue.Member]
    ) -> JSONValue.Member {
        .init("partitions", .array(items.map { .object(key($0).members + more($0)) }))
    }
}
