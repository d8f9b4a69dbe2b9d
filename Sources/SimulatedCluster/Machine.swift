// The simulated cluster as one pure state machine: no clock, no thread, no descriptor. Offsets are
// functions of time, so that only what changes costs anything.
import KafkaWire
import Simulation

/// A whole Kafka cluster as a value. The networks ask it; time comes in with each call, in
/// nanoseconds of their clock, and never goes back.
package struct Machine: Sendable {
    package let shape: Shape
    package let clusterID: String
    let startNs: UInt64

    // Columns, one element a partition.
    var topicOf: [Int32] = []
    /// The broker that leads, or -1.
    var leader: [Int32] = []
    var epoch: [Int32] = []
    /// Bit n: the n-th of `replicas` is in sync.
    var inSync: [UInt32] = []
    var current: [Stretch] = []
    /// Records a second in the mean while all is well.
    var usualRate: [Float] = []
    /// Records kept by retention in time: what the usual rate brings, whatever comes later.
    var keptRecords: [Double] = []
    /// One element a replica, in the order of partitions.
    var replicaBroker: [Int32] = []
    /// Earlier stretches, oldest first.
    var past: [Int32: [Stretch]] = [:]
    var moves: [Int32: Move] = [:]
    /// Replica lists whose length is not that of their topic, by partition.
    var oddReplicas: [Int32: IDList] = [:]
    /// First offsets that retention does not go back behind, where it was made longer.
    var keptFrom: [Int32: Int64] = [:]
    /// Replicas that are not on the volume they would be on, by `replicaKey`.
    var placed: [Int64: Int] = [:]
    /// Replicas on the way to another volume of their broker, by `replicaKey`.
    var futures: [Int64: FutureReplica] = [:]
    /// What brokers believe that hear of a change late, by partition.
    var former: [Int32: FormerLeader] = [:]
    var offlineVolumes = 0
    /// Whose throttles a story has set, by index.
    var throttledTopics: Set<Int> = []
    var throttledBrokers: Set<Int> = []
    /// Dynamic configs of all brokers, ascending by name.
    var defaultOverrides: [ConfigEntry] = []

    /// Ascending by id, which begin at 1 and have no gaps.
    var brokers: [SimulatedBroker] = []
    /// Ascending by name.
    var topics: [SimulatedTopic] = []
    var topicIndex: [String: Int] = [:]
    var topicOfID: [KafkaUUID: Int] = [:]
    /// Ascending by id.
    var groups: [SimulatedGroup] = []
    var groupIndex: [String: Int] = [:]
    /// Groups by the partition of the offsets topic they belong to.
    var groupsOfSlot: [[Int]] = []
    var offsetsTopic = 0

    var controllerEpoch: Int32 = 7
    var controllerTurn = 0
    /// The broker that is controller, in ZooKeeper mode; -1: none.
    var controllerBroker: Int32 = 1
    /// What keeps the state in ZooKeeper mode.
    var zooKeeper = ZooKeeperEnsemble()

    /// What brokers of each release offer.
    var offered: [Release: [Int16: ClosedRange<Int16>]] = [:]
    var random: SeededGenerator
    /// Latest first.
    var plan: [Planned] = []
    var planned = 0
    var isReviewing = false
    /// A look at the throttles is planned.
    var isRerating = false
    /// Where the high watermark stands of partitions with too few replicas in sync.
    var stuckMarks: [Int32: Int64] = [:]
    var changes: [NetworkChange] = []
    /// The moment the machine has been brought to, in seconds since its start.
    package private(set) var seconds = 0.0
    /// Requests taken so far.
    package var exchanges = 0
    /// The newest answer that named every topic of a large cluster.
    var keptMetadata: WholeMetadata?
    /// Smaller clusters have their answer made anew each time.
    package var keepsMetadataFrom = Limits.keptMetadataPartitions
    /// The answer under way holds one of its API's retriable errors.
    var answersError = false
    /// Nothing fails any more and no scenario begins; see `stopFaults()`.
    var faultsStopped = false
    /// What has happened, a line each; nil: nobody reads it.
    var log: [String]?

    /// A cluster that begins at `startNs` of the network's clock.
    package init(_ wanted: Shape, startNs: UInt64) {
        let shape = wanted.bounded()
        self.shape = shape
        self.startNs = startNs
        random = SeededGenerator(seed: shape.seed)
        let id = KafkaUUID(high: random.next(), low: random.next())
        clusterID = id.description
        for release in Release.allCases { offered[release] = release.versions(shape.coordination) }
        build()
        buildZooKeeper()
        planStory()
    }

    /// Lets brokers list only the APIs that are answered, for clients that believe what is listed:
    /// ours asks nothing else, and sees lists of a real broker's length.
    package mutating func listOnlyPlayed() {
        for release in Release.allCases { offered[release] = offer(release, shape.coordination) }
    }

    /// Lets brokers be without an API, as older ones are.
    package mutating func withdraw(api: Int16) {
        for release in Release.allCases { offered[release]?[api] = nil }
    }

    /// Ids of all brokers, running or not.
    package var brokerIDs: [Int32] { brokers.map(\.id) }

    /// Where clients reach a broker.
    package mutating func setEndpoint(_ id: Int32, host: String, port: UInt16) {
        guard let index = brokerIndex(id) else { return }
        brokers[index].host = host
        brokers[index].port = Int32(port)
        rewriteRegistration(index)
    }

    package func endpoint(_ id: Int32) -> (host: String, port: UInt16)? {
        brokerIndex(id).map { (brokers[$0].host, UInt16(clamping: brokers[$0].port)) }
    }

    /// Whether connections to a broker are taken now.
    package func takesConnections(_ id: Int32) -> Bool {
        brokerIndex(id).map { brokers[$0].condition != .dead } ?? false
    }

    // MARK: Time

    func time(_ now: UInt64) -> Double {
        now <= startNs ? 0 : Double(now - startNs) / Double(Limits.nanosecondsPerSecond)
    }

    /// When something happens next by itself, in the network's clock.
    package var nextAtNs: UInt64? {
        // One more, so that the moment has certainly come when the clock shows it.
        plan.last.map {
            startNs + UInt64(max(0, $0.at) * Double(Limits.nanosecondsPerSecond)) + 2
        }
    }

    /// Lets everything happen that is due and says what the network must do about it.
    package mutating func advance(to now: UInt64) -> [NetworkChange] {
        settle(until: time(now))
        defer { changes = [] }
        return changes
    }

    /// The same for a request: what the network must do waits until it asks.
    mutating func settle(until: Double) {
        while let next = plan.last, next.at <= until {
            plan.removeLast()
            seconds = max(seconds, next.at)
            log?.append("\(next.what)")
            carryOut(next.what)
            updateZooKeeper()
        }
        seconds = max(seconds, until)
    }

    mutating func schedule(in delay: Double, _ what: Happening) {
        schedule(at: seconds + delay, what)
    }

    mutating func schedule(at: Double, _ what: Happening) {
        planned += 1
        let entry = Planned(at: at, sequence: planned, what: what)
        var low = 0
        var high = plan.count
        while low < high {
            let middle = (low + high) / 2
            if (plan[middle].at, plan[middle].sequence) > (entry.at, entry.sequence) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        plan.insert(entry, at: low)
    }

    // MARK: Finding

    func brokerIndex(_ id: Int32) -> Int? {
        let index = Int(id) - 1
        return brokers.indices.contains(index) ? index : nil
    }

    func topic(of partition: Int) -> SimulatedTopic { topics[Int(topicOf[partition])] }

    /// The row of a partition by its topic and number.
    func row(_ topic: Int, _ partition: Int32) -> Int? {
        guard partition >= 0, Int(partition) < topics[topic].partitionCount else { return nil }
        return topics[topic].firstPartition + Int(partition)
    }

    /// The brokers that have or are to have the partition, the preferred leader first.
    func replicas(_ partition: Int) -> IDList {
        if !moves.isEmpty, let move = moves[Int32(partition)] { return move.replicas }
        if !oddReplicas.isEmpty, let list = oddReplicas[Int32(partition)] { return list }
        var list = IDList()
        for replica in replicaRows(partition) { list.append(replicaBroker[replica]) }
        return list
    }

    /// Rows of the replicas of a partition that has as many as its topic.
    func replicaRows(_ partition: Int) -> Range<Int> {
        // Field by field: a topic in a variable would be copied, names and all.
        let topic = Int(topicOf[partition])
        let count = topics[topic].replicationFactor
        let first =
            topics[topic].firstReplica + (partition - topics[topic].firstPartition) * count
        return first..<first + count
    }

    /// Sets the replicas outside moves.
    mutating func setReplicas(_ partition: Int, _ list: IDList) {
        let rows = replicaRows(partition)
        guard list.count == rows.count else {
            oddReplicas[Int32(partition)] = list
            return
        }
        oddReplicas[Int32(partition)] = nil
        for (position, row) in rows.enumerated() { replicaBroker[row] = list[position] }
    }

    /// The integral of the ups and downs of a partition's topic.
    func topicFlown(_ partition: Int, _ t: Double) -> Double {
        topics[Int(topicOf[partition])].wave.flown(t)
    }

    /// Whether the broker has or is to have the partition.
    func isReplica(_ partition: Int, _ broker: Int32) -> Bool {
        if !moves.isEmpty, let move = moves[Int32(partition)] {
            return move.replicas.contains(broker)
        }
        if !oddReplicas.isEmpty, let list = oddReplicas[Int32(partition)] {
            return list.contains(broker)
        }
        for row in replicaRows(partition) where replicaBroker[row] == broker { return true }
        return false
    }

    func isInSync(_ partition: Int, _ broker: Int32) -> Bool {
        guard let position = replicas(partition).firstIndex(of: broker) else { return false }
        return inSync[partition] & 1 << UInt32(position) != 0
    }

    /// The in-sync brokers in the order of the replicas.
    func inSyncBrokers(_ partition: Int) -> IDList {
        var list = IDList()
        for (position, broker) in replicas(partition).enumerated()
        where inSync[partition] & 1 << UInt32(position) != 0 {
            list.append(broker)
        }
        return list
    }

    // MARK: Offsets

    /// The integral of a partition's ups and downs; `topicFlown` is that of its topic.
    func flown(_ partition: Int, _ t: Double, topicFlown: Double) -> Double {
        topicFlown + Wave.wobble(partition: partition, t)
    }

    /// Records ever written to a partition by a moment, also one long past.
    func written(_ partition: Int, _ t: Double, topicFlown: Double) -> Int64 {
        var stretch = current[partition]
        if t < stretch.time, !past.isEmpty, let earlier = past[Int32(partition)],
            let first = earlier.first
        {
            stretch = earlier.last { $0.time <= t } ?? first
        }
        let flown = flown(partition, t, topicFlown: topicFlown)
        return Int64(max(0, stretch.end + Double(stretch.rate) * (flown - stretch.flown)))
    }

    func written(_ partition: Int, _ t: Double) -> Int64 {
        written(partition, t, topicFlown: topicFlown(partition, t))
    }

    /// From now on a partition is written to at another mean rate.
    mutating func setRate(_ partition: Int, _ rate: Float) {
        let old = current[partition]
        guard old.rate != rate else { return }
        let flown = flown(
            partition, seconds, topicFlown: topic(of: partition).wave.flown(seconds))
        let end = old.end + Double(old.rate) * (flown - old.flown)
        past[Int32(partition), default: []].append(old)
        if let count = past[Int32(partition)]?.count, count > Limits.pastStretches {
            past[Int32(partition)]?.removeFirst()
        }
        current[partition] = Stretch(time: seconds, flown: flown, end: max(0, end), rate: rate)
    }

    /// The first offset kept: whole segments beyond the retention time are gone.
    func logStart(_ partition: Int, end: Int64) -> Int64 {
        let kept = keptRecords[partition]
        let segment = max(1, (kept / 8).rounded())
        let first = Int64(max(0, ((Double(end) - kept) / segment).rounded(.down) * segment))
        if keptFrom.isEmpty { return first }
        return max(first, keptFrom[Int32(partition)] ?? 0)
    }

    /// Up to which moment's records a follower has copied a partition.
    func fetchedTime(_ partition: Int, _ index: Int, _ t: Double) -> Double {
        let heels = t - 0.003 - Double((partition &* 31 &+ index &* 17) & 63) * 0.0005
        guard let pace = brokers[index].pace else { return heels }
        guard pace.speed > 1 else { return min(heels, pace.reached(t)) }
        // Those that catch up do so at different speeds.
        let share = 0.6 + 0.8 * fraction(hashed(UInt64(partition), UInt64(index)))
        let own = Pace(
            since: pace.since, from: pace.from, speed: 1 + (pace.speed - 1) * share)
        return min(heels, own.reached(t))
    }

    /// The log end offset of one replica; its broker must have it.
    func replicaEnd(_ partition: Int, _ broker: Int32, _ t: Double, topicFlown: Double) -> Int64 {
        let end = written(partition, t, topicFlown: topicFlown)
        guard leader[partition] != broker, let index = brokerIndex(broker) else { return end }
        if !moves.isEmpty,
            let copy = moves[Int32(partition)]?.copies.first(where: { $0.broker == broker })
        {
            return copied(copy, partition, end, t)
        }
        let fetched = fetchedTime(partition, index, t)
        return min(end, written(partition, fetched))
    }

    /// Which of a broker's volumes a replica lies on.
    func volume(_ partition: Int, _ index: Int) -> Int {
        if !placed.isEmpty, let volume = placed[replicaKey(partition, index)] { return volume }
        return firstVolume(partition, index)
    }

    /// The one a replica is made on.
    func firstVolume(_ partition: Int, _ index: Int) -> Int {
        (partition &* 7 &+ index) % max(1, brokers[index].volumes.count)
    }

    func sizeBytes(_ partition: Int, _ broker: Int32, _ t: Double, topicFlown: Double) -> Int64 {
        let end = replicaEnd(partition, broker, t, topicFlown: topicFlown)
        let whole = written(partition, t, topicFlown: topicFlown)
        let records = max(0, end - logStart(partition, end: whole))
        return Int64(Double(records) * topic(of: partition).bytesPerRecord)
    }
}
