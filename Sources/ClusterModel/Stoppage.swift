// What would happen if brokers stopped now: which partitions nobody could lead, which writers would
// be refused, where leaders would go. The same facts of a row as the rules read, without them.

/// The cluster as it would be without some of its brokers.
package struct Stoppage: Sendable, Equatable {
    /// Those that would stop.
    package var brokers: [BrokerID]
    /// Partitions they lead, and how many of those each of the others would lead.
    package var led = 0
    package var successors: [BrokerID: Int] = [:]
    /// Records a second that each of the others would take on with them, as far as rates are known.
    package var gainedPerSecond: [BrokerID: Double] = [:]
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
    /// Groups they coordinate, which would be loaded elsewhere; places in `Cluster.groups`.
    package var groupPlaces: [Int] = []
    package var groups: Int { groupPlaces.count }

    /// Whether nobody would be without a leader or refused, and changes could still be made; nil
    /// where too little is known to say.
    package var isSafe: Bool? {
        if !leaderless.isEmpty || !underMinISR.isEmpty || hasQuorum == false { return false }
        return unknown == 0 && hasQuorum == true ? true : nil
    }
}

/// The same in numbers, for one broker.
package struct StopCost: Sendable, Equatable {
    package var leaderless: Int32 = 0
    package var underMinISR: Int32 = 0
    package var unknown: Int32 = 0

    package init() {}

    /// Whether any partition would lose its leader or its writers; nil unknown.
    package var isSafe: Bool? {
        leaderless > 0 || underMinISR > 0 ? false : unknown > 0 ? nil : true
    }
}

extension Cluster {
    /// What the stop of these brokers would cost. Replicas on brokers that do not answer now count
    /// as lost, whatever Metadata still says of them.
    package func stoppage(of stopped: Set<BrokerID>) -> Stoppage {
        var stoppage = Stoppage(brokers: stopped.sorted { $0.value < $1.value })
        judge(&stoppage, brokers: stopped, dir: nil)
        stoppage.hasQuorum = hasQuorum(without: stopped)
        stoppage.groupPlaces = groups.indices.filter { stopped.contains(groups[$0].coordinator) }
        return stoppage
    }

    /// What the loss of a log directory would cost, by its place in `logDirs`. A broker stops with
    /// the last of its directories (LogManager of Kafka), so the loss of an only one is that of its
    /// broker. Whether a KRaft node's metadata log lies in it is not told.
    package func stoppage(ofLogDir place: Int) -> Stoppage {
        let broker = logDirs[place].broker
        let others = logDirs.contains {
            $0.broker == broker && $0.errorCode == 0 && $0.path != logDirs[place].path
        }
        guard others else { return stoppage(of: [broker]) }
        var stoppage = Stoppage(brokers: [])
        judge(&stoppage, brokers: [], dir: Int32(clamping: place))
        stoppage.hasQuorum = coordinatorHasQuorum
        return stoppage
    }

    /// Goes over all partitions: `dir` is the directory that would be lost, where brokers stay.
    private func judge(_ stoppage: inout Stoppage, brokers stopped: Set<BrokerID>, dir: Int32?) {
        let index = BrokerIndex(brokers)
        let isStopped = brokers.map { stopped.contains($0.id) }
        let serves = brokers.indices.map { !isStopped[$0] && !brokers[$0].isIll }
        let minISR = minInsyncReplicasByTopic
        let (assignments, topic, isCapped) = (Assignments(partitions), partitions.topic, capsMinISR)
        let (rates, dirs) = (partitions.recordsPerSecond, partitions.replicaDir)
        var successors = Array(repeating: 0, count: brokers.count)
        var gained = Array(repeating: 0.0, count: brokers.count)
        for row in 0..<assignments.count {
            let rows = assignments.replicas(of: row)
            var (isTouched, losesLeader) = (false, false)
            var left = 0
            var successor = -1
            for replica in rows where assignments.replicaFlags[replica].contains(.inSync) {
                guard let place = index.find(assignments.replicaBroker[replica]) else { continue }
                let stops = dir.map { dirs[replica] == $0 } ?? isStopped[place]
                if stops {
                    isTouched = true
                    if assignments.replicaBroker[replica] == assignments.leader[row] {
                        losesLeader = true
                    }
                }
                guard serves[place], !stops else { continue }
                left += 1
                if successor < 0 { successor = place }
            }
            guard isTouched else { continue }
            // A leader that is not among those in sync is lost with its broker all the same.
            if dir == nil, let leader = index.find(assignments.leader[row]), isStopped[leader] {
                losesLeader = true
            }
            if losesLeader {
                stoppage.led += 1
                if successor >= 0 {
                    successors[successor] += 1
                    if rates[row] > 0 { gained[successor] += Double(rates[row]) }
                }
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
            stoppage.gainedPerSecond[brokers[place].id] = gained[place]
        }
    }

    /// What the stop of each broker alone would cost, by its place in `brokers`: all in one pass.
    package func costOfEachStop() -> [StopCost] {
        let index = BrokerIndex(brokers)
        let serves = brokers.map { !$0.isIll }
        let minISR = minInsyncReplicasByTopic
        let (assignments, topic, isCapped) = (Assignments(partitions), partitions.topic, capsMinISR)
        var costs = Array(repeating: StopCost(), count: brokers.count)
        for row in 0..<assignments.count {
            let rows = assignments.replicas(of: row)
            var serving = 0
            for replica in rows where assignments.replicaFlags[replica].contains(.inSync) {
                guard let place = index.find(assignments.replicaBroker[replica]) else { continue }
                if serves[place] { serving += 1 }
            }
            let least = minISR[Int(topic[row])]
            let count = rows.count
            let needed = least < 0 ? nil : isCapped ? min(Int(least), max(1, count)) : Int(least)
            // Whoever of these stops, enough are left.
            if let needed, serving > max(1, needed) { continue }
            for replica in rows where assignments.replicaFlags[replica].contains(.inSync) {
                guard let place = index.find(assignments.replicaBroker[replica]) else { continue }
                let left = serving - (serves[place] ? 1 : 0)
                if left == 0 {
                    costs[place].leaderless &+= 1
                } else if let needed {
                    if left < needed { costs[place].underMinISR &+= 1 }
                } else {
                    costs[place].unknown &+= 1
                }
            }
        }
        return costs
    }

    /// Whether the broker at this place may stop now, as far as partitions and the quorum go; nil
    /// where that is not known, and while no rule has judged the cluster.
    package func isSafeToStop(_ place: Int) -> Bool? {
        guard stopCosts.indices.contains(place) else { return nil }
        let quorum = hasQuorum(without: [brokers[place].id])
        if stopCosts[place].isSafe == false || quorum == false { return false }
        return stopCosts[place].isSafe == true && quorum == true ? true : nil
    }
}
