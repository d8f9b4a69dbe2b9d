// The inhabitants of a simulated cluster: brokers, topics, moves, groups.
import KafkaWire
import Simulation

/// One simulated broker.
struct SimulatedBroker: Sendable {
    enum Condition: Sendable, Equatable {
        case running
        /// No process: connections are reset, the port refuses.
        case dead
        /// The process stands still: connections are taken, nothing is answered.
        case frozen
    }

    let id: Int32
    let rack: String
    var host: String
    var port: Int32
    var release: Release
    var condition = Condition.running
    /// Whether the controller counts it as alive.
    var isRegistered = true
    /// Added to the time each of its answers takes.
    var answerDelayNs: UInt64 = 0
    /// How far it has come with copying what others lead; nil: at their heels.
    var pace: Pace?
    var volumes: [Volume] = []
    /// Partitions it has a replica of, in no order.
    var partitions: [Int32] = []
    /// Dynamic configs of this broker alone, ascending by name.
    var overrides: [ConfigEntry] = []
    /// Levels of loggers that were set.
    var loggers: [ConfigEntry] = []

    var isServing: Bool { condition == .running && isRegistered }
}

/// A log directory on a volume of its own.
struct Volume: Sendable {
    var path: String
    var totalBytes: Double = 0
    /// What lies on it besides logs.
    var otherBytes: Double = 0
    /// The broker could not write to it: nothing on it is served until a restart.
    var isOffline = false
}

/// One topic. Its partitions are consecutive, and so are their replicas.
struct SimulatedTopic: Sendable {
    let name: String
    let id: KafkaUUID
    let isInternal: Bool
    var firstPartition: Int
    var partitionCount: Int
    var firstReplica: Int
    let replicationFactor: Int
    let wave: Wave
    let bytesPerRecord: Double
    var retentionSeconds: Double
    /// Set on the topic itself, ascending by name.
    var overrides: [ConfigEntry] = []
    /// Deleted, or moved to other rows: nobody finds it by name any more.
    var isDeleted = false
    /// `leader.replication.throttled.replicas` and the followers', as read.
    var throttledLeaders = ThrottledReplicas.none
    var throttledFollowers = ThrottledReplicas.none

    var partitions: Range<Int> { firstPartition..<firstPartition + partitionCount }
}

/// A consumer group.
struct SimulatedGroup: Sendable {
    enum GroupType: String, Sendable, Equatable {
        case classic, consumer, share, streams

        /// As ListGroups tells it.
        var protocolType: String { self == .classic ? "consumer" : rawValue }
    }

    let id: String
    let type: GroupType
    /// Topic indexes it reads, ascending.
    var topics: [Int]
    var memberCount: Int
    let assignor: String
    /// Seconds of records it usually is behind.
    let delay: Double
    let commitInterval: Double
    /// Nil: follows the end of the log.
    var pace: Pace?
    /// Rebalances for a few seconds each so often; 0: never.
    var rebalanceInterval = 0.0
    /// Commits that were set or deleted by an administrator, by partition.
    var pinned: [Int32: PinnedCommit] = [:]
    /// When members began to read on from what was set; nil: none has since.
    var resumedAt: Double?
    /// Numbers of members that were removed.
    var removed: Set<Int> = []

    /// The members there are, by number.
    var memberNumbers: [Int] {
        var numbers: [Int] = []
        var number = 0
        while numbers.count < memberCount {
            if !removed.contains(number) { numbers.append(number) }
            number += 1
        }
        return numbers
    }

    func clientID(_ number: Int) -> String { "\(id)-\(number + 1)" }
    /// What the coordinator and the host of a member are made from.
    func memberTag(_ number: Int) -> UInt64 {
        hashed(UInt64(bitPattern: Int64(javaHash(id))), UInt64(number))
    }
    func memberID(_ number: Int) -> String {
        "\(clientID(number))-\(String(memberTag(number), radix: 16))"
    }

    /// Up to which moment's records it has committed.
    func committedTime(_ t: Double) -> Double {
        let at = (t / commitInterval).rounded(.down) * commitInterval
        guard let pace else { return at - delay }
        return min(at - delay, pace.reached(at < pace.since ? t : at))
    }

    func isRebalancing(_ t: Double) -> Bool {
        guard rebalanceInterval > 0, memberCount > 0 else { return false }
        let phase = Double(abs(Int(javaHash(id)))).truncatingRemainder(dividingBy: 1000) / 1000
        let turns = t / rebalanceInterval + phase
        return (turns - turns.rounded(.down)) * rebalanceInterval < 4
    }
}

/// A commit that an administrator has set.
struct PinnedCommit: Sendable, Equatable {
    /// -1: deleted.
    var offset: Int64
    var epoch: Int32 = -1
    var metadata = ""
}

/// What is going to happen to the cluster.
enum Happening: Sendable {
    case kill(Int32)
    /// Leaders are handed over first, as in an orderly restart.
    case shutDown(Int32)
    case start(Int32, release: Release?)
    case freeze(Int32)
    case thaw(Int32)
    /// Its disks copy at this share of what they should, its answers come this much later.
    case degrade(Int32, speed: Double, delaySeconds: Double)
    case recover(Int32)
    case sessionOver(Int32, since: Double)
    case review
    case balanceLeaders
    /// Multiplies the traffic of one partition.
    case heat(partition: Int, factor: Double)
    case stick(group: Int)
    case fallBehind(group: Int, speed: Double)
    case release(group: Int, speed: Double)
    case resize(group: Int, members: Int)
    case reassign(count: Int, bytesPerSecond: Double)
    case failOverController
    case zooKeeper(ZooKeeperHappening)
    /// Another replica leads a partition of the offsets topic: its groups change coordinators.
    case moveCoordinator(slot: Int)
    /// A log directory fails, as when its disk is full.
    case failVolume(Int32, volume: Int)
    case rerate
    case `repeat`(Scenario, number: Int)
}

/// A happening and its moment; `sequence` orders those of one moment.
struct Planned: Sendable {
    var at: Double
    var sequence: Int
    var what: Happening
}

/// What a network must do because of something that happened.
package enum NetworkChange: Sendable, Equatable {
    /// The broker's process ended: connections are reset, new ones refused.
    case down(Int32)
    /// It takes connections again.
    case up(Int32)
    /// It answers what it was asked while it stood still.
    case thawed(Int32)
    /// A ZooKeeper server's process ended, or takes connections again.
    case zooKeeperDown(Int)
    case zooKeeperUp(Int)
}

/// What a broker does about a request.
package enum Reaction: Sendable {
    /// Sends these bytes, size included, so much later.
    case answer([UInt8], afterNs: UInt64)
    /// Stands still: ask again when it is thawed.
    case hold
    /// Never answers this one.
    case ignore
    case close
}

/// `String.hashCode` of Java, by which Kafka assigns groups to coordinators.
func javaHash(_ text: String) -> Int32 {
    var hash: Int32 = 0
    for unit in text.utf16 { hash = hash &* 31 &+ Int32(unit) }
    return hash
}
