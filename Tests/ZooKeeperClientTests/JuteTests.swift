// Records under random values and under bytes that lie.
import Testing

@testable import ZooKeeperClient

@Suite struct JuteTests {
    private func roundTrip<T: JuteRecord>(_ type: T.Type, _ seed: UInt64) throws {
        let record = JuteFiller.record(type, seed: seed)
        let bytes = Jute.bytes(record)
        let again = try Jute.read(type, bytes)
        #expect(again == record, "\(type) seed \(seed)")
        #expect(Jute.bytes(again) == bytes)
    }

    private func both<R: ZooKeeperRequest>(_ type: R.Type, _ seed: UInt64) throws {
        try roundTrip(R.self, seed)
        try roundTrip(R.Reply.self, seed)
    }

    @Test func everyRecordComesBackFromItsBytes() throws {
        for seed in 0..<150 as Range<UInt64> {
            for type in allRequests { try both(type, seed) }
            try roundTrip(ConnectRequest.self, seed)
            try roundTrip(ConnectResponse.self, seed)
            try roundTrip(WatcherEvent.self, seed)
            try roundTrip(RequestHead.self, seed)
            try roundTrip(ReplyHead.self, seed)
        }
    }

    /// A record cut short is a fault, unless only the field older peers leave out is missing.
    @Test func everyCutIsAFault() {
        func cut<T: JuteRecord>(_ type: T.Type, _ seed: UInt64) {
            let whole = Jute.bytes(JuteFiller.record(type, seed: seed))
            for count in 0..<whole.count {
                let part = Array(whole[..<count])
                if let read = try? Jute.read(type, part) {
                    #expect(Jute.bytes(read) == part, "\(type) seed \(seed) cut to \(count)")
                    #expect(type == ConnectRequest.self || type == ConnectResponse.self)
                }
            }
            let longer = whole + [0, 0, 0, 0, 0]
            #expect(throws: JuteFault.self) { try Jute.read(type, longer) }
            // Whoever talks to others passes over what stands behind, and hears how much.
            var leftOver = 0
            let read = try? Jute.read(type, longer, leftOver: &leftOver)
            #expect(read.map { Jute.bytes($0) } == whole || leftOver == 4, "\(type)")
            #expect(leftOver == 5 || leftOver == 4, "\(type)")
        }
        func both<R: ZooKeeperRequest>(_ type: R.Type, _ seed: UInt64) {
            cut(R.self, seed)
            cut(R.Reply.self, seed)
        }
        for seed in 0..<6 as Range<UInt64> {
            for type in allRequests { both(type, seed) }
            cut(ConnectResponse.self, seed)
        }
    }

    /// Whatever the bytes are: a record or a fault, never a trap, and never memory by a count.
    @Test func flippedBitsAndLyingLengthsDoNoHarm() {
        var random = TestRandom(seed: 7)
        var faults = 0
        func strike<T: JuteRecord>(_ type: T.Type) {
            var bytes = Jute.bytes(JuteFiller.record(type, seed: random.next()))
            guard !bytes.isEmpty else { return }
            for _ in 0..<4 {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            if bytes.count >= 4 {
                let at = Int.random(in: 0...bytes.count - 4, using: &random)
                let lies: [[UInt8]] = [
                    [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0xff, 0xff, 0xff, 0xfe],
                    [0, 0xff, 0xff, 0xff],
                ]
                if Bool.random(using: &random) {
                    bytes.replaceSubrange(
                        at..<at + 4, with: lies[Int.random(in: 0..<4, using: &random)])
                }
            }
            if (try? Jute.read(type, bytes)) == nil { faults += 1 }
        }
        func both<R: ZooKeeperRequest>(_ type: R.Type) {
            strike(R.self)
            strike(R.Reply.self)
        }
        for _ in 0..<150 {
            for type in allRequests { both(type) }
            strike(ConnectResponse.self)
            strike(WatcherEvent.self)
        }
        #expect(faults > 1000)
    }

    @Test func countsWithoutBytesAreFaultsAtOnce() throws {
        let cases: [([UInt8], JuteFault.Reason)] = [
            ([0x7f, 0xff, 0xff, 0xff], .lyingCount(0x7fff_ffff)),
            ([0xff, 0xff, 0xff, 0xfe], .lyingCount(-2)),
            ([0, 0, 0, 2, 0, 0, 0, 0], .lyingCount(2)),
            ([0, 0, 0, 1, 0, 0, 0, 1], .lyingCount(1)),
            ([0, 0, 0], .short),
            ([0, 0, 0, 0, 9], .leftOver(1)),
        ]
        for (bytes, reason) in cases {
            do throws(JuteFault) {
                _ = try Jute.read(GetChildrenReply.self, bytes)
                Issue.record("\(bytes) was read")
            } catch {
                #expect(error.reason == reason)
            }
        }
        // Null reads as empty, and a null buffer stays null.
        #expect(try Jute.read(GetChildrenReply.self, [255, 255, 255, 255]).children == [])
        #expect(try Jute.read(SaslReply.self, [255, 255, 255, 255]).token == nil)
        #expect(try Jute.read(SaslReply.self, [0, 0, 0, 0]).token == [])
        let part = Jute.bytes(MultiHeader(.getACL))
        #expect(throws: JuteFault.self) { try Jute.read(MultiRequest.self, part) }
    }

    @Test func surrogatesOfJavaAreJoined() throws {
        // U+1F980 as a Java server writes it, between plain letters, and halves that stay broken.
        let crab: [UInt8] = [0x61, 0xed, 0xa0, 0xbe, 0xed, 0xb6, 0x80, 0x62]
        let reply = try Jute.read(PathReply.self, [0, 0, 0, 8] + crab)
        #expect(reply.path == "a\u{1F980}b")
        let half = try Jute.read(PathReply.self, [0, 0, 0, 3, 0xed, 0xa0, 0xbe])
        #expect(half.path.unicodeScalars.allSatisfy { $0 == "\u{FFFD}" })
        let korean = try Jute.read(PathReply.self, [0, 0, 0, 3] + Array("\u{D55C}".utf8))
        #expect(korean.path == "\u{D55C}")
    }

    @Test func numbersWithoutNamesAreKept() {
        #expect("\(ZooKeeperCode(rawValue: -999))" == "error -999")
        #expect("\(OpCode(rawValue: 999))" == "operation 999")
        #expect("\(ZooKeeperCode.noNode)" == "NONODE" && ZooKeeperCode.noNode.isKnown)
        #expect(Set(ZooKeeperCode.known.map(\.description)).count == ZooKeeperCode.known.count)
        #expect(ZooKeeperCode.known.count > 25)
    }

    @Test func namesOfTwoHundredThousandTopicsFit() {
        #expect(Limits.answerBytes >= 200_000 * (4 + 249))
    }
}
