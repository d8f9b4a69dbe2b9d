// A rack of which no broker answers: one line for what would be one for each of its brokers.

internal import ClusterModel

/// Racks, zones or rooms that are gone as a whole.
enum RacksGone: Rule {
    static let entry = RuleEntry(
        "racks_gone", "racks gone", .critical, .brokers,
        advice: "See what its brokers share: a zone, a switch, a power feed, a route from here.")

    /// The racks of several brokers of which none answers, with these; the others go on.
    static func gone(_ cluster: Cluster) -> [(rack: String, brokers: [Broker])] {
        let named = cluster.brokers.filter { $0.rack != nil }
        guard named.contains(where: \.isIll) else { return [] }
        return Dictionary(grouping: named) { $0.rack ?? "" }
            .filter { $0.value.count > 1 && $0.value.allSatisfy(\.isIll) }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    static func check(_ pass: HealthPass) -> [Finding] {
        gone(pass.cluster).map { rack, brokers in
            let led = brokers.reduce(0) { $0 + $1.leaderCount }
            let replicas = brokers.reduce(0) { $0 + $1.replicaCount }
            let name = "rack \(shownName(rack)) is gone"
            let all = "none of its \(brokers.count) brokers answers"
            let text =
                led > 0
                ? "\(plural(led, "partition")) cannot be written: \(name), \(all)"
                : "\(name): \(all); \(plural(replicas, "replica")) there"
            return finding(
                .rack(rack), text, link: .rows, since: brokers.compactMap { $0.state.since }.max(),
                cost: Finding.Cost(
                    unwritable: led,
                    recordsPerSecond: brokers.reduce(0) { $0 + ($1.recordsPerSecond ?? 0) }),
                evidence: [
                    .init("brokers", brokers.count), .init("leaders", led),
                    .init("replicas", replicas),
                ])
        }
    }
}
