// The one description of a message: `walk` names its fields in wire order, and the visitor decides
// what walking means (read, write, fill with random values, print the layout).

/// A part of a message: default values and one walk. Stored properties are declared in wire order,
/// each walked exactly once; `WireOutline` takes the names from that order and a test holds it.
package protocol WireStruct: Sendable, Equatable {
    init()
    /// Visits every field in wire order. Flexible messages end with `tags()`.
    mutating func walk(_ w: inout some WireVisitor)
}

/// What can be done with the fields of a message. The length forms (compact or not) and null are
/// the visitor's business; a message states versions and defaults.
package protocol WireVisitor {
    var version: Int16 { get }
    /// True for a visitor that must refuse a field set to what the version cannot carry.
    static var refusesAbsent: Bool { get }

    /// Whether the field that follows exists in this version.
    mutating func present(_ versions: some RangeExpression<Int16>) -> Bool
    /// Whether the field that follows may be null in this version.
    mutating func allows(null versions: some RangeExpression<Int16>) -> Bool
    /// A field of these versions must be sent and cannot be: the frame is refused.
    mutating func refuse(_ versions: some RangeExpression<Int16>)

    mutating func bool(_ value: inout Bool)
    mutating func int8(_ value: inout Int8)
    mutating func int16(_ value: inout Int16)
    mutating func int32(_ value: inout Int32)
    mutating func int64(_ value: inout Int64)
    mutating func uint16(_ value: inout UInt16)
    mutating func uuid(_ value: inout KafkaUUID)
    mutating func error(_ value: inout KafkaError)
    mutating func string(_ value: inout String)
    mutating func string(_ value: inout String?, nullable: Bool)
    mutating func bytes(_ value: inout [UInt8])
    mutating func bytes(_ value: inout [UInt8]?, nullable: Bool)
    mutating func ids(_ value: inout IDList)
    mutating func ids(_ value: inout IDList?)
    mutating func longs(_ value: inout [Int64])
    mutating func strings(_ value: inout [String])
    mutating func strings(_ value: inout [String]?, nullable: Bool)
    mutating func structs<T: WireStruct>(_ value: inout [T])
    mutating func structs<T: WireStruct>(_ value: inout [T]?, nullable: Bool)
    mutating func structure<T: WireStruct>(_ value: inout T)
    /// A struct that may be null, which a byte in front says: -1 null, 1 there.
    mutating func structure<T: WireStruct>(_ value: inout T?)

    /// A tag section without a field we know.
    mutating func tags()
    /// A tag section with known fields: `openTags`, for each in ascending order `openTag` ...
    /// `closeTag` when it said true, then `closeTags`.
    mutating func openTags()
    mutating func openTag(_ tag: Int, isDefault: Bool) -> Bool
    mutating func closeTag()
    mutating func closeTags()
}

// The forms a message uses for fields that some versions lack. The range is literally Kafka's
// "versions". `ignorable` is Kafka's word: such a field may be dropped for an old broker; any other
// one that is not at its default makes the writer refuse the frame.
extension WireVisitor {
    @inline(__always)
    private mutating func absent(
        _ versions: some RangeExpression<Int16>, _ isDefault: @autoclosure () -> Bool,
        _ ignorable: Bool
    ) {
        if Self.refusesAbsent && !ignorable && !isDefault() { refuse(versions) }
    }

    @inline(__always)
    package mutating func bool(
        _ value: inout Bool, _ versions: some RangeExpression<Int16>, default initial: Bool = false,
        ignorable: Bool = false
    ) {
        if present(versions) { bool(&value) } else { absent(versions, value == initial, ignorable) }
    }

    @inline(__always)
    package mutating func int8(
        _ value: inout Int8, _ versions: some RangeExpression<Int16>, default initial: Int8 = 0,
        ignorable: Bool = false
    ) {
        if present(versions) { int8(&value) } else { absent(versions, value == initial, ignorable) }
    }

    @inline(__always)
    package mutating func int16(
        _ value: inout Int16, _ versions: some RangeExpression<Int16>, default initial: Int16 = 0,
        ignorable: Bool = false
    ) {
        if present(versions) {
            int16(&value)
        } else {
            absent(versions, value == initial, ignorable)
        }
    }

    @inline(__always)
    package mutating func int32(
        _ value: inout Int32, _ versions: some RangeExpression<Int16>, default initial: Int32 = 0,
        ignorable: Bool = false
    ) {
        if present(versions) {
            int32(&value)
        } else {
            absent(versions, value == initial, ignorable)
        }
    }

    @inline(__always)
    package mutating func int64(
        _ value: inout Int64, _ versions: some RangeExpression<Int16>, default initial: Int64 = 0,
        ignorable: Bool = false
    ) {
        if present(versions) {
            int64(&value)
        } else {
            absent(versions, value == initial, ignorable)
        }
    }

