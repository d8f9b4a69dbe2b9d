// Filter and sort of a table's rows: numbers only, in time that leaves 200,000 partitions and
// 600,000 replicas inside one frame.

internal import ClusterModel

/// What decides the order of a table besides the cluster.
struct OrderRequest: Sendable {
    var sort: String
    var isDescending: Bool
    var filter: Filter
    var isFaultsOnly: Bool
    /// What rows are ordered by instead of the newest figures, by column.
    var held: [String: HeldKeys] = [:]
}

/// Rows in their order, and how many there were before anything was left out.
struct OrderedRows: Sendable {
    var rows: [Int32] = []
    var total = 0
}

/// A table's rows in order before a filter leaves some out: while one is being typed, each letter
/// only has to choose among them.
struct OrderCache: Sendable {
    private let view: ClusterView
    private let journal: JournalView
    private let scope: Scope
    private let sort: String
    private let isDescending: Bool
    private let isFaultsOnly: Bool
    private let ascending: [Int32]
    private let ordered: OrderedRows

    init(_ spec: TableSpec, _ scene: Scene, _ request: OrderRequest) {
        view = scene.view
        journal = scene.journal
        scope = scene.scope
        sort = request.sort
        isDescending = request.isDescending
        isFaultsOnly = request.isFaultsOnly
        let base = candidates(spec, scene, request)
        ascending = base.rows
        ordered = OrderedRows(rows: sorted(base.rows, spec, scene, request), total: base.total)
    }

    func holds(_ scene: Scene, _ request: OrderRequest) -> Bool {
        view === scene.view && journal === scene.journal && scope == scene.scope
            && sort == request.sort
            && isDescending == request.isDescending && isFaultsOnly == request.isFaultsOnly
    }

    /// The rows that the request's filter leaves.
    func filtered(_ spec: TableSpec, _ scene: Scene, _ filter: Filter) -> OrderedRows {
        if filter.isEmpty { return ordered }
        let kept = filter.apply(ascending, spec, scene)
        if kept.count == ascending.count { return ordered }
        var isKept = [Bool](repeating: false, count: Int(ascending.last ?? -1) + 1)
        for row in kept { isKept[Int(row)] = true }
        return OrderedRows(rows: ordered.rows.filter { isKept[Int($0)] }, total: ordered.total)
    }
}

/// Orders the rows of `spec` in `scene`.
func order(_ spec: TableSpec, _ scene: Scene, _ request: OrderRequest) -> OrderedRows {
    var found = candidates(spec, scene, request)
    if !request.filter.isEmpty { found.rows = request.filter.apply(found.rows, spec, scene) }
    found.rows = sorted(found.rows, spec, scene, request)
    return found
}

/// The rows of the scope, ascending, before filter and sort.
private func candidates(
    _ spec: TableSpec, _ scene: Scene, _ request: OrderRequest
) -> OrderedRows {
    let rows = spec.rows(scene)
    guard request.isFaultsOnly else { return OrderedRows(rows: rows, total: rows.count) }
    return OrderedRows(
        rows: rows.filter { spec.isFault(scene, Int($0)) }, total: rows.count)
}

/// Ascending rows in the order asked for. Columns that walk along with them rely on their
/// ascending.
private func sorted(
    _ rows: [Int32], _ spec: TableSpec, _ scene: Scene, _ request: OrderRequest
) -> [Int32] {
    guard let primary = spec.column(request.sort), primary.values != nil else { return rows }
    let ranks = rows.count <= Limits.steadyRows ? spec.ranks?(scene) : nil
    func keys(_ column: Column) -> [Float] {
        if let ranks, column.id == spec.columns.first?.id {
            return rows.map { Float(ranks[Int($0)]) }
        }
        if let held = request.held[column.id] { return rows.map { held.key($0) ?? .nan } }
        return column.values?(scene, rows) ?? []
    }
    // Of equal rows the name decides; each later order keeps what the ones before it left equal.
    var positions: [Int32]?
    func sort(by keys: [Float], isDescending: Bool) {
        guard let before = positions else {
            positions = sortedPositions(keys, isDescending: isDescending)
            return
        }
        let next = sortedPositions(before.map { keys[Int($0)] }, isDescending: isDescending)
        positions = next.map { before[Int($0)] }
    }
    if let ranks { sort(by: rows.map { Float(ranks[Int($0)]) }, isDescending: false) }
    if let second = spec.tiebreak, second != request.sort, let column = spec.column(second),
        column.values != nil
    {
        sort(by: keys(column), isDescending: true)
    }
    sort(by: keys(primary), isDescending: request.isDescending)
    return positions?.map { rows[Int($0)] } ?? rows
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
    // All three histograms in one pass, one after the other in one array.
    var counts = [Int32](repeating: 0, count: 3 * 2048)
    for value in values {
        counts[Int(value >> 32 & 2047)] += 1
        counts[2048 + Int(value >> 43 & 2047)] += 1
        counts[4096 + Int(value >> 54 & 2047)] += 1
    }
    for (pass, shift) in [UInt64(32), 43, 54].enumerated() {
        let base = pass * 2048
        // A pass over one bucket would move nothing.
        if counts[base..<(base + 2048)].contains(Int32(values.count)) { continue }
        var next: Int32 = 0
        for bucket in base..<(base + 2048) {
            let here = counts[bucket]
            counts[bucket] = next
            next += here
        }
        for value in values {
            let bucket = base + Int(value >> shift & 2047)
            spare[Int(counts[bucket])] = value
            counts[bucket] += 1
        }
        swap(&values, &spare)
    }
}
