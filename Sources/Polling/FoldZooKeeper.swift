// What the znodes tell, folded into the picture, and what changed of it since it was read before.
// Times are the nodes' own: an election that happened while nobody looked is still dated right.
import ClusterModel
import ZooKeeperClient

extension Draft {
    private func stamp(_ now: UInt64) -> NewsStamp { NewsStamp(wall: wall, now: Instant(ns: now)) }

    /// Folds `/controller`; nil data is a node that is not there. `epoch` is what
    /// `/controller_epoch` said just after.
    mutating func fold(controller node: Znode?, epoch: Int32?, now: UInt64) {
        let before = cluster.controller
        let beforeEpoch = watched.controllerZxid == nil ? nil : cluster.controllerEpoch
        cluster.controllerEpoch = epoch ?? cluster.controllerEpoch
        cluster.coordinator.isSinceSeen = false
        guard let node, let told = ZnodeContent.controller(node.data) else {
            cluster.controller = BrokerID.none
            cluster.coordinator.controllerSince = nil
            if let known = watched.controllerZxid, known != 0 {
                let name = before.flatMap { $0.exists ? "broker \($0)" : nil } ?? "nobody"
                news.events.append(
                    stamp(now).event(
                        .election, "controller", "none: \(name) is it no more",
                        source: ZnodePaths.controller, isLoss: true))
            }
            watched.controllerZxid = 0
            return
        }
        cluster.controller = told.broker
        let since = WallTime(ms: node.stat.createdMs)
        cluster.coordinator.controllerSince = since
        guard watched.controllerZxid != node.stat.createdZxid else { return }
        watched.controllerZxid = node.stat.createdZxid
        var text = told.kraftEpoch == nil ? "broker" : "KRaft controller"
        text += " \(told.broker) was elected"
        if let epoch { text += " (epoch \(epoch))" }
        if let before, beforeEpoch != nil, before.exists { text += ", \(before) before" }
        if let epoch, let beforeEpoch, epoch > beforeEpoch + 1 {
            text += "; \(epoch - beforeEpoch) elections since it was seen last"
        }
        news.events.append(
            stamp(now).event(
                .election, "controller", text, source: ZnodePaths.controller, at: since))
    }

    /// Folds all nodes below `/brokers/ids`.
    mutating func fold(registrations told: [Registration], now: UInt64) {
        let before = cluster.coordinator.registrations
        let next = told.sorted { $0.broker < $1.broker }
        cluster.coordinator.registrations = next
        defer { watched.hasRegistrations = true }
        let known = Dictionary(
            before.map { ($0.broker, $0) }, uniquingKeysWith: { first, _ in first })
        var fresh = next.filter { known[$0.broker]?.epoch != $0.epoch }
        if !watched.hasRegistrations {
            // Who came lately is still told by the nodes; a thousand old ones are no news.
            fresh = fresh.filter {
                wall.ms &- ($0.registeredAt?.ms ?? 0) < Limits.recentRegistrationMs
            }
            fresh = fresh.sorted { ($0.registeredAt?.ms ?? 0) < ($1.registeredAt?.ms ?? 0) }
                .suffix(Limits.eventsEach)
        }
        let alive = Set(next.map(\.broker))
        for gone in before where !alive.contains(gone.broker) {
            news.events.append(
                stamp(now).event(
                    .registration, "broker \(gone.broker)", "its registration is gone",
                    source: ZnodePaths.broker("\(gone.broker)"), isLoss: true))
        }
        for entry in fresh {
            let again = known[entry.broker] == nil ? "" : " again"
            news.events.append(
                stamp(now).event(
                    .registration, "broker \(entry.broker)", "registered\(again)",
                    source: ZnodePaths.broker("\(entry.broker)"), at: entry.registeredAt))
        }
    }

