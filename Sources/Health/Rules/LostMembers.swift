// A server of the ensemble or a voter of the quorum that takes no part.

internal import ClusterModel

/// Members of the coordinator that do not serve or fetch.
enum LostMembers: Rule {
    static let entry = RuleEntry(
        "coordinator_member", "coordinator members", .warning, .coordinator,
        advice: "Bring it back: each member less brings the loss of the majority nearer.")

    static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        if cluster.kind == .zookeeper {
            return cluster.coordinator.servers.filter { $0.isServing == false }.map {
                finding(.server($0.name), "\($0.name) is not serving")
            }
        }
        guard let quorum = cluster.quorum else { return [] }
        return quorum.voters.filter { cluster.takesPart($0) == false }.map {
            let isLost = cluster.lostContact(with: $0.id) != nil
            let does = isLost ? "does not answer" : "is not fetching"
            let isActive = quorum.leader == $0.id
            return finding(
                .voter($0.id),
                isActive
                    ? "no elections and no changes until another controller is elected: "
                        + "controller \($0.id), the active one, \(does)"
                    : "controller \($0.id) \(does)")
        }
    }
}
