// Which replica of each partition leads, so that no broker leads more or less than it should and
// as few leaders as can be change. A flow of least cost between brokers: a partition that one
// leads and another replicates is an arc from the one to the other; to take a leader from where it
// was costs 1, to bring it back costs -1. Shortest paths by costs and potentials, many at a time;
// with the least cost at the end it is the optimum, not an estimate.

/// Leaders in the making.
final class LeaderFlow {
    private let placement: Placement
    /// The rows of which the leader may change.
    private let rows: [Int32]
    /// By row who leads it; -1 nobody.
    private let lead: UnsafeMutablePointer<Int32>
    private let original: UnsafeMutablePointer<Int32>
    /// By the place of a replica whether it may lead.
    private let mayLead: UnsafeMutablePointer<Bool>
    private let load: UnsafeMutablePointer<Int32>
    private let potential: UnsafeMutablePointer<Int32>
    private let distance: UnsafeMutablePointer<Int32>
    private let level: UnsafeMutablePointer<Int32>
    // The rows that each broker leads, of the last time they were gathered, and how far a search
    // has come in them.
    private let start: UnsafeMutablePointer<Int32>
    private let led: UnsafeMutablePointer<Int32>
    private let cursor: UnsafeMutablePointer<Int32>
    private let cursorSlot: UnsafeMutablePointer<Int32>
    private let brokers: Int

    /// By broker the fewest and the most that it should lead.
    var least: [Int32]
    var most: [Int32]

    init(_ placement: Placement, rows: [Int32], mayLead isFit: (Int, Int) -> Bool) {
        self.placement = placement
        self.rows = rows
        brokers = placement.brokers
        lead = .allocate(capacity: placement.rows + 1)
        original = .allocate(capacity: placement.rows + 1)
        let places = Int(placement.first[placement.rows])
        mayLead = .allocate(capacity: places + 1)
        mayLead.initialize(repeating: false, count: places + 1)
        func perBroker() -> UnsafeMutablePointer<Int32> {
            let pointer = UnsafeMutablePointer<Int32>.allocate(capacity: placement.brokers + 2)
            pointer.initialize(repeating: 0, count: placement.brokers + 2)
            return pointer
        }
        (load, potential, distance, level) = (perBroker(), perBroker(), perBroker(), perBroker())
        (start, cursor, cursorSlot) = (perBroker(), perBroker(), perBroker())
        led = .allocate(capacity: rows.count + 1)
        least = [Int32](repeating: 0, count: brokers)
        most = [Int32](repeating: .max, count: brokers)
        for row in 0..<placement.rows { original[row] = placement.leaderAfter(row) }
        for row in rows {
            for slot in placement.slots(Int(row)) { mayLead[slot] = isFit(Int(row), slot) }
        }
        reset()
    }

    deinit {
        for pointer in [lead, original, load, potential, distance, level, start, led] {
            pointer.deallocate()
        }
        cursor.deallocate()
        cursorSlot.deallocate()
        mayLead.deallocate()
    }

    /// Everybody leads what they led.
    func reset() {
        for broker in 0..<brokers {
            load[broker] = 0
            potential[broker] = 0
        }
        for row in 0..<placement.rows {
            lead[row] = original[row]
            if original[row] >= 0 { load[Int(original[row])] += 1 }
        }
    }

    func leader(_ row: Int) -> Int32 { lead[row] }
    func leads(_ broker: Int) -> Int32 { load[broker] }

    var changes: Int { rows.count { lead[Int($0)] != original[Int($0)] } }

    // MARK: The flow

    /// Which brokers give and which take in one part of the work.
    private enum Part: CaseIterable {
        case mostToLeast, mostToAny, anyToLeast
    }

    /// Brings all into their bounds as far as can be, with the fewest changes.
    func solve() {
        for part in Part.allCases {
            while findDistances(part) {
                while findLevels(part), push(part) > 0 {}
            }
        }
    }

