// The filter's language: words, `!` inverts, `re:` is a regular expression, `lag>1000` and `rack=a`
// ask a column. All terms must hold.

internal import ClusterModel

/// A text to look for in names.
struct Pattern: Sendable {
    private let needle: [UInt8]
    private let expression: SmallExpression?

    /// A plain text; capital and small letters are the same.
    init(_ text: String) {
        needle = text.utf8.map(Self.folded)
        expression = nil
    }
    init(expression: SmallExpression) {
        needle = []
        self.expression = expression
    }

    func matches(_ text: String) -> Bool {
        if let expression { return expression.matches(text) }
        return position(in: Array(text.utf8), from: 0) != nil
    }

    /// Whether `text` ends in the pattern.
    func endsIn(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= needle.count else { return false }
        return position(in: bytes, from: bytes.count - needle.count) != nil
    }

    /// "orders-17" asks for partition 17 of what ends in "orders", or for a name that has all of
    /// it.
    var partitionSuffix: (name: Pattern, digits: String)? {
        guard expression == nil, let dash = needle.lastIndex(of: 45) else { return nil }
        let digits = needle[(dash + 1)...]
        guard !digits.isEmpty, digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        return (
            Pattern(String(decoding: needle[..<dash], as: UTF8.self)),
            String(decoding: digits, as: UTF8.self)
        )
    }

    private func position(in text: [UInt8], from start: Int) -> Int? {
        if needle.isEmpty { return start }
        guard text.count >= needle.count else { return nil }
        var at = start
        while at <= text.count - needle.count {
            var offset = 0
            while offset < needle.count && Self.folded(text[at + offset]) == needle[offset] {
                offset += 1
            }
            if offset == needle.count { return at }
            at += 1
        }
        return nil
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        byte >= 65 && byte <= 90 ? byte + 32 : byte
    }
}

/// What the operator typed behind `/`, understood.
struct Filter: Sendable {
    enum Comparison: String, Sendable, CaseIterable {
        case atLeast = ">=", atMost = "<=", not = "!=", more = ">", less = "<", equal = "="
    }
    struct Term: Sendable {
        enum Kind: Sendable {
            case name(Pattern)
            case number(column: String, Comparison, Float)
            case word(column: String, String, isEqual: Bool)
            /// `rack=a` where no column says it.
            case facet(Facet, String, isEqual: Bool)
            /// `lag=?`: what is unknown.
            case unknown(column: String, isUnknown: Bool)
        }
        var kind: Kind
        var isInverted: Bool
    }
    let text: String
    private(set) var terms: [Term] = []
    /// Why the text cannot be understood; nil where it can.
    private(set) var fault: String?

    static let none = Filter("", columns: [])
    var isEmpty: Bool { text.isEmpty }

    /// Reads `text` for a table with these columns.
    init(_ text: String, columns: [Column]) {
        self.text = text
        for word in Filter.words(text, columns) {
            var rest = Substring(word)
            let isInverted = rest.hasPrefix("!") && rest.count > 1
            if isInverted { rest = rest.dropFirst() }
            switch Filter.term(String(rest), columns) {
            case .success(let kind): terms.append(Term(kind: kind, isInverted: isInverted))
            case .failure(let reason): fault = fault ?? reason.text
            }
        }
    }

    /// The terms of a text: blanks around an operator belong to it, and so do those in the head of
    /// a column ("worst lag > 10").
    private static func words(_ text: String, _ columns: [Column]) -> [String] {
        var words: [String] = []
        func isOperator(_ character: Character) -> Bool { "<>=".contains(character) }
        for part in text.split(separator: " ", omittingEmptySubsequences: true).map(String.init) {
            let isMore = part.first.map(isOperator) == true || part.hasPrefix("!=")
            if let last = words.last, !last.hasPrefix("re:"),
                isMore || last.last.map(isOperator) == true
            {
                words[words.count - 1] = last + part
            } else {
                words.append(part)
            }
        }
        let heads = columns.map { $0.title.lowercased() }.filter { $0.contains(" ") }
        guard !heads.isEmpty else { return words }
        var joined: [String] = []
        for word in words {
            let name = word.prefix { !isOperator($0) && $0 != "!" }.lowercased()
            let head = heads.first { head in
                let count = head.split(separator: " ").count
                guard name.count < word.count, joined.count >= count - 1 else { return false }
                return (joined.suffix(count - 1).map { $0.lowercased() } + [name])
                    .joined(separator: " ") == head
            }
            if let head {
                joined.removeLast(head.split(separator: " ").count - 1)
                joined.append(head + word.dropFirst(name.count))
            } else {
                joined.append(word)
            }
        }
        return joined
    }

    private struct Reason: Error {
        var text: String
    }

