// What somebody works on: told for as long as it lasts, with what is wrong because of it beneath.

internal import ClusterModel

/// Objects in maintenance.
enum InMaintenance: Rule {
    static let entry = RuleEntry(
        "maintenance", "in maintenance", .notice, .findings,
        strip: .init(3, short: "maint", tiny: "mnt", isQuiet: true), isWork: true,
        advice: "What is wrong because of it is counted and not cried. It ends by itself; Ctrl-x "
            + "on it ends it now.",
        keys: "Ctrl-x")

    static func count(_ pass: HealthPass) -> Int? { pass.cluster.maintenance.entries.count }

    static func check(_ pass: HealthPass) -> [Finding] {
        let now = pass.cluster.takenAtWall
        return pass.cluster.maintenance.entries.map { one in
            let age = Double(max(0, now.ms &- one.since.ms)) / 1_000
            let ns = UInt64(min(age, 1e9) * 1e9)
            let taken = pass.cluster.takenAt.ns
            return finding(
                one.object, "\(one.object) is in maintenance \(one.words(at: now))",
                since: ns < taken ? Instant(ns: taken - ns) : nil,
                evidence: [
                    .init("seconds_left", (max(0, one.until.ms &- now.ms) + 999) / 1_000)
                ])
        }
    }
}
