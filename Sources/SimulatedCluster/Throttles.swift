// Replication throttles as Kafka has them: a rate on brokers and a list of replicas on topics, and
// only both together hold a copy back.
import KafkaWire

/// Names of the configs that throttle.
enum ThrottleName {
    static let leaderRate = "leader.replication.throttled.rate"
    static let followerRate = "follower.replication.throttled.rate"
    static let logDirsRate = "replica.alter.log.dirs.io.max.bytes.per.second"
    static let leaderReplicas = "leader.replication.throttled.replicas"
    static let followerReplicas = "follower.replication.throttled.replicas"
    static let rates = [leaderRate, followerRate, logDirsRate]
}

/// Which replicas of a topic a throttle is for.
enum ThrottledReplicas: Sendable {
    case none
    case all
    /// Partition and broker, by `replicaKey`.
    case some(Set<Int64>)

    /// "0:1,3:2" or "*"; nil for anything else.
    init?(_ text: String) {
        if text.isEmpty {
            self = .none
            return
        }
        if text == "*" {
            self = .all
            return
        }
        var keys: Set<Int64> = []
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let partition = UInt32(parts[0]), let broker = UInt32(parts[1]),
                parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
            else { return nil }
            keys.insert(replicaKey(Int(partition), Int(broker)))
        }
        self = .some(keys)
    }

    func contains(_ partition: Int, _ broker: Int32) -> Bool {
        switch self {
        case .none: false
        case .all: true
        case .some(let keys): keys.contains(replicaKey(partition, Int(broker)))
        }
    }
}

/// One number for two.
func replicaKey(_ first: Int, _ second: Int) -> Int64 { Int64(first) << 32 | Int64(second) }

extension Machine {
    /// Whether the leader's side of a copy is throttled.
    func holdsLeader(_ partition: Int) -> Bool {
        let topic = topics[Int(topicOf[partition])]
        return topic.throttledLeaders.contains(partition - topic.firstPartition, leader[partition])
    }

    func holdsFollower(_ partition: Int, _ broker: Int32) -> Bool {
        let topic = topics[Int(topicOf[partition])]
        return topic.throttledFollowers.contains(partition - topic.firstPartition, broker)
    }

    /// The throttle in force on a broker in bytes a second; nil: none.
    func rate(_ name: String, of id: Int32) -> Double? {
        guard let index = brokerIndex(id) else { return nil }
        let entry =
            brokers[index].overrides.first { $0.name == name }
            ?? defaultOverrides.first { $0.name == name }
        return entry.flatMap { Double($0.value) }
    }

    // MARK: The story's own

    /// Moves the last replicas of some busy partitions to other brokers, throttled, as somebody
    /// does with kafka-reassign-partitions.
    mutating func reassignSome(_ count: Int, _ bytesPerSecond: Double) {
        guard brokers.count > 3 else { return }
        let order = leader.indices.filter { moves[Int32($0)] == nil && usualRate[$0] > 0 }
        guard !order.isEmpty else { return }
        var plan: [Int: IDList] = [:]
        for _ in 0..<count {
            let partition = order[Int(random.next() % UInt64(order.count))]
            guard plan[partition] == nil, let target = otherReplicas(partition) else { continue }
            plan[partition] = target
        }
        let rows = plan.keys.sorted()
        for row in rows {
            if let target = plan[row] { throttle(row, target, Int64(bytesPerSecond)) }
        }
        for row in rows {
            // With ZooKeeper a plan that names a broker that is gone is refused, here as anywhere.
            if let target = plan[row] { _ = alterReassignment(row, to: target) }
        }
        rerate()
    }

    private mutating func otherReplicas(_ partition: Int) -> IDList? {
        let original = replicas(partition)
        let free = brokers.filter { $0.isServing && !original.contains($0.id) }
        guard !free.isEmpty, let old = original.last else { return nil }
        let sameRack = free.filter { $0.rack == brokers[Int(old) - 1].rack }
        let choice = sameRack.isEmpty ? free : sameRack
        let new = choice[Int(random.next() % UInt64(choice.count))]
        return IDList(original.dropLast() + [new.id])
    }

    private mutating func throttle(_ row: Int, _ target: IDList, _ bytesPerSecond: Int64) {
        let index = Int(topicOf[row])
        let number = row - topics[index].firstPartition
        let present = replicas(row)
        func list(_ name: String, _ ids: some Sequence<Int32>) {
            let old = topics[index].overrides.first { $0.name == name }?.value ?? ""
            let more = ids.map { "\(number):\($0)" }
            let all = (old.isEmpty ? [] : [old]) + more
            setOverride(.topic(index), name, all.joined(separator: ","))
        }
        list(ThrottleName.leaderReplicas, present)
        list(ThrottleName.followerReplicas, target.without(present))
        throttledTopics.insert(index)
        for id in Set(Array(present) + Array(target)) {
            setOverride(.broker(Int(id) - 1), ThrottleName.leaderRate, "\(bytesPerSecond)")
            setOverride(.broker(Int(id) - 1), ThrottleName.followerRate, "\(bytesPerSecond)")
            throttledBrokers.insert(Int(id) - 1)
        }
    }

    /// The last move has ended: whoever began the story takes the throttles away.
    mutating func liftStoryThrottles() {
        for index in throttledTopics {
            setOverride(.topic(index), ThrottleName.leaderReplicas, nil)
            setOverride(.topic(index), ThrottleName.followerReplicas, nil)
        }
        for index in throttledBrokers {
            setOverride(.broker(index), ThrottleName.leaderRate, nil)
            setOverride(.broker(index), ThrottleName.followerRate, nil)
        }
        throttledTopics = []
        throttledBrokers = []
    }
}
