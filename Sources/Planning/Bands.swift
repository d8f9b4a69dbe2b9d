// What each broker should hold: the share of its rack, and how far from it is still good. Where
// every partition has the same number of replicas in each rack, no replica can leave its rack:
// then a rack's brokers share what is in their rack, however unequal racks are.

/// The least and the most that each broker should hold.
struct Bands {
    /// By broker; meaningless for those that take no part.
    var leastReplicas: [Int32]
    var mostReplicas: [Int32]
    var leastBytes: [Int64]
    var mostBytes: [Int64]
    /// By rack, what one of its brokers should hold.
    var replicasPerBroker: [Double]
    var bytesPerBroker: [Double]
    /// By broker whether it takes part.
    var takesPart: [Bool]
    /// No replica can leave its rack: each is balanced by itself.
    var isByRack: Bool
    /// Brokers that hold one replica larger than their share: they may hold that much.
    var giants: [(broker: Int32, bytes: Int64)] = []

    /// - Parameters:
    ///   - tolerance: 0.05 is 5 % more or less.
    init(_ placement: Placement, tolerance: Double) {
        let brokers = placement.brokers
        takesPart = (0..<brokers).map { placement.receives[$0] }
        leastReplicas = [Int32](repeating: 0, count: brokers)
        mostReplicas = leastReplicas
        leastBytes = [Int64](repeating: 0, count: brokers)
        mostBytes = leastBytes
        let shares = RackShares(placement, takesPart)
        isByRack = shares.isByRack
        replicasPerBroker = shares.replicasPerBroker
        bytesPerBroker = shares.bytesPerBroker
        let largest = Self.largest(placement)
        leaveGiantsOut(placement, shares, largest, tolerance)
        for broker in 0..<brokers where takesPart[broker] {
            let rack = Int(placement.rack[broker])
            let replicas = replicasPerBroker[rack]
            leastReplicas[broker] = Int32(
                min(replicas.rounded(.down), (replicas * (1 - tolerance)).rounded(.up)))
            mostReplicas[broker] = Int32(
                max(replicas.rounded(.up), (replicas * (1 + tolerance)).rounded(.down)))
            let bytes = bytesPerBroker[rack]
            leastBytes[broker] = Int64((bytes * (1 - tolerance)).rounded(.up))
            mostBytes[broker] = max(
                leastBytes[broker], Int64((bytes * (1 + tolerance)).rounded(.down)))
        }
        for giant in giants {
            let rack = Int(placement.rack[Int(giant.broker)])
            mostBytes[Int(giant.broker)] = max(
                mostBytes[Int(giant.broker)],
                giant.bytes + Int64(bytesPerBroker[rack] * tolerance))
        }
    }

    /// By broker its largest replica.
    private static func largest(_ placement: Placement) -> [Int64] {
        var largest = [Int64](repeating: 0, count: placement.brokers)
        for row in 0..<placement.rows {
            for slot in placement.slots(row) {
                let broker = Int(placement.replica[slot])
                if placement.own[slot] > largest[broker] { largest[broker] = placement.own[slot] }
            }
        }
        return largest
    }

    /// Where one replica is more than a broker should hold, the others share what is left.
    private mutating func leaveGiantsOut(
        _ placement: Placement, _ shares: RackShares, _ largest: [Int64], _ tolerance: Double
    ) {
        var isGiant = [Bool](repeating: false, count: placement.brokers)
        // Each giant makes the others' share smaller, which may make another one.
        for _ in 0..<Limits.giantRounds {
            var rest = shares.bytes
            var count = shares.brokers
            giants = []
            for broker in 0..<placement.brokers where takesPart[broker] {
                let rack = Int(placement.rack[broker])
                let most = bytesPerBroker[rack] * (1 + tolerance)
                if Double(largest[broker]) > most { isGiant[broker] = true }
                guard isGiant[broker] else { continue }
                giants.append((Int32(broker), largest[broker]))
                rest[rack] -= Double(largest[broker])
                count[rack] -= 1
            }
            var isSettled = true
            for rack in rest.indices where count[rack] > 0 {
                let share = max(0, rest[rack]) / Double(count[rack])
                if share < bytesPerBroker[rack] {
                    bytesPerBroker[rack] = share
                    isSettled = false
                }
            }
            if isSettled { return }
        }
    }
}

