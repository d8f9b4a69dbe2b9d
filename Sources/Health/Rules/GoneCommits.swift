// Commits of topics that were deleted: the coordinator keeps them until they expire.

internal import ClusterModel

/// Groups with commits of topics that are no more.
enum GoneCommits: Rule {
    static let entry = RuleEntry(
        "commits_of_deleted_topics", "commits of deleted topics", .notice, .groups,
        advice:
            "They count for nothing, and go when they expire or the group's offsets are deleted.")

    static func check(_ pass: HealthPass) -> [Finding] {
        let groups = pass.cluster.groups.filter { $0.goneCount > 0 }
        if groups.count > Limits.findingsEach {
            return [
                finding(
                    .cluster, "\(plural(groups.count, "group")) have commits of deleted topics",
                    link: .rows)
            ]
        }
        return groups.map { group in
            let count = plural(group.goneCount, "partition")
            return finding(
                .group(group.id), "group \(group.id) has commits of \(count) of deleted topics")
        }
    }
}
