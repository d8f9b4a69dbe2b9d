// Where every replica stands while a plan is made: flat memory of its own, since planners look at
// some hundred thousand replicas many times over. It is made for one plan, by one thread.

/// Why a partition is in a plan.
enum MoveReason: UInt8 {
    case none, drain, racks, more, fewer, overBytes, overReplicas, underBytes, underReplicas
    case relieve, leaders, preferred, asked
}

/// The replicas of one plan in the making.
final class Placement {
    let model: PlanningModel
    let rows: Int
    let brokers: Int
    let racks: Int

    /// The first place of a row's replicas; there is room for the most it may have.
    let first: UnsafeMutablePointer<Int32>
    /// How many replicas it has now.
    let count: UnsafeMutablePointer<Int32>
    let replica: UnsafeMutablePointer<Int32>
    /// Bytes of each replica where it stands.
    let own: UnsafeMutablePointer<Int64>
    /// What a new copy of the row costs.
    let size: UnsafeMutablePointer<Int64>
    /// The plan may touch the row.
    let isMovable: UnsafeMutablePointer<Bool>
    let reason: UnsafeMutablePointer<MoveReason>
    /// The broker that the reason is about; -1 none.
    let reasonBroker: UnsafeMutablePointer<Int32>
    /// It gets its first replica as leader, by an election.
    let isElected: UnsafeMutablePointer<Bool>

    let rack: UnsafeMutablePointer<Int32>
    let receives: UnsafeMutablePointer<Bool>
    let bytes: UnsafeMutablePointer<Int64>
    let replicas: UnsafeMutablePointer<Int32>
    /// Bytes that its volumes still take.
    let room: UnsafeMutablePointer<Int64>
    private let places: Int

    /// - Parameters:
    ///   - mostReplicas: of a row, where a plan adds some.
    ///   - refusing: brokers that take nothing in this plan.
    ///   - isInScope: of a topic's place, whether the plan may touch it.
    ///   - pinned: rows of those topics that are left as they are.
    init(
        _ model: PlanningModel, mostReplicas: Int = 0, refusing: Set<Int32> = [],
        isInScope: [Bool], pinned: Set<Int> = []
    ) {
        self.model = model
        (rows, brokers, racks) = (model.count, model.brokers.count, model.racks.count)
        let most = Int32(mostReplicas)
        first = .allocate(capacity: rows + 1)
        first[0] = 0
        for row in 0..<rows {
            let count = model.firstReplica[row + 1] - model.firstReplica[row]
            first[row + 1] = first[row] + max(count, most)
        }
        places = Int(first[rows])
        count = .allocate(capacity: rows + 1)
        replica = .allocate(capacity: places + 1)
        own = .allocate(capacity: places + 1)
        size = .allocate(capacity: rows + 1)
        isMovable = .allocate(capacity: rows + 1)
        reason = .allocate(capacity: rows + 1)
        reasonBroker = .allocate(capacity: rows + 1)
        isElected = .allocate(capacity: rows + 1)
        rack = .allocate(capacity: brokers + 1)
        receives = .allocate(capacity: brokers + 1)
        bytes = .allocate(capacity: brokers + 1)
        replicas = .allocate(capacity: brokers + 1)
        room = .allocate(capacity: brokers + 1)
        replica.initialize(repeating: -1, count: places + 1)
        own.initialize(repeating: 0, count: places + 1)
        reason.initialize(repeating: .none, count: rows + 1)
        reasonBroker.initialize(repeating: -1, count: rows + 1)
        isElected.initialize(repeating: false, count: rows + 1)
        bytes.initialize(repeating: 0, count: brokers + 1)
        replicas.initialize(repeating: 0, count: brokers + 1)
        for (place, broker) in model.brokers.enumerated() {
            rack[place] = model.rackOf[place]
            receives[place] = broker.fitness.receives && !refusing.contains(broker.id)
            room[place] = Self.room(of: broker)
        }
        fill(isInScope)
        for row in pinned { isMovable[row] = false }
    }

    deinit {
        for pointer in [first, count, replica, reasonBroker, rack, replicas] {
            pointer.deallocate()
        }
        for pointer in [own, size, bytes, room] { pointer.deallocate() }
        for pointer in [isMovable, isElected, receives] { pointer.deallocate() }
        reason.deallocate()
    }

    private func fill(_ isInScope: [Bool]) {
        model.replica.withUnsafeBufferPointer { replicas in
            model.replicaSize.withUnsafeBufferPointer { sizes in
                for row in 0..<rows {
                    let from = Int(model.firstReplica[row])
                    count[row] = model.firstReplica[row + 1] - model.firstReplica[row]
                    size[row] = model.size[row]
                    isMovable[row] =
                        isInScope[Int(model.topic[row])] && !model.isMoving[row]
                        && model.leader[row] >= 0
                    let place = Int(first[row])
                    for index in 0..<Int(count[row]) {
                        let broker = Int(replicas[from + index])
                        replica[place + index] = replicas[from + index]
                        own[place + index] = sizes[from + index]
                        bytes[broker] += sizes[from + index]
                        self.replicas[broker] += 1
                    }
                }
            }
        }
    }

    /// A part of each volume is kept free.
    private static func room(of broker: PlanningBroker) -> Int64 {
        guard let capacity = broker.capacityBytes, let used = broker.usedBytes else { return .max }
        return max(0, Int64(Double(capacity) * Limits.usableShare) - used)
    }

    // MARK: Looking

    @inline(__always)
    func slots(_ row: Int) -> Range<Int> {
        let from = Int(first[row])
        return from..<from + Int(count[row])
    }

