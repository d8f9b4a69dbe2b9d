// Changes are carried out as Kafka carries them out: elections, moves with progress, configs with
// precedence and effect, and the cluster stays sound whatever is asked of it.
import KafkaWire
import SimulatedCluster
import Testing

extension Asked {
    /// The broker that takes requests for the controller.
    mutating func controller() throws -> Int32 {
        guard machine.shape.coordination == .zookeeper else { return 1 }
        return try ask(MetadataRequest(), version: 5)?.controllerID ?? 1
    }

    mutating func partitions(_ topic: String) throws -> [MetadataResponse.Partition] {
        var request = MetadataRequest()
        request.topics = [MetadataRequest.Topic(name: topic)]
        for id in machine.brokerIDs where machine.takesConnections(id) {
            return try ask(request, version: 8, broker: id)?.topics.first?.partitions ?? []
        }
        return []
    }

    mutating func move(
        _ topic: String, _ partition: Int32, to replicas: [Int32]?
    ) throws -> KafkaError? {
        var entry = AlterPartitionReassignmentsRequest.Partition()
        entry.partitionIndex = partition
        entry.replicas = replicas.map { IDList($0) }
        var wanted = AlterPartitionReassignmentsRequest.Topic()
        wanted.name = topic
        wanted.partitions = [entry]
        var request = AlterPartitionReassignmentsRequest()
        request.topics = [wanted]
        let answer = try ask(request, version: 0, broker: try controller())
        return answer?.topics.first?.partitions.first?.error
    }

    mutating func elect(_ topic: String, _ partition: Int32, unclean: Bool) throws -> KafkaError? {
        var wanted = ElectLeadersRequest.TopicPartitions()
        wanted.topic = topic
        wanted.partitions = [partition]
        var request = ElectLeadersRequest()
        request.electionType = unclean ? 1 : 0
        request.topicPartitions = [wanted]
        let answer = try ask(request, version: 1, broker: try controller())
        return answer?.results.first?.partitions.first?.error
    }

    /// Sets, or with nil removes, one config.
    mutating func set(
        _ type: ConfigResourceType, _ name: String, _ config: String, _ value: String?,
        isTrial: Bool = false
    ) throws -> KafkaError? {
        var request = IncrementalAlterConfigsRequest(
            config, value, resourceType: type, resourceName: name)
        request.validateOnly = isTrial
        let at = type == 4 ? Int32(name) ?? 1 : 1
        return try ask(request, version: 0, broker: at)?.results.first?.error
    }

    mutating func offset(
        _ topic: String, _ partition: Int32, at broker: Int32, time: Int64 = -1
    ) throws -> Int64? {
        var request = ListOffsetsRequest()
        request.replicaID = -2
        request.topics = [
            ListOffsetsRequest.Topic(
                name: topic, partitions: [.init(partitionIndex: partition, timestamp: time)])
        ]
        let answer = try ask(request, version: 5, broker: broker)?.topics.first?.partitions.first
        return answer?.error == KafkaError.none ? answer?.offset : nil
    }
}

@Suite struct AdminTests {
    private let topic = "orders.created"

    // MARK: Elections

    @Test func electionsGiveKafkasErrors() throws {
        var shape = smallShape()
        shape.scenario = .brokerLost
        shape.storyAtSeconds = 10
        for release in [Release.v24, .v43] {
            shape.release = release
            var asked = Asked(shape)
            let lost = Int32(1 + (7 + 2) % 6)
            let all = try asked.partitions(topic)
            let first = try #require(all.first { $0.replicaNodes.first == lost })
            let number = first.partitionIndex
            #expect(try asked.elect(topic, number, unclean: false) == .electionNotNeeded)
            asked.advance(seconds: 40)
            #expect(try asked.partitions(topic)[Int(number)].leaderID != lost)
            #expect(try asked.elect(topic, number, unclean: false) == .preferredLeaderNotAvailable)
            #expect(try asked.elect(topic, number, unclean: true) == .electionNotNeeded)
            #expect(try asked.elect(topic, 999, unclean: true) == .unknownTopicOrPartition)
            // It is back at 340 s; the leaders are balanced only at 600 s.
            asked.advance(seconds: 500)
            #expect(try asked.elect(topic, number, unclean: false) == KafkaError.none)
            #expect(try asked.partitions(topic)[Int(number)].leaderID == lost)
        }
    }

