// What is said of a quiet day: after the first minute nothing that is not so, whatever the seed,
// and no verdict that comes and goes.
import ClusterModel
import SimulatedCluster
import Testing
import Transport

@Suite struct QuietGroupTests {
    private struct Seen {
        var alarms: [String: Double] = [:]
        var flips: [String: Int] = [:]
        var verdicts: [String: GroupVerdict] = [:]
        var begin = Instant.never
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func aQuietDayHasNoFalseAlarm(_ seed: UInt64) {
        var shape = smallShape(seed: seed)
        shape.brokers = 3
        shape.partitions = 10
        // With it come one that slowly falls behind and one that nobody reads.
        shape.groups = 10
        shape.offsetsPartitions = 2
        let seen = Locked(Seen())
        let stuck = Locked<Set<String>>([])
        _ = Watched.run(
            shape, seconds: seed <= 2 ? 660 : 160, refreshSeconds: 3,
            each: { cluster in
                seen.withLock { note(cluster, in: &$0) }
            },
            atEnd: { network in
                let ids = network.inspect { $0.stuckGroupIDs }
                stuck.withLock { $0 = Set(ids) }
            })
        let (found, standing) = (seen.withLock { $0 }, stuck.withLock { $0 })
        let alarms = found.alarms.filter { alarm in
            !standing.contains { alarm.key.contains($0) }
        }
        #expect(alarms.isEmpty, "\(alarms)")
        #expect(found.flips.values.allSatisfy { $0 <= 2 }, "\(found.flips)")
        // What stands still is told, and of all others it is known how they stand.
        for (id, verdict) in found.verdicts {
            #expect(verdict.standsStill == standing.contains(id), "\(id) \(verdict)")
        }
        #expect(found.verdicts.count > 7)
    }

    private func note(_ cluster: Cluster, in seen: inout Seen) {
        if !seen.begin.happened { seen.begin = cluster.takenAt }
        let seconds = cluster.takenAt.seconds(since: seen.begin)
        for group in cluster.groups {
            guard let verdict = group.standing.verdict else { continue }
            if let before = seen.verdicts[group.id], before != verdict {
                seen.flips[group.id, default: 0] += 1
            }
            seen.verdicts[group.id] = verdict
        }
        guard seconds > 60 else { return }
        for finding in cluster.findings where finding.severity > .notice {
            // One of the simulated disks is rather full, which is so.
            if finding.rule == "volumes_full" { continue }
            seen.alarms[finding.text] = seconds
        }
    }
}
