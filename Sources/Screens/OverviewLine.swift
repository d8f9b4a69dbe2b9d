// The overview's first line: calm, what is well and what may still fail; ill, the worst that is
// wrong with what follows from it.

internal import ClusterModel
internal import Drawing

extension OverviewScreen {
    /// The lines above everything else, in at most `most` lines of `width` columns.
    static func statusLines(_ scene: Scene, width: Int, most: Int) -> [[Run]] {
        let findings = scene.cluster.findings
        guard let worst = findings.first, findings.contains(where: { $0.severity == .critical })
        else { return [calmLine(scene, width)] }
        let mark = "\(Glyph.critical) "
        var lines = wrapped([Run(worst.text, .critical)], to: width - 2)
        if lines.count > most {
            lines = [[Run(truncated(worst.text, to: width - 2, middle: false), .critical)]]
        }
        lines = lines.enumerated().map { [Run($0 == 0 ? mark : "  ", .critical)] + $1 }
        let beneath = findings.filter { $0.cause == worst.id }
        if lines.count < most, !beneath.isEmpty {
            let text = beneath.map(\.text).joined(separator: " \(Glyph.separator) ")
            lines.append([Run("    " + truncated(text, to: width - 4, middle: false), .dim)])
        }
        return lines
    }

    /// "✓ well · 950 partitions in sync · one more broker may fail · 40 groups at most 10 s
    /// behind · fullest disk 71 %": as many of the facts as fit.
    private static func calmLine(_ scene: Scene, _ width: Int) -> [Run] {
        let cluster = scene.cluster
        let absence = cluster.absenceOfFaults
        var isReading = !cluster.knowsPartitions
        if case .reading = absence { isReading = true }
        if isReading {
            return [Run("Still asking: not everything was answered yet.", .unknown)]
        }
        let warnings = cluster.findings.count { $0.severity == .warning }
        var runs = [Run("\(Glyph.marked) well", .good)]
        if warnings > 0 {
            runs = [Run("\(Glyph.warning) \(plural(warnings, "warning"))", .warning)]
        } else if cluster.findings.contains(where: \.isInMaintenance) {
            // What is wrong because of it is not cried, and is not well.
            let objects = cluster.maintenance.entries.map(\.object)
            let what = objects.count == 1 ? "\(objects[0])" : plural(objects.count, "object")
            runs = [Run("\(Glyph.moving) \(what) in maintenance", .moving)]
        } else if case .watching(let groups) = absence {
            runs = [
                Run("nothing wrong so far, \(plural(groups, "group")) still watched", .unknown)
            ]
        }
        for fact in facts(cluster) where runs.width + fact.width + 3 <= width {
            runs += [Run(" \(Glyph.separator) ", .dim), fact]
        }
        return runs
    }

    private static func facts(_ cluster: Cluster) -> [Run] {
        [partitions(cluster), mayFail(cluster), groups(cluster), disk(cluster)].compactMap(\.self)
    }

    private static func partitions(_ cluster: Cluster) -> Run? {
        let count = cluster.partitions.count
        guard count > 0, let behind = cluster.counts["under_replicated"],
            let offline = cluster.counts["offline"]
        else { return nil }
        return behind + offline == 0
            ? Run("\(plural(count, "partition")) in sync")
            : Run(
                "\(NumberFormat.grouped(count - behind - offline)) of "
                    + "\(plural(count, "partition")) in sync", .warning)
    }

    /// How far behind the farthest is, rounded so that it stands still; groups with a fault stand
    /// among what is wrong.
    private static func groups(_ cluster: Cluster) -> Run? {
        var (near, farthest) = (0, Float(0))
        for place in cluster.groups.indices {
            let standing = cluster.groups[place].standing
            guard standing.verdict == .ok, !standing.secondsBehind.isNaN else { continue }
            near += 1
            farthest = max(farthest, standing.secondsBehind)
        }
        guard near > 0 else { return nil }
        let seconds = farthest <= 10 ? 10 : NumberFormat.roundedSeconds(Double(farthest))
        let judged = cluster.groups.count { !$0.isNotJudged }
        let of = near == judged ? "" : " of \(NumberFormat.grouped(judged))"
        return Run(
            "\(NumberFormat.grouped(near))\(of) group\(judged == 1 ? "" : "s") at most "
                + NumberFormat.duration(seconds) + " behind")
    }

    private static func disk(_ cluster: Cluster) -> Run? {
        guard let fullest = fullestDir(cluster.logDirs) else { return nil }
        let days = cluster.logDirs[fullest].fillsIn.map { ", full in \($0)" } ?? ""
        return Run(
            "fullest disk \(NumberFormat.percent(cluster.logDirs[fullest].usedFraction))\(days)")
    }

    /// Which directory's volume is the fullest; nil where none is told.
    static func fullestDir(_ dirs: [LogDir]) -> Int? {
        var best: (place: Int, used: Double)?
        for place in dirs.indices {
            guard let used = dirs[place].usedFraction, used > best?.used ?? -1 else { continue }
            best = (place, used)
        }
        return best?.place
    }

    /// Whether any one more broker may be lost, or which must not; nil where it is not known.
    private static func mayFail(_ cluster: Cluster) -> Run? {
        let places = cluster.brokers.indices.filter { !cluster.brokers[$0].isIll }
        guard places.count > 0, cluster.stopCosts.count == cluster.brokers.count else { return nil }
        let states = places.map { cluster.isSafeToStop($0) }
        let unsafe = places.indices.filter { states[$0] == false }.map { places[$0] }
        if !unsafe.isEmpty {
            func weight(_ place: Int) -> Float { stopValue(cluster, place) }
            let worst = unsafe.max { weight($0) < weight($1) } ?? unsafe[0]
            let cost = cluster.stopCosts[worst]
            let count = Int(cost.leaderless > 0 ? cost.leaderless : cost.underMinISR)
            let what = count > 0 ? plural(count, "partition") : "the quorum"
            return Run("broker \(cluster.brokers[worst].id) must not fail (\(what))", .warning)
        }
        return states.allSatisfy { $0 == true } ? Run("one more broker may fail", .good) : nil
    }
}
