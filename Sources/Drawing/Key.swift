// What a person does at the terminal, free of any terminal's escape sequences.

/// One key, or one action of the mouse.
package enum Key: Hashable, Sendable {
    case character(Unicode.Scalar)
    /// Ctrl with a letter, lower case: `.control("c")`.
    case control(Unicode.Scalar)
    case enter, escape, tab, backTab, backspace, delete, insert
    case up, down, left, right, home, end, pageUp, pageDown
    case function(Int)
    case click(x: Int, y: Int)
    case wheelUp, wheelDown
    /// Text pasted as a whole (bracketed paste): never run as keys.
    case paste(String)
}
