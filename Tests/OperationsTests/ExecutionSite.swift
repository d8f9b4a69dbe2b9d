// A simulated cluster on which plans are carried out by operators that are killed, and what is
// compared afterwards.
import ClusterModel
import Foundation
import JSON
import KafkaClient
import Planning
import Polling
import SimulatedCluster
import Simulation
import Testing
import Transport

@testable import Operations

private let second: UInt64 = 1_000_000_000

/// A simulated cluster of a few brokers, the same for the same seed.
final class ExecutionSite {
    let system: SimulatedSystem
    let network: ClusterNetwork
    let loop: Loop
    let folder = Folder()
    let clusterID: String
    let cluster: Cluster
    let requests = Locked<[String]>([])

    /// Those that HIGHWATER_SEEDS=N asks for; nil: as few as a test takes by itself.
    static var seeds: [UInt64]? {
        let count = ProcessInfo.processInfo.environment["HIGHWATER_SEEDS"].flatMap { UInt64($0) }
        return count.map { Array(1...max(1, $0)) }
    }

    init(seed: UInt64, isZooKeeper: Bool = false, partitions: Int = 24) {
        var shape = Shape()
        shape.seed = seed
        shape.brokers = 9
        shape.racks = 1
        shape.partitions = partitions
        shape.offsetsPartitions = 3
        shape.groups = 1
        shape.copySpeed = 50_000
        if isZooKeeper { shape.coordination = .zookeeper }
        system = SimulatedSystem(seed: shape.seed, cuts: false, wallStartMs: shape.wallStartMs)
        let network = ClusterNetwork(shape, on: system)
        self.network = network
        let loop = Loop(system)
        self.loop = loop
        let seen = Locked(Cluster())
        let observation = Observation(
            ClusterSession(loop: loop, config: ClientConfig(bootstrap: network.bootstrap)),
            mode: .once(limitNs: 60 * second), sections: [.metadata, .brokers, .logDirs],
            publish: { cluster in seen.withLock { $0 = cluster } })
        observation.start()
        loop.run(until: system.now() + 30 * second)
        observation.stop()
        loop.run(until: system.now() + second)
        cluster = seen.withLock { $0 }
        clusterID = cluster.clusterID ?? ""
        network.listen { [requests] line in requests.withLock { $0.append(line) } }
    }

    deinit {
        loop.stop()
        loop.run()
        network.dismantle()
    }

    func session() -> ClusterSession {
        ClusterSession(
            loop: loop, config: ClientConfig(bootstrap: network.bootstrap), writes: .allowed)
    }

    func maker(_ session: ClusterSession) -> Operator {
        let path = folder.file
        return Operator(
            session, journal: { _ throws(JournalError) in try Journal(path: path) })
    }

    /// What a plan is, made from the cluster as it was seen.
    func plan(_ request: PlanRequest, throttle: Int64?) throws -> PlanExecution {
        let plan = try Plan(request, for: PlanningModel(cluster, takenAt: ""))
        let bytes = Locked<[UInt8]>([])
        try PlanDocument(plan, toolVersion: "test", planningMs: 0).write { piece in
            bytes.withLock { $0 += Array(piece) }
        }
        var reader = JSONReader(bytes.withLock { $0 })
        return PlanExecution(try PlanFile(&reader), throttle: throttle)
    }

    func confirmed(_ change: PlanExecution) throws -> Confirmed {
        var review = Review(Proposal(change), ReviewPolicy(), cluster)
        review.type(review.phrase)
        return try #require(review.confirm())
    }

    func run(seconds: UInt64) { loop.run(until: system.now() + seconds * second) }

    /// Runs until something is so, and no longer than a day.
    func run(until isSo: () -> Bool) -> Bool {
        for _ in 0..<17_280 {
            if isSo() { return true }
            run(seconds: 5)
        }
        return isSo()
    }

    // MARK: What the cluster says

    /// Partitions and throttles, as they are now.
    struct Standing: Equatable {
        var replicas: [PartitionName: [Int32]] = [:]
        var leaders: [PartitionName: Int32] = [:]
        var lists: [String: ThrottleLists] = [:]
        var rates: [Int32: ThrottleRates] = [:]
        var moving = 0
    }

    func standing(of plan: PlanExecution) throws -> Standing {
        let session = session()
        let found = Locked<ExecutionFacts?>(nil)
        var questions = ExecutionQuestions()
        questions.topics = Set(plan.moves.map(\.topic)).sorted()
        questions.brokers = Array(1...9)
        let partitions = Set(plan.moves.map(\.name))
        session.run { [questions] client in
            FactsReader.read(client, partitions, questions, isWhole: false) { result in
                if case .success(let facts) = result { found.withLock { $0 = facts } }
            }
        }
        run(seconds: 30)
        session.run { $0.close() }
        run(seconds: 1)
        let facts = try #require(found.withLock { $0 })
        var standing = Standing()
        for (name, state) in facts.reading.states {
            standing.replicas[name] = state.replicas
            standing.leaders[name] = state.leader
        }
        standing.lists = facts.topics.filter { !$0.value.isUnset }
        standing.rates = facts.brokers.filter { !$0.value.isUnset }
        standing.moving = facts.ongoing.count
        return standing
    }

    /// Has somebody set a config.
    func set(_ resource: ConfigResource, _ key: String, _ value: String?) {
        change { $0.alterConfigs([(resource, [ConfigSetting(key, value)])]) { _ in } }
    }

    /// Has somebody else change something.
    func change(_ work: @escaping @Sendable (KafkaClient) -> Void) {
        let session = session()
        session.run { client in
            client.readPartitions(ofTopics: []) { _ in work(client) }
        }
        run(seconds: 5)
        session.run { $0.close() }
        run(seconds: 1)
    }
}
