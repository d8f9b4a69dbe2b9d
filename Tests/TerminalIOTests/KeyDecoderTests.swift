// Keys from bytes: every terminal's forms, in one piece and in single bytes.

import Drawing
import Testing

@testable import TerminalIO

private func decode(_ text: String, known: [[UInt8]: Key] = [:]) -> [Key] {
    var decoder = KeyDecoder(known: known)
    return decoder.feed(Array(text.utf8)) + decoder.flush()
}

private let cases: [(String, [Key])] = [
    ("a", [.character("a")]), ("é日", [.character("é"), .character("日")]),
    ("\r", [.enter]), ("\n", [.enter]), ("\t", [.tab]), ("\u{7f}", [.backspace]),
    ("\u{8}", [.backspace]), ("\u{3}\u{1a}", [.control("c"), .control("z")]),
    ("\0", [.control(" ")]), ("\u{1c}", [.control("\\")]),
    ("\u{1b}", [.escape]), ("\u{1b}\u{1b}", [.escape, .escape]),
    ("\u{1b}x", [.escape, .character("x")]), ("\u{1b}[A", [.up]), ("\u{1b}OA", [.up]),
    ("\u{1b}[B\u{1b}OB", [.down, .down]), ("\u{1b}[C\u{1b}[D", [.right, .left]),
    ("\u{1b}[H\u{1b}OH\u{1b}[1~\u{1b}[7~", [.home, .home, .home, .home]),
    ("\u{1b}[F\u{1b}OF\u{1b}[4~\u{1b}[8~", [.end, .end, .end, .end]),
    ("\u{1b}[1;5C", [.right]), ("\u{1b}[Z", [.backTab]), ("\u{1b}OM", [.enter]),
    ("\u{1b}[2~\u{1b}[3~\u{1b}[5~\u{1b}[6~", [.insert, .delete, .pageUp, .pageDown]),
    ("\u{1b}OP\u{1b}[11~\u{1b}[[A", [.function(1), .function(1), .function(1)]),
    ("\u{1b}[15~\u{1b}[[E", [.function(5), .function(5)]),
    ("\u{1b}[17~\u{1b}[21~\u{1b}[24~", [.function(6), .function(10), .function(12)]),
    ("\u{1b}[<0;5;3M", [.click(x: 4, y: 2)]), ("\u{1b}[<0;5;3m", []),
    ("\u{1b}[<0;300;100M", [.click(x: 299, y: 99)]), ("\u{1b}[<4;1;1M", [.click(x: 0, y: 0)]),
    ("\u{1b}[<64;1;1M\u{1b}[<65;1;1M", [.wheelUp, .wheelDown]), ("\u{1b}[<32;1;1M", []),
    ("\u{1b}[<2;1;1M", []), ("\u{1b}[M !!", [.click(x: 0, y: 0)]),
    ("\u{1b}[M`!!\u{1b}[Ma!!\u{1b}[M#!!", [.wheelUp, .wheelDown]),
    ("\u{1b}[200~a\rb\u{1b}[31mc\u{1b}[201~d", [.paste("a\nb[31mc"), .character("d")]),
    ("\u{1b}[200~\u{1b}[201~", [.paste("")]),
    ("\u{1b}[200~lost\u{3}x", [.character("x")]),
    ("\u{1b}[12;40R", []), ("\u{1b}[?1;2c", []), ("\u{1b}]52;c;aGk=\u{7}x", [.character("x")]),
    ("\u{1b}]11;rgb:0/0/0\u{1b}\\y", [.character("y")]), ("\u{1b}[I\u{1b}[O", []),
    ("\u{1b}[99~\u{1b}[~", []), ("\u{1b}[1;1", []),
]

@Suite struct KeyDecoderTests {
    @Test func readsEveryForm() {
        for (text, keys) in cases {
            #expect(decode(text) == keys, "\(text.debugDescription)")
        }
    }

    @Test func piecesMakeNoDifference() {
        for (text, keys) in cases {
            let bytes = Array(text.utf8)
            for cut in bytes.indices {
                var decoder = KeyDecoder()
                var found = decoder.feed(bytes[..<cut])
                found += decoder.feed(bytes[cut...]) + decoder.flush()
                #expect(found == keys, "\(text.debugDescription) cut at \(cut)")
            }
        }
    }

    @Test func waitsOnlyWhileSomethingIsUnfinished() {
        var decoder = KeyDecoder()
        #expect(decoder.pendingDelayMs == nil)
        #expect(decoder.feed([0x1b]) == [])
        #expect(decoder.pendingDelayMs == 25)
        #expect(decoder.feed([0x5b]) == [])
        #expect(decoder.pendingDelayMs == 200)
        #expect(decoder.feed([0x41]) == [.up])
        #expect(decoder.pendingDelayMs == nil)
        #expect(decoder.flush() == [])
        var slow = KeyDecoder(escapeDelayMs: 400)
        #expect(slow.feed([0x1b]) == [])
        #expect(slow.pendingDelayMs == 400)
    }

    @Test func invalidBytesAreDropped() {
        var decoder = KeyDecoder()
        #expect(
            decoder.feed([0xff, 0xc3, 0x41, 0x80, 0xc0, 0xed, 0xa0, 0x80, 0x42]).contains(
                .character("B")))
        #expect(decoder.feed([0xc2, 0x9b, 0x43]) == [.character("C")])
    }

    @Test func theTerminalsOwnSequencesCount() {
        #expect(decode("\u{1b}[8^", known: [Array("\u{1b}[8^".utf8): .end]) == [.end])
        #expect(decode("\u{1b}OA", known: [Array("\u{1b}OA".utf8): .home]) == [.home])
    }

    /// A megabyte of anything ends, and memory stays bounded.
    @Test func survivesAnything() {
        var decoder = KeyDecoder()
        var state: UInt64 = 42
        for _ in 0..<200 {
            let bytes = (0..<256).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let byte = UInt8(state >> 56)
                return byte < 60 ? [0x1b, 0x5b, 0x3b, 0x4d, 0x7e, 0x5d][Int(byte) % 6] : byte
            }
            #expect(decoder.feed(bytes).count <= 600)
            if decoder.pendingDelayMs != nil { _ = decoder.flush() }
        }
    }
}
