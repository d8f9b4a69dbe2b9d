// A source file as the rules read it: its lines, and its tokens without comments.
import Foundation

/// One Swift file of the package.
struct SourceFile {
    /// Relative to the top of the package.
    var path: String
    /// The folder below Sources or Tests; "Themes" for the target of that name.
    var module: String
    var lines: [Substring]
    var tokens: [Token]

    init(path: String, text: String) {
        let parts = path.split(separator: "/")
        self.path = path
        module = parts.count > 2 ? String(parts[1]) : parts.first.map(String.init) ?? ""
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        tokens = Token.all(in: text)
    }

    var name: Substring { path.split(separator: "/").last ?? "" }
}

/// The top of the package.
let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// Every file below `folder`, in the order of the paths; build products and hidden files are not
/// among them.
func files(under folder: String) -> [String] {
    let base = packageRoot.appendingPathComponent(folder)
    let all = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
    return (all ?? []).sorted().map { "\(folder)/\($0)" }
}

func text(of path: String) -> String? {
    try? String(contentsOf: packageRoot.appendingPathComponent(path), encoding: .utf8)
}

/// The Swift files below `folder`, read.
func sources(under folder: String) -> [SourceFile] {
    files(under: folder).filter { $0.hasSuffix(".swift") }.compactMap { path in
        text(of: path).map { SourceFile(path: path, text: $0) }
    }
}

/// A word or a mark of Swift source. Comments are none; of a string literal only what stands in
/// its interpolations is.
struct Token: Equatable {
    var text: Substring
    /// From 1.
    var line: Int

    var isWord: Bool { text.utf8.first.map(Self.isWordByte) ?? false }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || (byte | 0x20 >= 97 && byte | 0x20 <= 122)
            || (byte >= 48 && byte <= 57)
    }

    static func all(in text: String) -> [Token] {
        var scanner = Scanner(text)
        scanner.scan(until: nil)
        return scanner.tokens
    }

    /// Walks over the bytes of a file once.
    private struct Scanner {
        let text: String
        let bytes: [UInt8]
        var place = 0
        var line = 1
        var tokens: [Token] = []

        init(_ text: String) {
            self.text = text
            bytes = Array(text.utf8)
        }

        func byte(_ offset: Int = 0) -> UInt8? {
            place + offset < bytes.count ? bytes[place + offset] : nil
        }

        func starts(with mark: String) -> Bool { bytes[place...].starts(with: mark.utf8) }

        mutating func step(_ count: Int = 1) {
            for _ in 0..<count {
                if byte() == UInt8(ascii: "\n") { line += 1 }
                place += 1
            }
        }

        /// Reads tokens to the end, or to the parenthesis that ends an interpolation.
        mutating func scan(until end: UInt8?) {
            var depth = 0
            while let next = byte() {
                if starts(with: "//") {
                    while let next = byte(), next != UInt8(ascii: "\n") { step() }
                } else if starts(with: "/*") {
                    skipComment()
                } else if next == UInt8(ascii: "\"") || isRawString {
                    skipString()
                } else if Token.isWordByte(next) {
                    let start = place
                    while let next = byte(), Token.isWordByte(next) { place += 1 }
                    add(from: start)
                } else if next <= 0x20 {
                    step()
                } else {
                    if next == UInt8(ascii: "(") { depth += 1 }
                    if next == UInt8(ascii: ")") {
                        if end != nil && depth == 0 { return step() }
                        depth -= 1
                    }
                    place += 1
                    add(from: place - 1)
                }
            }
        }

        private mutating func add(from start: Int) {
            let utf8 = text.utf8
            let low = utf8.index(utf8.startIndex, offsetBy: start)
            tokens.append(
                Token(text: text[low..<utf8.index(low, offsetBy: place - start)], line: line))
        }

        private mutating func skipComment() {
            var depth = 0
            repeat {
                if starts(with: "/*") {
                    depth += 1
                    step(2)
                } else if starts(with: "*/") {
                    depth -= 1
                    step(2)
                } else {
                    step()
                }
            } while depth > 0 && byte() != nil
        }

        private var isRawString: Bool {
            guard byte() == UInt8(ascii: "#") else { return false }
            var offset = 1
            while byte(offset) == UInt8(ascii: "#") { offset += 1 }
            return byte(offset) == UInt8(ascii: "\"")
        }

        private mutating func skipString() {
            let start = place
            while byte() == UInt8(ascii: "#") { place += 1 }
            let hashes = String(repeating: "#", count: place - start)
            let quote = starts(with: "\"\"\"") ? "\"\"\"" : "\""
            place += quote.count
            let interpolation = "\\\(hashes)("
            while byte() != nil {
                if starts(with: quote + hashes) { return place += quote.count + hashes.count }
                if starts(with: interpolation) {
                    place += interpolation.count
                    scan(until: UInt8(ascii: ")"))
                } else if hashes.isEmpty && byte() == UInt8(ascii: "\\") {
                    step(2)
                } else {
                    step()
                }
            }
        }
    }
}
