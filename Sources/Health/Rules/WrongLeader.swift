// A partition led by another replica than the first of its assignment.

internal import ClusterModel

/// Partitions not led by the preferred replica.
enum WrongLeader: PartitionRule {
    static let entry = RuleEntry(
        "wrong_leader", "wrong leader", .notice, .partitions,
        strip: .init(5, short: "wrong", tiny: "wrg"),
        advice: "A preferred election gives the lead back, once the preferred replica is in sync.",
        keys: "E")

    static func holds(_ facts: PartitionFacts, _ scope: RowScope) -> Bool? { facts.isWrongLeader }

    static func summary(_ count: Int) -> String {
        "\(plural(count, "partition")) not led by the preferred replica"
    }
}
