// Moves that must be made whatever it costs: what stands on brokers that are drained, replicas
// that share a rack without need, and replicas added or taken away. They move exactly the least;
// what is chosen is where to.

/// Finds brokers for replicas that need one: the emptiest, in the rack with the fewest of the row.
struct Receivers {
    private let placement: Placement
    private let bands: Bands
    /// By rack its brokers that receive, the emptiest first.
    private var heaps: [BrokerHeap]

    init(_ placement: Placement, _ bands: Bands) {
        self.placement = placement
        self.bands = bands
        heaps = (0..<placement.racks).map { _ in BrokerHeap(brokers: placement.brokers) }
        for broker in 0..<Int32(placement.brokers) { update(broker) }
    }

    /// How full a broker is, in replicas and in bytes, beside what it should hold.
    func fullness(_ broker: Int32) -> Double {
        let rack = Int(placement.rack[Int(broker)])
        let replicas = Double(placement.replicas[Int(broker)])
        let bytes = Double(placement.bytes[Int(broker)])
        return replicas / max(1, bands.replicasPerBroker[rack])
            + bytes / max(1, bands.bytesPerBroker[rack])
    }

    mutating func update(_ broker: Int32) {
        guard placement.receives[Int(broker)] else { return }
        heaps[Int(placement.rack[Int(broker)])].set(broker, fullness(broker))
    }

    /// The broker for one replica more of the row.
    /// - Parameters:
    ///   - leaving: the broker that the replica leaves; nil where it is a new one.
    mutating func best(_ row: Int, leaving: Int32?) -> Int32? {
        let home = leaving.map { placement.rack[Int($0)] }
        let homeCount = home.map { placement.rackCount(row, $0) } ?? 0
        var best: (count: Int32, fullness: Double, broker: Int32)?
        for rack in 0..<Int32(placement.racks) {
            var count = placement.rackCount(row, rack)
            if rack == home { count -= 1 } else if let _ = home, count >= homeCount { continue }
            if let best, count > best.count { continue }
            let placement = placement
            let found = heaps[Int(rack)].first(quickly: Limits.receivers) { broker in
                placement.slot(row, on: broker) < 0
                    && placement.room[Int(broker)] >= placement.size[row]
            }
            guard let found else { continue }
            let now = (count, heaps[Int(rack)].key[Int(found)], found)
            if best.map({ now < $0 }) ?? true { best = now }
        }
        return best?.broker
    }
}

/// A replica that must go, or a row that must get one.
private struct Forced {
    var row: Int32
    /// The broker it leaves; -1: none.
    var broker: Int32
}

extension PlanMaker {
    /// What is on these brokers goes to others.
    mutating func drain(_ drained: Set<Int32>) {
        var forced: [Forced] = []
        for row in 0..<placement.rows {
            for slot in placement.slots(row) where drained.contains(placement.replica[slot]) {
                forced.append(Forced(row: Int32(row), broker: placement.replica[slot]))
            }
        }
        sortBySize(&forced)
        var receivers = Receivers(placement, Bands(placement, tolerance: tolerance))
        var moved: [Int32] = []
        for each in forced {
            let row = Int(each.row)
            guard isReachable(row) else { continue }
            minimum.replicas += 1
            minimum.bytes += placement.size[row]
            guard let target = receivers.best(row, leaving: each.broker) else {
                minimum.replicas -= 1
                minimum.bytes -= placement.size[row]
                refuse(row, whyNobody(row, leaving: each.broker))
                continue
            }
            let slot = placement.slot(row, on: each.broker)
            placement.move(row, slot: slot, to: target, .drain, each.broker)
            receivers.update(target)
            moved.append(each.row)
        }
        if minimum.replicas > 0 { minimum.binding = "what is on the brokers that are drained" }
        giveLeaders(moved)
    }

