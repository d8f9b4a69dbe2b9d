// What is wrong in a file people edit, and where: all faults of a file, not only the first.

/// One fault of a configuration, with the place in its file. Prints as `file:line:column: message`.
package struct SettingsFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// From 1; 0 when the fault belongs to no line.
    package let line: Int
    /// From 1, in characters.
    package let column: Int
    package let message: String

    package init(file: String, line: Int = 0, column: Int = 0, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    package var description: String {
        line == 0 ? "\(file): \(message)" : "\(file):\(line):\(column): \(message)"
    }
}

/// The candidate that a misspelt `name` most likely meant, or nil when none is close.
package func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
    let typed = Array(name.lowercased().unicodeScalars)
    var best: (distance: Int, name: String)?
    for candidate in candidates {
        let distance = editDistance(typed, Array(candidate.lowercased().unicodeScalars))
        if best.map({ distance < $0.distance }) ?? true {
            best = (distance, candidate)
        }
    }
    guard let best, best.distance <= min(Limits.hintDistance, max(1, typed.count / 2)) else {
        return nil
    }
    return best.name
}

/// `: did you mean X?`, or nothing.
package func hint(for name: String, among candidates: some Sequence<String>) -> String {
    nearestName(to: name, among: candidates).map { ": did you mean \($0)?" } ?? ""
}

/// Levenshtein's distance.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    if a == b { return 0 }
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var row = Array(0...b.count)
    for i in 1...a.count {
        var diagonal = row[0]
        row[0] = i
        for j in 1...b.count {
            let substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)
            diagonal = row[j]
            row[j] = min(substituted, row[j] + 1, row[j - 1] + 1)
        }
    }
    return row[b.count]
}
