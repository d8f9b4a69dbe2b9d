// Reads JSON strictly (RFC 8259, nothing more) as a stream of tokens, with the line and column of a
// fault. It keeps no document; `JSONValue` does.

/// A strict pull reader. Duplicate keys are told as they come. A text that comes in pieces is held
/// a few megabytes at a time, however long it is.
package struct JSONReader {
    private enum Expect {
        case value, valueOrClose, key, keyOrClose, commaOrClose, end
    }
    /// What has come and is not dropped yet.
    private var bytes: [UInt8]
    private var at = 0
    /// The next piece, empty at the end; nil once it is.
    private var source: (() -> [UInt8])?
    /// Where `bytes` begins in the text.
    private var firstLine = 1
    private var firstColumn = 1
    private var expect = Expect.value
    /// True for an object, false for an array.
    private var stack: [Bool] = []
    /// Where the last token began.
    private var tokenAt = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }
    package init(_ text: String) { bytes = Array(text.utf8) }
    /// Reads pieces of a text, of any length, as it needs them; an empty piece ends it. No string,
    /// key or number may be longer than a megabyte.
    package init(pieces source: @escaping () -> [UInt8]) {
        bytes = []
        self.source = source
    }

    /// How many objects and arrays are open.
    package var depth: Int { stack.count }

    /// A fault at the last token: for a caller that wanted another one.
    package func fault(_ message: String) -> JSONFault { fault(message, at: tokenAt) }

    package mutating func next() throws(JSONFault) -> JSONToken {
        if source != nil, bytes.count - at < Limits.tokenBytes { fill() }
        skipBlanks()
        if expect == .commaOrClose, peek() == UInt8(ascii: ",") {
            at += 1
            expect = stack.last == true ? .key : .value
            skipBlanks()
        }
        tokenAt = at
        guard let byte = peek() else {
            if expect == .end { return .end }
            throw fault(bytes.isEmpty ? "the text is empty" : "the text ends too early", at: at)
        }
        switch byte {
        case UInt8(ascii: "{"): return try open(isObject: true)
        case UInt8(ascii: "["): return try open(isObject: false)
        case UInt8(ascii: "}"): return try close(isObject: true)
        case UInt8(ascii: "]"): return try close(isObject: false)
        case UInt8(ascii: "\""):
            if expect == .key || expect == .keyOrClose { return try key() }
            try beginValue()
            let text = try string()
            endValue()
            return .string(text)
        default:
            try beginValue()
            let token = try scalar(byte)
            endValue()
            return token
        }
    }

    /// Passes over the rest of what the last token opened, or over a key's value.
    package mutating func skip(_ token: JSONToken) throws(JSONFault) {
        if case .key = token {
            let value = try next()
            return try skip(value)
        }
        guard token == .openObject || token == .openArray else { return }
        let outside = stack.count - 1
        while stack.count > outside { _ = try next() }
    }

    private mutating func open(isObject: Bool) throws(JSONFault) -> JSONToken {
        try beginValue()
        guard stack.count < Limits.depth else {
            throw fault("more than \(Limits.depth) levels of nesting", at: at)
        }
        at += 1
        stack.append(isObject)
        expect = isObject ? .keyOrClose : .valueOrClose
        return isObject ? .openObject : .openArray
    }

    private mutating func close(isObject: Bool) throws(JSONFault) -> JSONToken {
        let mayClose: Expect = isObject ? .keyOrClose : .valueOrClose
        guard stack.last == isObject, expect == .commaOrClose || expect == mayClose else {
            throw fault("\(isObject ? "}" : "]") where \(wanted) belongs", at: at)
        }
        at += 1
        stack.removeLast()
        endValue()
        return isObject ? .closeObject : .closeArray
    }

    private mutating func key() throws(JSONFault) -> JSONToken {
        let text = try string()
        skipBlanks()
        guard peek() == UInt8(ascii: ":") else { throw fault("a colon is missing", at: at) }
        at += 1
        expect = .value
        return .key(text)
    }

    private func beginValue() throws(JSONFault) {
        guard expect == .value || expect == .valueOrClose else {
            throw fault(
                expect == .end ? "text after the end of the value" : "\(wanted) is missing", at: at)
        }
    }

    private mutating func endValue() { expect = stack.isEmpty ? .end : .commaOrClose }

    private var wanted: String {
        switch expect {
        case .value, .valueOrClose: "a value"
        case .key, .keyOrClose: "a key in double quotes"
        case .commaOrClose: stack.last == true ? "a comma or }" : "a comma or ]"
        case .end: "the end"
        }
    }

    private mutating func scalar(_ byte: UInt8) throws(JSONFault) -> JSONToken {
        switch byte {
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case 0xEF: throw fault("a byte order mark or other character outside quotes", at: at)
        default: throw fault("\(wanted) is missing", at: at)
        }
    }

    private mutating func word(_ word: StaticString) throws(JSONFault) {
        let isThere = word.withUTF8Buffer { letters in
            bytes.count - at >= letters.count
                && bytes[at..<at + letters.count].elementsEqual(letters)
        }
        let end = at + word.utf8CodeUnitCount
        guard isThere, end == bytes.count || !Self.isWordByte(bytes[end]) else {
            throw fault("a value is missing", at: at)
        }
        at = end
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }

    private mutating func number() throws(JSONFault) -> JSONToken {
        let start = at
        var isInteger = true
        if peek() == UInt8(ascii: "-") { at += 1 }
        if peek() == UInt8(ascii: "0") {
            at += 1
            if let byte = peek(), Self.isDigit(byte) {
                throw fault("a number with a leading zero", at: start)
            }
        } else {
            try digits()
        }
        if peek() == UInt8(ascii: ".") {
            isInteger = false
            at += 1
            try digits()
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            isInteger = false
            at += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { at += 1 }
            try digits()
        }
        if let byte = peek(), Self.isWordByte(byte) || byte == UInt8(ascii: ".") {
            throw fault("not a number", at: start)
        }
        if isInteger, at - start <= Limits.plainDigits { return .integer(plainInteger(start)) }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isInteger {
            guard let value = Int64(text) else { throw fault("the number is too large", at: start) }
            return .integer(value)
        }
        guard let value = Double(text), value.isFinite else {
            throw fault("the number is too large", at: start)
        }
        return .number(value)
    }

    /// The number from `start` on, which is too short to overflow.
    private func plainInteger(_ start: Int) -> Int64 {
        let isNegative = bytes[start] == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in bytes[(isNegative ? start + 1 : start)..<at] {
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return isNegative ? -value : value
    }

    private mutating func digits() throws(JSONFault) {
        let start = at
        while let byte = peek(), Self.isDigit(byte) { at += 1 }
        if at == start { throw fault("a digit is missing", at: at) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// A string from its opening to its closing quote.
    private mutating func string() throws(JSONFault) -> String {
        let opening = at
        at += 1
        let start = at
        var unescaped: [UInt8]?
        var copied = start
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                defer { at += 1 }
                guard var text = unescaped else {
                    return String(decoding: bytes[start..<at], as: UTF8.self)
                }
                text += bytes[copied..<at]
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                var text = unescaped ?? []
                unescaped = nil
                text += bytes[copied..<at]
                try escape(into: &text)
                copied = at
                unescaped = text
            case 0..<0x20: throw fault("a control character in a string", at: at)
            case 0x80...: at += try scalarLength()
            default: at += 1
            }
        }
        throw fault(
            source == nil
                ? "the string is not closed" : "a string of more than \(Limits.tokenBytes) bytes",
            at: opening)
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONFault) {
        let start = at
        at += 1
        guard let byte = peek() else { throw fault("the text ends too early", at: at) }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexDigits(start)
            if code & 0xFC00 == 0xD800, peek() == UInt8(ascii: "\\"), at + 1 < bytes.count,
                bytes[at + 1] == UInt8(ascii: "u")
            {
                at += 2
                let low = try hexDigits(start)
                guard low & 0xFC00 == 0xDC00 else {
                    throw fault("half of a surrogate pair", at: start)
                }
                code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw fault("half of a surrogate pair", at: start)
            }
            text += Array(String(Character(scalar)).utf8)
        default: throw fault("an unknown escape", at: start)
        }
    }

    private mutating func hexDigits(_ start: Int) throws(JSONFault) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue,
                byte < 0x80
            else { throw fault("\\u needs four hexadecimal digits", at: start) }
            code = code << 4 | UInt32(digit)
            at += 1
        }
        return code
    }

    /// Bytes of the well-formed code point at `at`, which is not ASCII.
    private func scalarLength() throws(JSONFault) -> Int {
        let first = bytes[at]
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard first >= 0xC2, first <= 0xF4, at + length <= bytes.count else {
            throw fault("not UTF-8", at: at)
        }
        var isValid = true
        for i in 1..<length where bytes[at + i] & 0xC0 != 0x80 { isValid = false }
        // Overlong forms, surrogates and what lies above U+10FFFF show in the second byte.
        let second = bytes[at + 1]
        switch first {
        case 0xE0: isValid = isValid && second >= 0xA0
        case 0xED: isValid = isValid && second < 0xA0
        case 0xF0: isValid = isValid && second >= 0x90
        case 0xF4: isValid = isValid && second < 0x90
        default: break
        }
        guard isValid else { throw fault("not UTF-8", at: at) }
        return length
    }

    private func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipBlanks() {
        repeat {
            while at < bytes.count {
                switch bytes[at] {
                case 0x20, 0x09, 0x0A, 0x0D: at += 1
                default: return
                }
            }
            if source != nil { fill() }
        } while at < bytes.count
    }

    /// Drops what was read, and takes pieces until the longest token is there whole.
    private mutating func fill() {
        guard let source else { return }
        let start = position(of: at)
        (firstLine, firstColumn) = start
        bytes.removeSubrange(0..<at)
        tokenAt = max(0, tokenAt - at)
        at = 0
        while bytes.count < 2 * Limits.tokenBytes {
            let piece = source()
            if piece.isEmpty {
                self.source = nil
                return
            }
            bytes += piece
        }
    }

    private func fault(_ message: String, at offset: Int) -> JSONFault {
        let (line, column) = position(of: offset)
        return JSONFault(line: line, column: column, message: message)
    }

    private func position(of offset: Int) -> (line: Int, column: Int) {
        var line = firstLine
        var column = firstColumn
        for byte in bytes[0..<min(offset, bytes.count)] {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }
}
