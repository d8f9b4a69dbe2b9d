// The one description of a record of ZooKeeper's wire format (jute): `walk` names its fields in
// wire order, and the visitor decides what walking means (read, write, fill with random values).

/// A record: default values and one walk, both ways. Jute has neither tags nor versions; what newer
/// servers add stands at the end.
package protocol JuteRecord: Sendable, Equatable {
    init()
    /// Visits every field in wire order.
    mutating func walk(_ v: inout some JuteVisitor)
}

extension JuteRecord {
    /// The record after the visit.
    func walked(_ v: inout some JuteVisitor) -> Self {
        var record = self
        record.walk(&v)
        return record
    }
}

/// What can be done with the fields of a record. Numbers are big-endian; a length or count is an
/// int of its own before the bytes (ZooKeeper's BinaryOutputArchive).
package protocol JuteVisitor {
    mutating func bool(_ value: inout Bool)
    mutating func int(_ value: inout Int32)
    mutating func long(_ value: inout Int64)
    /// Text; null reads as empty.
    mutating func string(_ value: inout String)
    /// Bytes; a length of -1 is nil.
    mutating func buffer(_ value: inout [UInt8]?)
    /// A list of texts; null reads as empty.
    mutating func strings(_ value: inout [String])
    /// A list of records; null reads as empty.
    mutating func records<T: JuteRecord>(_ value: inout [T])
    /// A last field that older peers do not send: nil when it is not there.
    mutating func trailing(_ value: inout Bool?)
    /// The parts of a multi up to the header that says "done".
    mutating func parts<T: JutePart>(_ value: inout [T])
}

extension JuteVisitor {
    package mutating func record<T: JuteRecord>(_ value: inout T) { value.walk(&self) }

    package mutating func code(_ value: inout ZooKeeperCode) {
        var number = value.rawValue
        int(&number)
        value = ZooKeeperCode(rawValue: number)
    }
}

/// One operation or result of a multi: a header that says which, then its record.
package protocol JutePart: Sendable, Equatable {
    /// A part of the header's kind with default values; nil for a kind that cannot stand here.
    init?(_ header: MultiHeader)
    var header: MultiHeader { get }
    /// Visits the record after the header.
    mutating func walkBody(_ v: inout some JuteVisitor)
}

/// Bytes that are not the record expected: which, where, and why. Reading never traps; whatever the
/// bytes are, the outcome is a record or one of these.
package struct JuteFault: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        /// The bytes end before the field does.
        case short
        /// A length or count that the remaining bytes cannot hold, or one below -1.
        case lyingCount(Int)
        /// The record ended and bytes are left.
        case leftOver(Int)
        /// An operation that cannot be part of a multi.
        case unexpectedPart(Int32)
    }

    package var record: String
    /// Bytes from the start of what was read.
    package var offset: Int
    package var reason: Reason

    package init(record: String, offset: Int, reason: Reason) {
        self.record = record
        self.offset = offset
        self.reason = reason
    }

    package var description: String { "\(record) at byte \(offset): \(reason)" }
}

extension JuteFault.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .short: "the bytes end too early"
        case .lyingCount(let count): "a length of \(count) that the bytes cannot hold"
        case .leftOver(let count): "\(count) bytes left over"
        case .unexpectedPart(let type): "operation \(type) inside a multi"
        }
    }
}
