// What is asked of the cluster before a change is reviewed and after it was made.
internal import KafkaClient
package import Planning

extension Operator {
    /// Requests that change the cluster may leave.
    package var mayWrite: Bool { session.writes == .allowed }

    /// Whether a change is checked by `prepare` before its review.
    package static func checks(_ proposal: Proposal) -> Bool {
        guard proposal.refusal == nil, proposal.missingRight == nil,
            let operation = proposal.change as? any Operation
        else {
            return false
        }
        return type(of: operation).isChecked
    }

    /// Reads the facts of what is proposed and asks Kafka whether it would take it; `report` is
    /// called on the loop's thread with the proposal as it is then.
    package func prepare(
        _ proposal: Proposal, report: @escaping @Sendable (Proposal) -> Void
    ) {
        session.run { [self] client in
            guard let operation = proposal.change as? any Operation else {
                return report(proposal)
            }
            correct(operation, proposal, client, report)
        }
    }

    private func correct<Change: Operation>(
        _ operation: Change, _ proposal: Proposal, _ client: KafkaClient,
        _ report: @escaping @Sendable (Proposal) -> Void
    ) {
        operation.read(client) { [self] result in
            var next = proposal
            switch result {
            case .failure(let error):
                next.refusal = error.sentence
                report(next)
            case .success(let reading):
                let corrected = operation.rebased(on: reading.facts)
                next.change = corrected
                corrected.complete(&next)
                validate(corrected, next, client, report)
            }
        }
    }

    /// Asks which rights are missing for a change that stands on the facts of now, and whether
    /// Kafka would take it; `report` is called on the loop's thread with its word taken in.
    package func validate(
        _ proposal: Proposal, report: @escaping @Sendable (Proposal) -> Void
    ) {
        session.run { [self] client in
            guard Self.checks(proposal), let operation = proposal.change as? any Operation else {
                return report(proposal)
            }
            validate(operation, proposal, client, report)
        }
    }

    private func validate<Change: Operation>(
        _ operation: Change, _ proposal: Proposal, _ client: KafkaClient,
        _ report: @escaping @Sendable (Proposal) -> Void
    ) {
        guard proposal.refusal == nil, !operation.differences.isEmpty else {
            return report(proposal)
        }
        Self.checkRights(operation, proposal, client) { [self] proposal in
            var next = proposal
            guard next.missingRight == nil else { return report(next) }
            guard session.writes != .readOnly else {
                next.notes.append(
                    "Kafka was not asked whether it would take this: the session is read-only")
                return report(next)
            }
            operation.validate(client) { result in
                switch result {
                case .failure(let error): next.refusal = Self.sentence(error, Change.kind)
                case .success(let outcomes): next.take(outcomes)
                }
                report(next)
            }
        }
    }

    private static func sentence(_ error: ClientError, _ kind: String) -> String {
        error.code == .unsupportedVersion && kind == ConfigAlteration.kind
            ? "single configs can be changed from Kafka 2.3 on: \(error.sentence)" : error.sentence
    }

    /// Reads what was changed again: soon, and once more when whoever sets it back has had time to.
    func readAgain(
        _ operation: any Operation, _ outcomes: [StepOutcome],
        _ report: @escaping @Sendable (OperationEvent) -> Void
    ) {
        let done = Set(outcomes.filter { $0.error == nil }.map(\.resource))
        guard !done.isEmpty else { return }
        let wanted = operation.after.filter { done.contains($0.subject) }
        for delay in type(of: operation).readAgainAfterNs {
            session.after(nanoseconds: delay) { [session] in
                operation.read(session.client) { result in
                    let seconds = Double(delay) / 1e9
                    switch result {
                    case .failure(let error):
                        report(
                            .readAgain(
                                ReadAgain(
                                    afterSeconds: seconds, differing: [],
                                    failure: error.sentence)))
                    case .success(let reading):
                        let differing = Self.differing(wanted, reading.facts)
                        report(
                            .readAgain(ReadAgain(afterSeconds: seconds, differing: differing)))
                    }
                }
            }
        }
    }

    /// The facts that are not as they are wanted.
    static func differing(
        _ wanted: [Fact], _ facts: [Fact]
    ) -> [OperationRefusal.FactChange] {
        var now: [Fact: String?] = [:]
        for fact in facts { now[Fact(fact.subject, fact.property, nil)] = fact.value }
        return wanted.compactMap { fact in
            let value = now[Fact(fact.subject, fact.property, nil)] ?? nil
            return value == fact.value ? nil : .init(reviewed: fact, now: value)
        }
    }
}

extension Proposal {
    /// Takes Kafka's word in: where it would take none of it there is nothing to confirm.
    fileprivate mutating func take(_ outcomes: [StepOutcome]) {
        let refused = outcomes.filter { $0.error != nil }
        func sentence(_ outcome: StepOutcome) -> String {
            "\(outcome.error ?? "")\(outcome.message.map { ": \($0)" } ?? "")"
        }
        // What stands against a plan is said by us.
        if change is PlanExecution {
            warnings = outcomes.filter { $0.error == nil }.compactMap(\.message) + warnings
            if !refused.isEmpty { refusal = refused.compactMap(\.message).joined(separator: "; ") }
            return
        }
        if let first = refused.first, refused.count == outcomes.count {
            refusal = "Kafka would refuse it with \(sentence(first))"
            return
        }
        warnings =
            refused.map { "Kafka would refuse \($0.resource) with \(sentence($0))" } + warnings
    }
}
