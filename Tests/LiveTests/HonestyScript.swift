// The one script of requests that real and simulated brokers answer, and what came back of it.
import Foundation
import KafkaWire

/// A cluster of three brokers and the topics that the script may use: one with records, and one
/// without overrides whose replicas it may move.
final class HonestCluster {
    let busy: String
    let quiet: String
    private var brokers: [Int32: RawBroker] = [:]
    private let first: RawBroker
    let isZooKeeper: Bool
    /// What each step brought, in order.
    private(set) var told: [(step: String, answer: String)] = []

    init(port: UInt16, busy: String, quiet: String, isZooKeeper: Bool) throws {
        self.busy = busy
        self.quiet = quiet
        self.isZooKeeper = isZooKeeper
        first = RawBroker(port: port)
        guard let metadata = try first.ask(MetadataRequest(), version: 9) else {
            throw HarnessError("no Metadata")
        }
        for broker in metadata.brokers {
            brokers[broker.nodeID] = RawBroker(port: UInt16(clamping: broker.port))
        }
    }

    func broker(_ id: Int32) throws -> RawBroker {
        guard let broker = brokers[id] else { throw HarnessError("no broker \(id)") }
        return broker
    }

    /// Who takes requests for the controller.
    func controller() throws -> Int32 {
        isZooKeeper ? try first.ask(MetadataRequest(), version: 9)?.controllerID ?? -1 : 1
    }

    private var names: [String: String] { [busy: "BUSY", quiet: "QUIET"] }

    /// Asks and notes what the answer is like.
    @discardableResult
    func note<R: KafkaRequest>(
        _ step: String, _ request: R, _ version: Int16, at id: Int32 = 1,
        only: ((R.Response) -> Any)? = nil
    ) throws -> R.Response? {
        let answer = try broker(id).ask(request, version: version)
        let text = answer.map { outline(only?($0) ?? $0, replacing: names) } ?? "closed"
        told.append(("\(step) v\(version)", text))
        return answer
    }

    func note(_ step: String, _ answer: String) { told.append((step, answer)) }

    /// Asks at the broker that has it for every version that both we and the release know.
    func noteAll<R: KafkaRequest>(
        _ step: String, _ versions: ClosedRange<Int16>?, at id: Int32 = 1, _ make: (Int16) -> R
    ) throws {
        guard let versions else { return }
        for version in versions where R.versions.contains(version) {
            try note(step, make(version), version, at: id)
        }
    }

    // MARK: Moving the quiet topic

    func assign(_ lists: [[Int32]?], version: Int16 = 0) -> AlterPartitionReassignmentsRequest {
        var topic = AlterPartitionReassignmentsRequest.Topic()
        topic.name = quiet
        topic.partitions = lists.enumerated().map { number, list in
            var entry = AlterPartitionReassignmentsRequest.Partition()
            entry.partitionIndex = Int32(number)
            entry.replicas = list.map { IDList($0) }
            return entry
        }
        var request = AlterPartitionReassignmentsRequest()
        request.timeoutMs = 5_000
        request.topics = [topic]
        return request
    }

    /// Moves the quiet topic's partitions and waits until they are there and led by their first
    /// replica.
    func move(_ lists: [[Int32]]) throws {
        let controller = try controller()
        _ = try broker(controller).ask(assign(lists), version: 0)
        try waitUntil("the moves are done", seconds: 20, every: 0.05) {
            let list = try broker(controller).ask(
                ListPartitionReassignmentsRequest(), version: 0)
            guard list?.error == KafkaError.none, list?.topics.isEmpty == true else { return false }
            return try isEverywhere { $0.replicaNodes == IDList(lists[Int($0.partitionIndex)]) }
        }
        var election = ElectLeadersRequest()
        var topic = ElectLeadersRequest.TopicPartitions()
        topic.topic = quiet
        topic.partitions = IDList((0..<Int32(lists.count)))
        election.topicPartitions = [topic]
        election.timeoutMs = 5_000
        try waitUntil("the first replicas lead", seconds: 20, every: 0.05) {
            _ = try broker(controller).ask(election, version: 1)
            return try isEverywhere {
                $0.leaderID == lists[Int($0.partitionIndex)][0]
                    && $0.isrNodes.count == lists[Int($0.partitionIndex)].count
            }
        }
    }

    /// Whether every broker's Metadata says so of all partitions of the quiet topic.
    private func isEverywhere(
        _ holds: (MetadataResponse.Partition) -> Bool
    ) throws -> Bool {
        var request = MetadataRequest()
        request.topics = [MetadataRequest.Topic(name: quiet)]
        for broker in brokers.values {
            let answer = try broker.ask(request, version: 9)
            guard answer?.topics.first?.partitions.prefix(3).allSatisfy(holds) == true else {
                return false
            }
        }
        return true
    }
}
