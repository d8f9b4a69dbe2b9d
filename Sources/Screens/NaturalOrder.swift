// Names in the order a person counts in: group2 before group10.

/// Whether `a` comes before `b` where runs of digits count as numbers; of names that are equal so
/// far the bytes decide.
func isBefore(_ a: String, _ b: String) -> Bool {
    var (left, right) = (a.utf8[...], b.utf8[...])
    while let x = left.first, let y = right.first {
        if isDigit(x), isDigit(y) {
            let (first, second) = (digits(&left), digits(&right))
            if first.count != second.count { return first.count < second.count }
            if let order = order(first, second) { return order }
        } else if x != y {
            return x < y
        } else {
            left.removeFirst()
            right.removeFirst()
        }
    }
    if left.isEmpty != right.isEmpty { return left.isEmpty }
    return a.utf8.lexicographicallyPrecedes(b.utf8)
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

/// Takes a number's digits off the front, without its leading zeros.
private func digits(_ text: inout Substring.UTF8View) -> Substring.UTF8View {
    let number = text.prefix(while: isDigit)
    text = text[number.endIndex...]
    return number.drop { $0 == 48 }
}

/// nil: they are the same.
private func order(_ a: Substring.UTF8View, _ b: Substring.UTF8View) -> Bool? {
    for (x, y) in zip(a, b) where x != y { return x < y }
    return nil
}

/// By place in `names`: its place in natural order; nil where that is the order they stand in.
func naturalRanks(_ names: [String]) -> [Int32]? {
    guard zip(names, names.dropFirst()).contains(where: { isBefore($1, $0) }) else { return nil }
    var ranks = Array(repeating: Int32(0), count: names.count)
    for (rank, place) in names.indices.sorted(by: { isBefore(names[$0], names[$1]) }).enumerated() {
        ranks[place] = Int32(truncatingIfNeeded: rank)
    }
    return ranks
}
