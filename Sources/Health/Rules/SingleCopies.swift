// Topics with one replica a partition: nothing is wrong now, and the loss of one broker loses them.

internal import ClusterModel

/// Topics of which there is one copy.
enum SingleCopies: Rule {
    static let entry = RuleEntry(
        "single_replica", "single copies", .notice, .none, isStanding: true,
        advice: "The stop of its one broker stops such a topic, and the loss of its disk loses it: "
            + "highwater plan replication --factor 3 gives it copies.")

    static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        // With one broker there is no place for a second copy.
        guard cluster.knowsPartitions, cluster.brokers.count(where: \.isListed) > 1 else {
            return []
        }
        let topics = cluster.topics.filter { $0.replicationFactor == 1 && $0.partitionCount > 0 }
        guard !topics.isEmpty else { return [] }
        let partitions = topics.reduce(0) { $0 + $1.partitionCount }
        let have = topics.count == 1 ? "has" : "have"
        return [
            finding(
                topics.count == 1 ? .topic(topics[0].name) : .cluster,
                "\(TopicFaults.named(topics.map(\.name))) \(have) one copy of "
                    + "\(plural(partitions, "partition")): no broker may stop without them",
                link: topics.count == 1 ? .subject : .nothing,
                evidence: [
                    .init("topics", topics.count), .init("partitions", partitions),
                ])
        ]
    }
}
