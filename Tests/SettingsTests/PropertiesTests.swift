// java.util.Properties' rules, case by case.

import Settings
import Testing

@Suite struct PropertiesTests {
    private func pairs(_ text: String) -> [[String]] {
        Properties(text: text, file: "t").entries.map { [$0.key, $0.value] }
    }

    @Test func readsAsJavaDoes() {
        let cases: [(String, [[String]])] = [
            ("a=1", [["a", "1"]]),
            ("a:1\r\nb 2\rc\t=\t3", [["a", "1"], ["b", "2"], ["c", "3"]]),
            ("  a = b c  ", [["a", "b c  "]]),
            ("# no\n! no \\\na=1\n\n", [["a", "1"]]),
            ("a", [["a", ""]]),
            ("a=", [["a", ""]]),
            ("=x", [["", "x"]]),
            ("a==b", [["a", "=b"]]),
            ("a = : b", [["a", ": b"]]),
            ("d\\ e=f", [["d e", "f"]]),
            ("a\\=b\\:c=d", [["a=b:c", "d"]]),
            ("a=x\\\n   y\\\r\n\tz", [["a", "xyz"]]),
            ("a\\\n  b = c", [["ab", "c"]]),
            ("a \\\n = \\\n b", [["a", "b"]]),
            ("a=x\\\\\nb=y", [["a", "x\\"], ["b", "y"]]),
            ("a=\\t\\n\\r\\f\\q\\\"", [["a", "\t\n\r\u{0c}q\""]]),
            ("a=\\u0041\\u00e9\\ud83d\\ude00", [["a", "A\u{e9}\u{1f600}"]]),
            ("a=b\\", [["a", "b"]]),
            ("a=b\\\n", [["a", "b"]]),
            ("a=b\\\n\nc=d", [["a", "b"], ["c", "d"]]),
            ("a=b#c!d", [["a", "b#c!d"]]),
            ("\\\n\\\n a=1", [["a", "1"]]),
            ("\u{feff}a=1", [["a", "1"]]),
            ("a=x\\\n#y", [["a", "x#y"]]),
            ("", []),
        ]
        for (text, expected) in cases {
            #expect(pairs(text) == expected, "\(text.debugDescription)")
        }
    }

    @Test func keepsThePlaceOfKeys() {
        let file = Properties(text: "# c\n\n  a = x\\\n y\nb=1\r\n\tc=2\n", file: "f")
        #expect(file.entries.map { [$0.line, $0.column] } == [[3, 3], [5, 1], [6, 2]])
    }

    @Test func namesFaultsAndDuplicates() {
        let file = Properties(text: "a=\\u00g1\nb=1\nb=2\nc=\\ud800", file: "f")
        #expect(
            file.faults.map(\.description) == [
                "f:1:3: \\u needs four hexadecimal digits", "f:4:3: half of a surrogate pair",
            ])
        #expect(
            file.duplicates.map(\.description) == [
                "f:3:1: b is already set in line 2; this one counts"
            ])
        #expect(file["b"] == "2")
    }

    @Test func fallsBackToLatin1() {
        #expect(Properties(bytes: [97, 61, 0xe9], file: "f")["a"] == "\u{e9}")
        #expect(Properties(bytes: [97, 61, 0xc3, 0xa9], file: "f")["a"] == "\u{e9}")
    }

    /// Every prefix and every damaged byte of a real file ends, and places stay inside the text.
    @Test func survivesAnything() {
        let text: [UInt8] = Array(
            "sasl.jaas.config = a \\\n  username=\\u0041\\\r\n b\\=c;\n!x\nk\\ q:v\\".utf8)
        for cut in 0...text.count {
            let file = Properties(bytes: Array(text[..<cut]), file: "f")
            #expect(file.entries.allSatisfy { $0.line <= 5 && $0.line > 0 && $0.column > 0 })
        }
        for place in text.indices {
            for byte: UInt8 in [0, 10, 13, 32, 35, 58, 61, 92, 117, 255] {
                var damaged = text
                damaged[place] = byte
                #expect(Properties(bytes: damaged, file: "f").entries.count <= 8)
            }
        }
    }
}
