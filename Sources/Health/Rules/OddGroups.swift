// What is worth a look about a group and no fault by itself.

internal import ClusterModel

/// Groups that were set back, that one member reads alone, or that commit nothing for a partition.
enum OddGroups: GroupRule {
    static let entry = RuleEntry(
        "groups_odd", "groups worth a look", .notice, .groups, behind: 7,
        advice: "Set back: somebody reset it, or a consumer began anew. One member with all: see "
            + "why the others get nothing. No commit: records there are not read, or not "
            + "acknowledged.")
    static let verdicts: Set<GroupVerdict> = [.rewound, .loneMember, .uncommitted]

    static func summary(_ count: Int) -> String { "\(plural(count, "group")) worth a look" }
}
