// Messages in columns are the same messages: the same bytes as the plain ones, in every version,
// whole, cut short and spoiled.

import KafkaWire
import Testing

@Suite struct ColumnsTests {
    private static let seeds: ClosedRange<UInt64> = 1...10
    /// Random messages of each version that are cut and spoiled.
    private static let spoiledSeeds: UInt64 = 2

    /// Where `Columns` answers a plain request's answer: same bytes in, the same facts out.
    private func expectSame<Columns: KafkaRequest, Plain: KafkaRequest>(
        _ columns: Columns.Type, _ plain: Plain.Type, _ facts: (Columns.Response) -> Plain.Response
    ) throws {
        for version in Columns.versions {
            for seed in Self.seeds {
                let answer = WireFiller.message(
                    Plain.Response.self, version: version, flexible: Plain.isFlexible(version),
                    seed: seed)
                let frame = try encodeResponse(plain, answer, version: version, correlationID: 1)
                let bytes = Array(frame.dropFirst(8))
                let read = try decodeResponse(columns, version: version, bytes: bytes)
                #expect(facts(read) == answer, "\(Plain.name) v\(version) seed \(seed)")
                let again = try encodeResponse(columns, read, version: version, correlationID: 1)
                #expect(again == frame, "\(Plain.name) v\(version) seed \(seed)")
                if seed <= Self.spoiledSeeds {
                    expectSameFaults(columns, plain, version, bytes, facts)
                }
            }
        }
    }

    /// Answers cut short anywhere and with any byte spoiled are read the same, or by both not.
    private func expectSameFaults<Columns: KafkaRequest, Plain: KafkaRequest>(
        _ columns: Columns.Type, _ plain: Plain.Type, _ version: Int16, _ bytes: [UInt8],
        _ facts: (Columns.Response) -> Plain.Response
    ) {
        func expectSame(_ bytes: [UInt8]) {
            let one = try? decodeResponse(columns, version: version, bytes: bytes)
            let other = try? decodeResponse(plain, version: version, bytes: bytes)
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
        try expectSame(ListOffsetsColumns.self, ListOffsetsRequest.self) { $0.plain }
        let fitting = ListOffsetsRequest.versions.upperBound
        #expect(ListOffsetsColumns.versions == 1...fitting)
    }

    @Test func logDirAnswersAreThePlainOnes() throws {
        try expectSame(LogDirColumnsRequest.self, DescribeLogDirsRequest.self) { $0.plain }
    }

    @Test func metadataAnswersAreThePlainOnes() throws {
        try expectSame(MetadataColumnsRequest.self, MetadataRequest.self) { $0.plain }
    }

    @Test func offsetRequestsAreThePlainOnes() throws {
        let names = NameColumn(["a", "orders", "", "é", "a.very.long.name.of.a.topic"])
        for version in ListOffsetsColumns.versions {
            for timestamp in [-1, -2, 17] as [Int64] {
                var request = ListOffsetsColumns(replicaID: -2, timestamp: timestamp)
                for (topic, count) in [(1, 3), (4, 1), (3, 0), (2, 2)] {
                    request.begin(topic, of: names)
                    for number in 0..<count { request.add(partition: Int32(number * 7)) }
                }
                let plain = request.plain
                #expect(plain.topics.map(\.name) == ["orders", names[4], "é", ""])
                #expect(plain.topics.map(\.partitions.count) == [3, 1, 0, 2])
                let bytes = try encodeRequest(
                    request, version: version, correlationID: 5, clientID: "x")
                let same = try encodeRequest(
                    plain, version: version, correlationID: 5, clientID: "x")
                #expect(bytes == same)
                let (_, again) = try bytes.dropFirst(4).withUnsafeBytes {
                    try decodeRequest(ListOffsetsColumns.self, frame: $0)
                }
                #expect(again == request)
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
                    MetadataColumnsRequest(topics: names, version: version), version: version,
                    correlationID: 5, clientID: "x")
                let same = try encodeRequest(
                    plain, version: version, correlationID: 5, clientID: "x")
                #expect(bytes == same)
            }
        }
    }

    @Test func logDirRequestsAreThePlainOnes() throws {
        for version in LogDirColumnsRequest.versions {
            let bytes = try encodeRequest(
                LogDirColumnsRequest(), version: version, correlationID: 5, clientID: nil)
            let same = try encodeRequest(
                DescribeLogDirsRequest(), version: version, correlationID: 5, clientID: nil)
            #expect(bytes == same)
        }
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
