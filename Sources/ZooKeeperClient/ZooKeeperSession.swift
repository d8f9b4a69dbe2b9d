// One session with a ZooKeeper ensemble: finds a server, keeps the session alive, moves to another
// server when one is lost, sets the watches again, and reports all of it to its owner.
package import Transport

/// A session confined to its loop's thread. Completions and callbacks run on that thread;
/// completions exactly once each and never before the call that takes them has returned. Reads are
/// asked again of the next server when one is lost.
package final class ZooKeeperSession {
    package let config: ZooKeeperConfig
    package let loop: Loop

    /// Called at every change of `state`.
    package var onState: (SessionState) -> Void = { _ in }
    /// Called for every watch that fires, in the order of the changes; one-shot watches are gone.
    package var onEvent: (ZnodeEvent) -> Void = { _ in }
    /// Called when events of persistent watches may have been missed.
    package var onGap: (WatchGap) -> Void = { _ in }

    package internal(set) var state = SessionState.idle
    /// 0 while there is no session.
    package internal(set) var sessionID: Int64 = 0
    /// As the server granted it.
    package internal(set) var timeoutMs: Int32 = 0
    /// The newest change seen.
    package internal(set) var lastZxid: Int64 = 0
    /// How often a server has taken the session up, the first time included.
    package internal(set) var attachments = 0
    package internal(set) var expirations = 0
    /// Why each server that failed since the session last stood did so.
    package internal(set) var failures: [Endpoint: ZooKeeperError] = [:]

    var password = [UInt8](repeating: 0, count: 16)
    var link: SessionLink?
    var queue = CallQueue()
    var watches = WatchTable()
    /// Servers not tried yet in this round.
    var round: [Endpoint] = []
    var failedRounds = 0
    /// The server that failed last.
    var lastFailed: Endpoint?
    /// Tried first in the next round.
    var preferred: Endpoint?
    /// Servers of this round that closed instead of granting a session, and since when all do.
    var refusals = 0
    var refusedSinceNs: UInt64?
    var lostAtNs: UInt64 = 0
    var backoffTimer: TimerID?
    var deadlineTimer: TimerID?
    var deadlineAtNs: UInt64 = 0
    var searchTimer: TimerID?
    var searches = 0
    var isReadOnly = false
    /// Sessions granted by read-only servers alone are not known to the others.
    var hasSeenQuorum = false
    /// Whether a server knows persistent watches, where that is known.
    var knowsTrees: [Endpoint: Bool] = [:]
    var versions: [Endpoint: ZooKeeperVersion] = [:]
    var wantedTrees: [WantedTree] = []
    /// Answers with bytes behind their record, which were passed over.
    package private(set) var overlongAnswers: UInt64 = 0
    var isRegisteringTrees = false

    /// A persistent watch to be registered, and who waits for it.
    struct WantedTree {
        let path: String
        /// Nil when it was there before and is only registered again.
        let completion: ((Result<Void, ZooKeeperError>) -> Void)?
    }

    package init(loop: Loop, config: ZooKeeperConfig) {
        self.loop = loop
        self.config = config
    }

    /// An answer was read, and so many bytes behind its record were not.
    func passedOver(_ leftOver: Int) { if leftOver > 0 { overlongAnswers += 1 } }

    /// Looks for a server; does nothing when that was done before.
    package func start() {
        guard state == .idle else { return }
        guard !config.servers.servers.isEmpty else {
            set(
                .disconnected(
                    sinceNs: loop.now, why: SessionFailure.noServers.error("connect", nil)))
            return
        }
        lostAtNs = loop.now
        loop.after(0) { [weak self] in self?.startRound() }
    }

    /// The server in use, when there is one.
    package var server: Endpoint? {
        if case .connected(let server, _) = state { server } else { nil }
    }

    /// The release of the server in use, once it was needed and learned.
    package var serverVersion: ZooKeeperVersion? { server.flatMap { versions[$0] } }

    /// The newest ping's round trip.
    package var roundTripNs: UInt64? { link?.roundTripNs }

    /// Requests sent and not answered, and those that wait.
    package var load: (unanswered: Int, waiting: Int) { (link?.unanswered ?? 0, queue.count) }

    /// One-shot watches held, and persistent ones.
    package var watchCount: (oneShot: Int, trees: Int) { (watches.count, watches.trees.count) }

    /// Ends the session on the server, then here; requests under way fail. `completion` runs when
    /// the server has confirmed it, or a second later.
    package func close(_ completion: @escaping () -> Void = {}) {
        guard state != .closed else {
            loop.after(0, completion)
            return
        }
        stopTimers()
        let link = link
        self.link = nil
        set(.closed)
        let waiting = queue.removeAll()
        let trees = wantedTrees
        wantedTrees = []
        for call in waiting { call.fail(.closed, nil) }
        for tree in trees { tree.completion?(.failure(SessionFailure.closed.error("watch", nil))) }
        var isDone = false
        let finish = {
            guard !isDone else { return }
            isDone = true
            for call in link?.abandon() ?? [] { call.fail(.closed, link?.server) }
            completion()
        }
        guard let link, link.isReady else {
            loop.after(0, finish)
            return
        }
        // The closing link holds on until the server has said so.
        loop.after(Limits.closeNs, finish)
        link.closeSession(finish)
    }

    func set(_ state: SessionState) {
        guard state != self.state, self.state != .closed else { return }
        self.state = state
        onState(state)
    }

    func stopTimers() {
        for timer in [backoffTimer, deadlineTimer, searchTimer] {
            if let timer { loop.cancel(timer) }
        }
        backoffTimer = nil
        deadlineTimer = nil
        searchTimer = nil
    }
}
