// Random changes in random order, with and without brokers that fail: what Metadata, log
// directories and offsets tell must always fit together, and the same seed tells the same.
import KafkaWire
import SimulatedCluster
import Simulation
import Testing

@Suite struct AdminSwarmTests {
    private struct Swarm {
        var asked: Asked
        var random: SeededGenerator
        var topics: [String] = []
        var answers = 0
        var digest: UInt64 = 0

        init(_ seed: UInt64) throws {
            random = SeededGenerator(seed: seed &* 77)
            var shape = smallShape(seed: seed)
            shape.partitions = 24
            shape.groups = 6
            shape.scenario = seed % 2 == 0 ? .chaos : .quietDay
            shape.storyAtSeconds = 3
            let releases: [(Release, Coordination)] = [
                (.v24, .zookeeper), (.v28, .zookeeper), (.v39, .kraft), (.v39, .zookeeper),
                (.v43, .kraft),
            ]
            (shape.release, shape.coordination) = releases[Int(seed % 5)]
            if seed % 3 == 0 { shape.faultRates.staleSeconds = 4 }
            if seed % 7 == 0 { shape.access.isReadOnly = true }
            asked = Asked(shape)
            topics = try asked.ask(MetadataRequest(), version: 8)?.topics.compactMap(\.name) ?? []
        }

        mutating func pick(_ count: Int) -> Int { Int(random.next() % UInt64(max(1, count))) }

        mutating func step() throws {
            asked.advance(seconds: Double(pick(40)) / 4)
            let topic = topics[pick(topics.count)]
            let number = Int32(pick(8))
            let error: KafkaError?
            switch pick(7) {
            case 0, 1:
                let list = (0..<pick(6)).map { _ in Int32(pick(7)) + (pick(20) == 0 ? 0 : 1) }
                error = try asked.move(topic, number, to: list)
            case 2: error = try asked.move(topic, number, to: nil)
            case 3: error = try asked.elect(topic, number, unclean: pick(2) == 0)
            case 4:
                let values = ["1000", "x", "-1", "", "*", "0:1,1:2", "true", "3600000"]
                let names = [
                    "retention.ms", "leader.replication.throttled.replicas", "preallocate",
                    "follower.replication.throttled.replicas", "unclean.leader.election.enable",
                ]
                error = try asked.set(2, topic, names[pick(5)], values[pick(8)])
            case 5:
                let names = [
                    "leader.replication.throttled.rate", "follower.replication.throttled.rate",
                    "num.io.threads",
                ]
                let value = pick(3) == 0 ? nil : "\(pick(100_000_000))"
                error = try asked.set(
                    4, pick(3) == 0 ? "" : "\(1 + pick(6))", names[pick(3)], value)
            default: error = try shiftDirectory(topic, number)
            }
            answers += 1
            digest = (digest ^ UInt64(UInt16(bitPattern: error?.code ?? 999))) &* 0x100_0000_01b3
        }

        private mutating func shiftDirectory(_ name: String, _ number: Int32) throws -> KafkaError?
        {
            var topic = AlterReplicaLogDirsRequest.Topic()
            topic.name = name
            topic.partitions = [number]
            var dir = AlterReplicaLogDirsRequest.LogDir()
            dir.path = "/var/kafka/data\(1 + pick(3))"
            dir.topics = [topic]
            var request = AlterReplicaLogDirsRequest()
            request.dirs = [dir]
            let answer = try asked.ask(request, version: 1, broker: Int32(1 + pick(6)))
            return answer?.results.first?.partitions.first?.error
        }

        /// What does not fit together.
        mutating func faults() throws -> [String] {
            var faults: [String] = []
            let live = asked.machine.brokerIDs.filter { asked.machine.takesConnections($0) }
            guard let first = live.first,
                let metadata = try asked.ask(MetadataRequest(), version: 8, broker: first)
            else { return [] }
            var held: [Int32: Set<String>] = [:]
            for topic in metadata.topics {
                for partition in topic.partitions {
                    let name = "\(topic.name ?? "")-\(partition.partitionIndex)"
                    let replicas = Array(partition.replicaNodes)
                    if Set(replicas).count != replicas.count || replicas.isEmpty {
                        faults.append("\(name) is on \(replicas)")
                    }
                    if !partition.isrNodes.allSatisfy({ replicas.contains($0) }) {
                        faults.append("\(name) in sync on \(partition.isrNodes) of \(replicas)")
                    }
                    // A broker with an old view may name a leader that has gone.
                    let isStale = asked.machine.shape.faultRates.staleSeconds > 0
                    if partition.leaderID >= 0, !replicas.contains(partition.leaderID), !isStale {
                        faults.append("\(name) is led by \(partition.leaderID) of \(replicas)")
                    }
                    for id in replicas where !partition.offlineReplicas.contains(id) {
                        held[id, default: []].insert(name)
                    }
                }
            }
            for id in live {
                guard let dirs = try asked.ask(DescribeLogDirsRequest(), version: 1, broker: id)
                else { continue }
                let there = dirs.results.flatMap { dir in
                    dir.topics.flatMap { topic in
                        topic.partitions.filter { !$0.isFutureKey }.map {
                            "\(topic.name)-\($0.partitionIndex)"
                        }
                    }
                }
                if there.count != Set(there).count { faults.append("\(id) has one twice") }
                let missing = (held[id] ?? []).subtracting(there)
                if !missing.isEmpty { faults.append("\(id) lacks \(missing.sorted().prefix(3))") }
                let isListed = metadata.brokers.contains { $0.nodeID == id }
                if isListed, Set(there).count > (held[id] ?? []).count {
                    faults.append("\(id) has too many")
                }
            }
            return faults
        }
    }

    @Test func clustersStaySoundWhateverIsAsked() throws {
        var answers = 0
        for seed in 1...10 as ClosedRange<UInt64> {
            var swarm = try Swarm(seed)
            for _ in 0..<12 {
                for _ in 0..<10 { try swarm.step() }
                let faults = try swarm.faults()
                #expect(faults.isEmpty, "seed \(seed): \(faults.prefix(3))")
                if !faults.isEmpty { break }
            }
            answers += swarm.answers
        }
        #expect(answers > 1_000)
    }

    @Test func theSameSeedAnswersTheSame() throws {
        func digest(_ seed: UInt64) throws -> UInt64 {
            var swarm = try Swarm(seed)
            for _ in 0..<60 { try swarm.step() }
            return swarm.digest
        }
        for seed in [4, 5] as [UInt64] { #expect(try digest(seed) == digest(seed)) }
        #expect(try digest(4) != digest(14))
    }
}
