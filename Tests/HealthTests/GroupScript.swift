// Scripts for groups: what their logs and commits do over time, read as Polling reads them.

import ClusterModel
import ModelTesting

@testable import Health

/// A group of two partitions over time, by seconds since it is watched.
struct GroupScript {
    /// Records ever written to each partition. Never below 1,000,000 at the start, so that there is
    /// room for what was not read.
    var end: (Double) -> Double = { 1_000_000 + 1_000 * $0 }
    /// The committed offsets; nil: none.
    var commits: (Double) -> [Double?] = { _ in [nil, nil] }
    var logStart: (Double) -> Double = { _ in 0 }
    var members: (Double) -> Int? = { _ in 2 }
    var state: (Double) -> String = { _ in "Stable" }
    /// All partitions are assigned to the first member.
    var isLone = false
    var refresh = 2.0

    /// What a consumer commits that reads at `delay` seconds behind and commits every `every`.
    static func following(
        _ end: @escaping (Double) -> Double, delay: @escaping (Double) -> Double,
        every: Double = 5
    ) -> (Double) -> [Double?] {
        { now in
            let at = (now / every).rounded(.down) * every
            let read = end(at - delay(at)).rounded(.down)
            return [read, read]
        }
    }

    /// A verdict and when it came.
    struct Told: Equatable {
        var at: Double
        var verdict: GroupVerdict?
    }

    /// Every change of the verdict within so many seconds, and the last standing.
    func run(
        seconds: Double, isOnlyLook: Bool = false
    ) -> (told: [Told], last: GroupStanding, findings: [Finding]) {
        var builder = ClusterBuilder(brokers: 1)
        builder.addTopic("t")
        let rows = (0..<2).map { _ in builder.addPartition(replicas: [1], end: 1_000, rate: 7) }
        builder.addGroup("g", rows: rows, members: 2)
        var cluster = builder.cluster
        let start = Instant(ns: 5_000_000_000_000)
        var health = HealthState()
        var told = [Told(at: 0, verdict: nil)]
        var series = [Series](repeating: Series(), count: 2)
        var now = 0.0
        while now <= seconds {
            let at = Instant(ns: start.ns + UInt64(now * 1e9))
            write(&cluster, now, at)
            read(&cluster, &series, now, at)
            cluster.takenAt = at
            cluster.summarise()
            health.advance(&cluster, isOnlyLook: isOnlyLook)
            let verdict = cluster.groups[0].standing.verdict
            if verdict != told.last?.verdict { told.append(Told(at: now, verdict: verdict)) }
            now += refresh
        }
        return (Array(told.dropFirst()), cluster.groups[0].standing, cluster.findings)
    }

    private func write(_ cluster: inout Cluster, _ now: Double, _ at: Instant) {
        for row in 0..<2 {
            cluster.partitions.replicaLogEnd[row] = Int64(end(now))
            cluster.partitions.replicaLogEndAt[row] = at.ns
            cluster.partitions.highWatermark[row] = Int64(end(now))
            cluster.partitions.recordsPerSecond[row] = Float(end(now) - end(now - 5)) / 5
            cluster.partitions.logStart[row] = Int64(logStart(now))
        }
    }

    /// What Polling remembers of a commit (`CommitSeries`).
    private struct Series {
        var committed: Int64?
        var movedAt = Instant.never
        var pause: Float = 0
        var peak: Int64 = 0
    }

    private func read(
        _ cluster: inout Cluster, _ series: inout [Series], _ now: Double, _ at: Instant
    ) {
        cluster.groups[0].offsetsAt = at
        cluster.groups[0].describedAt = at
        cluster.groups[0].state = state(now)
        cluster.groups[0].members = members(now).map { count in
            (0..<count).map { number in
                let keys = (0..<2).filter { isLone ? number == 0 : $0 % count == number }
                return GroupMember(
                    id: "m\(number)", clientID: "m\(number)", host: "",
                    assignment: keys.map { PartitionKey(topic: "t", partition: Int32($0)) })
            }
        }
        for (place, commit) in commits(now).enumerated() {
            let offset = commit.map { Int64($0) }
            let before = series[place]
            if let offset, offset != before.committed {
                if let old = before.committed {
                    let pause = Float(at.seconds(since: before.movedAt))
                    series[place].pause = max(pause, before.pause * 0.95)
                    if offset < old { series[place].peak = max(before.peak, old) }
                }
                if offset >= series[place].peak { series[place].peak = 0 }
                series[place].movedAt = at
                series[place].committed = offset
            }
            var read = GroupOffset(
                partition: PartitionKey(topic: "t", partition: Int32(place)), committed: offset,
                highWatermark: Int64(end(now)))
            read.member = members(now) ?? 0 > 0 ? 0 : nil
            read.committedSince = series[place].movedAt
            read.longestPause = series[place].pause
            if let offset {
                read.rewound = max(0, series[place].peak - offset)
                read.lost = max(0, Int64(logStart(now)) - offset)
            }
            cluster.groups[0].offsets?[place] = read
        }
    }
}
