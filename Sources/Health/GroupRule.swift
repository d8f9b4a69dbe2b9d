// Rules of groups: each stands for some verdicts, and the verdict is what is counted, listed and
// shown.

package import ClusterModel

/// A rule that holds for the groups of some verdicts.
package protocol GroupRule: Rule {
    static var verdicts: Set<GroupVerdict> { get }
    /// What is said of many.
    static func summary(_ count: Int) -> String
}

extension GroupRule {
    /// None is known to be so only once each was judged.
    package static func count(_ pass: HealthPass) -> Int? {
        let cluster = pass.cluster
        let count = groups(cluster).count
        if count > 0 { return count }
        guard cluster.health(.groups).answeredAt.happened, !cluster.isBeingRead(.groups) else {
            return nil
        }
        return cluster.unjudgedGroups > 0 ? nil : 0
    }

    package static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        let found = groups(cluster)
        if found.count > Limits.findingsEach {
            return [finding(.cluster, summary(found.count), link: .rows)]
        }
        return found.map { place in
            let group = cluster.groups[place]
            let standing = group.standing
            let name = shownName(group.id)
            return finding(
                .group(group.id),
                "group \(name) \(group.standingSentence(at: cluster.takenAt))",
                since: standing.isSinceStart ? nil : standing.since,
                cost: Finding.Cost(recordsPerSecond: group.producedPerSecond ?? 0),
                evidence: evidence(group))
        }
    }

    private static func evidence(_ group: ConsumerGroup) -> [Finding.Evidence] {
        var evidence: [Finding.Evidence] = []
        if let lag = group.lag { evidence.append(.init("lag", lag)) }
        if let count = group.memberCount { evidence.append(.init("members", count)) }
        for (name, value) in [
            ("seconds_behind", group.standing.secondsBehind),
            ("seconds_lost_per_minute", group.standing.secondsLostPerMinute),
            ("seconds_until_loss", group.standing.secondsUntilLoss),
        ] where value.isFinite {
            evidence.append(.init(name, (Double(value) * 10).nearestWhole / 10))
        }
        if group.standing.lostRecords > 0 {
            evidence.append(.init("records_lost", group.standing.lostRecords))
        }
        return evidence
    }

    /// Places of the groups for which it holds.
    private static func groups(_ cluster: Cluster) -> [Int] {
        cluster.groups.indices.filter { place in
            cluster.groups[place].standing.verdict.map(verdicts.contains) == true
        }
    }
}

/// The rules of groups, and the one of a group.
package let groupRules: [any GroupRule.Type] = allRules.compactMap { $0 as? any GroupRule.Type }

/// Whether the rule of this name holds for the group; nil: it is no rule of groups.
package func holds(rule name: String, for group: ConsumerGroup) -> Bool? {
    guard let rule = groupRules.first(where: { $0.entry.name == name }) else { return nil }
    return group.standing.verdict.map(rule.verdicts.contains) == true
}
