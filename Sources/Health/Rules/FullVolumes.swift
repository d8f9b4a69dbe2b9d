// Volumes that are nearly full. Directories of one broker that report the same size and the same
// room lie on one volume, which is counted and told once.

internal import ClusterModel

/// Volumes fuller than the limit.
enum FullVolumes: Rule {
    static let entry = RuleEntry(
        "volumes_full", "volumes full", .warning, .logDirs,
        strip: .init(8, short: "full", tiny: "vol"),
        advice: "Move replicas away or shorten retention: a full volume stops its broker.")

    private struct Volume: Hashable {
        var broker: BrokerID
        var total: Int64?
        var usable: Int64?
    }

    /// The directories of full volumes, those of one volume together.
    private static func full(_ cluster: Cluster) -> [[LogDir]] {
        var place: [Volume: Int] = [:]
        var volumes: [[LogDir]] = []
        for dir in cluster.logDirs where dir.errorCode == 0 {
            guard dir.fill(cluster.thresholds) ?? .roomy > .roomy else { continue }
            let volume = Volume(broker: dir.broker, total: dir.totalBytes, usable: dir.usableBytes)
            if let known = place[volume] {
                volumes[known].append(dir)
            } else {
                place[volume] = volumes.count
                volumes.append([dir])
            }
        }
        return volumes
    }

    /// None is known to be full only once every listed broker has told of its own.
    static func count(_ pass: HealthPass) -> Int? {
        let cluster = pass.cluster
        let count = full(cluster).count
        if count > 0 { return count }
        let told = Set(cluster.logDirs.lazy.filter { $0.usedFraction != nil }.map(\.broker))
        let isKnown = cluster.brokers.allSatisfy { !$0.isListed || told.contains($0.id) }
        return !told.isEmpty && isKnown ? 0 : nil
    }

    static func check(_ pass: HealthPass) -> [Finding] {
        full(pass.cluster).compactMap { dirs in
            guard let dir = dirs.first else { return nil }
            let paths = dirs.map { shownName($0.path) }.joined(separator: ", ")
            let used = NumberFormat.percent(dir.usedFraction)
            return finding(
                .volume(dir.broker, path: dir.path),
                "broker \(dir.broker) \(paths) is \(used) full, "
                    + "\(NumberFormat.bytes(dir.usableBytes)) left",
                severity: dir.fill(pass.cluster.thresholds) == .critical ? .critical : .warning,
                evidence: [
                    .init("used_fraction", ((dir.usedFraction ?? 0) * 1_000).nearestWhole / 1_000),
                    .init("usable_bytes", dir.usableBytes ?? 0),
                ])
        }
    }
}
