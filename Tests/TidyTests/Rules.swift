// The house rules, each a function from source files to the places that break it.
import Foundation

/// What breaks a rule, with its place.
struct Finding: Equatable, CustomStringConvertible {
    var path: String
    /// From 1; 0 for the whole file.
    var line = 0
    var text: String

    /// The file and line alone.
    var place: String { "\(path):\(line)" }
    var module: Substring {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? parts[1] : parts.first ?? ""
    }
    var description: String { line > 0 ? "\(path):\(line): \(text)" : "\(path): \(text)" }
}

/// The modules that the file imports, in every form the language has: with attributes, with an
/// access level, of one declaration.
func imports(_ file: SourceFile) -> [(module: Substring, line: Int)] {
    let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "func", "let", "var", "typealias", "actor",
    ]
    var found: [(module: Substring, line: Int)] = []
    for (index, token) in file.tokens.enumerated() where token.text == "import" {
        // `.import` and `import:` are names.
        if index > 0, file.tokens[index - 1].text == "." { continue }
        var next = index + 1
        if next < file.tokens.count, kinds.contains(file.tokens[next].text) { next += 1 }
        guard next < file.tokens.count, file.tokens[next].isWord else { continue }
        found.append((file.tokens[next].text, token.line))
    }
    return found
}

/// Imports that the table of arrows does not allow, and modules that the table does not know.
func strangeArrows(_ files: [SourceFile], _ allowed: [String: Set<String>]) -> [Finding] {
    files.flatMap { file -> [Finding] in
        guard let arrows = allowed[file.module] else {
            return [
                Finding(
                    path: file.path, text: "module \(file.module) is not in the table of arrows")
            ]
        }
        return imports(file).filter { !arrows.contains(String($0.module)) }.map {
            Finding(
                path: file.path, line: $0.line, text: "\(file.module) may not import \($0.module)")
        }
    }
}

/// Arrows of the table that no import follows.
func idleArrows(_ files: [SourceFile], _ allowed: [String: Set<String>]) -> [Finding] {
    var followed: [String: Set<String>] = [:]
    for file in files {
        followed[file.module, default: []].formUnion(imports(file).map { String($0.module) })
    }
    return allowed.keys.sorted().flatMap { module in
        (allowed[module] ?? []).subtracting(followed[module] ?? []).sorted().map {
            Finding(path: module, text: "no file imports \($0)")
        }
    }
}

/// Files that are too long or do not say what they are for.
func unreadableFiles(_ files: [SourceFile]) -> [Finding] {
    files.flatMap { file -> [Finding] in
        var found: [Finding] = []
        if file.lines.count > Limits.fileLines + 1 {
            found.append(Finding(path: file.path, text: "\(file.lines.count) lines"))
        }
        let first = file.lines.first ?? ""
        if !first.hasPrefix("//") && !first.hasPrefix("import") {
            found.append(Finding(path: file.path, text: "does not say what it is for"))
        }
        return found
    }
}

func longLines(_ files: [SourceFile]) -> [Finding] {
    files.flatMap { file in
        file.lines.enumerated().filter { $0.element.count > Limits.lineColumns }.map {
            Finding(path: file.path, line: $0.offset + 1, text: "\($0.element.count) columns")
        }
    }
}

/// Text that no source may hold, and the files that may for a reason written there.
struct BannedText {
    var text: String
    var exempt: Set<String> = []
}

func bannedText(_ files: [SourceFile], _ rules: [BannedText]) -> [Finding] {
    files.flatMap { file in
        file.lines.enumerated().flatMap { index, line in
            rules.filter { rule in
                line.contains(rule.text) && !rule.exempt.contains(String(file.name))
                    && !line.drop(while: { $0 == " " }).hasPrefix("//")
            }.map { Finding(path: file.path, line: index + 1, text: $0.text) }
        }
    }
}

/// A lock whose whole value is a closure: `Locked` says why not.
func lockedClosures(_ files: [SourceFile]) -> [Finding] {
    files.flatMap { file in
        file.lines.enumerated().filter { _, line in
            guard let at = line.range(of: "Locked<") else { return false }
            let value = line[at.upperBound...]
            return !value.hasPrefix("[") && value.contains("->")
        }.map {
            Finding(
                path: file.path, line: $0.offset + 1,
                text: "a closure is the whole value of a Locked")
        }
    }
}

