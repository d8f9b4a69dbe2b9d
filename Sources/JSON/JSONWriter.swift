// Writes JSON as a stream: 64 KB of memory however large the document. It knows commas, indentation
// and escapes; what the document says is the caller's.

/// A streaming JSON writer over one buffer. Pieces go to `sink` whenever the buffer is full and at
/// `finish()`. The first error of the sink stops all output and is thrown by `finish()`.
///
/// The caller opens and closes what it opened, and writes a key before each value of an object.
package struct JSONWriter: ~Copyable {
    package typealias Sink = (UnsafeRawBufferPointer) throws -> Void

    private let buffer: UnsafeMutableRawBufferPointer
    private let sink: Sink
    private let isPretty: Bool
    private var used = 0
    private var needsComma = false
    private var isAfterKey = false
    /// True until the innermost object or array has something in it.
    private var isEmpty = true
    private var depth = 0
    /// Depth from which everything stays on one line, while `isPretty`; 0 none.
    private var inlineDepth = 0
    private var failure: (any Error)?

    package init(isPretty: Bool = false, sink: @escaping Sink) {
        buffer = .allocate(byteCount: Limits.bufferBytes, alignment: 16)
        self.sink = sink
        self.isPretty = isPretty
    }

    deinit { buffer.deallocate() }

    /// True after the sink has thrown: a caller with much to write may stop.
    package var hasFailed: Bool { failure != nil }

    package mutating func openObject() { open(UInt8(ascii: "{")) }
    package mutating func closeObject() { close(UInt8(ascii: "}")) }
    package mutating func openArray() { open(UInt8(ascii: "[")) }
    package mutating func closeArray() { close(UInt8(ascii: "]")) }

    /// Opens an object that stays on one line in a pretty document: a record of a long array.
    package mutating func openRecord() {
        openObject()
        if inlineDepth == 0 { inlineDepth = depth }
    }

    /// Opens an array that stays on one line in a pretty document.
    package mutating func openRecordArray() {
        openArray()
        if inlineDepth == 0 { inlineDepth = depth }
    }

    /// A key of ours: short, and without anything to escape.
    package mutating func key(_ name: StaticString) {
        separate()
        room(1)
        put(UInt8(ascii: "\""))
        name.withUTF8Buffer { copy(UnsafeRawBufferPointer($0), 0..<$0.count) }
        room(1)
        put(UInt8(ascii: "\""))
        endKey()
    }

    package mutating func key(_ name: String) {
        separate()
        text(name)
        endKey()
    }

    package mutating func value(_ text: String) {
        separate()
        self.text(text)
    }

    package mutating func value(_ number: some FixedWidthInteger & SignedInteger) {
        separate()
        digits(Int64(number))
    }

    /// NaN and infinity have no JSON: they become null.
    package mutating func value(_ number: Double) {
        separate()
        guard number.isFinite else { return word("null") }
        let text = number.description.utf8
        room(Limits.pieceBytes)
        for byte in text { put(byte) }
    }

    package mutating func value(_ bool: Bool) {
        separate()
        word(bool ? "true" : "false")
    }

    package mutating func null() {
        separate()
        word("null")
    }

    package mutating func field(_ name: StaticString, _ value: String?) {
        key(name)
        if let value { self.value(value) } else { null() }
    }
    package mutating func field(_ name: StaticString, _ value: Int64?) {
        key(name)
        if let value { self.value(value) } else { null() }
    }
    package mutating func field(_ name: StaticString, _ value: Int32?) {
        field(name, value.map(Int64.init))
    }
    package mutating func field(_ name: StaticString, _ value: Int?) {
        field(name, value.map(Int64.init))
    }
    package mutating func field(_ name: StaticString, _ value: Double?) {
        key(name)
        if let value { self.value(value) } else { null() }
    }
    package mutating func field(_ name: StaticString, _ value: Bool?) {
        key(name)
        if let value { self.value(value) } else { null() }
    }

    /// Ends the document with a new line, hands the rest to the sink, and throws its first error.
    package mutating func finish() throws {
        room(1)
        put(UInt8(ascii: "\n"))
        flush()
        if let failure { throw failure }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        room(1)
        put(bracket)
        depth += 1
        needsComma = false
        isEmpty = true
    }

    private mutating func close(_ bracket: UInt8) {
        assert(depth > 0 && !isAfterKey, "closing what is not open, or a key without a value")
        let isInline = inlineDepth > 0 && depth >= inlineDepth
        if inlineDepth == depth { inlineDepth = 0 }
        depth -= 1
        if isPretty, !isEmpty, !isInline { newLine() }
        room(1)
        put(bracket)
        needsComma = true
        isEmpty = false
    }

    /// What stands between the last thing written and the next.
    @inline(__always)
    private mutating func separate() {
        if isAfterKey {
            isAfterKey = false
            needsComma = true
            return
        }
        if needsComma {
            room(2)
            put(UInt8(ascii: ","))
            if isPretty, inlineDepth > 0 { put(UInt8(ascii: " ")) }
        }
        if isPretty, depth > 0, inlineDepth == 0 { newLine() }
        needsComma = true
        isEmpty = false
    }

    private mutating func endKey() {
        room(2)
        put(UInt8(ascii: ":"))
        if isPretty { put(UInt8(ascii: " ")) }
        isAfterKey = true
    }

    private mutating func newLine() {
        room(1)
        put(UInt8(ascii: "\n"))
        for _ in 0..<depth {
            room(2)
            put(UInt8(ascii: " "))
            put(UInt8(ascii: " "))
        }
    }

    private mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { string(UnsafeRawBufferPointer($0)) }
    }

    /// Writes a string, escaping what JSON demands and what would act on a terminal or in a script:
    /// C0 and C1 controls, DEL, U+2028 and U+2029.
    private mutating func string(_ bytes: UnsafeRawBufferPointer) {
        room(1)
        put(UInt8(ascii: "\""))
        var start = 0
        var i = 0
        while i < bytes.count {
            let byte = bytes[i]
            if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                i += 1
                continue
            }
            let (code, length) = Self.escaped(bytes, at: i)
            guard let code else {
                i += length
                continue
            }
            copy(bytes, start..<i)
            escape(code)
            i += length
            start = i
        }
        copy(bytes, start..<bytes.count)
        room(1)
        put(UInt8(ascii: "\""))
    }

    /// The code point that starts at `i`, where it must be escaped, and how many bytes to go on.
    private static func escaped(
        _ bytes: UnsafeRawBufferPointer, at i: Int
    ) -> (code: UInt16?, length: Int) {
        let byte = bytes[i]
        if byte < 0x80 { return (UInt16(byte), 1) }
        if byte == 0xC2, i + 1 < bytes.count, bytes[i + 1] < 0xA0 {
            return (UInt16(bytes[i + 1]), 2)
        }
        if byte == 0xE2, i + 2 < bytes.count, bytes[i + 1] == 0x80, bytes[i + 2] & 0xFE == 0xA8 {
            return (bytes[i + 2] == 0xA8 ? 0x2028 : 0x2029, 3)
        }
        return (nil, 1)
    }

    private mutating func escape(_ code: UInt16) {
        room(Limits.pieceBytes)
        put(UInt8(ascii: "\\"))
        switch code {
        case 0x22: put(0x22)
        case 0x5C: put(0x5C)
        case 0x08: put(UInt8(ascii: "b"))
        case 0x09: put(UInt8(ascii: "t"))
        case 0x0A: put(UInt8(ascii: "n"))
        case 0x0C: put(UInt8(ascii: "f"))
        case 0x0D: put(UInt8(ascii: "r"))
        default:
            put(UInt8(ascii: "u"))
            for shift in [12, 8, 4, 0] as [UInt16] {
                let digit = UInt8(code >> shift & 15)
                put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    private mutating func digits(_ number: Int64) {
        room(Limits.pieceBytes)
        var rest = number.magnitude
        var length = 1
        var probe = rest
        while probe >= 10 {
            probe /= 10
            length += 1
        }
        if number < 0 { put(UInt8(ascii: "-")) }
        var at = used + length
        used = at
        repeat {
            at -= 1
            buffer[at] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
    }

    private mutating func word(_ word: StaticString) {
        word.withUTF8Buffer { copy(UnsafeRawBufferPointer($0), 0..<$0.count) }
    }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        var at = range.lowerBound
        while at < range.upperBound {
            if used == buffer.count { flush() }
            let count = min(range.upperBound - at, buffer.count - used)
            UnsafeMutableRawBufferPointer(rebasing: buffer[used..<used + count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[at..<at + count]))
            used += count
            at += count
        }
    }

    @inline(__always)
    private mutating func room(_ count: Int) {
        if buffer.count - used < count { flush() }
    }

    @inline(__always)
    private mutating func put(_ byte: UInt8) {
        buffer[used] = byte
        used += 1
    }

    private mutating func flush() {
        defer { used = 0 }
        guard failure == nil, used > 0 else { return }
        do {
            try sink(UnsafeRawBufferPointer(rebasing: buffer[0..<used]))
        } catch {
            failure = error
        }
    }
}
