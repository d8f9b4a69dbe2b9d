// A whole JSON document in memory: for files of a few kilobytes and for tests. Large documents are
// read by `JSONReader`.

/// A JSON value. Members of an object keep their order; a key twice in one object is a fault.
package indirect enum JSONValue: Hashable, Sendable {
    case object([Member])
    case array([JSONValue])
    case string(String)
    case integer(Int64)
    case number(Double)
    case bool(Bool)
    case null

    package struct Member: Hashable, Sendable {
        package var key: String
        package var value: JSONValue
        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package init(parsing text: String) throws(JSONFault) {
        try self.init(parsing: Array(text.utf8))
    }

    package init(parsing bytes: [UInt8]) throws(JSONFault) {
        var reader = JSONReader(bytes)
        let token = try reader.next()
        self = try Self.value(&reader, token)
        _ = try reader.next()
    }

    /// A member of an object; nil where there is none or this is no object.
    package subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// An element of an array; nil where there is none or this is no array.
    package subscript(_ index: Int) -> JSONValue? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    package var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    package var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    /// The keys of an object, in their order.
    package var keys: [String] {
        if case .object(let members) = self { members.map(\.key) } else { [] }
    }

    private static func value(
        _ reader: inout JSONReader, _ token: JSONToken
    ) throws(JSONFault) -> JSONValue {
        switch token {
        case .openObject: return try object(&reader)
        case .openArray:
            var values: [JSONValue] = []
            while true {
                let token = try reader.next()
                if token == .closeArray { return .array(values) }
                values.append(try value(&reader, token))
            }
        case .string(let text): return .string(text)
        case .integer(let number): return .integer(number)
        case .number(let number): return .number(number)
        case .bool(let bool): return .bool(bool)
        case .null: return .null
        case .key, .closeObject, .closeArray, .end: throw reader.fault("a value is missing")
        }
    }

    private static func object(_ reader: inout JSONReader) throws(JSONFault) -> JSONValue {
        var members: [Member] = []
        var seen: Set<String> = []
        while case .key(let key) = try reader.next() {
            guard seen.insert(key).inserted else { throw reader.fault("the key is there twice") }
            let token = try reader.next()
            members.append(Member(key, try value(&reader, token)))
        }
        return .object(members)
    }

    /// The value as compact JSON, on one line without a line end.
    package var text: String {
        var bytes: [UInt8] = []
        var writer = JSONWriter { bytes.append(contentsOf: $0) }
        write(to: &writer)
        // The sink does not throw.
        try? writer.finish()
        return String(decoding: bytes.dropLast(), as: UTF8.self)
    }

    /// Writes this value and all in it.
    package func write(to writer: inout JSONWriter) {
        switch self {
        case .object(let members):
            writer.openObject()
            for member in members {
                writer.key(member.key)
                member.value.write(to: &writer)
            }
            writer.closeObject()
        case .array(let values):
            writer.openArray()
            for value in values { value.write(to: &writer) }
            writer.closeArray()
        case .string(let text): writer.value(text)
        case .integer(let number): writer.value(number)
        case .number(let number): writer.value(number)
        case .bool(let bool): writer.value(bool)
        case .null: writer.null()
        }
    }
}

/// Text as a JSON string, quotes included.
package func jsonText(_ text: String) -> String {
    var bytes: [UInt8] = []
    var writer = JSONWriter { bytes += $0 }
    writer.value(text)
    // Only the sink could fail. A document ends with a new line, which this is not.
    try? writer.finish()
    return String(decoding: bytes.dropLast(), as: UTF8.self)
}
