// A cluster without an active controller.

internal import ClusterModel

/// Nobody is the controller.
enum NoController: Rule {
    static let entry = RuleEntry(
        "no_controller", "no controller", .critical, .coordinator,
        advice: "See whether the quorum or the ensemble has a majority.")

    static func check(_ pass: HealthPass) -> [Finding] {
        guard pass.cluster.controller == BrokerID.none else { return [] }
        return [finding(.controller, "no controller: no elections, no changes to topics")]
    }
}
