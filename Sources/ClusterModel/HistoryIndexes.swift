// Small numbers for things that come and go: the columns of `History`. A number is used again after
// its owner is gone, and says since when it has its present owner, so that no series is inherited.

/// Hands out history indexes. The owner keeps its number; a topic made anew under its old name is
/// another owner.
package struct HistoryIndexes: Sendable {
    private var free: [Int] = []
    /// By history index: since when its present owner has it; `.never` for the first owner.
    package private(set) var since: [Instant] = []

    package init() {}

    /// How many history indexes were ever needed at once: the length of an array by history index.
    package var count: Int { since.count }

    /// A history index for a new owner.
    package mutating func take(at now: Instant) -> Int {
        if let historyIndex = free.popLast() {
            since[historyIndex] = now
            return historyIndex
        }
        // Nobody's samples are here to be inherited.
        since.append(.never)
        return since.count - 1
    }

    /// Gives back the history index of an owner that is gone.
    package mutating func giveBack(_ historyIndex: Int) { free.append(historyIndex) }
}
