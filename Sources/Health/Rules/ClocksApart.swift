// The active controller's clock and ours, where they differ: it stamps its own answer about the
// quorum (DescribeQuorum; LeaderState of Kafka). No other server tells its time.

internal import ClusterModel

/// Clocks that differ.
enum ClocksApart: Rule {
    static let entry = RuleEntry(
        "clock_apart", "clocks apart", .notice, .coordinator,
        advice: "Set both by NTP: tokens, certificates and retention are judged by them.")

    static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        guard cluster.isQuorumFresh, let quorum = cluster.quorum, let told = quorum.reportedAt,
            let age = cluster.ageSeconds(cluster.health(.quorum).answeredAt)
        else { return [] }
        let ours = cluster.takenAtWall.ms &- Int64(min(age, 1e9) * 1_000)
        let ahead = Double(told.ms &- ours) / 1_000
        guard abs(ahead) >= cluster.thresholds[.clockApart] else { return [] }
        let amount = NumberFormat.duration(abs(ahead).nearestWhole)
        return [
            finding(
                .voter(quorum.leader),
                "the clock of controller \(quorum.leader) is \(amount) "
                    + "\(ahead > 0 ? "ahead of" : "behind") this machine's",
                evidence: [.init("seconds_ahead", ahead.nearestWhole)])
        ]
    }
}