    private static func term(_ text: String, _ columns: [Column]) -> Result<Term.Kind, Reason> {
        if text == "!" || text == "re:" { return .success(.name(Pattern(""))) }
        if text.hasPrefix("re:") {
            return SmallExpression.read(String(text.dropFirst(3)))
                .map { .name(Pattern(expression: $0)) }.mapError { Reason(text: $0.text) }
        }
        guard let start = text.firstIndex(where: { "<>=!".contains($0) }), start > text.startIndex
        else { return .success(.name(Pattern(text))) }
        let name = text[..<start].lowercased()
        let rest = text[start...]
        guard let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) })
        else { return .success(.name(Pattern(text))) }
        let value = String(rest.dropFirst(comparison.rawValue.count))
        let isEquality = comparison == .equal || comparison == .not
        let named =
            columns.first { $0.id == name } ?? columns.first { $0.title.lowercased() == name }
        let asked = named.flatMap { $0.values == nil && $0.word == nil ? nil : $0 }
        if let facet = Facet(rawValue: String(name)), asked == nil, isEquality {
            if value.isEmpty { return .failure(Reason(text: "\(name): a value is missing")) }
            return .success(.facet(facet, value.lowercased(), isEqual: comparison == .equal))
        }
        guard let column = asked ?? named else {
            let known = columns.filter { $0.values != nil || $0.word != nil }.map(\.id)
            let facets = Facet.allCases.map(\.rawValue).filter { !known.contains($0) }
            return .failure(
                Reason(
                    text: "no column \(name): try "
                        + (known + facets).joined(separator: ", ")))
        }
        if value.isEmpty { return .failure(Reason(text: "\(name): a value is missing")) }
        if value == "?" && isEquality && column.values != nil {
            return .success(.unknown(column: column.id, isUnknown: comparison == .equal))
        }
        if column.values != nil, column.word == nil || !isEquality {
            guard let number = number(value) else {
                return .failure(Reason(text: "\(value) is no number (1000, 1.5K, 20M, 3G, 90s)"))
            }
            return .success(.number(column: column.id, comparison, number))
        }
        guard column.word != nil, isEquality else {
            return .failure(Reason(text: "\(name) takes = and != only"))
        }
        return .success(
            .word(column: column.id, value.lowercased(), isEqual: comparison == .equal))
    }

    /// 1000, 1.5K, 20M, 3G; 90s, 5m, 2h are seconds; 85% is 0.85.
    static func number(_ text: String) -> Float? {
        guard let last = text.unicodeScalars.last else { return nil }
        let scale: Float
        switch last {
        case "K", "k": scale = 1e3
        case "M": scale = 1e6
        case "G": scale = 1e9
        case "T": scale = 1e12
        case "s": scale = 1
        case "m": scale = 60
        case "h": scale = 3600
        case "d": scale = 86400
        case "%": scale = 0.01
        default: return Float(text).flatMap { $0.isFinite ? $0 : nil }
        }
        return Float(text.dropLast()).flatMap { $0.isFinite ? $0 * scale : nil }
    }

    /// The rows that all terms hold for.
    func apply(_ rows: [Int32], _ spec: TableSpec, _ scene: Scene) -> [Int32] {
        terms.reduce(rows) { left, term in
            let kept = keep(left, term.kind, spec, scene)
            guard term.isInverted else { return kept }
            let gone = Set(kept)
            return left.filter { !gone.contains($0) }
        }
    }

    private func keep(
        _ rows: [Int32], _ kind: Term.Kind, _ spec: TableSpec, _ scene: Scene
    ) -> [Int32] {
        switch kind {
        case .name(let pattern): return spec.matching(scene, rows, pattern)
        case .number(let name, let comparison, let wanted):
            guard let values = spec.column(name)?.values?(scene, rows) else { return rows }
            return zip(rows, values).filter { compare($1, comparison, wanted) }.map(\.0)
        case .facet(let facet, let wanted, let isEqual):
            return facet.keep(rows, spec, scene, wanted, isEqual: isEqual)
        case .unknown(let name, let isUnknown):
            guard let values = spec.column(name)?.values?(scene, rows) else { return rows }
            return zip(rows, values).filter { $1.isNaN == isUnknown }.map(\.0)
        case .word(let name, let wanted, let isEqual):
            guard let word = spec.column(name)?.word else { return rows }
            // A cell may list several words.
            return rows.filter {
                let text = word(scene, Int($0)).lowercased()
                return (text == wanted || text.split(separator: ",").contains { $0 == wanted })
                    == isEqual
            }
        }
    }

    /// Unknown compares with nothing.
    private func compare(_ value: Float, _ comparison: Comparison, _ wanted: Float) -> Bool {
        switch comparison {
        case .atLeast: value >= wanted
        case .atMost: value <= wanted
        case .more: value > wanted
        case .less: value < wanted
        case .equal: value == wanted
        case .not: !value.isNaN && value != wanted
        }
    }
}
