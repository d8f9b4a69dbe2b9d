// Throttles of a reassignment that is over: they slow replication that has nothing to do with it.
// kafka-reassign-partitions.sh takes them away with --verify only (docs/ops.html of Kafka).

package import ClusterModel

/// Topics with replication throttles while nothing moves.
package enum LeftThrottles: Rule {
    package static let entry = RuleEntry(
        "throttles_left", "throttles left behind", .warning, .none,
        advice: "C lists the overrides: take leader.replication.throttled.replicas and "
            + "follower.replication.throttled.replicas away (d), or run --verify of the "
            + "reassignment.",
        keys: "C")

    package static let configs: Set<String> = [
        "leader.replication.throttled.replicas", "follower.replication.throttled.replicas",
    ]

    /// What stands on brokers beside them.
    package static let rates = [
        "leader.replication.throttled.rate", "follower.replication.throttled.rate",
    ]

    /// Names of topics with throttled replicas while nothing moves, ascending; of a judged cluster.
    package static func topics(_ cluster: Cluster) -> [String] {
        cluster.counts[MovingPartitions.entry.name] == 0 ? listed(cluster) : []
    }

    /// Names of topics with throttled replicas, whether anything moves or not, ascending.
    package static func listed(_ cluster: Cluster) -> [String] {
        TopicFaults.topics(cluster) { override in
            configs.contains(override.name) && override.value?.isEmpty == false
        }
    }

    package static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        guard cluster.health(.reassignments).answeredAt.happened,
            pass.found(MovingPartitions.self).count == 0
        else { return [] }
        let topics = listed(cluster)
        guard !topics.isEmpty else { return [] }
        return [
            finding(
                .cluster,
                "replication throttles are left on \(TopicFaults.named(topics)) and nothing is "
                    + "moved",
                link: .nothing, evidence: [.init("topics", topics.count)])
        ]
    }
}

/// Topics by what is set on them.
enum TopicFaults {
    /// Names of the topics with an override like that, ascending. Lists of overrides are shared by
    /// topics: none is read twice where none has one.
    static func topics(_ cluster: Cluster, _ isMeant: (ConfigOverride) -> Bool) -> [String] {
        var isAny = false
        cluster.configs.forEachList { list, _ in if list.contains(where: isMeant) { isAny = true } }
        guard isAny else { return [] }
        return cluster.topics.indices.filter { place in
            cluster.overrides(topic: place)?.contains(where: isMeant) == true
        }.map { cluster.topics[$0].name }
    }

    /// "topic orders", "3 topics (orders, payments, …)".
    static func named(_ topics: [String]) -> String {
        if topics.count == 1 { return "topic \(shownName(topics[0]))" }
        let first = topics.prefix(2).map(shownName).joined(separator: ", ")
        return "\(plural(topics.count, "topic")) (\(first)\(topics.count > 2 ? ", …" : ""))"
    }
}
