// How far followers are behind, by who follows whom: a slow disk is a row of it, a bad link a cell.
// One pass over the replicas, made when a screen shows it.

/// Followers by their leaders, of one state of a cluster: by brokers or by racks.
package struct ReplicaHeat: Sendable {
    /// What followers and leaders are laid out by.
    package enum Sides: Sendable { case brokers, racks }

    /// The followers on one broker (or rack) of the leaders on another.
    package struct Cell: Sendable, Equatable {
        package var followers: Int32 = 0
        /// Followers of which it is not known how far they are behind.
        package var unknown: Int32 = 0
        package var outOfSync: Int32 = 0
        /// Of those out of sync: nobody writes to their partitions, so that what they lack is no
        /// time.
        package var unpaced: Int32 = 0
        /// Followers that a reassignment is making: they lack everything at first.
        package var adding: Int32 = 0
        /// Records that all of them lack together, and records a second written to what they
        /// follow.
        package var lag: Float = 0
        package var rate: Float = 0
        /// The furthest of those out of sync, in seconds.
        var worstOut: Float = 0
        /// The follower that lacks most, by its row in the replica columns; -1: none lacks any.
        package var worst: Int32 = -1
        var worstLag: Int64 = 0

        /// Seconds behind: what all lack over what flows to them, and no less than the furthest of
        /// those out of sync; NaN where it is known of none.
        ///
        /// One follower in sync of a partition with a record a minute is not "a minute behind" for
        /// lacking one: disks and links are judged by all that passes through them.
        package var seconds: Float {
            guard followers > unknown + adding else { return .nan }
            return max(rate >= 1 ? lag / rate : 0, worstOut)
        }

        /// Nothing is measured between the two.
        package var isEmpty: Bool { followers == 0 }

        fileprivate mutating func add(_ one: Follower) {
            followers += 1
            if one.isAdding {
                adding += 1
                return
            }
            guard one.lag >= 0 else {
                unknown += 1
                return
            }
            lag += Float(one.lag)
            if one.rate > 0 { rate += one.rate }
            if one.lag > worstLag { (worst, worstLag) = (one.row, one.lag) }
            guard !one.isInSync else { return }
            outOfSync += 1
            guard one.lag > 0 else { return }
            if one.rate >= 1 {
                worstOut = max(worstOut, Float(one.lag) / one.rate)
            } else {
                unpaced += 1
            }
        }
    }

    /// One follower, as the columns have it.
    fileprivate struct Follower {
        var row: Int32
        /// Of the brokers: places in `Cluster.brokers`.
        var broker: Int
        var leader: Int
        /// -1: unknown.
        var lag: Int64
        var rate: Float
        var isInSync: Bool
        var isAdding: Bool
    }

    package let sides: Sides
    /// Names of the racks, ascending; empty unless they are the sides.
    package private(set) var racks: [String] = []
    /// As `Cluster.brokers`.
    package private(set) var brokerIDs: [BrokerID] = []
    /// Whose followers are laid out, ascending, and whose leaders: places in `Cluster.brokers` or
    /// in `racks`. All of them, or of very many those furthest behind.
    package private(set) var followers: [Int32] = []
    package private(set) var leaders: [Int32] = []
    /// By place: all followers there, and all that follow from there.
    package private(set) var ofFollower: [Cell] = []
    package private(set) var ofLeader: [Cell] = []
    /// Brokers (or racks) that are not laid out, since they are too many.
    package private(set) var leftOut = 0
    private var cells: [Cell] = []
    private var placeOfFollower: [Int32] = []
    private var placeOfLeader: [Int32] = []
    /// By broker: its place among the sides; -1: it has none.
    private var sideOfBroker: [Int32] = []

    package init(_ sides: Sides = .brokers) { self.sides = sides }

    /// - Parameters:
    ///   - rows: the partitions looked at; nil: all.
    ///   - only: the broker whose followers are looked at; nil: all.
    ///   - most: laid out of followers and of leaders; nil: as many as the limit says.
    package init(
        _ cluster: Cluster, by sides: Sides, rows: Range<Int>? = nil, only: BrokerID? = nil,
        most: Int? = nil
    ) {
        self.sides = sides
        let most = most ?? Limits.heatSides
        takeSides(cluster)
        let count = sides == .racks ? racks.count : cluster.brokers.count
        ofFollower = Array(repeating: Cell(), count: count)
        ofLeader = ofFollower
        let isWhole = count <= most
        if isWhole { layOut(Array(0..<Int32(count)), Array(0..<Int32(count)), count) }
        let wanted = rows ?? 0..<cluster.partitions.count
        forEachFollower(cluster, wanted, only) { heat, one, row, column in
            heat.ofFollower[row].add(one)
            heat.ofLeader[column].add(one)
            if isWhole { heat.cells[row * count + column].add(one) }
        }
        guard !isWhole else { return }
        layOut(Self.furthest(most, of: ofFollower), Self.furthest(most, of: ofLeader), count)
        forEachFollower(cluster, wanted, only) { heat, one, row, column in
            let (down, across) = (heat.placeOfFollower[row], heat.placeOfLeader[column])
            guard down >= 0, across >= 0 else { return }
            heat.cells[Int(down) * heat.leaders.count + Int(across)].add(one)
        }
    }

    /// What stands between the followers at one place and the leaders at another.
    package func cell(follower: Int, leader: Int) -> Cell {
        guard placeOfFollower.indices.contains(follower), placeOfLeader.indices.contains(leader),
            placeOfFollower[follower] >= 0, placeOfLeader[leader] >= 0
        else { return Cell() }
        return cells[
            Int(placeOfFollower[follower]) * leaders.count + Int(placeOfLeader[leader])]
    }

    private mutating func takeSides(_ cluster: Cluster) {
        brokerIDs = cluster.brokers.map(\.id)
        guard sides == .racks else {
            sideOfBroker = Array(0..<Int32(cluster.brokers.count))
            return
        }
        racks = Set(cluster.brokers.compactMap(\.rack)).sorted()
        let places = Dictionary(uniqueKeysWithValues: racks.enumerated().map { ($1, Int32($0)) })
        sideOfBroker = cluster.brokers.map { $0.rack.flatMap { places[$0] } ?? -1 }
    }

    private mutating func layOut(_ down: [Int32], _ across: [Int32], _ count: Int) {
        (followers, leaders) = (down, across)
        leftOut = count - down.count
        placeOfFollower = Array(repeating: -1, count: count)
        placeOfLeader = placeOfFollower
        for (place, side) in down.enumerated() { placeOfFollower[Int(side)] = Int32(place) }
        for (place, side) in across.enumerated() { placeOfLeader[Int(side)] = Int32(place) }
        cells = Array(repeating: Cell(), count: down.count * across.count)
    }

    /// The places of those furthest behind, ascending. What is unknown comes before what is well.
    private static func furthest(_ most: Int, of cells: [Cell]) -> [Int32] {
        func weight(_ cell: Cell) -> Float {
            cell.seconds.isNaN ? (cell.isEmpty ? -1 : 0.5) : cell.seconds
        }
        let order = cells.indices.sorted { a, b in
            let (first, second) = (weight(cells[a]), weight(cells[b]))
            return first == second ? a < b : first > second
        }
        return order.prefix(most).sorted().map { Int32($0) }
    }

    private mutating func forEachFollower(
        _ cluster: Cluster, _ rows: Range<Int>, _ only: BrokerID?,
        _ body: (inout ReplicaHeat, Follower, _ row: Int, _ column: Int) -> Void
    ) {
        let table = cluster.partitions
        let index = BrokerIndex(cluster.brokers)
        let isIll = cluster.brokers.map(\.isIll)
        for row in rows.clamped(to: 0..<table.count) {
            guard let leader = index.find(table.leader[row]),
                let leaderReplica = table.leaderReplica(row)
            else { continue }
            let rate = table.recordsPerSecond[row]
            for replica in table.replicas(of: row) where replica != leaderReplica {
                if let only, table.replicaBroker[replica] != only.value { continue }
                guard let broker = index.find(table.replicaBroker[replica]),
                    sideOfBroker[broker] >= 0, sideOfBroker[leader] >= 0
                else { continue }
                let flags = table.replicaFlags[replica]
                // What a broker that does not answer told last says nothing of now.
                let isKnown = !isIll[broker] && !isIll[leader] && !rate.isNaN
                let one = Follower(
                    row: Int32(truncatingIfNeeded: replica), broker: broker, leader: leader,
                    lag: isKnown ? table.lag(replica, behind: leaderReplica, of: row) : -1,
                    rate: rate, isInSync: flags.contains(.inSync),
                    isAdding: flags.contains(.adding))
                body(&self, one, Int(sideOfBroker[broker]), Int(sideOfBroker[leader]))
            }
        }
    }
}

