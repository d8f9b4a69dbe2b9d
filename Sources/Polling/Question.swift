// One question to the cluster, and the account of all of them: what is under way, what failed, and
// what was refused and is not asked again for minutes.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// What one round asks for.
enum Due {
    /// Everything, once: a snapshot.
    case once
    /// What is due by the collectors' own clocks: one round of many.
    case live
}

/// When something was asked last.
struct Clock {
    /// The loop's time; 0 never.
    private(set) var askedAt: UInt64 = 0

    func isDue(_ due: Due, every interval: UInt64, at now: UInt64) -> Bool {
        due == .once || askedAt == 0 || now &- askedAt >= interval
    }
    mutating func start(at now: UInt64) { askedAt = now }
    /// Makes it due at once.
    mutating func reset() { askedAt = 0 }
}

/// Tells questions apart: two with the same key ask for the same thing.
struct QuestionKey: Hashable {
    /// Kafka's name of the API.
    var api: String
    /// The broker asked; nil where any can answer.
    var broker: BrokerID?
    /// Tells questions of one kind to one broker apart.
    var subject = ""
}

/// Whom to ask, how, and for how long.
struct Question {
    /// What the answer belongs to, and its failure.
    let section: Section
    var target: Target
    var subject: String
    var lane = Lane.fast
    /// How long the answer may be owed; nil for the observer's `patience`.
    var timeoutNs: UInt64?
    /// Its answer leads to other questions: it leaves before them.
    var isLeading = false
    var greatestVersion: Int16?
    /// How often a question to any broker is asked before it has failed; each try has three times
    /// the time of the one before.
    var tries = 1
    /// Any broker can answer as well, when the one that is asked does not.
    var fallsBack = false
    /// Whoever asks turns to another broker when this one does not answer: it is given less time.
    var hasOthers = false
    /// Not asked while the same is under way: it would only wait behind it.
    var isAlone = false
    /// What went wrong in the try before.
    fileprivate var earlier: ClientError?
    /// How often it was asked again in a snapshot.
    fileprivate var repeats = 0

    init(_ section: Section, to target: Target = .any, subject: String = "") {
        self.section = section
        self.target = target
        self.subject = subject
    }

    func key(_ api: String) -> QuestionKey {
        QuestionKey(api: api, broker: target.brokerID, subject: subject)
    }

    /// How it is asked once more after `error`; nil where it has failed.
    fileprivate func next(after error: ClientError, tookNs: UInt64, longest: UInt64) -> Question? {
        guard !error.isUnsupported else { return nil }
        var next = self
        next.earlier = error
        if tries > 1, target == .any {
            next.timeoutNs = min(longest, tookNs * 3)
            next.tries = tries - 1
        } else if fallsBack, target != .any {
            next.target = .any
            next.tries = 1
        } else {
            return nil
        }
        return next
    }

    /// In a snapshot: after which pause it is asked again, because it was not asked or its
    /// connection was cut; nil where it has failed.
    fileprivate func pause(after error: ClientError) -> UInt64? {
        let most: Int
        switch error.code {
        case .silent, .queueFull, .throttled: most = .max
        case .connectionClosed, .truncatedAnswer: most = Limits.repeatsOfCuts
        case .noBroker where error.attempts.contains { $0.code == .connectionClosed }:
            most = Limits.repeatsOfCuts
        case .connectionRefused,
            .closedAtOnce where target.brokerID != nil:
            most = Limits.repeatsOfRefusals
        default: return nil
        }
        guard repeats < most else { return nil }
        return min(Limits.longestRepeat, Limits.firstRepeat << UInt64(min(repeats, 8)))
    }
}

