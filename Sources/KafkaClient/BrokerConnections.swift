// A broker (or a bootstrap server) as this client sees it: its connections and what is known of its
// health. Health is the broker's, not a connection's: silence on one is a reason to be brief on
// both.
import KafkaWire
import Transport

/// One broker of the cluster, or one bootstrap server while no broker is known.
final class BrokerConnections {
    /// Nil for a bootstrap server.
    let id: Int32?
    private(set) var endpoint: Endpoint
    var rack: String?
    var isListed = true

    private let context: ClientContext
    private var lanes: [BrokerLane?] = [nil, nil]
    /// Connections to an earlier address that still have requests under way.
    private var retired: [BrokerLane] = []
    private var isRetired = false
    private var isClosed = false
    /// The other cluster that answered at its address last; nil: none.
    var otherClusterID: String?
    /// Another broker that is reached at the same address.
    var sharesAddressWith: Int32?
    /// Told once when it is known who answers, or that nobody does.
    private var proofWaiters: [() -> Void] = []

    private(set) var lastAnswerAtNs: UInt64?
    private(set) var silentSinceNs: UInt64?
    private(set) var failingSinceNs: UInt64?
    private(set) var lastError: ClientError?
    private(set) var throttledUntilNs: UInt64?
    /// When the newest wait that the broker asked for is over, or was.
    private(set) var throttleEndNs: UInt64 = 0
    private var throttleNs: UInt64 = 0
    private(set) var roundTripNs: UInt64?
    /// Of the fast connection.
    private var leastTrip = Recent<UInt64>(span: Limits.leastTripSpan, keeps: <)
    /// As the newest connection said.
    var versions: VersionTable?
    /// Of the fast connection, one after the other.
    var negotiations: UInt64 = 0
    var requestsSent: UInt64 = 0
    var bytesOut: UInt64 = 0
    var bytesIn: UInt64 = 0
    private var overlongAnswers: UInt64 = 0
    /// As its newest connection showed.
    var certificateEnds: Int64?

    init(_ context: ClientContext, id: Int32?, endpoint: Endpoint) {
        self.context = context
        self.id = id
        self.endpoint = endpoint
    }

    /// Sends a request on the connection it asks for, which is made when it is not there.
    func submit(_ call: Call) {
        if isClosed {
            return context.loop.later { [self] in
                call.fail(RequestFailure(.shutdown, greeted: true), self)
            }
        }
        if let until = throttledUntilNs, until > context.loop.now &+ call.kind.timeoutNs {
            let left = until - context.loop.now
            return context.loop.later { call.fail(.throttled(forNs: left), self) }
        }
        guard let since = silentSinceNs else { return lane(call.kind.lane).submit(call) }
        let fast = lane(.fast)
        // A connection that stands and owes nothing contradicts the silence: the request decides.
        if call.kind.lane == .fast, fast.owesNothing { return fast.submit(call) }
        // One probe of our own is enough; requests would only wait behind it.
        fast.probe()
        let silence = context.loop.now - since
        context.loop.later { call.fail(.silent(forNs: silence), self) }
    }

    /// The broker is known by another address from now on.
    func move(to endpoint: Endpoint) {
        guard endpoint != self.endpoint else { return }
        self.endpoint = endpoint
        for lane in lanes { lane?.retire() }
        retired = (retired + lanes.compactMap(\.self)).filter(\.isBusy)
        lanes = [nil, nil]
        silentSinceNs = nil
        failingSinceNs = nil
    }

    /// Lets the connections go as soon as nothing is under way on them, later ones too: a bootstrap
    /// server is only the last resort once brokers are known.
    func retire() {
        isRetired = true
        for lane in lanes { lane?.retire() }
    }

    func close() {
        isClosed = true
        for lane in lanes.compactMap(\.self) + retired {
            lane.close(RequestFailure(.shutdown, greeted: true))
        }
        lanes = [nil, nil]
        retired = []
    }

    /// Learns who answers, over a new connection where there is none.
    func prove(_ told: @escaping () -> Void) {
        proofWaiters.append(told)
        lane(.fast).proveAgain()
    }

    func takeProofWaiters() -> [() -> Void] {
        defer { proofWaiters = [] }
        return proofWaiters
    }

    /// An answer was another cluster's: nothing of these connections counts any more.
    func meets(cluster id: String, instead expected: String) {
        otherClusterID = id
        for lane in lanes { lane?.meets(cluster: id, instead: expected) }
    }

    // MARK: What the connections report

    /// An answer came, also a late one: the broker lives.
    func heard(_ now: UInt64) {
        lastAnswerAtNs = now
        silentSinceNs = nil
        failingSinceNs = nil
        lastError = nil
    }

