// What happened to the cluster while somebody looked: elections, brokers that came and went,
// leaders and ISRs that changed, configs. One log for all sources, newest last.

/// One thing that happened.
package struct ClusterEvent: Sendable, Equatable {
    /// Raw values are the names in snapshots.
    package enum Kind: String, CaseIterable, Sendable {
        /// A controller was elected, or the cluster lost the one it had.
        case election
        /// A broker registered or its registration went away.
        case registration
        /// Partitions got other leaders, or lost them.
        case leadership
        case isr
        case config
        case topic
        case reassignment
        /// A ZooKeeper server or a voter changed its role, or our own session its state.
        case coordinator
    }
    /// Grows by one with every event of a log.
    package internal(set) var number: UInt64 = 0
    package var at: WallTime
    /// When we learned of it.
    package var seenAt: Instant
    /// `at` is the cluster's own time (a znode's, a record's), not the moment we saw the change.
    package var isExact: Bool
    package var kind: Kind
    /// What it is about: `controller`, `broker 3`, `orders-17`, `orders`.
    package var subject: String
    package var text: String
    /// Who told: `Metadata`, `DescribeQuorum`, a znode's path.
    package var source: String
    /// Something was lost by it: shown with a mark.
    package var isLoss: Bool

    package init(
        at: WallTime, seenAt: Instant, isExact: Bool = false, kind: Kind, subject: String,
        text: String, source: String, isLoss: Bool = false
    ) {
        self.at = at
        self.seenAt = seenAt
        self.isExact = isExact
        self.kind = kind
        self.subject = subject
        self.text = text
        self.source = source
        self.isLoss = isLoss
    }
}

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
