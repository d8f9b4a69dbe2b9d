// A group from which retention takes what it has not read.

internal import ClusterModel

/// Groups that lose records, or are about to.
enum LosingGroups: GroupRule {
    static let entry = RuleEntry(
        "groups_losing_data", "groups losing data", .critical, .groups, behind: 7,
        advice: "Raise retention.ms or retention.bytes of its topics until it has caught up.")
    static let verdicts: Set<GroupVerdict> = [.losingData]

    static func summary(_ count: Int) -> String {
        "\(plural(count, "group")) lose data to retention"
    }
}
