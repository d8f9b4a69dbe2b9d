// The picture while it is being made: the cluster as last published plus what only the making of the
// next one needs. Lives on the loop's thread; every publication hands out a copy of `cluster`.
import ClusterModel

/// The working picture. Rows are indexes into `cluster.partitions` as long as `cluster.layout` stays.
struct Draft {
    var cluster = Cluster()

    // Side columns, one element a partition.
    /// The leader's log end at its last good sample, whoever led then; -1 none.
    var leaderEnd: [Int64] = []
    var leaderEndEarliest: [UInt64] = []
    var leaderEndLatest: [UInt64] = []
    /// Bytes a record, from log sizes; NaN unknown.
    var bytesPerRecord: [Float] = []

    // Side columns, one element a replica: the span of time its end was read in (asked, answered).
    var replicaAsked: [UInt64] = []
    /// The partition row of each replica row.
    var partitionOfReplica: [Int32] = []

    /// Replica rows by broker, ascending: what a broker is asked for.
    var rowsOfBroker: [BrokerID: [Int32]] = [:]

    var failures: [FailureKey: ObservationFailure] = [:]
    var absentTopicRounds: [String: Int] = [:]
    var absentGroupRounds: [String: Int] = [:]
    var topicSlots = SlotTable<TopicIncarnation>()
    var groupSlots = SlotTable<String>()
    /// Partition rows of each group's offsets, valid for `groupRowsLayout`.
    var groupRows: [String: [Int32]] = [:]
    var groupRowsLayout: UInt64 = 0

    struct FailureKey: Hashable {
        var api: String
        var broker: BrokerID?
        var subject: String
    }

    mutating func note(_ failure: ObservationFailure, subject: String = "") {
        failures[FailureKey(api: failure.api, broker: failure.broker, subject: subject)] = failure
    }

    /// A question was answered: what failed about it before is over.
    mutating func settle(_ api: String, broker: BrokerID?, subject: String = "") {
        failures[FailureKey(api: api, broker: broker, subject: subject)] = nil
    }

    /// The replica row of `broker` in a partition, or nil where it holds none.
    func replicaRow(partition row: Int, broker: BrokerID) -> Int? {
        let table = cluster.partitions
        for replica in table.replicas(of: row) where table.replicaBroker[replica] == broker.value {
            return replica
        }
        return nil
    }

    func brokerIndex(_ id: BrokerID) -> Int? { cluster.brokerIndex(id) }

    /// The broker's row, made where it is new.
    mutating func ensureBroker(_ id: BrokerID) -> Int {
        if let index = brokerIndex(id) { return index }
        let at = cluster.brokers.firstIndex { id < $0.id } ?? cluster.brokers.count
        cluster.brokers.insert(Broker(id: id), at: at)
        return at
    }

    mutating func markAnswered(_ section: Section, at now: UInt64) {
        var health = cluster.health(section)
        health.answeredAt = Instant(ns: now)
        if health.state != .partial { health.state = .fresh }
        cluster.sections[section] = health
    }

    /// Works the derived indexes out anew after rows came, went or moved.
    mutating func reindex() {
        let table = cluster.partitions
        partitionOfReplica = []
        partitionOfReplica.reserveCapacity(table.replicaCount)
        rowsOfBroker = [:]
        for row in 0..<table.count {
            for replica in table.replicas(of: row) {
                partitionOfReplica.append(Int32(row))
                rowsOfBroker[BrokerID(table.replicaBroker[replica]), default: []]
                    .append(Int32(replica))
            }
        }
        groupRows = [:]
        groupRowsLayout = cluster.layout
    }
}
