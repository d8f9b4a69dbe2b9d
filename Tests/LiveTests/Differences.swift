// Collects what differs between a snapshot and the truth, so that one wrong fact does not hide the
// next hundred and a comparison of nothing cannot pass.
import Testing

/// Facts compared so far and those that differ.
struct Differences {
    private(set) var found: [String] = []
    private(set) var comparedCount = 0

    /// `what` names the fact; `got` is the product's.
    mutating func compare<T: Equatable>(_ what: @autoclosure () -> String, _ got: T, _ truth: T) {
        comparedCount += 1
        if got != truth { found.append("\(what()): \(got), in truth \(truth)") }
    }

    mutating func require(_ condition: Bool, _ what: @autoclosure () -> String) {
        comparedCount += 1
        if !condition { found.append(what()) }
    }

    /// Fails the test with the first differences, or if fewer than `atLeast` facts were compared.
    func expectNone(
        atLeast: Int, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(
            found.isEmpty,
            "\(what): \(found.count) of \(comparedCount) differ: \(found.prefix(15))",
            sourceLocation: sourceLocation)
        #expect(
            comparedCount >= atLeast, "\(what): only \(comparedCount) facts were compared",
            sourceLocation: sourceLocation)
    }
}
