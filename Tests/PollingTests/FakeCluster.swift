// A small scripted Kafka cluster on the simulated network: records are written at a known rate on
// the virtual clock, and brokers can be frozen, killed, fenced, throttled or made to refuse.
import ClusterModel
import KafkaClient
import KafkaWire
import Simulation
import Transport
import TransportTesting

@testable import Polling

/// Brokers 1...n at 10.0.0.n:9092. Everything is the same for the same seed.
final class FakeCluster: Sendable {
    struct Partition: Sendable {
        var leader: Int32
        var replicas: [Int32]
        var isr: [Int32]
        var epoch: Int32 = 5
        var perSecond = 0.0
        /// Written up to `since`; from then on at `perSecond` unless the leader is away.
        var written = 0.0
        var since: UInt64 = 0
        var isPaused = false
        /// Records of transactions that are open, at the end of the log.
        var openRecords: Int64 = 0
        /// The log begins here.
        var start: Int64 = 0

        func end(_ now: UInt64) -> Int64 {
            let more = isPaused || now < since ? 0 : perSecond * Double(now - since) / 1e9
            return Int64(written + more)
        }
        mutating func pause(_ now: UInt64) {
            written = Double(end(now))
            since = now
            isPaused = true
        }
        mutating func resume(_ now: UInt64) {
            written = Double(end(now))
            since = now
            isPaused = false
        }
    }
    struct Group: Sendable {
        var coordinator: Int32
        var topic = "t0"
        var committed: Int64 = 100
        /// Commits what was written last in partition 0 of its topic.
        var follows = false
    }
    struct Member: Sendable {
        var isFrozen = false
        var isListed = true
        var throttleMs: Int32 = 0
        var held: [(frame: [UInt8], side: ServerSide)] = []
    }
    struct State: Sendable {
        var topics: [String: [Partition]] = [:]
        var brokers: [Int32: Member] = [:]
        var groups: [String: Group] = [:]
        var versions: [Int16: ClosedRange<Int16>] = FakeCluster.kraft
        /// Errors answered instead of facts, by API key.
        var errors: [Int16: KafkaError] = [:]
        /// Requests by (broker, API key).
        var seen: [[Int32]: Int] = [:]
        /// Replicas asked for their log end, by broker: "topic-partition".
        var asked: [Int32: Set<String>] = [:]
        var groupsAsked: Set<String> = []
        /// Overridden on every topic.
        var minInsyncReplicas = "2"
        var controller: Int32 = 2
        /// Who answers DescribeQuorum in the brokers' place; see `FakeControllers`.
        var forward: (@Sendable ([UInt8], ServerSide) -> Void)?
        /// Connections on which an answer is held, and until when: those behind it wait.
        var heldUntil: [Int32: UInt64] = [:]
    }

    static let kraft: [Int16: ClosedRange<Int16>] = [
        18: 0...4, 3: 0...13, 2: 1...11, 16: 0...5, 15: 0...6, 69: 0...1, 9: 1...9, 32: 1...4,
        35: 1...5, 60: 0...2, 55: 0...2, 46: 0...0, 64: 0...0, 45: 0...1,
    ]
    /// Kafka 2.4 with ZooKeeper.
    static let old: [Int16: ClosedRange<Int16>] = [
        18: 0...3, 3: 0...9, 2: 0...5, 16: 0...3, 15: 0...5, 9: 0...6, 32: 0...2, 35: 0...1,
        46: 0...0, 45: 0...0, 4: 0...4, 5: 0...2, 6: 0...6,
    ]

    let system: SimulatedSystem
    let state: Locked<State>
    private let servers: [Int32: FrameServer]

    init(brokers: Int32 = 3, seed: UInt64 = 1) {
        system = SimulatedSystem(seed: seed)
        system.limitReads(to: 1 << 20)
        var state = State()
        var servers: [Int32: FrameServer] = [:]
        for id in 1...brokers {
            state.brokers[id] = Member()
            servers[id] = FrameServer { _, _ in }
        }
        self.state = Locked(state)
        self.servers = servers
        for (id, server) in servers {
            system.set(address(id), .serves(server))
            server.setAnswer { [weak self] frame, side in self?.take(frame, side, broker: id) }
        }
    }

    func address(_ id: Int32) -> Address { Address(10, 0, 0, UInt8(id), port: 9092) }

    var config: ClientConfig {
        ClientConfig(
            bootstrap: servers.keys.sorted().map { Endpoint(host: "10.0.0.\($0)", port: 9092) })
    }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    /// Adds topics of so many partitions, led in turn, `perSecond` records a second to each.
    func addTopics(_ count: Int, partitions: Int, perSecond: Double = 0) {
        let now = system.now()
        change { state in
            let ids = state.brokers.keys.sorted()
            for topic in 0..<count {
                state.topics["t\(topic)"] = (0..<partitions).map { number in
                    let replicas = (0..<min(3, ids.count)).map {
                        ids[(topic + number + $0) % ids.count]
                    }
                    return Partition(
                        leader: replicas[0], replicas: replicas, isr: replicas,
                        perSecond: perSecond, written: 1_000, since: now)
                }
            }
        }
    }

    // MARK: Faults