    @inline(__always)
    private func surplus(_ broker: Int, _ part: Part) -> Int32 {
        load[broker] - (part == .anyToLeast ? least[broker] : most[broker])
    }

    @inline(__always)
    private func lacking(_ broker: Int, _ part: Part) -> Int32 {
        (part == .mostToAny ? most[broker] : least[broker]) - load[broker]
    }

    /// What it costs more that `to` leads the row than that `from` does.
    @inline(__always)
    private func cost(_ row: Int, _ from: Int32, _ to: Int32) -> Int32 {
        let first = original[row]
        return (to == first ? 0 : 1) - (from == first ? 0 : 1)
    }

    private func gather() {
        for broker in 0...brokers + 1 { start[broker] = 0 }
        for row in rows where lead[Int(row)] >= 0 { start[Int(lead[Int(row)]) + 2] += 1 }
        for broker in 0..<brokers { start[broker + 2] += start[broker + 1] }
        for row in rows where lead[Int(row)] >= 0 {
            let broker = Int(lead[Int(row)]) + 1
            led[Int(start[broker])] = row
            start[broker] += 1
        }
    }

    /// Where the cheapest paths end; false where there is none from who gives to who takes.
    private var sourcePotential: Int32 = 0
    private var sinkPotential: Int32 = 0

    private func findDistances(_ part: Part) -> Bool {
        gather()
        sourcePotential = .min
        sinkPotential = .max
        for broker in 0..<brokers {
            distance[broker] = .max
            if surplus(broker, part) > 0 {
                sourcePotential = max(sourcePotential, potential[broker])
            }
            if lacking(broker, part) > 0 { sinkPotential = min(sinkPotential, potential[broker]) }
        }
        guard sourcePotential != .min, sinkPotential != .max else { return false }
        // Distances are small whole numbers: brokers wait in a row for each.
        var waiting: [[Int32]] = []
        func reach(_ broker: Int, _ value: Int32) {
            guard value < distance[broker] else { return }
            distance[broker] = value
            while waiting.count <= Int(value) { waiting.append([]) }
            waiting[Int(value)].append(Int32(broker))
        }
        for broker in 0..<brokers where surplus(broker, part) > 0 {
            reach(broker, sourcePotential - potential[broker])
        }
        var value = 0
        while value < waiting.count {
            var at = 0
            while at < waiting[value].count {
                let broker = waiting[value][at]
                at += 1
                guard distance[Int(broker)] == value else { continue }
                forEachArc(broker) { target, reduced in
                    let next = Int32(value) + reduced
                    if next < distance[target] { reach(target, next) }
                }
            }
            value += 1
        }
        var nearest = Int32.max
        for broker in 0..<brokers where lacking(broker, part) > 0 && distance[broker] != .max {
            nearest = min(nearest, distance[broker] + potential[broker])
        }
        guard nearest != .max else { return false }
        let farthest = nearest - sinkPotential
        for broker in 0..<brokers { potential[broker] += min(distance[broker], farthest) }
        sinkPotential = nearest
        return true
    }

    @inline(__always)
    private func forEachArc(_ broker: Int32, _ body: (Int, Int32) -> Void) {
        let own = potential[Int(broker)]
        for at in Int(start[Int(broker)])..<Int(start[Int(broker) + 1]) {
            let row = Int(led[at])
            for slot in placement.slots(row) where mayLead[slot] {
                let target = placement.replica[slot]
                if target == broker { continue }
                body(Int(target), cost(row, broker, target) + own - potential[Int(target)])
            }
        }
    }

    /// How many brokers away from those that give each is on cheapest paths; false where nobody
    /// that takes is reached.
    private func findLevels(_ part: Part) -> Bool {
        gather()
        var queue: [Int32] = []
        for broker in 0..<brokers {
            level[broker] = -1
            cursor[broker] = start[broker]
            cursorSlot[broker] = 0
            if surplus(broker, part) > 0, potential[broker] == sourcePotential {
                level[broker] = 0
                queue.append(Int32(broker))
            }
        }
        var isReached = false
        var at = 0
        while at < queue.count {
            let broker = queue[at]
            at += 1
            if takes(broker, part) { isReached = true }
            forEachArc(broker) { target, reduced in
                guard reduced == 0, level[target] < 0 else { return }
                level[target] = level[Int(broker)] + 1
                queue.append(Int32(target))
            }
        }
        return isReached
    }