    /// There and back on the fast connection, whatever was asked.
    func crossed(in nanoseconds: UInt64) { leastTrip.note(nanoseconds, context.loop.now) }

    func measured(_ nanoseconds: UInt64, _ lane: Lane) {
        if lane == .fast { crossed(in: nanoseconds) }
        guard let average = roundTripNs else {
            roundTripNs = nanoseconds
            return
        }
        let weight = Limits.roundTripWeight
        roundTripNs = (average * (weight - 1) + nanoseconds) / weight
    }

    /// An answer was read, and so many bytes behind its last field were not.
    func passedOver(_ leftOver: Int) {
        guard leftOver > 0 else { return }
        overlongAnswers += 1
        context.counters.overlongAnswers += 1
    }

    func markSilent(since: UInt64) { silentSinceNs = silentSinceNs ?? since }

    /// A connection failed. When that proves that nobody listens, the broker is not silent but
    /// gone.
    func failed(_ error: ClientError) {
        lastError = error
        if error.code != .wrongCluster { otherClusterID = nil }
        for action in takeProofWaiters() { context.loop.later(action) }
        failingSinceNs = failingSinceNs ?? context.loop.now
        switch error.code {
        case .connectionRefused, .connectionClosed, .truncatedAnswer, .wrongBroker, .wrongCluster:
            silentSinceNs = nil
        default: break
        }
    }

    /// The broker asked us to wait; held requests go when the time is over.
    func throttle(_ milliseconds: Int32) {
        guard milliseconds > 0 else { return }
        let wait = UInt64(min(milliseconds, Limits.throttleMs)) * Limits.nanosecondsPerMillisecond
        let until = context.loop.now + wait
        throttleNs = wait
        guard until > throttledUntilNs ?? 0 else { return }
        throttledUntilNs = until
        throttleEndNs = until
        context.loop.at(until) { [weak self] in
            guard let self, let end = throttledUntilNs, end <= context.loop.now else { return }
            throttledUntilNs = nil
            for lane in lanes { lane?.pump() }
        }
    }

    // MARK: Choice and status

    /// How good a choice this broker is when any will do; less is better.
    var rank: Int {
        if silentSinceNs != nil { return 4 }
        if throttledUntilNs != nil { return 3 }
        let fast = lanes[Lane.fast.rawValue]
        switch fast?.state ?? .idle {
        case .ready: return 0
        case .connecting, .negotiating, .authenticating:
            let isYoung = fast.map { $0.connectingNs < Limits.youngConnecting } ?? true
            return failingSinceNs == nil && isYoung ? 1 : 3
        case .idle: return failingSinceNs == nil ? 2 : 3
        case .backingOff(let until): return until <= context.loop.now ? 3 : 4
        }
    }

    /// A quota throttles again and again: it is not over as soon as its last wait is.
    private var recentThrottle: UInt64? {
        throttleEndNs > 0 && context.loop.now < throttleEndNs &+ Limits.throttleMemory
            ? throttleNs : nil
    }

    /// A connection for ordinary requests stands.
    var isReady: Bool { lanes[Lane.fast.rawValue]?.state == .ready }

    /// When its connection for ordinary requests gave something last.
    var progressedAtNs: UInt64 { lanes[Lane.fast.rawValue]?.progressedAtNs ?? 0 }

    var link: BrokerLink {
        BrokerLink(
            id: id ?? -1, endpoint: endpoint, rack: rack, isListed: isListed,
            state: lanes[Lane.fast.rawValue]?.state ?? .idle, lastAnswerAtNs: lastAnswerAtNs,
            silentSinceNs: silentSinceNs, failingSinceNs: failingSinceNs, lastError: lastError,
            requestsSent: requestsSent, bytesOut: bytesOut, bytesIn: bytesIn,
            overlongAnswers: overlongAnswers,
            throttledUntilNs: throttledUntilNs, throttleNs: recentThrottle,
            roundTripNs: roundTripNs,
            leastTripNs: leastTrip.value(context.loop.now), versions: versions,
            negotiations: negotiations, otherClusterID: otherClusterID,
            certificateEnds: certificateEnds)
    }

    private func lane(_ lane: Lane) -> BrokerLane {
        if let found = lanes[lane.rawValue] { return found }
        let made = BrokerLane(context, self, lane, endpoint)
        if isRetired { made.retire() }
        lanes[lane.rawValue] = made
        return made
    }
}

extension Loop {
    /// Runs `action` when the caller has returned, so that nobody is called back from within a
    /// call.
    func later(_ action: @escaping () -> Void) { after(0, action) }
}
