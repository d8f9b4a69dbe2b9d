// A frame as plain text, as it is printed where there is no terminal.

extension Frame {
    /// The characters of each row, trailing blanks removed.
    package var lines: [String] {
        (0..<height).map { y in
            var scalars = String.UnicodeScalarView()
            for x in 0..<width where self[x, y].width > 0 { scalars.append(self[x, y].scalar) }
            while scalars.last == " " { scalars.removeLast() }
            return String(scalars)
        }
    }
}
