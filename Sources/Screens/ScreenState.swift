// The whole state of what is shown: a stack of screens over the newest state of the cluster.

internal import ClusterModel
internal import Drawing
internal import Planning

/// Everything the console shows. `update` is a plain function of events: no clock, no input or
/// output; the same events give the same frames.
package struct ScreenState: Sendable {
    var options: ScreenOptions
    var width = 80
    var height = 24
    /// What the client tries while nothing is known of the cluster.
    var sentence = ""
    var view = ClusterView(Cluster())
    var hasCluster = false
    /// The newest cluster while the operator holds the one shown.
    var held: Cluster?
    var isPaused = false
    var screens: [any Screen] = [OverviewScreen()]
    var prompt: Prompt?
    /// Why the command typed cannot be carried out.
    package internal(set) var promptFault: String?
    var history: [String] = []
    var notice: (text: String, isWarning: Bool, at: Instant)?
    var refreshSeconds: Double
    private(set) var journal = JournalView.unread
    /// The cluster whose journal was read at the beginning: a plan in it may have been cut short.
    private var journalOf: String?
    /// A screen that shows the journal is on top: it is read when it comes there.
    private var isJournalOnTop = false
    /// The plan that is carried out from here, or was last.
    var execution: ExecutionView?
    var now = Instant.never
    var startedAt = Instant.never
    var localTime = ""
    var clockOffset: Double?
    private var lastKeyAt = Instant.never
    private var lastInterest: Interest?
    /// The other cluster that the operator was asked about last.
    private var askedAbout: String?
    /// What is being prepared for a review, and on which screen it was asked for.
    private var awaited: (request: ChangeRequest, screen: any Screen)?

    package init(options: ScreenOptions) {
        self.options = options
        refreshSeconds = options.refreshSeconds
    }

    /// Takes one event in and says what is to be done because of it.
    package mutating func update(_ event: Event) -> [Effect] {
        var effects: [Effect] = []
        switch event {
        case .key(let key):
            lastKeyAt = now
            effects = take(key)
        case .resized(let width, let height):
            self.width = min(max(0, width), Limits.greatestSide)
            self.height = min(max(0, height), Limits.greatestSide)
            observe(isIdle: false)
        case .cluster(let cluster):
            if isPaused {
                held = cluster
            } else {
                show(cluster)
            }
        case .tick(let now, let wall, let localTime):
            tick(now, wall, localTime)
        case .connecting(let text): sentence = text
        case .proposed(let request, let proposal):
            if let missing = proposal.missingRight {
                say(missing, isWarning: true)
                break
            }
            open(ReviewScreen(request, Review(proposal, options.policy, view.cluster)))
        case .operation(.prepared(let request, let proposal)): takePrepared(request, proposal)
        case .operation(.ofPlan(let event)):
            takeOfPlan(event)
            if execution?.isUnderWay == false { effects.append(.readJournal) }
        case .planned(let answer):
            let scene = scene()
            for index in screens.indices { screens[index].take(answer, scene) }
        case .operation(let event):
            sayReadAgain(event)
            for index in screens.indices { screens[index].take(event) }
        case .journal(let read): take(read)
        case .contexts(let list): options.contexts = list
        case .effectDone(_, let text), .notice(let text): say(text)
        case .effectFailed(_, let text): say(text, isWarning: true)
        }
        let scene = scene()
        if hasCluster, let wanted = screens[screens.count - 1].ask(scene) { effects.append(wanted) }
        // The overview shows our own changes where it has room for a timeline.
        let hasTimeline =
            screens.last is OverviewScreen && scene.cluster.clusterID != nil
            && scene.body.width >= Limits.boxedWidth && scene.body.height >= Limits.boxedHeight
        let isJournalOnTop =
            screens.last is JournalScreen || screens.last is MovesScreen || hasTimeline
        if isJournalOnTop, !self.isJournalOnTop { effects.append(.readJournal) }
        self.isJournalOnTop = isJournalOnTop
        if let id = view.cluster.clusterID, id != journalOf {
            journalOf = id
            if !effects.contains(.readJournal) { effects.append(.readJournal) }
        }
        for case .propose(let request) in effects { awaited = screens.last.map { (request, $0) } }
        let interest = screens.last?.interest(scene) ?? Interest()
        if interest != lastInterest {
            lastInterest = interest
            let isAtOnce =
                switch event {
                case .cluster, .tick: !isIdle
                default: true
                }
            effects.append(.interest(interest, isAtOnce: isAtOnce))
        }
        return effects
    }

    private mutating func take(_ read: JournalView) {
        journal = read
        if read.unreadable > 0 {
            say("\(plural(read.unreadable, "line")) of the journal cannot be read", isWarning: true)
        }
        observe(isIdle: true)
    }

    /// Opens the review of what was prepared, unless the operator has gone elsewhere meanwhile.
    private mutating func takePrepared(_ request: ChangeRequest, _ proposal: Proposal) {
        guard let wanted = awaited, wanted.request == request else { return }
        awaited = nil
        guard let top = screens.last, top.isSamePlace(as: wanted.screen), !takesText else {
            return say("not shown, since you went elsewhere: \(proposal.change.summary)")
        }
        if let missing = proposal.missingRight { return say(missing, isWarning: true) }
        notice = nil
        open(ReviewScreen(request, Review(proposal, options.policy, view.cluster)))
    }

    /// What was set back is said wherever the operator is by then; the review has it too.
    private mutating func sayReadAgain(_ event: OperationEvent) {
        guard case .readAgain(let told) = event, let fact = told.differing.first,
            told.afterSeconds >= 1, !screens.contains(where: { $0 is ReviewScreen })
        else { return }
        say(
            "\(fact.reviewed.property) of \(fact.reviewed.subject) was set back by something else: "
                + (fact.now.map { "now \($0)" } ?? "not set"), isWarning: true)
    }

    mutating func say(_ text: String, isWarning: Bool = false) {
        notice = (text, isWarning, now)
    }

    mutating func show(_ cluster: Cluster) {
        view = ClusterView(cluster, after: hasCluster ? view : nil)
        // Failures alone are no state: what the client tries says more than `?`.
        hasCluster =
            hasCluster || cluster.brokers.contains { $0.id.exists }
            || cluster.sections.values.contains { $0.answeredAt.happened }
        if !hasCluster, let failure = cluster.failures.first { sentence = failure.message }
        now = max(now, cluster.takenAt)
        askAboutOther()
        observe(isIdle: isIdle)
    }

    /// Another cluster answers: the operator says which it is to be. Nobody is interrupted while
    /// they type.
    private mutating func askAboutOther() {
        let other = view.cluster.otherCluster
        guard let other, other.id != askedAbout, !takesText else { return }
        askedAbout = other.id
        open(IdentityScreen(other))
    }

    /// Nothing is known any more but what belongs to the session itself.
    mutating func forgetCluster() {
        view = ClusterView(Cluster())
        hasCluster = false
        held = nil
        isPaused = false
        screens = [OverviewScreen()]
        prompt = nil
        promptFault = nil
        startedAt = now
        lastInterest = nil
        askedAbout = nil
        (journal, isJournalOnTop, execution) = (.unread, false, nil)
        journalOf = nil
        awaited = nil
    }

    private mutating func tick(_ now: Instant, _ wall: WallTime, _ localTime: String) {
        self.now = max(self.now, now)
        if !startedAt.happened { startedAt = now }
        self.localTime = localTime
        // The text has whole seconds; without their fraction every time of day would jitter.
        let fraction = Double(wall.ms % 1000) / 1000
        clockOffset = secondsOfDay(localTime).map { Double($0) + fraction - Double(now.ns) / 1e9 }
        if let notice, now.seconds(since: notice.at) > Limits.noticeSeconds { self.notice = nil }
        screens[screens.count - 1].tick(self.now)
        if isIdle { observe(isIdle: true) }
    }

    /// Keys are text now: of a prompt or of a review.
    package var takesText: Bool {
        prompt != nil || screens.last?.isTyping ?? false
    }

    /// "12:48:03" as seconds; nil for anything else.
    private func secondsOfDay(_ text: String) -> Int? {
        let parts = text.split(separator: ":").map { Int($0) }
        guard parts.count == 3, let h = parts[0], let m = parts[1], let s = parts[2],
            (0..<24).contains(h), (0..<60).contains(m), (0...60).contains(s)
        else { return nil }
        return h * 3600 + m * 60 + s
    }

    /// Nobody has touched the keys for a while: rows may change places.
    var isIdle: Bool {
        !lastKeyAt.happened || now.seconds(since: lastKeyAt) >= Limits.idleSeconds
    }

    /// What the top screen's closures see.
    func scene(for screen: (any Screen)? = nil) -> Scene {
        let scope = (screen ?? screens.last)?.scope ?? Scope()
        return Scene(
            view: view, now: now, scope: scope, body: regions().body,
            clockOffset: clockOffset, isReadOnly: options.policy.isReadOnly, journal: journal,
            execution: execution, contexts: options.contexts)
    }

    mutating func observe(isIdle: Bool) {
        let scene = scene()
        screens[screens.count - 1].observe(scene, isIdle: isIdle)
        // What lies under an overlay is seen as well.
        if screens.count > 1 && type(of: screens[screens.count - 1]).traits.contains(.overlay) {
            let below = self.scene(for: screens[screens.count - 2])
            screens[screens.count - 2].observe(below, isIdle: isIdle)
        }
    }

    // MARK: The stack

    mutating func open(_ screen: any Screen) {
        guard let top = screens.last, !top.isSamePlace(as: screen) else { return }
        if !type(of: screen).traits.contains(.overlay) { screens[screens.count - 1].cover() }
        screens.append(screen)
        // The overview stays at the bottom; what was passed long ago may go.
        if screens.count > Limits.screens { screens.remove(at: 1) }
        observe(isIdle: true)
    }

    /// Goes to a screen of the whole cluster: the trail begins anew, so that it says where one is
    /// and not where one has been. A screen that is on it already is kept as it was left.
    mutating func jump(_ screen: any Screen) {
        let kept = screens.first { $0.isSamePlace(as: screen) }
        screens.removeLast(screens.count - 1)
        if screens[0].isSamePlace(as: screen) {
            observe(isIdle: true)
        } else {
            open(kept ?? screen)
        }
    }

    mutating func close() {
        if screens.count > 1 {
            screens.removeLast()
            observe(isIdle: true)
        } else {
            say(":q quits")
        }
    }
}
