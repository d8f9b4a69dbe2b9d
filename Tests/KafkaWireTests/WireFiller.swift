// Fills a message with random valid values of a version: for tests of round trips.
import KafkaWire
import Simulation

/// A visitor that gives every field of the version a random value, nulls, empty lists and unknown
/// tags included. Fields the version lacks stay at their defaults.
struct WireFiller: WireVisitor {
    let version: Int16
    private let flexible: Bool
    private var random: SeededGenerator
    private var kept = UnknownTags()
    private var sectionOrdinal = 0
    private var depth = 0

    static var refusesAbsent: Bool { false }

    /// A random valid message of one version.
    static func message<M: KafkaMessage>(
        _ type: M.Type, version: Int16, flexible: Bool, seed: UInt64
    ) -> M {
        var filler = WireFiller(version: version, flexible: flexible, seed: seed)
        var message = M()
        message.walk(&filler)
        message.unknownTags = filler.kept
        return message
    }

    private init(version: Int16, flexible: Bool, seed: UInt64) {
        self.version = version
        self.flexible = flexible
        random = SeededGenerator(seed: seed)
        sectionOrdinal = 1
    }

    mutating func present(_ versions: some RangeExpression<Int16>) -> Bool {
        versions.contains(version)
    }
    mutating func allows(null versions: some RangeExpression<Int16>) -> Bool {
        versions.contains(version)
    }
    mutating func refuse(_ versions: some RangeExpression<Int16>) {}

    private mutating func chance(_ outOf: Int) -> Bool {
        Int.random(in: 0..<outOf, using: &random) == 0
    }

    /// Small numbers, as ids are, and the whole range.
    private mutating func number<T: FixedWidthInteger>() -> T {
        chance(3)
            ? T.random(in: .min ... .max, using: &random)
            : T.random(in: 0...100, using: &random)
    }

    private mutating func text() -> String {
        let alphabet = ["a", "B", "7", ".", "-", "_", "é", "日", "\u{1F980}", "\u{0}", "\u{1B}"]
        let length = chance(20) ? 200 : Int.random(in: 0...12, using: &random)
        var text = ""
        for _ in 0..<length { text += alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        return text
    }

    private mutating func raw() -> [UInt8] {
        let length = chance(20) ? 200 : Int.random(in: 0...12, using: &random)
        return (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Fewer elements the deeper, so that a message stays small; now and then more than a count of
    /// one byte holds.
    private mutating func count() -> Int {
        if depth == 0 && chance(40) { return 130 }
        return Int.random(in: 0...max(1, 4 - depth), using: &random)
    }

    mutating func bool(_ value: inout Bool) { value = chance(2) }
    mutating func int8(_ value: inout Int8) { value = number() }
    mutating func int16(_ value: inout Int16) { value = number() }
    mutating func int32(_ value: inout Int32) { value = number() }
    mutating func int64(_ value: inout Int64) { value = number() }
    mutating func uint16(_ value: inout UInt16) { value = number() }
    mutating func error(_ value: inout KafkaError) { value = .init(rawValue: number()) }
    mutating func uuid(_ value: inout KafkaUUID) {
        value = KafkaUUID(high: random.next(), low: random.next())
    }
    mutating func string(_ value: inout String) { value = text() }
    mutating func string(_ value: inout String?, nullable: Bool) {
        value = nullable && chance(3) ? nil : text()
    }
    mutating func bytes(_ value: inout [UInt8]) { value = raw() }
    mutating func bytes(_ value: inout [UInt8]?, nullable: Bool) {
        value = nullable && chance(3) ? nil : raw()
    }
    mutating func ids(_ value: inout IDList) {
        value = IDList((0..<Int.random(in: 0...7, using: &random)).map { _ in number() })
    }
    mutating func ids(_ value: inout IDList?) {
        var list = IDList()
        ids(&list)
        value = chance(3) ? nil : list
    }
    mutating func longs(_ value: inout [Int64]) {
        value = (0..<count()).map { _ in number() }
    }
    mutating func strings(_ value: inout [String]) {
        value = (0..<count()).map { _ in text() }
    }
    mutating func strings(_ value: inout [String]?, nullable: Bool) {
        value = nullable && chance(3) ? nil : (0..<count()).map { _ in text() }
    }
    mutating func structs<T: WireStruct>(_ value: inout [T]) {
        let count = count()
        depth += 1
        value = (0..<count).map { _ in
            var element = T()
            element.walk(&self)
            return element
        }
        depth -= 1
    }
    mutating func structs<T: WireStruct>(_ value: inout [T]?, nullable: Bool) {
        if nullable && chance(3) {
            value = nil
        } else {
            var list: [T] = []
            structs(&list)
            value = list
        }
    }
    mutating func structure<T: WireStruct>(_ value: inout T) { value.walk(&self) }
    mutating func structure<T: WireStruct>(_ value: inout T?) {
        value = nil
        guard !chance(3) else { return }
        var inner = T()
        inner.walk(&self)
        value = inner
    }

    /// Numbers no message of ours uses, so that these tags are unknown to the reader.
    private static let firstUnknownTag = 900

    mutating func tags() {
        guard flexible else { return }
        addUnknown(to: sectionOrdinal)
        sectionOrdinal += 1
    }

    private mutating func addUnknown(to section: Int) {
        guard chance(12) else { return }
        for tag in 0...(chance(2) ? 0 : 1) {
            kept.entries.append(
                .init(section: section, tag: Self.firstUnknownTag + tag, bytes: raw()))
        }
    }

    // The ordinal of a section with known tags is taken when it opens, as the reader does; its own
    // unknown tags come last.
    private var openOrdinals: [Int] = []

    mutating func openTags() {
        guard flexible else { return }
        openOrdinals.append(sectionOrdinal)
        sectionOrdinal += 1
    }
    mutating func openTag(_ tag: Int, isDefault: Bool) -> Bool { flexible && chance(2) }
    mutating func closeTag() {}
    mutating func closeTags() {
        guard flexible, let ordinal = openOrdinals.popLast() else { return }
        addUnknown(to: ordinal)
    }
}
