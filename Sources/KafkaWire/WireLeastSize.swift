// The least number of bytes a struct takes in a version: what bounds the count of an array before
// anything is allocated for it.

/// A visitor that adds up the least size of each field. Never changes a value.
struct WireLeastSize: WireVisitor {
    let version: Int16
    private let flexible: Bool
    private var total = 0

    static var refusesAbsent: Bool { false }

    static func of<T: WireStruct>(_ type: T.Type, version: Int16, flexible: Bool) -> Int {
        var size = WireLeastSize(version: version, flexible: flexible)
        var value = T()
        value.walk(&size)
        return size.total
    }

    private init(version: Int16, flexible: Bool) {
        self.version = version
        self.flexible = flexible
    }

    mutating func present(_ versions: some RangeExpression<Int16>) -> Bool {
        versions.contains(version)
    }
    mutating func allows(null versions: some RangeExpression<Int16>) -> Bool { true }
    mutating func refuse(_ versions: some RangeExpression<Int16>) {}

    private mutating func textLength() { total += flexible ? 1 : 2 }
    private mutating func longLength() { total += flexible ? 1 : 4 }

    mutating func bool(_ value: inout Bool) { total += 1 }
    mutating func int8(_ value: inout Int8) { total += 1 }
    mutating func int16(_ value: inout Int16) { total += 2 }
    mutating func int32(_ value: inout Int32) { total += 4 }
    mutating func int64(_ value: inout Int64) { total += 8 }
    mutating func uint16(_ value: inout UInt16) { total += 2 }
    mutating func uuid(_ value: inout KafkaUUID) { total += 16 }
    mutating func error(_ value: inout KafkaError) { total += 2 }
    mutating func string(_ value: inout String) { textLength() }
    mutating func string(_ value: inout String?, nullable: Bool) { textLength() }
    mutating func bytes(_ value: inout [UInt8]) { longLength() }
    mutating func bytes(_ value: inout [UInt8]?, nullable: Bool) { longLength() }
    mutating func ids(_ value: inout IDList) { longLength() }
    mutating func ids(_ value: inout IDList?) { longLength() }
    mutating func longs(_ value: inout [Int64]) { longLength() }
    mutating func strings(_ value: inout [String]) { longLength() }
    mutating func strings(_ value: inout [String]?, nullable: Bool) { longLength() }
    mutating func structs<T: WireStruct>(_ value: inout [T]) { longLength() }
    mutating func structs<T: WireStruct>(_ value: inout [T]?, nullable: Bool) { longLength() }
    mutating func structure<T: WireStruct>(_ value: inout T) { value.walk(&self) }
    mutating func structure<T: WireStruct>(_ value: inout T?) { total += 1 }

    mutating func tags() { total += flexible ? 1 : 0 }
    mutating func openTags() { tags() }
    mutating func openTag(_ tag: Int, isDefault: Bool) -> Bool { false }
    mutating func closeTag() {}
    mutating func closeTags() {}
}
