// Bytes that lie: cut off, flipped, with lengths that promise more than there is. A trap would end
// the test process, so reaching the end of a test is the point of it.

import KafkaWire
import Simulation
import Testing

@Suite struct HostileBytesTests {
    /// An answer's bytes after the correlation id.
    private static func sample<R: KafkaRequest>(
        _ type: R.Type, _ version: Int16, seed: UInt64
    ) throws -> [UInt8] {
        let answer = WireFiller.message(
            R.Response.self, version: version, flexible: R.isFlexible(version), seed: seed)
        let frame = try encodeResponse(type, answer, version: version, correlationID: 1)
        return Array(frame.dropFirst(8).prefix(limit))
    }

    /// Longer samples are cut: the loops are quadratic in it.
    private static let limit = 160

    private static func requestSample<R: KafkaRequest>(
        _ type: R.Type, _ version: Int16, seed: UInt64
    ) throws -> [UInt8] {
        let request = WireFiller.message(
            R.self, version: version, flexible: R.isFlexible(version), seed: seed)
        let frame = try encodeRequest(request, version: version, correlationID: 1, clientID: "c")
        return Array(frame.dropFirst(4).prefix(limit))
    }

    private static func accepts<R: KafkaRequest>(
        _ type: R.Type, _ version: Int16, _ bytes: some Collection<UInt8>
    ) -> Bool {
        (try? decodeResponse(type, version: version, bytes: Array(bytes))) != nil
    }

    private static func accepts<R: KafkaRequest>(
        request type: R.Type, _ bytes: some Collection<UInt8>
    ) -> Bool {
        (try? Array(bytes).withUnsafeBytes { try decodeRequest(type, frame: $0) }) != nil
    }

    @Test func aFrameCutOffAnywhereIsRefused() throws {
        var accepted: [String] = []
        for type in allRequests { try Self.cut(type, &accepted) }
        #expect(accepted == [])
    }

    private static func cut<R: KafkaRequest>(_ type: R.Type, _ accepted: inout [String]) throws {
        for version in R.versions {
            for seed in [3, 14] as [UInt64] {
                let answer = try sample(type, version, seed: seed)
                for count in 0..<answer.count where accepts(type, version, answer.prefix(count)) {
                    // An answer that says error 35 is read in the v0 layout, which may be shorter.
                    if R.answeredVersion(asked: version, error: .unsupportedVersion) == 0 {
                        continue
                    }
                    accepted.append("\(R.name) answer v\(version) cut to \(count)")
                }
                let request = try requestSample(type, version, seed: seed)
                for count in 0..<request.count where accepts(request: type, request.prefix(count)) {
                    accepted.append("\(R.name) request v\(version) cut to \(count)")
                }
            }
        }
    }

    @Test func aByteLeftOverIsRefused() throws {
        var accepted: [String] = []
        for type in allRequests { try Self.lengthen(type, &accepted) }
        #expect(accepted == [])
    }

    private static func lengthen<R: KafkaRequest>(
        _ type: R.Type, _ accepted: inout [String]
    ) throws {
        for version in R.versions {
            let frame = try encodeResponse(
                type, R.Response(), version: version, correlationID: 1)
            if !accepts(type, version, frame.dropFirst(8)) {
                accepted.append("\(R.name) v\(version): the sample itself is refused")
            }
            if accepts(type, version, frame.dropFirst(8) + [0]) {
                accepted.append("\(R.name) v\(version)")
            }
        }
    }

    /// Whoever talks to others reads the message all the same and hears how much it did not read.
    @Test func bytesBehindAMessageArePassedOverAndCounted() throws {
        var faults: [String] = []
        for type in allRequests { try Self.passOver(type, &faults) }
        #expect(faults == [])
    }

