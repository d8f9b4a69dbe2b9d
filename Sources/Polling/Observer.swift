// Keeps the working copy of one cluster: runs the rounds, lets each collector ask what is due, and
// publishes clusters. Lives on the loop's thread; `Observation` is the handle other threads hold.
import ClusterModel
import Health
import KafkaClient
import Transport

/// What an observation looks at, and how much it asks at once.
struct ObservationPlan {
    /// Everything in the console, chosen sections in a snapshot.
    var sections: Set<Section>
    /// One pass over everything, within so many nanoseconds, instead of rounds for ever.
    var onceLimit: UInt64?
    var budget = Budget()
    /// How to reach ZooKeeper, where the cluster needs it.
    var ensemble = EnsembleConfig()
    /// By what rules judge.
    var judging = Judging()
}

/// The working observer of one cluster. Everything runs on the loop's thread.
final class Observer {
    let loop: Loop
    let client: KafkaClient
    let plan: ObservationPlan
    var working = WorkingCluster()
    /// What is wrong and since when.
    var health = HealthState()
    private(set) var interest = Interest()
    private(set) var refreshNs: UInt64
    var account = QuestionAccount()
    var publication: Publication
    var traffic = TrafficMeter()
    private(set) var progress = Progress()
    private var roundTimer: TimerID?
    private var interestClock = Clock()
    private var interestTimer: TimerID?
    private(set) var isStopped = false
    private let begunAt: UInt64

    private(set) lazy var metadata = MetadataCollector(self)
    private(set) lazy var offsets = OffsetCollector(self)
    private(set) lazy var quorum = QuorumCollector(self)
    private(set) lazy var ensemble = EnsembleCollector(self)
    private(set) lazy var configs = ConfigCollector(self)
    private(set) lazy var configDetails = ConfigDetailCollector(self)
    /// All but Metadata, on which they wait, in the order in which they are asked.
    private lazy var collectors = makeCollectors()

    /// How far the observation has come.
    struct Progress {
        /// Metadata was answered.
        var knowsBrokers = false
        /// How often everything but Metadata was asked.
        var rounds = 0
        /// The first questions have been answered, or were given time enough: from now on what is
        /// slow and large is asked too.
        var isFirstPassDone = false
        /// Everything that was asked has been answered, or given up, at least once.
        var wasIdle = false
    }

    init(
        loop: Loop, client: KafkaClient, plan: ObservationPlan, refreshNs: UInt64,
        publish: @escaping (Cluster) -> Void, finished: @escaping () -> Void
    ) {
        self.loop = loop
        self.client = client
        self.plan = plan
        self.refreshNs = refreshNs
        begunAt = loop.now
        publication = Publication(publish: publish, finished: finished)
        traffic.start(at: loop.now)
    }

    var isOnce: Bool { plan.onceLimit != nil }
    var budget: Budget { plan.budget }

    /// Too many replicas to ask about all of them in every round.
    var isLarge: Bool { working.cluster.partitions.replicaCount > budget.replicasPerRound }

    private func makeCollectors() -> [any Collector] {
        let all: [(Section, () -> any Collector)] = [
            (.groups, { GroupCollector(self) }), (.offsets, { self.offsets }),
            (.quorum, { self.quorum }), (.reassignments, { ReassignmentCollector(self) }),
            (.configs, { self.configs }), (.configs, { self.configDetails }),
            (.logDirs, { LogDirCollector(self) }),
            (.brokers, { FencedCollector(self) }), (.coordinator, { self.ensemble }),
        ]
        return all.filter { plan.sections.contains($0.0) }.map { $0.1() }
    }

    func start() { round() }

    /// Ends everything: no cluster is published and no connection stands after this.
    func stop() {
        leave()
        client.close()
    }

    /// The same, but for the client, with which another observer goes on.
    func leave() {
        isStopped = true
        for timer in [roundTimer, publication.timer, interestTimer] {
            if let timer { loop.cancel(timer) }
        }
        roundTimer = nil
        publication.timer = nil
        interestTimer = nil
        for collector in collectors { collector.stop() }
    }

    func setRefresh(_ ns: UInt64) {
        refreshNs = max(ns, Limits.leastRefresh)
        roundNow()
    }

    /// A round out of turn: the operator asked. What was refused is asked again.
    func pollNow() {
        working.refusals.lapse(at: loop.now)
        roundNow()
    }

