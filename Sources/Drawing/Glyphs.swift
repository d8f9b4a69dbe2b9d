// Every glyph beyond ASCII that Highwater draws, and the one table of ASCII twins, for terminals
// whose character set is not UTF-8.

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
    /// Where an axis does not begin at zero.
    package static let brokenAxis: Unicode.Scalar = "≈"
    package static let cornerTopLeft: Unicode.Scalar = "┌"
    package static let cornerTopRight: Unicode.Scalar = "┐"
    package static let cornerBottomLeft: Unicode.Scalar = "└"
    package static let cornerBottomRight: Unicode.Scalar = "┘"
    /// Stands for every control, bidirectional or invisible scalar in a text.
    package static let hidden: Unicode.Scalar = "·"
    /// A gap in a sparkline: nothing was known then.
    package static let gap: Unicode.Scalar = " "
    package static let trackEmpty: Unicode.Scalar = "░"
    /// Darker shades of a heat map.
    package static let shadeMedium: Unicode.Scalar = "▒"
    package static let shadeDark: Unicode.Scalar = "▓"
    /// Lower blocks of one to eight eighths: sparklines.
    package static let lowerBlocks: [Unicode.Scalar] = Array("▁▂▃▄▅▆▇█".unicodeScalars)
    /// Left blocks of one to eight eighths: bars.
    package static let leftBlocks: [Unicode.Scalar] = Array("▏▎▍▌▋▊▉█".unicodeScalars)
    /// The empty braille cell; dots are bits added to it.
    package static let braille: UInt32 = 0x2800
}

/// What stands for a character where only ASCII can be shown; ASCII stands for itself.
package func asciiTwin(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x20...0x7e: scalar
    case 0x2800...0x28ff: brailleTwin(scalar.value - 0x2800)
    case 0x2500...0x257f: boxTwin(scalar.value)
    case 0x2580...0x259f: blockTwin(scalar.value)
    default: marks[scalar] ?? "?"
    }
}

/// The marks of screens.md, and typography. Each mark of a state has a twin of its own.
private let marks: [Unicode.Scalar: Unicode.Scalar] = [
    "●": "*", "▲": "!", "≠": "/", "»": ">", "○": "o", "◌": "o", "◐": "%", "◆": "#", "◇": "o",
    "■": "#", "□": "o", "▶": ">", "◀": "<", "▼": "v", "△": "^", "▽": "v", "▸": ">", "▾": "v",
    "▴": "^", "◂": "<", "▪": "#", "▫": "o", "•": "*", "·": ".", "∙": ".", "⋅": ".", "…": ".",
    "↑": "^", "↓": "v", "→": ">", "←": "<", "↔": "-", "↕": "|", "⇑": "^", "⇓": "v", "⇒": ">",
    "⇐": "<", "↗": "^", "↘": "v", "↻": "@", "⟳": "@", "›": ">", "‹": "<", "«": "<", "✓": "+",
    "✔": "+", "✗": "x", "✘": "x", "×": "x", "÷": "/", "±": "+", "−": "-", "–": "-", "—": "-",
    "‐": "-", "‑": "-", "‘": "'", "’": "'", "“": "\"", "”": "\"", "°": "o", "µ": "u", "μ": "u",
    "≤": "<", "≥": ">", "≈": "~", "∞": "8", "Σ": "S", "Δ": "d", "⚠": "!", "⏸": "=", "⏵": ">",
    "⌃": "^", "⏎": "<", "␛": "e", "\u{a0}": " ", "★": "*", "☆": "o", "∅": "0", "¬": "!",
]

/// By how many of the eight dots are set, and where a few stand.
private func brailleTwin(_ dots: UInt32) -> Unicode.Scalar {
    // Bits 0 and 3 are the top row, 1 and 4 the second, 2 and 5 the third, 6 and 7 the bottom.
    switch dots.nonzeroBitCount {
    case 0: " "
    case 1, 2: dots & 0b1110_0100 == 0 ? "'" : dots & 0b0001_1011 == 0 ? "." : "-"
    case 3, 4: ":"
    case 5, 6: "+"
    default: "#"
    }
}

/// Lines: by whether they run across, up and down, or both.
private func boxTwin(_ value: UInt32) -> Unicode.Scalar {
    switch value {
    case 0x2500, 0x2501, 0x2504, 0x2505, 0x2508, 0x2509, 0x254c, 0x254d, 0x2574, 0x2576, 0x2578,
        0x257a, 0x257c, 0x257e:
        "-"
    case 0x2550: "="
    case 0x2502, 0x2503, 0x2506, 0x2507, 0x250a, 0x250b, 0x254e, 0x254f, 0x2551, 0x2575, 0x2577,
        0x2579, 0x257b, 0x257d, 0x257f:
        "|"
    case 0x2571: "/"
    case 0x2572: "\\"
    case 0x2573: "x"
    default: "+"
    }
}

/// Bars: by how much of the cell is filled.
private func blockTwin(_ value: UInt32) -> Unicode.Scalar {
    switch value {
    case 0x2581, 0x2582: "_"
    case 0x2583: "."
    case 0x2584: "-"
    case 0x2585: "="
    case 0x2586, 0x2587: "+"
    case 0x2588: "#"
    case 0x2589...0x258b: "#"
    case 0x258c: "="
    case 0x258d, 0x258e: "-"
    case 0x258f, 0x2595: "|"
    case 0x2591: ":"
    case 0x2592: "%"
    case 0x2593: "X"
    case 0x2594: "'"
    case 0x2580: "\""
    default: "+"
    }
}
