// Kafka's side of the tree: what changed in the cluster is found by comparing it with what
// ZooKeeper last held, written in the order of a real controller, and sent to who watches.
import JSON
import KafkaWire
import Simulation
import ZooKeeperClient

extension Machine {
    static let firstControllerEpoch: Int32 = 7

    /// After anything may have changed. Costs nothing where nothing did.
    mutating func updateZooKeeper() {
        // Without a quorum nothing can be written; it is made up for later.
        guard zooKeeper.isServing else { return }
        if !isOne(zooKeeper.storedBrokers, brokers) {
            writeRegistrations()
            writeBrokerConfigs()
            zooKeeper.storedBrokers = brokers
        }
        let wanted = (id: controllerID, epoch: controllerEpoch)
        if wanted != zooKeeper.controller, !zooKeeper.isElecting { removeController() }
        if zooKeeper.isElecting || zooKeeper.isSettling { return }
        writeTopics()
    }

    private mutating func writeRegistrations() {
        for index in brokers.indices {
            let isDead = brokers[index].condition == .dead
            let isBack = zooKeeper.brokerWasDead[index] && !isDead
            zooKeeper.brokerWasDead[index] = isDead
            let session = zooKeeper.brokerSessions[index]
            if let session, !brokers[index].isRegistered || isBack {
                // Back before its old session ended: it takes the old registration away itself.
                zooKeeper.brokerSessions[index] = nil
                endSession(session)
                if isBack, controllerID == brokers[index].id { failOverController() }
            }
            if brokers[index].isRegistered, zooKeeper.brokerSessions[index] == nil {
                register(index)
            }
        }
    }

    /// The old controller's znode goes (it may be gone with its session); brokers race for it.
    private mutating func removeController() {
        let path = rooted("/controller")
        if zooKeeper.tree.nodes[path] != nil {
            nextZxid()
            zooKeeper.tree.remove(path)
            for session in zooKeeper.sessions.values where session.ephemerals.contains(path) {
                zooKeeper.sessions[session.id]?.ephemerals.removeAll { $0 == path }
            }
            fireDeleted(path)
        }
        zooKeeper.isElecting = true
        schedule(in: 0.02 + 0.04 * random.unit(), .zooKeeper(.electController))
    }

    /// /controller and /controller_epoch in one change; the states follow.
    mutating func writeController() {
        guard zooKeeper.isElecting else { return }
        zooKeeper.isElecting = false
        zooKeeper.controller = (controllerID, controllerEpoch)
        guard let index = brokerIndex(controllerID),
            let session = zooKeeper.brokerSessions[index]
        else { return }
        let path = rooted("/controller")
        nextZxid()
        let ms = wallMs
        let data = Array(controllerJSON(controllerID, ms: ms).utf8)
        zooKeeper.tree.insert(path, data, owner: session, ms: ms)
        // Of one session's znodes this one goes first.
        zooKeeper.sessions[session]?.ephemerals.insert(path, at: 0)
        fireCreated(path)
        let epochPath = rooted("/controller_epoch")
        if zooKeeper.tree.nodes[epochPath]?.data != Array("\(controllerEpoch)".utf8) {
            zooKeeper.tree.setData(epochPath, Array("\(controllerEpoch)".utf8), ms: ms)
            zooKeeper.tree.nodes[epochPath]?.stat.version = controllerEpoch
            fire(.dataChanged, epochPath)
        }
        zooKeeper.isSettling = true
        schedule(in: 0.1 + 0.2 * random.unit(), .zooKeeper(.settle))
    }

    // MARK: Topics, configs, states

    mutating func writeTopics() {
        if !isOne(zooKeeper.tree.topics, topics) { writeConfigs() }
        if !zooKeeper.handMoves.isEmpty, zooKeeper.handMoves.allSatisfy({ moves[$0] == nil }) {
            zooKeeper.handMoves = []
            let path = rooted("/admin/reassign_partitions")
            schedule(in: 0.05, .zooKeeper(.delete(path: path)))
        }
        if !isOne(zooKeeper.tree.replicaBroker, replicaBroker) || !hasSameMoves
            || zooKeeper.tree.oddReplicas != oddReplicas
        {
            writeReplicas()
        }
        if !isOne(zooKeeper.tree.leader, leader) || !isOne(zooKeeper.tree.epoch, epoch)
            || !isOne(zooKeeper.tree.inSync, inSync)
        {
            writeStates()
        }
    }

