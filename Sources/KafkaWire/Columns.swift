// What messages in columns share: the plain message they stand for, and where the rows of each
// owner begin.

/// An answer kept in columns. Only `read` is fast, and used on the way from a broker; the rest goes
/// by way of the plain answer, for completeness and for tests.
package protocol ColumnsResponse: KafkaResponse {
    associatedtype Plain: KafkaResponse
    /// The same answer.
    init(_ plain: Plain)
    /// The answer it stands for.
    var plain: Plain { get }
}

extension ColumnsResponse {
    package mutating func walk(_ w: inout some WireVisitor) {
        var answer = plain
        answer.walk(&w)
        let tags = unknownTags
        self = Self(answer)
        unknownTags = tags
    }

    package mutating func write(_ writer: inout WireWriter) { walk(&writer) }
}

/// Rows that lie one owner after the other: where those of each begin.
struct RowStarts: Equatable, Sendable {
    private var starts: [Int] = []

    mutating func reserve(_ count: Int) { starts.reserveCapacity(count) }

    /// The next owner's rows begin at `row`.
    @inline(__always)
    mutating func begin(at row: Int) { starts.append(row) }

    /// The rows of an owner; those of the last reach to `count`, the number of all rows.
    @inline(__always)
    func rows(of owner: Int, of count: Int) -> Range<Int> {
        starts[owner]..<(owner + 1 < starts.count ? starts[owner + 1] : count)
    }
}
