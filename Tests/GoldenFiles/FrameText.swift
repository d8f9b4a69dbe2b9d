// A frame as the text of a golden file: the characters, a line `---`, then a plane of role letters.
package import Drawing

/// One letter for each role; `.` is plain text.
package let roleLetters: [Role: Character] = [
    .text: ".", .dim: "d", .title: "t", .border: "b", .header: "h", .accent: "a", .selected: "s",
    .marked: "m", .good: "g", .warning: "w", .critical: "c", .moving: "v", .stale: "~",
    .unknown: "?", .changed: "*", .key: "k", .input: "i", .banner: "!", .graph: "1",
    .graphSecond: "2", .graphThird: "3", .grid: "+", .cursor: "x", .brand: "n", .graphFill: ":",
    .graphLow: "4", .graphMiddle: "5", .graphHigh: "6",
]

extension Frame {
    /// Characters, `---`, role letters with trailing dots removed. A selected cell prints `s` where
    /// its role is plain text, else its role's letter in upper case.
    package var golden: String {
        var golden = text + "\n---\n"
        for y in 0..<height {
            var row = ""
            for x in 0..<width {
                let cell = self[x, y]
                let letter = roleLetters[cell.role] ?? "0"
                if !cell.isSelected {
                    row.append(letter)
                } else {
                    row += cell.role == .text ? "s" : letter.uppercased()
                }
            }
            while row.hasSuffix(".") { row.removeLast() }
            golden += row + "\n"
        }
        return golden
    }
}
