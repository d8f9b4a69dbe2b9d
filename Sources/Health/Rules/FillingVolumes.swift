// Volumes that are full within days if they go on filling as they did.

internal import ClusterModel

/// Volumes that fill.
enum FillingVolumes: Rule {
    static let entry = RuleEntry(
        "volumes_filling", "volumes filling", .warning, .logDirs,
        advice:
            "Shorten retention, move replicas away or add room before it is full: a full volume "
            + "stops its broker.")

    static func check(_ pass: HealthPass) -> [Finding] {
        let dirs = pass.cluster.logDirs.filter {
            ($0.secondsToFull ?? .infinity) <= pass.cluster.thresholds[.volumeFilling]
        }
        return dirs.prefix(Limits.findingsEach).map { dir in
            let seconds = dir.secondsToFull ?? 0
            let rate = Double(dir.usableBytes ?? 0) / max(1, seconds)
            return finding(
                .volume(dir.broker, path: dir.path),
                "broker \(dir.broker) \(shownName(dir.path)) is full in \(dir.fillsIn ?? "?") at "
                    + "this pace: \(NumberFormat.bytes(dir.usableBytes)) left, "
                    + "\(NumberFormat.bytes(rate))/s more",
                evidence: [
                    .init("seconds_to_full", seconds.nearestWhole),
                    .init("bytes_per_second", rate.nearestWhole),
                    .init("usable_bytes", dir.usableBytes ?? 0),
                ])
        }
    }
}
