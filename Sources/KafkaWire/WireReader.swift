// Reads a message from bytes. This is the only file of the module that follows pointers.
//
// Why that is safe: a reader is made only by `WireReader.run`, inside the call that lends the
// buffer, and is never stored. `at <= end` holds always: every read first asks `has(n)`, which
// compares with the bytes left, and only then moves `at`. `end` only shrinks to the end of a tag
// (checked against the bytes left) and goes back to the value it had. The first fault sets
// `at = end`, so all later reads find nothing and leave the values as they are.

/// A visitor that reads. After the first fault every read does nothing: `walk` needs no checks, and
/// the caller looks at `fault` once.
package struct WireReader: WireVisitor {
    package let version: Int16
    let flexible: Bool
    private let start: UnsafeRawPointer
    private var at: UnsafeRawPointer
    private var end: UnsafeRawPointer
    private(set) var fault: WireFault.Reason?
    private(set) var faultOffset = 0
    private(set) var kept = UnknownTags()
    private var sectionOrdinal = 0
    private var open: [OpenSection] = []

    package static var refusesAbsent: Bool { false }

    /// A tag section being read: what is left of it, and the tag read ahead.
    private struct OpenSection {
        var ordinal: Int
        var left: Int
        var last = -1
        var pending: (tag: Int, size: Int)?
        var outerEnd: UnsafeRawPointer
    }

    private init(_ bytes: UnsafeRawBufferPointer, version: Int16, flexible: Bool) {
        self.version = version
        self.flexible = flexible
        // An empty buffer may have no address; any will do, because nothing is read from it.
        start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped
        at = start
        end = start + bytes.count
    }

    /// Lends a reader over `bytes` to `body` and throws the fault, if any. Gives the number of
    /// bytes behind what `body` has read.
    @discardableResult
    package static func run(
        _ bytes: UnsafeRawBufferPointer, version: Int16, flexible: Bool, api: String,
        _ body: (inout WireReader) -> Void
    ) throws(WireFault) -> Int {
        var reader = WireReader(bytes, version: version, flexible: flexible)
        body(&reader)
        if let reason = reader.fault {
            throw WireFault(
                api: api, version: version, offset: reader.faultOffset, reason: reason)
        }
        return reader.left
    }

    /// How many bytes are not read yet.
    var left: Int { end - at }
    var offset: Int { at - start }

    @inline(never)
    mutating func fail(_ reason: WireFault.Reason) {
        guard fault == nil else { return }
        fault = reason
        faultOffset = at - start
        at = end
    }

    package mutating func refuse(_ versions: some RangeExpression<Int16>) {}

    @inline(__always)
    private mutating func has(_ count: Int) -> Bool {
        if count <= end - at { return true }
        fail(.short)
        return false
    }

    @inline(__always)
    package mutating func present(_ versions: some RangeExpression<Int16>) -> Bool {
        versions.contains(version)
    }

    @inline(__always)
    package mutating func allows(null versions: some RangeExpression<Int16>) -> Bool {
        versions.contains(version)
    }

    // MARK: Numbers

    @inline(__always)
    private mutating func load<T: FixedWidthInteger>(_ value: inout T) {
        guard has(MemoryLayout<T>.size) else { return }
        value = T(bigEndian: at.loadUnaligned(as: T.self))
        at += MemoryLayout<T>.size
    }

    @inline(__always)
    package mutating func bool(_ value: inout Bool) {
        var byte: UInt8 = 0
        load(&byte)
        value = byte != 0
    }

    @inline(__always) package mutating func int8(_ value: inout Int8) { load(&value) }
    @inline(__always) package mutating func int16(_ value: inout Int16) { load(&value) }
    @inline(__always) package mutating func int32(_ value: inout Int32) { load(&value) }
    @inline(__always) package mutating func int64(_ value: inout Int64) { load(&value) }
    @inline(__always) package mutating func uint16(_ value: inout UInt16) { load(&value) }
    @inline(__always)
    package mutating func error(_ value: inout KafkaError) { load(&value.rawValue) }

    package mutating func uuid(_ value: inout KafkaUUID) {
        load(&value.high)
        load(&value.low)
    }

    /// An unsigned varint of at most 32 bits.
    @inline(__always)
    private mutating func varint() -> Int {
        guard has(1) else { return 0 }
        let first = at.load(as: UInt8.self)
        if first < 0x80 {
            at += 1
            return Int(first)
        }
        return longVarint()
    }

    @inline(never)
    private mutating func longVarint() -> Int {
        var value: UInt64 = 0
        for index in 0..<Limits.varintBytes {
            guard has(1) else { return 0 }
            let byte = at.load(as: UInt8.self)
            at += 1
            value |= UInt64(byte & 0x7f) << UInt64(7 * index)
            if byte < 0x80 {
                if value <= UInt64(UInt32.max) { return Int(value) }
                break
            }
        }
        fail(.badVarint)
        return 0
    }

    // MARK: Lengths

    /// The length of a text: -1 is null. Never more than the bytes left.
    @inline(__always)
    mutating func textLength() -> Int {
        if flexible { return checked(varint() - 1, least: 1) }
        var length: Int16 = 0
        load(&length)
        return checked(Int(length), least: 1)
    }

    /// The length of bytes or the count of an array whose elements take `least` bytes or more.
    @inline(__always)
    mutating func longLength(least: Int) -> Int {
        if flexible { return checked(varint() - 1, least: least) }
        var length: Int32 = 0
        load(&length)
        return checked(Int(length), least: least)
    }

    @inline(__always)
    private mutating func checked(_ length: Int, least: Int) -> Int {
        // After a fault a varint of 0 looks like null: answer empty, the fault is what counts.
        guard fault == nil else { return 0 }
        if length >= -1 && length <= left / least { return length }
        fail(.lyingCount(length))
        return 0
    }

    /// A length that must not be null.
    @inline(__always)
    mutating func required(_ length: Int) -> Int {
        if length >= 0 { return length }
        fail(.unexpectedNull)
        return 0
    }

    // MARK: Texts and bytes

    /// Text of a length already checked. Bytes that are not UTF-8 are repaired (U+FFFD).
    mutating func text(_ length: Int) -> String {
        guard length > 0 else { return "" }
        let text = String(
            decoding: UnsafeRawBufferPointer(start: at, count: length), as: UTF8.self)
        at += length
        return text
    }

    package mutating func string(_ value: inout String) { value = text(required(textLength())) }

    package mutating func string(_ value: inout String?, nullable: Bool) {
        let length = textLength()
        value = nullable && length < 0 ? nil : text(required(length))
    }

    /// Text put behind that of others, as it stands.
    @inline(__always)
    mutating func name(_ names: inout NameColumn) {
        let length = required(textLength())
        names.append(UnsafeRawBufferPointer(start: at, count: length))
        at += length
    }

    private mutating func raw(_ length: Int) -> [UInt8] {
        guard length > 0 else { return [] }
        let bytes = [UInt8](UnsafeRawBufferPointer(start: at, count: length))
        at += length
        return bytes
    }

    package mutating func bytes(_ value: inout [UInt8]) {
        value = raw(required(longLength(least: 1)))
    }

    package mutating func bytes(_ value: inout [UInt8]?, nullable: Bool) {
        let length = longLength(least: 1)
        value = nullable && length < 0 ? nil : raw(required(length))
    }

    // MARK: Lists

    @inline(__always)
    package mutating func ids(_ value: inout IDList) {
        ids(required(longLength(least: MemoryLayout<Int32>.size)), &value)
    }

    package mutating func ids(_ value: inout IDList?) {
        let count = longLength(least: MemoryLayout<Int32>.size)
        var list = IDList()
        if count > 0 { ids(count, &list) }
        value = count < 0 ? nil : list
    }

    /// Ids put behind those of other lists.
    @inline(__always)
    mutating func ids(behind list: inout [Int32]) {
        let count = required(longLength(least: MemoryLayout<Int32>.size))
        for index in 0..<count {
            list.append(
                Int32(bigEndian: at.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self)))
        }
        at += 4 * count
    }

    @inline(__always)
    private mutating func ids(_ count: Int, _ value: inout IDList) {
        if count <= IDList.inlineCapacity {
            value.setInline(count: count) { index in
                Int32(bigEndian: at.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))
            }
        } else {
            value = IDList(
                (0..<count).lazy.map { [at] in
                    Int32(bigEndian: at.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self))
                })
        }
        at += 4 * count
    }

    package mutating func longs(_ value: inout [Int64]) {
        let count = required(longLength(least: MemoryLayout<Int64>.size))
        value = []
        value.reserveCapacity(count)
        for _ in 0..<count {
            var element: Int64 = 0
            load(&element)
            value.append(element)
        }
    }

    @inline(__always)
    private mutating func elements<T: WireStruct>(_ count: Int, _ value: inout [T]) {
        value = []
        if count > Limits.uncheckedCount {
            let least = WireLeastSize.of(T.self, version: version, flexible: flexible)
            if count > left / max(least, 1) { fail(.lyingCount(count)) }
        }
        guard fault == nil else { return }
        value.reserveCapacity(count)
        for _ in 0..<count {
            var element = T()
            element.walk(&self)
            if fault != nil { return }
            value.append(element)
        }
    }

    @inline(__always)
    package mutating func structs<T: WireStruct>(_ value: inout [T]) {
        elements(required(longLength(least: 1)), &value)
    }

    package mutating func structs<T: WireStruct>(_ value: inout [T]?, nullable: Bool) {
        let count = longLength(least: 1)
        if nullable && count < 0 {
            value = nil
            return
        }
        var list: [T] = []
        elements(required(count), &list)
        value = list
    }

    @inline(__always)
    package mutating func structure<T: WireStruct>(_ value: inout T) { value.walk(&self) }

    package mutating func structure<T: WireStruct>(_ value: inout T?) {
        var mark: Int8 = -1
        load(&mark)
        value = nil
        guard fault == nil, mark >= 0 else { return }
        var inner = T()
        inner.walk(&self)
        value = inner
    }

    // MARK: Tags

    /// Where the body begins: section 0 is the header's, whether or not it was there.
    mutating func beginBody() { sectionOrdinal = 1 }

    @inline(__always)
    package mutating func tags() {
        guard flexible else { return }
        let count = varint()
        if count == 0 {
            sectionOrdinal += 1
        } else {
            enter(count)
            closeTags()
        }
    }

    package mutating func openTags() {
        guard flexible else { return }
        enter(varint())
    }

    private mutating func enter(_ count: Int) {
        if count > Limits.tagsPerSection || count > left / 2 { fail(.badTags) }
        open.append(OpenSection(ordinal: sectionOrdinal, left: count, outerEnd: end))
        sectionOrdinal += 1
    }

    /// Reads tag number and size of the next tag ahead. False when there is none.
    private mutating func peek(_ section: inout OpenSection) -> Bool {
        if section.pending != nil { return true }
        guard fault == nil, section.left > 0 else { return false }
        let tag = varint()
        let size = varint()
        if tag <= section.last || size > left { fail(.badTags) }
        guard fault == nil else { return false }
        section.left -= 1
        section.last = tag
        section.pending = (tag, size)
        return true
    }

    private mutating func keep(_ section: inout OpenSection) {
        guard let pending = section.pending else { return }
        let entry = UnknownTags.Entry(
            section: section.ordinal, tag: pending.tag, bytes: raw(pending.size))
        kept.entries.append(entry)
        section.pending = nil
    }

    package mutating func openTag(_ tag: Int, isDefault: Bool) -> Bool {
        guard flexible, var section = open.popLast() else { return false }
        defer { open.append(section) }
        while peek(&section), let pending = section.pending {
            if pending.tag > tag { return false }
            if pending.tag == tag {
                section.pending = nil
                section.outerEnd = end
                end = at + pending.size
                return true
            }
            keep(&section)
        }
        return false
    }

    package mutating func closeTag() {
        guard fault == nil, let section = open.last else { return }
        if at == end { end = section.outerEnd } else { fail(.badTags) }
    }

    package mutating func closeTags() {
        guard flexible, var section = open.popLast() else { return }
        while peek(&section) { keep(&section) }
    }
}
