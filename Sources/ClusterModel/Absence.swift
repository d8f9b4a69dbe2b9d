// What may be said where nothing is shown: that there is none is a fact only once whoever would
// know has answered. Every screen and rule asks here.

/// What it means that there are none of something.
package enum Absence: Sendable, Equatable {
    /// Whoever would know has not answered yet; the fraction done where it is known.
    case reading(Double?)
    /// Everybody has answered, and there are none so far; so many groups are not watched for long
    /// enough to tell whether they keep up.
    case watching(groups: Int)
    /// Everybody who would know has answered: there are none.
    case none
    /// None among what was answered; somebody who would know did not answer.
    case noneTold
    /// Nothing could be had; the reason in one sentence.
    case unknown(String)
}

extension Cluster {
    /// What it means that nothing of a section is there.
    package func absence(in section: Section) -> Absence {
        switch health(section).state {
        case .notLoaded: .reading(nil)
        case .loading(let share): .reading(share)
        case .fresh: .none
        case .partial: .noneTold
        case .failed(let why), .unsupported(let why): .unknown(why)
        }
    }

    /// The first answers of a section are still coming in.
    package func isBeingRead(_ section: Section) -> Bool {
        if case .reading = absence(in: section) { return true }
        return false
    }

    /// What it means that rules find nothing wrong: they read every section and every broker.
    package var absenceOfFaults: Absence {
        let isReading =
            Section.allCases.contains(where: isBeingRead)
            || brokers.contains { $0.state == .unknown }
        if isReading { return .reading(nil) }
        let isWhole = Section.allCases.allSatisfy { section in
            switch health(section).state {
            case .fresh, .unsupported: true
            default: false
            }
        }
        guard isWhole, !isStale(health(.metadata).answeredAt, in: .metadata) else {
            return .noneTold
        }
        let unjudged = unjudgedGroups
        return unjudged > 0 ? .watching(groups: unjudged) : .none
    }

    /// What it means that no group is furthest behind: lags need groups, their offsets and ends.
    package var absenceOfLags: Absence {
        for section in [Section.groups, .offsets] where absence(in: section) != .none {
            return absence(in: section)
        }
        let isUnread = groups.indices.contains { groups[$0].offsets == nil && groups[$0].commits }
        return isUnread ? .reading(nil) : .none
    }
}

/// The internal topic that keeps the groups' commits: a group is coordinated by the leader of the
/// partition that its name falls to.
package enum GroupHomes {
    package static let topic = "__consumer_offsets"

    /// The partition that keeps a group, of so many: `Utils.abs(groupId.hashCode)` modulo their
    /// number (GroupMetadataManager.partitionFor of Kafka), by Java's hash over UTF-16 units.
    package static func partition(ofGroup id: String, among count: Int) -> Int32? {
        guard count > 0 else { return nil }
        var hash: Int32 = 0
        for unit in id.utf16 { hash = hash &* 31 &+ Int32(unit) }
        // Java's Math.abs has no positive of the least number: Kafka takes 0 for it.
        let positive = hash == .min ? 0 : abs(hash)
        return positive % Int32(clamping: count)
    }
}

extension Cluster {
    /// The row of the partition that keeps a group; nil where that topic is not visible.
    package func home(ofGroup id: String) -> Int? {
        guard let topic = topicIndex(named: GroupHomes.topic),
            let number = GroupHomes.partition(
                ofGroup: id, among: topics[topic].partitions.count)
        else { return nil }
        return row(ofPartition: number, topicIndex: topic)
    }

    /// Of the partitions that keep groups, how many have no leader among the listed brokers:
    /// nobody can list the groups there. nil where that topic is not visible.
    package var homesWithoutTeller: (count: Int, all: Int)? {
        guard let topic = topicIndex(named: GroupHomes.topic) else { return nil }
        let rows = topics[topic].partitions
        let listed = Set(brokers.lazy.filter(\.isListed).map(\.id.value))
        let count = rows.count { !listed.contains(partitions.leader[$0]) }
        return (count, rows.count)
    }
}
