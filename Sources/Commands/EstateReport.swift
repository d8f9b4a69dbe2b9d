// What was found of each context: a table of one line each, worst known first beneath it, and JSON.
internal import ClusterModel
internal import JSON
internal import Settings
internal import Transport

/// How a whole estate stands.
struct EstateReport {
    private let entries: [EstateEntry]

    init(_ entries: [EstateEntry]) { self.entries = entries }

    /// Nothing was reached, not everything was, or all of it was: findings are no fault of the run.
    var code: ExitCode {
        let reached = entries.count { $0.isReached }
        if reached == entries.count, entries.allSatisfy(\.isWhole) { return .done }
        return reached == 0 ? .noCluster : .partial
    }

    // MARK: Text

    var lines: [String] {
        guard !entries.isEmpty else { return [] }
        let heads = ["context", "state", "critical", "warning", "notice", "brokers", "version"]
        var rows = [heads + ["cluster", "what"]]
        for entry in entries {
            let counts = ["critical", "warning", "notice"].map { name in
                entry.isReached ? "\(entry.count(name))" : "-"
            }
            rows.append(
                [entry.name, entry.state] + counts
                    + [
                        entry.isReached ? "\(entry.cluster.brokers.count)" : "-",
                        entry.isReached ? entry.version ?? "-" : "-",
                        entry.cluster.clusterID ?? "-", entry.sentence,
                    ])
        }
        let widths = heads.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, text in
                guard column < widths.count else { return text }
                let blank = String(repeating: " ", count: widths[column] - text.count)
                return (2...5).contains(column) ? blank + text : text + blank
            }
            return printable(cells.joined(separator: "  "))
        }
    }

    // MARK: JSON

    var document: JSONValue {
        .object([
            .init("schema", .string("highwater.contexts")),
            .init("schema_version", .string("1.0")),
            .init("taken_at", .string(WallTime(ms: LocalClock.wallMs).iso8601)),
            .init("contexts", .array(entries.map(Self.record))),
        ])
    }

    private static func record(_ entry: EstateEntry) -> JSONValue {
        func text(_ text: String?) -> JSONValue { text.map { .string(printable($0)) } ?? .null }
        let connection = entry.setup?.configuration.connection
        let worst = entry.isReached ? entry.worst : nil
        return .object([
            .init("name", .string(printable(entry.name))),
            .init("file", .string(printable(entry.path))),
            .init("state", .string(entry.state)),
            .init("reached", .bool(entry.isReached)),
            .init("complete", .bool(entry.isWhole)),
            .init("production", connection.map { .bool($0.isProduction) } ?? .null),
            .init("read_only", connection.map { .bool($0.isReadOnly) } ?? .null),
            .init("cluster_id", text(entry.cluster.clusterID)),
            .init("expected_cluster_id", text(connection?.expectedClusterID)),
            .init("coordination", text(entry.cluster.kind?.rawValue)),
            .init(
                "brokers",
                entry.isReached ? .integer(Int64(entry.cluster.brokers.count)) : .null),
            .init("kafka_version", text(entry.cluster.kafkaVersion)),
            .init(
                "findings",
                entry.isReached
                    ? .object(
                        Finding.Severity.allCases.reversed().map { severity in
                            .init(
                                severity.rawValue, .integer(Int64(entry.count(severity.rawValue))))
                        }) : .null),
            .init(
                "worst",
                worst.map {
                    .object([
                        .init("rule", .string($0.rule)), .init("text", text($0.text)),
                        .init("advice", text($0.advice)),
                    ])
                } ?? .null),
            .init("error", text(entry.error)),
        ])
    }
}

extension EstateEntry {
    var isReached: Bool { !cluster.brokers.isEmpty && error == nil }
    var isWhole: Bool { isReached && isFinished && cluster.failures.isEmpty }

    /// Why it counts as not reached; nil where it was.
    var error: String? {
        if let fault { return fault }
        if let sentence = cluster.otherClusterSentence { return sentence }
        if let warning = setup?.identityWarning(cluster.clusterID) { return warning }
        guard cluster.brokers.isEmpty else { return nil }
        return cluster.failures.first?.message ?? "no broker has answered in time"
    }

    func count(_ severity: String) -> Int {
        cluster.findings.count { $0.severity.rawValue == severity }
    }

    /// The findings stand worst first.
    var worst: Finding? { cluster.findings.first }

    /// One word for it.
    var state: String {
        if fault != nil { return "settings" }
        if cluster.otherClusterSentence != nil || setup?.identityWarning(cluster.clusterID) != nil {
            return "other"
        }
        guard isReached else { return "unreached" }
        if count("critical") > 0 { return "critical" }
        if count("warning") > 0 { return "warning" }
        return isWhole ? "ok" : "partial"
    }

    /// What should be read first of it.
    var sentence: String {
        if let error { return error }
        if let worst, worst.severity != .notice { return worst.text }
        return isWhole ? "" : cluster.failures.first?.message ?? "not everything in time"
    }

    /// "KRaft 4.3", as the console's title has it.
    var version: String? {
        cluster.kind.map { kind in
            (kind == .kraft ? "KRaft" : "ZooKeeper")
                + (cluster.kafkaVersion.map { " \($0)" } ?? "")
        }
    }
}
