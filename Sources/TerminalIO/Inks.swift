// Roles to curses attributes and colour pairs, resolved once when the theme is loaded.

import CTerminal
import Drawing
import Themes

/// How one cell is printed.
struct Ink: Equatable {
    var attributes: UInt32
    var pair: Int32
}

/// Two inks a role: plain, and on the selection's background.
struct Inks {
    private let plain: [Ink]
    private let selected: [Ink]

    /// Allocates a pair for each different couple of colours; a few dozen.
    @MainActor
    init(_ theme: Theme, _ depth: ColorDepth) {
        var pairs: [Couple: Int32] = [:]
        let row = theme[Role.selected.name]
        plain = Role.allCases.map { role in
            var style = theme[role.name]
            // Eight colours have no half strength: the hue of the line stays, and is dimmed.
            if role == .graphFill, depth == .eight { style.isDim = true }
            return Inks.ink(style, depth, &pairs)
        }
        selected = Role.allCases.map { role in
            var style = theme[role.name]
            if depth == .none || depth == .eight {
                // There is no quiet background among eight colours.
                style.background = nil
                style.isReversed = true
                return Inks.ink(style, depth, &pairs)
            }
            if style.background == nil {
                style.background = row.background
                if role == .text { style = row }
            }
            return Inks.ink(style, depth, &pairs)
        }
    }

    subscript(cell: Cell) -> Ink {
        (cell.isSelected ? selected : plain)[Int(cell.role.rawValue)]
    }

    private struct Couple: Hashable {
        let foreground: Int32
        let background: Int32
    }

    @MainActor
    private static func ink(
        _ style: Style, _ depth: ColorDepth, _ pairs: inout [Couple: Int32]
    ) -> Ink {
        var ink = Ink(attributes: 0, pair: 0)
        if style.isBold { ink.attributes |= ct_bold }
        if style.isDim { ink.attributes |= ct_dim }
        if style.isUnderlined { ink.attributes |= ct_underline }
        if style.isReversed { ink.attributes |= ct_reverse }
        if depth == .eight, let color = style.foreground, color.isQuiet {
            ink.attributes |= ct_dim
        }
        let couple = Couple(
            foreground: depth.index(style.foreground), background: depth.index(style.background))
        guard depth != .none, couple != Couple(foreground: -1, background: -1) else {
            if depth == .none && style.background != nil { ink.attributes |= ct_reverse }
            return ink
        }
        if pairs[couple] == nil {
            // Only ever called with colours started: without them this crashes.
            pairs[couple] = max(0, alloc_pair(couple.foreground, couple.background))
        }
        ink.pair = pairs[couple] ?? 0
        return ink
    }
}

extension Color {
    /// A grey that would be white among eight colours.
    fileprivate var isQuiet: Bool { red == green && green == blue && red < 0xb0 && red > 0 }
}
