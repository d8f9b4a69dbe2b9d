// Real requests and real answers: each must be read whole and written back as the same bytes.
import Foundation
import Testing

@testable import ZooKeeperClient

@Suite struct RecordedTests {
    struct Exchange: Decodable {
        var client: String
        var server: String
        var opcode: Int32?
        var op: String
        var request: String?
        var response: String?
    }

    private struct Tally {
        var requests = 0
        var replies = 0
        var faults: [String] = []
    }

    @Test func everyRecordedExchangeComesBackAsTheSameBytes() throws {
        var tally = Tally()
        var files: [URL] = []
        for folder in Folders.frames {
            let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap {
                $0 as? String
            }
            files += (names ?? []).filter { $0.hasSuffix(".jsonl") }.sorted()
                .map { folder.appending(path: $0) }
        }
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            for (index, line) in text.split(separator: "\n").enumerated()
            where line.contains("\"op\"") {
                let exchange = try JSONDecoder().decode(Exchange.self, from: Data(line.utf8))
                check(exchange, "\(file.lastPathComponent):\(index + 1)", &tally)
            }
        }
        if tally.requests + tally.replies == 0 {
            print(
                "RecordedTests: skipped, because none of these folders has recorded ZooKeeper "
                    + "frames: " + Folders.frames.map(\.path).joined(separator: ", ")
                    + ". HIGHWATER_KAFKA or HIGHWATER_FRAMES can name one.")
            return
        }
        print("RecordedTests: \(tally.requests) requests and \(tally.replies) answers checked")
        #expect(tally.faults == [])
    }

    /// A handful of the same frames, so that this can fail on any machine.
    @Test func knownFramesComeBackAsTheSameBytes() {
        var tally = Tally()
        for (op, code, request, response) in Self.inline {
            check(
                Exchange(
                    client: "", server: "", opcode: code, op: op, request: request,
                    response: response), op, &tally)
        }
        #expect(tally.requests == Self.inline.compactMap(\.2).count)
        #expect(tally.replies == Self.inline.count)
        #expect(tally.faults == [])
    }

    @Test func fieldsAreWhereTheyBelong() throws {
        let connect = try Jute.read(
            ConnectResponse.self, #require(bytes(hex: Self.inline[0].3)))
        #expect(connect.timeoutMs == 6000)
        #expect(connect.sessionID == 0x100_0071_f064_0000)
        #expect(connect.password?.count == 16 && connect.readOnly == false)
        #expect(!connect.isExpired)
        let expired = try Jute.read(
            ConnectResponse.self, #require(bytes(hex: Self.inline[1].3)))
        #expect(expired.isExpired)
        let exists = try Jute.body(
            StatReply.self, after: ReplyHead.self, #require(bytes(hex: Self.inline[2].3)))
        #expect(exists.stat.createdZxid == 0x47 && exists.stat.createdMs == 1_795_437_381_879)
        #expect(exists.stat.version == 1 && exists.stat.dataBytes == 266)
        #expect(exists.stat.ephemeralOwner == 0x100_0063_6744_0002 && exists.stat.isEphemeral)
        #expect(exists.stat.childrenZxid == 0x47)
        let event = try Jute.body(
            WatcherEvent.self, after: ReplyHead.self, #require(bytes(hex: Self.inline[3].3)))
        #expect(event == WatcherEvent(.childrenChanged, "/kafka/brokers/ids"))
        let failed = try Jute.body(
            MultiReply.self, after: ReplyHead.self, #require(bytes(hex: Self.inline[4].3)))
        #expect(failed.results == [.error(.ok), .error(.noNode)])
        let acl = try Jute.body(
            GetACLReply.self, after: ReplyHead.self, #require(bytes(hex: Self.inline[5].3)))
        #expect(acl.acl == [.open] && acl.stat.childCount == 3)
    }

    private func check(_ exchange: Exchange, _ place: String, _ tally: inout Tally) {
        let what = "\(place) \(exchange.op)"
        switch exchange.op {
        case "text": return
        case "connect":
            note(exchange.request, what + " request", &tally.requests, &tally.faults) {
                Jute.bytes(try Jute.read(ConnectRequest.self, $0))
            }
            note(exchange.response, what + " answer", &tally.replies, &tally.faults) {
                Jute.bytes(try Jute.read(ConnectResponse.self, $0))
            }
        case "watch event":
            note(exchange.response, what, &tally.replies, &tally.faults) {
                try rewrite($0, ReplyHead.self, WatcherEvent.self)
            }
        default:
            guard let type = allRequests.first(where: { $0.operation.rawValue == exchange.opcode })
            else {
                tally.faults.append("\(what): unknown operation")
                return
            }
            check(type, exchange, what, &tally)
        }
    }

    private func check<R: ZooKeeperRequest>(
        _ type: R.Type, _ exchange: Exchange, _ what: String, _ tally: inout Tally
    ) {
        #expect("\(R.operation)" == exchange.op)
        note(exchange.request, what + " request", &tally.requests, &tally.faults) {
            try rewrite($0, RequestHead.self, R.self)
        }
        note(exchange.response, what + " answer", &tally.replies, &tally.faults) {
            let isError = try Jute.head(ReplyHead.self, $0).code.isError
            return isError
                ? try rewrite($0, ReplyHead.self, EmptyRecord.self)
                : try rewrite($0, ReplyHead.self, R.Reply.self)
        }
    }

    private func note(
        _ recorded: String?, _ what: String, _ count: inout Int, _ faults: inout [String],
        _ rewrite: ([UInt8]) throws -> [UInt8]
    ) {
        guard let recorded else { return }
        count += 1
        guard let frame = bytes(hex: recorded) else { return faults.append("\(what): not hex") }
        do {
            let again = try rewrite(frame)
            if again != frame { faults.append("\(what): comes back as \(hex(again))") }
        } catch {
            faults.append("\(what): \(error)")
        }
    }

    /// Recorded from ZooKeeper 3.5.7 and 3.8.4: operation, its number, request, answer.
    private static let inline: [(String, Int32?, String?, String)] = [
        (
            "connect", nil,
            "00000000000000000000000000001770000000000000000000000010"
                + "0000000000000000000000000000000000",
            "000000000000177001000071f064000000000010dece2d0113ba99adec1726b31480e8cb00"
        ),
        (
            "connect", nil,
            "00000000000000000000000000001770000000123456789000000010"
                + "0101010101010101010101010101010100",
            "00000000000000000000000000000000000000100000000000000000000000000000000000"
        ),
        (
            "exists", 3, "0000003300000003000000142f6b61666b612f62726f6b6572732f6964732f3201",
            "00000033000000000000004b0000000000000000000000470000000000000047000001a2086848f7"
                + "000001a2086848f700000001000000000000000001000063674400020000010a00000000"
                + "0000000000000047"
        ),
        (
            "watch event", nil, nil,
            "ffffffffffffffffffffffff000000000000000400000003000000122f6b61666b612f62726f6b6572"
                + "732f696473"
        ),
        (
            "multi", 14,
            "000000300000000e0000000d00ffffffff000000172f6b61666b612f636f6e74726f6c6c65725f6570"
                + "6f6368000000010000000200ffffffff000000272f6b61666b612f61646d696e2f707265"
                + "6665727265645f7265706c6963615f656c656374696f6effffffffffffffff01ffffffff",
            "00000030000000000000004e00000000ffffffff000000000000000000ffffffff00ffffff9bffffff9b"
                + "ffffffff01ffffffff"
        ),
        (
            "getACL", 6, "0000000b00000006000000032f6877",
            "0000000b000000000000052300000000000000010000001f00000005776f726c6400000006616e796f6e"
                + "65000000000000051f000000000000051f000001a2087a41d0000001a2087a41d00000000000"
                + "00000300000000000000000000000000000004000000030000000000000523"
        ),
        (
            "getChildren", 8, "0000000a00000008000000032f687700",
            "0000000a000000000000052300000000000000030000000c732d303030303030303030310000000165"
                + "000000026332"
        ),
        ("sasl", 102, "000000180000006600000000", "00000018000000000000000000000000ffffffff"),
        (
            "addWatch", 106, "000000020000006a0000000e2f6b61666b612f62726f6b65727300000001",
            "0000000200000000000005f10000000000000000"
        ),
        (
            "addWatch", 106, "000000020000006a0000000e2f6b61666b612f62726f6b65727300000001",
            "00000002fffffffffffffffffffffffa"
        ),
        (
            "setWatches", 101,
            "fffffff800000065000000000000000100000001000000032f687700000001000000082f68772f6e6f"
                + "6e6500000001000000032f6877", "fffffff800000000000005e800000000"
        ),
        (
            "setWatches2", 105,
            "fffffff800000069000000000000000100000000000000000000000000000000000000010000000c2f"
                + "6b61666b612f61646d696e", "fffffff800000000000005f100000000"
        ),
        (
            "whoAmI", 107, "000000010000006b",
            "0000000100000000000005db0000000000000001000000026970000000093132372e302e302e31"
        ),
        ("closeSession", -11, "00000020fffffff5", "0000002000000000000005f000000000"),
    ]
}
