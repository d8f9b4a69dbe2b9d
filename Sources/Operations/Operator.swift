// Carries out what was confirmed: reads the facts again, writes down what it is about to do, sends,
// writes down what came back. Nothing is sent that is not on the disk, and nothing is sent twice.
package import KafkaClient
package import Planning
internal import Synchronization

/// The one who changes a cluster, over the same client that observes it. One change at a time, and
/// beside it one plan, which may take hours.
package final class Operator: Sendable {
    package let session: ClusterSession
    let openJournal: @Sendable (String) throws(JournalError) -> Journal
    let author: ChangeAuthor
    let pauses: OperationPauses
    private let find: @Sendable (any Change) -> (any Operation)?
    private let isBusy = Atomic(false)
    private let isStopping = Atomic(false)
    let planTurn = PlanTurn()

    /// - Parameter openJournal: opens the journal of the cluster with this id.
    /// - Parameter author: whose changes they are.
    /// - Parameter pauses: between what it does to the cluster.
    /// - Parameter find: what carries a change out; nil where nothing does.
    package init(
        _ session: ClusterSession,
        journal openJournal: @escaping @Sendable (String) throws(JournalError) -> Journal,
        author: ChangeAuthor = ChangeAuthor(), pauses: OperationPauses = OperationPauses(),
        find: @escaping @Sendable (any Change) -> (any Operation)? = { $0 as? any Operation }
    ) {
        self.session = session
        self.openJournal = openJournal
        self.author = author
        self.pauses = pauses
        self.find = find
    }

    /// Carries out a change; `report` is called on the loop's thread, last with `refused` or
    /// `ended`.
    /// - Parameter note: why, in the operator's words.
    /// - Parameter isHandedOver: of a plan only what comes before its first request is done;
    ///   another process resumes it.
    package func run(
        _ confirmed: Confirmed, note: String? = nil, isHandedOver: Bool = false,
        report: @escaping @Sendable (OperationEvent) -> Void
    ) {
        if let plan = find(confirmed.change) as? PlanExecution {
            guard planTurn.take() else { return session.run { _ in report(.refused(.busy)) } }
            session.run { [self] client in
                begin(plan, confirmed, note, client, isHandedOver: isHandedOver, report)
            }
            return
        }
        guard !isBusy.exchange(true, ordering: .acquiringAndReleasing) else {
            return session.run { _ in report(.refused(.busy)) }
        }
        isStopping.store(false, ordering: .releasing)
        session.run { [self] client in begin(confirmed, note, client, report) }
    }

    /// Sends no further request of the change under way; the last one is waited for.
    package func stop() { isStopping.store(true, ordering: .releasing) }

    /// Reads from the cluster, now, the values that a change depends on; `completion` is called on
    /// the loop's thread.
    package func read(
        _ change: any Change,
        completion: @escaping @Sendable (Result<FactReading, OperationRefusal>) -> Void
    ) {
        session.run { [self] client in
            guard let operation = find(change) else {
                return completion(.failure(.unsupported(kind: type(of: change).kind)))
            }
            operation.read(client) { result in
                completion(result.mapError { .unread($0.sentence) })
            }
        }
    }

    private func begin(
        _ confirmed: Confirmed, _ note: String?, _ client: KafkaClient,
        _ report: @escaping @Sendable (OperationEvent) -> Void
    ) {
        guard let operation = find(confirmed.change) else {
            return refuse(.unsupported(kind: type(of: confirmed.change).kind), report)
        }
        operation.read(client) { [self] result in
            switch result {
            case .failure(let error): refuse(.unread(error.sentence), report)
            case .success(let reading):
                if let refusal = Self.refusal(confirmed, reading) {
                    return refuse(refusal, report)
                }
                let journal: Journal
                do throws(JournalError) {
                    journal = try openJournal(confirmed.clusterID)
                } catch {
                    return refuse(.journal("\(error)"), report)
                }
                journal.hold()
                let run = OperationRun(
                    session, journal, operation.steps, id: newID, pauses: pauses,
                    isStopping: { [self] in isStopping.load(ordering: .acquiring) }
                ) { [self] event in
                    tell(event, report)
                    if case .ended(let outcomes, _) = event {
                        readAgain(operation, outcomes, report)
                    }
                }
                run.begin(
                    .init(
                        confirmed.change, clusterID: confirmed.clusterID,
                        byHand: confirmed.byHand, steps: run.steps.count, author: author,
                        note: note))
            }
        }
    }

    /// What the cluster says now against what the review showed.
    private static func refusal(
        _ confirmed: Confirmed, _ reading: FactReading
    ) -> OperationRefusal? {
        guard reading.clusterID == confirmed.clusterID else {
            return .otherCluster(reading.clusterID)
        }
        let changed = differing(confirmed.change.before, reading.facts)
        return changed.isEmpty ? nil : .changed(changed)
    }

    /// The last event lets the next operation begin.
    private func tell(_ event: OperationEvent, _ report: @Sendable (OperationEvent) -> Void) {
        if event.isLast { isBusy.store(false, ordering: .releasing) }
        report(event)
    }

    private func refuse(
        _ refusal: OperationRefusal, _ report: @Sendable (OperationEvent) -> Void
    ) {
        tell(.refused(refusal), report)
    }

    /// The time and four digits of chance: sorts by time, and two sessions do not meet.
    var newID: String {
        let chance = String(session.random & 0xFFFF, radix: 16)
        return "\(session.wallClockMs)-" + String(repeating: "0", count: 4 - chance.count) + chance
    }
}

