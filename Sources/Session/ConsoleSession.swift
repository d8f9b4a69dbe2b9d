// A console without its terminal: events go into the screens, and what these ask for is carried out
// here and nowhere else, for the program, for driven sessions and for the scale benchmark.
package import ClusterModel
internal import Health
internal import KafkaClient
package import Operations
internal import Planning
package import Polling
package import Screens

/// What shows a session: it does what the screens want of terminal, process and files.
package protocol SessionHost: ~Copyable {
    mutating func quit()
    /// Quits, and leaves the plan of this id in the journal to a process of its own.
    mutating func leavePlan(_ id: String)
    /// Paints the whole screen anew.
    mutating func repaint()
    /// Stops the process until the shell resumes it; the terminal's size then.
    mutating func suspend() -> (width: Int, height: Int)
    /// Puts text on the clipboard; false where there is none.
    mutating func copy(_ text: String) -> Bool
    /// Writes the snapshot document; one sentence about what was written.
    mutating func write(_ cluster: Cluster, to path: String) throws(EffectFailure) -> String
    /// Ends this session and goes on with the cluster of another context.
    mutating func open(context: String) throws(EffectFailure)
    /// Writes the cluster's id into a context's file; a sentence, and the contexts as they are now.
    mutating func pin(
        _ id: String, in context: String
    ) throws(EffectFailure) -> (said: String, contexts: ContextList)
}

extension SessionHost where Self: ~Copyable {
    package mutating func open(context: String) throws(EffectFailure) {
        throw EffectFailure("this session has no contexts")
    }
    package mutating func pin(
        _ id: String, in context: String
    ) throws(EffectFailure) -> (said: String, contexts: ContextList) {
        throw EffectFailure("this session has no contexts")
    }
}

/// Why an effect could not be carried out, in one sentence.
package struct EffectFailure: Error {
    package var sentence: String
    package init(_ sentence: String) { self.sentence = sentence }
}

