// What a command that changes a cluster says: the proposal, and what became of it for each
// resource. One value, as text for people and as JSON for scripts.
internal import JSON
internal import Operations
internal import Planning
internal import Transport

/// A proposal and what became of it.
struct ChangeAnswer {
    /// Raw values are the document's.
    enum State: String {
        case proposed
        /// All is as it was asked for already.
        case unchanged
        case done, partly, refused, unknown
        /// A process of its own carries it out.
        case detached
    }

    let review: Review
    let clusterID: String
    var state = State.proposed
    /// Of the journal's entry; nil: nothing was written down.
    var id: String?
    /// Why nothing was sent.
    var refusal: String?
    var results: [JournalEntry.Result] = []
    /// Why requests were left out.
    var reason: String?

    init(_ review: Review, _ clusterID: String) {
        self.review = review
        self.clusterID = clusterID
    }

    /// Nothing differs from what was asked for, and nothing was left out.
    var isIdle: Bool {
        let proposal = review.proposal
        return proposal.change.differences.isEmpty && proposal.skipped.isEmpty
            && (proposal.refusal == nil || proposal.isSettled)
    }

    /// Takes in what became of it; the journal knows more than the outcomes: what was left out.
    mutating func end(_ outcomes: [StepOutcome], _ reason: String?, _ entry: JournalEntry?) {
        self.reason = reason
        results =
            entry?.results
            ?? outcomes.map {
                .init(
                    $0.resource, $0.error == nil ? .done : .refused, error: $0.error,
                    message: $0.message)
            }
        if entry?.operation == PlanExecution.kind {
            // The cluster was asked what became of it; single requests say less.
            let isPartly = results.contains { $0.outcome == .done }
            state = reason == nil ? .done : isPartly ? .partly : .refused
            return
        }
        let done = results.count { $0.outcome == .done }
        state =
            results.contains { $0.outcome == .unknown }
            ? .unknown : done == results.count ? .done : done == 0 ? .refused : .partly
    }

    // MARK: Text

    var lines: [String] {
        var lines: [String] = []
        if state == .proposed || refusal != nil || state == .unchanged {
            lines += proposalLines
        } else {
            lines.append(printable(review.proposal.change.summary) + ": \(state.rawValue)")
        }
        let isPlan = review.proposal.change is PlanExecution
        for result in results where !isPlan || result.outcome != .done {
            let words = [result.outcome.rawValue, result.error, result.message]
            lines.append(printable("  \(result.resource): " + joined(words)))
        }
        if let reason {
            lines.append(printable(isPlan ? reason : "not all was sent: \(reason)"))
        }
        if let id { lines.append("journal: \(id)") }
        return lines
    }

    private func joined(_ words: [String?]) -> String {
        words.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Values of a plan that are shown as text.
    private static let shownValues = 200

    private var proposalLines: [String] {
        let proposal = review.proposal
        var lines = [printable(proposal.change.summary), "cluster \(printable(clusterID))"]
        if state == .unchanged { lines.append("nothing to do: all is so already") }
        let counts = proposal.counts.map { "\($0.noun) \($0.count)" }
        if !counts.isEmpty { lines.append(counts.joined(separator: "   ")) }
        lines += proposal.notes.map { printable($0) }
        let rows = proposal.rows
        let shown = proposal.change is PlanExecution ? rows.prefix(Self.shownValues) : rows[...]
        lines += shown.map { value in
            printable(
                "  \(value.resource)  \(value.property)  \(value.before ?? "not set") -> "
                    + (value.after ?? "not set"))
        }
        if rows.count > shown.count {
            lines.append("  and \(rows.count - shown.count) more values (--format json has all)")
        }
        lines += proposal.skipped.map {
            printable("  \($0.resource) stays as it is: \($0.reason)")
        }
        lines += proposal.warnings.map { printable("warning: \($0)") }
        lines += proposal.notes.map { printable("note: \($0)") }
        if state != .unchanged {
            let undo = proposal.change.undo?.summary
            lines.append("to take it back: " + printable(undo ?? "Kafka has no request for that"))
            lines.append("the same by hand:")
            lines += review.byHand.map { "  " + $0 }
        }
        if let refusal { lines.append(printable("refused: \(refusal)")) }
        return lines
    }

    // MARK: JSON

    var document: JSONValue {
        let proposal = review.proposal
        return .object([
            .init("schema", .string("highwater.change")), .init("schema_version", .string("1.1")),
            .init("state", .string(state.rawValue)), .init("id", .init(id)),
            .init("cluster_id", .string(clusterID)),
            .init("operation", .string(type(of: proposal.change).kind)),
            .init("summary", .string(proposal.change.summary)),
            .init("values", .array(proposal.change.differences.map(\.document))),
            .init("preview", .array(proposal.preview.map(\.document))),
            .init(
                "counts",
                .object(proposal.counts.map { .init($0.noun, .integer(Int64($0.count))) })),
            .init(
                "skipped",
                .array(
                    proposal.skipped.map {
                        .object([
                            .init("resource", .string($0.resource)),
                            .init("reason", .string($0.reason)),
                        ])
                    })),
            .init("warnings", .array(proposal.warnings.map(JSONValue.string))),
            .init("notes", .array(proposal.notes.map(JSONValue.string))),
            .init("refusal", .init(refusal)), .init("confirmation", .string(review.phrase)),
            .init("undo", .init(proposal.change.undo?.summary)),
            .init("by_hand", .array(review.byHand.map(JSONValue.string))),
            .init("results", .array(results.map(\.document))), .init("reason", .init(reason)),
        ])
    }
}

extension JSONValue {
    init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }
}

extension ValueChange {
    var document: JSONValue {
        .object([
            .init("resource", .string(resource)), .init("property", .string(property)),
            .init("before", .init(before)), .init("after", .init(after)),
        ])
    }
}

extension JournalEntry.Result {
    var document: JSONValue {
        .object([
            .init("resource", .string(resource)), .init("outcome", .string(outcome.rawValue)),
            .init("error", .init(error)), .init("message", .init(message)),
        ])
    }
}
