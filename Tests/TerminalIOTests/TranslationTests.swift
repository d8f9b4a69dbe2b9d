// Colours to a terminal's numbers, bytes to base 64.

import Testing
import Themes

@testable import TerminalIO

@Suite struct TranslationTests {
    @Test func coloursFindTheirNearest() throws {
        func color(_ hex: String) throws -> Color { try #require(Color(hex: hex[...])) }
        let cases: [(String, Int32)] = [
            ("#000000", 16), ("#ffffff", 231), ("#5fd7ff", 81), ("#303030", 236),
            ("#9e9e9e", 247), ("#ff0000", 196), ("#878787", 102), ("#080808", 232),
        ]
        for (hex, index) in cases {
            #expect(ColorDepth.indexed.index(try color(hex)) == index, "\(hex)")
        }
        let eight: [(String, Int32)] = [
            ("#5fd7ff", 6), ("#87d787", 2), ("#ff8787", 1), ("#ffd75f", 3), ("#d7afff", 5),
            ("#ffffff", 7), ("#000000", 0), ("#87afff", 4), ("#303030", -1 + 1),
        ]
        for (hex, index) in eight {
            let found = ColorDepth.eight.index(try color(hex))
            if hex == "#303030" {
                #expect(found <= 0)
            } else {
                #expect(found == index, "\(hex)")
            }
        }
        #expect(ColorDepth.direct.index(try color("#123456")) == 0x123456)
        #expect(ColorDepth.none.index(try color("#123456")) == -1)
        #expect(ColorDepth.indexed.index(nil) == -1)
        #expect(
            [0, 8, 88, 256, 1 << 24].map { ColorDepth(colors: $0) } == [
                .none, .eight, .eight, .indexed, .direct,
            ])
    }

    @Test func base64IsThatOfRFC4648() {
        let cases = [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ]
        for (text, encoded) in cases {
            #expect(String(decoding: base64(Array(text.utf8)), as: UTF8.self) == encoded)
        }
    }
}
