// What is wrong, as the screens say it: the findings of the rules of Health.

internal import ClusterModel
internal import JSON

extension Snapshot {
    func writeFindings(to writer: inout JSONWriter) {
        writer.key("findings")
        writer.openArray()
        for finding in cluster.findings where !writer.hasFailed {
            writer.openRecord()
            writer.field("rule", finding.rule)
            writer.field("severity", finding.severity.rawValue)
            writer.key("subject")
            writer.openObject()
            writer.field("kind", finding.subject.kind)
            writer.field("name", finding.subject.name)
            writer.closeObject()
            // What was there when we began to look has begun at a time that nobody knows.
            writer.field("since", finding.isSinceStart ? nil : wall(finding.since)?.iso8601)
            writer.field("count", finding.count)
            writer.field("text", finding.text)
            writer.field("advice", finding.advice)
            writer.closeObject()
        }
        writer.closeArray()
    }

    /// When something was, by the clock on the wall; nil for never.
    func wall(_ moment: Instant?) -> WallTime? {
        guard let age = moment.flatMap({ cluster.ageSeconds($0) }) else { return nil }
        return WallTime(ms: cluster.takenAtWall.ms &- Int64(min(age, 1e9) * 1000))
    }
}
