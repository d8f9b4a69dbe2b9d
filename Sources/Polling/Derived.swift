// What every published cluster gets besides answers: the brokers' states from our own connections,
// sums, findings and history.
import ClusterModel
import Health
import KafkaClient
import Transport

extension Observer {
    /// Brings all that is derived up to `now`, just before the cluster is published.
    func refreshDerived(_ now: UInt64) {
        let before = working.cluster.takenAt
        working.cluster.revision &+= 1
        working.cluster.takenAt = Instant(ns: now)
        working.cluster.takenAtWall = WallTime(ms: loop.system.wallClockMs())
        let oldest = working.forgetOldRates(now: now, limit: rateLimit)
        if oldest.happened {
            var health = working.cluster.health(.offsets)
            health.oldestAt = oldest
            working.cluster.sections[.offsets] = health
        }
        for index in working.cluster.brokers.indices { refreshState(index, now) }
        working.cluster.otherCluster = otherCluster(now)
        working.joinEnds(isOnce: isOnce)
        working.logEvents(
            EventStamp(wall: working.cluster.takenAtWall, now: working.cluster.takenAt))
        refreshSections(now)
        refreshTraffic(now)
        plan.judging.prepare(&working.cluster)
        working.cluster.summarise()
        health.advance(&working.cluster, isOnlyLook: isOnce)
        if !isOnce && before.happened {
            working.cluster.remember(
                from: before, topicsSince: working.topicIndexes.since,
                groupsSince: working.groupIndexes.since,
                watched: interest.partitions.prefix(Limits.watchedPartitions))
        }
    }

    /// A rate is forgotten when its partition has missed two of its turns.
    private var rateLimit: UInt64 {
        let interval = working.cluster.health(.offsets).intervalSeconds ?? Double(refreshNs) / 1e9
        return UInt64(interval * 2.5e9) + Limits.second
    }

    private func refreshState(_ index: Int, _ now: UInt64) {
        let broker = working.cluster.brokers[index]
        guard let link = client.link(broker.id.value) else {
            working.cluster.brokers[index].state = broker.stateWithoutLink
            working.cluster.brokers[index].requestsPerSecond = 0
            return
        }
        let answeredAt = Instant(ns: link.lastAnswerAtNs ?? 0)
        working.cluster.brokers[index].answeredAt = answeredAt
        working.cluster.brokers[index].roundTripSeconds = link.roundTripNs.map { Double($0) / 1e9 }
        working.cluster.brokers[index].certificateEnds = link.certificateEnds
        working.cluster.brokers[index].overlongAnswers = link.overlongAnswers
        working.cluster.brokers[index].throttledUntil = Instant(ns: link.throttledUntilNs ?? 0)
        working.cluster.brokers[index].state = state(of: broker, link, now)
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
        if let wait = link.throttleNs { return .throttled(Double(wait) / 1e9) }
        if let trip = link.roundTripNs, trip > Self.slowRoundTrip {
            return .slow(Double(trip) / 1e9)
        }
        return .answering
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
}