/// The screens, the newest state of the cluster, and the observation that the screens steer.
package struct ConsoleSession: Sendable {
    package private(set) var screens: ScreenState
    /// The newest cluster, whether the screens hold an older one or not.
    package private(set) var newest: Cluster?
    /// nil before it has begun and after it has ended: then nobody is asked.
    package var observation: Observation?
    /// Who carries changes out, where they are written down, and where what becomes of them is
    /// told; nil: nobody.
    package var operation:
        (
            operator: Operator, journals: JournalStore,
            report: @Sendable (Event) -> Void
        )?
    /// Where it is written down what is in maintenance, and who says so; nil: nowhere.
    package var maintenance: (store: MaintenanceStore, by: String)?
    /// Where plans are made, which takes up to half a second; nil: on the loop's thread.
    package var planning: (@Sendable (@escaping @Sendable () -> Void) -> Void)?
    /// How often what is visible is asked for.
    package private(set) var refreshSeconds: Double
    /// Whose configs the change under way changes, or the last one did.
    private var changing: [ObjectID] = []
    /// The cluster with which the operator began anew: states of the one before are late.
    private var begunAnewWith: String?

    package init(_ options: ScreenOptions) {
        screens = ScreenState(options: options)
        refreshSeconds = options.refreshSeconds
    }

    package mutating func setRefresh(seconds: Double) {
        refreshSeconds = max(0, seconds)
        observation?.setRefresh(ns: UInt64(refreshSeconds * Limits.nanosecondsPerSecond))
    }

    /// Hands an event to the screens and carries out what they ask for, and what they ask for
    /// because of the answers.
    package mutating func apply(_ event: Event, _ host: inout some SessionHost & ~Copyable) {
        if case .operation(let told) = event, told.changesFacts, !changing.isEmpty {
            observation?.readConfigs(of: changing)
        }
        if case .operation(.ofPlan(.ended)) = event, let newest {
            // The plan has taken its throttles away: what is known of them is old.
            observation?.readConfigs(of: LeftThrottles.listed(newest).map { .topic($0) })
        }
        var events = [event]
        while !events.isEmpty {
            for effect in screens.update(events.removeFirst()) {
                if let answer = carryOut(effect, &host) { events.append(answer) }
            }
        }
    }

    /// Takes in the newest cluster; `time` is the tick of now.
    package mutating func take(
        _ cluster: Cluster, at time: Event, _ host: inout some SessionHost & ~Copyable
    ) {
        if isLate(cluster) { return }
        let shown = newest.take()
        newest = cluster
        if cluster.topics.isEmpty, let failure = cluster.failures.first {
            apply(.connecting(failure.message), &host)
        }
        apply(time, &host)
        apply(.cluster(cluster), &host)
        if let shown { observation?.retire(shown) }
    }

    /// Keeps the newest cluster for later: nobody looks.
    mutating func keep(_ cluster: Cluster) { if !isLate(cluster) { newest = cluster } }

    private func isLate(_ cluster: Cluster) -> Bool {
        guard let begunAnewWith, let id = cluster.clusterID else { return false }
        return id != begunAnewWith
    }

    private func readJournal() -> JournalView {
        guard let operation else { return JournalView([], fault: "nothing is written down here") }
        guard let id = newest?.clusterID else {
            return JournalView([], fault: "the cluster's id is not known yet: Ctrl-r asks again")
        }
        do throws(JournalError) {
            let reading = try operation.journals.read(id)
            return JournalView(
                Array(reading.entries.prefix(Limits.shownChanges)), unreadable: reading.unreadable)
        } catch {
            return JournalView([], fault: "\(error)")
        }
    }

    /// Plans on the newest cluster, and says what other tolerances would move.
    private func plan(_ request: PlanRequest) {
        guard let newest, let operation else { return }
        let report = operation.report
        func later(_ work: @escaping @Sendable () -> Void) {
            if let planning {
                planning(work)
            } else {
                operation.operator.session.run { _ in work() }
            }
        }
        later {
            let draft: PlanDraft
            do throws(PlanningFault) {
                draft = try PlanDraft(request, newest)
            } catch {
                return report(.planned(.fault(request, error.description)))
            }
            report(.planned(.draft(draft)))
            guard request.hasTolerance else { return }
            let costs = PlanCost.tolerances.compactMap {
                PlanCost(request, at: $0, for: draft.model)
            }
            report(.planned(.costs(request, costs)))
        }
    }

    /// What is wanted of plans: the one under way, one to be made, one that was cut short.
    private func carryOutPlan(_ effect: Effect) -> Event? {
        switch effect {
        case .holdPlan(let isHeld): operation?.operator.pausePlan(isHeld)
        case .setThrottle(let rate): operation?.operator.setPlanThrottle(rate)
        case .stopPlan: operation?.operator.stopPlan()
        case .plan(let request): plan(request)
        case .takeUpPlan(let id, let sequel):
            guard let operation, let cluster = newest?.clusterID else {
                return .operation(
                    .ofPlan(.refused(.unread("the cluster's id is not known yet"))))
            }
            let report = operation.report
            operation.operator.takeUp(id, of: cluster, as: sequel) {
                report(.operation(.ofPlan($0)))
            }
        default: break
        }
        return nil
    }

    private func setMaintenance(
        _ effect: Effect, _ object: ObjectID, _ seconds: Double?, _ note: String
    ) -> Event {
        guard let maintenance else {
            return .effectFailed(effect, "what is in maintenance is kept nowhere here")
        }
        guard let newest, let id = newest.clusterID else {
            return .effectFailed(effect, "the cluster's id is not known yet: nothing written down")
        }
        do throws(JournalError) {
            guard let seconds else {
                try maintenance.store.lift(object, id, at: newest.takenAtWall)
                observation?.publishNow()
                return .effectDone(effect, "\(object) is in maintenance no more")
            }
            let since = newest.takenAtWall
            try maintenance.store.set(
                Maintenance.Entry(
                    object, by: maintenance.by, since: since,
                    until: WallTime(ms: since.ms &+ Int64(seconds * 1_000)), note: note), id)
        } catch {
            return .effectFailed(effect, "\(error)")
        }
        observation?.publishNow()
        let length = NumberFormat.duration(seconds ?? 0)
        return .effectDone(effect, "\(object) is in maintenance for \(length)")
    }

    private mutating func carryOutOfContext(
        _ effect: Effect, _ host: inout some SessionHost & ~Copyable
    ) -> Event? {
        do throws(EffectFailure) {
            switch effect {
            case .switchContext(let name): try host.open(context: name)
            case .pinCluster(let context, let id):
                let (said, contexts) = try host.pin(id, in: context)
                _ = screens.update(.contexts(contexts))
                return .effectDone(effect, said)
            default: break
            }
            return nil
        } catch {
            return .effectFailed(effect, error.sentence)
        }
    }

    private mutating func carryOut(
        _ effect: Effect, _ host: inout some SessionHost & ~Copyable
    ) -> Event? {
        switch effect {
        case .quit: host.quit()
        case .redraw: host.repaint()
        case .suspend:
            let size = host.suspend()
            return .resized(width: size.width, height: size.height)
        case .setRefresh(let seconds): setRefresh(seconds: seconds)
        case .interest(let interest, let isAtOnce):
            observation?.setInterest(interest, isAtOnce: isAtOnce)
        case .pollNow: observation?.pollNow()
        case .beginAnew(let other):
            begunAnewWith = other.id
            newest = nil
            observation?.beginAnew(with: other)
        case .copy(let text, let what):
            return host.copy(text)
                ? .effectDone(effect, "copied \(what)")
                : .effectFailed(effect, "this terminal has no clipboard that programs can write")
        case .propose(let request):
            guard let newest else {
                return .effectFailed(effect, "nothing is known yet: nothing can be changed")
            }
            guard let proposal = Operations.propose(request, in: newest) else {
                return .effectFailed(effect, "this version does not know \(request.kind)")
            }
            guard let operation, operation.operator.mayWrite, Operator.checks(proposal) else {
                return .proposed(request, proposal)
            }
            operation.operator.prepare(proposal) {
                operation.report(.operation(.prepared(request, $0)))
            }
            return .effectDone(effect, "asking Kafka whether it would take this")
        case .carryOut(let confirmed, let note):
            guard let operation else {
                return .operation(.refused(.unsupported(kind: type(of: confirmed.change).kind)))
            }
            changing = (confirmed.change as? ConfigAlteration)?.subjects ?? []
            let (report, isPlan) = (operation.report, confirmed.change is PlanExecution)
            operation.operator.run(confirmed, note: note) {
                report(.operation(isPlan ? .ofPlan($0) : $0))
            }
        case .stopChange: operation?.operator.stop()
        case .holdPlan, .setThrottle, .stopPlan, .plan, .takeUpPlan: return carryOutPlan(effect)
        case .leavePlan(let id): host.leavePlan(id)
        case .readJournal: return .journal(readJournal())
        case .switchContext, .pinCluster: return carryOutOfContext(effect, &host)
        case .setMaintenance(let object, let seconds, let note):
            return setMaintenance(effect, object, seconds, note)
        case .snapshot(let path):
            guard let newest else {
                return .effectFailed(effect, "nothing is known yet: no snapshot written")
            }
            do throws(EffectFailure) {
                return .effectDone(effect, try host.write(newest, to: path))
            } catch {
                return .effectFailed(effect, error.sentence)
            }
        }
        return nil
    }
}

extension OperationEvent {
    /// What is known of the cluster may be old since.
    fileprivate var changesFacts: Bool {
        switch self {
        case .ended, .readAgain, .refused(.changed): true
        case .begun, .prepared, .progress, .moving, .refused, .ofPlan: false
        }
    }
}
