// Every glyph beyond ASCII that Highwater draws, each with its ASCII twin: the one list behind
// `--ascii`, the C locale and terminals without UTF-8.

/// The glyphs by what they mean. Marks stand beside colour: colour never carries meaning alone.
package enum Glyph {
    package static let critical: Unicode.Scalar = "●"
    package static let warning: Unicode.Scalar = "▲"
    package static let notPreferred: Unicode.Scalar = "≠"
    package static let moving: Unicode.Scalar = "»"
    package static let stale: Unicode.Scalar = "~"
    package static let unknown: Unicode.Scalar = "?"
    package static let marked: Unicode.Scalar = "✓"
    /// Replica marks: leader, in sync, behind. An unknown replica is `unknown`.
    package static let leader: Unicode.Scalar = "●"
    package static let inSync: Unicode.Scalar = "·"
    package static let behind: Unicode.Scalar = "○"
    package static let ellipsis: Unicode.Scalar = "…"
    package static let trail: Unicode.Scalar = "›"
    package static let separator: Unicode.Scalar = "·"
    package static let bandLeft: Unicode.Scalar = "▏"
    package static let bandRight: Unicode.Scalar = "▕"
    package static let up: Unicode.Scalar = "↑"
    package static let down: Unicode.Scalar = "↓"
    package static let left: Unicode.Scalar = "←"
    package static let right: Unicode.Scalar = "→"
    package static let horizontal: Unicode.Scalar = "─"
    package static let vertical: Unicode.Scalar = "│"
    package static let tickLeft: Unicode.Scalar = "┤"
    package static let cornerTopLeft: Unicode.Scalar = "┌"
    package static let cornerTopRight: Unicode.Scalar = "┐"
    package static let cornerBottomLeft: Unicode.Scalar = "└"
    package static let cornerBottomRight: Unicode.Scalar = "┘"
    /// Stands for every control, bidirectional or invisible scalar in a text.
    package static let hidden: Unicode.Scalar = "·"
    /// A gap in a sparkline: nothing was known then.
    package static let gap: Unicode.Scalar = " "
    /// Lower blocks of one to eight eighths: sparklines.
    package static let lowerBlocks: [Unicode.Scalar] = Array("▁▂▃▄▅▆▇█".unicodeScalars)
    /// Left blocks of one to eight eighths: bars.
    package static let leftBlocks: [Unicode.Scalar] = Array("▏▎▍▌▋▊▉█".unicodeScalars)
    /// The empty braille cell; dots are bits added to it.
    package static let braille: UInt32 = 0x2800
}

/// A glyph and what stands for it where only ASCII can be shown.
package struct GlyphTwin: Sendable {
    package var glyph: Unicode.Scalar
    package var ascii: Unicode.Scalar
}

/// The table TerminalIO uses; braille cells follow by rule (`asciiTwin`).
package let glyphTwins: [GlyphTwin] = [
    ("●", "#"), ("▲", "!"), ("≠", "/"), ("»", ">"), ("✓", "*"), ("·", "."), ("○", "o"),
    ("…", "~"), ("›", ">"), ("▏", "|"), ("▕", "|"), ("↑", "^"), ("↓", "v"), ("←", "<"),
    ("→", ">"), ("─", "-"), ("│", "|"), ("┤", "|"), ("┌", "+"), ("┐", "+"), ("└", "+"),
    ("┘", "+"), ("┬", "+"), ("┴", "+"), ("░", "."), ("▁", "_"), ("▂", "_"), ("▃", "."),
    ("▄", "-"), ("▅", "-"), ("▆", "="), ("▇", "#"), ("█", "#"), ("▎", "|"), ("▍", "|"),
    ("▌", "="), ("▋", "="), ("▊", "#"), ("▉", "#"), ("×", "x"), ("≥", ">"), ("∞", "~"),
].map { GlyphTwin(glyph: $0.0, ascii: $0.1) }

private let twinByGlyph: [UInt32: Unicode.Scalar] = Dictionary(
    glyphTwins.map { ($0.glyph.value, $0.ascii) }, uniquingKeysWith: { first, _ in first })

/// The ASCII scalar that stands for `scalar`: its twin, a density for braille, `?` for the rest.
package func asciiTwin(of scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.isASCII { return scalar }
    if let twin = twinByGlyph[scalar.value] { return twin }
    guard (0x2800...0x28FF).contains(scalar.value) else { return "?" }
    let bits = scalar.value - 0x2800
    // The left and right dot columns in any of the two upper rows: the cell is at least half full.
    let isUpper = bits & 0b0001_1011 != 0
    switch bits.nonzeroBitCount {
    case 0: return " "
    case 1...2: return isUpper ? "'" : "."
    case 3...5: return isUpper ? ":" : "-"
    default: return "#"
    }
}
