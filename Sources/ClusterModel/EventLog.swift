// What happened to the cluster while somebody looked: elections, brokers that came and went,
// leaders and ISRs that changed, configs. One log for all sources, newest last.

/// The newest events, oldest first, in bounded room.
package struct EventLog: Sendable {
    package private(set) var events: [ClusterEvent] = []
    /// Events ever appended.
    package private(set) var total: UInt64 = 0

    package init() {}

    /// Events that made room for newer ones.
    package var dropped: UInt64 { total - UInt64(events.count) }

    /// Appends an event; events keep the order in which they were learned.
    package mutating func append(_ event: ClusterEvent) {
        total += 1
        // Half at once, so that each append costs no move of the whole.
        if events.count >= Limits.events { events.removeFirst(Limits.events / 2) }
        var numbered = event
        numbered.number = total
        events.append(numbered)
    }

    /// The newest elections, newest last.
    package func newest(_ count: Int, of kind: ClusterEvent.Kind) -> [ClusterEvent] {
        var found: [ClusterEvent] = []
        for event in events.reversed() where event.kind == kind {
            found.append(event)
            if found.count == count { break }
        }
        return found.reversed()
    }
}
