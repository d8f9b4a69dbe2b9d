// Names of many topics end to end: an answer about hundred thousands of replicas names a topic for
// nearly each of them, and a String of its own for each costs more than all the rest.

/// Names, one after the other, as the bytes of the wire. They are compared as bytes; only a name
/// that is shown is made a `String`, and bytes that are not UTF-8 are repaired then.
package struct NameColumn: Equatable, Sendable {
    package private(set) var bytes: [UInt8] = []
    /// Where each name ends in `bytes`.
    private var ends: [Int] = []

    package init() {}

    package init(_ names: [String]) {
        ends.reserveCapacity(names.count)
        for name in names { append(name) }
    }

    package var count: Int { ends.count }

    /// Where name number `index` stands in `bytes`.
    @inline(__always)
    package func range(_ index: Int) -> Range<Int> {
        (index > 0 ? ends[index - 1] : 0)..<ends[index]
    }

    /// Makes room once for so many names of so many bytes together.
    mutating func reserve(_ count: Int, bytes: Int) {
        ends.reserveCapacity(count)
        self.bytes.reserveCapacity(bytes)
    }

    package subscript(index: Int) -> String {
        String(decoding: bytes[range(index)], as: UTF8.self)
    }

    package mutating func append(_ name: String) {
        bytes.append(contentsOf: name.utf8)
        ends.append(bytes.count)
    }

    /// Adds name `index` of `column`.
    package mutating func append(_ index: Int, of column: NameColumn) {
        column.withBytes(index) { append($0) }
    }

    /// The bytes of a name where they are: a slice of them would be counted for each of a million.
    @inline(__always)
    func withBytes<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range(index)])) }
    }

    mutating func append(_ name: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: name)
        ends.append(bytes.count)
    }

    /// Whether name `index` is name `other` of `column`.
    package func isSame(_ index: Int, as other: Int, of column: NameColumn) -> Bool {
        let own = range(index)
        let its = column.range(other)
        guard own.count == its.count else { return false }
        return bytes.withUnsafeBytes { left in
            column.bytes.withUnsafeBytes { right in
                var at = 0
                // A million names a pass: eight bytes at a time, and never beyond their ends.
                while at + 8 <= own.count {
                    let word = left.loadUnaligned(
                        fromByteOffset: own.lowerBound + at, as: UInt64.self)
                    let other = right.loadUnaligned(
                        fromByteOffset: its.lowerBound + at, as: UInt64.self)
                    if word != other { return false }
                    at += 8
                }
                while at < own.count {
                    if left[own.lowerBound + at] != right[its.lowerBound + at] { return false }
                    at += 1
                }
                return true
            }
        }
    }
}

/// Finds names by their bytes: a table with open addressing over a column.
package struct NameIndex: Sendable {
    package let names: NameColumn
    /// One more than the place of a name; 0 is free. Its size is a power of two, and half of it
    /// stays free.
    private var table: [UInt32] = []

    /// Of equal names the first is found.
    package init(_ names: NameColumn = NameColumn()) {
        self.names = names
        var size = 16
        while size < names.count * 2 { size *= 2 }
        table = Array(repeating: 0, count: size)
        for index in 0..<names.count {
            var at = Self.hash(names, index) & (size - 1)
            while table[at] != 0 { at = (at + 1) & (size - 1) }
            table[at] = UInt32(index + 1)
        }
    }

    /// The place of name `index` of `column`; nil where it is not among the names.
    package func find(_ index: Int, of column: NameColumn) -> Int? {
        let mask = table.count - 1
        var at = Self.hash(column, index) & mask
        while table[at] != 0 {
            let place = Int(table[at]) - 1
            if names.isSame(place, as: index, of: column) { return place }
            at = (at + 1) & mask
        }
        return nil
    }

    /// The place of a name; nil where it is not among the names.
    package func find(_ name: String) -> Int? {
        let mask = table.count - 1
        var at = Self.hash(name.utf8) & mask
        while table[at] != 0 {
            let place = Int(table[at]) - 1
            if names.withBytes(place, { $0.elementsEqual(name.utf8) }) { return place }
            at = (at + 1) & mask
        }
        return nil
    }

    private static func hash(_ column: NameColumn, _ index: Int) -> Int {
        column.withBytes(index) { hash($0) }
    }

    /// FNV-1a. Whoever names topics so that they collide slows down the search for those names.
    private static func hash(_ bytes: some Sequence<UInt8>) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int(truncatingIfNeeded: (hash ^ (hash >> 32)) & 0x7fff_ffff)
    }
}
