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
        if let execution = change as? PlanExecution {
            var undo = execution.undo
            undo?.undoes = id
            entry.undo = undo.map { ChangeRequest($0, isUndo: true) }
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
        if let execution = change as? PlanExecution { return results(of: execution) }
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

    /// Of each partition what its newest request came to; requests for throttles are not told of.
    private func results(of execution: PlanExecution) -> [JournalEntry.Result] {
        var newest: [String: JournalEntry.Result] = [:]
        for step in steps {
            switch step {
            case .unknown(let resources):
                for name in resources {
                    newest[name] = .init(name, .unknown, message: Self.noAnswer)
                }
            case .failed(let resources, let reason, let wasSent):
                for name in resources where newest[name]?.outcome != .done {
                    newest[name] = .init(name, wasSent ? .unknown : .notSent, message: reason)
                }
            case .answered(let outcomes):
                for outcome in outcomes {
                    newest[outcome.resource] = .init(
                        outcome.resource, outcome.error == nil ? .done : .refused,
                        error: outcome.error, message: outcome.message)
                }
            }
        }
        return execution.resources.map {
            newest[$0] ?? .init($0, .notSent, message: endReason)
        }
    }

    private static let noAnswer = "its request may have left, and nothing says what became of it"

    private func state(_ results: [JournalEntry.Result]) -> JournalEntry.State {
        if change is PlanExecution {
            // The cluster itself was asked whether all is as it was to be.
            guard isEnded else { return .unfinished }
            if endReason == nil { return .done }
            return results.contains { $0.outcome == .done } ? .partly : .refused
        }
        guard isEnded || !found.isEmpty else { return .unfinished }
        if results.contains(where: { $0.outcome == .unknown }) { return .unknown }
        let done = results.count { $0.outcome == .done }
        return done == results.count ? .done : done == 0 ? .refused : .partly
    }
}