    @inline(__always)
    package mutating func uint16(
        _ value: inout UInt16, _ versions: some RangeExpression<Int16>, default initial: UInt16 = 0,
        ignorable: Bool = false
    ) {
        if present(versions) {
            uint16(&value)
        } else {
            absent(versions, value == initial, ignorable)
        }
    }

    @inline(__always)
    package mutating func uuid(
        _ value: inout KafkaUUID, _ versions: some RangeExpression<Int16>, ignorable: Bool = false
    ) {
        if present(versions) { uuid(&value) } else { absent(versions, value.isZero, ignorable) }
    }

    @inline(__always)
    package mutating func error(
        _ value: inout KafkaError, _ versions: some RangeExpression<Int16>, ignorable: Bool = false
    ) {
        if present(versions) { error(&value) } else { absent(versions, value == .none, ignorable) }
    }

    @inline(__always)
    package mutating func string(
        _ value: inout String, _ versions: some RangeExpression<Int16>, ignorable: Bool = false
    ) {
        if present(versions) { string(&value) } else { absent(versions, value.isEmpty, ignorable) }
    }

    /// Text that may be null in every version.
    @inline(__always)
    package mutating func string(_ value: inout String?) { string(&value, nullable: true) }

    /// Text that may be null only in the versions given.
    @inline(__always)
    package mutating func string(
        _ value: inout String?, nullable versions: some RangeExpression<Int16>
    ) {
        let nullable = allows(null: versions)
        string(&value, nullable: nullable)
    }

    /// Text that may be null wherever it exists.
    @inline(__always)
    package mutating func string(
        _ value: inout String?, _ versions: some RangeExpression<Int16>, ignorable: Bool = false
    ) {
        if present(versions) {
            string(&value, nullable: true)
        } else {
            absent(versions, value == nil, ignorable)
        }
    }

    @inline(__always)
    package mutating func ids(
        _ value: inout IDList, _ versions: some RangeExpression<Int16>, ignorable: Bool = false
    ) {
        if present(versions) { ids(&value) } else { absent(versions, value.isEmpty, ignorable) }
    }

    @inline(__always)
    package mutating func strings(
        _ value: inout [String], _ versions: some RangeExpression<Int16>, ignorable: Bool = false
    ) {
        if present(versions) { strings(&value) } else { absent(versions, value.isEmpty, ignorable) }
    }

    /// A list of texts that may be null in every version.
    @inline(__always)
    package mutating func strings(_ value: inout [String]?) { strings(&value, nullable: true) }

    @inline(__always)
    package mutating func structs<T: WireStruct>(
        _ value: inout [T], _ versions: some RangeExpression<Int16>, ignorable: Bool = false
    ) {
        if present(versions) { structs(&value) } else { absent(versions, value.isEmpty, ignorable) }
    }

    /// A list that may be null in every version.
    @inline(__always)
    package mutating func structs<T: WireStruct>(_ value: inout [T]?) {
        structs(&value, nullable: true)
    }

    /// A list that may be null only in the versions given.
    @inline(__always)
    package mutating func structs<T: WireStruct>(
        _ value: inout [T]?, nullable versions: some RangeExpression<Int16>
    ) {
        let nullable = allows(null: versions)
        structs(&value, nullable: nullable)
    }

    /// A list that may be null wherever it exists.
    @inline(__always)
    package mutating func structs<T: WireStruct>(
        _ value: inout [T]?, _ versions: some RangeExpression<Int16>, ignorable: Bool = false
    ) {
        if present(versions) {
            structs(&value, nullable: true)
        } else {
            absent(versions, value?.isEmpty ?? true, ignorable)
        }
    }

    /// A list of some versions that may be null in some of those. Where the version lacks it, nil
    /// and empty both mean nothing to send.
    @inline(__always)
    package mutating func structs<T: WireStruct>(
        _ value: inout [T]?, _ versions: some RangeExpression<Int16>,
        nullable nullVersions: some RangeExpression<Int16>, ignorable: Bool = false
    ) {
        if present(versions) {
            structs(&value, nullable: nullVersions)
        } else {
            absent(versions, value?.isEmpty ?? true, ignorable)
        }
    }
}

/// A range of versions as Kafka writes it: "3+", "0-7", "2".
func versionsText(_ versions: some RangeExpression<Int16>) -> String {
    let all = (0..<Limits.versionsScanned).filter { versions.contains($0) }
    guard let first = all.first, let last = all.last else { return "never" }
    if last == Limits.versionsScanned - 1 { return "\(first)+" }
    return first == last ? "\(first)" : "\(first)-\(last)"
}
