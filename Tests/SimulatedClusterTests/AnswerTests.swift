// Every API a release offers and we know is answered in every version, and what is wrong is refused
// with Kafka's own errors.
import KafkaWire
import SimulatedCluster
import Testing

@Suite struct AnswerTests {
    private func kinds(_ release: Release) -> [Coordination] {
        switch release {
        case .v24, .v28: [.zookeeper]
        case .v39: [.kraft, .zookeeper]
        case .v43: [.kraft]
        }
    }

    private func check<R: KafkaRequest>(
        _ type: R.Type, _ asked: inout Asked, _ range: ClosedRange<Int16>
    ) throws -> Int {
        var answered = 0
        for version in range where R.versions.contains(version) {
            // There "all topics" is an empty list and null is nothing: a default request has null.
            if R.apiKey == MetadataRequest.apiKey && version == 0 { continue }
            if R.apiKey == OffsetFetchRequest.apiKey && version < 2 { continue }
            let response = try asked.ask(R(), version: version)
            #expect(response != nil, "\(R.name) v\(version) of \(asked.machine.shape.release)")
            answered += 1
        }
        return answered
    }

    @Test func everyVersionOfEveryReleaseIsAnswered() throws {
        var answered = 0
        for release in Release.allCases {
            for kind in kinds(release) {
                var shape = smallShape()
                shape.release = release
                shape.coordination = kind
                var asked = Asked(shape)
                let offered = release.versions(kind)
                for type in allRequests {
                    guard let range = offered[type.apiKey] else { continue }
                    answered += try check(type, &asked, range)
                }
            }
        }
        #expect(answered > 200)
    }

    @Test func tablesDifferLikeRealOnes() {
        let old = Release.v24.versions(.zookeeper)
        let new = Release.v43.versions(.kraft)
        #expect(old[3] == 0...9 && new[3] == 0...13)
        #expect(old[55] == nil && new[55] == 0...2)
        #expect(old[4] != nil && new[4] == nil)
        #expect(Release.v39.versions(.kraft)[4] == nil)
        #expect(Release.v39.versions(.zookeeper)[4] != nil)
        #expect(new[32]?.lowerBound == 1)
        #expect(old.count == 48)
    }

    @Test func unknownVersionsAreRefusedAsBrokersDo() throws {
        var asked = Asked(smallShape())
        let frame = try encodeRequest(
            ApiVersionsRequest(), version: 5, correlationID: 1, clientID: nil)
        let reaction = asked.machine.handle([UInt8](frame.dropFirst(4)), broker: 1, now: 0)
        guard case .answer(let bytes, _) = reaction else {
            Issue.record("no answer")
            return
        }
        let response = try bytes.dropFirst(4).withUnsafeBytes {
            try decodeResponseFrame(ApiVersionsRequest.self, version: 0, frame: $0).response
        }
        #expect(response.error == .unsupportedVersion)
        // A version of another API that it does not offer ends the connection.
        #expect(try asked.ask(ListOffsetsRequest(), version: 0) == nil)
        guard case .close = asked.machine.handle([1, 2, 3], broker: 1, now: 0) else {
            Issue.record("a broken request was answered")
            return
        }
    }

    private func offset(
        _ asked: inout Asked, _ topic: String, _ partition: Int32, replica: Int32, broker: Int32
    ) throws -> ListOffsetsResponse.Partition? {
        var request = ListOffsetsRequest()
        request.replicaID = replica
        request.topics = [
            ListOffsetsRequest.Topic(
                name: topic, partitions: [.init(partitionIndex: partition, timestamp: -1)])
        ]
        return try asked.ask(request, version: 7, broker: broker)?.topics.first?.partitions.first
    }

    @Test func followersAnswerOnlyTheDebuggingReplica() throws {
        var asked = Asked(smallShape())
        asked.advance(seconds: 10)
        let topics = try #require(try asked.ask(MetadataRequest(), version: 12)?.topics)
        let topic = try #require(topics.first { !$0.isInternal && $0.partitions.count > 3 })
        let name = try #require(topic.name)
        let partition = topic.partitions[1]
        let leader = partition.leaderID
        let follower = try #require(partition.replicaNodes.first { $0 != leader })
        let stranger = try #require(
            asked.machine.brokerIDs.first { !partition.replicaNodes.contains($0) })
        let end = try offset(&asked, name, 1, replica: -2, broker: leader)
        let behind = try offset(&asked, name, 1, replica: -2, broker: follower)
        #expect(end?.error == KafkaError.none && behind?.error == KafkaError.none)
        #expect(try #require(behind?.offset) <= (try #require(end?.offset)))
        #expect(
            try offset(&asked, name, 1, replica: -1, broker: follower)?.error
                == .notLeaderOrFollower)
        #expect(
            try offset(&asked, name, 1, replica: -2, broker: stranger)?.error
                == .notLeaderOrFollower)
        #expect(
            try offset(&asked, "nobody", 1, replica: -2, broker: leader)?.error
                == .unknownTopicOrPartition)
    }

    @Test func rightsAreKafkasOwn() throws {
        var shape = smallShape()
        shape.access.deniesCluster = true
        shape.access.hiddenTopicPrefix = "orders"
        var asked = Asked(shape)
        let all = try #require(try asked.ask(MetadataRequest(), version: 12)?.topics)
        #expect(!all.contains { $0.name?.hasPrefix("orders") == true })
        var request = MetadataRequest()
        request.topics = [MetadataRequest.Topic(name: "orders.created")]
        #expect(
            try asked.ask(request, version: 12)?.topics.first?.error == .topicAuthorizationFailed)
        #expect(
            try asked.ask(DescribeQuorumRequest(), version: 1)?.error
                == .clusterAuthorizationFailed)
        #expect(
            try asked.ask(DescribeLogDirsRequest(), version: 4)?.error
                == .clusterAuthorizationFailed)
    }

    @Test func offsetsOnlyGrow() throws {
        var shape = smallShape(seed: 11)
        shape.scenario = .chaos
        shape.storyAtSeconds = 5
        var asked = Asked(shape)
        let topics = try #require(try asked.ask(MetadataRequest(), version: 12)?.topics)
        var before: [String: Int64] = [:]
        for _ in 0..<120 {
            asked.advance(seconds: 1.7)
            for topic in topics.prefix(6) {
                for broker in asked.machine.brokerIDs {
                    let name = topic.name ?? ""
                    guard
                        let told = try offset(&asked, name, 0, replica: -2, broker: broker),
                        told.error == KafkaError.none
                    else { continue }
                    let key = "\(name)/\(broker)"
                    #expect(told.offset >= before[key] ?? 0, "\(key) went backwards")
                    before[key] = told.offset
                }
            }
        }
        #expect(before.count > 10)
    }
}
