// Another cluster answers at an address of this one.

internal import ClusterModel

/// An address that leads to a cluster other than the one observed.
enum AnotherCluster: Rule {
    static let entry = RuleEntry(
        "another_cluster", "another cluster", .critical, .none,
        advice: "Nothing of it is shown. Check addresses, names, tunnels and address maps; "
            + ":identity begins anew with it.")

    static func check(_ pass: HealthPass) -> [Finding] {
        guard let sentence = pass.cluster.otherClusterSentence else { return [] }
        return [
            finding(
                .cluster, sentence, link: .nothing, since: pass.cluster.otherCluster?.since)
        ]
    }
}
