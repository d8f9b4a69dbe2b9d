// Carries a plan out on the loop's thread: reads the cluster, asks the state machine, writes down
// what is about to be sent, sends it, and reads again.
internal import KafkaClient
internal import Planning

/// One execution under way. It keeps itself alive until its end.
final class PlanRun {
    private let session: ClusterSession
    private let journal: Journal
    private let lock: ExecutionLock
    private let id: String
    private let plan: PlanExecution
    private let pauses: OperationPauses
    private let mode: () -> ExecutionMode
    private let throttle: () -> Int64?
    private let report: (OperationEvent) -> Void
    private let partitions: Set<PartitionName>
    /// The unfinished execution that is over with this one.
    private let endsWith: String?
    private var execution: Execution
    /// Of the journal's lines: how many requests were written down.
    private var step: Int
    private var leastInSync: [String: Int] = [:]
    private var leastAtNs: UInt64?
    private var wholeAtNs: UInt64?
    private var pace = Pace()
    private var lastReport: MovingProgress?

    /// - Parameters:
    ///   - steps: how many requests the journal names already.
    ///   - mode: what the operator wants, asked at every look.
    ///   - throttle: another one than the plan's; nil: the plan's.
    init(
        _ plan: PlanExecution, id: String, clusterID: String, note: ExecutionNote, steps: Int,
        endsWith: String?, _ session: ClusterSession, _ journal: Journal, _ lock: ExecutionLock,
        pauses: OperationPauses, mode: @escaping () -> ExecutionMode,
        throttle: @escaping () -> Int64?,
        report: @escaping (OperationEvent) -> Void
    ) {
        self.session = session
        self.journal = journal
        self.lock = lock
        self.id = id
        self.plan = plan
        self.pauses = pauses
        self.mode = mode
        self.throttle = throttle
        self.report = report
        partitions = Set(plan.moves.lazy.map(\.name))
        self.endsWith = endsWith
        step = steps
        execution = Execution(
            plan, clusterID: clusterID, earlier: note.earlier, topics: note.topics)
    }

    private var now: UInt64 { session.nowNs }

    /// Looks at the cluster, and goes on from where it stands.
    func look() {
        let startNs = now
        if let rate = throttle(), rate != execution.throttle {
            do throws(JournalError) {
                // Whoever resumes it goes on with this one.
                try write(.throttled(rate))
            } catch {
                return report(.ended(outcomes: [], reason: "\(error); nothing more is sent"))
            }
            execution.setThrottle(rate)
        }
        let questions = execution.questions
        let isWhole = questions.isWhole || isDue(wholeAtNs, Limits.wholeNs)
        let isLeastDue = isDue(leastAtNs, Limits.leastInSyncNs)
        FactsReader.read(
            session.client, partitions, questions, isWhole: isWhole,
            leastOf: isLeastDue ? execution.topics : []
        ) { [self] result in
            switch result {
            case .failure(let error):
                // Whoever carried it out has ended.
                if error.code == .shutdown { return }
                tell(nil, trouble: error.sentence)
                session.after(nanoseconds: pauses.betweenLooksNs) { [self] in look() }
            case .success(var facts):
                if isWhole { wholeAtNs = startNs }
                if isLeastDue {
                    leastAtNs = startNs
                    leastInSync = facts.leastInSync
                }
                facts.leastInSync = leastInSync
                decide(facts, spentNs: now - startNs)
            }
        }
    }

    private func isDue(_ lastNs: UInt64?, _ everyNs: UInt64) -> Bool {
        lastNs.map { now - $0 >= everyNs } ?? true
    }

    private func decide(_ facts: ExecutionFacts, spentNs: UInt64) {
        let decision = execution.next(facts, mode(), nowNs: now)
        tell(facts, trouble: nil)
        switch decision {
        case .send(let request): send(request)
        case .wait:
            session.after(nanoseconds: pauses.afterLook(spentNs)) { [self] in look() }
        case .end(let reason): end(reason)
        }
    }