    /// Replicas that share a rack, where racks without one are there, go to those.
    mutating func repairRacks() {
        let most = MostInRack(placement)
        var forced: [Forced] = []
        for row in 0..<placement.rows {
            let limit = most.replicas(placement.count[row])
            var isOver = false
            for slot in placement.slots(row) {
                let rack = placement.rack[Int(placement.replica[slot])]
                if placement.rackCount(row, rack) > limit { isOver = true }
            }
            if isOver { forced.append(Forced(row: Int32(row), broker: -1)) }
        }
        sortBySize(&forced)
        var receivers = Receivers(placement, Bands(placement, tolerance: tolerance))
        var moved: [Int32] = []
        for each in forced where isReachable(Int(each.row)) {
            let row = Int(each.row)
            let limit = most.replicas(placement.count[row])
            while let source = fullestInCrowdedRack(row, limit, receivers) {
                guard let target = receivers.best(row, leaving: source),
                    placement.rack[Int(target)] != placement.rack[Int(source)]
                else {
                    let rack = Int(placement.rack[Int(source)])
                    refuse(
                        row,
                        "\(placement.rackCount(row, Int32(rack))) replicas in "
                            + "\(model.rackName(rack)), and no broker of another rack has room")
                    break
                }
                minimum.replicas += 1
                minimum.bytes += placement.size[row]
                placement.move(
                    row, slot: placement.slot(row, on: source), to: target, .racks, source)
                receivers.update(source)
                receivers.update(target)
                moved.append(each.row)
            }
        }
        if minimum.replicas > 0 {
            minimum.binding = "replicas that share a rack with more than must be there"
        }
        giveLeaders(moved)
    }

    /// The fullest of the brokers that hold the row in a rack with more than `limit` of it; the
    /// leader only where there is no other.
    private func fullestInCrowdedRack(
        _ row: Int, _ limit: Int32, _ receivers: Receivers
    ) -> Int32? {
        var best: (isLeader: Int, fullness: Double, broker: Int32)?
        for slot in placement.slots(row) {
            let broker = placement.replica[slot]
            guard placement.rackCount(row, placement.rack[Int(broker)]) > limit else { continue }
            let isLeader = broker == model.leader[row]
            let now = (isLeader ? 1 : 0, -receivers.fullness(broker), broker)
            if best.map({ now < $0 }) ?? true { best = now }
        }
        return best?.broker
    }

    /// Every row in scope gets so many replicas.
    mutating func setReplication(_ factor: Int) {
        let live = (0..<placement.brokers).count { placement.receives[$0] }
        var forced: [Forced] = []
        var wide: [Forced] = []
        for row in 0..<placement.rows where isInScope(row) {
            let count = Int(placement.count[row])
            if count == factor { continue }
            guard isReachable(row) else { continue }
            if count > factor {
                wide.append(Forced(row: Int32(row), broker: -1))
            } else if factor > live {
                refuse(row, "\(factor) replicas need \(factor) brokers, and \(live) take any")
            } else {
                forced.append(Forced(row: Int32(row), broker: -1))
            }
        }
        shrink(wide, to: factor)
        sortBySize(&forced)
        var receivers = Receivers(placement, Bands(placement, tolerance: tolerance))
        for each in forced {
            let row = Int(each.row)
            let before = Int(placement.count[row])
            while Int(placement.count[row]) < factor,
                let target = receivers.best(row, leaving: nil)
            {
                placement.add(row, on: target, .more)
                receivers.update(target)
            }
            guard Int(placement.count[row]) == factor else {
                // All or nothing: half of what was asked for is another thing.
                while Int(placement.count[row]) > before {
                    let slot = placement.slots(row).upperBound - 1
                    let broker = placement.replica[slot]
                    placement.remove(row, slot: slot, .none)
                    receivers.update(broker)
                }
                placement.reason[row] = .none
                refuse(row, "no broker has room for \(factor - before) replicas more of it")
                continue
            }
            minimum.replicas += factor - before
            minimum.bytes += Int64(factor - before) * placement.size[row]
        }
        if minimum.replicas > 0 { minimum.binding = "the replicas that are added" }
    }

    /// The largest first, so that the small ones even out what these leave.
    private mutating func shrink(_ rows: [Forced], to factor: Int) {
        var rows = rows
        sortBySize(&rows)
        var bytes: Int64 = 0
        var replicas: Int64 = 0
        for broker in 0..<placement.brokers {
            bytes += placement.bytes[broker]
            replicas += Int64(placement.replicas[broker])
        }
        let mean = bytes / max(1, replicas)
        for each in rows {
            let row = Int(each.row)
            shrink(row, to: factor, evensBytes: placement.size[row] > mean)
        }
    }

