// A group that commits and reads more slowly than others write.

internal import ClusterModel

/// Groups that fall behind.
enum GroupsBehind: GroupRule {
    static let entry = RuleEntry(
        "groups_behind", "groups falling behind", .warning, .groups, behind: 7,
        advice: "It reads more slowly than others write: add members up to its partitions, or see "
            + "what each record costs them.")
    static let verdicts: Set<GroupVerdict> = [.fallingBehind]

    static func summary(_ count: Int) -> String { "\(plural(count, "group")) fall behind" }
}
