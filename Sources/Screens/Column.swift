// Tables are declared once per screen as columns: title, room, alignment, the value to sort by and
// the text to show. Nothing is ever sorted or coloured by its displayed text.

internal import ClusterModel
internal import Drawing

/// One column of a table.
struct Column: Sendable {
    /// The name in filters (`lag>1000`) and of the sort.
    let id: String
    let title: String
    /// Columns it needs, and columns it can use.
    let least: Int
    let ideal: Int
    let align: Alignment
    /// 0 stays always; the greatest number goes first where room is short.
    let priority: Int
    /// The first press of sort puts the greatest on top.
    let isDescendingFirst: Bool
    /// Values of many rows at once, to sort and filter by; NaN is unknown and always last.
    let values: (@Sendable (Scene, [Int32]) -> [Float])?
    /// The value as a word, for `rack=a`.
    let word: (@Sendable (Scene, Int) -> String)?
    /// What to show in the given number of columns.
    let text: @Sendable (Scene, Int, Int) -> [Run]

    init(
        _ id: String, _ title: String, least: Int, ideal: Int? = nil, align: Alignment = .right,
        priority: Int, ascending: Bool = false,
        values: (@Sendable (Scene, [Int32]) -> [Float])? = nil,
        value: (@Sendable (Scene, Int) -> Float)? = nil,
        word: (@Sendable (Scene, Int) -> String)? = nil,
        text: @escaping @Sendable (Scene, Int, Int) -> [Run]
    ) {
        self.id = id
        self.title = title
        self.least = least
        self.ideal = max(least, ideal ?? least)
        self.align = align
        self.priority = priority
        isDescendingFirst = !ascending
        if let values {
            self.values = values
        } else if let value {
            self.values = { scene, rows in rows.map { value(scene, Int($0)) } }
        } else {
            self.values = nil
        }
        self.word = word
        self.text = text
    }
}

extension Column {
    /// Columns whose figures change with every answer, on every table.
    private static let live: Set<String> = [
        "records", "bytes", "lag", "behind", "in", "out", "size", "ms", "eta", "change", "end",
        "used", "free", "requests", "latency", "outstanding", "zxid",
    ]

    /// Rows ordered by it change places only where it has clearly changed.
    var isLive: Bool { Self.live.contains(id) }

    /// A column of one figure: what is sorted by is what is shown.
    static func figure<Value: Figure>(
        _ id: String, _ title: String, least: Int, ideal: Int? = nil, priority: Int,
        _ write: @escaping @Sendable (Value?) -> String, role: Role = .text,
        isStale: @escaping @Sendable (Scene, Int) -> Bool = { _, _ in false },
        shown: (@Sendable (Scene, Int) -> Value)? = nil,
        of value: @escaping @Sendable (Scene, Int) -> Value?
    ) -> Column {
        Column(
            id, title, least: least, ideal: ideal, priority: priority,
            value: { sortValue(value($0, $1)) },
            text: { scene, row, _ in
                let known = value(scene, row)
                return Screens.figure(
                    known.map { shown?(scene, row) ?? $0 }, write, isStale: isStale(scene, row),
                    role: role)
            })
    }

    /// Nothing but an order: no heading and no text.
    static func order(
        _ id: String, ascending: Bool = false, by value: @escaping @Sendable (Scene, Int) -> Float
    ) -> Column {
        Column(
            id, "", least: 0, priority: 99, ascending: ascending, value: value,
            text: { _, _, _ in [] })
    }
}

/// A table: its columns and how its rows are found, named and judged. Rows are indices that hold
/// while the cluster's layout does.
struct TableSpec: Sendable {
    /// "topics", for counts and for what is said of an empty table.
    let noun: String
    /// Rows keep their indices while `Cluster.layout` stays the same.
    var hasStableRows = false
    let section: Section
    /// The first is the identity: it never scrolls away.
    let columns: [Column]
    let sort: String
    /// The column that orders rows whose sort values are equal.
    var tiebreak: String?
    /// By row: its place where names are in the order a person counts in; nil: rows stand so.
    var ranks: (@Sendable (Scene) -> [Int32]?)?
    /// Columns the identity can use.
    var identityIdeal: (@Sendable (Scene) -> Int)?
    /// What to do where there are none, if anything.
    var emptyAdvice: String?
    /// All rows of the scope, ascending.
    let rows: @Sendable (Scene) -> [Int32]
    let id: @Sendable (Scene, Int) -> ObjectID
    let find: @Sendable (Scene, ObjectID) -> Int?
    /// The rows whose names match.
    let matching: @Sendable (Scene, [Int32], Pattern) -> [Int32]
    /// The mark in the margin.
    let mark: @Sendable (Scene, Int) -> Run?
    /// What "faults only" is called where rows are left out for another reason.
    var narrowed: String?
    /// The rows of "faults only".
    let isFault: @Sendable (Scene, Int) -> Bool
    /// Whether a column says anything of this cluster, by its id; nil: each does.
    var isShown: (@Sendable (Scene, String) -> Bool)?
    /// What it means that there are no rows; nil: what it means of the section.
    var whyEmpty: (@Sendable (Scene) -> Absence)?
    /// What a row has to say on more lines than one, in so many columns: it stands below the row
    /// while lines are free.
    var more: (@Sendable (Scene, Int, Int) -> RowText)?
    /// There may be more rows than are shown: somebody who would know them did not answer.
    var mayLack: (@Sendable (Scene) -> Bool)?

    /// The text of a row that may take several lines.
    struct RowText {
        /// The identity's text, whole.
        var lines: [[Run]]
        /// What is said of it besides, where there is room for that of every row above it too.
        var notes: [[Run]] = []
    }

    func absence(_ scene: Scene) -> Absence {
        whyEmpty?(scene) ?? scene.cluster.absence(in: section)
    }

    func column(_ id: String) -> Column? { columns.first { $0.id == id } }

    /// Columns that can be sorted by, in the order of the table.
    var sortable: [Column] { columns.filter { $0.values != nil } }
}

/// Rows whose name, made for each, matches.
func matchingByName(
    _ name: @escaping @Sendable (Scene, Int) -> String
) -> @Sendable (Scene, [Int32], Pattern) -> [Int32] {
    { scene, rows, pattern in
        rows.filter { row in
            let name = name(scene, Int(row))
            if pattern.matches(name) { return true }
            // What is seen can be searched for.
            let seen = shownName(name)
            return seen.utf8.count != name.utf8.count && pattern.matches(seen)
        }
    }
}

/// Partition rows by topic name first: 2,000 names are compared instead of 200,000.
let matchingPartitions: @Sendable (Scene, [Int32], Pattern) -> [Int32] = { scene, rows, pattern in
    let cluster = scene.cluster
    var known = [Int8](repeating: -1, count: cluster.topics.count)
    let suffix = pattern.partitionSuffix
    return rows.filter { row in
        let topic = Int(cluster.partitions.topic[Int(row)])
        if known[topic] < 0 {
            let name = cluster.topics[topic].name
            known[topic] =
                pattern.matches(name) ? 1 : suffix.map { $0.name.endsIn(name) ? 2 : 0 } ?? 0
        }
        if known[topic] == 2, let suffix {
            return String(cluster.partitions.partition[Int(row)]).hasPrefix(suffix.digits)
        }
        return known[topic] == 1
    }
}
