// Prints the layout of a message as text: the golden files that show a changed layout as a diff.

/// A visitor that prints every field with its type and versions, all versions at once. The names
/// are those of the stored properties, in the order of declaration: `walk` must follow that order.
package struct WireOutline: WireVisitor {
    package let version: Int16 = 0
    package private(set) var lines: [String] = []
    /// Structs whose walk visits more or fewer fields than they store.
    package private(set) var mismatches: [String] = []
    private var scopes: [Scope]
    private var fieldVersions = ""
    private var nullText = ""

    package static var refusesAbsent: Bool { false }

    private struct Scope {
        var type: String
        var names: [String]
        var next = 0
    }

    /// The layout of a root message.
    package static func of<M: KafkaMessage>(_ type: M.Type) -> WireOutline {
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

    package mutating func present(_ versions: some RangeExpression<Int16>) -> Bool {
        fieldVersions = versionsText(versions)
        return true
    }
    package mutating func allows(null versions: some RangeExpression<Int16>) -> Bool {
        nullText = versionsText(versions)
        return true
    }
    package mutating func refuse(_ versions: some RangeExpression<Int16>) {}

    package mutating func bool(_ value: inout Bool) { line("bool") }
    package mutating func int8(_ value: inout Int8) { line("int8") }
    package mutating func int16(_ value: inout Int16) { line("int16") }
    package mutating func int32(_ value: inout Int32) { line("int32") }
    package mutating func int64(_ value: inout Int64) { line("int64") }
    package mutating func uint16(_ value: inout UInt16) { line("uint16") }
    package mutating func uuid(_ value: inout KafkaUUID) { line("uuid") }
    package mutating func error(_ value: inout KafkaError) { line("int16") }
    package mutating func string(_ value: inout String) { line("string") }
    package mutating func string(_ value: inout String?, nullable: Bool) {
        line("string", nullable: nullable)
    }
    package mutating func bytes(_ value: inout [UInt8]) { line("bytes") }
    package mutating func bytes(_ value: inout [UInt8]?, nullable: Bool) {
        line("bytes", nullable: nullable)
    }
    package mutating func ids(_ value: inout IDList) { line("[]int32") }
    package mutating func ids(_ value: inout IDList?) { line("[]int32", nullable: true) }
    package mutating func longs(_ value: inout [Int64]) { line("[]int64") }
    package mutating func strings(_ value: inout [String]) { line("[]string") }
    package mutating func strings(_ value: inout [String]?, nullable: Bool) {
        line("[]string", nullable: nullable)
    }

    package mutating func structs<T: WireStruct>(_ value: inout [T]) {
        line("[]\(T.self)")
        inside(T())
    }
    package mutating func structs<T: WireStruct>(_ value: inout [T]?, nullable: Bool) {
        line("[]\(T.self)", nullable: nullable)
        inside(T())
    }
    package mutating func structure<T: WireStruct>(_ value: inout T) {
        line("\(T.self)")
        inside(value)
    }
    package mutating func structure<T: WireStruct>(_ value: inout T?) {
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
    package mutating func tags() {}
    package mutating func openTags() {}
    package mutating func openTag(_ tag: Int, isDefault: Bool) -> Bool {
        fieldVersions = "tag \(tag)"
        return true
    }
    package mutating func closeTag() {}
    package mutating func closeTags() {}
}
