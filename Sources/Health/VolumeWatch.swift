// How full volumes were over the last hour, and from that when each is full. What retention deletes
// is in it: the forecast waits until a deletion was seen, or an hour has passed without one.

internal import ClusterModel

/// The memory behind `LogDir.secondsToFull`.
struct VolumeWatch: Sendable {
    private struct Key: Hashable {
        var broker: BrokerID
        var path: String
    }
    private struct Sample {
        var at: Instant
        var used: Double
    }
    private struct Volume {
        var samples: [Sample] = []
        var total: Int64 = 0
    }
    private var volumes: [Key: Volume] = [:]

    /// Takes the newest answers in, and says of each directory when its volume is full.
    mutating func advance(_ cluster: inout Cluster) {
        guard cluster.logDirs.count <= Limits.watchedVolumes else { return }
        for place in cluster.logDirs.indices {
            cluster.logDirs[place].secondsToFull = forecast(cluster.logDirs[place])
        }
        guard volumes.count > cluster.logDirs.count else { return }
        let known = Set(cluster.logDirs.map { Key(broker: $0.broker, path: $0.path) })
        volumes = volumes.filter { known.contains($0.key) }
    }

    private mutating func forecast(_ dir: LogDir) -> Double? {
        let key = Key(broker: dir.broker, path: dir.path)
        guard dir.errorCode == 0, dir.answeredAt.happened, let total = dir.totalBytes,
            let usable = dir.usableBytes, total > 0, usable >= 0
        else { return nil }
        var volume = volumes[key] ?? Volume()
        // Another size is another volume.
        if volume.total != total { volume = Volume(total: total) }
        let newest = volume.samples.last?.at ?? .never
        if !newest.happened || dir.answeredAt.seconds(since: newest) >= Limits.volumeSampleSeconds {
            volume.samples.append(
                Sample(at: dir.answeredAt, used: Double(total) - Double(usable)))
            if volume.samples.count > Limits.volumeSamples { volume.samples.removeFirst() }
        }
        volumes[key] = volume
        guard let growth = Self.growth(volume.samples) else { return nil }
        return growth > 0 ? Double(usable) / growth : .infinity
    }

    /// Bytes a second by which it fills: the last third of the samples against the first, so that
    /// what goes up and down with each deleted segment is no growth. nil: not known yet.
    private static func growth(_ samples: [Sample]) -> Double? {
        guard let first = samples.first, let last = samples.last else { return nil }
        let watched = last.at.seconds(since: first.at)
        let hasShrunk = zip(samples, samples.dropFirst()).contains { $1.used < $0.used }
        guard watched >= (hasShrunk ? Limits.volumeSeconds : Limits.volumeSecondsWithoutLoss)
        else { return nil }
        let third = max(1, samples.count / 3)
        func mean(_ part: ArraySlice<Sample>) -> (at: Double, used: Double) {
            let count = Double(part.count)
            return (
                part.reduce(0) { $0 + $1.at.seconds(since: first.at) } / count,
                part.reduce(0) { $0 + $1.used } / count
            )
        }
        let (old, new) = (mean(samples.prefix(third)), mean(samples.suffix(third)))
        let seconds = new.at - old.at
        return seconds > 0 ? (new.used - old.used) / seconds : nil
    }
}
