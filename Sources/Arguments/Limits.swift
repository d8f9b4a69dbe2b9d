// Bounds of the command line's helpers.

enum Limits {
    /// Help is set to this many columns.
    static let helpColumns = 80
    /// Where an option's explanation starts in help.
    static let helpIndent = 28
}
