// What the ensemble of a large cluster on ZooKeeper is asked: counts, the same on every run, of the
// whole program in virtual time.
import ClusterModel
import Session
import SimulatedCluster
import ZooKeeperClient

/// Counts at the sizes asked for.
func measureEnsemble(_ sizes: [ScaleSize], _ report: inout Report) {
    for size in sizes {
        report.note(
            "\(size.title): \(size.brokers) brokers on ZooKeeper, \(size.partitions) partitions x"
                + "\(Size.replicas), \(size.groups) groups, \(EnsembleBudget.restSeconds) s at rest"
        )
        EnsembleRun(size).measure(&report)
    }
}

private struct EnsembleRun {
    let size: ScaleSize
    let session: DrivenSession

    init(_ size: ScaleSize) {
        self.size = size
        var shape = Shape()
        shape.seed = 7
        shape.release = .v39
        shape.coordination = .zookeeper
        (shape.brokers, shape.partitions, shape.groups) =
            (size.brokers, size.partitions, size.groups)
        shape.storyAtSeconds = .infinity
        session = DrivenSession(shape)
    }

    private struct Look {
        var tally: ZooKeeperTally
        var watches: Int
    }

    private func look() -> Look {
        session.network.inspect { Look(tally: $0.zooKeeperTally, watches: $0.zooKeeperWatches) }
    }

    func measure(_ report: inout Report) {
        session.run(seconds: EnsembleBudget.settleSeconds)
        let start = look()
        func count(_ what: String, _ number: Int, budget: Double? = nil) {
            report.count("\(size.title): \(what)", UInt64(max(0, number)), budget: budget)
        }
        count("registrations read", session.cluster.coordinator.registrations.count)
        count("start, watches", start.watches, budget: EnsembleBudget.watches)
        count(
            "start, reads and watches asked for", start.tally.reads,
            budget: EnsembleBudget.reads + Double(size.brokers))
        count("start, sessions asked for", start.tally.connects)
        report.bytes("\(size.title): start, bytes to the ensemble", UInt64(start.tally.bytesIn))
        report.bytes("\(size.title): start, bytes from the ensemble", UInt64(start.tally.bytesOut))
        for (screen, watches) in [
            ("coordinator", EnsembleBudget.watches), ("partitions", EnsembleBudget.watchesInView),
            ("overview", EnsembleBudget.watches),
        ] {
            session.go(screen)
            session.run(seconds: EnsembleBudget.settleSeconds)
            let before = look()
            session.run(seconds: EnsembleBudget.restSeconds)
            let after = look()
            let more = after.tally.since(before.tally)
            count("\(screen), at rest, watches", after.watches, budget: watches)
            count(
                "\(screen), at rest, reads a minute", more.reads,
                budget: EnsembleBudget.readsAtRest)
            count("\(screen), at rest, pings a minute", more.requests[.ping] ?? 0)
            count("\(screen), at rest, four-letter words a minute", more.words)
            report.rate(
                "\(size.title): \(screen), at rest, bytes to the ensemble",
                Double(more.bytesIn) / EnsembleBudget.restSeconds)
            report.rate(
                "\(size.title): \(screen), at rest, bytes from the ensemble",
                Double(more.bytesOut) / EnsembleBudget.restSeconds)
        }
        session.end()
    }
}
