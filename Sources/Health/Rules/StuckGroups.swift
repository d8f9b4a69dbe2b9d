// A group with records to read that commits nothing.

internal import ClusterModel

/// Groups that stand still, as a whole or in some partitions.
enum StuckGroups: GroupRule {
    static let entry = RuleEntry(
        "groups_stuck", "groups stuck", .warning, .groups,
        strip: .init(7, short: "stuck", tiny: "grp"),
        advice: "See whether its consumers run and what they wait for.")
    static let verdicts: Set<GroupVerdict> = [.stalled, .stopped, .noMembers]

    static func summary(_ count: Int) -> String { "\(plural(count, "group")) stand still" }
}
