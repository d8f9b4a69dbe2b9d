// How a name given by others is written where people read it: as it is, unless it would show
// nothing or less than it is. Names keep their bytes everywhere else.
//
// Characters that are invisible in themselves are made visible where text is drawn (Drawing) and
// printed (Transport): a `·` stands for each. This is about what no single character shows.

/// `name` as it is shown: in quotation marks where it is empty, where blanks stand at its ends, or
/// where it stands in quotation marks itself; with a `◌` before it where it begins with a mark
/// that needs a letter to stand on.
package func shownName(_ name: String) -> String {
    let bytes = name.utf8
    guard let first = bytes.first, let last = bytes.last else { return "\"\"" }
    // Nearly every name.
    if first > quote, first < 0x80, last > blank { return name }
    if first == blank || last == blank || first == quote && last == quote {
        return "\"\(name)\""
    }
    return name.unicodeScalars.first?.isMark == true ? "\u{25CC}" + name : name
}

private let blank = UInt8(ascii: " ")
private let quote = UInt8(ascii: "\"")

extension Unicode.Scalar {
    fileprivate var isMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}
