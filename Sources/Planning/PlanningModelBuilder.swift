// Gathers brokers and partitions in any order and makes the model of them, in its own order.
package import ClusterModel

/// Why a model cannot be made: one sentence without a full stop.
package struct PlanningFault: Error, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// Columns as they come, with broker ids in place of places.
struct PlanningModelBuilder {
    var clusterID: String?
    var takenAt: String?
    private var brokers: [Int32: PlanningBroker] = [:]
    private var unknownStates: Set<String> = []
    /// By broker its volumes, each once: two directories may lie on one volume.
    private var volumes: [Int32: Set<Volume>] = [:]

    private var topics: [String] = []
    private var topicIndexes: [String: Int32] = [:]
    private var topic: [Int32] = []
    private var partition: [Int32] = []
    private var leader: [Int32] = []
    private var size: [Int64] = []
    private var firstReplica: [Int32] = [0]
    private var isMoving: [Bool] = []
    private var replica: [Int32] = []
    private var replicaSize: [Int64] = []
    private var isInSync: [Bool] = []
    private var totalBytes: Int64 = 0

    private struct Volume: Hashable {
        var total: Int64
        var usable: Int64
    }

    /// One replica as it is told.
    struct Replica {
        var broker: Int32
        /// -1 unknown.
        var size: Int64 = -1
        var isInSync = true
    }

    // MARK: Adding

    /// - Parameter state: as snapshots call it, or "cordoned".
    mutating func add(broker id: Int32, rack: String?, state: String?) throws(PlanningFault) {
        guard id >= 0 else { throw PlanningFault("a broker has the id \(id)") }
        guard brokers[id] == nil else { throw PlanningFault("broker \(id) is there twice") }
        let state = state ?? "unknown"
        let isLive = Self.liveStates.contains(state)
        if !isLive, !Self.deadStates.contains(state) { unknownStates.insert(state) }
        brokers[id] = PlanningBroker(
            id: id, rack: rack, fitness: isLive ? .receives : .refuses(state))
    }

    private static let liveStates: Set<String> = [
        "answering", "slow", "throttled", "unknown", "alive", "live", "online", "up", "ok",
    ]
    private static let deadStates: Set<String> = [
        "silent", "unreachable", "missing", "fenced", "cordoned", "dead", "offline", "down",
    ]

    mutating func addVolume(broker: Int32, total: Int64, usable: Int64) {
        guard total > 0, total <= Limits.largestTotal, usable >= 0, usable <= total else { return }
        volumes[broker, default: []].insert(Volume(total: total, usable: usable))
    }

    mutating func topicIndex(_ name: String) -> Int32 {
        if let index = topicIndexes[name] { return index }
        let index = Int32(topics.count)
        topics.append(name)
        topicIndexes[name] = index
        return index
    }

    /// - Parameters:
    ///   - leader: nil where nobody leads.
    ///   - replicas: where they will be once it has stopped moving.
    mutating func add(
        topic index: Int32, partition number: Int32, leader: Int32?, replicas: [Replica],
        isMoving: Bool, knownSize: Int64
    ) throws(PlanningFault) {
        topic.append(index)
        partition.append(number)
        self.leader.append(leader ?? -1)
        self.isMoving.append(isMoving)
        var cost: Int64 = -1
        for each in replicas where each.broker == leader { cost = each.size }
        if cost < 0 { cost = replicas.reduce(knownSize) { max($0, $1.size) } }
        for each in replicas {
            let bytes = max(0, cost, each.size)
            guard bytes <= Limits.largestTotal - totalBytes, replica.count < Limits.replicas else {
                throw PlanningFault(
                    "with \(topics[Int(index)])-\(number) it is larger than any cluster is")
            }
            totalBytes += bytes
        }
        size.append(cost)
        for (place, each) in replicas.enumerated() {
            guard !replicas[..<place].contains(where: { $0.broker == each.broker }) else {
                throw PlanningFault(
                    "\(topics[Int(index)])-\(number) has broker \(each.broker) twice")
            }
            replica.append(each.broker)
            replicaSize.append(each.size)
            isInSync.append(each.isInSync)
        }
        firstReplica.append(Int32(replica.count))
    }

    // MARK: Finishing

    /// The model, in the order of names and numbers.
    mutating func model() throws(PlanningFault) -> PlanningModel {
        var model = PlanningModel()
        (model.clusterID, model.takenAt) = (clusterID, takenAt)
        model.unknownStates = unknownStates.sorted()
        // Brokers that only replica lists name are gone.
        for id in Set(replica) where brokers[id] == nil {
            guard id >= 0 else { throw PlanningFault("a replica is on broker \(id)") }
            brokers[id] = PlanningBroker(id: id, fitness: .refuses("missing"))
        }
        model.brokers = brokers.values.sorted { $0.id < $1.id }
        for (place, broker) in model.brokers.enumerated() {
            guard let known = volumes[broker.id] else { continue }
            // More directories than a broker has would be no sum of bytes.
            guard known.count <= Limits.volumes else { continue }
            let total = known.reduce(0) { $0 + $1.total }
            model.brokers[place].capacityBytes = total
            model.brokers[place].usedBytes = total - known.reduce(0) { $0 + $1.usable }
        }
        setRacks(of: &model)
        try fill(&model)
        return model
    }