    /// Folds one state node; its change is an event with the node's own time.
    mutating func fold(state: StoredState?, of key: PartitionKey, now: UInt64) {
        let before = cluster.coordinator.storedStates[key]
        cluster.coordinator.storedStates[key] = state
        guard let state, let before, before != state else { return }
        let source = ZnodePaths.state(key)
        let subject = key.description
        func name(_ id: BrokerID) -> String { id.exists ? "\(id)" : "none" }
        if before.leader != state.leader {
            let text =
                state.leader.exists
                ? "led by \(state.leader) instead of \(name(before.leader)) "
                    + "(leader epoch \(state.leaderEpoch))"
                : "has no leader, \(name(before.leader)) before"
            news.events.append(
                stamp(now).event(
                    .leadership, subject, text, source: source, isLoss: !state.leader.exists,
                    at: state.changedAt))
        }
        if Set(before.isr) != Set(state.isr) {
            func words(_ ids: [BrokerID]) -> String {
                ids.isEmpty ? "none" : ids.map(\.description).joined(separator: ", ")
            }
            news.events.append(
                stamp(now).event(
                    .isr, subject, "in sync: \(words(before.isr)) to \(words(state.isr))",
                    source: source, isLoss: before.isr.contains { !state.isr.contains($0) },
                    at: state.changedAt))
        }
        news.announced[key] = (state.leader.value, state.isr.map(\.value))
    }

    /// Folds an entity's overrides after a change of them was announced.
    mutating func fold(
        overrides next: [String: String], of entity: String, at: WallTime, now: UInt64
    ) {
        let source = ZnodePaths.config(entity)
        guard entity.hasPrefix("topics/") else {
            // Quotas and brokers' configs are told without their values: some are secrets.
            let names = next.keys.sorted().joined(separator: ", ")
            news.events.append(
                stamp(now).event(
                    .config, entity,
                    names.isEmpty ? "no overrides any more" : "overrides changed: \(names)",
                    source: source, at: at))
            return
        }
        let topic = String(entity.dropFirst("topics/".count))
        if news.overrides[topic] == nil {
            let all = next.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            news.events.append(
                stamp(now).event(
                    .config, topic, "overrides are now: " + all.joined(separator: " "),
                    source: source, at: at))
            news.overrides[topic] = next
        } else {
            noteOverrides(next, of: topic, stamp(now), source: source, at: at)
        }
        if let index = cluster.topicIndex(named: topic) {
            cluster.topics[index].overrideCount = next.count
        }
    }

    /// Folds what a server of the ensemble says of itself.
    mutating func fold(server next: ZooKeeperServer, number: Int, now: UInt64) {
        guard cluster.coordinator.servers.indices.contains(number) else { return }
        let before = cluster.coordinator.servers[number]
        cluster.coordinator.servers[number] = next
        func tell(_ text: String, isLoss: Bool = false) {
            news.events.append(
                stamp(now).event(
                    .coordinator, next.name, text, source: "srvr", isLoss: isLoss))
        }
        // The first answer is a beginning.
        guard before.isServing != nil else { return }
        if before.isServing == true, next.isServing == false {
            tell("does not serve any more", isLoss: true)
        } else if before.isServing == false, next.isServing == true {
            tell("serves again" + (next.mode.map { " (\($0))" } ?? ""))
        } else if let old = before.mode, let new = next.mode, old != new {
            tell("is \(new) now, \(old) before")
        }
    }

    /// Folds the state of our own session.
    mutating func fold(session next: Coordinator.Session, now: UInt64) {
        let before = cluster.coordinator.session
        guard before != next else { return }
        cluster.coordinator.session = next
        switch (before, next) {
        case (.connected, .lost(_, let why)):
            news.events.append(
                stamp(now).event(
                    .coordinator, "ZooKeeper", "our session has no server: \(why)",
                    source: "session", isLoss: true))
        case (.lost, .connected(let server, true)):
            news.events.append(
                stamp(now).event(
                    .coordinator, "ZooKeeper",
                    "only \(server) is left, read-only: what it keeps may be old",
                    source: "session", isLoss: true))
        case (.lost, .connected(let server, false)):
            news.events.append(
                stamp(now).event(
                    .coordinator, "ZooKeeper", "our session goes on through \(server)",
                    source: "session"))
        default: break
        }
    }
}

/// What was read of the znodes before, for the next comparison.
struct WatchedNodes {
    /// The change that made `/controller`; 0 where there was none, nil before the first reading.
    var controllerZxid: Int64?
    var hasRegistrations = false
}
