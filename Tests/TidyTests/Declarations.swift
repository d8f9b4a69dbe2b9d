// Declarations of the product that nothing in the product uses.

/// A name that the product declares, and where.
private struct Declaration {
    var name: Substring
    var path: String
    var line: Int
}

/// Names that the product declares and never says again. What only tests use is such a name too:
/// it belongs to the tests. A name that the language or the standard library says for us
/// (`hash(into:)`), and the case of an enum that is made from a raw value, need no other use.
///
/// - Parameter exempt: names that stand without a use for a reason written beside them.
func idleDeclarations(_ files: [SourceFile], exempt: Set<String>) -> [Finding] {
    var uses: [Substring: Int] = [:]
    for file in files {
        for token in file.tokens where token.isWord { uses[token.text, default: 0] += 1 }
    }
    let declared = files.flatMap(declarations)
    var declarations: [Substring: Int] = [:]
    for declaration in declared { declarations[declaration.name, default: 0] += 1 }
    return declared.filter { declaration in
        uses[declaration.name, default: 0] <= declarations[declaration.name, default: 0]
            && !saidByTheLanguage.contains(declaration.name)
            && !exempt.contains(String(declaration.name))
    }.map { Finding(path: $0.path, line: $0.line, text: "nothing uses \($0.name)") }
}

private let saidByTheLanguage: Set<Substring> = [
    "main", "hash", "description", "debugDescription", "makeIterator", "next", "appendLiteral",
    "appendInterpolation", "stringInterpolation", "init", "subscript", "encode", "id", "rawValue",
    "allCases", "underestimatedCount", "index", "startIndex", "endIndex", "wrappedValue",
    "dynamicMember", "Element", "Index", "Iterator", "Body", "Failure", "_", "deinit",
    "AllCases", "RawValue", "ArrayLiteralElement", "StringLiteralType", "IntegerLiteralType",
]

private func declarations(_ file: SourceFile) -> [Declaration] {
    let tokens = file.tokens
    var found: [Declaration] = []
    func add(_ index: Int) {
        found.append(
            Declaration(name: tokens[index].text, path: file.path, line: tokens[index].line))
    }
    /// For every open brace: whether cases within belong to an enum made from raw values.
    var braces: [Bool] = []
    var isNextRaw = false
    for (index, token) in tokens.enumerated() where index + 1 < tokens.count {
        switch token.text {
        case "{":
            braces.append(isNextRaw)
            isNextRaw = false
        case "}": _ = braces.popLast()
        case "func", "struct", "class", "protocol", "typealias", "actor", "associatedtype":
            if isDeclaration(tokens, index), tokens[index + 1].isWord { add(index + 1) }
        case "enum":
            guard isDeclaration(tokens, index), tokens[index + 1].isWord else { break }
            add(index + 1)
            isNextRaw = index + 2 < tokens.count && tokens[index + 2].text == ":"
        case "let", "var":
            if isProperty(tokens, index), tokens[index + 1].isWord { add(index + 1) }
        case "case":
            guard isEnumCase(tokens, index), braces.last != true else { break }
            for name in caseNames(tokens, index + 1) { add(name) }
        default: break
        }
    }
    return found
}

private func isDeclaration(_ tokens: [Token], _ index: Int) -> Bool {
    index == 0 || ![".", "(", ","].contains(tokens[index - 1].text) || tokens[index].text == "func"
}

/// Whether the `let` or `var` declares a property or a variable of its own, not a binding of a
/// pattern (`if let`, `case .a(let b)`).
private func isProperty(_ tokens: [Token], _ index: Int) -> Bool {
    guard index > 0 else { return true }
    let before = tokens[index - 1].text
    return !["if", "guard", "while", ",", "(", "case", "for", "catch", "&", "import"]
        .contains(before)
}

/// Whether the `case` stands in an enum: names or payloads follow, no pattern.
private func isEnumCase(_ tokens: [Token], _ index: Int) -> Bool {
    guard index > 0, !["if", "guard", "while", ",", "for"].contains(tokens[index - 1].text),
        tokens[index + 1].isWord,
        !["let", "var", "is", "nil", "true", "false"]
            .contains(tokens[index + 1].text)
    else { return false }
    if tokens[index + 1].text.first?.isNumber == true { return false }
    // A case of a switch ends with a colon before the next line's statement.
    var depth = 0
    for next in (index + 1)..<tokens.count {
        switch tokens[next].text {
        case "(", "[": depth += 1
        case ")", "]": depth -= 1
        case ":" where depth == 0: return false
        case "case", "}", "{", "func", "var", "let", "static", "package", "init", "private":
            if depth == 0 { return true }
        default: break
        }
    }
    return true
}

/// The places of the names after a `case` of an enum.
private func caseNames(_ tokens: [Token], _ start: Int) -> [Int] {
    var names = [start]
    var depth = 0
    for index in (start + 1)..<tokens.count {
        switch tokens[index].text {
        case "(", "[": depth += 1
        case ")", "]": depth -= 1
        case "," where depth == 0: names.append(index + 1)
        default:
            if depth == 0, tokens[index].isWord, tokens[index - 1].text != ",",
                tokens[index - 1].text != "="
            {
                return names
            }
            if depth < 0 || tokens[index].text == "}" { return names }
        }
    }
    return names
}
