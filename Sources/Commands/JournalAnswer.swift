// The journal as a command tells it: text for people, JSON for scripts.
internal import ClusterModel
internal import Export
internal import JSON
internal import Operations
internal import Planning
internal import Transport

/// Changes, and what the cluster says of them now where it was asked.
struct JournalAnswer {
    /// Oldest first.
    var records: [JournalRecord] = []
    /// Lines of the journal that cannot be read.
    var unreadable = 0
    /// What the cluster says of their values now, by the changes' ids; nil: it was not asked.
    var found: [String: [JournalEntry.Found]]?
    /// Why what it says is not written down; nil where it is.
    var unwritten: String?

    private var entries: [JournalEntry] {
        JournalReading(records: records, unreadable: unreadable).entries
    }

    // MARK: Text

    var lines: [String] {
        var lines: [String] = []
        for entry in entries { lines += self.lines(entry) }
        if let unwritten { lines.append("what was found is not written down: \(unwritten)") }
        if unreadable > 0 { lines.append("lines that cannot be read: \(unreadable)") }
        return lines
    }

    private func lines(_ entry: JournalEntry) -> [String] {
        let who = [entry.author.user, entry.author.sudoUser.map { "for \($0)" }]
            .compactMap { $0 }.joined(separator: " ")
        var lines = [
            printable(
                "\(entry.id)  \(LocalClock.stamp(wallMs: entry.atMs))  \(entry.state.rawValue)  "
                    + "\(entry.summary)" + (who.isEmpty ? "" : "  by \(who)"))
        ]
        if let note = entry.note { lines.append(printable("    note: \(note)")) }
        let shown = entry.values.prefix(Self.shownValues)
        lines += shown.map { value in
            printable(
                "    \(value.resource)  \(value.property)  \(value.before ?? "not set") -> "
                    + (value.after ?? "not set"))
        }
        if entry.values.count > shown.count {
            lines.append(
                "    and \(entry.values.count - shown.count) more (--format json has all)")
        }
        lines += counts(entry)
        lines += entry.results.filter { $0.outcome != .done }.prefix(Self.shownValues).map {
            result in
            let words = [result.error, result.message].compactMap { $0 }.joined(separator: " ")
            return printable(
                "    \(result.resource): \(result.outcome.words)"
                    + (words.isEmpty ? "" : ": \(words)"))
        }
        return lines + foundLines(entry)
    }

    /// "200 resources: 100 done, 50 unknown, 50 not sent"; nothing of a change of one.
    private func counts(_ entry: JournalEntry) -> [String] {
        guard entry.results.count > 1 else { return [] }
        let order: [JournalEntry.Result.Outcome] = [.done, .refused, .notDone, .unknown, .notSent]
        let told = order.compactMap { outcome -> String? in
            let count = entry.results.count { $0.outcome == outcome }
            return count == 0 ? nil : "\(count) \(outcome.words)"
        }
        return [
            "    \(counted(entry.results.count, "resource")): " + told.joined(separator: ", ")
        ]
    }

    /// What the cluster says of those of which the journal does not know what became.
    private func foundLines(_ entry: JournalEntry) -> [String] {
        guard let all = found else { return [] }
        guard let found = all[entry.id] else {
            return ["    now: its values could not be read: ask again when the cluster answers"]
        }
        var lines: [String] = []
        for (verdict, words) in [
            (JournalEntry.Found.Verdict.done, "was done"), (.notDone, "was not done"),
            (.other, "was changed by something else"),
        ] {
            let own = found.filter { $0.verdict == verdict }
            lines += own.prefix(Self.shownValues).map { value in
                printable(
                    "    now: \(value.resource)  \(value.property) is \(value.now ?? "not set"): "
                        + words)
            }
            if own.count > Self.shownValues {
                lines.append("    now: and \(own.count - Self.shownValues) more: \(words)")
            }
        }
        return lines
    }

    /// Values of one change in text.
    private static let shownValues = 20

    // MARK: JSON

    var document: JSONValue {
        var members: [JSONValue.Member] = [
            .init("schema", .string("highwater.journal")), .init("schema_version", .string("1.1")),
            .init("entries", .array(entries.map(document))),
            .init("unreadable", .integer(Int64(unreadable))),
        ]
        if found != nil {
            members.append(.init("written", .bool(unwritten == nil)))
            members.append(.init("not_written", .init(unwritten)))
        }
        return .object(members)
    }

    private func document(_ entry: JournalEntry) -> JSONValue {
        func values(_ value: (ValueChange) -> String?) -> JSONValue {
            .array(
                entry.values.map {
                    .object([
                        .init("resource", .string($0.resource)),
                        .init("property", .string($0.property)), .init("value", .init(value($0))),
                    ])
                })
        }
        var members: [JSONValue.Member] = [
            .init("id", .string(entry.id)), .init("at", .string(WallTime(ms: entry.atMs).iso8601)),
            .init("at_ms", .integer(entry.atMs)), .init("state", .string(entry.state.rawValue)),
            .init("cluster_id", .string(entry.clusterID)),
            .init("operation", .string(entry.operation)),
            .init("summary", .string(entry.summary)), .init("resource", .string(entry.resource)),
            .init("before", values(\.before)), .init("after", values(\.after)),
            .init("result", .array(entry.results.map(\.document))),
            .init("reason", .init(entry.reason)),
            .init("by_hand", .array(entry.byHand.map(JSONValue.string))),
            .init("note", .init(entry.note)), .init("user", .init(entry.author.user)),
            .init("sudo_user", .init(entry.author.sudoUser)),
            .init("ssh_connection", .init(entry.author.sshConnection)),
            .init("principal", .init(entry.author.principal)),
            .init("undo", .init(entry.noUndo ?? "highwater undo \(entry.id)")),
            .init("can_undo", .bool(entry.undo != nil)),
        ]
        if let found = found?[entry.id] {
            members.append(.init("now", .array(found.map(\.document))))
        }
        return .object(members)
    }
}

extension JournalEntry.Found {
    fileprivate var document: JSONValue {
        .object(
            [
                .init("resource", .string(resource)), .init("property", .string(property)),
                .init("value", .init(now)), .init("verdict", .string(verdict.rawValue)),
            ])
    }
}

extension JournalEntry.Result.Outcome {
    fileprivate var words: String {
        switch self {
        case .notSent: "not sent"
        case .notDone: "not done"
        case .done, .refused, .unknown: rawValue
        }
    }
}
