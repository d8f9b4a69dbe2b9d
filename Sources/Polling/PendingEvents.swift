// From differences between what was known and what an answer says to entries of the event log.
// Changes are noted while answers are folded, in a few columns each, and become events when a
// cluster is published: the loss of a broker that leads thousands is then one line, not thousands.
import ClusterModel
import KafkaWire

/// What changed since the last publication. Nothing is noted before a first answer: a beginning is
/// not a change.
struct PendingEvents {
    /// A partition whose leader or ISR changed.
    struct Change {
        var key: PartitionKey
        var oldLeader: Int32
        var leader: Int32
        var epoch: Int32
        /// Empty where the ISR stayed.
        var oldISR: IDList = []
        var isr: IDList = []
    }
    struct Move {
        var key: PartitionKey
        var adding: IDList
        var removing: IDList
        var hasEnded: Bool
    }
    var changes: [Change] = []
    var moves: [Move] = []
    /// Events that are whole already.
    var events: [ClusterEvent] = []
    /// Brokers listed as alive at the publication before; nil before the first.
    var listed: Set<BrokerID>?
    /// The controller of the newest Metadata answer; nil before the first.
    var controller: BrokerID?
    /// Voters that did not fetch, by the newest answer of the quorum's leader.
    var idleVoters: Set<BrokerID>?
    /// Leader and ISR of partitions of which a source faster than Metadata has events already.
    var announced: [PartitionKey: (leader: Int32, isr: [Int32])] = [:]
    /// Brokers and the controller are watched in ZooKeeper: Metadata says nothing new of them.
    var isWatched = false

    var isEmpty: Bool { changes.isEmpty && moves.isEmpty && events.isEmpty }
}

/// How one thing is written down: with the moment and the source.
struct EventStamp {
    var wall: WallTime
    var now: Instant

    func event(
        _ subject: ObjectID, _ change: ClusterEvent.Change, source: String, at: WallTime? = nil
    ) -> ClusterEvent {
        ClusterEvent(
            at: at ?? wall, seenAt: now, isExact: at != nil, subject: subject, change: change,
            source: source)
    }
}

extension PartitionTable {
    /// The in-sync brokers of a partition, in the order of its replicas.
    func inSync(_ row: Int) -> IDList {
        var list = IDList()
        for replica in replicas(of: row) where replicaFlags[replica].contains(.inSync) {
            list.append(replicaBroker[replica])
        }
        return list
    }
}

extension WorkingCluster {
    /// Notes an event that is whole already.
    mutating func note(
        _ subject: ObjectID, _ change: ClusterEvent.Change, _ stamp: EventStamp,
        source: String = "Metadata", at: WallTime? = nil
    ) {
        pendingEvents.events.append(stamp.event(subject, change, source: source, at: at))
    }

    /// Notes what a rebuilt table changed for partitions that were there before.
    mutating func noteChanges(
        from old: PartitionTable, topics before: [Topic], _ stamp: EventStamp
    ) {
        guard !before.isEmpty else { return }
        var index = 0
        for topic in cluster.topics {
            while index < before.count, before[index].name < topic.name {
                note(.topic(before[index].name), .deleted, stamp)
                index += 1
            }
            guard index < before.count, before[index].name == topic.name else {
                note(.topic(topic.name), .created, stamp)
                continue
            }
            let known = before[index]
            index += 1
            // Another topic of the same name: there is nothing of the old one to compare.
            if known.historyIndex != topic.historyIndex {
                pendingEvents.events.append(
                    stamp.event(.topic(topic.name), .madeAnew, source: "Metadata"))
                continue
            }
            if topic.partitionCount > known.partitionCount, known.partitionCount > 0 {
                note(
                    .topic(topic.name),
                    .grew(from: known.partitionCount, to: topic.partitionCount), stamp)
            }
            for number in 0..<min(known.partitionCount, topic.partitionCount) {
                let (was, row) = (known.firstPartition + number, topic.firstPartition + number)
                guard old.partition[was] == cluster.partitions.partition[row] else { continue }
                noteChange(row: row, oldLeader: old.leader[was], oldISR: old.inSync(was))
            }
        }
        for topic in before[index...] { note(.topic(topic.name), .deleted, stamp) }
    }

