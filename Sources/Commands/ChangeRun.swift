// The one road of commands that change a cluster: read it, propose, review, carry out, tell. What
// is asked for is the command's own; everything else stands here once.
internal import Arguments
internal import ClusterModel
internal import JSON
internal import KafkaClient
internal import Operations
internal import Planning
internal import Polling
internal import Settings
internal import TerminalIO
internal import Transport

/// One change from the command line.
@MainActor
struct ChangeRun {
    let setup: Setup
    let options: ChangeOptions
    let host: Host
    let journals: JournalStore
    private let follower: ExecutionFollower
    /// A plan is left to a process of its own.
    private let detached: DetachedRun?
    /// Another throttle than a plan was begun with.
    private let throttle: ExecutionThrottle?

    init(_ invocation: Invocation, _ host: Host) throws(Ending) {
        self.host = host
        options = try ChangeOptions(invocation)
        throttle = try ApplyCommand.readThrottle(invocation)
        setup = try Setup(invocation, host)
        follower = ExecutionFollower(invocation, host)
        detached = invocation.has("detach") ? DetachedRun(invocation, host) : nil
        journals = .folder(ConfigFolders(environment: host.environment).state)
        if setup.policy.isReadOnly, options.isAgreed {
            throw Ending(
                code: .refused, sentence: "this session is read-only: nothing was sent")
        }
    }

    /// Reads what is needed of the cluster, makes the proposal of what `ask` wants of it, and shows
    /// it or carries it out.
    func run(
        reading sections: Set<Section>, _ ask: (Cluster) throws(Ending) -> ChangeRequest
    ) throws(Ending) -> ExitCode {
        try run(reading: sections) {
            (cluster: Cluster, _: ClusterSession) throws(Ending) -> ChangeRequest in
            try ask(cluster)
        }
    }

    /// The same where `ask` asks more of the cluster itself.
    func run(
        reading sections: Set<Section>,
        _ ask: (Cluster, ClusterSession) throws(Ending) -> ChangeRequest
    ) throws(Ending) -> ExitCode {
        let (cluster, maker) = try open(sections)
        defer { maker.session.loop.stop() }
        let request = try ask(cluster, maker.session)
        let (proposal, why) = try propose(request, cluster, maker)
        var policy = setup.policy
        // What is only shown may be shown to anybody.
        if options.isDryRun { policy.isReadOnly = false }
        var review = Review(proposal, policy, cluster)
        var answer = ChangeAnswer(review, cluster.clusterID ?? "")
        answer.refusal = why ?? review.obstacle
        if answer.isIdle {
            answer.refusal = nil
            answer.state = .unchanged
            write(answer)
            return .done
        }
        if let refusal = answer.refusal {
            answer.state = .refused
            write(answer)
            throw Ending(code: .refused, sentence: "nothing was sent: \(refusal)")
        }
        guard options.isAgreed else {
            write(answer)
            return .done
        }
        // The operator's word for it is --yes, for this cluster.
        review.type(review.phrase)
        guard let confirmed = review.confirm() else {
            throw Ending(code: .refused, sentence: "nothing was sent: the review does not confirm")
        }
        carryOut(confirmed, maker, &answer)
        write(answer)
        return try ending(answer)
    }

    /// Reads the cluster, and has somebody who may change it. Their loop ends with the process.
    func open(
        _ sections: Set<Section> = []
    ) throws(Ending) -> (cluster: Cluster, maker: Operator) {
        let session = ClusterSession(
            loop: try Setup.startLoop(), config: setup.client.within(options.timeoutNs),
            writes: setup.policy.isReadOnly ? .readOnly : options.isAgreed ? .allowed : .trials)
        let cluster = try read(session, sections)
        let maker = Operator(
            session, journal: { [journals] id throws(JournalError) in try journals.open(id) },
            author: ChangeAuthor(host, setup.configuration.connection), pauses: host.pauses)
        return (cluster, maker)
    }

