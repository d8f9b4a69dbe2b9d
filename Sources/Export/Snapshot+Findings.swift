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
            writer.field("key", finding.key)
            writer.field("last_seen", wall(finding.lastSeen)?.iso8601)
            writer.field("unwritable_partitions", finding.cost.unwritable)
            writer.field(
                "records_per_second", Int64(exactly: finding.cost.recordsPerSecond.nearestWhole))
            writer.key("evidence")
            writer.openObject()
            for fact in finding.evidence {
                writer.key(fact.name)
                if let whole = Int64(exactly: fact.value) {
                    writer.value(whole)
                } else {
                    writer.value(fact.value)
                }
            }
            writer.closeObject()
            writeCause(of: finding, to: &writer)
            writer.field("in_maintenance", finding.isInMaintenance)
            writer.closeObject()
        }
        writer.closeArray()
        writeMaintenance(to: &writer)
        writer.key("limits")
        writer.openObject()
        for threshold in cluster.thresholds.changed {
            writer.key(threshold.entry.name)
            writer.value(cluster.thresholds[threshold])
        }
        writer.closeObject()
    }

    /// What somebody works on: findings because of it are notices.
    private func writeMaintenance(to writer: inout JSONWriter) {
        writer.key("maintenance")
        writer.openArray()
        for entry in cluster.maintenance.entries {
            writer.openRecord()
            writer.field("kind", entry.object.kind)
            writer.field("name", entry.object.name)
            writer.field("by", entry.by)
            writer.field("since", entry.since.iso8601)
            writer.field("until", entry.until.iso8601)
            writer.field("note", entry.note)
            writer.closeObject()
        }
        writer.closeArray()
    }

    /// The finding it follows from, as rule and subject; null: it stands for itself.
    private func writeCause(of finding: Finding, to writer: inout JSONWriter) {
        writer.key("caused_by")
        guard let cause = finding.cause else { return writer.null() }
        writer.openObject()
        writer.field("rule", cause.rule)
        writer.field("kind", cause.subject.kind)
        writer.field("name", cause.subject.name)
        writer.closeObject()
    }

    /// When something was, by the clock on the wall; nil for never.
    func wall(_ moment: Instant?) -> WallTime? {
        guard let age = moment.flatMap({ cluster.ageSeconds($0) }) else { return nil }
        return WallTime(ms: cluster.takenAtWall.ms &- Int64(min(age, 1e9) * 1000))
    }
}