    private mutating func writeConfigs() {
        let old = zooKeeper.tree.topics
        zooKeeper.tree.topics = topics
        guard old.count == topics.count else { return }
        for index in topics.indices
        where !old[index].overrides.elementsEqual(topics[index].overrides) {
            nextZxid()
            let before = zooKeeper.tree.configMarks[Int32(index)]?.version ?? 0
            zooKeeper.tree.configMarks[Int32(index)] = nextMark(before)
            fire(.dataChanged, rooted("/config/topics/\(topics[index].name)"))
            noteConfigChange("topics/\(topics[index].name)")
        }
    }

    private mutating func writeBrokerConfigs() {
        if zooKeeper.defaultConfigs != defaultOverrides {
            zooKeeper.defaultConfigs = defaultOverrides
            writeBrokerConfig("<default>", defaultOverrides)
        }
        for index in brokers.indices
        where zooKeeper.brokerConfigs[index] != brokers[index].overrides {
            zooKeeper.brokerConfigs[index] = brokers[index].overrides
            writeBrokerConfig("\(brokers[index].id)", brokers[index].overrides)
        }
    }

    private mutating func writeBrokerConfig(_ name: String, _ entries: [ConfigEntry]) {
        let path = rooted("/config/brokers/\(name)")
        let data = Array(configJSON(entries).utf8)
        nextZxid()
        if zooKeeper.tree.nodes[path] == nil {
            zooKeeper.tree.insert(path, data, ms: wallMs)
            fireCreated(path)
        } else {
            zooKeeper.tree.setData(path, data, ms: wallMs)
            fire(.dataChanged, path)
        }
        noteConfigChange("brokers/\(name)")
    }

    /// Brokers read a config again because of this znode; old ones are purged in time.
    mutating func noteConfigChange(_ entity: String) {
        let path = rooted("/config/changes/config_change_" + tenDigits(zooKeeper.configChanges))
        zooKeeper.configChanges += 1
        nextZxid()
        let json = "{\"version\":2,\"entity_path\":\(jsonText(entity))}"
        zooKeeper.tree.insert(path, Array(json.utf8), ms: wallMs)
        fireCreated(path)
        schedule(in: Limits.changeNoteSeconds, .zooKeeper(.delete(path: path)))
    }

