// The working copy: the cluster as last published plus what only the making of the next one needs.
// Lives on the loop's thread; every publication hands out a copy of `cluster`.
package import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// The working copy. Rows are indexes into `cluster.partitions` as long as `cluster.layout`
/// stays.
package struct WorkingCluster {
    package var cluster = WorkingCluster.blank
    /// The wall clock when the answer that is being folded came.
    var wall = WallTime(ms: 0)
    /// Grows with every change of a leader, an ISR or the rows: whether an answer changed
    /// anything.
    var changes: UInt64 = 0

    // Side columns, one element a partition.
    /// The leader's log end at its last good sample, whoever led then.
    var leaderLogEnd: [OffsetSample] = []
    /// Those before it, oldest first, where the last one alone gives no sure rate; by row.
    var earlierLogEnds: [Int: [OffsetSample]] = [:]
    /// Bytes a record, from log sizes; NaN unknown.
    var bytesPerRecord: [Float] = []
    /// When the leader's end was seen to change last, or to stand still after something else of the
    /// partition had changed (ns); 0: something has changed since the last look.
    var movedAt: [UInt64] = []
    /// What stands still is not asked in every round: followers that have all of a leader's log are
    /// where it is as long as it stands.
    var isSparing = false
    /// Partitions that stood still and were seen to move: their followers and high watermarks were
    /// not asked with their leaders.
    var woken: [Int32] = []

    // Side columns, one element a replica.
    /// When the question for its end left; `replicaLogEndAt` is when the answer was here.
    var replicaAsked: [UInt64] = []
    /// The partition row of each replica row.
    var partitionOfReplica: [Int32] = []

    /// Finds `cluster.topics` by name, as the wire has it.
    var topicNames = NameIndex()
    /// Replica rows by broker, ascending: what a broker is asked for.
    package var rowsOfBroker: [BrokerID: [Int32]] = [:]

    /// What changed since the last publication.
    var pendingEvents = PendingEvents()
    /// What topics without an override of a time have, by its key.
    var inheritedTimes: [String: String] = [:]
    /// The znodes as they were read last.
    var watched = WatchedNodes()

    var failures: [QuestionKey: NotedFailure] = [:]
    var refusals = Refusals()
    var absentTopicRounds: [String: Int] = [:]
    var olderEpochRounds: [String: Int] = [:]
    /// When an answer that names all topics was folded last; 0 before the first.
    var wholeTopicsAt: UInt64 = 0
    var absentGroupRounds: [String: Int] = [:]
    var topicIndexes = HistoryIndexes()
    var groupIndexes = HistoryIndexes()
    /// What rates of consumption are measured from, ascending by partition.
    var commits: [String: [CommitSeries]] = [:]
    var groupTimes: [String: GroupTimes] = [:]

    /// Nothing is known yet but Kafka's names of its errors.
    private static let blank: Cluster = {
        var cluster = Cluster()
        cluster.errorNames = KafkaError.names
        return cluster
    }()

    package init() {}

    /// When a group was seen to change last (ns); 0: never asked, or something else of it changed.
    struct GroupTimes {
        var commitsMovedAt: UInt64 = 0
        var membersMovedAt: UInt64 = 0
    }

    struct NotedFailure {
        var failure: ObservationFailure
        /// When the question failed last.
        var at: UInt64
    }

    mutating func note(_ failure: ObservationFailure, subject: String = "", at now: UInt64) {
        let key = QuestionKey(api: failure.api, broker: failure.broker, subject: subject)
        var failure = failure
        // It may name a group, and groups are named as anybody likes.
        failure.rewrite { printable($0) }
        failures[key] = NotedFailure(failure: failure, at: now)
    }

    /// A question was answered: what failed about it before is over.
    mutating func settle(_ api: String, broker: BrokerID?, subject: String = "") {
        settle(QuestionKey(api: api, broker: broker, subject: subject))
    }

    mutating func settle(_ key: QuestionKey) {
        if !failures.isEmpty { failures[key] = nil }
        if !refusals.isEmpty { refusals.remove(key) }
    }

    /// The replica row of `broker` in a partition, or nil where it holds none.
    func replicaRow(partition row: Int, broker: BrokerID) -> Int? {
        // No copy of the table here: it would retain every column for each row asked about.
        for replica in cluster.partitions.replicas(of: row)
        where cluster.partitions.replicaBroker[replica] == broker.value {
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
        topicNames = NameIndex(NameColumn(cluster.topics.map(\.name)))
        let first = cluster.partitions.firstReplica
        let brokers = cluster.partitions.replicaBroker
        var partitions: [Int32] = []
        partitions.reserveCapacity(brokers.count)
        for row in 0..<cluster.partitions.count {
            for _ in first[row]..<first[row + 1] { partitions.append(Int32(row)) }
        }
        partitionOfReplica = partitions
        indexBrokers(brokers)
    }
    /// One list after the other: counted first, so that each is made at its size.
    private mutating func indexBrokers(_ brokers: [Int32]) {
        var numbers = BrokerNumbers()
        var counts: [Int] = []
        for broker in brokers {
            let number = numbers.number(of: broker)
            if number == counts.count { counts.append(0) }
            counts[number] += 1
        }
        var rows = counts.map { count -> [Int32] in
            var list: [Int32] = []
            list.reserveCapacity(count)
            return list
        }
        for (replica, broker) in brokers.enumerated() {
            rows[numbers.number(of: broker)].append(Int32(replica))
        }
        rowsOfBroker = [:]
        for (number, broker) in numbers.brokers.enumerated() {
            rowsOfBroker[BrokerID(broker)] = rows[number]
        }
    }
}

/// Small numbers for broker ids in the order they are first met: a flat array while ids are small,
/// as they nearly always are.
private struct BrokerNumbers {
    private(set) var brokers: [Int32] = []
    private var flat: [Int32] = []
    private var sparse: [Int32: Int] = [:]
    private static let flatIDs: Int32 = 65_536

    mutating func number(of broker: Int32) -> Int {
        if broker >= 0, broker < Self.flatIDs {
            let place = Int(broker)
            if place >= flat.count {
                flat += Array(repeating: -1, count: place + 1 - flat.count)
            }
            if flat[place] < 0 {
                flat[place] = Int32(brokers.count)
                brokers.append(broker)
            }
            return Int(flat[place])
        }
        if let number = sparse[broker] { return number }
        sparse[broker] = brokers.count
        brokers.append(broker)
        return brokers.count - 1
    }
}
