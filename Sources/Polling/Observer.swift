// Keeps a picture of one cluster: asks what is due, folds what comes, publishes pictures. Lives on
// the loop's thread; `Observation` is the handle other threads hold.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// The working observer of one cluster. Everything runs on the loop's thread.
final class Observer {
    let loop: Loop
    let client: KafkaClient
    var draft = Draft()
    var interest = Interest()
    var refreshNs: UInt64
    /// What this observer looks at: everything in the console, chosen sections in a snapshot.
    let sections: Set<Section>
    /// One pass over everything, within so many nanoseconds, instead of rounds for ever.
    let onceLimit: UInt64?
    var isOnce: Bool { onceLimit != nil }
    let budget: Budget
    let ensembleConfig: EnsembleConfig
    /// In ZooKeeper mode, from when it is known where the ensemble is.
    var ensemble: EnsembleWatch?
    private(set) lazy var controllers = ControllerAsk(self)
    private let publish: (Cluster) -> Void
    private let finished: () -> Void

    // What is under way.
    var outstanding = 0
    private var isDirty = false
    private var publishTimer: TimerID?
    /// When the timer is due, and when the newest picture was published.
    private var publishDue: UInt64 = 0
    private var publishedAt: UInt64 = 0
    private var roundTimer: TimerID?
    private(set) var isStopped = false
    private var isFinished = false
    /// True from the first Metadata answer on.
    var knowsBrokers = false
    private var bodies = 0

    // When what was asked last; 0 never.
    var wholeMetadataAt: UInt64 = 0
    var wantsWholeMetadata = true
    var metadataUnderWay = false
    /// How long a Metadata answer may take: short, so that a silent broker costs little, and longer
    /// after it was too short.
    var metadataPatience = Limits.fastTimeout
    /// The least time before a whole Metadata answer that an event asks for.
    var wishInterval = Limits.shortestMetadataInterval
    var groupListAt: UInt64 = 0
    var logDirsAt: UInt64 = 0
    var logDirsFailedAt: [BrokerID: UInt64] = [:]
    var quorumAt: UInt64 = 0
    var reassignmentsAt: UInt64 = 0
    var configsAt: UInt64 = 0
    var newConfigsAt: UInt64 = 0
    var configsLayout: UInt64 = 0
    /// Configs of some topics could not be read for a reason that may pass.
    var lacksConfigs = false
    var fencedAt: UInt64 = 0
    var connectAskedAt: UInt64 = 0
    var interestAt: UInt64 = 0
    var interestTimer: TimerID?
    /// Forwarded questions not answered yet: another would wait behind the first.
    var underWay: Set<String> = []
    var trafficBefore = TrafficSample()

    // Where each sweep stands.
    var offsetSweep = OffsetSweep()
    /// Brokers whose first question about all they hold has been answered.
    var sweptBrokers: Set<BrokerID> = []
    var groupCursor = 0
    /// Lists of groups are still coming in.
    var isListingGroups = false
    /// Groups whose coordinator did not answer when it was their turn.
    var groupsToRepeat: Set<String> = []
    /// Every group was asked once: from now on large numbers of them are swept.
    var hasAskedAllGroups = false
    var logDirCursor = 0
    /// How many times the log directories of all brokers have been asked.
    var logDirPass = 0
    /// Topics whose configs are still to be asked in this pass.
    var configQueue: ArraySlice<String> = []
    /// The first questions have been answered, or time enough was given: what is slow and large
    /// does not delay the first picture any more.
    var isUnderWay = false
    /// Everything that was asked has been answered, or given up, at least once.
    private var hasRested = false
    /// Questions for offsets under way, by broker.
    var offsetsUnderWay: [BrokerID: Int] = [:]
    var groupsBusy: Set<String> = []
    var retriedOffsets = false
    /// When the offsets of this round were asked for.
    var askedAt: UInt64 = 0

    init(
        loop: Loop, client: KafkaClient, sections: Set<Section>, onceLimit: UInt64?,
        refreshNs: UInt64, budget: Budget = Budget(),
        ensemble: EnsembleConfig = EnsembleConfig(), publish: @escaping (Cluster) -> Void,
        finished: @escaping () -> Void
    ) {
        self.loop = loop
        self.client = client
        self.sections = sections
        self.onceLimit = onceLimit
        if let onceLimit { metadataPatience = Limits.onceMetadataTimeout(of: onceLimit) }
        self.refreshNs = refreshNs
        self.budget = budget
        ensembleConfig = ensemble
        self.publish = publish
        self.finished = finished
        trafficBefore.at = loop.now
    }

