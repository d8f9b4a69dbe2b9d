// Passwords and keys as a type that cannot be printed by accident.

/// A value that prints as `<redacted>` however it is interpolated, dumped or reflected.
/// Only `reveal()` gives the text; search for it to see where secrets go.
package struct Secret: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The secret itself: for the wire, never for a screen, a log or an error.
    package func reveal() -> String { text }

    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
