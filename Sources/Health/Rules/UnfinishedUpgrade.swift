// Brokers of several releases, and features that are finalised below what all of them support: an
// upgrade under way, or one whose last step was forgotten.

internal import ClusterModel

/// Upgrades that are not finished.
enum UnfinishedUpgrade: Rule {
    static let entry = RuleEntry(
        "upgrade_unfinished", "upgrade unfinished", .notice, .coordinator, isWork: true,
        advice: "When all brokers run the new release well, finish it: kafka-features.sh upgrade "
            + "--release-version, or inter.broker.protocol.version before KRaft.")

    static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        var releases: [String: Int] = [:]
        for broker in cluster.brokers {
            if let release = broker.release { releases[release, default: 0] += 1 }
        }
        var found: [Finding] = []
        if releases.count > 1 {
            let list = releases.sorted { $0.key < $1.key }
                .map { "\($0.value) of \($0.key)" }.joined(separator: ", ")
            found.append(
                finding(
                    .cluster, "brokers of \(releases.count) releases: \(list)", link: .nothing,
                    detail: "releases", evidence: [.init("releases", releases.count)]))
        }
        let level = cluster.coordinator.features.first { $0.name == "metadata.version" }
        if releases.count == 1, let level, let finalized = level.finalized,
            let most = level.supported?.upperBound, finalized < most
        {
            found.append(
                finding(
                    .cluster,
                    "metadata.version is \(finalized) and all brokers support \(most): the upgrade "
                        + "is not finished", link: .rows, detail: "metadata.version",
                    evidence: [.init("finalized", finalized), .init("supported", most)]))
        }
        return found
    }
}