    private func roundNow() {
        guard !isOnce else { return }
        if let roundTimer { loop.cancel(roundTimer) }
        round()
    }

    // MARK: What is in view

    /// What came into view is asked at once, not with the next round; during scrolling, not
    /// for every row that passes.
    func setInterest(_ next: Interest, isAtOnce: Bool = true) {
        guard next != interest, !isStopped else { return }
        interest = next
        ensemble.setStates(next.partitions)
        // A small cluster is asked about everything in each round: what is asked at once besides
        // are groups, which the operator opened.
        guard isAtOnce || !isLarge, interestTimer == nil else { return }
        let now = loop.now
        let earliest = interestClock.askedAt + Limits.interestInterval
        guard now < earliest else { return lookAtInterest() }
        interestTimer = loop.at(earliest) { [weak self] in
            self?.interestTimer = nil
            self?.lookAtInterest()
        }
    }

    private func lookAtInterest() {
        interestClock.start(at: loop.now)
        guard progress.knowsBrokers, !isOnce else { return }
        for collector in collectors { collector.lookAt(interest) }
        // Whoever scrolls waits for no round.
        if isLarge { changed() }
    }

    // MARK: Rounds

    private func round() {
        guard !isStopped else { return }
        metadata.round(isOnce ? .once : .live)
        if progress.knowsBrokers { askRest() }
        if !isOnce { roundTimer = loop.after(refreshNs) { [weak self] in self?.round() } }
        publishSoon()
    }

    /// Metadata was answered for the first time: everything else can be asked.
    func brokersAreKnown() {
        progress.knowsBrokers = true
        if !isOnce { publishNow() }
        askRest()
    }

    /// Everything of a round but Metadata.
    private func askRest() {
        if isOnce || !isLarge || progress.rounds >= Self.patientRounds {
            progress.isFirstPassDone = true
        }
        for collector in collectors where progress.isFirstPassDone || !collector.isSlow {
            collector.round(isOnce ? .once : .live)
        }
        progress.rounds += 1
    }

    /// Rounds after which what is slow and large is asked in any case.
    private static let patientRounds = 2

    /// Work that is not a request to a broker: a snapshot waits for it.
    func beginWork() { account.outstanding += 1 }

    func endWork() {
        guard !isStopped else { return }
        account.outstanding -= 1
        settled()
    }

    /// A question or other work has ended.
    func settled() {
        guard account.outstanding == 0 else {
            publishSoon()
            return
        }
        let isFirstRest = progress.rounds > 0 && !progress.wasIdle
        if progress.rounds > 0 {
            progress.isFirstPassDone = true
            progress.wasIdle = true
        }
        if isFirstRest, isLarge {
            // What the first answers took is not needed again.
            loop.after(Limits.trimDelay) { giveBackFreeMemory() }
        }
        if isOnce {
            finishOnce()
        } else if publication.isDirty {
            if isLarge, !isFirstRest { publishSoon() } else { publishNow() }
        }
    }

    private func finishOnce() {
        guard !publication.isFinished, !isStopped else { return }
        if progress.knowsBrokers && offsets.retryStaleLeaders() { return }
        publication.isFinished = true
        publishNow()
        publication.finished()
    }

    /// How long the answer to an ordinary question may be owed.
    var patience: UInt64 {
        if let limit = plan.onceLimit {
            return min(Limits.onceTimeout(of: limit), max(Limits.leastOnce, onceLeft ?? limit))
        }
        // All questions of a large cluster at once: the longest queue is then our own.
        return isLarge && !progress.wasIdle ? Limits.firstTimeout : Limits.fastTimeout
    }

    /// The same of a question that is given `live` between rounds; nil: as any other.
    func patience(live: UInt64) -> UInt64? { isOnce ? nil : live }

    /// How much of a snapshot's time is left to ask in; nil between rounds.
    var onceLeft: UInt64? {
        guard let limit = plan.onceLimit else { return nil }
        let end = begunAt &+ Limits.onceEnd(of: limit)
        return end > loop.now ? end - loop.now : 0
    }

    /// How often each part of a section is asked: what counts as stale depends on it.
    func setInterval(_ section: Section, ns: UInt64) {
        var health = working.cluster.health(section)
        health.intervalSeconds = Double(max(ns, refreshNs)) / 1e9
        working.cluster.sections[section] = health
    }
}
