// The writer and the strict reader against tables, each other, and cut or flipped bytes.

import JSON
import Testing

private func written(
    isPretty: Bool = false, _ body: (inout JSONWriter) -> Void
) throws -> String {
    let sink = Sink()
    var writer = JSONWriter(isPretty: isPretty) { sink.bytes += $0 }
    body(&writer)
    try writer.finish()
    return String(decoding: sink.bytes, as: UTF8.self)
}

private final class Sink {
    var bytes: [UInt8] = []
    var largest = 0
    var calls = 0
}

private struct DiskFull: Error {}

@Suite struct Writing {
    @Test func compact() throws {
        let text = try written { json in
            json.openObject()
            json.field("a", 1)
            json.field("none", nil as Int64?)
            json.field("text", "x")
            json.field("yes", true)
            json.key("list")
            json.openArray()
            json.value(Int32.min)
            json.value(Int64.max)
            json.value(Int64.min)
            json.value(0)
            json.value(1.5)
            json.value(Double.nan)
            json.value(-Double.infinity)
            json.openArray()
            json.closeArray()
            json.openObject()
            json.closeObject()
            json.null()
            json.closeArray()
            json.closeObject()
        }
        #expect(
            text == #"{"a":1,"none":null,"text":"x","yes":true,"list":[-2147483648,"#
                + "9223372036854775807,-9223372036854775808,0,1.5,null,null,[],{},null]}\n")
    }

    @Test func pretty() throws {
        let text = try written(isPretty: true) { json in
            json.openObject()
            json.field("a", 1)
            json.key("rows")
            json.openArray()
            for i in 0..<2 {
                json.openRecord()
                json.field("i", i)
                json.key("list")
                json.openArray()
                json.value(i)
                json.value(7)
                json.openRecord()
                json.closeObject()
                json.closeArray()
                json.closeObject()
            }
            json.closeArray()
            json.key("empty")
            json.openArray()
            json.closeArray()
            json.closeObject()
        }
        #expect(
            text == """
                {
                  "a": 1,
                  "rows": [
                    {"i": 0, "list": [0, 7, {}]},
                    {"i": 1, "list": [1, 7, {}]}
                  ],
                  "empty": []
                }

                """)
    }

    @Test func escapes() throws {
        let table: [(String, String)] = [
            ("plain é 漢 🙂", "plain é 漢 🙂"),
            ("q\" b\\ /", #"q\" b\\ /"#),
            ("\n\r\t\u{8}\u{C}", #"\n\r\t\b\f"#),
            ("\u{0}\u{1B}[31m\u{7F}", #"\u0000\u001b[31m\u007f"#),
            ("\u{80}\u{9B}x\u{A0}", #"\u0080\u009bx"# + "\u{A0}"),
            ("\u{2028}\u{2029}\u{2027}", #"\u2028\u2029"# + "\u{2027}"),
        ]
        for (text, expected) in table {
            let out = try written { $0.value(text) }
            #expect(out == "\"\(expected)\"\n")
            #expect(try JSONValue(parsing: out) == .string(text))
        }
    }

    @Test func memoryIsFlat() throws {
        let sink = Sink()
        var writer = JSONWriter {
            sink.largest = max(sink.largest, $0.count)
            sink.calls += 1
            sink.bytes += $0
        }
        let long = String(repeating: "é", count: 100_000)
        writer.openArray()
        for i in 0..<2_000 { writer.value(Int64(i) * 1_000_003) }
        writer.value(long)
        writer.closeArray()
        try writer.finish()
        #expect(sink.largest <= 65_536)
        #expect(sink.calls >= 3)
        let back = try JSONValue(parsing: sink.bytes)
        #expect(back[2_000] == .string(long))
        #expect(back[1_999] == .integer(1_999 * 1_000_003))
    }

    @Test func sinkFaultIsThrownOnce() {
        let sink = Sink()
        var writer = JSONWriter { _ in
            sink.calls += 1
            throw DiskFull()
        }
        writer.openArray()
        for i in 0..<100_000 { writer.value(i) }
        let hasFailed = writer.hasFailed
        #expect(hasFailed)
        writer.closeArray()
        var thrown: (any Error)?
        do { try writer.finish() } catch { thrown = error }
        #expect(thrown is DiskFull)
        #expect(sink.calls == 1)
    }
}

@Suite struct Reading {
    @Test func valid() throws {
        let table: [(String, JSONValue)] = [
            ("null", .null), (" true ", .bool(true)), ("false\n", .bool(false)),
            ("0", .integer(0)), ("-0", .integer(0)), ("-12", .integer(-12)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("0.5", .number(0.5)), ("1e3", .number(1_000)), ("-1.25E-2", .number(-0.0125)),
            ("1e-999", .number(0)), ("\"\"", .string("")), ("[]", .array([])),
            ("{}", .object([])),
            ("[1,[2],{}]", .array([.integer(1), .array([.integer(2)]), .object([])])),
            (#"{"a":{"b":[]}}"#, .object([.init("a", .object([.init("b", .array([]))]))])),
            (#""\u0041\/\"\\\b\f\n\r\t""#, .string("A/\"\\\u{8}\u{C}\n\r\t")),
            (#""\ud83d\ude42 \uFFFF""#, .string("🙂 \u{FFFF}")), ("\"漢é🙂\"", .string("漢é🙂")),
        ]
        for (text, value) in table {
            #expect(try JSONValue(parsing: text) == value, "\(text)")
        }
    }

    @Test func invalid() {
        let table: [(String, Int, Int, String)] = [
            ("", 1, 1, "empty"), ("  ", 1, 3, "too early"), ("{", 1, 2, "too early"),
            ("[1,", 1, 4, "too early"), ("[1 2]", 1, 4, "comma or ]"), ("[1,]", 1, 4, "]"),
            ("[,1]", 1, 2, "value"), ("{,}", 1, 2, "key"), (#"{"a":1,}"#, 1, 8, "}"),
            (#"{"a" 1}"#, 1, 6, "colon"), (#"{"a":}"#, 1, 6, "}"), ("{1:2}", 1, 2, "key"),
            (#"{"a":1 "b":2}"#, 1, 8, "comma or }"), ("[1}", 1, 3, "}"), ("}", 1, 1, "}"),
            ("1 2", 1, 3, "after"), ("[] x", 1, 4, "end"), ("nul", 1, 1, "value"),
            ("truex", 1, 1, "value"), ("True", 1, 1, "value"), ("'a'", 1, 1, "value"),
            ("01", 1, 1, "zero"), ("-01", 1, 1, "zero"), ("-", 1, 2, "digit"),
            ("1.", 1, 3, "digit"), (".5", 1, 1, "value"), ("+1", 1, 1, "value"),
            ("1e", 1, 3, "digit"), ("1e+", 1, 4, "digit"), ("0x10", 1, 1, "not a number"),
            ("1.2.3", 1, 1, "not a number"), ("NaN", 1, 1, "value"), ("Infinity", 1, 1, "value"),
            ("9223372036854775808", 1, 1, "too large"), ("1e999", 1, 1, "too large"),
            ("\"abc", 1, 1, "not closed"), ("\"a\nb\"", 1, 3, "control"),
            ("\"\u{1}\"", 1, 2, "control"), (#""\x""#, 1, 2, "escape"),
            (#""\u12G4""#, 1, 2, "hexadecimal"), (#""\u12"#, 1, 2, "hexadecimal"),
            (#""\ud800""#, 1, 2, "surrogate"), (#""\ud800\u0041""#, 1, 2, "surrogate"),
            (#""\udc00""#, 1, 2, "surrogate"), ("\"\\", 1, 3, "too early"),
            ("{\n  \"é\": 1,\n  \"é\": 2\n}", 3, 3, "twice"), ("\u{FEFF}1", 1, 1, "byte order"),
            ("// x\n1", 1, 1, "value"), ("[1,\n 2,\n x]", 3, 2, "value"),
        ]
        for (text, line, column, word) in table {
            do {
                let value = try JSONValue(parsing: text)
                Issue.record("\(text) was read as \(value)")
            } catch {
                #expect(error.line == line && error.column == column, "\(text): \(error)")
                #expect(error.message.contains(word), "\(text): \(error)")
            }
        }
    }

    @Test func invalidUTF8() {
        let table: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x41], [0xE0, 0x9F, 0x80],
            [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF0, 0x8F, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xF0, 0x9F, 0x99, 0x41],
        ]
        for bytes in table {
            let fault = #expect(throws: JSONFault.self) {
                try JSONValue(parsing: [0x22] + bytes + [0x22])
            }
            #expect(fault?.message == "not UTF-8")
            #expect(fault?.column == 2)
        }
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try JSONValue(parsing: nested(128)).array != nil)
        #expect(throws: JSONFault.self) { try JSONValue(parsing: nested(129)) }
        #expect(throws: JSONFault.self) {
            try JSONValue(parsing: String(repeating: "[", count: 1_000_000))
        }
    }

    @Test func skipping() throws {
        var reader = JSONReader(#"{"a":[1,{"b":2}],"c":3,"d":4}"#)
        #expect(try reader.next() == .openObject)
        let a = try reader.next()
        #expect(a == .key("a"))
        try reader.skip(a)
        let c = try reader.next()
        #expect(c == .key("c"))
        try reader.skip(c)
        #expect(try reader.next() == .key("d"))
        #expect(try reader.next() == .integer(4))
        #expect(try reader.next() == .closeObject)
        #expect(try reader.next() == .end)
        #expect(try reader.next() == .end)
    }
}

@Suite struct RoundTrips {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private func value(_ generator: inout Generator, _ depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int64(bitPattern: generator.next()))
        case 3:
            let number = Double(bitPattern: generator.next())
            return number.isFinite ? .number(number) : .null
        case 4: return .string(text(&generator))
        case 5:
            let count = Int.random(in: 0..<5, using: &generator)
            return .array((0..<count).map { _ in value(&generator, depth + 1) })
        default:
            let count = Int.random(in: 0..<5, using: &generator)
            return .object(
                (0..<count).map { .init("\($0)" + text(&generator), value(&generator, depth + 1)) })
        }
    }

    private func text(_ generator: inout Generator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<8, using: &generator) {
            let limits: [UInt32] = [0x30, 0x80, 0x100, 0x3000, 0x11_0000]
            let limit = limits[Int.random(in: 0..<5, using: &generator)]
            let code = UInt32.random(in: 0..<limit, using: &generator)
            if let scalar = Unicode.Scalar(code) { text.append(scalar) }
        }
        return String(text)
    }

    @Test func everythingComesBack() throws {
        for seed in 0..<200 as Range<UInt64> {
            var generator = Generator(state: seed)
            let original = value(&generator, 0)
            for isPretty in [false, true] {
                let text = try written(isPretty: isPretty) { original.write(to: &$0) }
                #expect(try JSONValue(parsing: text) == original, "seed \(seed)")
            }
        }
    }

    /// A document cut anywhere is a fault; one with a byte changed is read or refused, no more.
    @Test func cutsAndFlips() throws {
        let text = #"{"a":[1,-2.5e3,"x\u00e9\n漢"],"b":{"c":null,"d":true}}"#
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count {
            #expect(throws: JSONFault.self) { try JSONValue(parsing: Array(bytes[..<length])) }
        }
        var refused = 0
        for i in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[i] ^= 1 << UInt8(bit)
                if (try? JSONValue(parsing: flipped)) == nil { refused += 1 }
            }
        }
        #expect(refused > bytes.count)
    }
}

@Suite struct JSONTextTests {
    @Test func textIsQuotedAndReadAgain() throws {
        for text in ["", "plain", "a\"b\\c", "line\nend\u{1b}[0m", "\u{2028}é日本"] {
            let written = jsonText(text)
            #expect(try JSONValue(parsing: written).string == text)
            #expect(written.hasPrefix("\"") && written.hasSuffix("\""))
            #expect(!written.unicodeScalars.contains { $0.value < 0x20 })
        }
    }
}
