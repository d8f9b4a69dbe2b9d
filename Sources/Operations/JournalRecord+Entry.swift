// What a record of the journal means for each resource, and what takes it back.
package import Planning

extension JournalRecord {
    /// The change as it is shown.
    package var entry: JournalEntry {
        let results = results
        var entry = JournalEntry(
            id: id, atMs: atMs, clusterID: clusterID, operation: operation, summary: summary,
            author: author, note: note, values: values, results: results, reason: endReason,
            byHand: byHand, state: state(results))
        // What was done, and what may have been: the facts of those are read before anything is.
        let done = Set(
            results.lazy.filter { $0.outcome == .done || $0.outcome == .unknown }.map(\.resource))
        guard let change else {
            entry.noUndo = "this version does not know \(operation)"
            return entry
        }
        guard !done.isEmpty else {
            entry.noUndo = "nothing of it was done"
            return entry
        }
        if let undo = Self.undo(change, of: done) {
            entry.undo = ChangeRequest(undo, isUndo: true)
        } else {
            entry.noUndo = "Kafka has no request that takes it back"
        }
        return entry
    }

    private static func undo(_ change: some Change, of done: Set<String>) -> (any Change)? {
        change.restricted { done.contains($0) }.undo
    }

    /// One for each resource, those first that were sent.
    private var results: [JournalEntry.Result] {
        var seen: Set<String> = []
        var results: [JournalEntry.Result] = []
        for step in steps {
            switch step {
            case .unknown(let resources):
                results += resources.map { .init($0, .unknown, message: Self.noAnswer) }
            case .failed(let resources, let reason, let wasSent):
                results += resources.map {
                    .init($0, wasSent ? .unknown : .notSent, message: reason)
                }
            case .answered(let outcomes):
                results += outcomes.map {
                    .init(
                        $0.resource,
                        $0.error == nil ? .done : $0.isUncertain ? .unknown : .refused,
                        error: $0.error, message: $0.message)
                }
            }
        }
        results = results.map(settled)
        for result in results { seen.insert(result.resource) }
        let all = change?.resources ?? values.map(\.resource)
        for resource in all where seen.insert(resource).inserted {
            results.append(.init(resource, .notSent, message: endReason))
        }
        return results
    }

    /// What the cluster said later, in place of "unknown".
    private func settled(_ result: JournalEntry.Result) -> JournalEntry.Result {
        guard result.outcome == .unknown else { return result }
        let own = found.filter { $0.resource == result.resource }
        guard !own.isEmpty else { return result }
        var result = result
        if own.allSatisfy({ $0.verdict == .done }) {
            result.outcome = .done
            result.message = "found so when the cluster was asked later"
        } else if own.allSatisfy({ $0.verdict == .notDone }) {
            result.outcome = .notDone
            result.message = "found as before when the cluster was asked later"
        } else {
            let values = own.map { "\($0.property) \($0.now ?? "not set")" }
            result.message = "found otherwise later: " + values.joined(separator: ", ")
        }
        return result
    }

    private static let noAnswer = "its request may have left, and nothing says what became of it"

    private func state(_ results: [JournalEntry.Result]) -> JournalEntry.State {
        guard isEnded || !found.isEmpty else { return .unfinished }
        if results.contains(where: { $0.outcome == .unknown }) { return .unknown }
        let done = results.count { $0.outcome == .done }
        return done == results.count ? .done : done == 0 ? .refused : .partly
    }
}