    func freeze(_ id: Int32) {
        let now = system.now()
        change { state in
            state.brokers[id]?.isFrozen = true
            state.each(ledBy: id) { $0.pause(now) }
        }
    }

    func thaw(_ id: Int32) {
        let now = system.now()
        let held = state.withLock { state in
            state.brokers[id]?.isFrozen = false
            state.each(ledBy: id) { $0.resume(now) }
            defer { state.brokers[id]?.held = [] }
            return state.brokers[id]?.held ?? []
        }
        for (frame, side) in held { answer(frame, side, broker: id) }
    }

    /// Ends the process; the cluster notices `noticedNs` later and elects other leaders.
    func kill(_ id: Int32, noticedNs: UInt64 = 0) {
        let now = system.now()
        change { state in state.each(ledBy: id) { $0.pause(now) } }
        system.set(address(id), .refuses)
        if let server = servers[id] { system.dropConnections(of: server) }
        system.after(noticedNs) { [weak self] in self?.fence(id) }
    }

    /// Ends all connections to a broker that lives on.
    func disconnect(_ id: Int32) {
        if let server = servers[id] { system.dropConnections(of: server) }
    }

    /// How many requests of an API all brokers have received.
    func received(_ api: Int16) -> Int {
        state.withLock { $0.seen.filter { $0.key[1] == Int32(api) }.values.reduce(0, +) }
    }

    private func fence(_ id: Int32) {
        let now = system.now()
        change { state in
            state.brokers[id]?.isListed = false
            for (name, partitions) in state.topics {
                for number in partitions.indices {
                    state.topics[name]?[number].isr.removeAll { $0 == id }
                    guard partitions[number].leader == id else { continue }
                    let next = state.topics[name]?[number].isr.first ?? -1
                    state.topics[name]?[number].leader = next
                    state.topics[name]?[number].epoch += 1
                    if next >= 0 { state.topics[name]?[number].resume(now) }
                }
            }
            for (group, told) in state.groups where told.coordinator == id {
                let next = state.brokers.filter(\.value.isListed).keys.sorted().first
                state.groups[group]?.coordinator = next ?? -1
            }
        }
    }

    /// The broker is back, in sync everywhere; it leads what nobody leads.
    func restart(_ id: Int32) {
        let now = system.now()
        if let server = servers[id] { system.set(address(id), .serves(server)) }
        change { state in
            state.brokers[id]?.isListed = true
            for (name, partitions) in state.topics {
                for number in partitions.indices where partitions[number].replicas.contains(id) {
                    if partitions[number].leader == id { state.topics[name]?[number].resume(now) }
                    if !partitions[number].isr.contains(id) {
                        state.topics[name]?[number].isr.append(id)
                    }
                    guard partitions[number].leader < 0 else { continue }
                    state.topics[name]?[number].leader = id
                    state.topics[name]?[number].epoch += 1
                    state.topics[name]?[number].resume(now)
                }
            }
        }
    }

    // MARK: Serving

    private func take(_ frame: [UInt8], _ side: ServerSide, broker: Int32) {
        let isHeld = state.withLock { state -> Bool in
            guard state.brokers[broker]?.isFrozen == true else { return false }
            state.brokers[broker]?.held.append((frame, side))
            return true
        }
        if !isHeld { answer(frame, side, broker: broker) }
    }

    private func answer(_ frame: [UInt8], _ side: ServerSide, broker: Int32) {
        let now = system.now()
        var key: Int16 = -1
        frame.withUnsafeBytes { key = (try? RequestHeader(peeking: $0))?.apiKey ?? -1 }
        if let until = state.withLock({ $0.heldUntil[side.handle] }), until > now {
            return system.after(until - now) { [weak self] in
                self?.answer(frame, side, broker: broker)
            }
        }
        if key == DescribeQuorumRequest.apiKey, let forward = state.withLock({ $0.forward }) {
            return forward(frame, side)
        }
        let bytes = state.withLock { $0.answer(frame, broker: broker, now: now) }
        guard let bytes else { return side.end() }
        side.send(bytes)
    }
}

/// Runs an observation of a fake cluster in virtual time and gathers its pictures.
func observe(
    _ cluster: FakeCluster, _ mode: Observation.Mode = .live(refreshNs: 2 * second),
    seconds: Double = 30, sections: Set<Section> = Set(Section.allCases),
    budget: Budget = Budget(), script: [(at: Double, act: @Sendable (Observation) -> Void)] = []
) -> [(at: Double, cluster: Cluster)] {
    let loop = Loop(cluster.system)
    let pictures = Locked<[(at: Double, cluster: Cluster)]>([])
    let begun = cluster.system.now()
    let observation = Observation(
        ClusterSession(loop: loop, config: cluster.config), mode: mode, sections: sections,
        budget: budget,
        publish: { [system = cluster.system] picture in
            let at = Double(system.now() - begun) / 1e9
            pictures.withLock { $0.append((at, picture)) }
        }, finished: { loop.stop() })
    observation.start()
    for step in script {
        cluster.system.after(UInt64(step.at * 1e9)) { step.act(observation) }
    }
    cluster.system.after(UInt64(seconds * 1e9)) { loop.stop() }
    loop.run()
    withExtendedLifetime(observation) {}
    return pictures.withLock { $0 }
}
