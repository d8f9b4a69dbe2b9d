// What is wrong with a cluster and since when: the rules over each new cluster, and the memory of
// what they found before. It advances where the sums are made, on the loop's thread.

package import ClusterModel

/// What rules see: the cluster and the scan over its partitions.
package struct HealthPass: Sendable {
    package let cluster: Cluster
    let scan: RowScan
    var stuckMoves: [StuckMove] = []

    /// What the scan found of a rule.
    package func found<Judge: PartitionRule>(_ rule: Judge.Type) -> RowsFound {
        guard let number = partitionRules.firstIndex(where: { $0 == rule }) else {
            return RowsFound()
        }
        return scan.found[number]
    }

    /// The first few rows that the rule of partitions of this name tells of; none for others.
    func rows(ofRule name: String) -> [Int] {
        partitionRules.firstIndex { $0.entry.name == name }.map { scan.found[$0].rows } ?? []
    }

    /// The rows that a rule tells of: all for which it holds and no worse one does.
    func told<Judge: PartitionRule>(_ rule: Judge.Type) -> [Int] {
        let own = partitionMark(ofRule: rule.entry.name) ?? 0
        let worse = rule.yieldsTo.reduce(UInt16(0)) {
            $0 | (partitionMark(ofRule: $1.entry.name) ?? 0)
        }
        return scan.marks.indices.filter { scan.marks[$0] & (own | worse) == own }
    }
}

/// The findings of an observation, from cluster to cluster.
package struct HealthState: Sendable {
    private struct Memory {
        var since: Instant
        var isSinceStart: Bool
        var lastSeen: Instant
        /// How often it has begun.
        var count: Int
    }
    private var scan = RowScan()
    private var watch = GroupWatch()
    private var volumes = VolumeWatch()
    private var moves = MoveWatch()
    private var memories: [FindingID: Memory] = [:]
    /// The time of the first cluster that holds an answer. Of what is wrong shortly after it nobody
    /// can say when it began.
    private var startedAt = Instant.never
    private var hasStarted = false
    private var advancedAt = Instant.never

    package init() {}

    /// Judges the cluster, which is summed up: fills how its groups stand, its
    /// findings, counts and marks.
    ///
    /// - Parameter isOnlyLook: no other follows, as for a snapshot: what this one shows by itself
    ///   is said at once.
    package mutating func advance(_ cluster: inout Cluster, isOnlyLook: Bool = false) {
        watch.advance(&cluster, isOnlyLook: isOnlyLook)
        volumes.advance(&cluster)
        scan.update(cluster)
        var pass = HealthPass(cluster: cluster, scan: scan)
        let isMoving = pass.found(MovingPartitions.self).count > 0
        pass.stuckMoves = moves.advance(
            cluster, isMoving ? pass.told(MovingPartitions.self) : [])
        var found: [Finding] = []
        var counts: [String: Int] = [:]
        for rule in allRules {
            found += rule.check(pass)
            if let count = rule.count(pass) { counts[rule.entry.name] = count }
        }
        if found.count > Limits.findings { found.removeSubrange(Limits.findings...) }
        if !hasStarted {
            memories = [:]
            startedAt = cluster.takenAt
            hasStarted =
                cluster.brokers.contains { $0.id.exists }
                || cluster.sections.values.contains { $0.answeredAt.happened }
        }
        for index in found.indices { date(&found[index], at: cluster.takenAt) }
        advancedAt = cluster.takenAt
        forget(at: cluster.takenAt)
        let causes = Causes(found, cluster)
        for index in found.indices {
            found[index].cause = causes.cause(
                of: found[index], rows: pass.rows(ofRule: found[index].rule))
        }
        cluster.countsInMaintenance = pass.calm(&found)
        cluster.findings = found.inOrderOfConcern()
        cluster.counts = counts
        cluster.partitionMarks = scan.marks
        cluster.stopCosts = scan.stopCosts
    }

    /// Says since when a finding is there and how often it has begun.
    private mutating func date(_ finding: inout Finding, at now: Instant) {
        let memory = memories[finding.id]
        // One that the cluster before did not have has begun anew.
        let known = memory.flatMap { $0.lastSeen == advancedAt ? $0 : nil }
        let isStarting = now.seconds(since: startedAt) < Limits.startSeconds
        if finding.since == nil {
            let start = known?.since ?? now
            finding.since = start
            finding.isSinceStart = known?.isSinceStart == true || start == now && isStarting
        }
        finding.lastSeen = now
        finding.count = (memory?.count ?? 0) + (known == nil ? 1 : 0)
        memories[finding.id] = Memory(
            since: finding.since ?? now, isSinceStart: finding.isSinceStart, lastSeen: now,
            count: finding.count)
    }

    /// Forgets what has been over for long.
    private mutating func forget(at now: Instant) {
        let oldest = memories.count > Limits.remembered ? 0 : Limits.rememberedSeconds
        guard memories.values.contains(where: { now.seconds(since: $0.lastSeen) > oldest }) else {
            return
        }
        memories = memories.filter { now.seconds(since: $0.value.lastSeen) <= oldest }
    }
}
