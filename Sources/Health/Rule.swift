// What a rule is: an entry that says what it is called and how bad it is, and a check that makes
// findings of a cluster. A rule is one file in `Rules` and one line in `allRules`.

package import ClusterModel

/// What is said of a rule, for the strip, keys, exports and help.
package struct RuleEntry: Sendable {
    /// What the rule judges; decides where its rows are shown.
    package enum Rows: Sendable {
        case brokers, partitions, groups, logDirs, coordinator, none
        /// The list of findings itself.
        case findings
    }
    /// Where the rule's count stands in the health strip.
    package struct StripPlace: Sendable {
        /// 1 to 8, the worst first; also its key.
        package var number: Int
        /// Its name where room is short, and where there is next to none.
        package var short: String
        package var tiny: String
        /// It stands in the strip only where there are any.
        package var isQuiet: Bool
        package init(_ number: Int, short: String, tiny: String, isQuiet: Bool = false) {
            self.isQuiet = isQuiet
            self.number = number
            self.short = short
            self.tiny = tiny
        }
    }
    /// As snapshots and filters name it.
    package var name: String
    /// As the strip and titles name it.
    package var title: String
    package var severity: Finding.Severity
    package var rows: Rows
    package var strip: StripPlace?
    /// The strip's place whose key leads on to this rule's rows when it is pressed again.
    package var behind: Int?
    /// Work that goes on rather than a fault.
    package var isWork: Bool
    /// How the cluster is made: listed among what is wrong, and not on the overview.
    package var isStanding: Bool
    /// What to do about it, in a sentence.
    package var advice: String
    /// The keys that do it, pressed on the finding's line; nil: there are none, and Enter leads to
    /// what it speaks of.
    package var keys: String?

    package init(
        _ name: String, _ title: String, _ severity: Finding.Severity, _ rows: Rows,
        strip: StripPlace? = nil, behind: Int? = nil, isWork: Bool = false,
        isStanding: Bool = false,
        advice: String, keys: String? = nil
    ) {
        self.name = name
        self.title = title
        self.severity = severity
        self.rows = rows
        self.strip = strip
        self.behind = behind
        self.isWork = isWork
        self.isStanding = isStanding
        self.advice = advice
        self.keys = keys
    }
}

/// One thing that can be wrong with a cluster.
package protocol Rule: Sendable {
    static var entry: RuleEntry { get }
    /// How many there are, for the strip; nil while that is not known.
    static func count(_ pass: HealthPass) -> Int?
    /// What is wrong, in the order of the rows.
    static func check(_ pass: HealthPass) -> [Finding]
}

extension Rule {
    package static func count(_ pass: HealthPass) -> Int? { nil }

    /// A finding of this rule.
    static func finding(
        _ subject: ObjectID, _ text: String, severity: Finding.Severity? = nil,
        link: Finding.Link = .subject, since: Instant? = nil, detail: String = "",
        advice: String? = nil, cost: Finding.Cost = Finding.Cost(),
        evidence: [Finding.Evidence] = []
    ) -> Finding {
        var finding = Finding(
            FindingID(entry.name, subject, detail: detail), severity ?? entry.severity, text,
            advice: advice ?? entry.advice, link: link, since: since)
        finding.key = entry.keys ?? (link == .nothing ? nil : "Enter")
        finding.isStanding = entry.isStanding
        finding.cost = cost
        finding.evidence = evidence
        return finding
    }
}

/// A rule that judges each partition by itself. `holds` is the one predicate: the strip counts by
/// it, screens and exports filter by it, "faults only" means it.
package protocol PartitionRule: Rule {
    /// Whether the rule holds for a partition; nil where that is not known.
    static func holds(_ facts: PartitionFacts, _ scope: RowScope) -> Bool?
    /// Whether its count is known at all.
    static func isKnown(_ cluster: Cluster) -> Bool
    /// Rules that say all there is to say of a partition for which they hold as well.
    static var yieldsTo: [any PartitionRule.Type] { get }
    /// What is said of one partition, where there are few; nil: only their number is told.
    static func sentence(_ view: PartitionView) -> String?
    /// What is said of many.
    static func summary(_ count: Int) -> String
    /// Whether writers stop where it holds.
    static var stopsWrites: Bool { get }
}

extension PartitionRule {
    package static var stopsWrites: Bool { false }
    package static func isKnown(_ cluster: Cluster) -> Bool { cluster.knowsPartitions }
    package static var yieldsTo: [any PartitionRule.Type] { [] }
    package static func sentence(_ view: PartitionView) -> String? { nil }

    package static func count(_ pass: HealthPass) -> Int? {
        isKnown(pass.cluster) ? pass.found(Self.self).count : nil
    }

    /// The count where each row is judged by something that is told of one topic after the other:
    /// some are known as soon as one is; that there are none, only when all was told.
    static func countAsFarAsKnown(_ pass: HealthPass) -> Int? {
        let count = pass.found(Self.self).count
        return count > 0 || isKnown(pass.cluster) ? count : nil
    }

    package static func check(_ pass: HealthPass) -> [Finding] {
        let found = pass.found(Self.self)
        guard found.told > 0 else { return [] }
        if found.told <= Limits.findingsEach {
            let each = found.rows.compactMap { row -> Finding? in
                let view = pass.cluster.partition(row)
                let cost = Finding.Cost(
                    unwritable: stopsWrites ? 1 : 0, recordsPerSecond: view.recordsPerSecond ?? 0)
                return sentence(view).map {
                    finding(
                        .partition(view.key), $0, cost: cost,
                        evidence: [
                            .init("in_sync", view.isr.count),
                            .init("replicas", view.replicas.count),
                        ])
                }
            }
            if !each.isEmpty { return each }
        }
        let cost = Finding.Cost(unwritable: stopsWrites ? found.told : 0)
        return [
            finding(
                .cluster, summary(found.told), link: .rows, cost: cost,
                evidence: [.init("partitions", found.told)])
        ]
    }
}
