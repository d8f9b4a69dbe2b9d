// Overrides of topics that lose records, stop writers, or keep everything for ever. The list is
// that of Kafka's own documentation and of what operators met (ecosystem.md 5.6).

internal import ClusterModel

/// Topics with dangerous overrides, one finding a kind.
enum DangerousConfigs: Rule {
    static let entry = RuleEntry(
        "config_dangerous", "dangerous configs", .notice, .none,
        advice: "C lists the overrides by key; e edits one, d takes it away.", keys: "C")

    private struct Danger {
        /// Distinguishes its finding.
        var detail: String
        var text: String
        /// Judged by a topic's overrides and its number of replicas.
        var holds: ([String: String], Int) -> Bool
    }

    private static var dangers: [Danger] {
        [
            Danger(
                detail: "unclean",
                text: "unclean.leader.election.enable is on: an election may lose records"
            ) { set, _ in set["unclean.leader.election.enable"] == "true" },
            Danger(
                detail: "min_isr_all",
                text: "min.insync.replicas is all replicas: the stop of one broker stops writers"
            ) { set, replicas in
                replicas > 1 && number(set["min.insync.replicas"]) >= Int64(replicas)
            },
            Danger(
                detail: "min_isr_one",
                text: "min.insync.replicas is 1 of 3 or more: acks=all waits for no second copy"
            ) { set, replicas in replicas > 2 && number(set["min.insync.replicas"]) == 1 },
            Danger(
                detail: "never_deleted",
                text: "retention.ms is -1 and retention.bytes not set: nothing is ever deleted"
            ) { set, _ in
                set["retention.ms"] == "-1" && number(set["retention.bytes"]) <= 0
                    && set["cleanup.policy"]?.contains("compact") != true
            },
            Danger(
                detail: "segment_longer",
                text: "segment.ms is longer than retention.ms: records stay longer than that"
            ) { set, _ in
                let retention = number(set["retention.ms"])
                return retention > 0 && number(set["segment.ms"]) > retention
            },
        ]
    }

    /// 0: not set, or no number.
    private static func number(_ text: String?) -> Int64 { text.flatMap { Int64($0) } ?? 0 }

    private static let concerned: Set<String> = [
        "unclean.leader.election.enable", "min.insync.replicas", "retention.ms",
    ]

    static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        let dangers = dangers
        // Topics share their lists of overrides: each is judged once for each number of replicas.
        var isAny = false
        cluster.configs.forEachList { list, _ in
            if list.contains(where: { concerned.contains($0.name) }) { isAny = true }
        }
        guard isAny else { return [] }
        var judged: [ListOfReplicas: [Int]] = [:]
        var topics = Array(repeating: [String](), count: dangers.count)
        for place in cluster.topics.indices {
            let historyIndex = cluster.topics[place].historyIndex
            guard let list = cluster.configs.listNumber(historyIndex: historyIndex) else {
                continue
            }
            let key = ListOfReplicas(list: list, replicas: cluster.topics[place].replicationFactor)
            let kinds =
                judged[key]
                ?? dangers.indices.filter {
                    dangers[$0].holds(set(cluster.overrides(topic: place) ?? []), key.replicas)
                }
            judged[key] = kinds
            for kind in kinds { topics[kind].append(cluster.topics[place].name) }
        }
        return zip(dangers, topics).filter { !$1.isEmpty }.map { danger, topics in
            finding(
                topics.count == 1 ? .topic(topics[0]) : .cluster,
                "\(TopicFaults.named(topics)): \(danger.text)", link: .nothing,
                detail: danger.detail, evidence: [.init("topics", topics.count)])
        }
    }

    private struct ListOfReplicas: Hashable {
        var list: Int32
        var replicas: Int
    }

    private static func set(_ list: [ConfigOverride]) -> [String: String] {
        Dictionary(
            list.compactMap { entry in entry.value.map { (entry.name, $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}
