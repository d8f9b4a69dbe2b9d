// A commit outside the log: beyond its end, as after a restore or where a topic was made anew, or
// below its start, where retention was faster than the consumers.

internal import ClusterModel

/// Groups that have committed where there is nothing to read.
enum OutsideCommits: Rule {
    static let entry = RuleEntry(
        "commits_outside_log", "commits outside the log", .warning, .groups,
        advice: "A consumer there goes where auto.offset.reset says; reset the group on purpose.")

    static func check(_ pass: HealthPass) -> [Finding] {
        let found = pass.cluster.groups.compactMap { group -> Finding? in
            guard let text = text(group) else { return nil }
            return finding(.group(group.id), text)
        }
        guard found.count > Limits.findingsEach else { return found }
        return [
            finding(
                .cluster, "\(plural(found.count, "group")) have commits outside the log",
                link: .rows)
        ]
    }

    private static func text(_ group: ConsumerGroup) -> String? {
        var (beyond, below) = (0, 0)
        var (records, lost) = (Int64(0), Int64(0))
        for offset in group.offsets ?? [] {
            if offset.beyondEnd > 0 {
                beyond += 1
                records = records.addingReportingOverflow(offset.beyondEnd).partialValue
            }
            // Its verdict tells it, once there is one.
            if offset.lost > 0, group.standing.verdict != .losingData {
                below += 1
                lost = lost.addingReportingOverflow(offset.lost).partialValue
            }
        }
        var parts: [String] = []
        if below > 0 {
            parts.append(
                "lost \(NumberFormat.count(lost)) records, deleted before it read them in "
                    + plural(below, "partition"))
        }
        if beyond > 0 {
            parts.append(
                "has committed \(NumberFormat.count(records)) records beyond the log's end in "
                    + plural(beyond, "partition"))
        }
        return parts.isEmpty ? nil : "group \(group.id) " + parts.joined(separator: " and ")
    }
}
