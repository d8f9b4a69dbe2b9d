// Writes a message to bytes.

/// A visitor that appends the wire form to `output`. Refuses what a version cannot carry: the first
/// fault is kept, and what was written by then is worthless.
package struct WireWriter: WireVisitor {
    package let version: Int16
    private let flexible: Bool
    private let kept: UnknownTags
    private(set) var output: [UInt8]
    private(set) var fault: WireFault.Reason?
    private(set) var faultOffset = 0
    private var sectionOrdinal = 0
    private var nextKept = 0
    private var open: [OpenSection] = []

    package static var refusesAbsent: Bool { true }

    /// A tag section being written: where its count is, and where the open tag's bytes begin.
    private struct OpenSection {
        var ordinal: Int
        var countAt: Int
        var count = 0
        var tag = 0
        var contentAt = 0
    }

    init(version: Int16, flexible: Bool, output: [UInt8] = [], kept: UnknownTags = UnknownTags()) {
        self.version = version
        self.flexible = flexible
        self.output = output
        self.kept = kept
    }

    mutating func fail(_ reason: WireFault.Reason) {
        guard fault == nil else { return }
        fault = reason
        faultOffset = output.count
    }

    package mutating func refuse(_ versions: some RangeExpression<Int16>) {
        fail(.mustSend(versionsText(versions)))
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
    private mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { output.append(contentsOf: $0) }
    }

    package mutating func bool(_ value: inout Bool) { output.append(value ? 1 : 0) }
    package mutating func int8(_ value: inout Int8) { put(value) }
    package mutating func int16(_ value: inout Int16) { put(value) }
    package mutating func int32(_ value: inout Int32) { put(value) }
    package mutating func int64(_ value: inout Int64) { put(value) }
    package mutating func uint16(_ value: inout UInt16) { put(value) }
    package mutating func error(_ value: inout KafkaError) { put(value.rawValue) }

    package mutating func uuid(_ value: inout KafkaUUID) {
        put(value.high)
        put(value.low)
    }

    private mutating func varint(_ value: Int) {
        var left = UInt32(truncatingIfNeeded: value)
        while left >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: left) | 0x80)
            left >>= 7
        }
        output.append(UInt8(truncatingIfNeeded: left))
    }

    private static func varintBytes(_ value: Int) -> [UInt8] {
        var left = UInt32(truncatingIfNeeded: value)
        var bytes: [UInt8] = []
        while left >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: left) | 0x80)
            left >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: left))
        return bytes
    }

    // MARK: Lengths, texts, bytes

    private mutating func textLength(_ length: Int) {
        if flexible {
            longLength(length)
        } else if length > Limits.classicStringBytes {
            fail(.tooLong)
        } else {
            put(Int16(length))
        }
    }

    private mutating func longLength(_ length: Int) {
        if length >= Int(Int32.max) {
            fail(.tooLong)
        } else if flexible {
            varint(length + 1)
        } else {
            put(Int32(length))
        }
    }

    package mutating func string(_ value: inout String) {
        textLength(value.utf8.count)
        output.append(contentsOf: value.utf8)
    }

    package mutating func string(_ value: inout String?, nullable: Bool) {
        if var text = value {
            string(&text)
        } else {
            if !nullable { fail(.unexpectedNull) }
            textLength(-1)
        }
    }

    /// Text that stands among others.
    mutating func name(_ index: Int, of names: NameColumn) {
        textLength(names.range(index).count)
        names.withBytes(index) { output.append(contentsOf: $0) }
    }

    package mutating func bytes(_ value: inout [UInt8]) {
        longLength(value.count)
        output += value
    }

    package mutating func bytes(_ value: inout [UInt8]?, nullable: Bool) {
        if var bytes = value { self.bytes(&bytes) } else { null(nullable) }
    }

    private mutating func null(_ nullable: Bool) {
        if !nullable { fail(.unexpectedNull) }
        longLength(-1)
    }

    // MARK: Lists

    package mutating func ids(_ value: inout IDList) {
        longLength(value.count)
        for id in value { put(id) }
    }

    package mutating func ids(_ value: inout IDList?) {
        if var list = value { ids(&list) } else { null(true) }
    }

    package mutating func longs(_ value: inout [Int64]) {
        longLength(value.count)
        for element in value { put(element) }
    }

    package mutating func strings(_ value: inout [String]) {
        longLength(value.count)
        for var element in value { string(&element) }
    }

    package mutating func strings(_ value: inout [String]?, nullable: Bool) {
        if var list = value { strings(&list) } else { null(nullable) }
    }

    /// How many elements of an array follow.
    mutating func count(_ count: Int) { longLength(count) }

    // Elements are walked in a copy of each: walking them in place would copy the whole array.
    package mutating func structs<T: WireStruct>(_ value: inout [T]) {
        longLength(value.count)
        for var element in value { element.walk(&self) }
    }

    package mutating func structs<T: WireStruct>(_ value: inout [T]?, nullable: Bool) {
        if var list = value { structs(&list) } else { null(nullable) }
    }

    package mutating func structure<T: WireStruct>(_ value: inout T) { value.walk(&self) }

    package mutating func structure<T: WireStruct>(_ value: inout T?) {
        put(value == nil ? -1 as Int8 : 1)
        value?.walk(&self)
    }

    // MARK: Tags

    /// Where the body begins: section 0 is the header's, whether or not it was there.
    mutating func beginBody() { sectionOrdinal = 1 }

    /// After the walk: kept tags whose section did not come up mean the message changed its shape.
    mutating func finish() {
        if flexible && nextKept < kept.entries.count { fail(.badTags) }
    }

    /// Writes how much follows into the first bytes, which were left free for it.
    mutating func putSize() {
        let size = UInt32(truncatingIfNeeded: output.count - Limits.sizeBytes)
        for index in 0..<Limits.sizeBytes {
            output[index] = UInt8(truncatingIfNeeded: size >> UInt32(24 - 8 * index))
        }
    }

    package mutating func tags() {
        guard flexible else { return }
        // Nearly every section is empty, and there is one for each struct.
        if nextKept == kept.entries.count {
            sectionOrdinal += 1
            output.append(0)
            return
        }
        openTags()
        closeTags()
    }

    package mutating func openTags() {
        guard flexible else { return }
        open.append(OpenSection(ordinal: sectionOrdinal, countAt: output.count))
        sectionOrdinal += 1
        output.append(0)
    }

    /// Writes the kept tags of this section that come before `tag`.
    private mutating func writeKept(_ section: inout OpenSection, before tag: Int) {
        while nextKept < kept.entries.count {
            let entry = kept.entries[nextKept]
            guard entry.section == section.ordinal, entry.tag < tag else { return }
            varint(entry.tag)
            varint(entry.bytes.count)
            output += entry.bytes
            section.count += 1
            nextKept += 1
        }
    }

    package mutating func openTag(_ tag: Int, isDefault: Bool) -> Bool {
        guard flexible, !isDefault, var section = open.popLast() else { return false }
        writeKept(&section, before: tag)
        varint(tag)
        section.tag = tag
        section.contentAt = output.count
        section.count += 1
        open.append(section)
        return true
    }

    package mutating func closeTag() {
        guard let section = open.last else { return }
        let size = output.count - section.contentAt
        output.insert(contentsOf: Self.varintBytes(size), at: section.contentAt)
    }

    package mutating func closeTags() {
        guard flexible, var section = open.popLast() else { return }
        writeKept(&section, before: Int.max)
        if section.count > Limits.tagsPerSection { fail(.badTags) }
        output[section.countAt] = UInt8(truncatingIfNeeded: section.count)
    }
}
