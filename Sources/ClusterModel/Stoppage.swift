// What would happen if brokers stopped now: which partitions nobody could lead, which writers would
// be refused, where leaders would go. The same facts of a row as the rules read, without them.

/// The cluster as it would be without some of its brokers.
package struct Stoppage: Sendable, Equatable {
    /// Those that would stop.
    package var brokers: [BrokerID]
    /// Partitions they lead, and how many of those each of the others would lead.
    package var led = 0
    package var successors: [BrokerID: Int] = [:]
    /// Partitions that nobody in sync could lead; rows of the table.
    package var leaderless: [Int] = []
    /// Partitions whose writers with acks=all would be refused: fewer in sync than
    /// `min.insync.replicas`. Those that are leaderless are not among them.
    package var underMinISR: [Int] = []
    /// Partitions that would lose a replica in sync while their topic's `min.insync.replicas` is
    /// not known.
    package var unknown = 0
    /// Whether the coordinator would still have its majority; nil unknown.
    package var hasQuorum: Bool?
    /// Groups they coordinate, which would be loaded elsewhere.
    package var groups = 0

    /// Whether nobody would be without a leader or refused, and changes could still be made; nil
    /// where too little is known to say.
    package var isSafe: Bool? {
        if !leaderless.isEmpty || !underMinISR.isEmpty || hasQuorum == false { return false }
        return unknown == 0 && hasQuorum == true ? true : nil
    }
}

extension Cluster {
    /// What the stop of these brokers would cost. Replicas on brokers that do not answer now count
    /// as lost, whatever Metadata still says of them.
    package func stoppage(of stopped: Set<BrokerID>) -> Stoppage {
        var stoppage = Stoppage(brokers: stopped.sorted { $0.value < $1.value })
        let index = BrokerIndex(brokers)
        let isStopped = brokers.map { stopped.contains($0.id) }
        let serves = brokers.indices.map { !isStopped[$0] && !brokers[$0].isIll }
        let minISR = minInsyncReplicasByTopic
        let (assignments, topic, isCapped) = (Assignments(partitions), partitions.topic, capsMinISR)
        var successors = Array(repeating: 0, count: brokers.count)
        for row in 0..<assignments.count {
            let rows = assignments.replicas(of: row)
            var isTouched = false
            var left = 0
            var successor = -1
            for replica in rows where assignments.replicaFlags[replica].contains(.inSync) {
                guard let place = index.find(assignments.replicaBroker[replica]) else { continue }
                if isStopped[place] { isTouched = true }
                guard serves[place] else { continue }
                left += 1
                if successor < 0 { successor = place }
            }
            guard isTouched else { continue }
            if let leader = index.find(assignments.leader[row]), isStopped[leader] {
                stoppage.led += 1
                if successor >= 0 { successors[successor] += 1 }
            }
            let least = minISR[Int(topic[row])]
            let facts = assignments.facts(
                row, minInsyncReplicas: least < 0 ? nil : Int(least), isCapped: isCapped)
            if left == 0 {
                stoppage.leaderless.append(row)
            } else if let needed = facts.leastInSync {
                if left < needed { stoppage.underMinISR.append(row) }
            } else {
                stoppage.unknown += 1
            }
        }
        for (place, count) in successors.enumerated() where count > 0 {
            stoppage.successors[brokers[place].id] = count
        }
        stoppage.hasQuorum = hasQuorum(without: stopped)
        stoppage.groups = groups.count { stopped.contains($0.coordinator) }
        return stoppage
    }
}
