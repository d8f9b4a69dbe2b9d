// A partition whose leader does not answer now: by Metadata it has a leader, and nobody reads or
// writes it. It is told at once, and not when Metadata has changed, which without a controller it
// never does.

package import ClusterModel

/// Partitions led by a broker that does not answer.
package enum NotServed: PartitionRule {
    package static let entry = RuleEntry(
        "not_served", "not served", .critical, .partitions,
        strip: .init(1, short: "unserved", tiny: "uns", isQuiet: true),
        advice: "Bring their leaders back; with a controller others are elected within seconds.")

    package static func holds(_ facts: PartitionFacts, _ scope: RowScope) -> Bool? {
        scope.lost.contains(facts.leader)
    }

    /// Told where brokers are ill: what each of them leads stands there, one line a cause.
    package static func check(_ pass: HealthPass) -> [Finding] { [] }

    package static func summary(_ count: Int) -> String {
        "\(plural(count, "partition")) not served: the leader does not answer"
    }
}