    @inline(__always)
    private func takes(_ broker: Int32, _ part: Part) -> Bool {
        potential[Int(broker)] == sinkPotential && lacking(Int(broker), part) > 0
            && level[Int(broker)] > 0
    }

    /// Leaders that went along paths of the levels.
    private func push(_ part: Part) -> Int {
        var pushed = 0
        var path: [(row: Int32, from: Int32, to: Int32)] = []
        for source in 0..<Int32(brokers) where level[Int(source)] == 0 {
            while surplus(Int(source), part) > 0 {
                path.removeAll(keepingCapacity: true)
                var broker = source
                while !takes(broker, part) {
                    if let arc = nextArc(broker) {
                        path.append((arc.row, broker, arc.target))
                        broker = arc.target
                    } else if let last = path.popLast() {
                        broker = last.from
                        cursorSlot[Int(broker)] += 1
                    } else {
                        break
                    }
                }
                guard !path.isEmpty else { break }
                for step in path { lead[Int(step.row)] = step.to }
                load[Int(source)] -= 1
                load[Int(broker)] += 1
                pushed += 1
            }
        }
        return pushed
    }

    /// The next arc of the broker to the level behind it, which is not consumed yet.
    private func nextArc(_ broker: Int32) -> (row: Int32, target: Int32)? {
        let here = Int(broker)
        let own = potential[here]
        while cursor[here] < start[here + 1] {
            let row = Int(led[Int(cursor[here])])
            if lead[row] == broker {
                let first = Int(placement.first[row])
                while cursorSlot[here] < placement.count[row] {
                    let slot = first + Int(cursorSlot[here])
                    let target = placement.replica[slot]
                    if mayLead[slot], level[Int(target)] == level[here] + 1,
                        cost(row, broker, target) + own == potential[Int(target)]
                    {
                        return (Int32(row), target)
                    }
                    cursorSlot[here] += 1
                }
            }
            cursor[here] += 1
            cursorSlot[here] = 0
        }
        return nil
    }

    // MARK: What cannot be

    /// Brokers that lead too much, or too little, and all that could change it: whoever they could
    /// give to, or get from, is in it. Empty where all are in their bounds.
    func stuck() -> [Int32] {
        gather()
        let over = (0..<Int32(brokers)).filter { load[Int($0)] > most[Int($0)] }
        if !over.isEmpty { return reachable(over) }
        let under = (0..<Int32(brokers)).filter { load[Int($0)] < least[Int($0)] }
        return under.isEmpty ? [] : reaching(under)
    }

    private func reachable(_ begin: [Int32]) -> [Int32] {
        var seen = [Bool](repeating: false, count: brokers)
        for broker in begin { seen[Int(broker)] = true }
        var queue = begin
        var at = 0
        while at < queue.count {
            let broker = queue[at]
            at += 1
            forEachArc(broker) { target, _ in
                if !seen[target] {
                    seen[target] = true
                    queue.append(Int32(target))
                }
            }
        }
        return queue.sorted()
    }

    private func reaching(_ begin: [Int32]) -> [Int32] {
        var seen = [Bool](repeating: false, count: brokers)
        for broker in begin { seen[Int(broker)] = true }
        var isGrowing = true
        while isGrowing {
            isGrowing = false
            for broker in 0..<Int32(brokers) where !seen[Int(broker)] {
                var leads = false
                forEachArc(broker) { target, _ in if seen[target] { leads = true } }
                if leads {
                    seen[Int(broker)] = true
                    isGrowing = true
                }
            }
        }
        return (0..<Int32(brokers)).filter { seen[Int($0)] }
    }
}