    /// Takes replicas away: from racks with the most, never the leader; who is out of sync or dead
    /// before others, then the fullest broker: by bytes for a large partition, by replicas for one
    /// that weighs little, whose bytes would tell brokers apart by nothing.
    private mutating func shrink(_ row: Int, to factor: Int, evensBytes: Bool) {
        while Int(placement.count[row]) > factor {
            var best:
                (spread: Int32, keeps: Int, isLive: Int, first: Int64, then: Int64, broker: Int32)?
            for slot in placement.slots(row) {
                let broker = placement.replica[slot]
                guard broker != model.leader[row] else { continue }
                let bytes = -placement.bytes[Int(broker)]
                let replicas = -Int64(placement.replicas[Int(broker)])
                let now = (
                    -placement.rackCount(row, placement.rack[Int(broker)]),
                    isInSync(row, broker) ? 1 : 0, placement.receives[Int(broker)] ? 1 : 0,
                    evensBytes ? bytes : replicas, evensBytes ? replicas : bytes, broker
                )
                if best.map({ now < $0 }) ?? true { best = now }
            }
            guard let best else { return }
            placement.remove(row, slot: placement.slot(row, on: best.broker), .fewer)
        }
    }

    /// Where the first replica of a moved row is a new one in the place of its leader, the broker
    /// that leads least becomes the first.
    private mutating func giveLeaders(_ moved: [Int32]) {
        var leads = [Int32](repeating: 0, count: placement.brokers)
        for row in 0..<placement.rows {
            let leader = model.leader[row]
            if leader >= 0, placement.slot(row, on: leader) >= 0 { leads[Int(leader)] += 1 }
        }
        var seen = Set<Int32>()
        for row in moved.sorted() where seen.insert(row).inserted {
            let row = Int(row)
            guard placement.slot(row, on: model.leader[row]) < 0 else { continue }
            var best: (leads: Int32, slot: Int)?
            for slot in placement.slots(row) where placement.receives[Int(placement.replica[slot])]
            {
                let now = leads[Int(placement.replica[slot])]
                if best.map({ now < $0.leads }) ?? true { best = (now, slot) }
            }
            guard let best else { continue }
            leads[Int(placement.replica[best.slot])] += 1
            minimum.leaders += 1
            placement.putFirst(row, slot: best.slot)
        }
    }

    private func sortBySize(_ forced: inout [Forced]) {
        forced.sort { a, b in
            let (sizeA, sizeB) = (placement.size[Int(a.row)], placement.size[Int(b.row)])
            if sizeA != sizeB { return sizeA > sizeB }
            return (a.row, a.broker) < (b.row, b.broker)
        }
    }

    /// Why no broker takes a replica that leaves this one: the same words for all rows that fail
    /// for the same brokers.
    private func whyNobody(_ row: Int, leaving broker: Int32) -> String {
        let rack = placement.rack[Int(broker)]
        let count = placement.rackCount(row, rack)
        // In another rack only where that has fewer of the row.
        let home = (0..<placement.brokers).filter {
            placement.receives[$0] && placement.slot(row, on: Int32($0)) < 0
                && (placement.rack[$0] == rack
                    || placement.rackCount(row, placement.rack[$0]) < count)
        }
        if placement.racks > 1, home.isEmpty {
            return "\(model.rackName(Int(rack))) has no other broker for it, and every other rack "
                + "holds a replica already: broker \(model.brokers[Int(broker)].id) keeps it"
        }
        if !home.isEmpty, home.allSatisfy({ placement.room[$0] < placement.size[row] }) {
            let place = placement.racks > 1 ? " of \(model.rackName(Int(rack)))" : ""
            let share = Int((Limits.usableShare * 100).rounded())
            return "broker \(listed(home))\(place), where it may go, "
                + "\(home.count == 1 ? "has" : "have") no room for it: at most \(share) % of a "
                + "broker's volumes are filled"
        }
        return "every broker that takes replicas holds one of it already"
    }
}

extension PlanMaker {
    /// "3, 9, …": ids of brokers by their places.
    private func listed(_ places: [Int]) -> String {
        let first = places.prefix(Limits.namedInSentence).map { "\(model.brokers[$0].id)" }
        return first.joined(separator: ", ") + (places.count > first.count ? ", …" : "")
    }
}

/// How many replicas of a row must share a rack at most: the smallest number with which all find a
/// place.
struct MostInRack {
    private var most: [Int32] = [0]

    init(_ placement: Placement) {
        var brokers = [Int32](repeating: 0, count: placement.racks)
        for broker in 0..<placement.brokers where placement.receives[broker] {
            brokers[Int(placement.rack[broker])] += 1
        }
        var largest: Int32 = 0
        for row in 0..<placement.rows { largest = max(largest, placement.count[row]) }
        guard largest > 0 else { return }
        for count in 1...largest {
            var limit: Int32 = 1
            while limit < count, brokers.reduce(0, { $0 + min(limit, $1) }) < count { limit += 1 }
            most.append(limit)
        }
    }

    func replicas(_ count: Int32) -> Int32 { most[Int(count)] }
}
