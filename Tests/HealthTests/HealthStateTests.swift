// Since when and how often: what HealthState keeps from cluster to cluster.

import ClusterModel
import Health
import ModelTesting
import Testing

@Suite struct HealthStateTests {
    private static let second: UInt64 = 1_000_000_000

    /// The healthy sample at `seconds` after the first, with a full volume where `isFull`.
    private func cluster(_ seconds: UInt64, isFull: Bool) -> Cluster {
        var cluster = SampleCluster.healthy()
        cluster.takenAt.ns += seconds * Self.second
        if isFull {
            cluster.logDirs[0].totalBytes = 1_000
            cluster.logDirs[0].usableBytes = 100
        }
        return cluster
    }

    /// Seconds, whether the volume is full, and what is said of it: since, whether that is only
    /// when we began to look, and how often it has begun.
    @Test func sinceIsKeptAndCountsBeginnings() {
        let steps: [(at: UInt64, isFull: Bool, since: UInt64?, isOlder: Bool, count: Int)] = [
            (0, false, nil, false, 0), (60, true, 60, false, 1), (62, true, 60, false, 1),
            (64, false, nil, false, 0), (66, true, 66, false, 2), (68, true, 66, false, 2),
            // Forgotten after an hour.
            (70, false, nil, false, 0), (7_200, false, nil, false, 0),
            (7_202, true, 7_202, false, 1),
        ]
        var health = HealthState()
        let start = SampleCluster.healthy().takenAt.ns
        for step in steps {
            var next = cluster(step.at, isFull: step.isFull)
            health.advance(&next)
            let finding = next.findings.first { $0.rule == "volumes_full" }
            #expect(finding?.since?.ns == step.since.map { start + $0 * Self.second })
            #expect(finding?.isSinceStart ?? false == step.isOlder, "\(step.at) s")
            #expect(finding?.count ?? 0 == step.count, "\(step.at) s")
            #expect(finding == nil || finding?.lastSeen == next.takenAt)
        }
    }

    /// Much is read, or read twice, only in the seconds after the first cluster.
    @Test func whatIsFoundSoonAfterTheStartIsAtLeastAsOld() {
        for (seconds, isOlder) in [(0, true), (4, true), (9, true), (11, false), (60, false)]
            as [(UInt64, Bool)]
        {
            var health = HealthState()
            var first = SampleCluster.healthy()
            if seconds > 0 { health.advance(&first) }
            for later in [0, 30] as [UInt64] {
                var now = cluster(seconds + later, isFull: true)
                health.advance(&now)
                let finding = now.findings.first { $0.rule == "volumes_full" }
                #expect(finding?.isSinceStart == isOlder, "\(seconds) s")
                #expect(finding?.since?.ns == first.takenAt.ns + seconds * Self.second)
            }
        }
    }

    /// Failures alone are no beginning: nothing was answered yet.
    @Test func theStartIsTheFirstAnswer() {
        var health = HealthState()
        var nothing = Cluster()
        nothing.takenAt = Instant(ns: Self.second)
        health.advance(&nothing)
        var first = cluster(0, isFull: true)
        health.advance(&first)
        #expect(first.findings.first { $0.rule == "volumes_full" }?.isSinceStart == true)
    }

    /// A change of what rules read is seen although the table's shape stays.
    @Test func theScanFollowsEachColumn() {
        var health = HealthState()
        var next = SampleCluster.healthy()
        health.advance(&next)
        #expect(next.counts["offline"] == 0 && next.counts["under_min_isr"] == 0)
        next.partitions.leader[0] = -1
        health.advance(&next)
        #expect(next.counts["offline"] == 1)
        next.configs.setMinInsyncReplicas(1_000, historyIndex: next.topics[0].historyIndex)
        for row in next.topics[0].partitions {
            next.partitions.replicaFlags[next.partitions.replicas(of: row).lowerBound] = []
        }
        health.advance(&next)
        #expect(next.counts["under_min_isr"] == next.topics[0].partitionCount)
    }
}
