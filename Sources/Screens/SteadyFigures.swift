// Rates as tables show them: each row takes its newest figure every third round, and at once where
// it is quite another. A rate shown is then two rounds older at the most, and a console at rest
// sends a third of them. What rows are ordered by, pages and snapshots have the newest.

internal import ClusterModel

/// The rates that stand in tables of partitions and groups.
struct SteadyFigures: Sendable {
    /// By row of the partition table: records and bytes a second; negative is unknown.
    private(set) var records: [Float]
    private(set) var bytes: [Float]
    /// By group: records a second written for it and read by it; NaN is unknown.
    private(set) var written: [Float]
    private(set) var read: [Float]
    private var round = 0
    private var roundAt: Instant
    private let layout: UInt64

    /// - Parameter old: what stood before; its groups are the same ones.
    init(_ cluster: Cluster, after old: SteadyFigures?) {
        records = cluster.partitions.recordsPerSecond
        bytes = cluster.partitions.bytesPerSecond
        written = cluster.groups.map { Float($0.producedPerSecond ?? .nan) }
        read = cluster.groups.map { Float($0.consumedPerSecond ?? .nan) }
        layout = cluster.layout
        roundAt = cluster.takenAt
        guard let old else { return }
        let isNext = cluster.takenAt.seconds(since: old.roundAt) >= Limits.roundSeconds
        (round, roundAt) = isNext ? (old.round + 1, cluster.takenAt) : (old.round, old.roundAt)
        // After a pause nothing old is shown.
        guard cluster.takenAt.seconds(since: old.roundAt) <= Limits.oldestSteadySeconds else {
            return
        }
        if old.layout == layout {
            Self.keep(&records, old.records, round)
            Self.keep(&bytes, old.bytes, round)
        }
        Self.keep(&written, old.written, round)
        Self.keep(&read, old.read, round)
    }

    /// Leaves the rows whose turn it is not as they stood.
    private static func keep(_ now: inout [Float], _ old: [Float], _ round: Int) {
        guard now.count == old.count else { return }
        for row in now.indices where (row + round) % 3 != 0 {
            let (new, before) = (now[row], old[row])
            // Also where one of them is not known.
            guard new > 0, before > 0, abs(new - before) <= before * Limits.steadyShare else {
                continue
            }
            now[row] = before
        }
    }
}
