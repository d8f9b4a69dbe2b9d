// What is really so in a simulated cluster: what tests hold what an observer publishes to.

/// One partition as the controller knows it.
package struct PartitionTruth: Sendable, Equatable {
    /// -1: nobody.
    package var leader: Int32
    /// The preferred leader first.
    package var replicas: [Int32]
    package var inSync: Set<Int32>
    package var isMoving: Bool

    package init(leader: Int32, replicas: [Int32], inSync: Set<Int32>, isMoving: Bool) {
        self.leader = leader
        self.replicas = replicas
        self.inSync = inSync
        self.isMoving = isMoving
    }
}

/// One broker as it is.
package struct BrokerTruth: Sendable, Equatable {
    package var id: Int32
    package var isRunning: Bool
    /// The controller counts it as alive.
    package var isRegistered: Bool
    /// Its answers are late by so much.
    package var delaySeconds: Double
}

extension Machine {
    package var brokerTruths: [BrokerTruth] {
        brokers.map {
            BrokerTruth(
                id: $0.id, isRunning: $0.condition == .running, isRegistered: $0.isRegistered,
                delaySeconds: Double($0.answerDelayNs) / 1e9)
        }
    }

    /// Every topic with its number of partitions, ascending by name.
    package var topicTruths: [(name: String, partitions: Int)] {
        topics.filter { !$0.isDeleted }.map { ($0.name, $0.partitionCount) }
    }

    package var groupIDs: [String] { groups.map(\.id) }

    /// Groups that stand still while others write to what they read.
    package var stuckGroupIDs: [String] {
        groups.filter { group in
            group.pace?.speed == 0 && group.topics.contains { rate(ofTopic: $0) > 0 }
        }.map(\.id)
    }

    /// How each server of the ensemble is, and who leads it (-1: nobody): equal while nothing
    /// happens to it.
    package var ensembleConditions: [Int32] {
        zooKeeper.servers.map { server in
            switch server.condition {
            case .running: 0
            case .dead: 1
            case .frozen: 2
            case .isolated: 3
            }
        } + [zooKeeper.leader.map { Int32($0) } ?? -1]
    }

    /// Of each move under way the brokers that get a replica.
    package var moveTruths: [[Int32]] { moves.values.map { Array($0.adding) } }

    package func truth(_ topic: String, _ partition: Int32) -> PartitionTruth? {
        guard let index = topicIndex[topic], let row = row(index, partition) else { return nil }
        return PartitionTruth(
            leader: leader[row], replicas: Array(replicas(row)),
            inSync: Set(inSyncBrokers(row)), isMoving: moves[Int32(row)] != nil)
    }

    /// Records ever written to a partition by a moment of the network's clock, which may be past.
    package func logEnd(_ topic: String, _ partition: Int32, atNs: UInt64) -> Int64? {
        guard let index = topicIndex[topic], let row = row(index, partition) else { return nil }
        return written(row, time(atNs))
    }

    /// No more records a second have ever been written to a partition, within its last stretches.
    package func greatestRate(_ topic: String, _ partition: Int32) -> Double? {
        guard let index = topicIndex[topic], let row = row(index, partition) else { return nil }
        let rates = [current[row].rate] + (past[Int32(row)] ?? []).map(\.rate)
        return Double(rates.max() ?? 0) * Wave.greatest
    }

    /// A topic's override; nil where it has none of this key.
    package func overrideTruth(_ topic: String, _ key: String) -> String? {
        topicIndex[topic].flatMap { index in
            topics[index].overrides.first { $0.name == key }?.value
        }
    }

    /// What is set on a broker itself; nil where it has none of this key.
    package func overrideTruth(ofBroker id: Int32, _ key: String) -> String? {
        brokerIndex(id).flatMap { brokers[$0].overrides.first { $0.name == key }?.value }
    }

    /// Every topic that is there, with its partitions and what is set on it, in words.
    package var topicsTruth: [String] {
        topics.filter { !$0.isDeleted }.map { topic in
            "\(topic.name) \(topic.partitionCount) "
                + topic.overrides.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        }
    }

    /// Somebody else sets an override of a topic; nil deletes it.
    package mutating func setOverride(ofTopic topic: String, _ key: String, _ value: String?) {
        guard let index = topicIndex[topic] else { return }
        setOverride(.topic(index), key, value)
    }
}
