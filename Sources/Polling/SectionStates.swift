// How much of each section is known now, by the failures that are open.
import ClusterModel
import KafkaClient
import Transport

extension Observer {
    /// A section with an open failure is partial, or failed where nothing of it was ever answered.
    func refreshSections(_ now: UInt64) {
        forgetOldFailures(now)
        account.first.settle()
        let failures =
            working.failures.values.map(\.failure) + missingBrokers() + groupsWithoutTeller()
        var worst: [Section: String] = [:]
        for failure in failures where worst[failure.section].map({ failure.message < $0 }) ?? true {
            worst[failure.section] = failure.message
        }
        for section in plan.sections.union([.metadata, .brokers, .topics, .partitions]) {
            var health = working.cluster.health(section)
            if case .unsupported = health.state { continue }
            if account.first.isOpen(section) {
                health.state = .loading(nil)
            } else if let why = worst[section] {
                health.state = health.answeredAt.happened ? .partial : .failed(why)
            } else if section == .coordinator, ensemble.isReading {
                health.state = .loading(nil)
            } else {
                health.state = health.answeredAt.happened ? .fresh : .notLoaded
            }
            working.cluster.sections[section] = health
        }
        // The quorum is the coordinator: it is known as well as that is.
        if working.cluster.kind == .kraft, plan.sections.contains(.coordinator) {
            working.cluster.sections[.coordinator] = working.cluster.health(.quorum)
        }
        let sorted = failures.sorted {
            ($0.section.rawValue, $0.api, $0.broker?.value ?? -1, $0.message)
                < ($1.section.rawValue, $1.api, $1.broker?.value ?? -1, $1.message)
        }
        working.cluster.failures = sorted.oneForEachCause
    }

    /// A question that is not asked any more (its group moved, its rows went, its broker left) has
    /// not failed: what is asked again fails again within its interval.
    private func forgetOldFailures(_ now: UInt64) {
        guard !working.failures.isEmpty else { return }
        working.failures = working.failures.filter { key, noted in
            if let id = key.broker, let broker = working.cluster.broker(id), !broker.isListed {
                return false
            }
            guard !isOnce else { return true }
            let interval = working.cluster.health(noted.failure.section).intervalSeconds
            let turns = UInt64((interval ?? Double(refreshNs) / 1e9) * 2.5e9)
            let grace =
                noted.failure.section == .metadata ? 3 * Limits.slowTimeout : Limits.failureGrace
            return now < max(noted.at, working.refusals.end(key)) &+ turns &+ grace
        }
    }

    /// Groups whose coordinator is nobody: who they are can be asked of no broker.
    private func groupsWithoutTeller() -> [ObservationFailure] {
        guard plan.sections.contains(.groups), let homes = working.cluster.homesWithoutTeller,
            homes.count > 0
        else { return [] }
        return [
            ObservationFailure(
                api: "ListGroups", broker: nil, code: "COORDINATOR_NOT_AVAILABLE",
                message: "\(homes.count) of \(homes.all) partitions of \(GroupHomes.topic) have no "
                    + "leader: the groups kept there can be neither listed nor read.",
                section: .groups)
        ]
    }

    /// Brokers that hold replicas and are not among the living are not even asked: what only they
    /// know is missing from the cluster, and it must say so.
    private func missingBrokers() -> [ObservationFailure] {
        var found: [ObservationFailure] = []
        for broker in working.cluster.brokers
        where !broker.isListed && working.rowsOfBroker[broker.id] != nil {
            for section in [Section.offsets, .logDirs] where plan.sections.contains(section) {
                if case .unsupported = working.cluster.health(section).state { continue }
                found.append(
                    ObservationFailure(
                        api: section == .offsets ? "ListOffsets" : "DescribeLogDirs",
                        broker: broker.id,
                        code: broker.isFenced ? "BROKER_FENCED" : "BROKER_MISSING",
                        message: "Broker \(broker.id) holds replicas and is "
                            + (broker.isFenced ? "fenced" : "not among the live brokers")
                            + ": what only it knows is not known.",
                        section: section))
            }
        }
        return found
    }
}
