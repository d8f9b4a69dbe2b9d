// A cluster with what the screens derive from it once: lists of the worst and the busiest, the room
// that names take.

internal import ClusterModel
internal import Drawing

/// An immutable cluster with its lists, shared by every closure that draws or sorts.
final class ClusterView: Sendable {
    let cluster: Cluster
    /// Columns of the longest topic and group names, bounded.
    let topicColumns: Int
    /// By place: where topics and groups stand when numbers in names count; nil: where they are.
    let topicRanks: [Int32]?
    let groupRanks: [Int32]?
    let groupColumns: Int
    /// The rows of the Configs screen.
    let configRows: [ConfigRow]
    /// The rows of the Overrides screen: those of each topic begin at its element; one more ends.
    let firstOverride: [Int32]
    /// Topics with the highest known rates, and groups furthest behind; indices.
    let busiest: [Int]
    let furthestBehind: [Int]
    /// Brokers, the ill ones first; indices.
    let brokersByTrouble: [Int]
    /// The rows of the Coordinator screen.
    let members: [CoordinatorMember]
    private let changedAt: [PartitionKey: Instant]
    /// Rates as tables show them.
    let steady: SteadyFigures

    init(_ cluster: Cluster, after previous: ClusterView? = nil) {
        self.cluster = cluster
        if let previous, previous.cluster.layout == cluster.layout {
            topicColumns = previous.topicColumns
            topicRanks = previous.topicRanks
        } else {
            topicColumns = ClusterView.columns(cluster.topics.lazy.map(\.name))
            topicRanks = ClusterView.ranks(cluster.topics.map(\.name))
        }
        let isSame =
            previous.map { old in
                old.cluster.groups.count == cluster.groups.count
                    && cluster.groups.indices.allSatisfy {
                        old.cluster.groups[$0].id == cluster.groups[$0].id
                    }
            } ?? false
        groupRanks =
            isSame ? previous?.groupRanks : ClusterView.ranks(cluster.groups.map(\.id))
        steady = SteadyFigures(cluster, after: isSame ? previous?.steady : nil)
        groupColumns = ClusterView.columns(cluster.groups.lazy.map(\.id))
        members = coordinatorMembers(cluster)
        configRows = ConfigRow.rows(cluster)
        firstOverride = OverridesScreen.firstRows(cluster)
        changedAt = Dictionary(
            cluster.leaderChanges.map { ($0.partition, $0.at) },
            uniquingKeysWith: { _, last in last })
        let rates = cluster.topicRates
        busiest = top(Limits.topRows, of: rates.count) { rates[$0] }
        furthestBehind = top(Limits.topRows, of: cluster.groups.count) {
            ClusterView.concern(cluster.groups[$0].standing, cluster.groups[$0].lag)
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

    private static func ranks(_ names: [String]) -> [Int32]? {
        names.count <= Limits.steadyRows ? naturalRanks(names) : nil
    }

    /// The same of partitions: topics in their order, and of each its numbers.
    var partitionRanks: [Int32]? {
        guard let topicRanks else { return nil }
        var order = Array(repeating: 0, count: topicRanks.count)
        for (place, rank) in topicRanks.enumerated() { order[Int(rank)] = place }
        var ranks = Array(repeating: Int32(0), count: cluster.partitions.count)
        var next: Int32 = 0
        for place in order {
            for row in cluster.topics[place].partitions {
                ranks[row] = next
                next += 1
            }
        }
        return ranks
    }

    /// How much a group is worth a look: by its verdict, then by the time it is behind, then by
    /// records; negative where nothing is known of it.
    static func concern(_ standing: GroupStanding, _ lag: Int64?) -> Double {
        guard let lag else { return -1 }
        let seconds = standing.secondsBehind.isNaN ? 0 : Double(standing.secondsBehind)
        return Double(standing.verdict?.rank ?? 0) * 1e12 + min(seconds, 1e9) * 100
            + 99 * Double(lag) / (1e9 + Double(lag))
    }

    /// When the partition's leader last changed while we looked; nil if it did not.
    func leaderChanged(_ key: PartitionKey) -> Instant? {
        changedAt.isEmpty ? nil : changedAt[key]
    }

    private static func columns(_ names: some Sequence<String>) -> Int {
        let longest = names.reduce(8) { max($0, shownName($1).utf8.count) }
        return min(Limits.nameColumns, longest)
    }
}

extension Broker {
    /// How bad the broker's state is: 3 gone or silent, 2 fenced, 1 slow or throttled, 0 well.
    var trouble: Int {
        switch state {
        case .silent, .unreachable, .missing: 3
        case .fenced: 2
        case .slow, .throttled: 1
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
