// Topics made and deleted without a tool: what a test only needs to be there costs no JVM.
import Foundation
import KafkaWire
import TransportTesting

extension KafkaCluster {
    /// Creates topics, each with its overrides, and waits until every broker tells of them: in
    /// ZooKeeper mode the others hear of them after the controller has answered.
    func createTopics(
        _ topics: [(name: String, overrides: [String: String])], partitions: Int32,
        replicas: Int
    ) throws {
        var request = CreateTopicsRequest()
        request.topics = topics.map { name, overrides in
            var topic = CreateTopicsRequest.Topic()
            topic.name = name
            topic.numPartitions = partitions
            topic.replicationFactor = Int16(replicas)
            topic.configs = overrides.sorted { $0.key < $1.key }.map { key, value in
                var config = CreateTopicsRequest.Config()
                config.name = key
                config.value = value
                return config
            }
            return topic
        }
        try askController("topics created") { broker in
            let results = try broker.ask(request, version: 5)?.topics ?? []
            return results.count == topics.count ? results.map(\.error) : []
        }
        try waitUntilKnown(topics.map(\.name), partitions: partitions, replicas: replicas)
    }

    /// Waits until every broker tells of the topics, all replicas in sync: who was not asked to
    /// make them hears of them later.
    func waitUntilKnown(_ names: [String], partitions: Int32, replicas: Int) throws {
        let metadata = MetadataRequest(topics: names, version: 5)
        try waitUntil("every broker knows the new topics in sync", seconds: 90) {
            brokers.allSatisfy { broker in
                let told = try? RawBroker(port: UInt16(broker.port)).ask(metadata, version: 5)
                return told?.topics.allSatisfy { topic in
                    topic.error == .none && topic.partitions.count == Int(partitions)
                        && topic.partitions.allSatisfy { $0.isrNodes.count == replicas }
                } == true
            }
        }
    }

    func deleteTopics(_ names: [String]) throws {
        var request = DeleteTopicsRequest()
        request.topicNames = names
        try askController("topics deleted") { broker in
            let results = try broker.ask(request, version: 5)?.responses ?? []
            return results.count == names.count ? results.map(\.error) : []
        }
    }

    /// Asks one broker after another until one is the controller, or hands it on to it.
    private func askController(
        _ what: String, _ ask: (RawBroker) throws -> [KafkaError]
    ) throws {
        var errors: [KafkaError] = []
        try waitUntil(what, seconds: 90) {
            for broker in brokers {
                errors = (try? ask(RawBroker(port: UInt16(broker.port)))) ?? []
                if !errors.isEmpty && !errors.contains(.notController) { return true }
            }
            return false
        }
        guard errors.allSatisfy({ $0 == .none }) else {
            throw HarnessError("\(what): \(errors)")
        }
    }
}