    private func read(
        _ session: ClusterSession, _ sections: Set<Section>
    ) throws(Ending) -> Cluster {
        let (cluster, _) = ClusterPass(
            session: session, ensemble: setup.ensemble,
            sections: sections.union([.metadata, .brokers]),
            timeoutNs: options.timeoutNs
        ).run()
        if let sentence = cluster.otherClusterSentence {
            throw Ending(
                code: .noCluster,
                sentence: "nothing was sent: \(sentence); check the addresses, names, tunnels "
                    + "and address maps")
        }
        guard let id = cluster.clusterID, cluster.knowsPartitions else {
            let first = cluster.failures.first?.message ?? "no broker has answered in time"
            throw Ending(code: .noCluster, sentence: "nothing was sent: \(first)")
        }
        if let expected = options.expectedClusterID, expected != id {
            throw Ending(
                code: .refused,
                sentence: "nothing was sent: cluster \(id) answers, and not \(expected), which "
                    + "--expect-cluster-id names")
        }
        return cluster
    }

    /// The proposal on the values as they are read now, and why they cannot be.
    private func propose(
        _ request: ChangeRequest, _ cluster: Cluster, _ maker: Operator
    ) throws(Ending) -> (Proposal, String?) {
        guard let first = Operations.propose(request, in: cluster) else {
            throw Ending(
                code: .refused,
                sentence: "nothing was sent: this version does not carry out \(request.kind)")
        }
        guard first.refusal == nil, !first.change.before.isEmpty else { return (first, nil) }
        let reading = wait { (post: @escaping @Sendable (FactsNow) -> Void) in
            maker.read(first.change, completion: post)
        }
        switch reading {
        case .failure(let refusal): return (first, refusal.sentence)
        case .success(let reading):
            var request = request
            request.facts = reading.facts
            let next = Operations.propose(request, in: cluster) ?? first
            return (wait { post in maker.validate(next, report: post) }, nil)
        }
    }

    private typealias FactsNow = Swift.Result<FactReading, OperationRefusal>

    /// Waits for the one answer of who works on the loop's thread.
    private func wait<Answer: Sendable>(
        _ begin: (@escaping @Sendable (Answer) -> Void) -> Void
    ) -> Answer {
        let inbox = Inbox<Answer>()
        begin { inbox.post($0) }
        while true {
            _ = inbox.wait(milliseconds: Self.waitMs)
            if let answer = inbox.drain().first { return answer }
        }
    }

    static let waitMs: Int32 = 1_000

    private func carryOut(
        _ confirmed: Confirmed, _ maker: Operator, _ answer: inout ChangeAnswer
    ) {
        let inbox = Inbox<OperationEvent>()
        let isHandedOver = detached != nil && confirmed.change is PlanExecution
        maker.run(confirmed, note: options.note, isHandedOver: isHandedOver) { inbox.post($0) }
        while true {
            _ = inbox.wait(milliseconds: Self.waitMs)
            for event in inbox.drain() {
                if !isHandedOver { follower.take(event) }
                switch event {
                case .begun(let id): answer.id = id
                case .progress, .moving, .prepared, .readAgain, .ofPlan: break
                case .ended where isHandedOver:
                    answer.state = .detached
                    answer.reason = detached?.begin(
                        answer.id ?? "", options.expectedClusterID ?? "")
                    return
                case .refused(let why):
                    answer.state = .refused
                    answer.refusal = why.sentence
                    return
                case .ended(let outcomes, let reason):
                    answer.end(outcomes, reason, entry(answer.id, confirmed.clusterID))
                    return
                }
            }
        }
    }

    /// What the journal says of it now.
    private func entry(_ id: String?, _ clusterID: String) -> JournalEntry? {
        let reading = try? journals.read(clusterID)
        return reading?.records.last { $0.id == id }?.entry
    }

    private func write(_ answer: ChangeAnswer) {
        switch options.format {
        case .json: host.output.line(answer.document.text)
        case .text: for line in answer.lines { host.output.line(line) }
        }
    }

