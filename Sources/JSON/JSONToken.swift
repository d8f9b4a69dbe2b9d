// What a reader of JSON tells: tokens, and where a text is at fault.

/// Where and why a text is not JSON, or not the JSON that was asked for.
package struct JSONFault: Error, Equatable, CustomStringConvertible {
    package var line: Int
    /// In code points, from 1.
    package var column: Int
    package var message: String
    package init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }
    package var description: String { "line \(line), column \(column): \(message)" }
}

/// One token of a JSON text. Commas and colons are checked, not told.
package enum JSONToken: Equatable, Sendable {
    case openObject, closeObject, openArray, closeArray
    case key(String)
    case string(String)
    /// A number without fraction or exponent.
    case integer(Int64)
    case number(Double)
    case bool(Bool)
    case null
    /// The text is over.
    case end
}
