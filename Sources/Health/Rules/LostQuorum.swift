// A coordinator that has no majority, or that would have none after one more loss.

internal import ClusterModel

/// No quorum, or nearly none.
enum LostQuorum: Rule {
    static let entry = RuleEntry(
        "coordinator_quorum", "coordinator quorum", .critical, .coordinator,
        advice: "Bring the members back that do not serve.")

    static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        let size = max(cluster.coordinator.servers.count, cluster.quorum?.voters.count ?? 0)
        if cluster.coordinatorHasQuorum == false {
            return [
                finding(
                    .cluster, "the coordinator has no quorum: no changes can be made", link: .rows)
            ]
        }
        guard cluster.survivesOneMoreLoss == false, size > 1 else { return [] }
        return [
            finding(
                .cluster, "the coordinator: one more loss stops all changes to the cluster",
                severity: .warning, link: .rows)
        ]
    }
}
