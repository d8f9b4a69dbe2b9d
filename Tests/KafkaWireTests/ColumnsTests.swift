// Messages in columns are the same messages: the same bytes as the plain ones, in every version,
// whole, cut short and spoiled.

import KafkaWire
import Testing

@Suite struct ColumnsTests {
    private static let seeds: ClosedRange<UInt64> = 1...10
    /// Random messages of each version that are cut and spoiled.
    private static let spoiledSeeds: UInt64 = 2

    /// Where `Columns` answers a plain request's answer: same bytes in, the same facts out.
    private func expectSame<Columns: ColumnsRequest>(
        _ columns: Columns.Type, _ facts: (Columns.Response) -> Columns.Plain.Response
    ) throws {
        typealias Plain = Columns.Plain
        for version in Columns.versions {
            for seed in Self.seeds {
                let answer = WireFiller.message(
                    Plain.Response.self, version: version, flexible: Plain.isFlexible(version),
                    seed: seed)
                let frame = try encodeResponse(
                    Plain.self, answer, version: version, correlationID: 1)
                let bytes = Array(frame.dropFirst(8))
                let read = try decodeResponse(columns, version: version, bytes: bytes)
                #expect(facts(read) == answer, "\(Plain.name) v\(version) seed \(seed)")
                if seed <= Self.spoiledSeeds {
                    expectSameFaults(columns, version, bytes, facts)
                }
            }
        }
    }

    /// Answers cut short anywhere and with any byte spoiled are read the same, or by both not.
    private func expectSameFaults<Columns: ColumnsRequest>(
        _ columns: Columns.Type, _ version: Int16, _ bytes: [UInt8],
        _ facts: (Columns.Response) -> Columns.Plain.Response
    ) {
        typealias Plain = Columns.Plain
        func expectSame(_ bytes: [UInt8]) {
            let one = try? decodeResponse(columns, version: version, bytes: bytes)
            let other = try? decodeResponse(Plain.self, version: version, bytes: bytes)
            #expect(one.map(facts) == other, "\(Plain.name) v\(version)")
        }
        let step = 1 + bytes.count / 200
        for count in stride(from: 0, to: bytes.count, by: step) {
            expectSame(Array(bytes[..<count]))
        }
        for place in stride(from: 0, to: bytes.count, by: step * 3) {
            for change in [UInt8(1), 0x7f, 0x80, 0xff] {
                var spoiled = bytes
                spoiled[place] ^= change
                expectSame(spoiled)
            }
        }
    }

    @Test func offsetAnswersAreThePlainOnes() throws {
        try expectSame(ListOffsetsColumns.self) { $0.plain }
        let fitting = ListOffsetsRequest.versions.upperBound
        #expect(ListOffsetsColumns.versions == 1...fitting)
    }

    @Test func logDirAnswersAreThePlainOnes() throws {
        try expectSame(LogDirColumnsRequest.self) { $0.plain }
    }

    @Test func metadataAnswersAreThePlainOnes() throws {
        try expectSame(MetadataColumnsRequest.self) { $0.plain }
    }

    @Test func offsetRequestsAreThePlainOnes() throws {
        let names = NameColumn(["a", "orders", "", "é", "a.very.long.name.of.a.topic"])
        for version in ListOffsetsColumns.versions {
            for timestamp in [-1, -2, 17] as [Int64] {
                let isolation: Int8 = timestamp == -1 && version >= 2 ? 1 : 0
                var request = ListOffsetsColumns(
                    replicaID: -2, timestamp: timestamp, isolationLevel: isolation)
                for (topic, count) in [(1, 3), (4, 1), (3, 0), (2, 2)] {
                    request.begin(topic, of: names)
                    for number in 0..<count { request.add(partition: Int32(number * 7)) }
                }
                let bytes = try encodeRequest(
                    request, version: version, correlationID: 5, clientID: "x")
                let (_, plain) = try bytes.dropFirst(4).withUnsafeBytes {
                    try decodeRequest(ListOffsetsRequest.self, frame: $0)
                }
                #expect(plain.replicaID == -2 && plain.isolationLevel == isolation)
                #expect(plain.topics.map(\.name) == ["orders", names[4], "é", ""])
                #expect(
                    plain.topics.map { $0.partitions.map(\.partitionIndex) }
                        == [[0, 7, 14], [0], [], [0, 7]])
                #expect(
                    plain.topics.allSatisfy { topic in
                        topic.partitions.allSatisfy { $0.timestamp == timestamp }
                    })
                let same = try encodeRequest(
                    plain, version: version, correlationID: 5, clientID: "x")
                #expect(bytes == same)
            }
        }
    }

    @Test func metadataRequestsAreThePlainOnes() throws {
        for version in MetadataColumnsRequest.versions {
            for names in [nil, [], ["a", "é"]] as [[String]?] {
                var plain = MetadataRequest()
                plain.topics = names?.map { MetadataRequest.Topic(name: $0) }
                if version == 0, names == nil { plain.topics = [] }
                plain.allowAutoTopicCreation = version < 4
                let bytes = try encodeRequest(
                    MetadataColumnsRequest(MetadataRequest(topics: names, version: version)),
                    version: version, correlationID: 5, clientID: "x")
                let same = try encodeRequest(
                    plain, version: version, correlationID: 5, clientID: "x")
                #expect(bytes == same)
            }
        }
    }

    @Test func logDirRequestsAreThePlainOnes() throws {
        for version in LogDirColumnsRequest.versions {
            let bytes = try encodeRequest(
                LogDirColumnsRequest(DescribeLogDirsRequest()), version: version, correlationID: 5,
                clientID: nil)
            let same = try encodeRequest(
                DescribeLogDirsRequest(), version: version, correlationID: 5, clientID: nil)
            #expect(bytes == same)
        }
    }
}