    // MARK: Sentences

    @Test func anUnknownResourceTypeIsToldAsKafkaTellsIt() throws {
        var asked = Asked(smallShape())
        let request = IncrementalAlterConfigsRequest(
            "retention.ms", "1", resourceType: 77, resourceName: topic)
        let result = try #require(
            try asked.ask(request, version: 1, broker: 1)?.results.first)
        #expect(result.error == .invalidRequest)
        #expect(result.errorMessage == "Unknown resource type 77")
    }

    // MARK: Moves

    @Test func aMoveCopiesUnderItsThrottleAndEnds() throws {
        var asked = Asked(smallShape())
        asked.advance(seconds: 5)
        // A minute's records are soon copied.
        _ = try asked.set(2, topic, "retention.ms", "60000")
        let before = try asked.partitions(topic)[0]
        let old = Array(before.replicaNodes)
        let new = try #require(asked.machine.brokerIDs.first { !old.contains($0) })
        let target = [new] + old.dropLast()
        _ = try asked.set(2, topic, "leader.replication.throttled.replicas", "*")
        _ = try asked.set(2, topic, "follower.replication.throttled.replicas", "0:\(new)")
        let rates = ["leader.replication.throttled.rate", "follower.replication.throttled.rate"]
        for id in asked.machine.brokerIDs {
            for rate in rates {
                #expect(try asked.set(4, "\(id)", rate, "2000") == KafkaError.none)
            }
        }
        #expect(try asked.move(topic, 0, to: target) == KafkaError.none)
        let during = try asked.partitions(topic)[0]
        #expect(Array(during.replicaNodes) == target + [old[2]])
        #expect(!during.isrNodes.contains(new))
        // Slower than it is written to: it never gets there.
        asked.advance(seconds: 240)
        let low = try #require(try asked.offset(topic, 0, at: new))
        let end = try #require(try asked.offset(topic, 0, at: during.leaderID))
        #expect(low < end)
        #expect(!(try asked.partitions(topic)[0].isrNodes.contains(new)))
        // Without the throttle it does, and what goes is gone.
        for id in asked.machine.brokerIDs {
            for rate in rates { _ = try asked.set(4, "\(id)", rate, nil) }
        }
        asked.advance(seconds: 1)
        let more = try #require(try asked.offset(topic, 0, at: new))
        #expect(more >= low)
        asked.advance(seconds: 240)
        let after = try asked.partitions(topic)[0]
        #expect(Array(after.replicaNodes) == target)
        #expect(after.isrNodes.count == 3)
        #expect(try asked.offset(topic, 0, at: old[2]) == nil)
        _ = try asked.elect(topic, 0, unclean: false)
        #expect(try asked.partitions(topic)[0].leaderID == new)
    }

    @Test func cancelRestoresTheSetAndNotTheOrder() throws {
        for release in [Release.v24, .v39, .v43] {
            var shape = smallShape()
            shape.release = release
            var asked = Asked(shape)
            _ = try asked.set(2, topic, "retention.ms", "60000")
            #expect(try asked.move(topic, 0, to: nil) == .noReassignmentInProgress)
            #expect(try asked.move(topic, 0, to: [1, 2, 3]) == KafkaError.none)
            asked.advance(seconds: 240)
            #expect(try asked.move(topic, 0, to: [4, 3, 1]) == KafkaError.none)
            #expect(Array(try asked.partitions(topic)[0].replicaNodes) == [4, 3, 1, 2])
            #expect(try asked.move(topic, 0, to: [4, 2, 1]) == KafkaError.none)
            #expect(Array(try asked.partitions(topic)[0].replicaNodes) == [4, 2, 1, 3])
            #expect(try asked.move(topic, 0, to: nil) == KafkaError.none)
            #expect(Array(try asked.partitions(topic)[0].replicaNodes) == [2, 1, 3])
            #expect(try asked.move(topic, 0, to: nil) == .noReassignmentInProgress)
            #expect(try asked.move(topic, 0, to: [1, 2]) == KafkaError.none)
            #expect(Array(try asked.partitions(topic)[0].replicaNodes) == [1, 2])
            #expect(try asked.move(topic, 0, to: [1, 2, 3, 4, 5, 6]) == KafkaError.none)
            asked.advance(seconds: 240)
            #expect(try asked.partitions(topic)[0].isrNodes.count == 6)
            for bad in [[], [1, 1], [-1, 2], [1, 99]] as [[Int32]] {
                #expect(try asked.move(topic, 0, to: bad) == .invalidReplicaAssignment)
            }
        }
    }

    // MARK: Configs

    @Test func retentionTakesEffectAndTrialsDoNot() throws {
        var asked = Asked(smallShape())
        asked.advance(seconds: 5)
        let leader = try asked.partitions(topic)[0].leaderID
        let first = try #require(try asked.offset(topic, 0, at: leader, time: -2))
        #expect(try asked.set(2, topic, "retention.ms", "60000", isTrial: true) == KafkaError.none)
        #expect(try asked.offset(topic, 0, at: leader, time: -2) == first)
        #expect(try asked.set(2, topic, "retention.ms", "60000") == KafkaError.none)
        let later = try #require(try asked.offset(topic, 0, at: leader, time: -2))
        #expect(later > first)
        // What is gone does not come back.
        #expect(try asked.set(2, topic, "retention.ms", "604800000") == KafkaError.none)
        #expect(try asked.offset(topic, 0, at: leader, time: -2) == later)
        #expect(try asked.set(2, topic, "no.such", "1") == .invalidConfig)
        #expect(try asked.set(2, topic, "segment.ms", "0") == .invalidConfig)
        #expect(try asked.set(4, "1", "log.dirs", "/x") == .invalidRequest)
    }

    @Test func theMostSpecificConfigWins() throws {
        var asked = Asked(smallShape())
        func told() throws -> (String?, [Int8]) {
            var request = DescribeConfigsRequest()
            request.includeSynonyms = true
            request.resources = [
                .init(resourceType: 2, resourceName: topic, keys: ["max.message.bytes"])
            ]
            let config = try asked.ask(request, version: 2)?.results.first?.configs.first
            return (config?.value, config?.synonyms.map(\.source) ?? [])
        }
        #expect(try told() == ("1048588", [5]))
        _ = try asked.set(4, "", "message.max.bytes", "3000000")
        #expect(try told() == ("3000000", [3, 5]))
        _ = try asked.set(4, "1", "message.max.bytes", "2000000")
        #expect(try told() == ("2000000", [2, 3, 5]))
        _ = try asked.set(2, topic, "max.message.bytes", "1000000")
        #expect(try told() == ("1000000", [1, 2, 3, 5]))
        _ = try asked.set(2, topic, "max.message.bytes", nil)
        _ = try asked.set(4, "1", "message.max.bytes", nil)
        #expect(try told() == ("3000000", [3, 5]))
    }
}

