// What `check` says: of the rules, and of brokers that might be stopped; as text, as JSON, and as
// the one line of a monitoring plugin.
internal import ClusterModel
internal import Export
internal import Health
internal import JSON
internal import Transport

/// What the rules found.
struct CheckAnswer {
    let cluster: Cluster
    /// All that was asked was answered.
    let isWhole: Bool
    var findings: [Finding] = []
    /// Those that were asked for, in the order of concern.
    var rules: [String] = []

    init(_ cluster: Cluster, isWhole: Bool) {
        self.cluster = cluster
        self.isWhole = isWhole
    }

    /// What is in maintenance, and what follows from it, is counted by itself.
    private func count(_ severity: Finding.Severity) -> Int {
        findings.count { $0.severity == severity && !isWorkedOn($0) }
    }

    private func isWorkedOn(_ finding: Finding) -> Bool {
        finding.isInMaintenance || finding.rule == "maintenance"
    }

    /// What is known to be wrong comes first; that nothing is wrong must be known.
    var code: ExitCode {
        if count(.critical) > 0 { return .critical }
        if count(.warning) > 0 { return .warning }
        return isWhole ? .done : .unknown
    }

    private var state: String { code.state }

    private var shortly: String {
        let counts = [Finding.Severity.critical, .warning, .notice].compactMap { severity in
            let count = count(severity)
            return count > 0 ? "\(count) \(severity.rawValue)" : nil
        }
        let found = counts.isEmpty ? "nothing found wrong" : counts.joined(separator: ", ")
        let worked = cluster.maintenance.entries.count
        return worked > 0 ? found + ", \(worked) in maintenance" : found
    }

    private var gap: String? {
        guard !isWhole else { return nil }
        return cluster.failures.first?.message ?? "Not everything was answered in time."
    }

    func lines(from least: Finding.Severity) -> [String] {
        var lines = ["\(state.uppercased()): \(shortly), of \(rules.count) rules"]
        for finding in findings where finding.severity >= least && finding.rule != "maintenance" {
            lines.append("\(finding.severity.rawValue)  \(finding.rule)  \(finding.text)")
            if !finding.advice.isEmpty { lines.append("    \(finding.advice)") }
        }
        for entry in cluster.maintenance.entries {
            lines.append("in maintenance  \(entry.object)  \(entry.words(at: cluster.takenAtWall))")
        }
        if let gap { lines.append("not all is known: \(gap)") }
        return lines.map(printable)
    }

    /// The counts of the health strip are the performance data; what is not known is `U`.
    var pluginLine: String {
        let severity = findings.map(\.severity).max()
        let worst = findings.first { $0.severity == severity }
        let text = worst.map { ": \($0.text)" } ?? gap.map { ": \($0)" } ?? ""
        let data = stripRules.filter { rules.contains($0.name) }.map { entry in
            "\(entry.name)=\(cluster.counts[entry.name].map(String.init) ?? "U")"
        }
        let line = "KAFKA \(state.uppercased()) - \(shortly)\(text)"
        // A bar ends the text.
        return printable(line.replacing("|", with: "/"))
            + (data.isEmpty ? "" : " | " + data.joined(separator: " "))
    }

    /// One finding, under the names that snapshots have.
    private static func record(_ finding: Finding) -> JSONValue {
        func named(_ id: ObjectID) -> [JSONValue.Member] {
            [.init("kind", .string(id.kind)), .init("name", .string(id.name))]
        }
        func number(_ value: Double) -> JSONValue {
            Int64(exactly: value).map(JSONValue.integer) ?? .number(value)
        }
        let cause = finding.cause.map { cause in
            JSONValue.object([.init("rule", .string(cause.rule))] + named(cause.subject))
        }
        return .object([
            .init("rule", .string(finding.rule)),
            .init("severity", .string(finding.severity.rawValue)),
            .init("subject", .object(named(finding.subject))),
            .init("text", .string(finding.text)),
            .init("advice", .string(finding.advice)),
            .init("key", finding.key.map(JSONValue.string) ?? .null),
            .init("unwritable_partitions", .integer(Int64(finding.cost.unwritable))),
            .init("records_per_second", number(finding.cost.recordsPerSecond.nearestWhole)),
            .init(
                "evidence",
                .object(finding.evidence.map { .init($0.name, number($0.value)) })),
            .init("caused_by", cause ?? .null),
            .init("in_maintenance", .bool(finding.isInMaintenance)),
        ])
    }

    private static func record(_ entry: Maintenance.Entry) -> JSONValue {
        .object([
            .init("kind", .string(entry.object.kind)), .init("name", .string(entry.object.name)),
            .init("by", .string(entry.by)), .init("since", .string(entry.since.iso8601)),
            .init("until", .string(entry.until.iso8601)), .init("note", .string(entry.note)),
        ])
    }

