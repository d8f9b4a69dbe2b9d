// Regular expressions for names, small and without backtracking: a pattern typed in haste must
// never hang the console, whatever it is.

/// Literals, `.`, `[a-z]`, `[^…]`, `\d \w \s`, `* + ?`, `|`, groups, `^` and `$`; matched by a set
/// of states in time proportional to text times pattern.
package struct SmallExpression: Sendable {
    package struct Fault: Error {
        package var text: String
    }
    private enum Step: Sendable {
        case scalar(Unicode.Scalar)
        case any
        case set([ClosedRange<UInt32>], isInverted: Bool)
        case start, end
        /// Goes on at both places.
        case split(Int, Int)
        case jump(Int)
        case match
    }
    private indirect enum Tree {
        case step(Step)
        case sequence([Tree])
        case choice([Tree])
        case repeated(Tree, least: Int, isOnce: Bool)
    }
    private var steps: [Step] = []
    private let isCaseSensitive: Bool
    private static let longest = 200

    package static func read(_ text: String) -> Result<SmallExpression, Fault> {
        guard text.unicodeScalars.count <= longest else {
            return .failure(Fault(text: "the expression is longer than \(longest)"))
        }
        var reader = Reader(scalars: Array(text.unicodeScalars))
        do throws(Fault) {
            let tree = try reader.choice()
            if reader.at < reader.scalars.count { throw Fault(text: "a ) too many") }
            var made = SmallExpression(
                isCaseSensitive: text.unicodeScalars.contains { $0.properties.isUppercase })
            made.emit(tree)
            made.steps.append(.match)
            return .success(made)
        } catch {
            return .failure(error)
        }
    }

    private init(isCaseSensitive: Bool) { self.isCaseSensitive = isCaseSensitive }

    /// Whether the expression matches anywhere in `text`.
    package func matches(_ text: String) -> Bool {
        let folded = isCaseSensitive ? text : text.lowercased()
        let scalars = Array(folded.unicodeScalars)
        var current: [Int] = []
        var listed = [Int](repeating: -1, count: steps.count)
        for position in 0...scalars.count {
            var next: [Int] = []
            add(0, to: &current, &listed, position, scalars.count)
            var index = 0
            while index < current.count {
                let state = current[index]
                index += 1
                if case .match = steps[state] { return true }
                if position < scalars.count, takes(steps[state], scalars[position]) {
                    next.append(state + 1)
                }
            }
            current = []
            for state in next {
                add(state, to: &current, &listed, position + 1, scalars.count)
            }
        }
        return false
    }

    /// Adds a state and all it leads to without taking a scalar; `listed` holds the position at
    /// which each state was last added.
    private func add(
        _ first: Int, to list: inout [Int], _ listed: inout [Int], _ position: Int, _ end: Int
    ) {
        var waiting = [first]
        while let state = waiting.popLast() {
            if listed[state] == position { continue }
            listed[state] = position
            switch steps[state] {
            case .jump(let to): waiting.append(to)
            case .split(let a, let b): waiting += [b, a]
            case .start: if position == 0 { waiting.append(state + 1) }
            case .end: if position == end { waiting.append(state + 1) }
            default: list.append(state)
            }
        }
    }

    private func takes(_ step: Step, _ scalar: Unicode.Scalar) -> Bool {
        switch step {
        case .scalar(let wanted): scalar == wanted
        case .any: true
        case .set(let ranges, let isInverted):
            ranges.contains { $0.contains(scalar.value) } != isInverted
        default: false
        }
    }

    private mutating func emit(_ tree: Tree) {
        switch tree {
        case .step(let step): steps.append(step)
        case .sequence(let parts): for part in parts { emit(part) }
        case .choice(let parts):
            var ends: [Int] = []
            for (index, part) in parts.enumerated() {
                let split = steps.count
                if index < parts.count - 1 { steps.append(.split(split + 1, 0)) }
                emit(part)
                if index < parts.count - 1 {
                    ends.append(steps.count)
                    steps.append(.jump(0))
                    steps[split] = .split(split + 1, steps.count)
                }
            }
            for end in ends { steps[end] = .jump(steps.count) }
        case .repeated(let part, let least, let isOnce):
            let start = steps.count
            if least == 0 { steps.append(.split(start + 1, 0)) }
            let body = steps.count
            emit(part)
            if !isOnce {
                if least == 0 {
                    steps.append(.jump(start))
                } else {
                    steps.append(.split(body, steps.count + 1))
                }
            }
            if least == 0 { steps[start] = .split(start + 1, steps.count) }
        }
    }

    private struct Reader {
        let scalars: [Unicode.Scalar]
        var at = 0
        var depth = 0

        mutating func choice() throws(Fault) -> Tree {
            depth += 1
            if depth > 20 { throw Fault(text: "groups nest too deep") }
            defer { depth -= 1 }
            var parts = [try sequence()]
            while at < scalars.count && scalars[at] == "|" {
                at += 1
                parts.append(try sequence())
            }
            return parts.count == 1 ? parts[0] : .choice(parts)
        }

        mutating func sequence() throws(Fault) -> Tree {
            var parts: [Tree] = []
            while at < scalars.count && scalars[at] != "|" && scalars[at] != ")" {
                var part = try atom()
                if at < scalars.count, "*+?".unicodeScalars.contains(scalars[at]) {
                    let sign = scalars[at]
                    part = .repeated(part, least: sign == "+" ? 1 : 0, isOnce: sign == "?")
                    at += 1
                }
                parts.append(part)
            }
            return .sequence(parts)
        }

        mutating func atom() throws(Fault) -> Tree {
            let scalar = scalars[at]
            at += 1
            switch scalar {
            case ".": return .step(.any)
            case "^": return .step(.start)
            case "$": return .step(.end)
            case "*", "+", "?": throw Fault(text: "nothing stands before \(scalar)")
            case "[": return .step(try set())
            case "(":
                let inner = try choice()
                guard at < scalars.count && scalars[at] == ")" else {
                    throw Fault(text: "a ( is not closed")
                }
                at += 1
                return inner
            case "\\": return .step(try escape())
            default: return .step(.scalar(scalar))
            }
        }

        mutating func escape() throws(Fault) -> Step {
            guard at < scalars.count else { throw Fault(text: "nothing stands behind \\") }
            let scalar = scalars[at]
            at += 1
            switch scalar {
            case "d": return .set([48...57], isInverted: false)
            case "w": return .set([48...57, 65...90, 95...95, 97...122], isInverted: false)
            case "s": return .set([9...13, 32...32], isInverted: false)
            default: return .scalar(scalar)
            }
        }

        mutating func set() throws(Fault) -> Step {
            var ranges: [ClosedRange<UInt32>] = []
            let isInverted = at < scalars.count && scalars[at] == "^"
            if isInverted { at += 1 }
            var isFirst = true
            while at < scalars.count && (scalars[at] != "]" || isFirst) {
                isFirst = false
                let low = scalars[at].value
                at += 1
                if at + 1 < scalars.count && scalars[at] == "-" && scalars[at + 1] != "]" {
                    let high = scalars[at + 1].value
                    if high < low { throw Fault(text: "a range in [ ] runs backwards") }
                    ranges.append(low...high)
                    at += 2
                } else {
                    ranges.append(low...low)
                }
            }
            guard at < scalars.count else { throw Fault(text: "a [ is not closed") }
            at += 1
            return .set(ranges, isInverted: isInverted)
        }
    }
}
