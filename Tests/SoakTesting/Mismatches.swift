// When a cluster has had no faults for a while, its picture is complete, fresh and the truth.
internal import ClusterModel
package import Session
internal import SimulatedCluster

extension DrivenSession {
    /// What of the newest picture is not as it should be without faults; empty: it is right.
    package func mismatches() -> [String] {
        let machine = network.inspect { $0 }
        let cluster = cluster
        var found: [String] = []
        found += sectionMismatches(cluster)
        for truth in machine.brokerTruths {
            let shown = cluster.broker(BrokerID(truth.id))
            if shown?.isAnswering != true || shown?.isListed != true {
                found.append("broker \(truth.id): \(shown.map { "\($0.state)" } ?? "not there")")
            }
        }
        found += partitionMismatches(cluster, machine)
        found += groupMismatches(cluster, machine)
        return found
    }

    private var isLimited: Bool { shape.access != Access() }

    private func isHidden(_ topic: String) -> Bool {
        shape.access.hiddenTopicPrefix.map { topic.hasPrefix($0) } ?? false
    }

    private func sectionMismatches(_ cluster: Cluster) -> [String] {
        guard !isLimited else { return [] }
        var found = cluster.failures.map { "still: \($0.message)" }
        for section in Section.allCases {
            switch cluster.health(section).state {
            case .fresh, .unsupported: break
            // Nothing moves, and there may be no groups: then nothing was ever asked.
            case .notLoaded where section == .groups && shape.groups == 0: break
            case let state: found.append("\(section.rawValue): \(state)")
            }
        }
        return found
    }

    private func partitionMismatches(_ cluster: Cluster, _ machine: Machine) -> [String] {
        var found: [String] = []
        for topic in machine.topicTruths where !isHidden(topic.name) {
            for number in 0..<Int32(topic.partitions) {
                let key = PartitionKey(topic: topic.name, partition: number)
                guard let row = cluster.row(of: key),
                    let truth = machine.truth(topic.name, number)
                else {
                    found.append("\(key) is not there")
                    continue
                }
                let view = cluster.partition(row)
                var shown = PartitionTruth(
                    leader: view.leader.value, replicas: view.replicas.map(\.broker.value),
                    inSync: Set(view.isr.map(\.value)), isMoving: view.isMoving)
                // Moves are answered to those with rights on the cluster.
                if shape.access.deniesCluster { shown.isMoving = truth.isMoving }
                if shown != truth { found.append("\(key): \(shown) instead of \(truth)") }
                if view.isStale || view.recordsPerSecond == nil {
                    found.append("\(key): no fresh rate")
                }
                let least = machine.logEnd(
                    topic.name, number, atNs: view.logEndAt.ns &- Limits.answerNs)
                if let end = view.logEnd, let least, end < least {
                    found.append("\(key): end \(end), and \(least) long before it was answered")
                }
            }
        }
        return found
    }

    private func groupMismatches(_ cluster: Cluster, _ machine: Machine) -> [String] {
        guard !isLimited else { return [] }
        var found: [String] = []
        // Names are escaped where they are read: only how many there are can be compared.
        if cluster.groups.count != machine.groupIDs.count {
            found.append("\(cluster.groups.count) groups of \(machine.groupIDs.count)")
        }
        for group in cluster.groups {
            if group.members == nil || group.offsets == nil || group.lag == nil {
                found.append("group \(group.id) is not known whole")
            }
            if group.unknownLagCount > 0 {
                found.append("group \(group.id): \(group.unknownLagCount) lags unknown")
            }
        }
        return found
    }
}