    private static func passOver<R: KafkaRequest>(
        _ type: R.Type, _ faults: inout [String]
    ) throws {
        for version in R.versions {
            for count in [0, 1, 5] {
                let behind = [UInt8](repeating: 0xAA, count: count)
                let plain = R.Response()
                let answer =
                    try encodeResponse(type, plain, version: version, correlationID: 1)
                    .dropFirst(8) + behind
                var leftOver = -1
                let read = try Array(answer).withUnsafeBytes {
                    try decodeResponse(type, version: version, bytes: $0, leftOver: &leftOver)
                }
                if read != plain || leftOver != count { faults.append("\(R.name) v\(version)") }
                // Some layouts cannot say nothing, as the first one of Metadata.
                let frame = try? encodeRequest(
                    R(), version: version, correlationID: 1, clientID: "c")
                guard let frame else { continue }
                let (_, asked) = try Array(frame.dropFirst(4) + behind).withUnsafeBytes {
                    try decodeRequest(type, frame: $0, leftOver: &leftOver)
                }
                if asked != R() || leftOver != count {
                    faults.append("\(R.name) request v\(version)")
                }
            }
        }
    }

    @Test func flippedBytesNeverTrap() throws {
        var tried = 0
        for type in allRequests { tried += try Self.flip(type) }
        #expect(tried > 10_000)
    }

    private static func flip<R: KafkaRequest>(_ type: R.Type) throws -> Int {
        var tried = 0
        var random = SeededGenerator(seed: UInt64(R.apiKey))
        for version in R.versions {
            var answer = try sample(type, version, seed: 5)
            var request = try requestSample(type, version, seed: 5)
            for at in answer.indices {
                let old = answer[at]
                for new in [0xff, 0x80, UInt8.random(in: 0...255, using: &random)] {
                    answer[at] = new
                    _ = accepts(type, version, answer)
                    tried += 1
                }
                answer[at] = old
            }
            for at in request.indices {
                let old = request[at]
                request[at] = UInt8.random(in: 0...255, using: &random)
                _ = accepts(request: type, request)
                request[at] = old
                tried += 1
            }
        }
        return tried
    }

    @Test func lyingLengthsAndNoiseNeverTrapOrAllocate() {
        // Four bytes of a huge count, a negative one, a varint that does not end: at every offset
        // of a long run of zeros and of noise.
        let lies: [[UInt8]] = [
            [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 0x0f],
            [0xff, 0xff, 0xff, 0xff, 0xff], [0xfe, 0xff, 0xff, 0xff, 0x07], [0x10, 0, 0, 0],
        ]
        var tried = 0
        for type in allRequests { tried += Self.lie(type, lies) }
        #expect(tried > 10_000)
    }

    private static func lie<R: KafkaRequest>(_ type: R.Type, _ lies: [[UInt8]]) -> Int {
        var tried = 0
        var random = SeededGenerator(seed: UInt64(R.apiKey))
        let zeros = [UInt8](repeating: 0, count: 40)
        for version in R.versions {
            for lie in lies {
                for at in 0..<(zeros.count - lie.count) {
                    var bytes = zeros
                    bytes.replaceSubrange(at..<at + lie.count, with: lie)
                    _ = accepts(type, version, bytes)
                    tried += 1
                }
            }
            for _ in 0..<20 {
                let noise = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                _ = accepts(type, version, noise)
                _ = accepts(request: type, noise)
                tried += 2
            }
        }
        return tried
    }

    @Test func aCountIsBoundedByTheSizeOfItsElements() {
        // 40 bytes cannot hold 30 partitions: refused at the count, before anything is read.
        var bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0x74, 0, 0, 0, 30]
        bytes += [UInt8](repeating: 0, count: 40)
        let count = WireFault(
            api: "ListOffsets", version: 2, offset: 15, reason: .lyingCount(30))
        #expect(throws: count) {
            try decodeResponse(ListOffsetsRequest.self, version: 2, bytes: bytes)
        }
    }

    @Test func textThatIsNotUTF8IsRepaired() throws {
        let bytes: [UInt8] = [0, 0, 0, 0, 0, 1, 0, 2, 0xff, 0x61]
        let answer = try decodeResponse(SaslHandshakeRequest.self, version: 1, bytes: bytes)
        #expect(answer.mechanisms == ["\u{FFFD}a"])
    }
}
