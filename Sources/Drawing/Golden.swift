// A frame as text, for golden files and for looking at: the characters, a line `---`, then a plane
// of role letters.

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

    /// Characters, `---`, role letters with trailing dots removed. A selected cell prints `s` where
    /// its role is plain text, else its role's letter in upper case.
    package var golden: String {
        var text = lines.joined(separator: "\n") + "\n---\n"
        for y in 0..<height {
            var row = ""
            for x in 0..<width {
                let cell = self[x, y]
                let letter = cell.role.letter
                if !cell.isSelected {
                    row.append(letter)
                } else {
                    row += cell.role == .text ? "s" : letter.uppercased()
                }
            }
            while row.hasSuffix(".") { row.removeLast() }
            text += row + "\n"
        }
        return text
    }
}