    /// The place of the row's replica on the broker; -1 where it has none.
    @inline(__always)
    func slot(_ row: Int, on broker: Int32) -> Int {
        var at = Int(first[row])
        let end = at + Int(count[row])
        while at < end {
            if replica[at] == broker { return at }
            at += 1
        }
        return -1
    }

    /// How many of the row's replicas stand in the rack.
    @inline(__always)
    func rackCount(_ row: Int, _ wanted: Int32) -> Int32 {
        var found: Int32 = 0
        for slot in slots(row) where rack[Int(replica[slot])] == wanted { found += 1 }
        return found
    }

    /// Whether the replica on `source` may go to `target`: the row is not there, and its replicas
    /// are spread over racks no worse than before. (A rack with fewer takes one from a rack with
    /// more: the counts, in order of size, then never grow apart.)
    @inline(__always)
    func mayMove(_ row: Int, from source: Int32, to target: Int32) -> Bool {
        guard receives[Int(target)], room[Int(target)] >= size[row] else { return false }
        let (from, to) = (rack[Int(source)], rack[Int(target)])
        var fromCount: Int32 = 0
        var toCount: Int32 = 0
        var at = Int(first[row])
        let end = at + Int(count[row])
        while at < end {
            let broker = replica[at]
            if broker == target { return false }
            let each = rack[Int(broker)]
            if each == from { fromCount += 1 }
            if each == to { toCount += 1 }
            at += 1
        }
        return from == to || toCount < fromCount
    }

    /// The bytes of the row's replica on the broker before the plan; nil where there was none.
    func bytesBefore(_ row: Int, on broker: Int32) -> Int64? {
        for index in model.replicas(of: row) where model.replica[index] == broker {
            return model.replicaSize[index]
        }
        return nil
    }

    // MARK: Changing

    func move(_ row: Int, slot: Int, to target: Int32, _ why: MoveReason, _ about: Int32) {
        let source = Int(replica[slot])
        bytes[source] -= own[slot]
        replicas[source] -= 1
        let there = bytesBefore(row, on: target)
        own[slot] = there ?? size[row]
        replica[slot] = target
        bytes[Int(target)] += own[slot]
        replicas[Int(target)] += 1
        if there == nil, room[Int(target)] != .max { room[Int(target)] -= size[row] }
        note(row, why, about)
    }

    func add(_ row: Int, on target: Int32, _ why: MoveReason, _ about: Int32 = -1) {
        let slot = Int(first[row]) + Int(count[row])
        count[row] += 1
        own[slot] = bytesBefore(row, on: target) ?? size[row]
        replica[slot] = target
        bytes[Int(target)] += own[slot]
        replicas[Int(target)] += 1
        if room[Int(target)] != .max { room[Int(target)] -= size[row] }
        note(row, why, about)
    }

    func remove(_ row: Int, slot: Int, _ why: MoveReason, _ about: Int32 = -1) {
        let broker = Int(replica[slot])
        bytes[broker] -= own[slot]
        replicas[broker] -= 1
        let last = Int(first[row]) + Int(count[row]) - 1
        var at = slot
        while at < last {
            replica[at] = replica[at + 1]
            own[at] = own[at + 1]
            at += 1
        }
        count[row] -= 1
        note(row, why, about)
    }

    /// Puts the replica at `slot` before the others, which keep their order.
    func putFirst(_ row: Int, slot: Int) {
        let (broker, size) = (replica[slot], own[slot])
        var at = slot
        while at > Int(first[row]) {
            replica[at] = replica[at - 1]
            own[at] = own[at - 1]
            at -= 1
        }
        replica[at] = broker
        own[at] = size
    }

    /// The first reason that a row has is the one that is told.
    func note(_ row: Int, _ why: MoveReason, _ about: Int32) {
        guard reason[row] == .none else { return }
        reason[row] = why
        reasonBroker[row] = about
    }

    // MARK: Leaders

    /// Who will lead the row: who leads it now, where that one stays and none is elected; else the
    /// first of its replicas. -1: nobody.
    @inline(__always)
    func leaderAfter(_ row: Int) -> Int32 {
        let leader = model.leader[row]
        // What is being moved already ends as it was to.
        guard leader >= 0, reason[row] != .none || !model.isMoving[row] else { return leader }
        if isElected[row] { return replica[Int(first[row])] }
        return slot(row, on: leader) >= 0 ? leader : replica[Int(first[row])]
    }
}

/// Replicas as they stood at a moment, to go back to.
struct PlacementState {
    private let replica: [Int32]
    private let own: [Int64]
    private let bytes: [Int64]
    private let replicas: [Int32]
    private let room: [Int64]
    private let reason: [MoveReason]
    private let reasonBroker: [Int32]

    init(_ placement: Placement) {
        let places = Int(placement.first[placement.rows])
        func copy<Element>(_ pointer: UnsafeMutablePointer<Element>, _ count: Int) -> [Element] {
            Array(UnsafeBufferPointer(start: pointer, count: count))
        }
        replica = copy(placement.replica, places)
        own = copy(placement.own, places)
        bytes = copy(placement.bytes, placement.brokers)
        replicas = copy(placement.replicas, placement.brokers)
        room = copy(placement.room, placement.brokers)
        reason = copy(placement.reason, placement.rows)
        reasonBroker = copy(placement.reasonBroker, placement.rows)
    }

    /// Only between moves: how many replicas rows have is not kept.
    func restore(_ placement: Placement) {
        func copy<Element>(_ values: [Element], _ pointer: UnsafeMutablePointer<Element>) {
            values.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress else { return }
                pointer.update(from: base, count: values.count)
            }
        }
        copy(replica, placement.replica)
        copy(own, placement.own)
        copy(bytes, placement.bytes)
        copy(replicas, placement.replicas)
        copy(room, placement.room)
        copy(reason, placement.reason)
        copy(reasonBroker, placement.reasonBroker)
    }
}