@Suite struct HighWatermarkTests {
    /// Since 3.9 consumers see nothing of what too few replicas have; before they did.
    @Test func itStopsBelowTheLeastInSync() throws {
        var shape = smallShape()
        shape.scenario = .brokerLost
        shape.storyAtSeconds = 10
        for (release, stops) in [(Release.v24, false), (.v43, true)] {
            shape.release = release
            var asked = Asked(shape)
            let topic = "orders.created"
            let lost = Int32(1 + (7 + 2) % 6)
            let all = try asked.partitions(topic)
            let partition = try #require(
                all.first { $0.replicaNodes.contains(lost) && $0.leaderID != lost })
            #expect(try asked.set(2, topic, "min.insync.replicas", "3") == KafkaError.none)
            asked.advance(seconds: 60)
            func mark() throws -> Int64? {
                var request = ListOffsetsRequest()
                request.topics = [
                    ListOffsetsRequest.Topic(
                        name: topic,
                        partitions: [
                            .init(partitionIndex: partition.partitionIndex, timestamp: -1)
                        ])
                ]
                return try asked.ask(request, version: 5, broker: partition.leaderID)?.topics
                    .first?.partitions.first?.offset
            }
            let first = try #require(try mark())
            asked.advance(seconds: 60)
            let second = try #require(try mark())
            #expect((first == second) == stops)
            #expect(try asked.set(2, topic, "min.insync.replicas", "2") == KafkaError.none)
            #expect(try #require(try mark()) > second || !stops)
        }
    }
}
