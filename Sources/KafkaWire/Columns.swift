// What messages in columns share: the plain request whose bytes they have, and where the rows of
// each owner begin.

/// A request whose answer is kept in columns. Its bytes and those of its answer are the plain ones.
package protocol ColumnsRequest: ClientRequest {
    associatedtype Plain: KafkaRequest
}

extension ColumnsRequest {
    package static var apiKey: Int16 { Plain.apiKey }
    package static var name: String { Plain.name }
    package static var effect: ApiEffect { Plain.effect }
    package static var verb: String { Plain.verb }
    package static var versions: ClosedRange<Int16> { Plain.versions }
    package static var firstFlexible: Int16 { Plain.firstFlexible }
}

/// A plain request, sent as it is, whose answer is read in columns.
package struct InColumns<Plain: KafkaRequest, Response: ClientResponse>: ColumnsRequest {
    private var plain: Plain
    package var unknownTags: UnknownTags {
        get { plain.unknownTags }
        set { plain.unknownTags = newValue }
    }

    package init(_ plain: Plain) { self.plain = plain }

    package mutating func write(_ writer: inout WireWriter) { plain.write(&writer) }
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
