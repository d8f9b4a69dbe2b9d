// Who leads, who should, and what one preferred election would change: by broker, by rack, and by
// topic and broker. One pass over the partitions, made when a screen shows it.

/// Leaders as they are and as they should be, of one state of a cluster.
package struct Leadership: Sendable {
    /// What a broker or a rack leads.
    package struct Share: Sendable, Equatable {
        package var leaders = 0
        /// Partitions whose preferred leader is there.
        package var preferred = 0
        /// Leaders that one preferred election brings and takes.
        package var gained = 0
        package var lost = 0
        /// Records a second that the election would bring, less what it takes.
        package var recordsGained = 0.0
        /// Leaders after the election.
        package var after: Int { leaders + change }
        /// Leaders more after the election, or fewer.
        package var change: Int { gained - lost }

        package init() {}

        mutating func add(_ other: Share) {
            leaders += other.leaders
            preferred += other.preferred
            gained += other.gained
            lost += other.lost
            recordsGained += other.recordsGained
        }
    }

    /// What one broker leads of one topic, and should lead of it.
    package struct Cell: Sendable, Equatable {
        /// Index into `Cluster.brokers`.
        package var broker: Int32
        package var leaders: Int32 = 0
        package var preferred: Int32 = 0
    }

    package struct Rack: Sendable {
        package var name: String
        package var share = Share()
        package var brokers = 0
        package var recordsPerSecond: Double?
    }

    /// As `Cluster.brokers`.
    package private(set) var brokers: [Share] = []
    /// Ascending by name; empty where no broker names its rack.
    package private(set) var racks: [Rack] = []
    /// The rack of each broker, an index into `racks`; -1 without one.
    package private(set) var rackOfBroker: [Int] = []
    /// Partitions that one preferred election would move.
    package private(set) var electable = 0
    /// Partitions led by another replica that the election leaves where they are: their preferred
    /// replica is not in sync, or its broker is not there.
    package private(set) var stuck = 0
    /// Leaders a broker has when all that are there have as many; nil while none is there.
    package private(set) var fair: Double?
    private var cells: [Cell] = []
    /// `firstCell[t] ..< firstCell[t + 1]` are the cells of topic `t`, ascending by broker.
    private var firstCell: [Int32] = [0]

    package init() {}

    package init(_ cluster: Cluster) {
        let index = BrokerIndex(cluster.brokers)
        brokers = Array(repeating: Share(), count: cluster.brokers.count)
        addTopics(cluster, index)
        let present = cluster.brokers.count(where: Self.isPresent)
        let led = brokers.reduce(0) { $0 + $1.leaders }
        fair = present > 0 && led > 0 ? Double(led) / Double(present) : nil
        addRacks(cluster)
    }

    /// The cells of a topic; none where it is not in the cluster this was made of.
    package func cells(ofTopic topic: Int) -> ArraySlice<Cell> {
        guard topic >= 0, topic + 1 < firstCell.count else { return [] }
        return cells[Int(firstCell[topic])..<Int(firstCell[topic + 1])]
    }

    /// What one broker leads of a topic, and should lead.
    package func cell(topic: Int, broker: Int) -> Cell? {
        cells(ofTopic: topic).first { Int($0.broker) == broker }
    }

    private mutating func addTopics(_ cluster: Cluster, _ index: BrokerIndex) {
        let table = cluster.partitions
        // The cell of a broker in the topic at hand; -1 where it has none yet.
        var place = [Int32](repeating: -1, count: brokers.count)
        let isPresent = cluster.brokers.map(Self.isPresent)
        firstCell.reserveCapacity(cluster.topics.count + 1)
        for topic in cluster.topics.indices {
            let start = cells.count
            for row in cluster.topics[topic].partitions where row < table.count {
                let leader = index.find(table.leader[row])
                let preferred = index.find(table.preferredLeader(row))
                if let leader {
                    brokers[leader].leaders += 1
                    cells[cell(of: leader, &place)].leaders += 1
                }
                if let preferred {
                    brokers[preferred].preferred += 1
                    cells[cell(of: preferred, &place)].preferred += 1
                }
                guard table.isWrongLeader(row) else { continue }
                if let preferred, let leader, isPresent[preferred], Self.canElect(table, row) {
                    elect(preferred, leader, table.recordsPerSecond[row])
                } else {
                    stuck += 1
                }
            }
            for at in start..<cells.count { place[Int(cells[at].broker)] = -1 }
            cells[start...].sort { $0.broker < $1.broker }
            firstCell.append(Int32(truncatingIfNeeded: cells.count))
        }
    }

    /// The place of a broker's cell in the topic at hand.
    private mutating func cell(of broker: Int, _ place: inout [Int32]) -> Int {
        if place[broker] < 0 {
            place[broker] = Int32(truncatingIfNeeded: cells.count)
            cells.append(Cell(broker: Int32(truncatingIfNeeded: broker)))
        }
        return Int(place[broker])
    }

    private mutating func elect(_ preferred: Int, _ leader: Int, _ rate: Float) {
        electable += 1
        brokers[preferred].gained += 1
        brokers[leader].lost += 1
        guard rate.isFinite else { return }
        brokers[preferred].recordsGained += Double(rate)
        brokers[leader].recordsGained -= Double(rate)
    }

    /// The cluster lists the broker: it can lead. One that is silent to us may lead all the same.
    private static func isPresent(_ broker: Broker) -> Bool {
        switch broker.state {
        case .missing, .fenced: false
        default: broker.isListed && !broker.isFenced
        }
    }

    /// A preferred election needs the preferred replica in sync.
    package static func canElect(_ table: PartitionTable, _ row: Int) -> Bool {
        let preferred = table.preferredLeader(row)
        for replica in table.replicas(of: row) where table.replicaBroker[replica] == preferred {
            return table.replicaFlags[replica].contains(.inSync)
                && !table.replicaFlags[replica].contains(.offline)
        }
        return false
    }

    private mutating func addRacks(_ cluster: Cluster) {
        let names = Set(cluster.brokers.compactMap(\.rack)).sorted()
        let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        racks = names.map { Rack(name: $0) }
        rackOfBroker = cluster.brokers.map { $0.rack.flatMap { places[$0] } ?? -1 }
        for (index, broker) in cluster.brokers.enumerated() where rackOfBroker[index] >= 0 {
            let rack = rackOfBroker[index]
            racks[rack].share.add(brokers[index])
            racks[rack].brokers += 1
            guard let rate = broker.recordsPerSecond else { continue }
            racks[rack].recordsPerSecond = (racks[rack].recordsPerSecond ?? 0) + rate
        }
    }
}
