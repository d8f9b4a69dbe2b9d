// Filter and sort of a table's rows: numbers only, in time that leaves 200,000 partitions and
// 600,000 replicas inside one frame.

internal import ClusterModel

/// What decides the order of a table besides the picture.
struct OrderRequest: Sendable {
    var sort: String
    var isDescending: Bool
    var filter: Filter
    var isFaultsOnly: Bool
}

/// Rows in their order, and how many there were before anything was left out.
struct OrderedRows: Sendable {
    var rows: [Int32] = []
    var total = 0
}

/// Orders the rows of `spec` in `scene`.
func order(_ spec: TableSpec, _ scene: Scene, _ request: OrderRequest) -> OrderedRows {
    var rows = spec.rows(scene)
    let total = rows.count
    if request.isFaultsOnly { rows = rows.filter { spec.isFault(scene, Int($0)) } }
    if !request.filter.isEmpty { rows = request.filter.apply(rows, spec, scene) }
    // Rows are still ascending here: columns that walk along with them rely on it.
    guard let primary = spec.column(request.sort)?.values else {
        return OrderedRows(rows: rows, total: total)
    }
    let keys = primary(scene, rows)
    if let second = spec.tiebreak, second != request.sort, let values = spec.column(second)?.values
    {
        let first = sortedPositions(values(scene, rows), isDescending: true)
        let positions = sortedPositions(
            first.map { keys[Int($0)] }, isDescending: request.isDescending)
        rows = positions.map { rows[Int(first[Int($0)])] }
    } else {
        rows = sortedPositions(keys, isDescending: request.isDescending).map { rows[Int($0)] }
    }
    return OrderedRows(rows: rows, total: total)
}

/// Positions of `keys` in their order; stable, NaN last in both directions.
func sortedPositions(_ keys: [Float], isDescending: Bool) -> [Int32] {
    var packed = [UInt64](repeating: 0, count: keys.count)
    for index in keys.indices {
        packed[index] = UInt64(sortable(keys[index], isDescending)) << 32 | UInt64(index)
    }
    if packed.count <= Limits.comparedRows {
        packed.sort()
    } else {
        radixSort(&packed)
    }
    return packed.map { Int32(truncatingIfNeeded: $0) }
}

/// A float as an unsigned number of the same order.
private func sortable(_ key: Float, _ isDescending: Bool) -> UInt32 {
    if key.isNaN { return .max }
    // Negative zero equals zero, and must tie with it.
    let bits = (key == 0 ? 0 : key).bitPattern
    let ascending = bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
    return min(.max - 1, isDescending ? ~ascending : ascending)
}

/// Sorts by the upper 32 bits in three stable passes of eleven bits.
private func radixSort(_ values: inout [UInt64]) {
    var spare = values
    for shift in [UInt64(32), 43, 54] {
        var counts = [Int](repeating: 0, count: 2048)
        for value in values { counts[Int(value >> shift & 2047)] += 1 }
        // A pass over one bucket would move nothing.
        if counts.contains(values.count) { continue }
        var next = 0
        for bucket in counts.indices {
            let here = counts[bucket]
            counts[bucket] = next
            next += here
        }
        for value in values {
            let bucket = Int(value >> shift & 2047)
            spare[counts[bucket]] = value
            counts[bucket] += 1
        }
        swap(&values, &spare)
    }
}
