// Every message in every version with random values: written, read, equal; and the same bytes
// again.

import KafkaWire
import Testing

@Suite struct RoundTripTests {
    /// Random messages of each version and direction.
    private static let seeds: ClosedRange<UInt64> = 1...10

    @Test func everyMessageOfEveryVersionComesBack() {
        var faults: [String] = []
        var count = 0
        for type in allRequests { count += Self.check(type, &faults) }
        #expect(count > 1_500)
        #expect(faults == [])
    }

    private static func check<R: KafkaRequest>(_ type: R.Type, _ faults: inout [String]) -> Int {
        var count = 0
        for version in R.versions {
            for seed in seeds {
                count += 2
                do {
                    let request = WireFiller.message(
                        R.self, version: version, flexible: R.isFlexible(version), seed: seed)
                    if let fault = try wrong(request, version, seed) { faults.append(fault) }
                    let response = WireFiller.message(
                        R.Response.self, version: version, flexible: R.isFlexible(version),
                        seed: seed)
                    if let fault = try wrong(R.self, answer: response, version) {
                        faults.append("\(fault) seed \(seed)")
                    }
                } catch {
                    faults.append("\(R.name) v\(version) seed \(seed): \(error)")
                }
            }
        }
        return count
    }

    private static func wrong<R: KafkaRequest>(
        _ request: R, _ version: Int16, _ seed: UInt64
    ) throws -> String? {
        let clientID = seed % 3 == 0 ? nil : "client é \(seed)"
        let frame = try encodeRequest(
            request, version: version, correlationID: Int32(seed), clientID: clientID)
        let size = frame.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard size == frame.count - 4 else { return "\(R.name) v\(version): size" }
        let (header, again) = try frame.dropFirst(4).withUnsafeBytes {
            try decodeRequest(R.self, frame: $0)
        }
        let expected = RequestHeader(
            apiKey: R.apiKey, version: version, correlationID: Int32(seed), clientID: clientID)
        guard header == expected else { return "\(R.name) v\(version): header" }
        return again == request ? nil : "\(R.name) request v\(version) seed \(seed): differs"
    }

    private static func wrong<R: KafkaRequest>(
        _ type: R.Type, answer: R.Response, _ version: Int16
    ) throws -> String? {
        var answer = answer
        // Error 35 in this place means the v0 layout: see ApiVersionsRequest.answeredVersion.
        if var versions = answer as? ApiVersionsResponse, versions.error == .unsupportedVersion {
            versions.error = .none
            answer = versions as? R.Response ?? answer
        }
        let frame = try encodeResponse(type, answer, version: version, correlationID: 77)
        let (correlationID, again) = try frame.dropFirst(4).withUnsafeBytes {
            try decodeResponseFrame(type, version: version, frame: $0)
        }
        guard correlationID == 77 else { return "\(R.name) v\(version): correlation id" }
        let short = try decodeResponse(type, version: version, bytes: Array(frame.dropFirst(8)))
        guard short == again else { return "\(R.name) v\(version): the two ways in differ" }
        return again == answer ? nil : "\(R.name) answer v\(version): differs"
    }

    @Test func theFillerUsesWhatAVersionHas() {
        // A filler that only made defaults would let every round trip pass.
        var nulls = 0
        var many = 0
        var unknown = 0
        for seed in 1...200 as ClosedRange<UInt64> {
            let answer = WireFiller.message(
                MetadataResponse.self, version: 12, flexible: true, seed: seed)
            nulls += answer.topics.filter { $0.name == nil }.count
            many += answer.topics.flatMap(\.partitions).filter { $0.replicaNodes.count > 5 }.count
            unknown += answer.unknownTags.entries.count
        }
        #expect(nulls > 10)
        #expect(many > 10)
        #expect(unknown > 10)
    }

    @Test func aMessageThatLostTheStructOfAKeptTagIsRefused() throws {
        var answer = MetadataResponse()
        answer.brokers = [.init()]
        answer.unknownTags.entries = [.init(section: 1, tag: 9, bytes: [1, 2])]
        _ = try encodeResponse(MetadataRequest.self, answer, version: 9, correlationID: 1)
        answer.unknownTags.entries[0].section = 7
        #expect(throws: WireFault.self) {
            try encodeResponse(MetadataRequest.self, answer, version: 9, correlationID: 1)
        }
    }

    @Test func assignmentsOfConsumersComeBack() throws {
        var assignment = ConsumerAssignment()
        assignment.version = 3
        var topic = ConsumerAssignment.TopicPartition()
        topic.topic = "orders"
        topic.partitions = [0, 1, 2, 3, 4, 5, 6]
        assignment.assignedPartitions = [topic]
        let bytes = try assignment.encoded()
        #expect(try ConsumerAssignment(decoding: bytes) == assignment)
        // A newer version with fields we do not know at the end, and no bytes at all.
        var newer = bytes + [1, 2, 3]
        newer[1] = 9
        let read = try ConsumerAssignment(decoding: newer)
        #expect(read.version == 9 && read.assignedPartitions == [topic])
        #expect(try ConsumerAssignment(decoding: []) == ConsumerAssignment())
        for count in 1..<bytes.count {
            #expect(throws: WireFault.self) {
                try ConsumerAssignment(decoding: Array(bytes.prefix(count)))
            }
        }
    }
}
