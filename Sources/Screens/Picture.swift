// A picture of the cluster with what the screens derive from it once: lists of the worst and the
// busiest, what is wrong and since when, who changed leader.

internal import ClusterModel
internal import Drawing

/// A partition whose leader changed between two pictures.
struct LeaderMove: Sendable, Equatable {
    var partition: PartitionKey
    var from: BrokerID
    var to: BrokerID
    var at: Instant
}

/// One immutable picture, shared by every closure that draws or sorts.
final class Picture: Sendable {
    let cluster: Cluster
    /// Columns of the longest topic and group names, bounded.
    let topicColumns: Int
    let groupColumns: Int
    /// What is wrong, worst first.
    let findings: [Finding]
    /// When each finding was first seen in a row of pictures.
    let since: [FindingID: Instant]
    /// Topics with the highest known rates, and groups furthest behind; indices.
    let busiest: [Int]
    let furthestBehind: [Int]
    /// Brokers, the ill ones first; indices.
    let brokersByTrouble: [Int]
    /// The rows of the Coordinator screen.
    let members: [CoordinatorMember]
    /// Newest last.
    let moves: [LeaderMove]
    private let movedAt: [PartitionKey: Instant]
    /// The first picture's time. Of what is wrong shortly after it nobody can say when it began:
    /// much is read, or read twice, only then.
    private let startedAt: Instant

    init(_ cluster: Cluster, after previous: Picture? = nil) {
        self.cluster = cluster
        if let previous, previous.cluster.layout == cluster.layout {
            topicColumns = previous.topicColumns
        } else {
            topicColumns = Picture.columns(cluster.topics.lazy.map(\.name))
        }
        if let previous, previous.cluster.groups.count == cluster.groups.count {
            groupColumns = previous.groupColumns
        } else {
            groupColumns = Picture.columns(cluster.groups.lazy.map(\.id))
        }
        members = coordinatorMembers(cluster)
        moves = Picture.moves(cluster, after: previous)
        movedAt = Dictionary(
            moves.map { ($0.partition, $0.at) }, uniquingKeysWith: { _, last in last })
        let startedAt = previous?.startedAt ?? cluster.takenAt
        self.startedAt = startedAt
        let isStarting = cluster.takenAt.seconds(since: startedAt) < Limits.startSeconds
        var first: [FindingID: Instant] = [:]
        findings = (makeFindings(cluster) + moveFindings(moves, cluster)).map { finding in
            var dated = finding
            let start = finding.since ?? previous?.since[finding.id] ?? cluster.takenAt
            // A fault there from the start on is older than we can know.
            dated.since = start
            dated.isSinceStart =
                finding.since == nil
                && (start == cluster.takenAt && isStarting
                    || previous?.startedWith(finding.id) == true)
            first[finding.id] = start
            return dated
        }
        since = first
        let rates = cluster.topicRates
        busiest = top(Limits.topRows, of: rates.count) { rates[$0] }
        furthestBehind = top(Limits.topRows, of: cluster.groups.count) {
            cluster.groups[$0].lag.map(Double.init) ?? -1
        }
        let trouble = cluster.brokers.map(\.trouble)
        let isAllWell = trouble.allSatisfy { $0 == 0 }
        brokersByTrouble =
            isAllWell
            ? Array(cluster.brokers.indices)
            : cluster.brokers.indices.sorted { a, b in
                trouble[a] == trouble[b] ? a < b : trouble[a] > trouble[b]
            }
    }

    /// Metadata has been answered: that there are no partitions, or no faults, is a fact.
    var knowsPartitions: Bool {
        cluster.partitions.count > 0 || cluster.health(.metadata).answeredAt.happened
    }

    /// When the partition's leader last changed while we looked; nil if it did not.
    func leaderMoved(_ key: PartitionKey) -> Instant? { movedAt.isEmpty ? nil : movedAt[key] }

    private func startedWith(_ id: FindingID) -> Bool {
        findings.contains { $0.id == id && $0.isSinceStart }
    }

    private static func columns(_ names: some Sequence<String>) -> Int {
        let longest = names.reduce(8) { max($0, $1.utf8.count) }
        return min(Limits.nameColumns, longest)
    }

    private static func moves(_ cluster: Cluster, after previous: Picture?) -> [LeaderMove] {
        guard let previous else { return [] }
        let old = previous.cluster.partitions.leader
        let new = cluster.partitions.leader
        guard previous.cluster.layout == cluster.layout, old.count == new.count, old != new else {
            return previous.moves
        }
        var moves = previous.moves
        for row in new.indices where old[row] != new[row] {
            moves.append(
                LeaderMove(
                    partition: cluster.key(ofRow: row), from: BrokerID(old[row]),
                    to: BrokerID(new[row]), at: cluster.takenAt))
            // A broker's loss moves thousands: the newest few tell the story.
            if moves.count >= 2 * Limits.moves { moves.removeFirst(Limits.moves) }
        }
        return Array(moves.suffix(Limits.moves))
    }
}

extension Broker {
    /// How bad the broker's state is: 3 gone or silent, 2 fenced, 1 slow, 0 well.
    var trouble: Int {
        switch state {
        case .silent, .unreachable, .missing: 3
        case .fenced: 2
        case .slow: 1
        case .unknown, .answering: 0
        }
    }
}

/// Indices of the `count` greatest values that are not negative, greatest first; ties keep order.
func top(_ count: Int, of total: Int, value: (Int) -> Double) -> [Int] {
    var best: [(value: Double, index: Int)] = []
    for index in 0..<total {
        let score = value(index)
        guard score >= 0 else { continue }
        if best.count == count, let last = best.last, score <= last.value { continue }
        var low = 0
        var high = best.count
        while low < high {
            let middle = (low + high) / 2
            if best[middle].value >= score { low = middle + 1 } else { high = middle }
        }
        best.insert((score, index), at: low)
        if best.count > count { best.removeLast() }
    }
    return best.map(\.index)
}
