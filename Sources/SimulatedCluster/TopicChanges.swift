// Topics that come and go: rows are only ever added, so that whatever names a row stays right. A
// topic that is widened moves to new rows, which must stand together.
import KafkaWire
import Simulation
import ZooKeeperClient

extension Machine {
    /// The rows of a topic that is not there any more, or that stood there before it moved.
    private mutating func bury(_ rows: Range<Int>) {
        for index in brokers.indices {
            brokers[index].partitions.removeAll { rows.contains(Int($0)) }
            for row in rows {
                placed[replicaKey(row, index)] = nil
                futures[replicaKey(row, index)] = nil
            }
        }
        for row in rows {
            let key = Int32(row)
            leader[row] = -1
            usualRate[row] = 0
            keptRecords[row] = 0
            current[row].rate = 0
            current[row].end = 0
            past[key] = nil
            moves[key] = nil
            oddReplicas[key] = nil
            keptFrom[key] = nil
            former[key] = nil
            stuckMarks[key] = nil
        }
    }

    /// One more row at the end.
    private mutating func addRow(
        of topic: Int, _ replicas: IDList, leader first: Int32, epoch: Int32, inSync: UInt32
    ) {
        let row = leader.count
        topicOf.append(Int32(topic))
        leader.append(first)
        self.epoch.append(epoch)
        self.inSync.append(inSync)
        usualRate.append(0)
        keptRecords.append(0)
        current.append(Stretch(time: seconds, flown: 0, end: 0, rate: 0))
        for id in replicas {
            replicaBroker.append(id)
            if let index = brokerIndex(id) { brokers[index].partitions.append(Int32(row)) }
        }
    }

    private mutating func addNewRow(of topic: Int, _ replicas: IDList) {
        var alive: UInt32 = 0
        for (place, id) in replicas.enumerated() {
            if brokerIndex(id).map({ brokers[$0].isServing }) ?? false {
                alive |= 1 << UInt32(place)
            }
        }
        let first = replicas.enumerated().first { alive & 1 << UInt32($0.offset) != 0 }?.element
        addRow(of: topic, replicas, leader: first ?? -1, epoch: 0, inSync: alive)
        let row = leader.count - 1
        current[row].flown = flown(row, seconds, topicFlown: topics[topic].wave.flown(seconds))
    }

    // MARK: Come

    /// A topic that nobody writes to yet; all partitions have as many replicas.
    mutating func addTopic(_ name: String, _ replicas: [IDList], _ overrides: [ConfigEntry]) {
        let index = topics.count
        let phase = Double((shape.wallStartMs / 1000) % 86_400) / 86_400
        topics.append(
            SimulatedTopic(
                name: name, id: KafkaUUID(high: random.next() | 1, low: random.next()),
                isInternal: false, firstPartition: leader.count, partitionCount: replicas.count,
                firstReplica: replicaBroker.count, replicationFactor: replicas.first?.count ?? 0,
                wave: Wave(seed: random.next(), dayPhase: phase), bytesPerRecord: 300,
                retentionSeconds: 7 * 86_400,
                overrides: overrides.sorted { $0.name < $1.name }))
        topicIndex[name] = index
        topicOfID[topics[index].id] = index
        for list in replicas { addNewRow(of: index, list) }
        storeInZooKeeper(created: index)
    }

    // MARK: Go

    mutating func removeTopic(_ index: Int) {
        let name = topics[index].name
        topicIndex[name] = nil
        topicOfID[topics[index].id] = nil
        topics[index].isDeleted = true
        throttledTopics.remove(index)
        let rows = topics[index].partitions
        bury(rows)
        // What groups have committed of it goes with it.
        for group in groups.indices {
            groups[group].topics.removeAll { $0 == index }
            for row in rows { groups[group].pinned[Int32(row)] = nil }
        }
        storeInZooKeeper(deleted: index)
    }

    // MARK: Grow

    /// A topic gets more partitions: all of it moves to new rows, as it is.
    mutating func widen(_ index: Int, _ replicas: [IDList]) {
        let old = topics[index]
        let base = leader.count
        let firstReplica = replicaBroker.count
        for row in old.partitions { move(row, of: index) }
        let offset = Int32(base - old.firstPartition)
        carry(old.partitions, by: offset)
        var tomb = old
        tomb.isDeleted = true
        topics.append(tomb)
        for row in old.partitions { topicOf[row] = Int32(topics.count - 1) }
        topics[index].firstPartition = base
        topics[index].partitionCount += replicas.count
        topics[index].firstReplica = firstReplica
        bury(old.partitions)
        for list in replicas { addNewRow(of: index, list) }
        storeInZooKeeper(widened: index, from: old)
    }

