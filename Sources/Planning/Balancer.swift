// Brings brokers into their bands with as little moved as can be: first what each should hold is
// fixed, which tells the least that must move; then replicas are chosen so that what each broker
// gives and takes comes out exactly, in number and in bytes at once.

/// Which brokers give and which take, and what they should hold.
struct BalanceWish {
    var bands: Bands
    /// By broker.
    var gives: [Bool]
    var takes: [Bool]
    /// What is balanced at all.
    var countsReplicas = true
    var countsBytes = true
}

/// Rounds of moves on a placement.
final class Balancer {
    let placement: Placement
    let wish: BalanceWish
    let lists: ReplicaLists
    /// Brokers that exchange replicas with one another, ascending.
    let groups: [[Int32]]

    init(_ placement: Placement, _ wish: BalanceWish, _ lists: ReplicaLists) {
        self.placement = placement
        self.wish = wish
        self.lists = lists
        let all = (0..<Int32(placement.brokers)).filter { wish.bands.takesPart[Int($0)] }
        groups =
            wish.bands.isByRack
            ? (0..<Int32(placement.racks)).map { rack in
                all.filter { placement.rack[Int($0)] == rack }
            } : [all]
    }

    /// Goes on while it helps; what did not help is taken back, so that a plan made on the result
    /// of a plan finds nothing to do. Whether anything helped.
    func run() -> Bool {
        var score = violation
        var hasHelped = false
        for _ in 0..<Limits.balanceRounds where score > 0 {
            let before = PlacementState(placement)
            for group in groups { round(group) }
            let now = violation
            let helps = now < score
            if !helps { before.restore(placement) }
            lists.rebuild()
            guard helps else { break }
            hasHelped = true
            score = now
        }
        return hasHelped
    }

    private func round(_ group: [Int32]) {
        let isOff = group.contains { replicasOff($0) != 0 || bytesOff($0) != 0 }
        guard isOff else { return }
        if wish.countsReplicas {
            moveTogether(group, Targets(self, group))
        }
        if wish.countsBytes { moveBytes(group, Targets(self, group)) }
        if wish.countsReplicas { moveSmallest(group, Targets(self, group)) }
    }

    // MARK: How far brokers are off

    /// Replicas above the broker's band, or below it (negative); 0 where that is of no concern.
    func replicasOff(_ broker: Int32) -> Int32 {
        let at = Int(broker)
        guard wish.countsReplicas else { return 0 }
        let held = placement.replicas[at]
        if wish.gives[at], held > wish.bands.mostReplicas[at] {
            return held - wish.bands.mostReplicas[at]
        }
        if wish.takes[at], held < wish.bands.leastReplicas[at] {
            return held - wish.bands.leastReplicas[at]
        }
        return 0
    }

    /// The same in bytes.
    func bytesOff(_ broker: Int32) -> Int64 {
        let at = Int(broker)
        guard wish.countsBytes else { return 0 }
        let held = placement.bytes[at]
        if wish.gives[at], held > wish.bands.mostBytes[at] {
            return held - wish.bands.mostBytes[at]
        }
        if wish.takes[at], held < wish.bands.leastBytes[at] {
            return held - wish.bands.leastBytes[at]
        }
        return 0
    }

    /// All of it, each in shares of what a broker should hold.
    private var violation: Double {
        var sum = 0.0
        for group in groups {
            for broker in group {
                let rack = Int(placement.rack[Int(broker)])
                let replicas = max(1, wish.bands.replicasPerBroker[rack])
                sum += Double(abs(replicasOff(broker))) / replicas
                let bytes = max(1, wish.bands.bytesPerBroker[rack])
                sum += Double(abs(bytesOff(broker))) / bytes
            }
        }
        return sum
    }
}

/// What each broker of a group should hold after a round: the nearest to what it holds now with
/// which all are in their bands.
struct Targets {
    var replicas: [Int32]
    var bytes: [Int64]

    init(_ balancer: Balancer, _ group: [Int32]) {
        let placement = balancer.placement
        let bands = balancer.wish.bands
        replicas = (0..<placement.brokers).map { placement.replicas[$0] }
        bytes = (0..<placement.brokers).map { placement.bytes[$0] }
        let gives = group.map { balancer.wish.gives[Int($0)] }
        let takes = group.map { balancer.wish.takes[Int($0)] }
        let counts = Self.nearest(
            group.map { Double(placement.replicas[Int($0)]) },
            least: group.map { Double(bands.leastReplicas[Int($0)]) },
            most: group.map { Double(bands.mostReplicas[Int($0)]) },
            share: group.map { bands.replicasPerBroker[Int(placement.rack[Int($0)])] },
            gives: gives, takes: takes)
        Self.round(counts, group, &replicas)
        let sizes = Self.nearest(
            group.map { Double(placement.bytes[Int($0)]) },
            least: group.map { Double(bands.leastBytes[Int($0)]) },
            most: group.map { Double(bands.mostBytes[Int($0)]) },
            share: group.map { bands.bytesPerBroker[Int(placement.rack[Int($0)])] },
            margin: Limits.bytesMargin, gives: gives, takes: takes)
        for (index, broker) in group.enumerated() { bytes[Int(broker)] = Int64(sizes[index]) }
    }

    /// - Parameters:
    ///   - margin: how far inside its band a broker is to come that is outside, as a share.
    private static func nearest(
        _ held: [Double], least: [Double], most: [Double], share: [Double], margin: Double = 0,
        gives: [Bool], takes: [Bool]
    ) -> [Double] {
        var wanted = held
        for i in held.indices {
            let inside = min(share[i] * margin, (most[i] - least[i]) / 4)
            if gives[i], held[i] > most[i] { wanted[i] = most[i] - inside }
            if takes[i], held[i] < least[i] { wanted[i] = least[i] + inside }
        }
        let surplus = wanted.reduce(0, +) - held.reduce(0, +)
        guard surplus != 0 else { return wanted }
        // Who is in the band gives the missing, or takes the rest, the fullest or emptiest first.
        func moved(_ level: Double) -> [Double] {
            wanted.indices.map { i in
                let at = level * share[i]
                if surplus > 0 {
                    return gives[i] ? min(wanted[i], max(at, min(wanted[i], least[i]))) : wanted[i]
                }
                return takes[i] ? max(wanted[i], min(at, max(wanted[i], most[i]))) : wanted[i]
            }
        }
        let sum = held.reduce(0, +)
        // Above what any holds or may hold.
        var (low, high) = (0.0, 2.0)
        for i in held.indices where share[i] > 0 {
            high = max(high, 2 * held[i] / share[i], 2 * most[i] / share[i])
        }
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if moved(middle).reduce(0, +) < sum { low = middle } else { high = middle }
        }
        return moved(surplus > 0 ? high : low)
    }

    /// Whole numbers with the same sum: the largest fractions are rounded up.
    private static func round(_ wanted: [Double], _ group: [Int32], _ result: inout [Int32]) {
        var sum = 0
        for (index, broker) in group.enumerated() {
            result[Int(broker)] = Int32((wanted[index] + 1e-9).rounded(.down))
            sum += Int(result[Int(broker)])
        }
        var missing = Int(wanted.reduce(0, +).rounded()) - sum
        let order = group.indices.sorted {
            let (a, b) = (wanted[$0], wanted[$1])
            return (a.rounded(.down) - a, $0) < (b.rounded(.down) - b, $1)
        }
        for index in order where missing > 0 && wanted[index] > wanted[index].rounded(.down) {
            result[Int(group[index])] += 1
            missing -= 1
        }
    }
}
