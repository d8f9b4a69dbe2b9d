// One scan over all partitions for all rules that judge them, made anew only where something that
// they read has changed: a poll brings new offsets, which no such rule reads.

package import ClusterModel

/// What a rule of partitions may look at besides a row's facts.
package struct RowScope: Sendable {
    package let assignments: Assignments
    /// Racks by number.
    package let racks: RackIndex
    package let lost: LeadersLost
}

/// Which rack a broker is in, by numbers, without a comparison of names a replica.
package struct RackIndex: Sendable, Equatable {
    private let brokers: BrokerIndex
    private let racks: [Int32]
    /// Racks of all brokers that name one.
    package let count: Int

    init(_ cluster: Cluster) {
        brokers = BrokerIndex(cluster.brokers)
        var numbers: [String: Int32] = [:]
        racks = cluster.brokers.map { broker in
            guard let rack = broker.rack else { return -1 }
            if let number = numbers[rack] { return number }
            let number = Int32(numbers.count)
            numbers[rack] = number
            return number
        }
        count = numbers.count
    }

    /// The number of the broker's rack; -1 where it is not known.
    @inline(__always)
    func rack(of broker: Int32) -> Int32 { brokers.find(broker).map { racks[$0] } ?? -1 }
}

/// What the scan found of one rule.
package struct RowsFound: Sendable, Equatable {
    /// Partitions for which it holds.
    package var count = 0
    /// Those of which no worse rule says all.
    package var told = 0
    /// The first few of the latter.
    package var rows: [Int] = []
}

/// The newest scan, with what it was made of.
struct RowScan: Sendable {
    private(set) var marks: [UInt16] = []
    private(set) var found = Array(repeating: RowsFound(), count: partitionRules.count)
    private(set) var stopCosts: [StopCost] = []
    private var assignments: Assignments?
    private var minISR: [Int32] = []
    private var capsMinISR = true
    private var racks: RackIndex?
    private var lost: LeadersLost?

    /// Scans where the cluster differs from the one before in anything that a rule reads.
    mutating func update(_ cluster: Cluster) {
        let assignments = Assignments(cluster.partitions)
        let racks = RackIndex(cluster)
        let lost = LeadersLost(cluster)
        let minISR = cluster.minInsyncReplicasByTopic
        // Columns that nobody wrote to share their memory: comparing them costs nothing.
        if self.assignments == assignments, self.minISR == minISR, self.racks == racks,
            capsMinISR == cluster.capsMinISR, self.lost == lost
        {
            return
        }
        capsMinISR = cluster.capsMinISR
        (self.assignments, self.minISR, self.racks) = (assignments, minISR, racks)
        self.lost = lost
        stopCosts = cluster.costOfEachStop()
        scan(
            RowScope(assignments: assignments, racks: racks, lost: lost),
            cluster.partitions.topic)
    }

    /// - Parameter topic: each row's topic, by its place among the topics.
    private mutating func scan(_ scope: RowScope, _ topic: [Int32]) {
        let rules = partitionRules
        let worse = rules.map { rule in
            rule.yieldsTo.reduce(UInt16(0)) { $0 | (partitionMark(ofRule: $1.entry.name) ?? 0) }
        }
        let (assignments, minISR, isCapped) = (scope.assignments, minISR, capsMinISR)
        var marks = Array(repeating: UInt16(0), count: assignments.count)
        var found = Array(repeating: RowsFound(), count: rules.count)
        for row in 0..<assignments.count {
            let least = minISR[Int(topic[row])]
            let facts = assignments.facts(
                row, minInsyncReplicas: least < 0 ? nil : Int(least), isCapped: isCapped)
            var mark: UInt16 = 0
            for number in rules.indices where rules[number].holds(facts, scope) == true {
                mark |= 1 << UInt16(number)
            }
            guard mark != 0 else { continue }
            marks[row] = mark
            for number in rules.indices where mark & 1 << UInt16(number) != 0 {
                found[number].count += 1
                guard mark & worse[number] == 0 else { continue }
                found[number].told += 1
                if found[number].rows.count <= Limits.findingsEach {
                    found[number].rows.append(row)
                }
            }
        }
        (self.marks, self.found) = (marks, found)
    }
}
