// What a plan is made from: brokers, partitions and replicas in flat columns, in an order that does
// not depend on the order in which they came. 600,000 replicas take some 20 MB.

/// Whether a broker may be given replicas.
package enum BrokerFitness: Sendable, Equatable {
    case receives
    /// Why it is given none: the state's name, "cordoned".
    case refuses(String)

    package var receives: Bool { self == .receives }
}

/// One broker as plans see it.
package struct PlanningBroker: Sendable, Equatable {
    package var id: Int32
    package var rack: String?
    package var fitness: BrokerFitness
    /// Bytes of its volumes, and how much of them is used by whatever; nil where it is not told.
    package var capacityBytes: Int64?
    package var usedBytes: Int64?

    package init(
        id: Int32, rack: String? = nil, fitness: BrokerFitness = .receives,
        capacityBytes: Int64? = nil, usedBytes: Int64? = nil
    ) {
        self.id = id
        self.rack = rack
        self.fitness = fitness
        self.capacityBytes = capacityBytes
        self.usedBytes = usedBytes
    }
}

/// A cluster as plans see it: partitions that move already stand at their targets.
package struct PlanningModel: Sendable {
    package internal(set) var clusterID: String?
    /// ISO 8601, as the snapshot has it.
    package internal(set) var takenAt: String?
    /// Ascending by id.
    package internal(set) var brokers: [PlanningBroker] = []
    /// Names in ascending order; nil, the brokers without a rack, stands first where there are any.
    package internal(set) var racks: [String?] = []
    /// By broker its place in `racks`.
    package internal(set) var rackOf: [Int32] = []

    /// Ascending.
    package internal(set) var topics: [String] = []
    // One element a partition, ordered by topic name and number.
    package internal(set) var topic: [Int32] = []
    package internal(set) var partition: [Int32] = []
    /// The leader's place in `brokers`; -1 where nobody leads.
    package internal(set) var leader: [Int32] = []
    /// What a new copy costs: the leader's bytes, else the largest known of a replica, else 0.
    package internal(set) var size: [Int64] = []
    /// `firstReplica[i] ..< firstReplica[i + 1]` are its replicas; one element more than rows.
    package internal(set) var firstReplica: [Int32] = [0]
    /// It is being moved: `replica` is where to.
    package internal(set) var isMoving: [Bool] = []

    // One element a replica, in the assignment's order.
    /// Places in `brokers`.
    package internal(set) var replica: [Int32] = []
    /// Its own bytes, else those of its leader.
    package internal(set) var replicaSize: [Int64] = []
    package internal(set) var isInSync: [Bool] = []

    /// Partitions of which no replica's size is known: they count as empty.
    package internal(set) var unknownSizes = 0
    /// States of brokers that this version does not know.
    package internal(set) var unknownStates: [String] = []

    package var count: Int { partition.count }

    package func replicas(of row: Int) -> Range<Int> {
        Int(firstReplica[row])..<Int(firstReplica[row + 1])
    }

    package func topicName(_ row: Int) -> String { topics[Int(topic[row])] }

    /// "orders-17".
    package func name(_ row: Int) -> String { "\(topicName(row))-\(partition[row])" }

    /// "rack eu-1a", "the brokers without a rack".
    package func rackName(_ rack: Int) -> String {
        racks[rack].map { "rack \($0)" } ?? "the brokers without a rack"
    }

    package func brokerIndex(_ id: Int32) -> Int32? {
        var low = 0
        var high = brokers.count
        while low < high {
            let middle = (low + high) / 2
            if brokers[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < brokers.count && brokers[low].id == id ? Int32(low) : nil
    }

    package func topicIndex(_ name: String) -> Int32? {
        var low = 0
        var high = topics.count
        while low < high {
            let middle = (low + high) / 2
            if topics[middle] < name { low = middle + 1 } else { high = middle }
        }
        return low < topics.count && topics[low] == name ? Int32(low) : nil
    }

    /// The partition's row; nil where there is none.
    package func row(topic name: String, partition number: Int32) -> Int? {
        guard let index = topicIndex(name) else { return nil }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if (topic[middle], partition[middle]) < (index, number) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < count, topic[low] == index, partition[low] == number else { return nil }
        return low
    }
}
