// Small numbers for things that come and go: the columns of `History`. A number is used again after
// its owner is gone, and says since when it has its present owner, so that no series is inherited.

/// Hands out slots. Keys are incarnations: a topic made anew under its old name is another key.
/// What is called for each topic is inlinable: a generic table of another module is ten times as
/// slow.
package struct SlotTable<Key: Hashable & Sendable>: Sendable {
    @usableFromInline var slots: [Key: Int] = [:]
    @usableFromInline var free: [Int] = []
    /// By slot: since when its present owner has it; `.never` for the first owner.
    @usableFromInline package internal(set) var since: [Instant] = []

    package init() {}

    /// How many slots were ever needed at once: the length of an array by slot.
    package var count: Int { since.count }

    /// The slot of `key`, a new one where it has none.
    @inlinable
    package mutating func slot(of key: Key, at now: Instant) -> Int {
        if let slot = slots[key] { return slot }
        let slot: Int
        if let old = free.popLast() {
            slot = old
            since[slot] = now
        } else {
            slot = since.count
            // Nobody's samples are here to be inherited.
            since.append(.never)
        }
        slots[key] = slot
        return slot
    }

    /// Makes room once for so many keys.
    package mutating func reserve(_ count: Int) { slots.reserveCapacity(count) }

    /// Gives the key's slot back.
    @inlinable
    package mutating func release(_ key: Key) {
        if let slot = slots.removeValue(forKey: key) { free.append(slot) }
    }

    /// The owner goes on under another key: a topic whose id was not known before.
    @inlinable
    package mutating func move(_ key: Key, to next: Key) {
        guard key != next, slots[next] == nil, let slot = slots.removeValue(forKey: key) else {
            return
        }
        slots[next] = slot
    }

    /// Gives back the slots of all keys but these.
    package mutating func keep(only keys: Set<Key>) {
        for key in slots.keys where !keys.contains(key) { release(key) }
    }

    /// Begins the key's series anew in the slot it has: its topic was truncated or made again where
    /// the cluster is too old to tell incarnations apart.
    package mutating func renew(_ key: Key, at now: Instant) {
        if let slot = slots[key] { since[slot] = now }
    }
}

/// A topic's identity across deletion and re-creation.
package struct TopicIncarnation: Hashable, Sendable {
    package var name: String
    package var id: TopicID?
    package init(name: String, id: TopicID?) {
        self.name = name
        self.id = id
    }
}
