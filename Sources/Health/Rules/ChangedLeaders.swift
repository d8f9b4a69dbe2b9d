// Leaders that changed while we looked: the trace a restart or an election leaves.

internal import ClusterModel

/// Changes of leaders in the last minutes.
enum ChangedLeaders: Rule {
    static let entry = RuleEntry(
        "leaders_changed", "leaders changed", .notice, .partitions,
        advice: "Expected after a restart or an election; else a broker or its session is unsteady."
    )

    /// The changes that are told of.
    static func recent(_ cluster: Cluster) -> [LeaderChange] {
        cluster.leaderChanges.filter {
            cluster.takenAt.seconds(since: $0.at) < Limits.leaderChangeSeconds
        }
    }

    static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        let recent = recent(cluster)
        guard let newest = recent.last else { return [] }
        func name(_ id: BrokerID) -> String { id.exists ? "\(id)" : "none" }
        let most = Cluster.keptLeaderChanges
        let count =
            recent.count >= most ? "more than \(most) leaders" : plural(recent.count, "leader")
        return [
            finding(
                .cluster,
                "\(count) changed in 5 min, newest: \(newest.partition) from "
                    + "\(name(newest.from)) to \(name(newest.to))",
                link: .object(.partition(newest.partition)), since: newest.at)
        ]
    }
}