    /// Notes that a partition has another leader or ISR than before, if it has.
    mutating func noteChange(row: Int, oldLeader: Int32, oldISR: IDList) {
        let leader = cluster.partitions.leader[row]
        let isr = cluster.partitions.inSync(row)
        let hasOther = oldISR.count != isr.count || isr.contains { !oldISR.contains($0) }
        guard leader != oldLeader || hasOther else { return }
        // A partition without leader may come with no ISR at all: that is no shrink.
        let isUnknown = isr.isEmpty && leader < 0
        pendingEvents.changes.append(
            PendingEvents.Change(
                key: cluster.key(ofRow: row), oldLeader: oldLeader, leader: leader,
                epoch: cluster.partitions.leaderEpoch[row],
                oldISR: hasOther && !isUnknown ? oldISR : [],
                isr: hasOther && !isUnknown ? isr : []))
    }

    /// Puts everything noted into the log.
    mutating func logEvents(_ stamp: EventStamp) {
        noteBrokers(stamp)
        noteController(stamp)
        guard !pendingEvents.isEmpty else { return }
        // Events of one reading are in no order of time.
        pendingEvents.events.sort { $0.at < $1.at }
        for event in pendingEvents.events { cluster.events.append(event) }
        logChanges(stamp)
        logMoves(stamp)
        pendingEvents.changes = []
        pendingEvents.moves = []
        pendingEvents.events = []
    }

    private mutating func noteBrokers(_ stamp: EventStamp) {
        guard cluster.health(.brokers).answeredAt.happened else { return }
        let listed = Set(cluster.brokers.lazy.filter(\.isListed).map(\.id))
        defer { pendingEvents.listed = listed }
        guard let before = pendingEvents.listed, before != listed, !pendingEvents.isWatched else {
            return
        }
        for id in before.subtracting(listed).sorted() {
            note(.broker(id), .left, stamp)
        }
        for id in listed.subtracting(before).sorted() {
            note(.broker(id), .joined, stamp)
        }
    }

    /// In ZooKeeper mode without a session, Metadata names the controller.
    private mutating func noteController(_ stamp: EventStamp) {
        guard cluster.kind == .zookeeper, let controller = cluster.controller else { return }
        defer { pendingEvents.controller = controller }
        guard let before = pendingEvents.controller, before != controller, !pendingEvents.isWatched
        else { return }
        note(
            .controller,
            controller.exists
                ? .elected(controller, as: .broker, before: before)
                : .controllerLost(before: before, as: .broker), stamp)
    }

    // MARK: Partitions

    private mutating func logChanges(_ stamp: EventStamp) {
        let leaders = pendingEvents.changes.filter { $0.leader != $0.oldLeader }.map {
            LeaderChange(
                partition: $0.key, from: BrokerID($0.oldLeader), to: BrokerID($0.leader),
                at: stamp.now)
        }
        cluster.append(leaderChanges: leaders.sorted { $0.partition < $1.partition })
        let changes = pendingEvents.changes.filter { change in
            guard let reported = pendingEvents.announced[change.key] else { return true }
            let isOld =
                reported.leader == change.leader
                && (change.oldISR.isEmpty || Set(reported.isr) == Set(change.isr))
            return !isOld
        }
        let moved = changes.filter { $0.leader != $0.oldLeader }
        if moved.count <= Limits.eventsEach {
            for change in moved {
                log(
                    .partition(change.key),
                    .leader(
                        from: BrokerID(change.oldLeader), to: BrokerID(change.leader),
                        epoch: change.epoch >= 0 ? change.epoch : nil), stamp)
            }
        } else {
            logLeaders(moved, stamp)
        }
        let synced = changes.filter { !($0.oldISR.isEmpty && $0.isr.isEmpty) }
        if synced.count <= Limits.eventsEach {
            for change in synced {
                log(
                    .partition(change.key),
                    .inSync(from: brokers(change.oldISR), to: brokers(change.isr)), stamp)
            }
        } else {
            logISRs(synced, stamp)
        }
    }