extension OperationEvent {
    /// Nothing more comes of the change or of the plan: another one may begin.
    var isLast: Bool {
        switch self {
        case .refused, .ended: true
        case .begun, .progress, .moving, .prepared, .readAgain, .ofPlan: false
        }
    }
}

/// The steps of one operation, one after the other, on the loop's thread.
private final class OperationRun {
    private let session: ClusterSession
    private let journal: Journal
    let steps: [Step]
    private let id: String
    private let pauses: OperationPauses
    private let isStopping: () -> Bool
    private let report: (OperationEvent) -> Void
    private var outcomes: [StepOutcome] = []

    init(
        _ session: ClusterSession, _ journal: Journal, _ steps: [Step], id: String,
        pauses: OperationPauses, isStopping: @escaping () -> Bool,
        report: @escaping (OperationEvent) -> Void
    ) {
        self.session = session
        self.journal = journal
        self.steps = steps
        self.id = id
        self.pauses = pauses
        self.isStopping = isStopping
        self.report = report
    }

    func begin(_ beginning: JournalLine.Beginning) {
        do throws(JournalError) {
            try write(.begun(beginning))
        } catch {
            return report(.refused(.journal("\(error)")))
        }
        report(.begun(id: id))
        send(0)
    }

    /// Keeps itself alive until the end.
    private func send(_ index: Int) {
        guard index < steps.count else { return end(nil) }
        if isStopping() { return end("stopped by the operator") }
        do throws(JournalError) {
            try write(.sending(step: index + 1, resources: steps[index].resources))
        } catch {
            return index == 0 ? report(.refused(.journal("\(error)"))) : end("\(error)")
        }
        steps[index].send(session.client) { [self] in answered(index, $0) }
    }

    private func answered(_ index: Int, _ result: Result<[StepOutcome], ClientError>) {
        do throws(JournalError) {
            switch result {
            case .success(let answers):
                outcomes += answers
                try write(.answered(step: index + 1, outcomes: answers))
            case .failure(let error):
                // It is not sent again: it may have been carried out.
                try write(
                    .failed(step: index + 1, reason: error.sentence, wasSent: error.wasSent))
                return end(error.sentence)
            }
        } catch {
            return end("\(error)")
        }
        report(.progress(done: index + 1, of: steps.count))
        guard index + 1 < steps.count else { return end(nil) }
        session.after(nanoseconds: pauses.betweenStepsNs) { [self] in send(index + 1) }
    }

    private func end(_ reason: String?) {
        var reason = reason
        do throws(JournalError) {
            try write(.ended(reason: reason))
        } catch {
            reason = reason ?? "\(error)"
        }
        report(.ended(outcomes: outcomes, reason: reason))
    }

    private func write(_ event: JournalLine.Event) throws(JournalError) {
        try journal.append(JournalLine(id: id, atMs: session.wallClockMs, event: event))
    }
}