extension Observer {
    /// Asks one question and keeps account: failures are noted and, once answered, forgotten. False
    /// where it is not asked: it was refused not long ago, or is under way.
    @discardableResult
    func ask<R: ClientRequest>(
        _ question: Question, _ build: @escaping (Int16) -> R,
        failed: @escaping () -> Void = {},
        then fold: @escaping (Answer<R.Response>) -> Void
    ) -> Bool {
        let key = question.key(R.name)
        guard !isRefused(key) else { return false }
        if question.isAlone, !account.underWay.insert(key).inserted { return false }
        account.first.begin(key, in: question.section)
        send(question, of: key, build, failed, fold)
        return true
    }

    private func send<R: ClientRequest>(
        _ question: Question, of key: QuestionKey, _ build: @escaping (Int16) -> R,
        _ failed: @escaping () -> Void, _ fold: @escaping (Answer<R.Response>) -> Void
    ) {
        let timeoutNs = question.timeoutNs ?? patience(question)
        account.outstanding += 1
        client.send(
            to: question.target, lane: question.lane, timeoutNs: timeoutNs,
            longestNs: onceLeft.map { max($0, Limits.leastOnce) },
            isLeading: question.isLeading, greatestVersion: question.greatestVersion,
            building: build
        ) { [weak self] (result: Result<Answer<R.Response>, ClientError>) in
            guard let self, !isStopped else { return }
            account.outstanding -= 1
            publication.isDirty = true
            switch result {
            case .success(let answer):
                end(question, key)
                working.wall = WallTime(ms: loop.system.wallClockMs())
                settle(question.key(R.name))
                fold(answer)
            case .failure(let error):
                let longest = isOnce ? patience : Limits.slowTimeout
                if let next = question.next(after: error, tookNs: timeoutNs, longest: longest) {
                    send(next, of: key, build, failed, fold)
                } else if let pause = question.pause(after: error), pause < onceLeft ?? 0 {
                    var again = question
                    again.repeats += 1
                    if error.code != .silent { again.earlier = error }
                    account.outstanding += 1
                    loop.after(pause) { [weak self] in
                        guard let self, !isStopped else { return }
                        account.outstanding -= 1
                        send(again, of: key, build, failed, fold)
                    }
                } else {
                    end(question, key)
                    // "Silent, not asked again" follows from the time-out before: that is the
                    // reason.
                    let reason = error.code == .silent ? question.earlier ?? error : error
                    note(reason, question, api: R.name)
                    failed()
                }
            }
            settled()
        }
    }

    /// How long it is unknown when a broker looked at what it answers: the round trip without the
    /// least that its connection takes. The least of the trips that were seen is more than that,
    /// by a share of what trips differ by.
    func span<Told>(of answer: Answer<Told>) -> UInt64 {
        let took = answer.receivedAtNs - answer.sentAtNs
        guard let link = answer.brokerID.flatMap({ client.link($0) }), let least = link.leastTripNs
        else { return took }
        let differs = (link.roundTripNs ?? least) - min(least, link.roundTripNs ?? least)
        return min(took, took - min(took, least) + differs / 4)
    }

    private func patience(_ question: Question) -> UInt64 {
        guard let limit = plan.onceLimit, question.target != .any,
            question.fallsBack || question.hasOthers
        else {
            return patience
        }
        return min(patience, Limits.onceFallback(of: limit))
    }

    private func end(_ question: Question, _ key: QuestionKey) {
        if question.isAlone { account.underWay.remove(key) }
        account.first.end(key, in: question.section)
    }

    private func settle(_ key: QuestionKey) {
        working.settle(key)
        guard key.broker != nil else { return }
        var anyBroker = key
        anyBroker.broker = nil
        working.settle(anyBroker)
    }

    /// What a version lacks is left out and said, never an error; everything else is a failure.
    private func note(_ error: ClientError, _ question: Question, api: String) {
        if error.isUnsupported {
            if error.code == .unsupportedVersion {
                remember([question.key(api)], refusedBy: question.target.brokerID)
            }
            // Where other brokers have answered it is only this one that is too old.
            var health = working.cluster.health(question.section)
            guard !health.answeredAt.happened else { return }
            health.state = .unsupported(error.sentence)
            working.cluster.sections[question.section] = health
            return
        }
        working.note(
            ObservationFailure(
                api: api, broker: question.target.brokerID, code: error.code.rawValue,
                message: error.sentence, section: question.section),
            subject: question.subject, at: loop.now)
    }