    // MARK: Plans that were cut short

    /// What the journal says of a plan that is not over.
    func unfinished(_ id: String, of cluster: Cluster) throws(Ending) -> JournalRecord {
        let reading: JournalReading
        do throws(JournalError) {
            reading = try journals.read(cluster.clusterID ?? "")
        } catch {
            throw Ending(code: .cannotRun, sentence: "\(error)")
        }
        guard let record = reading.records.last(where: { $0.id == id }) else {
            throw Ending(
                code: .refused,
                sentence: "nothing was sent: the journal of cluster "
                    + "\(cluster.clusterID ?? "?") has no change \(id)")
        }
        guard record.change is PlanExecution, !record.isEnded else {
            throw Ending(
                code: .refused,
                sentence: "nothing was sent: \(id) (\(record.summary)) is no plan that was cut "
                    + "short" + (record.endReason.map { ": \($0)" } ?? ""))
        }
        return record
    }

    /// Goes on with a plan, or has it end where it is.
    func takeUp(_ id: String, as sequel: PlanSequel) throws(Ending) -> ExitCode {
        let (cluster, maker) = try open()
        defer { maker.session.loop.stop() }
        let record = try unfinished(id, of: cluster)
        guard options.isAgreed else {
            host.output.line(printable("\(id): \(record.summary): not finished"))
            return .done
        }
        if let detached {
            host.output.line(
                detached.begin(id, options.expectedClusterID ?? "", as: sequel))
            return .done
        }
        let inbox = Inbox<OperationEvent>()
        maker.takeUp(
            id, of: cluster.clusterID ?? "", as: sequel, throttle: throttle
        ) { inbox.post($0) }
        while true {
            _ = inbox.wait(milliseconds: Self.waitMs)
            for event in inbox.drain() {
                follower.take(event)
                switch event {
                case .refused(let why):
                    throw Ending(code: .refused, sentence: "nothing was sent: \(why.sentence)")
                case .ended(_, let reason):
                    return try end(id, record, reason, sequel)
                default: break
                }
            }
        }
    }

    private func end(
        _ id: String, _ record: JournalRecord, _ reason: String?, _ sequel: PlanSequel
    ) throws(Ending) -> ExitCode {
        let isDone = reason == nil || sequel != .resume
        switch options.format {
        case .json:
            host.output.line(
                JSONValue.object([
                    .init("id", .string(id)), .init("state", .string(isDone ? "done" : "partly")),
                    .init("reason", reason.map(JSONValue.string) ?? .null),
                ]).text)
        case .text:
            host.output.line(
                printable("\(id): \(record.summary): \(reason ?? "done, as the cluster says")"))
        }
        if isDone { return .done }
        throw Ending(
            code: .carriedOutInPart, sentence: "not carried out as a whole: \(reason ?? "")")
    }

    private func ending(_ answer: ChangeAnswer) throws(Ending) -> ExitCode {
        switch answer.state {
        case .refused where answer.results.allSatisfy({ $0.outcome == .notSent }):
            throw Ending(
                code: .refused,
                sentence: "nothing was sent: \(answer.refusal ?? answer.reason ?? "")")
        case .done, .proposed, .unchanged, .detached: return .done
        case .partly, .refused, .unknown:
            let counts: [(JournalEntry.Result.Outcome, String)] = [
                (.done, "done"), (.refused, "refused by Kafka"), (.unknown, "unknown"),
                (.notDone, "not done"), (.notSent, "not sent"),
            ]
            let told = counts.compactMap { outcome, word in
                let count = answer.results.count { $0.outcome == outcome }
                return count == 0 ? nil : "\(count) \(word)"
            }
            throw Ending(
                code: .carriedOutInPart,
                sentence: "not carried out as a whole: " + told.joined(separator: ", ")
                    + (answer.reason.map { " (\($0))" } ?? ""))
        }
    }
}