    func tenDigits(_ number: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, 10 - text.count)) + text
    }

    private func nextMark(_ version: Int32) -> ZnodeMark {
        ZnodeMark(
            zxid: zooKeeper.tree.zxid, ms: wallMs, version: version + 1,
            controllerEpoch: zooKeeper.controller.epoch)
    }

    private var hasSameMoves: Bool {
        let stored = zooKeeper.tree.moves
        if stored.isEmpty && moves.isEmpty { return true }
        return stored.count == moves.count
            && moves.allSatisfy { stored[$0.key]?.replicas == $0.value.replicas }
    }

    private mutating func writeReplicas() {
        var changed: Set<Int32> = []
        let stored = zooKeeper.tree.moves
        for (row, move) in moves where stored[row]?.replicas != move.replicas {
            changed.insert(topicOf[Int(row)])
        }
        for row in stored.keys where moves[row] == nil { changed.insert(topicOf[Int(row)]) }
        if !isOne(zooKeeper.tree.replicaBroker, replicaBroker) {
            for row in leader.indices where !changed.contains(topicOf[row]) {
                let rows = replicaRows(row)
                if zooKeeper.tree.replicaBroker[rows] != replicaBroker[rows] {
                    changed.insert(topicOf[row])
                }
            }
        }
        for row in Set(oddReplicas.keys).union(zooKeeper.tree.oddReplicas.keys)
        where zooKeeper.tree.oddReplicas[row] != oddReplicas[row] {
            changed.insert(topicOf[Int(row)])
        }
        zooKeeper.tree.oddReplicas = oddReplicas
        zooKeeper.tree.moves = moves
        zooKeeper.tree.replicaBroker = replicaBroker
        for topic in changed.sorted() {
            nextZxid()
            zooKeeper.tree.topicMarks[topic] = nextMark(
                zooKeeper.tree.topicMarks[topic]?.version ?? 0)
            fire(.dataChanged, rooted("/brokers/topics/\(topics[Int(topic)].name)"))
        }
    }

    private mutating func writeStates() {
        let stored = (
            leader: zooKeeper.tree.leader, epoch: zooKeeper.tree.epoch,
            inSync: zooKeeper.tree.inSync
        )
        zooKeeper.tree.leader = leader
        zooKeeper.tree.epoch = epoch
        zooKeeper.tree.inSync = inSync
        var shrunkBy: [Int32: [Int]] = [:]
        let isWatched = !zooKeeper.watches.isEmpty
        for row in leader.indices
        where stored.leader[row] != leader[row] || stored.epoch[row] != epoch[row]
            || stored.inSync[row] != inSync[row]
        {
            nextZxid()
            let before =
                zooKeeper.tree.stateMarks[Int32(row)]?.version ?? zooKeeper.firstEpochs[row]
            zooKeeper.tree.stateMarks[Int32(row)] = nextMark(before)
            if isWatched { fire(.dataChanged, statePath(row)) }
            if stored.leader[row] == leader[row], stored.epoch[row] == epoch[row], leader[row] >= 0
            {
                shrunkBy[leader[row], default: []].append(row)
            }
        }
        // Before AlterIsr (2.7) leaders write the ISR themselves and notify the controller.
        guard shape.release < .v28 else { return }
        for leader in shrunkBy.keys.sorted() { noteISRChange(shrunkBy[leader] ?? []) }
    }

    private mutating func noteISRChange(_ rows: [Int]) {
        let parts = rows.prefix(Limits.isrChangePartitions).map { row in
            let topic = topic(of: row)
            return "{\"topic\":\(jsonText(topic.name)),\"partition\":\(row - topic.firstPartition)}"
        }
        let path = rooted("/isr_change_notification/isr_change_" + tenDigits(zooKeeper.isrChanges))
        zooKeeper.isrChanges += 1
        nextZxid()
        let json = "{\"version\":1,\"partitions\":[\(parts.joined(separator: ","))]}"
        zooKeeper.tree.insert(path, Array(json.utf8), ms: wallMs)
        fireCreated(path)
        schedule(in: 0.05, .zooKeeper(.delete(path: path)))
    }

    mutating func deleteByController(_ path: String) {
        guard let node = zooKeeper.tree.nodes[path], node.children.isEmpty else { return }
        guard zooKeeper.isServing else {
            return schedule(in: 1, .zooKeeper(.delete(path: path)))
        }
        nextZxid()
        zooKeeper.tree.remove(path)
        fireDeleted(path)
    }

    // MARK: While there is no quorum

    var isWithoutQuorum: Bool { !zooKeeper.isEmpty && !zooKeeper.isServing }

    /// What needs ZooKeeper waits until it serves again: nobody is elected, no session expires.
    func waitsForZooKeeper(_ what: Happening) -> Bool {
        guard isWithoutQuorum else { return false }
        switch what {
        case .sessionOver, .review, .balanceLeaders, .start, .reassign, .failOverController:
            return true
        default: return false
        }
    }

    // MARK: Brokers whose session expires

    mutating func expireBroker(_ id: Int32) {
        guard zooKeeper.isServing, let index = brokerIndex(id), brokers[index].isServing,
            brokers.filter(\.isServing).count > 1
        else { return }
        leave(index)
        schedule(in: 1 + 2 * random.unit(), .zooKeeper(.rejoin(id)))
    }

    mutating func rejoin(_ id: Int32) {
        guard let index = brokerIndex(id), brokers[index].condition == .running,
            !brokers[index].isRegistered
        else { return }
        guard zooKeeper.isServing else { return schedule(in: 1, .zooKeeper(.rejoin(id))) }
        comeBack(index)
    }
}
