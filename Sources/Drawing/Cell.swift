// The smallest thing on a screen. Roles, never colours: a theme gives them colours at the terminal.

/// What a cell means. Themes map each to a style.
package enum Role: UInt8, CaseIterable, Sendable {
    case text, dim, title, border, header, accent, selected, marked
    case good, warning, critical, moving, stale, unknown, changed
    case key, input, banner, graph, graphSecond, graphThird, grid, cursor, brand
    /// Under the line of a filled graph, at half strength; the line itself by its height.
    case graphFill, graphLow, graphMiddle, graphHigh

    /// The name in theme files.
    package var name: String { "\(self)" }
}

/// One column of one row: a scalar, a role and whether it is bold or inverse through its role.
/// A wide scalar takes its own cell and a following `continuation` cell.
package struct Cell: Equatable, Sendable {
    package var scalar: Unicode.Scalar
    package var role: Role
    /// 1 or 2 for a scalar, 0 for the right half of a wide one.
    package var width: UInt8
    /// Drawn on the selection's background, whatever its role.
    package var isSelected: Bool
    package init(
        _ scalar: Unicode.Scalar = " ", _ role: Role = .text, width: UInt8 = 1,
        isSelected: Bool = false
    ) {
        self.scalar = scalar
        self.role = role
        self.width = width
        self.isSelected = isSelected
    }
    package static let blank = Cell()
}

/// A rectangle of cells: column, row, width, height. Never negative in size.
package struct Rect: Equatable, Sendable {
    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int
    package init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = max(0, width)
        self.height = max(0, height)
    }
    package var right: Int { x + width }
    package var bottom: Int { y + height }
    package var isEmpty: Bool { width == 0 || height == 0 }

    /// The top `rows` and the rest.
    package func split(top rows: Int) -> (Rect, Rect) {
        let n = min(max(0, rows), height)
        return (
            Rect(x: x, y: y, width: width, height: n),
            Rect(x: x, y: y + n, width: width, height: height - n)
        )
    }
    /// The left `columns` and the rest.
    package func split(left columns: Int) -> (Rect, Rect) {
        let n = min(max(0, columns), width)
        return (
            Rect(x: x, y: y, width: n, height: height),
            Rect(x: x + n, y: y, width: width - n, height: height)
        )
    }
}
