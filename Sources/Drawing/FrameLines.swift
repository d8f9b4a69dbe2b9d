// A frame as plain text, as it is printed where there is no terminal.

extension Frame {
    /// The characters of each row, trailing blanks removed.
    package var lines: [String] {
        var bytes: [UInt8] = []
        return (0..<height).map { y in
            bytes.removeAll(keepingCapacity: true)
            appendRow(y, to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// All rows, parted by line feeds.
    package var text: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(cells.count * 2)
        for y in 0..<height {
            if y > 0 { bytes.append(UInt8(ascii: "\n")) }
            appendRow(y, to: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One row in UTF-8: as bytes, because a test reads millions of rows.
    private func appendRow(_ y: Int, to bytes: inout [UInt8]) {
        let begin = bytes.count
        for cell in cells[y * width..<(y + 1) * width] where cell.width > 0 {
            if cell.scalar.isASCII {
                bytes.append(UInt8(truncatingIfNeeded: cell.scalar.value))
            } else {
                bytes.append(contentsOf: cell.scalar.utf8)
            }
        }
        while bytes.count > begin, bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
    }
}
