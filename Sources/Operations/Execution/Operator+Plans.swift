// Plans over the road of changes: begun, resumed by another process, taken back, given up.
internal import KafkaClient
package import Planning
internal import Synchronization

extension Operator {
    /// What stands against a plan now; `completion` is called on the loop's thread.
    func begin(
        _ plan: PlanExecution, _ confirmed: Confirmed, _ note: String?, _ client: KafkaClient,
        isHandedOver: Bool, _ report: @escaping @Sendable (OperationEvent) -> Void
    ) {
        let journal: Journal
        let records: [JournalRecord]
        do throws(JournalError) {
            journal = try openJournal(confirmed.clusterID)
            records = try journal.reading().records
        } catch {
            return refusePlan(.journal("\(error)"), report)
        }
        if let why = Self.unfinished(records, except: plan.undoes) {
            return refusePlan(.hindered([why]), report)
        }
        let undone = records.last { $0.id == plan.undoes }
        PreFlight.read(plan, known: undone?.executionNote, client) { [self] result in
            switch result {
            case .failure(let error): refusePlan(.unread(error.sentence), report)
            case .success(let flight):
                guard flight.facts.reading.clusterID == confirmed.clusterID else {
                    return refusePlan(.otherCluster(flight.facts.reading.clusterID), report)
                }
                guard flight.obstacles.isEmpty else {
                    return refusePlan(.hindered(flight.obstacles), report)
                }
                let id = newID
                let lock: ExecutionLock
                do throws(JournalError) {
                    guard let free = try ExecutionLock.take(journal) else {
                        return refusePlan(.hindered([Self.isHeld]), report)
                    }
                    lock = free
                    // Another process may have begun one since, and left it to a third.
                    let records = try journal.reading().records
                    if let why = Self.unfinished(records, except: plan.undoes) {
                        return refusePlan(.hindered([why]), report)
                    }
                    if let folder = journal.folder {
                        try ExecutionFiles.write(plan, id: id, folder: folder)
                    }
                    let beginning = JournalLine.Beginning(
                        plan, clusterID: confirmed.clusterID, byHand: confirmed.byHand, steps: 0,
                        author: author, note: note)
                    for event in [JournalLine.Event.begun(beginning), .noted(flight.note)] {
                        try journal.append(
                            JournalLine(id: id, atMs: session.wallClockMs, event: event))
                    }
                } catch {
                    return refusePlan(.journal("\(error)"), report)
                }
                report(.begun(id: id))
                if isHandedOver { return tellOfPlan(.ended(outcomes: [], reason: nil), report) }
                PlanRun(
                    plan, id: id, clusterID: confirmed.clusterID, note: flight.note, steps: 0,
                    endsWith: undone?.isEnded == false ? undone?.id : nil, session, journal, lock,
                    pauses: pauses, mode: { [self] in planTurn.wish },
                    throttle: { [self] in planTurn.throttle },
                    report: { [self] in tellOfPlan($0, report) }
                ).look()
            }
        }
    }

    /// The last event lets the next plan begin.
    private func tellOfPlan(
        _ event: OperationEvent, _ report: @Sendable (OperationEvent) -> Void
    ) {
        if event.isLast { planTurn.end() }
        report(event)
    }

    private func refusePlan(
        _ refusal: OperationRefusal, _ report: @Sendable (OperationEvent) -> Void
    ) {
        tellOfPlan(.refused(refusal), report)
    }

    /// Takes back what is in flight of the plan under way; then it is over.
    package func stopPlan() { planTurn.stop() }

    /// Nothing new of the plan under way begins until it goes on.
    package func pausePlan(_ isPaused: Bool) { planTurn.pause(isPaused) }

    /// Another throttle for the plan under way, in bytes a second.
    package func setPlanThrottle(_ bytesPerSecond: Int64) { planTurn.setThrottle(bytesPerSecond) }

    private static let isHeld =
        "another highwater is carrying out a plan on this cluster from this folder: wait for it, "
        + "or end it"

    /// Why no other plan may begin: what one that was cut short has set would count as set before.
    private static func unfinished(_ records: [JournalRecord], except id: String?) -> String? {
        let open = records.last {
            !$0.isEnded && $0.change is PlanExecution && $0.id != id
        }
        return open.map {
            "\($0.id) (\($0.summary)) is not finished: highwater resume, undo, adopt or forget "
                + $0.id
        }
    }

    /// Takes up an execution that was cut short, from where the cluster stands.
    /// - Parameter throttle: another one than it was begun with; nil: the same.
    package func takeUp(
        _ id: String, of clusterID: String, as sequel: PlanSequel = .resume,
        throttle: ExecutionThrottle? = nil, report: @escaping @Sendable (OperationEvent) -> Void
    ) {
        guard planTurn.take() else { return session.run { _ in report(.refused(.busy)) } }
        session.run { [self] client in
            client.readPartitions(ofTopics: []) { [self] result in
                switch result {
                case .failure(let error): refusePlan(.unread(error.sentence), report)
                case .success(let reading):
                    guard reading.clusterID == clusterID else {
                        return refusePlan(.otherCluster(reading.clusterID), report)
                    }
                    goOn(id, clusterID, throttle, sequel, report)
                }
            }
        }
    }