    func start() { round() }

    /// Ends everything: no picture is published and no connection stands after this.
    func stop() {
        isStopped = true
        for timer in [roundTimer, publishTimer, interestTimer] {
            if let timer { loop.cancel(timer) }
        }
        roundTimer = nil
        publishTimer = nil
        interestTimer = nil
        ensemble?.stop()
        controllers.stop()
        client.close()
    }

    func setRefresh(_ ns: UInt64) {
        refreshNs = max(ns, Limits.leastRefresh)
        pollNow()
    }

    /// What came into view is asked at once, not with the next round; while somebody scrolls, not
    /// for every row that passes.
    func setInterest(_ next: Interest, isAtOnce: Bool = true) {
        guard next != interest, !isStopped else { return }
        interest = next
        ensemble?.setStates(next.partitions)
        // A small cluster is asked about everything in each round: what is asked at once besides
        // are groups, which somebody opened.
        guard isAtOnce || !isLarge, interestTimer == nil else { return }
        let now = loop.now
        let earliest = interestAt + Limits.interestInterval
        if now >= earliest {
            interestAt = now
            askOfInterest()
            return
        }
        interestTimer = loop.at(earliest) { [weak self] in
            guard let self else { return }
            interestTimer = nil
            interestAt = loop.now
            askOfInterest()
        }
    }

    /// A round out of turn: the operator asked.
    func pollNow() {
        guard !isOnce else { return }
        if let roundTimer { loop.cancel(roundTimer) }
        round()
    }

    // MARK: Rounds

    private func round() {
        guard !isStopped else { return }
        askMetadata()
        if knowsBrokers { askBody() }
        if !isOnce { roundTimer = loop.after(refreshNs) { [weak self] in self?.round() } }
        publishSoon()
    }

    /// Everything of a round but Metadata: the first time right after the first Metadata answer.
    func askBody() {
        askOffsets()
        askGroups()
        askQuorum()
        askReassignments()
        if isOnce || !isLarge { isUnderWay = true }
        if isUnderWay {
            askConfigs()
            askLogDirs()
        }
        askFenced()
        askCoordinator()
        bodies += 1
        if bodies >= Self.patientBodies { isUnderWay = true }
    }

    /// Work that is not a request to a broker: a snapshot waits for it.
    func beginWork() { outstanding += 1 }

    func endWork() {
        guard !isStopped else { return }
        outstanding -= 1
        settled()
    }

    /// Something was learned outside a round.
    func changed() {
        guard !isStopped else { return }
        isDirty = true
        publishSoon(isUrgent: true)
    }

    /// Somebody says that Metadata has news.
    func wishMetadata() {
        guard !isOnce, !isStopped else { return }
        wantsWholeMetadata = true
        wishInterval = Limits.shortestMetadataInterval
        if knowsBrokers { askMetadata() }
    }

    /// Rounds after which what is slow and large is asked in any case.
    private static let patientBodies = 2

    /// How long an ordinary question may take.
    var patience: UInt64 {
        if let onceLimit { return Limits.onceTimeout(of: onceLimit) }
        // All questions of a large cluster at once: the longest queue is then our own.
        return isLarge && !hasRested ? Limits.firstTimeout : Limits.fastTimeout
    }

