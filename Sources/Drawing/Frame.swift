// A whole screen of cells, and the difference between two of them.

/// Rows by columns of cells; drawing outside is clipped, never a fault.
package struct Frame: Equatable, Sendable {
    package private(set) var width: Int
    package private(set) var height: Int
    /// Row-major.
    package private(set) var cells: [Cell]
    /// Where the terminal's cursor belongs (an input line); nil hides it.
    package var cursor: (x: Int, y: Int)? {
        get { cursorAt.map { ($0.x, $0.y) } }
        set { cursorAt = newValue.map { Rect(x: $0.x, y: $0.y, width: 0, height: 0) } }
    }
    private var cursorAt: Rect?

    package init(width: Int, height: Int) {
        self.width = max(0, width)
        self.height = max(0, height)
        cells = Array(repeating: .blank, count: self.width * self.height)
        cursorAt = nil
    }
    package var bounds: Rect { Rect(x: 0, y: 0, width: width, height: height) }

    package subscript(x: Int, y: Int) -> Cell {
        get {
            x >= 0 && x < width && y >= 0 && y < height ? cells[y * width + x] : .blank
        }
        set {
            guard x >= 0 && x < width && y >= 0 && y < height else { return }
            cells[y * width + x] = newValue
        }
    }
}