    private func goOn(
        _ id: String, _ clusterID: String, _ throttle: ExecutionThrottle?, _ sequel: PlanSequel,
        tries: Int = Limits.lockTries, _ report: @escaping @Sendable (OperationEvent) -> Void
    ) {
        let run: PlanRun
        do throws(JournalError) {
            let journal = try openJournal(clusterID)
            guard let lock = try ExecutionLock.take(journal) else {
                // Whoever leaves it to us ends in this moment.
                guard tries > 1 else { return refusePlan(.hindered([Self.isHeld]), report) }
                session.after(nanoseconds: Limits.lockNs) { [self] in
                    goOn(id, clusterID, throttle, sequel, tries: tries - 1, report)
                }
                return
            }
            // Read under the lock: whoever held it has written its last line.
            let records = try journal.reading().records
            let found = Self.resumable(id, records)
            guard case .success(let (record, plan)) = found else {
                if case .failure(let refusal) = found { refusePlan(refusal, report) }
                return
            }
            // Without what was set before nothing of ours could be told from it.
            guard let note = record.executionNote else {
                guard sequel == .forget else {
                    return refusePlan(
                        .hindered([
                            "\(id) was cut short before anything was sent: highwater forget \(id)"
                        ]), report)
                }
                let reason = "forgotten: nothing had been sent"
                try journal.append(
                    JournalLine(
                        id: id, atMs: session.wallClockMs, event: .ended(reason: reason)))
                return tellOfPlan(.ended(outcomes: [], reason: reason), report)
            }
            var next = plan
            if let throttle, throttle != record.throttle {
                try journal.append(
                    JournalLine(
                        id: id, atMs: session.wallClockMs,
                        event: .throttled(throttle.bytesPerSecond)))
            }
            if let throttle = throttle ?? record.throttle {
                next.throttle = throttle.bytesPerSecond
            }
            let undone = records.last { $0.id == plan.undoes }
            run = PlanRun(
                next, id: id, clusterID: clusterID, note: note,
                steps: record.steps.count,
                endsWith: undone?.isEnded == false ? undone?.id : nil, session, journal, lock,
                pauses: pauses,
                mode: { [self] in
                    let wish = planTurn.wish
                    return sequel == .resume || (wish == .stop && sequel == .adopt)
                        ? wish : ExecutionMode(sequel)
                },
                throttle: { [self] in planTurn.throttle },
                report: { [self] in tellOfPlan($0, report) })
        } catch {
            return refusePlan(.journal("\(error)"), report)
        }
        report(.begun(id: id))
        run.look()
    }

    private static func resumable(
        _ id: String, _ records: [JournalRecord]
    ) -> Result<(JournalRecord, PlanExecution), OperationRefusal> {
        guard let record = records.last(where: { $0.id == id }) else {
            return .failure(.hindered(["the journal of this cluster has no change \(id)"]))
        }
        guard let plan = record.change as? PlanExecution else {
            return .failure(.hindered(["\(id) (\(record.summary)) is no plan that was begun"]))
        }
        guard !record.isEnded else {
            let why = record.endReason.map { ": \($0)" } ?? ""
            return .failure(.hindered(["\(id) is over\(why)"]))
        }
        let undoing = records.last {
            !$0.isEnded && ($0.change as? PlanExecution)?.undoes == id
        }
        if let undoing {
            return .failure(
                .hindered(["\(id) is being taken back: highwater resume \(undoing.id)"]))
        }
        return .success((record, plan))
    }
}

/// A throttle that was asked for: bytes a second, or none.
package struct ExecutionThrottle: Hashable, Sendable {
    package var bytesPerSecond: Int64?

    package init(_ bytesPerSecond: Int64?) { self.bytesPerSecond = bytesPerSecond }
}

/// What is wanted of the one plan under way; from any thread.
final class PlanTurn: Sendable {
    private let isBusy = Atomic(false)
    private let isStopping = Atomic(false)
    private let isPausing = Atomic(false)
    /// 0: the one it was begun with.
    private let rate = Atomic<Int64>(0)

    /// False where a plan of this session is under way.
    func take() -> Bool {
        guard !isBusy.exchange(true, ordering: .acquiringAndReleasing) else { return false }
        isStopping.store(false, ordering: .releasing)
        isPausing.store(false, ordering: .releasing)
        rate.store(0, ordering: .releasing)
        return true
    }

    func end() { isBusy.store(false, ordering: .releasing) }
    func stop() { isStopping.store(true, ordering: .releasing) }
    func pause(_ isPaused: Bool) { isPausing.store(isPaused, ordering: .releasing) }
    func setThrottle(_ bytes: Int64) { rate.store(max(1, bytes), ordering: .releasing) }

    var wish: ExecutionMode {
        if isStopping.load(ordering: .acquiring) { return .stop }
        return isPausing.load(ordering: .acquiring) ? .pause : .run
    }

    /// Nil: the one it was begun with.
    var throttle: Int64? {
        let bytes = rate.load(ordering: .acquiring)
        return bytes > 0 ? bytes : nil
    }
}
