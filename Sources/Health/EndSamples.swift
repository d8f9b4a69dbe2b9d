// When a log's end was where: a few samples of each partition that some group has committed for. By
// them a committed offset has a time, which is how far behind a group is in seconds.

internal import ClusterModel

/// Ends of logs over time, by rows of the partition table. Flat arrays: 200,000 partitions are 20
/// MB and no allocation each, and a partition that nobody commits to takes 4 bytes.
struct EndSamples: Sendable {
    /// By row: its place among the samples; -1 none.
    private var slots: [Int32] = []
    private var free: [Int32] = []
    /// `Limits.endSamples` a slot, the oldest first: tenths of seconds and log ends.
    private var times: [UInt32] = []
    private var ends: [Int64] = []
    private var counts: [UInt8] = []
    private var layout: UInt64 = 0
    /// The topics that the rows belong to, as they were.
    private var topics: [RowsOfTopic] = []

    private struct RowsOfTopic: Sendable {
        var name: String
        var historyIndex: Int
        var rows: Range<Int>
    }

    /// Follows rows that came, went or moved.
    mutating func follow(_ cluster: Cluster) {
        guard cluster.layout != layout || slots.count != cluster.partitions.count else { return }
        layout = cluster.layout
        var next = Array(repeating: Int32(-1), count: cluster.partitions.count)
        var kept = Array(repeating: false, count: counts.count)
        let old = Dictionary(
            topics.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for topic in cluster.topics {
            // Made anew under its old name it is another topic, with another history.
            guard let before = old[topic.name], before.historyIndex == topic.historyIndex else {
                continue
            }
            for (row, from) in zip(topic.partitions, before.rows) where slots[from] >= 0 {
                next[row] = slots[from]
                kept[Int(slots[from])] = true
            }
        }
        free = kept.indices.filter { !kept[$0] }.map { Int32($0) }
        slots = next
        topics = cluster.topics.map {
            RowsOfTopic(
                name: $0.name, historyIndex: $0.historyIndex,
                rows: $0.partitions.lowerBound..<$0.partitions.upperBound)
        }
    }

    /// Takes where the end of a row's log was.
    mutating func take(_ row: Int, end: Int64, at: Instant) {
        let slot = slot(of: row)
        let first = slot * Limits.endSamples
        let time = Self.tenths(at)
        var count = Int(counts[slot])
        if count > 0 {
            let last = first + count - 1
            if end < ends[last] {
                // The log was truncated: what was before is of another one.
                count = 0
            } else if count > 1, end == ends[last], end == ends[last - 1] {
                // Of a log that stands, when it began to stand and until when it stood.
                times[last] = max(times[last], time)
                return
            } else {
                let least = UInt32(Limits.endSampleSeconds * 10)
                guard time >= times[last] &+ least else { return }
            }
        }
        if count == Limits.endSamples {
            let gone = leastNeeded(first, now: time)
            for place in (first + gone)..<(first + count - 1) {
                times[place] = times[place + 1]
                ends[place] = ends[place + 1]
            }
            count -= 1
        }
        times[first + count] = time
        ends[first + count] = end
        counts[slot] = UInt8(count + 1)
    }

    private mutating func slot(of row: Int) -> Int {
        if slots[row] >= 0 { return Int(slots[row]) }
        let slot: Int
        if let reused = free.popLast() {
            slot = Int(reused)
        } else {
            slot = counts.count
            counts.append(0)
            times.append(contentsOf: repeatElement(0, count: Limits.endSamples))
            ends.append(contentsOf: repeatElement(0, count: Limits.endSamples))
        }
        counts[slot] = 0
        slots[row] = Int32(slot)
        return slot
    }

    /// Of a full slot the sample without which the least is lost: where the stretch between its
    /// neighbours is the shortest for its age. So samples lie close together near the present and
    /// farther apart the older they are, over hours. The oldest and the newest stay.
    private func leastNeeded(_ first: Int, now: UInt32) -> Int {
        var (least, worth) = (1, Double.infinity)
        for place in 1..<(Limits.endSamples - 1) {
            let before = times[first + place - 1]
            let after = times[first + place + 1]
            let age = Double(now &- before) + 1
            let share = Double(after &- before) / age
            if share < worth { (least, worth) = (place, share) }
        }
        return least
    }

    /// When a log's end was found at an offset.
    struct Moment {
        /// Seconds before the end's newest sample; negative is none.
        var seconds: Double
        /// It lies before all samples, and was reckoned.
        var isEstimated: Bool
    }

    /// How long before `at`, when the end was at `end`, the log's end was at `offset`. nil where
    /// nothing tells: it was never there while we looked, and the log does not grow.
    ///
    /// - Parameter rate: records a second that are written now; NaN unknown.
    func moment(
        of offset: Int64, _ row: Int, end: Int64, at: Instant, rate: Float
    ) -> Moment? {
        if offset >= end { return Moment(seconds: 0, isEstimated: false) }
        guard slots.indices.contains(row), slots[row] >= 0 else { return nil }
        let slot = Int(slots[row])
        let first = slot * Limits.endSamples
        let now = Double(Self.tenths(at))
        // From the newest to the oldest: most groups are near the end.
        var (laterTime, laterEnd) = (now, end)
        for place in stride(from: first + Int(counts[slot]) - 1, through: first, by: -1) {
            let (time, sampled) = (Double(times[place]), ends[place])
            if sampled <= offset, time <= laterTime {
                let share =
                    laterEnd > sampled ? Double(offset - sampled) / Double(laterEnd - sampled) : 0
                let then = time + share * (laterTime - time)
                return Moment(seconds: max(0, now - then) / 10, isEstimated: false)
            }
            (laterTime, laterEnd) = (time, sampled)
        }
        let seconds = (now - laterTime) / 10
        var mean = Double(rate)
        if seconds > 0, end > laterEnd { mean = Double(end - laterEnd) / seconds }
        guard mean > 0 else { return nil }
        return Moment(
            seconds: seconds + Double(laterEnd - offset) / mean, isEstimated: true)
    }

    private static func tenths(_ at: Instant) -> UInt32 {
        UInt32(truncatingIfNeeded: at.ns / 100_000_000)
    }
}