    /// Notes an error code inside an answer.
    func note(
        _ error: KafkaError, api: String, broker: BrokerID?, section: Section, message: String,
        subject: String = ""
    ) {
        working.note(
            ObservationFailure(
                api: api, broker: broker, code: error.description, message: message,
                section: section),
            subject: subject, at: loop.now)
    }

    /// The same where the error is of some of the things that a request names.
    func note(
        _ error: KafkaError, api: String, broker: BrokerID?, section: Section, share: FailedShare,
        subject: String
    ) {
        working.note(
            ObservationFailure(
                api: api, broker: broker, code: error.description, share: share,
                section: section),
            subject: subject, at: loop.now)
    }

    /// Notes an error that is the whole answer to a question: where it refuses, the question is not
    /// asked again for minutes.
    func note<Told>(
        _ error: KafkaError, in answer: Answer<Told>, to question: Question, api: String,
        message: String
    ) {
        let broker = question.target.brokerID
        if error.isRefusal {
            remember([question.key(api)], refusedBy: broker ?? answer.brokerID.map { BrokerID($0) })
        }
        note(
            error, api: api, broker: broker, section: question.section, message: message,
            subject: question.subject)
    }

    /// Notes an error with which a broker refuses some of what one question names: once for all of
    /// it. Each is left out of such questions for minutes.
    func note(
        _ error: KafkaError, of names: [String], in question: Question, api: String,
        by broker: BrokerID? = nil, share: FailedShare
    ) {
        let asked = question.target.brokerID
        remember(
            names.map { QuestionKey(api: api, broker: asked, subject: $0) },
            refusedBy: asked ?? broker)
        note(
            error, api: api, broker: asked, section: question.section, share: share,
            subject: names.first ?? "")
    }

    // MARK: Refusals

    /// One of the things that a question names was answered: what was refused of it before is over.
    func answered(_ name: String, of question: Question, api: String) {
        guard !working.refusals.isEmpty else { return }
        let key = QuestionKey(api: api, broker: question.target.brokerID, subject: name)
        if working.refusals.contains(key) { working.settle(key) }
    }

    /// Whether a question was refused not long ago.
    func isRefused(_ key: QuestionKey) -> Bool {
        if working.refusals.isEmpty { return false }
        return working.refusals.isInForce(key, at: loop.now, connections: negotiations)
    }

    /// Remembers what a broker refused; nil: what any broker would.
    func remember(_ keys: [QuestionKey], refusedBy broker: BrokerID?) {
        guard !isOnce else { return }
        working.refusals.remember(
            keys, until: loop.now &+ Limits.refusalInterval, broker: broker,
            connections: negotiations(broker))
    }

    /// Connections made to a broker so far, or to all of them.
    private func negotiations(_ broker: BrokerID?) -> UInt64 {
        if let broker { return client.link(broker.value)?.negotiations ?? 0 }
        return (client.links + client.bootstrapLinks).reduce(0) { $0 + $1.negotiations }
    }
}

/// Questions that wait for their answers.
struct QuestionAccount {
    /// How many questions, and other work that a snapshot waits for.
    var outstanding = 0
    /// Those of which only one at a time is asked.
    var underWay: Set<QuestionKey> = []
    var first = FirstQuestions()
}

extension Target {
    var brokerID: BrokerID? {
        if case .broker(let id) = self { BrokerID(id) } else { nil }
    }
}

extension ClientError {
    /// True where the broker's version has no such request.
    fileprivate var isUnsupported: Bool { code == .unsupportedVersion || code == .cannotExpress }
}