    private func tell(_ facts: ExecutionFacts?, trouble: String?) {
        var progress: MovingProgress
        if let facts {
            progress = execution.progress(facts)
            pace.add(progress.bytesDone, now)
            progress.bytesPerSecond = pace.bytesPerSecond
            if let rate = progress.bytesPerSecond, rate > 0 {
                progress.secondsLeft = Double(progress.bytesTotal - progress.bytesDone) / rate
            }
        } else {
            progress = lastReport ?? MovingProgress(of: plan.moves.count)
        }
        progress.trouble = trouble
        progress.throttle = execution.throttle
        lastReport = progress
        report(.moving(progress))
    }

    // MARK: Requests

    private func send(_ request: ExecutionRequest) {
        do throws(JournalError) {
            try write(.sending(step: step + 1, resources: request.resources))
        } catch {
            return report(.ended(outcomes: [], reason: "\(error); nothing more is sent"))
        }
        step += 1
        perform(request) { [self] result in
            do throws(JournalError) {
                switch result {
                case .success(let outcomes):
                    try write(.answered(step: step, outcomes: outcomes))
                    execution.take(request, outcomes)
                case .failure(let error):
                    try write(
                        .failed(step: step, reason: error.sentence, wasSent: error.wasSent))
                    tell(nil, trouble: error.sentence)
                    session.after(nanoseconds: pauses.betweenLooksNs) { [self] in look() }
                    return
                }
            } catch {
                return report(.ended(outcomes: [], reason: "\(error); nothing more is sent"))
            }
            // Brokers hear of a change a moment later.
            session.after(nanoseconds: pauses.betweenStepsNs) { [self] in look() }
        }
    }

    private func perform(
        _ request: ExecutionRequest,
        _ completion: @escaping (Result<[StepOutcome], ClientError>) -> Void
    ) {
        let client = session.client
        switch request {
        case .lists(let changes):
            client.alterConfigs(changes.map { ($0.resource, $0.settings) }) { result in
                completion(result.map { $0.map { StepOutcome($0) } })
            }
        case .rates(let changes): alter(changes, completion)
        case .reassign(let items):
            client.reassign(items.map { ($0.partition, $0.replicas) }) { result in
                completion(result.map { $0.map(StepOutcome.init) })
            }
        case .elect(let partitions):
            client.electLeaders(of: partitions, isUnclean: false) { result in
                completion(result.map { $0.map(StepOutcome.init) })
            }
        }
    }

    /// Each broker takes its own; one that does not answer hinders no other.
    private func alter(
        _ changes: [ExecutionRequest.ConfigChange],
        _ completion: @escaping (Result<[StepOutcome], ClientError>) -> Void
    ) {
        var outcomes: [StepOutcome] = []
        var left = changes.count
        for change in changes {
            session.client.alterConfigs([(change.resource, change.settings)]) { result in
                switch result {
                case .success(let told): outcomes += told.map { StepOutcome($0) }
                case .failure(let error):
                    outcomes.append(
                        StepOutcome(
                            change.resource.name, error: "\(error.code)", message: error.sentence))
                }
                left -= 1
                if left == 0 { completion(.success(outcomes)) }
            }
        }
    }

    private func end(_ reason: String?) {
        var reason = reason
        do throws(JournalError) {
            try write(.ended(reason: reason))
            if let other = endsWith {
                try journal.append(
                    JournalLine(
                        id: other, atMs: session.wallClockMs,
                        event: .ended(
                            reason: "taken back \(reason == nil ? "" : "in part ")by \(id)")))
            }
        } catch {
            reason = reason ?? "\(error)"
        }
        report(.ended(outcomes: [], reason: reason))
    }

    private func write(_ event: JournalLine.Event) throws(JournalError) {
        try journal.append(JournalLine(id: id, atMs: session.wallClockMs, event: event))
    }
}

/// Bytes a second over the newest minute.
private struct Pace {
    private var samples: [(ns: UInt64, bytes: Int64)] = []

    mutating func add(_ bytes: Int64, _ ns: UInt64) {
        samples.append((ns, bytes))
        while samples.count > 2, ns - samples[0].ns > Limits.rateNs { samples.removeFirst() }
    }

    var bytesPerSecond: Double? {
        guard let first = samples.first, let last = samples.last, last.ns > first.ns,
            last.bytes >= first.bytes
        else { return nil }
        return Double(last.bytes - first.bytes) / (Double(last.ns - first.ns) / 1e9)
    }
}
