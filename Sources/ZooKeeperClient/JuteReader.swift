// Reads records from bytes. This is the only file of the module that follows pointers.
//
// Why that is safe: a reader is made only by `JuteReader.run`, inside the call that lends the
// buffer, and is never stored. `at <= end` holds always: every read first asks `has(n)`, which
// compares with the bytes left, and only then moves `at`. The first fault sets `at = end`, so all
// later reads find nothing and leave the values as they are.

/// A visitor that reads. After the first fault every read does nothing: `walk` needs no checks, and
/// the caller looks at the fault once.
package struct JuteReader: JuteVisitor {
    private let start: UnsafeRawPointer
    private var at: UnsafeRawPointer
    private let end: UnsafeRawPointer
    private var fault: JuteFault.Reason?
    private var faultOffset = 0

    private init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any will do, because nothing is read from it.
        start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped
        at = start
        end = start + bytes.count
    }

    /// Lends a reader over `bytes` to `body` and throws the fault, if any. Gives the number of
    /// bytes behind what `body` has read.
    @discardableResult
    package static func run(
        _ bytes: UnsafeRawBufferPointer, record: String, _ body: (inout JuteReader) -> Void
    ) throws(JuteFault) -> Int {
        var reader = JuteReader(bytes)
        body(&reader)
        if let reason = reader.fault {
            throw JuteFault(record: record, offset: reader.faultOffset, reason: reason)
        }
        return reader.left
    }

    /// The bytes not read yet; 0 after a fault.
    package var left: Int { end - at }

    @inline(never)
    private mutating func fail(_ reason: JuteFault.Reason) {
        guard fault == nil else { return }
        fault = reason
        faultOffset = at - start
        at = end
    }

    private mutating func has(_ count: Int) -> Bool {
        if count <= end - at { return true }
        fail(.short)
        return false
    }

    private mutating func load<T: FixedWidthInteger>(_ value: inout T) {
        guard has(MemoryLayout<T>.size) else { return }
        value = T(bigEndian: at.loadUnaligned(as: T.self))
        at += MemoryLayout<T>.size
    }

    package mutating func bool(_ value: inout Bool) {
        var byte: UInt8 = value ? 1 : 0
        load(&byte)
        value = byte != 0
    }

    package mutating func int(_ value: inout Int32) { load(&value) }
    package mutating func long(_ value: inout Int64) { load(&value) }

    /// A length or the count of elements of `least` bytes or more: -1 is null. Never more than the
    /// bytes left can hold.
    private mutating func length(least: Int) -> Int {
        var length: Int32 = 0
        load(&length)
        guard fault == nil else { return 0 }
        if length >= -1, Int(length) <= left / least { return Int(length) }
        fail(.lyingCount(Int(length)))
        return 0
    }

    package mutating func string(_ value: inout String) {
        let length = length(least: 1)
        guard fault == nil else { return }
        value = length > 0 ? text(length) : ""
    }

    /// Text of a length already checked. A server writes characters beyond the basic plane as two
    /// surrogates of three bytes each; both forms are read. Anything else that is not UTF-8 is
    /// repaired (U+FFFD).
    private mutating func text(_ length: Int) -> String {
        let bytes = UnsafeRawBufferPointer(start: at, count: length)
        at += length
        guard Surrogates.mayStand(in: bytes) else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: Surrogates.joined(bytes), as: UTF8.self)
    }

    package mutating func buffer(_ value: inout [UInt8]?) {
        let length = length(least: 1)
        guard fault == nil else { return }
        guard length >= 0 else {
            value = nil
            return
        }
        value = [UInt8](UnsafeRawBufferPointer(start: at, count: length))
        at += length
    }

    package mutating func strings(_ value: inout [String]) {
        let count = max(0, length(least: MemoryLayout<Int32>.size))
        guard fault == nil else { return }
        value = []
        value.reserveCapacity(count)
        for _ in 0..<count {
            var element = ""
            string(&element)
            guard fault == nil else { return }
            value.append(element)
        }
    }

    package mutating func records<T: JuteRecord>(_ value: inout [T]) {
        // The smallest record in any list is an int; the loop ends with the bytes in any case.
        let count = max(0, length(least: MemoryLayout<Int32>.size))
        guard fault == nil else { return }
        value = []
        for _ in 0..<count {
            var element = T()
            element.walk(&self)
            guard fault == nil else { return }
            value.append(element)
        }
    }

    package mutating func trailing(_ value: inout Bool?) {
        guard fault == nil, left > 0 else { return }
        var flag = false
        bool(&flag)
        value = flag
    }

    package mutating func parts<T: JutePart>(_ value: inout [T]) {
        value = []
        while fault == nil {
            var header = MultiHeader()
            header.walk(&self)
            guard fault == nil, !header.isDone else { return }
            guard var part = T(header) else { return fail(.unexpectedPart(header.type.rawValue)) }
            part.walkBody(&self)
            guard fault == nil else { return }
            value.append(part)
        }
    }
}

/// Java's way of writing characters beyond the basic plane: each half of the pair as if it were a
/// character of its own (ED A0..AF xx ED B0..BF xx).
private enum Surrogates {
    private static let lead: UInt8 = 0xed
    private static let pairBytes = 6

    static func mayStand(in bytes: UnsafeRawBufferPointer) -> Bool { bytes.contains(lead) }

    static func joined(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if let scalar = scalar(bytes, at: index) {
                result.append(contentsOf: Array(String(scalar).utf8))
                index += pairBytes
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    private static func scalar(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Unicode.Scalar? {
        guard index + pairBytes <= bytes.count, bytes[index] == lead, bytes[index + 3] == lead,
            bytes[index + 1] & 0xf0 == 0xa0, bytes[index + 4] & 0xf0 == 0xb0,
            bytes[index + 2] & 0xc0 == 0x80, bytes[index + 5] & 0xc0 == 0x80
        else { return nil }
        let high = UInt32(bytes[index + 1] & 0x0f) << 6 | UInt32(bytes[index + 2] & 0x3f)
        let low = UInt32(bytes[index + 4] & 0x0f) << 6 | UInt32(bytes[index + 5] & 0x3f)
        return Unicode.Scalar(0x10000 + (high << 10 | low))
    }
}