// MARK: What it says

extension ReplicaHeat {
    /// Where the followers stand that are behind, in one word.
    package enum Shape: Sendable, Equatable {
        /// Nothing is known of any.
        case unknown
        /// No follower is far behind.
        case calm
        /// Most are: more than a disk or a link.
        case everywhere
        /// The followers of one broker (or rack), of most leaders: a slow disk is a row.
        case row(Int)
        /// Most that follow from one broker (or rack).
        case column(Int)
        /// One is behind another: a bad link is a cell.
        case cell(follower: Int, leader: Int)
    }

    /// What the map shows, and of how many the shape was made.
    ///
    /// - Parameter hot: so many seconds behind are far.
    package func shape(hot: Float) -> (shape: Shape, hot: Int, of: Int, seconds: Float) {
        var (hotRows, knownRows) = ([Int32: Int](), [Int32: Int]())
        var (hotColumns, knownColumns) = ([Int32: Int](), [Int32: Int]())
        var worst: (seconds: Float, row: Int32, column: Int32) = (-1, 0, 0)
        for row in followers {
            for column in leaders {
                let seconds = cell(follower: Int(row), leader: Int(column)).seconds
                guard !seconds.isNaN else { continue }
                knownRows[row, default: 0] += 1
                knownColumns[column, default: 0] += 1
                if seconds > worst.seconds { worst = (seconds, row, column) }
                guard seconds >= hot else { continue }
                hotRows[row, default: 0] += 1
                hotColumns[column, default: 0] += 1
            }
        }
        let all = knownRows.values.reduce(0, +)
        let hotOnes = hotRows.values.reduce(0, +)
        if all == 0 { return (.unknown, 0, 0, .nan) }
        guard hotOnes > 0 else { return (.calm, 0, all, worst.seconds) }
        let row = (hotRows[worst.row] ?? 0, knownRows[worst.row] ?? 0)
        let column = (hotColumns[worst.column] ?? 0, knownColumns[worst.column] ?? 0)
        if hotOnes > 2, hotOnes * 2 > all { return (.everywhere, hotOnes, all, worst.seconds) }
        let (isRow, isColumn) = (Self.isMost(row), Self.isMost(column))
        if isRow, !isColumn || row.0 >= column.0 {
            return (.row(Int(worst.row)), row.0, row.1, worst.seconds)
        }
        if isColumn { return (.column(Int(worst.column)), column.0, column.1, worst.seconds) }
        return (
            .cell(follower: Int(worst.row), leader: Int(worst.column)), hotOnes, all, worst.seconds
        )
    }

    private static func isMost(_ share: (hot: Int, of: Int)) -> Bool {
        share.hot > 1 && share.hot * 2 > share.of
    }
}