extension OffsetColumns {
    /// The answer it stands for.
    fileprivate var plain: ListOffsetsResponse {
        var answer = ListOffsetsResponse()
        answer.throttleTimeMs = throttleTimeMs
        answer.topics = (0..<topics.count).map { topic in
            var one = ListOffsetsResponse.Topic()
            one.name = topics[topic]
            one.partitions = Array(partitions[rows(of: topic)])
            return one
        }
        answer.unknownTags = unknownTags
        return answer
    }
}

extension LogDirColumns {
    /// The answer it stands for.
    fileprivate var plain: DescribeLogDirsResponse {
        var answer = DescribeLogDirsResponse()
        answer.throttleTimeMs = throttleTimeMs
        answer.error = error
        answer.results = dirs.indices.map { index in
            var dir = dirs[index]
            dir.topics = topics(of: index).map { topic in
                var one = DescribeLogDirsResponse.Topic()
                one.name = topics[topic]
                one.partitions = Array(replicas[rows(of: topic)])
                return one
            }
            return dir
        }
        answer.unknownTags = unknownTags
        return answer
    }
}

extension MetadataColumns {
    /// The answer it stands for.
    fileprivate var plain: MetadataResponse {
        var answer = MetadataResponse()
        answer.throttleTimeMs = throttleTimeMs
        answer.brokers = brokers
        answer.clusterID = clusterID
        answer.controllerID = controllerID
        answer.topics = topics.indices.map { index in
            var topic = topics[index]
            topic.partitions = partitions[rows(of: index)].map { entry in
                var partition = MetadataResponse.Partition()
                partition.error = entry.error
                partition.partitionIndex = entry.partitionIndex
                partition.leaderID = entry.leaderID
                partition.leaderEpoch = entry.leaderEpoch
                partition.replicaNodes = IDList(ids[entry.replicas])
                partition.isrNodes = IDList(ids[entry.isr])
                partition.offlineReplicas = IDList(ids[entry.offline])
                return partition
            }
            return topic
        }
        answer.clusterAuthorizedOperations = clusterAuthorizedOperations
        answer.error = error
        answer.unknownTags = unknownTags
        return answer
    }
}

@Suite struct NameColumnTests {
    private static let names = [
        "", "a", "b", "ab", "orders", "orders-1", "seven77", "eight888", "nine99999", "é",
        "e\u{301}",
        String(repeating: "x", count: 249), String(repeating: "x", count: 248) + "y",
    ]

    @Test func everyNameIsFoundAndNoOther() {
        let index = NameIndex(NameColumn(Self.names))
        for (place, name) in Self.names.enumerated() {
            #expect(index.find(name) == place)
            #expect(index.find(place, of: NameColumn(Self.names)) == place)
            #expect(index.find(0, of: NameColumn([name + "z"])) == nil)
            #expect(index.names[place].utf8.elementsEqual(name.utf8))
        }
        #expect(NameIndex().find("a") == nil)
    }

    @Test func sameMeansTheSameBytes() {
        let column = NameColumn(Self.names)
        for one in Self.names.indices {
            for other in Self.names.indices {
                #expect(column.isSame(one, as: other, of: column) == (one == other))
            }
        }
    }

    @Test func ofEqualNamesTheFirstIsFound() {
        #expect(NameIndex(NameColumn(["b", "a", "a", "a"])).find("a") == 1)
    }

    @Test func tenThousandNames() {
        let names = (0..<10_000).map { "team-\($0 % 37).topic-\($0)" }
        let index = NameIndex(NameColumn(names))
        #expect(names.indices.allSatisfy { index.find(names[$0]) == $0 })
        #expect(index.find("team-0.topic-10001") == nil)
    }
}
