// What the stop of brokers would cost, in words: the same for commands and screens.

extension Stoppage {
    private static let named = 3

    /// "orders-3, orders-7 and 4 more".
    private func names(_ rows: [Int], _ cluster: Cluster) -> String {
        listed(rows.prefix(Self.named).map { "\(cluster.key(ofRow: $0))" }, of: rows.count)
    }

    /// Why not, or why that is not known: each in a few words.
    package func reasons(_ cluster: Cluster) -> [String] {
        var reasons: [String] = []
        if !leaderless.isEmpty {
            reasons.append(
                "\(plural(leaderless.count, "partition")) would have no leader: "
                    + names(leaderless, cluster))
        }
        if !underMinISR.isEmpty {
            reasons.append(
                "\(plural(underMinISR.count, "partition")) would refuse writes with acks=all: "
                    + names(underMinISR, cluster))
        }
        switch hasQuorum {
        case false?: reasons.append("the coordinator would have no quorum")
        case nil: reasons.append("it is not known whether the coordinator would have its quorum")
        case true?: break
        }
        if unknown > 0 {
            reasons.append("min.insync.replicas is not known of \(plural(unknown, "partition"))")
        }
        return reasons
    }

    /// "broker 3 +21, broker 2 +19": where leaders would go, the most first.
    package func gains(_ cluster: Cluster, most: Int = 6) -> [(broker: BrokerID, leaders: Int)] {
        successors.sorted { ($1.value, $0.key.value) < ($0.value, $1.key.value) }
            .prefix(most).map { ($0.key, $0.value) }
    }

    /// "billing, fraud and 3 more".
    package func groupNames(_ cluster: Cluster) -> String {
        listed(
            groupPlaces.prefix(Self.named).map { shownName(cluster.groups[$0].id) },
            of: groupPlaces.count)
    }
}

/// The first few of many: "a, b and 4 more".
private func listed(_ first: [String], of count: Int) -> String {
    let names = first.joined(separator: ", ")
    return count > first.count ? "\(names) and \(count - first.count) more" : names
}