/// Text that names a folder of somebody's machine: it is true there and nowhere else.
func machinePaths(_ path: String, _ text: String) -> [Finding] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.enumerated().compactMap { index, line in
        machineFolders.first { folder in
            guard let at = line.range(of: folder) else { return false }
            // "~/work/" and "a/work/" are parts of other paths.
            guard at.lowerBound > line.startIndex else { return true }
            let before = line[line.index(before: at.lowerBound)]
            return !before.isLetter && !before.isNumber && !"~._-$})".contains(before)
        }.map { Finding(path: path, line: index + 1, text: "names \($0)") }
    }
}

private let machineFolders = ["work", "root", "home", "Users", "farm", "opt", "mnt"].map {
    "/\($0)/"
}

/// Functions whose braces are too far apart.
func longFunctions(_ files: [SourceFile]) -> [Finding] {
    files.flatMap { file in
        functions(file).filter { $0.lines > Limits.functionLines }.map {
            Finding(path: file.path, line: $0.line, text: "\($0.name) has \($0.lines) lines")
        }
    }
}

/// Every function, initialiser and subscript with a body: its name, first line and length.
func functions(_ file: SourceFile) -> [(name: Substring, line: Int, lines: Int)] {
    let tokens = file.tokens
    var found: [(name: Substring, line: Int, lines: Int)] = []
    for (index, token) in tokens.enumerated() {
        let isFunction = token.text == "func" || token.text == "init" || token.text == "subscript"
        guard isFunction, index + 1 < tokens.count else { continue }
        // `self.init(…)`, `.init`: a call.
        if index > 0, [".", "\\"].contains(tokens[index - 1].text) { continue }
        guard let open = bodyStart(tokens, index + 1), let close = closing(tokens, open) else {
            continue
        }
        let name = token.text == "func" ? tokens[index + 1].text : token.text
        found.append((name, token.line, tokens[close].line - token.line + 1))
    }
    return found
}

/// The brace that opens the body of the function whose head goes on at `start`; nil where the head
/// ends without one, as in a protocol.
private func bodyStart(_ tokens: [Token], _ start: Int) -> Int? {
    let declarations: Set<Substring> = [
        "func", "var", "let", "init", "case", "static", "mutating", "package", "private", "struct",
        "extension", "enum", "class", "import", "typealias", "associatedtype", "subscript",
    ]
    var depth = 0
    for index in start..<tokens.count {
        switch tokens[index].text {
        case "(", "[": depth += 1
        case ")", "]": depth -= 1
        case "{" where depth == 0: return index
        case "}" where depth == 0: return nil
        default:
            if depth == 0, index > start, declarations.contains(tokens[index].text) { return nil }
        }
        if depth < 0 { return nil }
    }
    return nil
}

private func closing(_ tokens: [Token], _ open: Int) -> Int? {
    var depth = 0
    for index in open..<tokens.count {
        if tokens[index].text == "{" { depth += 1 }
        if tokens[index].text == "}" {
            depth -= 1
            if depth == 0 { return index }
        }
    }
    return nil
}

/// Golden files in a folder that no test gives to `GoldenFolder`, which compares every file of its
/// folder and finds those that nothing draws.
func uncomparedGoldens(_ paths: [String], _ tests: [SourceFile]) -> [Finding] {
    let compared = Set(
        tests.flatMap { file in
            file.lines.compactMap { line -> String? in
                guard let at = line.range(of: "GoldenFolder(\"") else { return nil }
                return "Tests/" + line[at.upperBound...].prefix { $0 != "\"" }
            }
        })
    return paths.filter { path in
        path.contains("/Golden/") && path.split(separator: "/").last?.contains(".") == true
            && !compared.contains(path.split(separator: "/").dropLast().joined(separator: "/"))
    }.map { Finding(path: $0, text: "no test compares this golden file") }
}

/// What the limits of the rules are, in lines and columns.
private enum Limits {
    static let fileLines = 400
    static let lineColumns = 100
    static let functionLines = 70
}
