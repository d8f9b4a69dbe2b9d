// Requests whose bytes were worked out by hand from Kafka's protocol guide, and the rules of what
// may not be sent.

import KafkaWire
import Testing

@Suite struct ExactBytesTests {
    private func frame<R: KafkaRequest>(
        _ request: R, _ version: Int16, client: String? = "hw"
    ) throws -> String {
        hex(try encodeRequest(request, version: version, correlationID: 7, clientID: client))
    }

    private func text(_ parts: String...) -> String {
        parts.joined().filter { $0 != " " }
    }

    @Test func apiVersions() throws {
        var request = ApiVersionsRequest()
        #expect(
            try frame(request, 0) == text("0000000c", "0012 0000 00000007", "0002 6877"))
        request.clientSoftwareName = "hw"
        request.clientSoftwareVersion = "1.0"
        #expect(
            try frame(request, 3)
                == text("00000015", "0012 0003 00000007 0002 6877 00", "03 6877 04 312e30 00"))
        #expect(
            try frame(request, 5, client: nil)
                == text(
                    "00000018", "0012 0005 00000007 ffff 00",
                    "03 6877 04 312e30 00 ffffffff 00"))
    }

    @Test func metadata() throws {
        var request = MetadataRequest()
        request.allowAutoTopicCreation = false
        #expect(
            try frame(request, 5)
                == text("00000011", "0003 0005 00000007 0002 6877", "ffffffff 00"))
        request.topics = [.init(name: "a")]
        #expect(
            try frame(request, 12)
                == text(
                    "00000024", "0003 000c 00000007 0002 6877 00",
                    "02", "00000000000000000000000000000000", "02 61", "00", "00 00 00"))
    }

    @Test func listOffsets() throws {
        var partition = ListOffsetsRequest.Partition()
        partition.partitionIndex = 3
        partition.timestamp = -1
        var topic = ListOffsetsRequest.Topic()
        topic.name = "t"
        topic.partitions = [partition]
        var request = ListOffsetsRequest()
        request.replicaID = -2
        request.topics = [topic]
        #expect(
            try frame(request, 1)
                == text(
                    "00000027", "0002 0001 00000007 0002 6877", "fffffffe",
                    "00000001 0001 74 00000001 00000003 ffffffffffffffff"))
        #expect(
            try frame(request, 7)
                == text(
                    "00000029", "0002 0007 00000007 0002 6877 00", "fffffffe 00",
                    "02 02 74 02 00000003 ffffffff ffffffffffffffff 00 00 00"))
    }

    @Test func offsetFetch() throws {
        var request = OffsetFetchRequest()
        request.groupID = "g"
        #expect(
            try frame(request, 2)
                == text("00000013", "0009 0002 00000007 0002 6877", "0001 67 ffffffff"))
        request.groupID = ""
        var group = OffsetFetchRequest.Group()
        group.groupID = "g"
        request.groups = [group]
        #expect(
            try frame(request, 8)
                == text("00000014", "0009 0008 00000007 0002 6877 00", "02 02 67 00 00", "00 00"))
    }

    @Test func offsetCommit() throws {
        var partition = OffsetCommitRequest.Partition()
        partition.partitionIndex = 3
        partition.committedOffset = 258
        partition.committedLeaderEpoch = 5
        partition.committedMetadata = "m"
        var topic = OffsetCommitRequest.Topic()
        topic.name = "t"
        topic.partitions = [partition]
        var request = OffsetCommitRequest()
        request.groupID = "g"
        request.topics = [topic]
        #expect(
            try frame(request, 2)
                == text(
                    "00000037", "0008 0002 00000007 0002 6877",
                    "0001 67 ffffffff 0000 ffffffffffffffff",
                    "00000001 0001 74 00000001 00000003 0000000000000102 0001 6d"))
        #expect(
            try frame(request, 9)
                == text(
                    "0000002e", "0008 0009 00000007 0002 6877 00", "02 67 ffffffff 01 00",
                    "02 02 74 02 00000003 0000000000000102 00000005 02 6d 00 00 00"))
    }

    @Test func groupsAreDeletedAndLeft() throws {
        var offsets = OffsetDeleteRequest.Topic()
        offsets.name = "t"
        offsets.partitions = [0, 3]
        var delete = OffsetDeleteRequest()
        delete.groupID = "g"
        delete.topics = [offsets]
        #expect(
            try frame(delete, 0)
                == text(
                    "00000022", "002f 0000 00000007 0002 6877",
                    "0001 67 00000001 0001 74 00000002 00000000 00000003"))
        var groups = DeleteGroupsRequest()
        groups.groups = ["g"]
        #expect(
            try frame(groups, 0)
                == text("00000013", "002a 0000 00000007 0002 6877", "00000001 0001 67"))
        #expect(
            try frame(groups, 2)
                == text("00000011", "002a 0002 00000007 0002 6877 00", "02 02 67 00"))
        var member = LeaveGroupRequest.Member()
        member.memberID = "m"
        member.reason = "r"
        var leave = LeaveGroupRequest()
        leave.groupID = "g"
        leave.members = [member]
        #expect(
            try frame(leave, 3)
                == text(
                    "00000018", "000d 0003 00000007 0002 6877",
                    "0001 67 00000001 0001 6d ffff"))
        #expect(
            try frame(leave, 5)
                == text(
                    "00000017", "000d 0005 00000007 0002 6877 00",
                    "02 67 02 02 6d 00 02 72 00 00"))
        leave.memberID = "m"
        #expect(throws: WireFault.self) { try frame(leave, 5) }
    }

    @Test func topicsAreMadeWidenedAndDeleted() throws {
        var assignment = CreateTopicsRequest.Assignment()
        assignment.brokerIDs = [1, 2]
        var config = CreateTopicsRequest.Config()
        config.name = "c"
        config.value = "v"
        var topic = CreateTopicsRequest.Topic()
        topic.name = "t"
        topic.assignments = [assignment]
        topic.configs = [config]
        var create = CreateTopicsRequest()
        create.topics = [topic]
        create.validateOnly = true
        #expect(
            try frame(create, 2)
                == text(
                    "0000003c", "0013 0002 00000007 0002 6877",
                    "00000001 0001 74 ffffffff ffff",
                    "00000001 00000000 00000002 00000001 00000002",
                    "00000001 0001 63 0001 76 0000ea60 01"))
        #expect(
            try frame(create, 7)
                == text(
                    "00000032", "0013 0007 00000007 0002 6877 00", "02 02 74 ffffffff ffff",
                    "02 00000000 03 00000001 00000002 00", "02 02 63 02 76 00 00",
                    "0000ea60 01 00"))
        var delete = DeleteTopicsRequest()
        delete.topicNames = ["t"]
        #expect(
            try frame(delete, 1)
                == text("00000017", "0014 0001 00000007 0002 6877", "00000001 0001 74 0000ea60"))
        var named = DeleteTopicsRequest.Topic()
        named.name = "t"
        delete.topicNames = []
        delete.topics = [named]
        #expect(
            try frame(delete, 6)
                == text(
                    "00000026", "0014 0006 00000007 0002 6877 00",
                    "02 02 74 00000000000000000000000000000000 00 0000ea60 00"))
        var more = CreatePartitionsRequest.Topic()
        more.name = "t"
        more.count = 3
        var widen = CreatePartitionsRequest()
        widen.topics = [more]
        #expect(
            try frame(widen, 0)
                == text(
                    "00000020", "0025 0000 00000007 0002 6877",
                    "00000001 0001 74 00000003 ffffffff 0000ea60 00"))
    }

    @Test func saslHandshakeIsNeverFlexible() throws {
        var request = SaslHandshakeRequest()
        request.mechanism = "PLAIN"
        #expect(
            try frame(request, 1)
                == text("00000013", "0011 0001 00000007 0002 6877", "0005 504c41494e"))
    }

    @Test func apiVersionsOfAnOldBrokerIsReadInTheFirstLayout() throws {
        // Asked in v4, answered with error 35 in v0: key 18, versions 0 to 3.
        let body: [UInt8] = [0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 3]
        for version in [3, 4, 5, 99] as [Int16] {
            let answer = try decodeResponse(
                ApiVersionsRequest.self, version: version, bytes: body)
            #expect(answer.error == .unsupportedVersion)
            #expect(answer.apiKeys.map(\.maxVersion) == [3])
        }
    }

    @Test func fieldsThatMustBeSentAreNotDropped() throws {
        var cluster = DescribeClusterRequest()
        cluster.includeFencedBrokers = true
        let refused = WireFault(
            api: "DescribeCluster", version: 1, offset: 19, reason: .mustSend("2+"))
        #expect(throws: refused) { try frame(cluster, 1) }
        #expect(refused.description.hasSuffix("a field is set that only versions 2+ carry"))
        _ = try frame(cluster, 2)
        cluster.includeFencedBrokers = false
        cluster.endpointType = 2
        #expect(throws: WireFault.self) { try frame(cluster, 0) }

        var metadata = MetadataRequest()
        #expect(throws: WireFault.self) { try frame(metadata, 0) }  // nil means nothing there
        metadata.topics = []
        _ = try frame(metadata, 0)
        metadata.allowAutoTopicCreation = false
        #expect(throws: WireFault.self) { try frame(metadata, 3) }

        var find = FindCoordinatorRequest()
        find.coordinatorKeys = ["a"]
        #expect(throws: WireFault.self) { try frame(find, 3) }
        // An ignorable field goes away in silence.
        var versions = ApiVersionsRequest()
        versions.clusterID = "x"
        _ = try frame(versions, 4)
    }

    @Test func whatDoesNotFitItsLengthIsRefused() throws {
        var request = SaslHandshakeRequest()
        request.mechanism = String(repeating: "x", count: 32_767)
        _ = try frame(request, 1)
        request.mechanism += "x"
        #expect(throws: WireFault.self) { try frame(request, 1) }
        request.mechanism = ""
        let long = String(repeating: "x", count: 40_000)
        #expect(throws: WireFault.self) { try frame(request, 1, client: long) }
        #expect(throws: WireFault.self) { try frame(request, 2) }
    }
}
