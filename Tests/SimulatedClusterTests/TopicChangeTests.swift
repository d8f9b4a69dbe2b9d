// Topics as administrators change them: with the errors of real controllers, and a cluster that
// stays sound: what is there is told alike by all APIs.
import KafkaWire
import Testing

@testable import SimulatedCluster

@Suite struct TopicChangeTests {
    private func asked(_ release: Release = .v43) -> Asked {
        var shape = smallShape()
        shape.release = release
        shape.coordination = release == .v43 ? .kraft : .zookeeper
        return Asked(shape)
    }

    private func create(
        _ asked: inout Asked, _ name: String, partitions: Int32 = -1, factor: Int16 = -1,
        assignment: [[Int32]] = [], config: String? = nil, isTrial: Bool = false
    ) throws -> KafkaError? {
        var topic = CreateTopicsRequest.Topic()
        topic.name = name
        topic.numPartitions = partitions
        topic.replicationFactor = factor
        topic.assignments = assignment.enumerated().map { number, brokers in
            var entry = CreateTopicsRequest.Assignment()
            entry.partitionIndex = Int32(number)
            entry.brokerIDs = IDList(brokers)
            return entry
        }
        if let config {
            var entry = CreateTopicsRequest.Config()
            entry.name = config
            entry.value = "1000"
            topic.configs = [entry]
        }
        var request = CreateTopicsRequest()
        request.topics = [topic]
        request.validateOnly = isTrial
        return try asked.ask(request, version: 5, broker: try asked.controller())?
            .topics.first?.error
    }

    private func delete(_ asked: inout Asked, _ name: String) throws -> KafkaError? {
        var request = DeleteTopicsRequest()
        request.topicNames = [name]
        return try asked.ask(request, version: 4, broker: try asked.controller())?
            .responses.first?.error
    }

    private func widen(
        _ asked: inout Asked, _ name: String, to count: Int32
    ) throws -> KafkaError? {
        var topic = CreatePartitionsRequest.Topic()
        topic.name = name
        topic.count = count
        var request = CreatePartitionsRequest()
        request.topics = [topic]
        return try asked.ask(request, version: 1, broker: try asked.controller())?
            .results.first?.error
    }

    @Test(arguments: [Release.v24, .v39, .v43])
    func changesGiveKafkasErrors(_ release: Release) throws {
        var asked = asked(release)
        let none = KafkaError.none
        #expect(try create(&asked, "a", partitions: 2, factor: 3, isTrial: true) == none)
        #expect(try create(&asked, "a", partitions: 2, factor: 3) == none)
        #expect(try create(&asked, "a", partitions: 2, factor: 3) == .topicAlreadyExists)
        #expect(try create(&asked, "b", partitions: 0, factor: 3) == .invalidPartitions)
        #expect(try create(&asked, "b", partitions: 1, factor: 0) == .invalidReplicationFactor)
        #expect(try create(&asked, "b", partitions: 1, factor: 7) == .invalidReplicationFactor)
        #expect(try create(&asked, "b/", partitions: 1, factor: 1) == .invalidTopic)
        #expect(try create(&asked, "b", partitions: 20_000, factor: 1) == .policyViolation)
        #expect(
            try create(&asked, "b", partitions: 1, factor: 1, config: "x.y") == .invalidConfig)
        #expect(try create(&asked, "b", assignment: [[1, 9]]) == .invalidReplicaAssignment)
        #expect(try create(&asked, "b", assignment: [[1, 1]]) == .invalidReplicaAssignment)
        #expect(
            try create(&asked, "b", partitions: 1, assignment: [[1]]) == .invalidRequest)
        #expect(try widen(&asked, "b", to: 3) == .unknownTopicOrPartition)
        #expect(try widen(&asked, "a", to: 2) == .invalidPartitions)
        #expect(try delete(&asked, "b") == .unknownTopicOrPartition)
        #expect(try widen(&asked, "a", to: 3) == none)
        #expect(try delete(&asked, "a") == none)
        #expect(try delete(&asked, "a") == .unknownTopicOrPartition)
        #expect(try create(&asked, "a", partitions: 1, factor: 1) == none)
    }

    @Test(arguments: [Release.v24, .v43])
    func aTopicIsWhereItWasPut(_ release: Release) throws {
        var asked = asked(release)
        #expect(
            try create(&asked, "placed", assignment: [[3, 1], [2, 6]], config: "retention.ms")
                == KafkaError.none)
        let partitions = try asked.partitions("placed")
        #expect(partitions.map { Array($0.replicaNodes) } == [[3, 1], [2, 6]])
        #expect(partitions.map(\.leaderID) == [3, 2])
        #expect(partitions.allSatisfy { $0.isrNodes.count == 2 })
        #expect(try asked.offset("placed", 1, at: 2) == 0)
        #expect(asked.machine.overrideTruth("placed", "retention.ms") == "1000")
        asked.advance(seconds: 30)
        #expect(try asked.partitions("placed").map(\.leaderID) == [3, 2])
    }

    /// A topic keeps all that it is when it gets more partitions.
    @Test(arguments: [Release.v24, .v43])
    func aWiderTopicIsTheSame(_ release: Release) throws {
        var asked = asked(release)
        let topic = "orders.created"
        asked.advance(seconds: 20)
        let before = try asked.partitions(topic)
        let leader = try #require(before.first?.leaderID)
        let end = try #require(try asked.offset(topic, 0, at: leader))
        let count = Int32(before.count)
        #expect(try widen(&asked, topic, to: count + 2) == KafkaError.none)
        let after = try asked.partitions(topic)
        #expect(after.count == before.count + 2)
        #expect(Array(after.prefix(before.count)) == before)
        #expect(after.suffix(2).allSatisfy { $0.leaderID > 0 && $0.replicaNodes.count == 3 })
        #expect(try asked.offset(topic, 0, at: leader) == end)
        asked.advance(seconds: 20)
        let later = try #require(try asked.offset(topic, 0, at: leader))
        #expect(later >= end)
        // Elections, moves and deletion find it where it is now.
        #expect(try asked.elect(topic, count, unclean: false) == .electionNotNeeded)
        #expect(try asked.move(topic, count + 1, to: [1, 2, 3]) == KafkaError.none)
        asked.advance(seconds: 60)
        #expect(try Array(asked.partitions(topic)[Int(count) + 1].replicaNodes) == [1, 2, 3])
        #expect(try delete(&asked, topic) == KafkaError.none)
        asked.advance(seconds: 60)
        var request = MetadataRequest()
        request.topics = nil
        let all = try asked.ask(request, version: 8)?.topics ?? []
        #expect(!all.isEmpty && !all.contains { $0.name == topic })
        let logs = try asked.ask(DescribeLogDirsRequest(), version: 1, broker: leader)
        #expect(logs?.results.contains { $0.topics.contains { $0.name == topic } } == false)
    }
}
