// What every published picture gets besides answers: the brokers' states from our own connections,
// the health of each section, sums, history, and what all this costs the cluster.
import ClusterModel
import Health
import KafkaClient
import Transport

extension Observer {
    /// Brings all derived facts up to `now`, just before the picture is published.
    func refreshFacts(_ now: UInt64) {
        let before = draft.cluster.takenAt
        draft.cluster.revision &+= 1
        draft.cluster.takenAt = Instant(ns: now)
        draft.cluster.takenAtWall = WallTime(ms: loop.system.wallClockMs())
        let oldest = draft.forgetOldRates(now: now, limit: rateLimit)
        if oldest.happened {
            var health = draft.cluster.health(.offsets)
            health.oldestAt = oldest
            draft.cluster.sections[.offsets] = health
        }
        for index in draft.cluster.brokers.indices { refreshState(index, now) }
        draft.joinEnds()
        draft.tellNews(NewsStamp(wall: draft.cluster.takenAtWall, now: draft.cluster.takenAt))
        refreshSections(now)
        refreshTraffic(now)
        draft.cluster.summarise()
        health.advance(&draft.cluster)
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
            draft.cluster.brokers[index].requestsPerSecond = 0
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
    private func refreshSections(_ now: UInt64) {
        forgetOldFailures(now)
        let failures = draft.failures.values.map(\.failure) + missingBrokers()
        var worst: [Section: String] = [:]
        for failure in failures where worst[failure.section].map({ failure.message < $0 }) ?? true {
            worst[failure.section] = failure.message
        }
        for section in plan.sections.union([.metadata, .brokers, .topics, .partitions]) {
            var health = draft.cluster.health(section)
            if case .unsupported = health.state { continue }
            if let why = worst[section] {
                health.state = health.answeredAt.happened ? .partial : .failed(why)
            } else {
                health.state = health.answeredAt.happened ? .fresh : .notLoaded
            }
            draft.cluster.sections[section] = health
        }
        // The quorum is the coordinator: it is known as well as that is.
        if draft.cluster.kind == .kraft, plan.sections.contains(.coordinator) {
            draft.cluster.sections[.coordinator] = draft.cluster.health(.quorum)
        }
        draft.cluster.failures = failures.sorted {
            ($0.section.rawValue, $0.api, $0.broker?.value ?? -1, $0.message)
                < ($1.section.rawValue, $1.api, $1.broker?.value ?? -1, $1.message)
        }
    }

    /// A question that is not asked any more (its group moved, its rows went, its broker left) has
    /// not failed: what is asked again fails again within its interval.
    private func forgetOldFailures(_ now: UInt64) {
        guard !draft.failures.isEmpty else { return }
        draft.failures = draft.failures.filter { key, noted in
            if let id = key.broker, let broker = draft.cluster.broker(id), !broker.isListed {
                return false
            }
            guard !isOnce else { return true }
            let interval = draft.cluster.health(noted.failure.section).intervalSeconds
            let turns = UInt64((interval ?? Double(refreshNs) / 1e9) * 2.5e9)
            let grace =
                noted.failure.section == .metadata ? 3 * Limits.slowTimeout : Limits.failureGrace
            return now < max(noted.at, draft.refusals.end(key)) &+ turns &+ grace
        }
    }

    /// Brokers that hold replicas and are not among the living are not even asked: what only they
    /// know is missing from the picture, and it must say so.
    private func missingBrokers() -> [ObservationFailure] {
        var found: [ObservationFailure] = []
        for broker in draft.cluster.brokers
        where !broker.isListed && draft.rowsOfBroker[broker.id] != nil {
            for section in [Section.offsets, .logDirs] where plan.sections.contains(section) {
                if case .unsupported = draft.cluster.health(section).state { continue }
                found.append(
                    ObservationFailure(
                        api: section == .offsets ? "ListOffsets" : "DescribeLogDirs",
                        broker: broker.id,
                        code: broker.isFenced ? "BROKER_FENCED" : "BROKER_MISSING",
                        message: "Broker \(broker.id) holds replicas and is "
                            + (broker.isFenced ? "fenced" : "not among the live brokers")
                            + ": what only it knows is not known.",
                        section: section))
            }
        }
        return found
    }

    private func refreshTraffic(_ now: UInt64) {
        var counters = client.counters
        counters.requests += quorum.counters.requests
        counters.bytesIn += quorum.counters.bytesIn
        counters.bytesOut += quorum.counters.bytesOut
        traffic.measure(counters, client.links, now, into: &draft.cluster)
    }
}

/// What observing costs, from the client's sums at two moments.
struct TrafficMeter {
    private var at: UInt64 = 0
    private var before = ClientCounters()
    private var requestsOfBroker: [Int32: UInt64] = [:]
    /// Smoothed over this many nanoseconds: a footer must not flicker.
    private static let window: UInt64 = 2 * Limits.second

    mutating func start(at now: UInt64) { at = now }

    mutating func measure(
        _ counters: ClientCounters, _ links: [BrokerLink], _ now: UInt64,
        into cluster: inout Cluster
    ) {
        cluster.traffic.openConnections = links.count { $0.state == .ready }
        guard now &- at >= Self.window else { return }
        let seconds = Double(now - at) / 1e9
        func rate(_ count: UInt64, _ before: UInt64) -> Double {
            count > before ? Double(count - before) / seconds : 0
        }
        cluster.traffic.requestsPerSecond = rate(counters.requests, before.requests)
        cluster.traffic.bytesInPerSecond = rate(counters.bytesIn, before.bytesIn)
        cluster.traffic.bytesOutPerSecond = rate(counters.bytesOut, before.bytesOut)
        for link in links {
            if let index = cluster.brokerIndex(BrokerID(link.id)) {
                cluster.brokers[index].requestsPerSecond = rate(
                    link.requestsSent, requestsOfBroker[link.id] ?? 0)
            }
            requestsOfBroker[link.id] = link.requestsSent
        }
        at = now
        before = counters
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
