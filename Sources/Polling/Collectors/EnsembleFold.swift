// Folds what the znodes hold, and notes what changed since they were read before. Times are the
// nodes' own: an election that was not observed still has its right date.
import ClusterModel
import ZooKeeperClient

extension WorkingCluster {
    private func stamp(_ now: UInt64) -> EventStamp {
        EventStamp(wall: wall, now: Instant(ns: now))
    }

    /// Folds `/controller`; nil data is a node that is not there. `epoch` is what
    /// `/controller_epoch` said just after.
    mutating func fold(controller node: Znode?, epoch: Int32?, now: UInt64) {
        let before = cluster.controller
        let beforeEpoch = watched.controllerZxid == nil ? nil : cluster.controllerEpoch
        cluster.controllerEpoch = epoch ?? cluster.controllerEpoch
        cluster.coordinator.isSinceSeen = false
        guard let node, let reported = ZnodeContent.controller(node.data) else {
            cluster.controller = BrokerID.none
            cluster.coordinator.controllerSince = nil
            if let known = watched.controllerZxid, known != 0 {
                note(
                    .controller, .controllerLost(before: before, as: .broker), stamp(now),
                    source: ZnodePaths.controller)
            }
            watched.controllerZxid = 0
            return
        }
        cluster.controller = reported.broker
        let since = WallTime(ms: node.stat.createdMs)
        cluster.coordinator.controllerSince = since
        guard watched.controllerZxid != node.stat.createdZxid else { return }
        watched.controllerZxid = node.stat.createdZxid
        var missed: Int32 = 0
        if let epoch, let beforeEpoch, epoch > beforeEpoch &+ 1 { missed = epoch &- beforeEpoch }
        note(
            .controller,
            .elected(
                reported.broker, as: reported.kraftEpoch == nil ? .broker : .migration,
                epoch: epoch,
                before: beforeEpoch == nil ? nil : before.flatMap { $0.exists ? $0 : nil },
                missed: missed), stamp(now), source: ZnodePaths.controller, at: since)
    }

    /// Folds all nodes below `/brokers/ids`.
    mutating func fold(registrations reported: [Registration], now: UInt64) {
        let before = cluster.coordinator.registrations
        let next = reported.sorted { $0.broker < $1.broker }
        cluster.coordinator.registrations = next
        defer { watched.hasRegistrations = true }
        let known = Dictionary(
            before.map { ($0.broker, $0) }, uniquingKeysWith: { first, _ in first })
        var fresh = next.filter { known[$0.broker]?.epoch != $0.epoch }
        if !watched.hasRegistrations {
            // The nodes still say who came lately; a thousand old ones are no events.
            fresh = fresh.filter {
                wall.ms &- ($0.registeredAt?.ms ?? 0) < Limits.recentRegistrationMs
            }
            fresh = fresh.sorted { ($0.registeredAt?.ms ?? 0) < ($1.registeredAt?.ms ?? 0) }
                .suffix(Limits.eventsEach)
        }
        let alive = Set(next.map(\.broker))
        for gone in before where !alive.contains(gone.broker) {
            note(
                .broker(gone.broker), .unregistered, stamp(now),
                source: ZnodePaths.broker("\(gone.broker)"))
        }
        for entry in fresh {
            note(
                .broker(entry.broker), .registered(again: known[entry.broker] != nil), stamp(now),
                source: ZnodePaths.broker("\(entry.broker)"), at: entry.registeredAt)
        }
    }

    /// Folds one state node; its change is an event with the node's own time.
    mutating func fold(state: StoredState?, of key: PartitionKey, now: UInt64) {
        let before = cluster.coordinator.storedStates[key]
        cluster.coordinator.storedStates[key] = state
        guard let state, let before, before != state else { return }
        let source = ZnodePaths.state(key)
        if before.leader != state.leader {
            note(
                .partition(key),
                .leader(
                    from: before.leader, to: state.leader,
                    epoch: state.leader.exists ? state.leaderEpoch : nil), stamp(now),
                source: source, at: state.changedAt)
        }
        if Set(before.isr) != Set(state.isr) {
            note(
                .partition(key), .inSync(from: before.isr, to: state.isr), stamp(now),
                source: source, at: state.changedAt)
        }
        pendingEvents.announced[key] = (state.leader.value, state.isr.map(\.value))
    }

    /// Folds an entity's overrides after a change of them was announced.
    mutating func fold(
        overrides next: [String: String], of entity: String, at: WallTime, now: UInt64
    ) {
        guard let topic = ZnodePaths.topic(ofEntity: entity) else {
            // Quotas and brokers' configs are noted without their values: some are secrets.
            return note(
                .entity(entity), .overridesChanged(next.keys.sorted()), stamp(now),
                source: ZnodePaths.config(entity), at: at)
        }
        let index = cluster.topicIndex(named: topic)
        if index.flatMap({ cluster.overrides(topic: $0) }) == nil {
            let all = next.sorted { $0.key < $1.key }
                .map { ConfigOverride(name: $0.key, value: $0.value) }
            note(
                .topic(topic), .overridesRead(all), stamp(now), source: ZnodePaths.config(entity),
                at: at)
        }
        fold(overrides: next, ofTopic: topic, at: at, now: now)
    }

    /// Folds a topic's overrides as its config node holds them.
    mutating func fold(
        overrides next: [String: String], ofTopic topic: String, at: WallTime, now: UInt64
    ) {
        guard let index = cluster.topicIndex(named: topic) else { return }
        let before = cluster.overrides(topic: index) ?? []
        // The node does not say what is sensitive: what was so for the brokers still is.
        let overrides = next.sorted { $0.key < $1.key }.map { name, value in
            ConfigOverride(
                name: name, value: value,
                isSensitive: before.contains { $0.name == name && $0.isSensitive })
        }
        let source = ZnodePaths.config("topics/\(topic)")
        noteOverrides(overrides, topic: index, stamp(now), source: source, at: at)
        cluster.setOverrides(overrides, topic: index)
    }

    /// Folds what a server of the ensemble says of itself.
    mutating func fold(server next: ZooKeeperServer, number: Int, now: UInt64) {
        guard cluster.coordinator.servers.indices.contains(number) else { return }
        let before = cluster.coordinator.servers[number]
        cluster.coordinator.servers[number] = next
        let change: ClusterEvent.Change
        switch (before.isServing, next.isServing) {
        // The first answer is a beginning.
        case (nil, _): return
        case (true, false): change = .stoppedServing
        case (false, true): change = .servesAgain(mode: next.mode)
        default:
            guard let old = before.mode, let new = next.mode, old != new else { return }
            change = .mode(from: old, to: new)
        }
        note(.server(next.name), change, stamp(now), source: "srvr")
    }

    /// Folds the state of our own session.
    mutating func fold(session next: Coordinator.Session, now: UInt64) {
        let before = cluster.coordinator.session
        guard before != next else { return }
        cluster.coordinator.session = next
        let change: ClusterEvent.Change
        switch (before, next) {
        case (.connected, .lost(_, let why)): change = .sessionLost(why: why)
        case (.lost, .connected(let server, true)): change = .sessionReadOnly(server: server)
        case (.lost, .connected(let server, false)): change = .sessionRestored(server: server)
        default: return
        }
        note(.ensemble, change, stamp(now), source: "session")
    }
}

/// What was read of the znodes before, for the next comparison.
struct WatchedNodes {
    /// The change that made `/controller`; 0 where there was none, nil before the first reading.
    var controllerZxid: Int64?
    var hasRegistrations = false
}
