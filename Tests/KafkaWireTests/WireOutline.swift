// Prints the layout of a message as text: the golden files that show a changed layout as a diff.
@testable import KafkaWire

/// A visitor that prints every field with its type and versions, all versions at once. The names
/// are those of the stored properties, in the order of declaration: `walk` must follow that order.
struct WireOutline: WireVisitor {
    let version: Int16 = 0
    private(set) var lines: [String] = []
    /// Structs whose walk visits more or fewer fields than they store.
    private(set) var mismatches: [String] = []
    private var scopes: [Scope]
    private var fieldVersions = ""
    private var nullText = ""

    static var refusesAbsent: Bool { false }

    private struct Scope {
        var type: String
        var names: [String]
        var next = 0
    }

    /// The layout of a root message.
    static func of<M: KafkaMessage>(_ type: M.Type) -> WireOutline {
        var message = M()
        var outline = WireOutline(root: message)
        message.walk(&outline)
        outline.leave()
        return outline
    }

    private init(root: some WireStruct) {
        scopes = []
        enter(root)
    }

    private mutating func enter<T: WireStruct>(_ value: T) {
        let names = Mirror(reflecting: value).children.compactMap(\.label)
            .filter { $0 != "unknownTags" }
        scopes.append(Scope(type: "\(T.self)", names: names))
    }

    private mutating func leave() {
        guard let scope = scopes.popLast() else { return }
        if scope.next != scope.names.count { mismatches.append(scope.type) }
    }

    private mutating func line(_ kind: String, nullable: Bool = false) {
        var name = "?"
        if var scope = scopes.popLast() {
            if scope.next < scope.names.count { name = scope.names[scope.next] }
            scope.next += 1
            scopes.append(scope)
        }
        let indent = String(repeating: "  ", count: scopes.count)
        var text = "\(indent)\(name): \(kind)"
        if !fieldVersions.isEmpty { text += " \(fieldVersions)" }
        if nullable { text += nullText.isEmpty ? " null" : " null \(nullText)" }
        lines.append(text)
        fieldVersions = ""
        nullText = ""
    }

    mutating func present(_ versions: some RangeExpression<Int16>) -> Bool {
        fieldVersions = versionsText(versions)
        return true
    }
    mutating func allows(null versions: some RangeExpression<Int16>) -> Bool {
        nullText = versionsText(versions)
        return true
    }
    mutating func refuse(_ versions: some RangeExpression<Int16>) {}

    mutating func bool(_ value: inout Bool) { line("bool") }
    mutating func int8(_ value: inout Int8) { line("int8") }
    mutating func int16(_ value: inout Int16) { line("int16") }
    mutating func int32(_ value: inout Int32) { line("int32") }
    mutating func int64(_ value: inout Int64) { line("int64") }
    mutating func uint16(_ value: inout UInt16) { line("uint16") }
    mutating func uuid(_ value: inout KafkaUUID) { line("uuid") }
    mutating func error(_ value: inout KafkaError) { line("int16") }
    mutating func string(_ value: inout String) { line("string") }
    mutating func string(_ value: inout String?, nullable: Bool) {
        line("string", nullable: nullable)
    }
    mutating func bytes(_ value: inout [UInt8]) { line("bytes") }
    mutating func bytes(_ value: inout [UInt8]?, nullable: Bool) {
        line("bytes", nullable: nullable)
    }
    mutating func ids(_ value: inout IDList) { line("[]int32") }
    mutating func ids(_ value: inout IDList?) { line("[]int32", nullable: true) }
    mutating func longs(_ value: inout [Int64]) { line("[]int64") }
    mutating func strings(_ value: inout [String]) { line("[]string") }
    mutating func strings(_ value: inout [String]?, nullable: Bool) {
        line("[]string", nullable: nullable)
    }

    mutating func structs<T: WireStruct>(_ value: inout [T]) {
        line("[]\(T.self)")
        inside(T())
    }
    mutating func structs<T: WireStruct>(_ value: inout [T]?, nullable: Bool) {
        line("[]\(T.self)", nullable: nullable)
        inside(T())
    }
    mutating func structure<T: WireStruct>(_ value: inout T) {
        line("\(T.self)")
        inside(value)
    }
    mutating func structure<T: WireStruct>(_ value: inout T?) {
        line("\(T.self)", nullable: true)
        inside(value ?? T())
    }

    private mutating func inside(_ value: some WireStruct) {
        var value = value
        enter(value)
        value.walk(&self)
        leave()
    }

    // A struct with known tags says which; the plain section of every flexible struct is not shown.
    mutating func tags() {}
    mutating func openTags() {}
    mutating func openTag(_ tag: Int, isDefault: Bool) -> Bool {
        fieldVersions = "tag \(tag)"
        return true
    }
    mutating func closeTag() {}
    mutating func closeTags() {}
}
