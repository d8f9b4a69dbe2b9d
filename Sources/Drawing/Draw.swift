// Drawing on a frame: text, runs, fills, lines and boxes, all clipped to the rectangle given.

/// Where a text sits in the room it has.
package enum Alignment: Sendable {
    case left, right, centre
}

/// A piece of text with one role; a line is a list of them.
package struct Run: Equatable, Sendable {
    package var text: String
    package var role: Role
    package init(_ text: String, _ role: Role = .text) {
        self.text = text
        self.role = role
    }
    package var width: Int { displayWidth(of: text) }
}

extension Array where Element == Run {
    /// Columns the runs take together.
    package var width: Int { reduce(0) { $0 + $1.width } }
    /// The runs' text alone.
    package var plain: String { map(\.text).joined() }
}

extension Frame {
    /// Draws `text` from `x` within `rect`'s columns on row `y`; returns the column after it.
    /// Control, bidirectional and invisible scalars become `·`, combining ones are left out.
    @discardableResult
    package mutating func text(
        _ text: String, x: Int, y: Int, role: Role = .text, within rect: Rect? = nil
    ) -> Int {
        let area = rect ?? bounds
        var column = x
        guard y >= area.y && y < area.bottom else { return column }
        for raw in text.unicodeScalars {
            let scalar = harmless(raw)
            let columns = displayWidth(of: scalar)
            if columns == 0 { continue }
            if column + columns > area.right { break }
            if column >= area.x {
                let isSelected = self[column, y].isSelected
                self[column, y] = Cell(
                    scalar, role, width: UInt8(columns), isSelected: isSelected)
                if columns == 2 {
                    self[column + 1, y] = Cell(" ", role, width: 0, isSelected: isSelected)
                }
            }
            column += columns
        }
        return column
    }

    /// Draws runs one after the other from `x`; returns the column after the last.
    @discardableResult
    package mutating func runs(_ runs: [Run], x: Int, y: Int, within rect: Rect? = nil) -> Int {
        runs.reduce(x) { column, run in
            text(run.text, x: column, y: y, role: run.role, within: rect)
        }
    }

    /// Draws runs aligned in `width` columns from `x`. Too long a single run gives way in the
    /// middle; of several, the last ones are cut at the edge with an ellipsis.
    package mutating func runs(
        _ runs: [Run], x: Int, y: Int, width: Int, align: Alignment, within rect: Rect? = nil
    ) {
        guard width > 0 else { return }
        let fitted = fit(runs, to: width)
        let spare = width - fitted.width
        let lead = align == .left ? 0 : align == .right ? spare : spare / 2
        self.runs(fitted, x: x + lead, y: y, within: rect)
    }

    /// A wide character that an edge cuts goes as a whole: half of one stands nowhere.
    package mutating func fill(_ rect: Rect, _ scalar: Unicode.Scalar = " ", role: Role = .text) {
        guard !rect.isEmpty else { return }
        for y in rect.y..<rect.bottom {
            if self[rect.x - 1, y].width == 2 { self[rect.x - 1, y] = .blank }
            if self[rect.right, y].width == 0 { self[rect.right, y] = .blank }
            for x in rect.x..<rect.right { self[x, y] = Cell(scalar, role) }
        }
    }

    package mutating func horizontalLine(x: Int, y: Int, width: Int, role: Role = .border) {
        for column in x..<max(x, x + width) { self[column, y] = Cell(Glyph.horizontal, role) }
    }

    package mutating func verticalLine(x: Int, y: Int, height: Int, role: Role = .border) {
        for row in y..<max(y, y + height) { self[x, row] = Cell(Glyph.vertical, role) }
    }

    /// A box around `rect` with a title in its upper edge; returns the room inside.
    package mutating func box(_ rect: Rect, title: [Run] = [], role: Role = .border) -> Rect {
        guard rect.width >= 2 && rect.height >= 2 else {
            return Rect(x: 0, y: 0, width: 0, height: 0)
        }
        fill(rect)
        horizontalLine(x: rect.x, y: rect.y, width: rect.width, role: role)
        horizontalLine(x: rect.x, y: rect.bottom - 1, width: rect.width, role: role)
        verticalLine(x: rect.x, y: rect.y, height: rect.height, role: role)
        verticalLine(x: rect.right - 1, y: rect.y, height: rect.height, role: role)
        self[rect.x, rect.y] = Cell(Glyph.cornerTopLeft, role)
        self[rect.right - 1, rect.y] = Cell(Glyph.cornerTopRight, role)
        self[rect.x, rect.bottom - 1] = Cell(Glyph.cornerBottomLeft, role)
        self[rect.right - 1, rect.bottom - 1] = Cell(Glyph.cornerBottomRight, role)
        if !title.isEmpty {
            let fitted = fit([Run(" ")] + title + [Run(" ")], to: rect.width - 4)
            runs(fitted, x: rect.x + 2, y: rect.y)
        }
        return Rect(
            x: rect.x + 1, y: rect.y + 1, width: rect.width - 2, height: rect.height - 2)
    }

    /// Lays the selection's background on a row of cells, keeping their roles.
    package mutating func select(x: Int, y: Int, width: Int) {
        for column in x..<max(x, x + width) { self[column, y].isSelected = true }
    }
}

/// Runs in at most `width` columns.
package func fit(_ runs: [Run], to width: Int) -> [Run] {
    if runs.width <= width { return runs }
    if runs.count == 1 { return [Run(truncated(runs[0].text, to: width), runs[0].role)] }
    var left = width - 1
    var kept: [Run] = []
    for run in runs {
        let columns = run.width
        if columns <= left {
            kept.append(run)
            left -= columns
            continue
        }
        if left > 0 {
            var head = truncated(run.text, to: left + 1, middle: false)
            if head.unicodeScalars.last == Glyph.ellipsis { head.unicodeScalars.removeLast() }
            kept.append(Run(head, run.role))
        }
        break
    }
    return width > 0 ? kept + [Run(String(Glyph.ellipsis), .dim)] : []
}
