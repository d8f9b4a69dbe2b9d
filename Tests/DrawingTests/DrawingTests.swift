// Widths, figures, glyph twins, clipping and graphs: what every screen relies on.

import Drawing
import Testing

@Suite struct Widths {
    @Test func scalars() {
        for (text, width) in [
            ("abc", 3), ("日本", 4), ("e\u{301}", 1), ("한", 2), ("🚀", 2), ("é", 1), ("─│●", 3),
            ("Ａ", 2), ("\u{200B}", 1), ("\u{202E}x", 2), ("\t", 1), ("", 0), ("⣿", 1), ("▏█", 2),
            ("กิ", 1), ("\u{1F468}\u{200D}\u{1F469}", 5),
        ] {
            #expect(displayWidth(of: text) == width, "\(text.unicodeScalars.map(\.value))")
        }
    }

    @Test("the tables are ascending, so that a search finds what is in them") func everyScalar() {
        var wrong = 0
        for value in UInt32(0)..<0x3000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let shown = harmless(scalar)
            // What is drawn is never a control, and drawing it twice changes nothing.
            if shown.value < 0x20 || (0x7F..<0xA0).contains(shown.value) { wrong += 1 }
            if harmless(shown) != shown { wrong += 1 }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                // Arabic number signs and the like are visible.
                let isVisible =
                    (0x600...0x605).contains(value) || [0x6DD, 0x70F, 0x8E2].contains(value)
                    || (0x890...0x891).contains(value)
                if shown == scalar && !isVisible { wrong += 1 }
            default: break
            }
        }
        #expect(wrong == 0)
    }

    @Test func truncation() {
        for (text, width, wanted) in [
            ("orders", 6, "orders"), ("orders", 5, "or…rs"), ("orders", 1, "…"), ("orders", 0, ""),
            ("日本語トピック", 7, "日…ック"), ("orders", 2, "o…"),
        ] {
            let cut = truncated(text, to: width)
            #expect(displayWidth(of: cut) <= width)
            if width != 7 { #expect(cut == wanted) }
        }
        #expect(truncated("abcdef", to: 4, middle: false) == "abc…")
    }
}

@Suite struct Glyphs {
    @Test func everyMarkHasATwin() {
        for value in Array(0x2500...0x259f) + Array(0x2800...0x28ff) {
            guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
            let twin = asciiTwin(scalar)
            #expect(twin.value >= 0x20 && twin.value < 0x7f && twin != "?", "\(scalar)")
        }
        for scalar in "●▲≠»○·◐▼↓↑→←›▏▕…×–±≈∞✓✗−".unicodeScalars {
            let twin = asciiTwin(scalar)
            #expect(twin.value >= 0x20 && twin.value < 0x7f && twin != "?", "\(scalar)")
        }
        for scalar in "az~?09 ".unicodeScalars { #expect(asciiTwin(scalar) == scalar) }
        #expect(asciiTwin("日") == "?" && asciiTwin("\u{1b}") == "?" && asciiTwin("\u{9b}") == "?")
        // The marks of a state stay apart.
        let states = "●▲≠»○~?·".unicodeScalars.map { asciiTwin($0) }
        #expect(Set(states).count == states.count)
    }
}

@Suite struct Draws {
    @Test func nothingIsDrawnOutside() {
        let rect = Rect(x: 3, y: 1, width: 5, height: 2)
        var frame = Frame(width: 12, height: 4)
        frame.text("a long text", x: 1, y: 1, within: rect)
        frame.text("日本語日本語", x: 2, y: 2, within: rect)
        frame.text("no", x: 3, y: 3, within: rect)
        frame.graph([1, 2, 3, .nan, 9, 9, 9, 9, 9, 9, 9, 9, 9], in: rect, scale: 5)
        for y in 0..<4 {
            for x in 0..<12 where !(x >= 3 && x < 8 && y >= 1 && y < 3) {
                #expect(frame[x, y] == .blank)
            }
        }
        // Corners outside of the frame are no trap either.
        _ = frame.box(Rect(x: -3, y: -2, width: 40, height: 40), title: [Run("t")])
        frame.text("x", x: -5, y: -5)
        frame.select(x: -3, y: 99, width: 200)
    }

    @Test func hostileTextIsHarmless() {
        var frame = Frame(width: 20, height: 1)
        frame.text("\u{1B}[31m\u{202E}\u{200B}\u{7}\u{9B}\u{FEFF}é", x: 0, y: 0)
        #expect(frame.lines[0] == "·[31m·····é")
    }

    @Test func barsAndSparklines() {
        #expect(bar(0.5, width: 4) == "██")
        #expect(bar(0, width: 4) == "")
        #expect(bar(0.0001, width: 4) == "▏", "something is never drawn as nothing")
        #expect(bar(7, width: 2) == "██")
        #expect(bar(.nan, width: 2) == "")
        #expect(sparkline([0, 1, .nan, 7], width: 4) == "▁▂ █")
        #expect(sparkline([], width: 3) == "   ")
        #expect(sparkline([0, 0], width: 2) == "▁▁")
    }

    @Test func gapsAreGaps() {
        var frame = Frame(width: 3, height: 1)
        frame.graph([4, 4, .nan, .nan, 0, 4], in: frame.bounds, scale: 4)
        #expect(frame.lines[0] == "⣿ ⣸")
    }

    @Test("scales are round, grow at once and shrink late") func scales() {
        for (value, wanted) in [
            (0.0, 1.0), (1, 1), (1.1, 2), (2.1, 2.5), (3, 5), (7, 10), (702_000, 1_000_000),
            (0.03, 0.05),
        ] {
            #expect(abs(roundScale(value) - wanted) < wanted * 1e-9)
        }
        #expect(steadyScale(1000, maximum: 990) > 1000)
        #expect(steadyScale(1000, maximum: 500) == 1000)
        #expect(steadyScale(1000, maximum: 410) == 1000)
        #expect(steadyScale(1000, maximum: 300) == 500)
    }
}
