// A group that does not come out of its rebalance.

internal import ClusterModel

/// Groups that have been rebalancing for too long.
enum RebalancingGroups: GroupRule {
    static let entry = RuleEntry(
        "groups_rebalancing", "groups rebalancing too long", .warning, .groups, behind: 7,
        advice: "A member joins late or again and again: compare max.poll.interval.ms and "
            + "session.timeout.ms with what it does between two polls.")
    static let verdicts: Set<GroupVerdict> = [.rebalancing]

    static func summary(_ count: Int) -> String {
        "\(plural(count, "group")) have been rebalancing for too long"
    }
}