/// What the brokers of each rack hold together when all is spread as evenly as racks allow.
struct RackShares {
    private(set) var isByRack = true
    /// Brokers of each rack that take part.
    private(set) var brokers: [Int]
    private(set) var bytes: [Double]
    private(set) var replicasPerBroker: [Double]
    private(set) var bytesPerBroker: [Double]

    init(_ placement: Placement, _ takesPart: [Bool]) {
        let racks = placement.racks
        brokers = [Int](repeating: 0, count: racks)
        var replicas = [Double](repeating: 0, count: racks)
        bytes = replicas
        for broker in 0..<placement.brokers where takesPart[broker] {
            let rack = Int(placement.rack[broker])
            brokers[rack] += 1
            replicas[rack] += Double(placement.replicas[broker])
            bytes[rack] += Double(placement.bytes[broker])
        }
        var limits = RackLimits(racks)
        isByRack = limits.add(placement, brokers, takesPart)
        if !isByRack {
            replicas = Self.spread(replicas, brokers, limits.leastReplicas, limits.mostReplicas)
            bytes = Self.spread(bytes, brokers, limits.leastBytes, limits.mostBytes)
        }
        let counts = brokers
        replicasPerBroker = zip(replicas, counts).map { $1 == 0 ? 0 : $0 / Double($1) }
        bytesPerBroker = zip(bytes, counts).map { $1 == 0 ? 0 : $0 / Double($1) }
    }

    /// What a rack must and can hold: each partition has at most so many replicas in one rack that
    /// the racks differ by one.
    private struct RackLimits {
        var leastReplicas: [Double]
        var mostReplicas: [Double]
        var leastBytes: [Double]
        var mostBytes: [Double]

        init(_ racks: Int) {
            leastReplicas = [Double](repeating: 0, count: racks)
            (mostReplicas, leastBytes, mostBytes) = (leastReplicas, leastReplicas, leastReplicas)
        }

        /// Whether every partition has the same number of replicas in each rack.
        mutating func add(
            _ placement: Placement, _ brokers: [Int], _ takesPart: [Bool]
        ) -> Bool {
            let live = brokers.indices.filter { brokers[$0] > 0 }
            guard live.count > 1 else {
                for rack in live { mostReplicas[rack] = .infinity }
                for rack in live { mostBytes[rack] = .infinity }
                return true
            }
            var isEven = true
            var counts = [Int32](repeating: 0, count: brokers.count)
            // Rows of the same number of replicas have the same limits, times their sizes.
            var rowsBy: [Int32: (rows: Double, bytes: Double)] = [:]
            for row in 0..<placement.rows {
                for rack in live { counts[rack] = 0 }
                for slot in placement.slots(row) {
                    counts[Int(placement.rack[Int(placement.replica[slot])])] += 1
                }
                let size = Double(placement.size[row])
                let sum = rowsBy[placement.count[row]] ?? (0, 0)
                rowsBy[placement.count[row]] = (sum.rows + 1, sum.bytes + size)
                guard isEven, placement.isMovable[row] else { continue }
                for rack in live where counts[rack] != counts[live[0]] { isEven = false }
            }
            for (count, sum) in rowsBy.sorted(by: { $0.key < $1.key }) {
                let least = Double(Int(count) / live.count)
                let most = Double((Int(count) + live.count - 1) / live.count)
                for rack in live {
                    leastReplicas[rack] += least * sum.rows
                    mostReplicas[rack] += most * sum.rows
                    leastBytes[rack] += least * sum.bytes
                    mostBytes[rack] += most * sum.bytes
                }
            }
            return isEven
        }
    }

    /// Spreads the sum over racks by their brokers, none below its least or above its most.
    private static func spread(
        _ held: [Double], _ brokers: [Int], _ least: [Double], _ most: [Double]
    ) -> [Double] {
        let total = held.reduce(0, +)
        func shares(_ level: Double) -> [Double] {
            brokers.indices.map { rack in
                brokers[rack] == 0
                    ? 0 : min(max(level * Double(brokers[rack]), least[rack]), most[rack])
            }
        }
        var (low, high) = (0.0, max(1, total))
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if shares(middle).reduce(0, +) < total { low = middle } else { high = middle }
        }
        let result = shares(high)
        // Racks that are broken already hold more than the limits say; then they keep it.
        let sum = result.reduce(0, +)
        return abs(sum - total) <= 1e-6 * max(1, total) ? result : held
    }
}
