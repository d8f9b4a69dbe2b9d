// A terminal in memory: what a person would see, rebuilt from the bytes a program sent. It knows
// the sequences curses uses for the terminals of the tests, and the modes that must be undone.

/// The picture and the modes of a terminal.
struct Screen {
    private(set) var width: Int
    private(set) var height: Int
    private var cells: [[Character]]
    private(set) var x = 0
    private(set) var y = 0
    private var wrapsNext = false
    private var top = 0
    private var bottom: Int
    private var saved = (x: 0, y: 0)
    private var last: Character = " "
    /// DEC private modes that are set: 1049 is the alternate screen, 1000 and 1006 the mouse,
    /// 2004 bracketed paste, 25 the cursor.
    private(set) var modes: Set<Int> = [25, 7]
    /// Attributes that are set; empty after SGR 0.
    private(set) var attributes: Set<Int> = []
    /// Every OSC string, such as a clipboard's.
    private(set) var commands: [String] = []
    /// Sequences this type does not know: a test expects none.
    private(set) var unknown: [String] = []
    private(set) var byteCount = 0
    private var pending: [UInt8] = []

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        bottom = height - 1
        cells = Array(repeating: Array(repeating: " ", count: width), count: height)
    }

    mutating func resize(width: Int, height: Int) {
        for row in cells.indices {
            cells[row] = Array((cells[row] + Array(repeating: " ", count: width)).prefix(width))
        }
        let more = Array(repeating: Array(repeating: Character(" "), count: width), count: height)
        cells = Array((cells + more).prefix(height))
        (self.width, self.height, top, bottom) = (width, height, 0, height - 1)
        (x, y) = (min(x, width - 1), min(y, height - 1))
    }

    /// The rows without blanks at their ends.
    var lines: [String] {
        cells.map { row in
            let text = String(row.filter { $0 != "\0" })
            return String(text.reversed().drop { $0 == " " }.reversed())
        }
    }
    func contains(_ text: String) -> Bool { lines.contains { $0.contains(text) } }

    mutating func feed(_ bytes: [UInt8]) {
        byteCount += bytes.count
        pending += bytes
        var at = 0
        while at < pending.count {
            let used = step(pending[at...])
            if used == 0 { break }
            at += used
        }
        pending.removeFirst(at)
    }

    /// Handles what stands first; 0 when more bytes are needed.
    private mutating func step(_ bytes: ArraySlice<UInt8>) -> Int {
        let first = bytes[bytes.startIndex]
        switch first {
        case 0x1b: return escape(bytes)
        case 0x0d: move(0, y)
        case 0x0a, 0x0b: lineFeed()
        case 0x08: move(x - 1, y)
        case 0x09: move((x / 8 + 1) * 8, y)
        case 0x00, 0x07, 0x0e, 0x0f: break
        case 0x20..<0x7f: put(Character(Unicode.Scalar(first)))
        default:
            let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
            guard bytes.count >= length else { return 0 }
            for character in String(decoding: bytes.prefix(length), as: UTF8.self) {
                put(character)
            }
            return length
        }
        return 1
    }

    private mutating func put(_ character: Character) {
        if wrapsNext {
            move(0, y)
            lineFeed()
        }
        let value = character.unicodeScalars.first?.value ?? 0
        let columns = (0x1100...0x115f).contains(value) || (0x2e80...0xffdc).contains(value) ? 2 : 1
        cells[y][x] = character
        if columns == 2 && x + 1 < width { cells[y][x + 1] = "\0" }
        last = character
        wrapsNext = x + columns >= width
        x = min(x + columns, width - 1)
    }

    private mutating func move(_ toX: Int, _ toY: Int) {
        x = max(0, min(width - 1, toX))
        y = max(0, min(height - 1, toY))
        wrapsNext = false
    }

    private mutating func lineFeed() {
        if y == bottom { scroll(1) } else { move(x, y + 1) }
    }

    /// Moves the scrolling region up (or down, when negative).
    private mutating func scroll(_ count: Int, from row: Int? = nil) {
        let blank = Array(repeating: Character(" "), count: width)
        let start = row ?? top
        for _ in 0..<min(abs(count), height) {
            if count > 0 {
                cells.remove(at: start)
                cells.insert(blank, at: bottom)
            } else {
                cells.remove(at: bottom)
                cells.insert(blank, at: start)
            }
        }
    }

    private mutating func escape(_ bytes: ArraySlice<UInt8>) -> Int {
        guard bytes.count > 1 else { return 0 }
        switch bytes[bytes.startIndex + 1] {
        case 0x5b: return control(bytes)
        case 0x5d, 0x50:
            var previous: UInt8 = 0
            for (index, byte) in bytes.enumerated().dropFirst(2) {
                if byte == 0x07 || (previous == 0x1b && byte == 0x5c) {
                    commands.append(
                        String(decoding: bytes.dropFirst(2).prefix(index - 2), as: UTF8.self))
                    return index + 1
                }
                previous = byte
            }
            return 0
        case 0x28, 0x29: return bytes.count > 2 ? 3 : 0
        case 0x37: saved = (x, y)
        case 0x38: move(saved.x, saved.y)
        case 0x3d, 0x3e, 0x5c: break
        case 0x44: lineFeed()
        case 0x45:
            move(0, y)
            lineFeed()
        case 0x4d: if y == top { scroll(-1) } else { move(x, y - 1) }
        case 0x63: self = Screen(width: width, height: height)
        case let other: unknown.append("ESC \(Unicode.Scalar(other))")
        }
        return 2
    }

    private mutating func control(_ bytes: ArraySlice<UInt8>) -> Int {
        var end = bytes.startIndex + 2
        while end < bytes.endIndex && (0x20...0x3f).contains(bytes[end]) { end += 1 }
        guard end < bytes.endIndex else { return 0 }
        // As in a real terminal an escape within a sequence begins anew.
        guard bytes[end] >= 0x40 else { return end - bytes.startIndex }
        let text = String(decoding: bytes[(bytes.startIndex + 2)..<end], as: UTF8.self)
        let letter = Character(Unicode.Scalar(bytes[end]))
        if text.hasPrefix("?") || text.hasPrefix(">") || text.contains("!") || text.contains(" ") {
            let numbers = text.dropFirst().split(separator: ";").compactMap { Int($0) }
            if letter == "h" { modes.formUnion(numbers) }
            if letter == "l" { modes.subtract(numbers) }
        } else {
            let numbers = text.split(separator: ";", omittingEmptySubsequences: false).map {
                Int($0) ?? 0
            }
            perform(letter, numbers)
        }
        return end - bytes.startIndex + 1
    }

    private mutating func perform(_ letter: Character, _ numbers: [Int]) {
        let n = max(1, numbers.first ?? 1)
        switch letter {
        case "A": move(x, y - n)
        case "B": move(x, y + n)
        case "C": move(x + n, y)
        case "D": move(x - n, y)
        case "G": move(n - 1, y)
        case "d": move(x, n - 1)
        case "H", "f": move((numbers.count > 1 ? max(1, numbers[1]) : 1) - 1, n - 1)
        case "J", "K": erase(letter, numbers.first ?? 0)
        case "X": for column in x..<min(width, x + n) { cells[y][column] = " " }
        case "P":
            cells[y].removeSubrange(x..<min(width, x + n))
            cells[y] += Array(repeating: " ", count: width - cells[y].count)
        case "@":
            cells[y].insert(contentsOf: Array(repeating: " ", count: n), at: x)
            cells[y] = Array(cells[y].prefix(width))
        case "L": scroll(-n, from: y)
        case "M": scroll(n, from: y)
        case "S": scroll(n)
        case "T": scroll(-n)
        case "Z": move((x - 1) / 8 * 8, y)
        case "b": for _ in 0..<n { put(last) }
        case "r":
            top = n - 1
            bottom = (numbers.count > 1 ? min(numbers[1], height) : height) - 1
            move(0, 0)
        case "m":
            for number in numbers {
                switch number {
                case 0: attributes = []
                case 39: attributes.subtract([30, 31, 32, 33, 34, 35, 36, 37, 38])
                case 49: attributes.subtract([40, 41, 42, 43, 44, 45, 46, 47, 48])
                default: attributes.insert(number)
                }
            }
        case "h", "l", "t", "n", "c", "q": break
        default: unknown.append("CSI \(numbers) \(letter)")
        }
    }

    private mutating func erase(_ letter: Character, _ how: Int) {
        let row = how == 0 ? x..<width : how == 1 ? 0..<(x + 1) : 0..<width
        for column in row { cells[y][column] = " " }
        guard letter == "J" else { return }
        let rows = how == 0 ? (y + 1)..<max(y + 1, height) : how == 1 ? 0..<y : 0..<height
        for other in rows { cells[other] = Array(repeating: " ", count: width) }
    }
}
