// What every published picture gets besides answers: the brokers' states from our own connections,
// the health of each section, sums, history, and what all this costs the cluster.
import ClusterModel
import KafkaClient
import Transport

extension Observer {
    /// Brings all derived facts up to `now`, just before the picture is published.
    func refreshFacts(_ now: UInt64) {
        let before = draft.cluster.takenAt
        draft.cluster.revision &+= 1
        draft.cluster.takenAt = Instant(ns: now)
        draft.cluster.takenAtWall = WallTime(ms: loop.system.wallClockMs())
        draft.forgetOldRates(now: now, limit: rateLimit)
        for index in draft.cluster.brokers.indices { refreshState(index, now) }
        draft.joinEnds()
        refreshSections()
        refreshTraffic(now)
        draft.cluster.summarise()
        if !isOnce && before.happened {
            draft.cluster.remember(
                from: before, topicsSince: draft.topicSlots.since,
                groupsSince: draft.groupSlots.since,
                watched: interest.partitions.prefix(Limits.watchedPartitions))
        }
    }

    /// A rate is forgotten when its partition has missed two of its turns.
    private var rateLimit: UInt64 {
        let interval = draft.cluster.health(.offsets).intervalSeconds ?? Double(refreshNs) / 1e9
        return UInt64(interval * 2.5e9) + Limits.second
    }

    private func refreshState(_ index: Int, _ now: UInt64) {
        let broker = draft.cluster.brokers[index]
        guard let link = client.link(broker.id.value) else {
            draft.cluster.brokers[index].state = broker.stateWithoutLink
            return
        }
        let answeredAt = Instant(ns: link.lastAnswerAtNs ?? 0)
        draft.cluster.brokers[index].answeredAt = answeredAt
        draft.cluster.brokers[index].roundTripSeconds = link.roundTripNs.map { Double($0) / 1e9 }
        draft.cluster.brokers[index].throttledUntil = Instant(ns: link.throttledUntilNs ?? 0)
        draft.cluster.brokers[index].state = state(of: broker, link, now)
    }

    /// Half of the time-out is late enough to be called slow.
    private static let slowRoundTrip = Limits.fastTimeout / 2

    private func state(of broker: Broker, _ link: BrokerLink, _ now: UInt64) -> Broker.State {
        if !broker.isListed { return broker.stateWithoutLink }
        if let since = link.silentSinceNs { return .silent(since: Instant(ns: since)) }
        if let since = link.failingSinceNs, let error = link.lastError {
            return error.isSilence
                ? .silent(since: Instant(ns: since))
                : .unreachable(since: Instant(ns: since), why: error.what)
        }
        guard let answered = link.lastAnswerAtNs, answered > 0 else { return .unknown }
        if let trip = link.roundTripNs, trip > Self.slowRoundTrip {
            return .slow(Double(trip) / 1e9)
        }
        return .answering
    }

    /// A section with an open failure is partial, or failed where nothing of it was ever answered.
    private func refreshSections() {
        let failures = draft.failures.values
        var worst: [Section: String] = [:]
        for failure in failures where worst[failure.section].map({ failure.message < $0 }) ?? true {
            worst[failure.section] = failure.message
        }
        for section in sections.union([.metadata, .brokers, .topics, .partitions]) {
            var health = draft.cluster.health(section)
            if case .unsupported = health.state { continue }
            if let why = worst[section] {
                health.state = health.answeredAt.happened ? .partial : .failed(why)
            } else {
                health.state = health.answeredAt.happened ? .fresh : .notLoaded
            }
            draft.cluster.sections[section] = health
        }
        draft.cluster.failures = failures.sorted {
            ($0.section.rawValue, $0.api, $0.broker?.value ?? -1, $0.message)
                < ($1.section.rawValue, $1.api, $1.broker?.value ?? -1, $1.message)
        }
    }

    /// Smoothed over this many seconds: a footer must not flicker.
    private static let trafficWindow: UInt64 = 2 * Limits.second

    private func refreshTraffic(_ now: UInt64) {
        let counters = client.counters
        draft.cluster.traffic.openConnections = client.links.filter { $0.state == .ready }.count
        guard now &- trafficBefore.at >= Self.trafficWindow else { return }
        let seconds = Double(now - trafficBefore.at) / 1e9
        draft.cluster.traffic.requestsPerSecond =
            Double(counters.requests &- trafficBefore.requests) / seconds
        draft.cluster.traffic.bytesInPerSecond =
            Double(counters.bytesIn &- trafficBefore.bytesIn) / seconds
        draft.cluster.traffic.bytesOutPerSecond =
            Double(counters.bytesOut &- trafficBefore.bytesOut) / seconds
        trafficBefore = (now, counters.requests, counters.bytesIn, counters.bytesOut)
    }
}

extension Broker {
    /// The state of a broker that nobody lists as alive, or that was never asked.
    fileprivate var stateWithoutLink: State {
        if isListed { return .unknown }
        return isFenced ? .fenced(since: unlistedSince) : .missing(since: unlistedSince)
    }
}

extension ClientError {
    /// True where the broker takes connections or requests and answers nothing.
    fileprivate var isSilence: Bool { code == .timedOut || code == .silent }
    /// True where the broker's version has no such request.
    var isUnsupported: Bool { code == .unsupportedVersion || code == .cannotExpress }
}

extension Target {
    var brokerID: BrokerID? {
        if case .broker(let id) = self { BrokerID(id) } else { nil }
    }
}
