// The syntax of java.util.Properties, which every file people edit here uses: client.properties,
// contexts and themes.

/// The entries of one properties file, in order, with what was wrong with it.
package struct Properties: Sendable {
    /// One key and its value, with the place of the key. Values may be secrets: this type is for
    /// readers of settings, and prints keys only.
    package struct Entry: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
        package let key: String
        package let value: String
        package let line: Int
        package let column: Int
        package var description: String { "\(key) (line \(line))" }
        package var customMirror: Mirror { Mirror(self, children: ["key": key, "line": line]) }
    }

    package let file: String
    package private(set) var entries: [Entry] = []
    /// Malformed escapes; the entry is kept with U+FFFD in its place.
    package private(set) var faults: [SettingsFault] = []
    /// Keys that are set twice. As in Java the last one counts.
    package private(set) var duplicates: [SettingsFault] = []
    private var index: [String: Int] = [:]

    /// Reads a file's bytes: UTF-8, or ISO 8859-1 (what Java writes) when they are not UTF-8.
    package init(bytes: [UInt8], file: String) {
        let text =
            String(validating: bytes, as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        self.init(text: text, file: file)
    }

    package init(text: String, file: String) {
        self.file = file
        var reader = PropertiesReader(scalars: Array(text.unicodeScalars), file: file)
        while let entry = reader.next() {
            if let earlier = index[entry.key] {
                duplicates.append(
                    SettingsFault(
                        file: file, line: entry.line, column: entry.column,
                        message:
                            "\(entry.key) is already set in line \(entries[earlier].line); "
                            + "this one counts"))
            }
            index[entry.key] = entries.count
            entries.append(entry)
        }
        faults = reader.faults
    }

    /// The last value of `key`.
    package subscript(key: String) -> String? {
        entry(key)?.value
    }

    package func entry(_ key: String) -> Entry? {
        index[key].map { entries[$0] }
    }

    /// A fault at the place of `key`.
    package func fault(_ key: String, _ message: String) -> SettingsFault {
        let entry = entry(key)
        return SettingsFault(
            file: file, line: entry?.line ?? 0, column: entry?.column ?? 0,
            message: "\(key): \(message)")
    }
}

/// A cursor over the logical lines of the text: joins (a backslash before a line's end) are never
/// seen by anything but `settle`.
private struct PropertiesReader {
    let scalars: [Unicode.Scalar]
    let file: String
    var at = 0
    var line = 1
    var column = 1
    var faults: [SettingsFault] = []

    init(scalars: [Unicode.Scalar], file: String) {
        self.scalars = scalars
        self.file = file
        if scalars.first == "\u{feff}" { at = 1 }
    }

    mutating func next() -> Properties.Entry? {
        guard skipToKey() else { return nil }
        let (keyLine, keyColumn) = (line, column)
        let key = text { $0 == "=" || $0 == ":" || isBlank($0) }
        skipBlanks()
        if let separator = peek(), separator == "=" || separator == ":" {
            advance()
            skipBlanks()
        }
        let value = text { _ in false }
        return Properties.Entry(key: key, value: value, line: keyLine, column: keyColumn)
    }

    /// To the first character of the next key; false at the end. Comments do not join lines.
    private mutating func skipToKey() -> Bool {
        while at < scalars.count {
            let scalar = scalars[at]
            if scalar == "#" || scalar == "!" {
                while at < scalars.count && !isLineEnd(scalars[at]) { advance() }
            } else if isLineEnd(scalar) || isBlank(scalar) {
                advance()
            } else {
                // A line of nothing but joins and blanks is no key either.
                guard let scalar = peek() else {
                    if at >= scalars.count { return false }
                    continue
                }
                if !isBlank(scalar) { return true }
            }
        }
        return false
    }

    /// Characters, unescaped, up to the end of the logical line or an unescaped one that ends it.
    private mutating func text(until ends: (Unicode.Scalar) -> Bool) -> String {
        var units = String.UnicodeScalarView()
        var high: UInt32?
        while let scalar = peek(), !ends(scalar) {
            let (escapeLine, escapeColumn) = (line, column)
            advance()
            guard scalar == "\\" else {
                units.append(scalar)
                continue
            }
            // Raw: a second backslash here is escaped, and joins nothing.
            guard at < scalars.count else { break }
            let escaped = scalars[at]
            advance()
            guard escaped == "u" else {
                units.append(unescape(escaped))
                continue
            }
            guard let unit = hexUnit() else {
                fault(escapeLine, escapeColumn, "\\u needs four hexadecimal digits")
                units.append("\u{fffd}")
                high = nil
                continue
            }
            if unit & 0xfc00 == 0xd800 && peek() == "\\" && at + 1 < scalars.count
                && scalars[at + 1] == "u"
            {
                if high != nil { units.append("\u{fffd}") }
                high = unit
                continue
            }
            var value = unit
            if let first = high, unit & 0xfc00 == 0xdc00 {
                value = 0x10000 + (first - 0xd800) << 10 + (unit - 0xdc00)
            } else if high != nil {
                fault(escapeLine, escapeColumn, "half of a surrogate pair")
                units.append("\u{fffd}")
            }
            high = nil
            if let decoded = Unicode.Scalar(value) {
                units.append(decoded)
            } else {
                fault(escapeLine, escapeColumn, "half of a surrogate pair")
                units.append("\u{fffd}")
            }
        }
        return String(units)
    }

    private func unescape(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "t": "\t"
        case "n": "\n"
        case "r": "\r"
        case "f": "\u{0c}"
        default: scalar
        }
    }

    private mutating func hexUnit() -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = peek().flatMap({ Character($0).hexDigitValue }) else { return nil }
            advance()
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private mutating func fault(_ line: Int, _ column: Int, _ message: String) {
        faults.append(SettingsFault(file: file, line: line, column: column, message: message))
    }

    private mutating func skipBlanks() {
        while let scalar = peek(), isBlank(scalar) { advance() }
    }

    /// The next character of the logical line, nil at its end.
    private mutating func peek() -> Unicode.Scalar? {
        settle()
        return at < scalars.count && !isLineEnd(scalars[at]) ? scalars[at] : nil
    }

    /// Steps over joins, and over the blanks that open the line they join.
    private mutating func settle() {
        while at < scalars.count && scalars[at] == "\\" {
            if at + 1 == scalars.count {
                // Java drops a backslash that ends the file.
                advance()
                return
            }
            guard isLineEnd(scalars[at + 1]) else { return }
            advance()
            let isPair =
                scalars[at] == "\r" && at + 1 < scalars.count && scalars[at + 1] == "\n"
            advance()
            if isPair { advance() }
            while at < scalars.count && isBlank(scalars[at]) { advance() }
        }
    }

    private mutating func advance() {
        let scalar = scalars[at]
        at += 1
        let isFirstOfPair = scalar == "\r" && at < scalars.count && scalars[at] == "\n"
        if isLineEnd(scalar) && !isFirstOfPair {
            line += 1
            column = 1
        } else {
            column += 1
        }
    }
}

private func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || scalar == "\u{0c}"
}

private func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\n" || scalar == "\r"
}
