// What rows are ordered by, where that changes with every answer: a row keeps its place until its
// figure, smoothed, has clearly changed, and places change together and not often.

internal import ClusterModel

/// The values of one column that a table is ordered by, by row.
struct HeldKeys: Sendable {
    /// What has no value yet.
    private static let none = -Float.infinity
    private var smooth: [Float] = []
    private var held: [Float] = []
    private var settledAt = Instant.never

    /// Takes the values of a new cluster in: smoothed over some seconds, and held while they change
    /// by less than `Limits.lazyShare`. Rows that come anew have theirs at once.
    mutating func take(_ values: [Float], of rows: [Int32], at now: Instant) {
        let most = Int(rows.max() ?? -1)
        if smooth.count <= most {
            let more = most + 1 - smooth.count
            smooth.append(contentsOf: repeatElement(Self.none, count: more))
            held.append(contentsOf: repeatElement(Self.none, count: more))
        }
        let isDue = now.seconds(since: settledAt) >= Limits.lazySeconds
        if isDue { settledAt = now }
        for (row, value) in zip(rows, values) {
            let row = Int(row)
            if smooth[row] == Self.none {
                (smooth[row], held[row]) = (value, value)
                continue
            }
            let before = smooth[row]
            let isSudden = before.isNaN || value.isNaN || before.isInfinite || value.isInfinite
            let change = abs(value - before)
            let isFar = change > max(abs(value), abs(before)) / 2
            let share = isFar ? Limits.farSmoothing : Limits.smoothing
            let next = isSudden ? value : before + (value - before) * share
            smooth[row] = next
            if isDue, Self.differs(next, held[row]) { held[row] = next }
        }
    }

    private static func differs(_ a: Float, _ b: Float) -> Bool {
        if a.isNaN || b.isNaN { return a.isNaN != b.isNaN }
        if a.isInfinite || b.isInfinite { return a != b }
        return abs(a - b) > Float(Limits.lazyShare) * max(abs(a), abs(b))
    }

    /// The value that a row is ordered by; nil where it was never seen.
    func key(_ row: Int32) -> Float? {
        held.indices.contains(Int(row)) && held[Int(row)] != Self.none ? held[Int(row)] : nil
    }
}