    private func brokers(_ ids: IDList) -> [BrokerID] { ids.map { BrokerID($0) } }

    private mutating func log(
        _ subject: ObjectID, _ change: ClusterEvent.Change, _ stamp: EventStamp,
        source: String = "Metadata"
    ) {
        cluster.events.append(stamp.event(subject, change, source: source))
    }

    /// One event for each broker of a count, ascending.
    private mutating func log<Count>(
        _ counts: [Int32: Count], _ stamp: EventStamp, _ change: (Count) -> ClusterEvent.Change
    ) {
        for (id, count) in counts.sorted(by: { $0.key < $1.key }) {
            log(.broker(BrokerID(id)), change(count), stamp)
        }
    }

    /// Many at once: who lost and who gained how many.
    private mutating func logLeaders(_ moved: [PendingEvents.Change], _ stamp: EventStamp) {
        var lost: [Int32: (count: Int, without: Int)] = [:]
        var gained: [Int32: Int] = [:]
        for change in moved {
            if change.oldLeader >= 0 {
                lost[change.oldLeader, default: (0, 0)].count += 1
                if change.leader < 0 { lost[change.oldLeader]?.without += 1 }
            }
            if change.leader >= 0 { gained[change.leader, default: 0] += 1 }
        }
        log(lost, stamp) { .leadersLost(count: $0.count, without: $0.without) }
        log(gained, stamp) { .leadersGained(count: $0) }
    }

    private mutating func logISRs(_ synced: [PendingEvents.Change], _ stamp: EventStamp) {
        var left: [Int32: Int] = [:]
        var joined: [Int32: Int] = [:]
        for change in synced {
            for id in change.oldISR where !change.isr.contains(id) { left[id, default: 0] += 1 }
            for id in change.isr where !change.oldISR.contains(id) { joined[id, default: 0] += 1 }
        }
        log(left, stamp) { .fellOutOfSync(count: $0) }
        log(joined, stamp) { .backInSync(count: $0) }
    }

    private mutating func logMoves(_ stamp: EventStamp) {
        let source = "ListPartitionReassignments"
        guard pendingEvents.moves.count > Limits.eventsEach else {
            for move in pendingEvents.moves {
                log(
                    .partition(move.key),
                    move.hasEnded
                        ? .moveEnded
                        : .moveBegan(
                            adding: brokers(move.adding), removing: brokers(move.removing)),
                    stamp, source: source)
            }
            return
        }
        let ended = pendingEvents.moves.count { $0.hasEnded }
        let began = pendingEvents.moves.count - ended
        if began > 0 { log(.cluster, .movesBegan(count: began), stamp, source: source) }
        if ended > 0 { log(.cluster, .movesEnded(count: ended), stamp, source: source) }
    }

    // MARK: Configs

    /// Notes how a topic's overrides differ from those that were read before.
    mutating func noteOverrides(
        _ next: [ConfigOverride], topic index: Int, _ stamp: EventStamp, source: String,
        at: WallTime? = nil
    ) {
        guard let before = cluster.overrides(topic: index), !(before.isEmpty && next.isEmpty)
        else { return }
        let old = Dictionary(before.map { ($0.name, $0.text) }) { first, _ in first }
        let new = Dictionary(next.map { ($0.name, $0.text) }) { first, _ in first }
        for name in Set(old.keys).union(new.keys).sorted() where old[name] != new[name] {
            note(
                .topic(cluster.topics[index].name),
                .config(key: name, from: old[name], to: new[name]), stamp, source: source, at: at)
        }
    }
}
