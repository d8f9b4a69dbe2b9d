// A table's memory: what is selected, marked, scrolled to, sorted by and left out. All of it holds
// to identities; row numbers are only where those happen to stand now.

internal import ClusterModel
internal import Drawing

/// The state of one table.
struct TableState: Sendable {
    private(set) var ordered = OrderedRows()
    private(set) var sort: String
    private(set) var isDescending: Bool
    private(set) var filter = Filter.none
    private(set) var isFaultsOnly = false
    private(set) var marks: Set<ObjectID> = []
    /// The selected row's identity and where it stands in `ordered`.
    private(set) var selected: ObjectID?
    private(set) var index = 0
    private(set) var top = 0
    /// Columns scrolled away to the left, the identity not counted.
    private(set) var columnOffset = 0
    private var anchor: ObjectID?
    /// The operator chose a row; until then the selection stays on the first line.
    private var hasMoved = false
    private var lastScene: Scene?
    /// The cluster has changed since the rows were ordered.
    private var isOrderOld = false
    private var orderedAt = Instant.never
    /// What rows are ordered by, of columns whose figures change with every answer.
    private var held: [String: HeldKeys] = [:]
    private var heldRows = 0
    private var heldLayout: UInt64 = 0
    /// While a filter is being typed.
    private var cache: OrderCache?

    init(_ spec: TableSpec, sort: String? = nil, isFaultsOnly: Bool = false) {
        self.sort = sort ?? spec.sort
        isDescending = spec.column(self.sort)?.isDescendingFirst ?? false
        self.isFaultsOnly = isFaultsOnly
    }

    var rows: [Int32] { ordered.rows }
    var selectedRow: Int? { rows.indices.contains(index) ? Int(rows[index]) : nil }

    /// Takes in a new state of the cluster. The order changes only while no key is pressed; until
    /// then the rows keep their places and show new values.
    mutating func observe(_ spec: TableSpec, _ scene: Scene, isIdle: Bool, page: Int) {
        let isKnown =
            lastScene?.view === scene.view && lastScene?.scope == scene.scope
            && lastScene?.journal === scene.journal
        if !isKnown {
            cache = nil
            hold(spec, scene)
        }
        let isDue = isIdle && !isTooSoon(scene)
        if isKnown {
            if isDue && isOrderOld { reorder(spec, scene, page: page, isAsked: false) }
            return
        }
        // Where no row stands, none can move under the cursor.
        if isDue || lastScene == nil || rows.isEmpty {
            reorder(spec, scene, page: page, isAsked: false)
            return
        }
        let isSameLayout = lastScene.map { isSame($0.cluster, scene.cluster) } ?? false
        if !(spec.hasStableRows && isSameLayout) {
            guard rows.count <= Limits.remappedRows, let lastScene else {
                reorder(spec, scene, page: page, isAsked: false)
                return
            }
            let greatest = spec.rows(scene).max() ?? -1
            ordered.rows = rows.compactMap { row in
                let id = spec.id(lastScene, Int(row))
                // Nearly all stand where they stood: then nothing needs to be searched.
                if row <= greatest, spec.id(scene, Int(row)) == id { return row }
                return spec.find(scene, id).map(Int32.init(truncatingIfNeeded:))
            }
            settle(spec, scene, page: page)
        }
        isOrderOld = true
        lastScene = scene
    }

    /// A table of hundreds of thousands of rows has so many alike that its head changes with every
    /// cluster: its rows change places less often than their values change.
    private func isTooSoon(_ scene: Scene) -> Bool {
        rows.count > Limits.steadyRows
            && scene.now.seconds(since: orderedAt) < Limits.steadySeconds
    }

    /// Forgets the cluster: a stack of covered tables would keep as many old ones in memory. What
    /// is selected and marked is known by name, and the rows are ordered anew when they are seen
    /// again.
    mutating func cover() {
        lastScene = nil
        cache = nil
    }

    /// Rows stand where they stood. The counts are compared as well: a row that is not there would
    /// be read past the end of a column.
    private func isSame(_ old: Cluster, _ new: Cluster) -> Bool {
        old.layout == new.layout && old.topics.count == new.topics.count
            && old.partitions.count == new.partitions.count
            && old.partitions.replicaCount == new.partitions.replicaCount
    }

    /// Orders anew at once: the operator asked for it, or nobody is at the keys.
    mutating func reorder(
        _ spec: TableSpec, _ scene: Scene, page: Int, isAsked: Bool = true
    ) {
        if isAsked {
            held = [:]
            hold(spec, scene)
        }
        let request = OrderRequest(
            sort: sort, isDescending: isDescending, filter: filter, isFaultsOnly: isFaultsOnly,
            held: held)
        ordered = order(spec, scene, request)
        orderedAt = scene.now
        isOrderOld = false
        lastScene = scene
        settle(spec, scene, page: page)
    }

    /// Takes the figures of a new cluster in that rows are ordered by. Rows of tables without
    /// stable ones may stand for others when their number changes.
    private mutating func hold(_ spec: TableSpec, _ scene: Scene) {
        let live = [sort, spec.tiebreak].compactMap { $0.flatMap { spec.column($0) } }
            .filter(\.isLive)
        guard !live.isEmpty else { return held = [:] }
        let all = spec.rows(scene)
        guard all.count <= Limits.steadyRows else { return held = [:] }
        if all.count != heldRows || scene.cluster.layout != heldLayout { held = [:] }
        (heldRows, heldLayout) = (all.count, scene.cluster.layout)
        for column in live {
            guard let values = column.values?(scene, all) else { continue }
            held[column.id, default: HeldKeys()].take(values, of: all, at: scene.now)
        }
    }

