// The replicas of each broker by size, so that the one that fits is found by halving.

/// By broker the rows that it holds and that may move, smallest first. A list is of the moment it
/// was made: what has left since is passed over, what came since is not in it.
final class ReplicaLists {
    private let placement: Placement
    private let start: UnsafeMutablePointer<Int32>
    /// -1 once the row is known to have left.
    private let rows: UnsafeMutablePointer<Int32>
    private let sizes: UnsafeMutablePointer<Int64>
    private let order: [Int32]

    /// A row that may go from one broker to another, with the place of its replica.
    struct Pick {
        var row: Int
        var slot: Int
        var bytes: Int64
    }

    init(_ placement: Placement) {
        self.placement = placement
        start = .allocate(capacity: placement.brokers + 2)
        rows = .allocate(capacity: Int(placement.first[placement.rows]) + 1)
        sizes = .allocate(capacity: Int(placement.first[placement.rows]) + 1)
        order = rowsBySize(placement)
        rebuild()
    }

    deinit {
        start.deallocate()
        rows.deallocate()
        sizes.deallocate()
    }

    func rebuild() {
        start.initialize(repeating: 0, count: placement.brokers + 2)
        for row in order {
            for slot in placement.slots(Int(row)) { start[Int(placement.replica[slot]) + 2] += 1 }
        }
        for broker in 0..<placement.brokers { start[broker + 2] += start[broker + 1] }
        for row in order {
            for slot in placement.slots(Int(row)) {
                let broker = Int(placement.replica[slot]) + 1
                rows[Int(start[broker])] = row
                sizes[Int(start[broker])] = placement.size[Int(row)]
                start[broker] += 1
            }
        }
    }

    /// The first place of the broker's list whose row has at least so many bytes.
    private func place(_ broker: Int32, _ bytes: Int64) -> Int {
        var low = Int(start[Int(broker)])
        var high = Int(start[Int(broker) + 1])
        while low < high {
            let middle = (low + high) / 2
            if sizes[middle] < bytes { low = middle + 1 } else { high = middle }
        }
        return low
    }

    @inline(__always)
    private func pick(_ at: Int, _ source: Int32, _ target: Int32) -> Pick? {
        let row = Int(rows[at])
        let slot = placement.slot(row, on: source)
        guard slot >= 0 else {
            rows[at] = -1
            return nil
        }
        guard placement.mayMove(row, from: source, to: target) else { return nil }
        return Pick(row: row, slot: slot, bytes: sizes[at])
    }

    /// The row nearest in size.
    func nearest(_ source: Int32, _ target: Int32, _ bytes: Int64) -> Pick? {
        let (begin, end) = (Int(start[Int(source)]), Int(start[Int(source) + 1]))
        var up = place(source, bytes)
        var down = up - 1
        var looks = 0
        while looks < Limits.looks {
            while up < end, rows[up] < 0 { up += 1 }
            while down >= begin, rows[down] < 0 { down -= 1 }
            let above = up < end ? sizes[up] - bytes : .max
            let below = down >= begin ? bytes - sizes[down] : .max
            if above == .max, below == .max { return nil }
            looks += 1
            if above <= below {
                if let found = pick(up, source, target) { return found }
                up += 1
            } else {
                if let found = pick(down, source, target) { return found }
                down -= 1
            }
        }
        return nil
    }

    /// The largest row of at most so many bytes and at least one.
    func largest(_ source: Int32, _ target: Int32, atMost bytes: Int64) -> Pick? {
        let begin = Int(start[Int(source)])
        var at = place(source, bytes + 1) - 1
        var looks = 0
        while at >= begin, looks < Limits.looks {
            defer { at -= 1 }
            guard rows[at] >= 0 else { continue }
            guard sizes[at] > 0 else { return nil }
            if let found = pick(at, source, target) { return found }
            looks += 1
        }
        return nil
    }

    /// The smallest row of at least so many bytes and at most `most`.
    func smallest(
        _ source: Int32, _ target: Int32, atLeast bytes: Int64, atMost most: Int64 = .max
    ) -> Pick? {
        let end = Int(start[Int(source) + 1])
        var at = place(source, bytes)
        var looks = 0
        while at < end, looks < Limits.looks {
            defer { at += 1 }
            guard rows[at] >= 0 else { continue }
            guard sizes[at] <= most else { return nil }
            if let found = pick(at, source, target) { return found }
            looks += 1
        }
        return nil
    }

    /// The sizes of what the broker held when the lists were made, largest first.
    func sizes(of broker: Int32) -> some Sequence<Int64> {
        UnsafeMutableBufferPointer(
            start: sizes + Int(start[Int(broker)]),
            count: Int(start[Int(broker) + 1] - start[Int(broker)])
        ).reversed()
    }
}

/// The rows that may move, smallest first; of equal ones the first.
func rowsBySize(_ placement: Placement) -> [Int32] {
    var rows: [Int32] = []
    rows.reserveCapacity(placement.rows)
    for row in 0..<placement.rows where placement.isMovable[row] { rows.append(Int32(row)) }
    // By bytes of the size, the lowest first: each pass keeps the order of the one before.
    var other = rows
    var largest: Int64 = 0
    for row in rows { largest = max(largest, placement.size[Int(row)]) }
    var shift: Int64 = 0
    while largest >> shift > 0 {
        var counts = [Int](repeating: 0, count: 2049)
        for row in rows { counts[Int(placement.size[Int(row)] >> shift & 2047) + 1] += 1 }
        for digit in 0..<2048 { counts[digit + 1] += counts[digit] }
        for row in rows {
            let digit = Int(placement.size[Int(row)] >> shift & 2047)
            other[counts[digit]] = row
            counts[digit] += 1
        }
        swap(&rows, &other)
        shift += 11
    }
    return rows
}