    func document(from least: Finding.Severity) -> JSONValue {
        let bad = Set(findings.map(\.rule))
        return .object([
            .init("schema", .string("highwater.check")),
            .init("schema_version", .string("1.0")),
            .init("cluster_id", cluster.clusterID.map(JSONValue.string) ?? .null),
            .init("taken_at", .string(cluster.takenAtWall.iso8601)),
            .init("state", .string(state)),
            .init("complete", .bool(isWhole)),
            .init(
                "counts",
                .object(
                    Finding.Severity.allCases.reversed().map {
                        .init($0.rawValue, .integer(Int64(count($0))))
                    } + [.init("rules_ok", .integer(Int64(rules.count { !bad.contains($0) })))])),
            .init(
                "findings",
                .array(
                    findings.filter { $0.severity >= least }.map { finding in
                        Self.record(finding)
                    })),
            .init("maintenance", .array(cluster.maintenance.entries.map(Self.record))),
            .init(
                "limits",
                .object(
                    cluster.thresholds.changed.map {
                        .init($0.entry.name, .number(cluster.thresholds[$0]))
                    })),
            .init(
                "errors", .array(cluster.failures.map { .string($0.message) })),
        ])
    }
}

extension ExitCode {
    /// What monitoring plugins call their exit codes.
    package static let warning = ExitCode(rawValue: 1)
    package static let critical = ExitCode(rawValue: 2)
    package static let unknown = ExitCode(rawValue: 3)

    var state: String {
        switch self {
        case .done: "ok"
        case .warning: "warning"
        case .critical: "critical"
        default: "unknown"
        }
    }
}

/// Whether brokers may be stopped now, and what it would cost.
struct StoppageAnswer {
    let stoppage: Stoppage
    let cluster: Cluster
    var isSafe: Bool?
    /// The racks that were asked about by name; `isAll`: no broker was named besides.
    private let racks: [String]
    private let isAll: Bool

    init(_ stoppage: Stoppage, _ cluster: Cluster, racks: [String] = [], isAll: Bool = false) {
        (self.racks, self.isAll) = (racks, isAll)
        self.stoppage = stoppage
        self.cluster = cluster
        isSafe = stoppage.isSafe
    }

    var code: ExitCode { isSafe == true ? .done : isSafe == false ? .critical : .unknown }
    var word: String { code.state.uppercased() }

    private var subject: String {
        let ids = stoppage.brokers.map { "\($0)" }.joined(separator: ", ")
        let brokers = "\(stoppage.brokers.count == 1 ? "broker" : "brokers") \(ids)"
        guard !racks.isEmpty else { return brokers }
        let names = "\(racks.count == 1 ? "rack" : "racks") \(racks.joined(separator: ", "))"
        return isAll ? "\(names) (\(brokers))" : "\(names) and what was named besides (\(brokers))"
    }

    var sentence: String {
        let verdict =
            isSafe == true
            ? "\(subject) may be stopped now"
            : isSafe == false
                ? "\(subject) may not be stopped now"
                : "it is not known whether \(subject) may be stopped now"
        let reasons = stoppage.reasons(cluster)
        let why = isSafe == nil && reasons.isEmpty ? ["not everything was answered"] : reasons
        return printable(
            (isSafe == true ? [verdict] : [verdict] + why).joined(separator: "; "))
    }

    /// "leads 40 partitions: 3 +21, 2 +19".
    private var moves: String? {
        guard stoppage.led > 0 else { return nil }
        let gains = stoppage.gains(cluster).map { "broker \($0.broker) +\($0.leaders)" }
        let rest = gains.isEmpty ? "" : ": " + gains.joined(separator: ", ")
        return "would move \(plural(stoppage.led, "leader"))\(rest)"
    }

    var lines: [String] {
        var lines = ["\(word): \(sentence)"]
        if let moves { lines.append("  " + moves) }
        if stoppage.groups > 0 {
            lines.append("  would load \(plural(stoppage.groups, "group")) elsewhere")
        }
        return lines
    }

    var document: JSONValue {
        func partitions(_ rows: [Int]) -> JSONValue {
            .array(rows.map { .string("\(cluster.key(ofRow: $0))") })
        }
        return .object([
            .init("schema", .string("highwater.check")),
            .init("schema_version", .string("1.0")),
            .init("cluster_id", cluster.clusterID.map(JSONValue.string) ?? .null),
            .init("taken_at", .string(cluster.takenAtWall.iso8601)),
            .init("state", .string(code.state)),
            .init("brokers", .array(stoppage.brokers.map { .integer(Int64($0.value)) })),
            .init("racks", .array(racks.map { .string($0) })),
            .init("safe_to_stop", isSafe.map(JSONValue.bool) ?? .null),
            .init("leaderless", partitions(stoppage.leaderless)),
            .init("under_min_isr", partitions(stoppage.underMinISR)),
            .init("min_isr_unknown", .integer(Int64(stoppage.unknown))),
            .init("quorum_left", stoppage.hasQuorum.map(JSONValue.bool) ?? .null),
            .init("leaders_moved", .integer(Int64(stoppage.led))),
            .init("groups_moved", .integer(Int64(stoppage.groups))),
            .init("sentence", .string(sentence)),
        ])
    }
}