    private func setRacks(of model: inout PlanningModel) {
        // A broker that is gone tells no rack; that makes no rack of its own.
        let live = model.brokers.filter { $0.fitness.receives || $0.rack != nil }
        let names = Set(live.compactMap(\.rack)).sorted()
        let needsNone = names.isEmpty || model.brokers.contains { $0.rack == nil }
        model.racks = (needsNone ? [nil] : []) + names.map { $0 }
        let places = Dictionary(
            uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0 + (needsNone ? 1 : 0))) })
        model.rackOf = model.brokers.map { $0.rack.flatMap { places[$0] } ?? 0 }
    }

    private mutating func fill(_ model: inout PlanningModel) throws(PlanningFault) {
        let byName = topics.indices.sorted { topics[$0] < topics[$1] }
        model.topics = byName.map { topics[$0] }
        var place = [Int32](repeating: 0, count: topics.count)
        for (index, old) in byName.enumerated() { place[old] = Int32(index) }
        for row in topic.indices { topic[row] = place[Int(topic[row])] }
        let keys = topic.indices.map { Int64(topic[$0]) << 32 | Int64(partition[$0]) }
        var order = Array(topic.indices)
        if !zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }) {
            order.sort { keys[$0] < keys[$1] }
        }
        let lowest = model.brokers.first?.id ?? 0
        let span = Int(model.brokers.last?.id ?? 0) - Int(lowest) + 1
        let isDense = span <= Limits.denseBrokers
        var dense = [Int32](repeating: -1, count: isDense ? span : 0)
        if isDense {
            for (index, broker) in model.brokers.enumerated() {
                dense[Int(broker.id - lowest)] = Int32(index)
            }
        }
        func brokerPlace(_ id: Int32) -> Int32 {
            guard isDense else { return model.brokerIndex(id) ?? -1 }
            let at = Int(id) - Int(lowest)
            return at >= 0 && at < span ? dense[at] : -1
        }
        var previous: Int64 = -1
        var columns = PlanningModel()
        for row in order {
            guard keys[row] != previous else {
                let name = model.topics[Int(topic[row])]
                throw PlanningFault("\(name)-\(partition[row]) is there twice")
            }
            previous = keys[row]
            columns.topic.append(topic[row])
            columns.partition.append(partition[row])
            columns.leader.append(leader[row] < 0 ? -1 : brokerPlace(leader[row]))
            columns.isMoving.append(isMoving[row])
            if size[row] < 0 { columns.unknownSizes += 1 }
            let cost = max(0, size[row])
            columns.size.append(cost)
            for index in Int(firstReplica[row])..<Int(firstReplica[row + 1]) {
                columns.replica.append(brokerPlace(replica[index]))
                let own = replicaSize[index]
                // What is being copied will have its leader's size.
                columns.replicaSize.append(own < 0 || isMoving[row] ? cost : own)
                columns.isInSync.append(isInSync[index])
            }
            columns.firstReplica.append(Int32(columns.replica.count))
        }
        model.take(columns)
        (topic, partition, leader, size, isMoving) = ([], [], [], [], [])
        (replica, replicaSize, isInSync) = ([], [], [])
    }
}

extension PlanningModel {
    fileprivate mutating func take(_ columns: PlanningModel) {
        (topic, partition, leader) = (columns.topic, columns.partition, columns.leader)
        (size, firstReplica, isMoving) = (columns.size, columns.firstReplica, columns.isMoving)
        (replica, replicaSize) = (columns.replica, columns.replicaSize)
        (isInSync, unknownSizes) = (columns.isInSync, columns.unknownSizes)
    }
}

extension PlanningModel {
    /// The model of an observed cluster.
    /// - Parameter takenAt: the moment as documents write it.
    package init(_ cluster: Cluster, takenAt: String) throws(PlanningFault) {
        var builder = PlanningModelBuilder()
        builder.clusterID = cluster.clusterID
        builder.takenAt = takenAt
        for broker in cluster.brokers {
            try builder.add(broker: broker.id.value, rack: broker.rack, state: broker.state.name)
        }
        for dir in cluster.logDirs where dir.errorCode == 0 {
            guard let total = dir.totalBytes, let usable = dir.usableBytes else { continue }
            builder.addVolume(broker: dir.broker.value, total: total, usable: usable)
        }
        let places = cluster.topics.map { builder.topicIndex($0.name) }
        let table = cluster.partitions
        var replicas: [PlanningModelBuilder.Replica] = []
        for row in 0..<table.count {
            replicas.removeAll(keepingCapacity: true)
            var isMoving = false
            var known: Int64 = -1
            for index in table.replicas(of: row) {
                let flags = table.replicaFlags[index]
                if !flags.isDisjoint(with: [.adding, .removing]) { isMoving = true }
                known = max(known, table.replicaSize[index])
                if flags.contains(.removing) {
                    if table.replicaBroker[index] == table.leader[row] {
                        known = table.replicaSize[index]
                    }
                    continue
                }
                replicas.append(
                    .init(
                        broker: table.replicaBroker[index], size: table.replicaSize[index],
                        isInSync: flags.contains(.inSync)))
            }
            try builder.add(
                topic: places[Int(table.topic[row])], partition: table.partition[row],
                leader: table.leader[row] < 0 ? nil : table.leader[row], replicas: replicas,
                isMoving: isMoving, knownSize: known)
        }
        self = try builder.model()
    }
}
