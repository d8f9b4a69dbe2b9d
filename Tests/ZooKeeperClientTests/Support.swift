// What these tests share: random records, hex, where the recorded frames are.
import Foundation
import Testing

@testable import ZooKeeperClient

/// SplitMix64: the same seed gives the same values on every machine.
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// A visitor that gives every field a random value, nulls and empty lists included.
struct JuteFiller: JuteVisitor {
    private var random: TestRandom

    init(seed: UInt64) { random = TestRandom(seed: seed) }

    static func record<T: JuteRecord>(_ type: T.Type, seed: UInt64) -> T {
        var filler = JuteFiller(seed: seed)
        var record = T()
        record.walk(&filler)
        return record
    }

    private mutating func chance(_ outOf: Int) -> Bool {
        Int.random(in: 0..<outOf, using: &random) == 0
    }

    private mutating func text() -> String {
        let alphabet = ["/a", "B", "7", ".", "-", "_", "é", "日", "\u{1F980}", "\u{0}", "\u{D7FF}"]
        var text = ""
        for _ in 0..<Int.random(in: 0...9, using: &random) {
            text += alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        }
        return text
    }

    mutating func bool(_ value: inout Bool) { value = chance(2) }
    mutating func int(_ value: inout Int32) {
        value = chance(2) ? .random(in: .min ... .max, using: &random) : .random(in: 0...9)
    }
    mutating func long(_ value: inout Int64) {
        value = .random(in: .min ... .max, using: &random)
    }
    mutating func string(_ value: inout String) { value = text() }
    mutating func buffer(_ value: inout [UInt8]?) {
        value = chance(4) ? nil : Array(text().utf8)
    }
    mutating func strings(_ value: inout [String]) {
        value = (0..<Int.random(in: 0...4, using: &random)).map { _ in text() }
    }
    mutating func records<T: JuteRecord>(_ value: inout [T]) {
        value = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            var element = T()
            element.walk(&self)
            return element
        }
    }
    mutating func trailing(_ value: inout Bool?) { value = chance(3) ? nil : chance(2) }
    mutating func parts<T: JutePart>(_ value: inout [T]) {
        let types: [OpCode] = [
            .create, .create2, .createContainer, .createTTL, .delete, .setData, .check, .getData,
            .getChildren, .error,
        ]
        value = (0..<Int.random(in: 0...5, using: &random)).compactMap { _ in
            let type = types[Int.random(in: 0..<types.count, using: &random)]
            guard var part = T(MultiHeader(type)) else { return nil }
            part.walkBody(&self)
            return part
        }
    }
}

func bytes(hex: some StringProtocol) -> [UInt8]? {
    let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == hex.utf8.count, digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map {
        UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

enum Folders {
    /// Every folder that may hold recorded frames, whether or not it exists.
    static var frames: [URL] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let environment = ProcessInfo.processInfo.environment
        let kafka =
            environment["HIGHWATER_KAFKA"].map { URL(fileURLWithPath: $0) }
            ?? root.deletingLastPathComponent().appending(path: "shared/kafka")
        let more = (environment["HIGHWATER_FRAMES"] ?? "").split(separator: ":")
        return [kafka.appending(path: "frames")] + more.map { URL(fileURLWithPath: String($0)) }
    }
}

/// Every request of the protocol that we know.
let allRequests: [any ZooKeeperRequest.Type] = [
    PingRequest.self, CloseSessionRequest.self, AuthRequest.self, SaslRequest.self,
    WhoAmIRequest.self, GetDataRequest.self, ExistsRequest.self, GetChildrenRequest.self,
    GetChildren2Request.self, SyncRequest.self, GetACLRequest.self, GetEphemeralsRequest.self,
    GetAllChildrenNumberRequest.self, SetWatchesRequest.self, SetWatches2Request.self,
    AddWatchRequest.self, RemoveWatchesRequest.self, CheckWatchesRequest.self,
    CreateRequest.self, Create2Request.self, CreateContainerRequest.self, CreateTTLRequest.self,
    DeleteRequest.self, SetDataRequest.self, SetACLRequest.self, CheckRequest.self,
    MultiRequest.self, MultiReadRequest.self,
]

/// Reads a whole request or answer frame (header and body, without its length) and writes it again.
func rewrite<H: JuteRecord, T: JuteRecord>(
    _ frame: [UInt8], _ head: H.Type, _ type: T.Type
) throws -> [UInt8] {
    let head = try Jute.head(H.self, frame)
    let body = try Jute.body(T.self, after: H.self, frame)
    return Jute.bytes(head) + Jute.bytes(body)
}
