// The way of one partition from the replicas that it has to those that it is to have: one new
// replica at a time, so that a leader feeds one, and at least as many stay in sync as before.

/// The next assignment on the way of one partition.
enum MoveStep {
    /// - Parameters:
    ///   - now: its replicas, without those that a move under way is adding.
    ///   - after: what it is to have in the end, in order.
    /// - Returns: `after` itself where one step does it.
    static func next(
        now: [Int32], inSync: [Int32], leader: Int32?, after: [Int32]
    ) -> [Int32] {
        let missing = after.filter { !now.contains($0) }
        guard missing.count > 1 else { return after }
        let coming = missing[0]
        // Whoever is out of sync goes first, the leader last.
        let leaving = now.filter { !after.contains($0) }
            .min { weight($0, inSync, leader) < weight($1, inSync, leader) }
        guard let leaving else { return now + [coming] }
        return now.map { $0 == leaving ? coming : $0 }
    }

    private static func weight(_ broker: Int32, _ inSync: [Int32], _ leader: Int32?) -> Int {
        if broker == leader { return 2 }
        return inSync.contains(broker) ? 1 : 0
    }

    /// The same replicas with this one first: what lets Kafka elect it.
    static func turned(_ replicas: [Int32], first: Int32) -> [Int32] {
        [first] + replicas.filter { $0 != first }
    }
}
