// A group with records to read that commits nothing.

internal import ClusterModel

/// Groups that stand still.
enum StuckGroups: Rule {
    static let entry = RuleEntry(
        "groups_stuck", "groups stuck", .warning, .groups,
        strip: .init(7, short: "stuck", tiny: "grp"),
        advice: "See whether its consumers run and what they wait for.")

    static func count(_ pass: HealthPass) -> Int? {
        let cluster = pass.cluster
        let stuck = cluster.stuckGroups.count { $0 == true }
        if stuck > 0 { return stuck }
        guard cluster.health(.groups).answeredAt.happened, !cluster.isBeingRead(.groups) else {
            return nil
        }
        return cluster.hasUnjudgedGroups ? nil : 0
    }

    static func check(_ pass: HealthPass) -> [Finding] {
        guard let stuck = count(pass), stuck > 0 else { return [] }
        if stuck > Limits.findingsEach {
            return [finding(.cluster, "\(plural(stuck, "group")) stand still", link: .rows)]
        }
        return pass.cluster.groups.filter { $0.isStuck == true }.map { group in
            let lag = NumberFormat.count(group.lag)
            let why = group.members?.isEmpty == true ? "has no members" : "consumes nothing"
            return finding(
                .group(group.id), "group \(shownName(group.id)) \(why), \(lag) records behind")
        }
    }
}
