// Bounds of the command line's helpers.

enum Limits {
    /// A name further away than this is no help as a hint.
    static let hintDistance = 3
    /// Help is set to this many columns.
    static let helpColumns = 80
    /// Where an option's explanation starts in help.
    static let helpIndent = 28
}