    /// A copy of a row at the end, with what has been written.
    private mutating func move(_ row: Int, of topic: Int) {
        let next = leader.count
        let end = written(row, seconds)
        let places = brokers.indices.filter { brokers[$0].partitions.contains(Int32(row)) }
            .map { (index: $0, volume: volume(row, $0)) }
        var list = IDList()
        for replica in replicaRows(row) { list.append(replicaBroker[replica]) }
        addRow(of: topic, list, leader: leader[row], epoch: epoch[row], inSync: inSync[row])
        usualRate[next] = usualRate[row]
        keptRecords[next] = keptRecords[row]
        current[next] = Stretch(
            time: seconds,
            flown: flown(next, seconds, topicFlown: topics[topic].wave.flown(seconds)),
            end: Double(end), rate: current[row].rate)
        // Moves and lists of other lengths have replicas of their own.
        for (index, volume) in places {
            if !brokers[index].partitions.contains(Int32(next)) {
                brokers[index].partitions.append(Int32(next))
            }
            placed[replicaKey(next, index)] = volume
        }
        for index in brokers.indices where !places.contains(where: { $0.index == index }) {
            brokers[index].partitions.removeAll { $0 == Int32(next) }
        }
    }

    /// What is kept by row goes with the rows.
    private mutating func carry(_ rows: Range<Int>, by offset: Int32) {
        for row in rows {
            let (old, new) = (Int32(row), Int32(row) + offset)
            moves[new] = moves[old]
            oddReplicas[new] = oddReplicas[old]
            keptFrom[new] = keptFrom[old]
            former[new] = former[old]
            stuckMarks[new] = stuckMarks[old]
            for index in brokers.indices {
                futures[replicaKey(Int(new), index)] = futures[replicaKey(row, index)]
            }
            for group in groups.indices {
                if let commit = groups[group].pinned.removeValue(forKey: old) {
                    groups[group].pinned[new] = commit
                }
            }
        }
        for place in plan.indices {
            guard case .heat(let partition, let factor) = plan[place].what,
                rows.contains(partition)
            else { continue }
            plan[place].what = .heat(partition: partition + Int(offset), factor: factor)
        }
    }
}

// MARK: ZooKeeper

extension Machine {
    private static let topicParents = ["/brokers/topics", "/config/topics"]

    private mutating func storeInZooKeeper(created index: Int) {
        guard isZooKeeper else { return }
        storeColumns()
        let name = topics[index].name
        for parent in Self.topicParents {
            nextZxid()
            change(children: rooted(parent)) { names in
                names.append(name)
                names.sort()
            }
            fireCreated(rooted("\(parent)/\(name)"))
        }
    }

    private mutating func storeInZooKeeper(deleted index: Int) {
        guard isZooKeeper else { return }
        storeColumns()
        let name = topics[index].name
        for parent in Self.topicParents {
            nextZxid()
            change(children: rooted(parent)) { names in names.removeAll { $0 == name } }
            fireDeleted(rooted("\(parent)/\(name)"))
        }
        zooKeeper.tree.topicMarks[Int32(index)] = nil
        zooKeeper.tree.configMarks[Int32(index)] = nil
    }

    private mutating func storeInZooKeeper(widened index: Int, from old: SimulatedTopic) {
        guard isZooKeeper else { return }
        for row in old.partitions {
            let next = row - old.firstPartition + topics[index].firstPartition
            zooKeeper.tree.stateMarks[Int32(next)] = zooKeeper.tree.stateMarks[Int32(row)]
            zooKeeper.tree.stateMarks[Int32(row)] = nil
        }
        storeColumns()
        nextZxid()
        zooKeeper.tree.topicMarks[Int32(index)] = ZnodeMark(
            zxid: zooKeeper.tree.zxid, ms: wallMs,
            version: (zooKeeper.tree.topicMarks[Int32(index)]?.version ?? 0) + 1,
            controllerEpoch: zooKeeper.controller.epoch)
        let path = rooted("/brokers/topics/\(topics[index].name)")
        fire(.dataChanged, path)
        fire(.childrenChanged, path + "/partitions")
    }

    /// What ZooKeeper holds is what there is: rows must never lack there.
    private mutating func storeColumns() {
        while zooKeeper.firstEpochs.count < leader.count { zooKeeper.firstEpochs.append(0) }
        zooKeeper.tree.leader = leader
        zooKeeper.tree.epoch = epoch
        zooKeeper.tree.inSync = inSync
        zooKeeper.tree.replicaBroker = replicaBroker
        zooKeeper.tree.oddReplicas = oddReplicas
        zooKeeper.tree.moves = moves
        zooKeeper.tree.topics = topics
    }

    private mutating func change(
        children path: String, _ edit: (inout [String]) -> Void
    ) {
        guard var node = zooKeeper.tree.nodes[path] else { return }
        edit(&node.children)
        node.stat.childrenVersion += 1
        node.stat.childrenZxid = zooKeeper.tree.zxid
        zooKeeper.tree.nodes[path] = node
    }
}
