// The one way in which text of others leaves this program outside the screen: on one line, without
// anything that a terminal acts on, and not endless. Names keep their bytes everywhere else, since
// they are sent back to the cluster. Drawing does the same to what it draws.

/// Text that may come from the cluster, safe to print: a `·` stands for each control character,
/// each one that reorders, joins or hides text, and each blank that is not the usual one.
package func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(Limits.printableScalars) {
        result.append(isPrintable(scalar) ? scalar : "·")
    }
    return String(result)
}

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value >= 0x20 && scalar.value < 0x7F { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate,
        .privateUse, .unassigned:
        return false
    // Zero-width joiners and fillers of every category, and the Braille cell without a dot.
    default: return !scalar.properties.isDefaultIgnorableCodePoint && scalar != "\u{2800}"
    }
}
