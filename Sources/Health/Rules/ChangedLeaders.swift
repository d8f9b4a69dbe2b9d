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
            cluster.takenAt.seconds(since: $0.at) < cluster.thresholds[.leadersChanged]
        }
    }

    static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        let recent = recent(cluster)
        guard let newest = recent.last else { return [] }
        let seconds = cluster.thresholds[.leadersChanged]
        let minutes =
            seconds.remainder(dividingBy: 60) == 0 && seconds < 6_000
            ? "\(Int(seconds / 60)) min" : NumberFormat.duration(seconds)
        func name(_ id: BrokerID) -> String { id.exists ? "\(id)" : "none" }
        let most = Cluster.keptLeaderChanges
        let count =
            recent.count >= most ? "more than \(most) leaders" : plural(recent.count, "leader")
        return [
            finding(
                .cluster,
                "\(count) changed in \(minutes), newest: \(newest.partition) from "
                    + "\(name(newest.from)) to \(name(newest.to))",
                link: .object(.partition(newest.partition)), since: newest.at)
        ]
    }
}
