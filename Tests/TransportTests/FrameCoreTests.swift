import Simulation
// Frames from bytes: however they are cut, abandoned, late, foreign or lying.
import Testing
import TransportTesting

@testable import Transport

@Suite struct FrameCoreTests {
    /// Feeds bytes as the connection does: what fits the tail is placed there first.
    private func feed(
        _ core: inout FrameCore<Int>, _ bytes: [UInt8], cuts: () -> Int
    ) throws(TransportError) -> [(Int, [UInt8])] {
        var answers: [(Int, [UInt8])] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(max(1, cuts())))
            rest = rest.dropFirst(piece.count)
            let tail = core.tail
            let placed = min(tail?.count ?? 0, piece.count)
            tail?.copyBytes(from: piece[..<placed])
            var done: [(Int, FrameBuffer)] = []
            var failure: TransportError?
            piece[placed...].withUnsafeBytes { rest in
                do throws(TransportError) {
                    try core.received(placed: placed, rest, &done)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            for (waiter, buffer) in done { answers.append((waiter, buffer.withBytes(Array.init))) }
        }
        return answers
    }

    private func note(_ core: inout FrameCore<Int>, _ waiters: [Int], fits: Bool = true) {
        for waiter in waiters {
            let noted = core.expect(waiter)
            #expect(noted == fits)
        }
    }

    private func abandon(_ core: inout FrameCore<Int>, _ id: Int32, _ waiter: Int?) {
        let found = core.abandon(id)
        #expect(found == waiter)
    }

    private func answer(_ id: Int32, _ body: [UInt8]) -> [UInt8] { framed(bigEndian(id) + body) }

    @Test func answersSurviveEveryCut() throws {
        var random = SeededGenerator(seed: 3)
        for round in 0..<300 {
            var core = FrameCore<Int>()
            var bytes: [UInt8] = []
            var expected: [(Int, [UInt8])] = []
            for waiter in 0..<Int.random(in: 1...12, using: &random) {
                let size = Int.random(in: 0...40, using: &random)
                let body = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
                bytes += answer(core.nextID, body)
                note(&core, [waiter])
                if Bool.random(using: &random) {
                    expected.append((waiter, body))
                } else {
                    abandon(&core, Int32(waiter), waiter)
                    abandon(&core, Int32(waiter), nil)
                }
            }
            let most = round == 0 ? 1 : Int.random(in: 1...60, using: &random)
            let got = try feed(&core, bytes) { Int.random(in: 1...most, using: &random) }
            #expect(got.map(\.0) == expected.map(\.0))
            #expect(got.map(\.1) == expected.map(\.1))
            #expect(core.unanswered == 0)
            #expect(core.partial == nil)
        }
    }

    @Test func anAnswerAbandonedHalfWayIsThrownAway() throws {
        for cut in 0..<20 {
            var core = FrameCore<Int>()
            let bytes = answer(0, Array(repeating: 7, count: 12)) + answer(1, [1, 2, 3])
            note(&core, [10, 11])
            var got = try feed(&core, Array(bytes[..<cut])) { 3 }
            #expect(got.isEmpty)
            abandon(&core, 0, 10)
            got = try feed(&core, Array(bytes[cut...])) { 3 }
            #expect(got.map(\.0) == [11], "cut at \(cut)")
            #expect(core.lateAnswers == 1)
            #expect(core.unanswered == 0)
        }
    }

    @Test func aLateAnswerTakesNoMemory() throws {
        var core = FrameCore<Int>()
        note(&core, [1])
        abandon(&core, 0, 1)
        let head = bigEndian(200 << 20) + bigEndian(0)
        _ = try feed(&core, head + [1, 2, 3]) { 5 }
        #expect(core.tail == nil)
        #expect(core.partial?.expected == 200 << 20 + 4)
    }

    @Test func foreignBytesAreNamed() {
        let cases: [([UInt8], TransportError)] = [
            ([0x15, 3, 3, 0, 2, 2, 70], .tlsBytes),
            ([0x16, 3, 1, 0], .tlsBytes),
            (Array("HTTP/1.1 400 Bad Request\r\n".utf8), .httpBytes),
            (Array("SSH-2.0-x".utf8), .notTheProtocol(firstBytes: Array("SSH-".utf8))),
            ([0xff, 0xff, 0xff, 0xff], .notTheProtocol(firstBytes: [0xff, 0xff, 0xff, 0xff])),
            ([0, 0, 0, 3], .notTheProtocol(firstBytes: [0, 0, 0, 3])),
            (answer(5, []), .notTheProtocol(firstBytes: [0, 0, 0, 4, 0, 0, 0, 5])),
        ]
        for (bytes, expected) in cases {
            var core = FrameCore<Int>()
            note(&core, [1])
            #expect(throws: expected) { _ = try feed(&core, bytes) { 1 } }
        }
    }

    @Test func laterNonsenseIsMalformed() throws {
        let after: [([UInt8], TransportError)] = [
            (bigEndian(-1), .malformed("an answer of -1 bytes")),
            (answer(9, []), .malformed("answer 9 where 1 was due")),
            (bigEndian(101), .frameTooLarge(bytes: 101, limit: 100)),
        ]
        for (bytes, expected) in after {
            var core = FrameCore<Int>(frameLimit: 100)
            note(&core, [0, 1])
            _ = try feed(&core, answer(0, [1])) { 99 }
            #expect(throws: expected) { _ = try feed(&core, bytes) { 99 } }
        }
        var core = FrameCore<Int>()
        note(&core, [0])
        #expect(throws: TransportError.malformed("an answer nobody asked for")) {
            _ = try feed(&core, answer(0, []) + answer(1, [])) { 99 }
        }
    }

    @Test func theEndOfTheStreamSaysWhere() throws {
        var core = FrameCore<Int>()
        #expect(core.end(wasReset: false) == .closedByPeer(answers: 0))
        note(&core, [0, 1])
        _ = try feed(&core, answer(0, [1])) { 99 }
        #expect(core.end(wasReset: false) == .closedByPeer(answers: 1))
        #expect(core.end(wasReset: true) == .reset(answers: 1))
        _ = try feed(&core, [0, 0]) { 1 }
        #expect(core.end(wasReset: false) == .closedInFrame(received: 2, expected: 8))
        _ = try feed(&core, [0, 14] + bigEndian(1) + [1, 2, 3]) { 1 }
        #expect(core.end(wasReset: true) == .closedInFrame(received: 11, expected: 18))
        let left = core.removeAll()
        #expect(left == [1])
        #expect(core.unanswered == 0)
    }

    @Test func unansweredRequestsAreBounded() {
        var core = FrameCore<Int>(unansweredLimit: 3)
        for waiter in 0..<3 { note(&core, [waiter]) }
        note(&core, [3], fits: false)
        // An abandoned request still occupies its place: the broker has it.
        abandon(&core, 1, 1)
        note(&core, [3], fits: false)
        let left = core.removeAll()
        #expect(left == [0, 2])
    }
}
