// Small numbers for things that come and go: the columns of `History`. A number is used again after
// its owner is gone, and says since when it has its present owner, so that no series is inherited.

/// Hands out slots. The owner keeps its number; a topic made anew under its old name is another
/// owner.
package struct Slots: Sendable {
    private var free: [Int] = []
    /// By slot: since when its present owner has it; `.never` for the first owner.
    package private(set) var since: [Instant] = []

    package init() {}

    /// How many slots were ever needed at once: the length of an array by slot.
    package var count: Int { since.count }

    /// A slot for a new owner.
    package mutating func take(at now: Instant) -> Int {
        if let slot = free.popLast() {
            since[slot] = now
            return slot
        }
        // Nobody's samples are here to be inherited.
        since.append(.never)
        return since.count - 1
    }

    /// Gives back the slot of an owner that is gone.
    package mutating func giveBack(_ slot: Int) { free.append(slot) }
}