    /// Finds the selected row again, and keeps it on its line of the screen where that is possible.
    private mutating func settle(_ spec: TableSpec, _ scene: Scene, page: Int) {
        let line = index - top
        if !hasMoved {
            index = 0
            top = 0
        } else if let selected, let row = spec.find(scene, selected),
            let place = rows.firstIndex(of: Int32(truncatingIfNeeded: row))
        {
            index = place
            // At the head of the list the head stays in view: the worst stands there.
            top = top == 0 && place < page ? 0 : place - line
        }
        clamp(page: page)
        // Where no row is there yet, the one that is wanted may still come.
        if !(rows.isEmpty && hasMoved) { selected = selectedRow.map { spec.id(scene, $0) } }
    }

    /// This row is to be selected as soon as it is there.
    mutating func await(_ id: ObjectID) {
        hasMoved = true
        selected = id
    }

    private mutating func clamp(page: Int) {
        let visible = max(1, page)
        index = min(max(0, index), max(0, rows.count - 1))
        if index < top { top = index }
        if index >= top + visible { top = index - visible + 1 }
        top = min(max(0, top), max(0, rows.count - visible))
    }

    // MARK: What keys do

    mutating func select(_ place: Int, _ spec: TableSpec, _ scene: Scene, page: Int) {
        hasMoved = true
        index = place
        clamp(page: page)
        selected = selectedRow.map { spec.id(scene, $0) }
    }

    mutating func select(_ id: ObjectID, _ spec: TableSpec, _ scene: Scene, page: Int) {
        guard let row = spec.find(scene, id),
            let place = rows.firstIndex(of: Int32(truncatingIfNeeded: row))
        else { return }
        select(place, spec, scene, page: page)
    }

    mutating func resize(_ spec: TableSpec, _ scene: Scene, page: Int) {
        clamp(page: page)
        if selected == nil { selected = selectedRow.map { spec.id(scene, $0) } }
    }

    mutating func scrollColumns(by step: Int, _ spec: TableSpec) {
        columnOffset = min(max(0, columnOffset + step), max(0, spec.columns.count - 2))
    }

    mutating func setFilter(_ text: String, _ spec: TableSpec, _ scene: Scene, page: Int) {
        // Terms that cannot be understood yet leave nothing out: half a word must not blank the
        // table.
        filter = Filter(text, columns: spec.columns)
        let request = OrderRequest(
            sort: sort, isDescending: isDescending, filter: filter, isFaultsOnly: isFaultsOnly)
        let found: OrderCache
        if let cache, cache.holds(scene, request) {
            found = cache
        } else {
            found = OrderCache(spec, scene, request)
            cache = found
        }
        ordered = found.filtered(spec, scene, filter)
        isOrderOld = false
        lastScene = scene
        settle(spec, scene, page: page)
    }

    mutating func toggleFaults(_ spec: TableSpec, _ scene: Scene, page: Int) {
        isFaultsOnly.toggle()
        reorder(spec, scene, page: page)
    }

    mutating func sort(by id: String, _ spec: TableSpec, _ scene: Scene, page: Int) {
        if id == sort {
            isDescending.toggle()
        } else if let column = spec.column(id), column.values != nil {
            sort = id
            isDescending = column.isDescendingFirst
        }
        reorder(spec, scene, page: page)
    }

    mutating func sortNext(_ step: Int, _ spec: TableSpec, _ scene: Scene, page: Int) {
        let columns = spec.sortable
        guard !columns.isEmpty else { return }
        let at = columns.firstIndex { $0.id == sort } ?? 0
        let next = columns[(at + step + columns.count) % columns.count]
        sort = next.id
        isDescending = next.isDescendingFirst
        reorder(spec, scene, page: page)
    }

    mutating func toggleMark(_ spec: TableSpec, _ scene: Scene, page: Int) {
        guard let row = selectedRow else { return }
        let id = spec.id(scene, row)
        if marks.remove(id) == nil { marks.insert(id) }
        anchor = id
        select(index + 1, spec, scene, page: page)
    }

    /// Marks from the last marked row to the selected one.
    mutating func markRange(_ spec: TableSpec, _ scene: Scene) {
        guard let row = selectedRow else { return }
        let start =
            anchor.flatMap { spec.find(scene, $0) }
            .flatMap { rows.firstIndex(of: Int32(truncatingIfNeeded: $0)) } ?? index
        for place in min(start, index)...max(start, index) {
            marks.insert(spec.id(scene, Int(rows[place])))
        }
        anchor = spec.id(scene, row)
    }

    /// Marks all rows shown, or none when all are marked.
    mutating func markAll(_ spec: TableSpec, _ scene: Scene) {
        let all = Set(rows.map { spec.id(scene, Int($0)) })
        marks = all.isSubset(of: marks) ? marks.subtracting(all) : marks.union(all)
    }

    /// Takes back one thing that narrows the table; false where nothing does.
    mutating func widen(_ spec: TableSpec, _ scene: Scene, page: Int) -> Bool {
        if !marks.isEmpty {
            marks = []
            return true
        }
        guard !filter.isEmpty else { return false }
        filter = .none
        reorder(spec, scene, page: page)
        return true
    }
}
