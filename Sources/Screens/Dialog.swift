// Where boxes stand that are opened over a screen.

internal import Drawing

extension Rect {
    /// The place of a box of this size over what lies here: in the middle, nearer the top.
    func dialog(width: Int, height: Int) -> Rect {
        Rect(
            x: x + (self.width - width) / 2, y: y + max(0, (self.height - height) / 3),
            width: width, height: height)
    }
}
