// Our own session with the ZooKeeper ensemble.

internal import ClusterModel

/// A session that is lost, or with a server that is cut off.
enum EnsembleSession: Rule {
    static let entry = RuleEntry(
        "ensemble_session", "ZooKeeper session", .warning, .coordinator,
        advice: "See whether the ensemble's servers run and can be reached from here.")

    static func check(_ pass: HealthPass) -> [Finding] {
        switch pass.cluster.coordinator.session {
        case .lost(let since, let why):
            [finding(.ensemble, "ZooKeeper: \(why); what it keeps is as old", since: since)]
        case .connected(let server, true):
            [
                finding(
                    .server(server),
                    "ZooKeeper server \(server) is cut off: read-only, perhaps old")
            ]
        default: []
        }
    }
}
