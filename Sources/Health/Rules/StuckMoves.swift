// A replica that is being added to a broker that does not answer, or that gets nothing for minutes:
// such a reassignment does not end by itself.

internal import ClusterModel

/// Reassignments that stand.
enum StuckMoves: Rule {
    static let entry = RuleEntry(
        "reassignment_stuck", "reassignments stuck", .warning, .partitions,
        advice:
            "Bring the target back, raise a throttle that is below what is written, or cancel the "
            + "reassignment with kafka-reassign-partitions.sh --cancel.")

    static func check(_ pass: HealthPass) -> [Finding] {
        let cluster = pass.cluster
        var byBroker: [Int32: (count: Int, first: Int, isGone: Bool, since: Instant?)] = [:]
        for move in pass.stuckMoves {
            var entry = byBroker[move.broker] ?? (0, move.row, move.isGone, move.since)
            entry.count += 1
            byBroker[move.broker] = entry
        }
        return byBroker.sorted { $0.key < $1.key }.map { id, stuck in
            let key = cluster.key(ofRow: stuck.first)
            let what =
                stuck.count == 1
                ? "the move of \(key) to broker \(id)"
                : "\(plural(stuck.count, "move")) to broker \(id)"
            let why = stuck.isGone ? "does not answer" : "gets nothing"
            let does = stuck.count == 1 ? "stands" : "stand"
            return finding(
                .broker(BrokerID(id)), "\(what) \(does): the new replica's broker \(why)",
                link: stuck.count == 1 ? .object(.partition(key)) : .subject, since: stuck.since,
                evidence: [.init("partitions", stuck.count)])
        }
    }
}