    /// Asks one question and keeps account: failures are noted and, once answered, forgotten.
    ///
    /// - Parameters:
    ///   - tries: how often a question to any broker is asked before it has failed; each try has
    ///     three times the time of the one before.
    ///   - fallsBack: any broker can answer as well, when the one that is asked does not.
    ///   - subject: tells questions of one kind to one broker apart.
    func ask<R: KafkaRequest>(
        _ section: Section, to target: Target, lane: Lane = .fast,
        timeoutNs: UInt64? = nil, greatestVersion: Int16? = nil, tries: Int = 1,
        fallsBack: Bool = false, earlier: ClientError? = nil, subject: String = "",
        _ build: @escaping (Int16) -> R,
        failed: @escaping () -> Void = {},
        then fold: @escaping (Answer<R.Response>) -> Void
    ) {
        let timeoutNs = timeoutNs ?? patience
        outstanding += 1
        client.send(
            to: target, lane: lane, timeoutNs: timeoutNs, greatestVersion: greatestVersion,
            building: build
        ) { [weak self] (result: Result<Answer<R.Response>, ClientError>) in
            guard let self, !isStopped else { return }
            outstanding -= 1
            isDirty = true
            switch result {
            case .success(let answer):
                let id = target.brokerID
                draft.wall = WallTime(ms: loop.system.wallClockMs())
                draft.settle(R.name, broker: id, subject: subject)
                if id != nil { draft.settle(R.name, broker: nil, subject: subject) }
                fold(answer)
            case .failure(let error):
                var next: (target: Target, timeoutNs: UInt64, tries: Int)?
                if !error.isUnsupported {
                    if tries > 1, target == .any {
                        let longest = isOnce ? patience : Limits.slowTimeout
                        next = (.any, min(longest, timeoutNs * 3), tries - 1)
                    } else if fallsBack, target != .any {
                        next = (.any, timeoutNs, 1)
                    }
                }
                if let next {
                    ask(
                        section, to: next.target, lane: lane, timeoutNs: next.timeoutNs,
                        greatestVersion: greatestVersion, tries: next.tries, earlier: error,
                        subject: subject, build, failed: failed, then: fold)
                } else {
                    // "Silent, not asked again" follows from the time-out before: that is the
                    // reason.
                    let reason = error.code == .silent ? earlier ?? error : error
                    note(reason, api: R.name, target: target, section: section, subject: subject)
                    failed()
                }
            }
            settled()
        }
    }

    /// What a version lacks is left out and said, never an error; everything else is a failure.
    private func note(
        _ error: ClientError, api: String, target: Target, section: Section, subject: String
    ) {
        if error.isUnsupported {
            // Where other brokers have answered it is only this one that is too old.
            var health = draft.cluster.health(section)
            guard !health.answeredAt.happened else { return }
            health.state = .unsupported(error.sentence)
            draft.cluster.sections[section] = health
            return
        }
        draft.note(
            ObservationFailure(
                api: api, broker: target.brokerID, code: error.code.rawValue,
                message: error.sentence, section: section),
            subject: subject, at: loop.now)
    }

    /// Notes an error code inside an answer.
    func note(
        _ error: KafkaError, api: String, broker: BrokerID?, section: Section, message: String,
        subject: String = ""
    ) {
        draft.note(
            ObservationFailure(
                api: api, broker: broker, code: error.description, message: message,
                section: section),
            subject: subject, at: loop.now)
    }

    // MARK: Publication

    private func settled() {
        guard outstanding == 0 else {
            publishSoon()
            return
        }
        let isFirstRest = bodies > 0 && !hasRested
        if bodies > 0 {
            isUnderWay = true
            hasRested = true
        }
        if isFirstRest, isLarge {
            // What the first answers took is not needed again.
            loop.after(Limits.trimDelay) { giveBackFreeMemory() }
        }
        if isOnce {
            finishOnce()
        } else if isDirty {
            if isLarge, !isFirstRest { publishSoon() } else { publishNow() }
        }
    }

    private func finishOnce() {
        guard !isFinished, !isStopped else { return }
        if knowsBrokers && retryStaleLeaders() { return }
        isFinished = true
        publishNow()
        finished()
    }

    /// A picture at the latest some moments after the first answer of a round: one slow broker must
    /// not hold the others' news back.
    private func publishSoon(isUrgent: Bool = false) {
        guard !isOnce else { return }
        let now = loop.now
        var at = now &+ (draft.cluster.layout == 0 ? Limits.firstPublishDelay : Limits.publishDelay)
        if isLarge, !isUrgent {
            // Making and drawing such a picture takes tens of milliseconds: of a round, or of the
            // first pass, one is enough.
            let pause = hasRested ? refreshNs / 4 * 3 : Limits.largePublishDelay
            at = max(at, publishedAt &+ pause)
        }
        if let publishTimer {
            guard at < publishDue else { return }
            loop.cancel(publishTimer)
        }
        publishDue = at
        publishTimer = loop.at(at) { [weak self] in
            guard let self else { return }
            publishTimer = nil
            // In the middle of a round some brokers have told of a piece and others have not yet.
            let whole = askedAt &+ Limits.roundGrace
            if isLarge, hasRested, !isUrgent, !offsetsUnderWay.isEmpty, loop.now < whole {
                publishDue = whole
                publishTimer = loop.at(whole) { [weak self] in
                    self?.publishTimer = nil
                    self?.publishNow()
                }
                return
            }
            publishNow()
        }
    }

    func publishNow() {
        if let publishTimer { loop.cancel(publishTimer) }
        publishTimer = nil
        isDirty = false
        let now = loop.now
        publishedAt = now
        refreshFacts(now)
        publish(draft.cluster)
    }
}
