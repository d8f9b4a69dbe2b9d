// The overrides of one topic for others, as a request: key, command and script ask alike.
package import ClusterModel

/// Why the overrides of a topic cannot be copied, in a sentence without a full stop.
package struct CopyFault: Error, Hashable, Sendable {
    package var sentence: String
}

extension ChangeRequest {
    /// Lists of the topic's own partitions and brokers: on another topic they mean nothing.
    private static let ofOneTopic: Set<String> = [
        "leader.replication.throttled.replicas", "follower.replication.throttled.replicas",
    ]

    /// What sets on topics all that is set on another topic.
    /// - Parameter isExact: what is set on them and not on that one is unset, so that they have the
    ///   same overrides then.
    package init(
        copyingOverridesOf source: String, to topics: [String], isExact: Bool, in cluster: Cluster
    ) throws(CopyFault) {
        func overrides(_ name: String) throws(CopyFault) -> [ConfigOverride] {
            guard let index = cluster.topicIndex(named: name) else {
                throw CopyFault(sentence: "the cluster has no topic \(name)")
            }
            guard let all = cluster.overrides(topic: index) else {
                throw CopyFault(sentence: "the overrides of topic \(name) are not known")
            }
            return all.filter { !Self.ofOneTopic.contains($0.name) }
        }
        guard !topics.contains(source) else {
            throw CopyFault(sentence: "topic \(source) is what is copied: name others")
        }
        var values: [Value] = []
        for config in try overrides(source) {
            guard let value = config.value else {
                throw CopyFault(
                    sentence: "Kafka does not tell the value of \(config.name) of topic \(source)")
            }
            values.append(Value(config.name, value))
        }
        if isExact {
            let wanted = Set(values.map(\.key))
            var others: Set<String> = []
            for topic in topics { others.formUnion(try overrides(topic).map(\.name)) }
            values += others.subtracting(wanted).sorted().map { Value($0, nil) }
        } else if values.isEmpty {
            throw CopyFault(sentence: "nothing is set on topic \(source) itself")
        }
        self.init("alter_configs", of: topics.map { .topic($0) }, values: values)
    }
}
