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
        frame.graph(
            [1, 2, 3, .nan, 9, 9, 9, 9, 9, 9, 9, 9, 9], in: rect, scale: GraphScale(high: 5))
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

    /// An edge through a wide character takes all of it away.
    @Test func aBoxLeavesNoHalfCharacter() {
        var frame = Frame(width: 12, height: 2)
        for y in 0..<2 { frame.text("日本語日本語", x: 0, y: y) }
        _ = frame.box(Rect(x: 3, y: 0, width: 4, height: 2))
        #expect(frame.lines == ["日 ┌──┐ 本語", "日 └──┘ 本語"])
        for edge in [2, 7] { #expect(frame[edge, 0] == .blank) }
        frame.fill(Rect(x: 0, y: 0, width: 1, height: 1))
        #expect(frame.lines[0] == "   ┌──┐ 本語")
    }

    @Test func hostileTextIsHarmless() {
        var frame = Frame(width: 20, height: 1)
        frame.text("\u{1B}[31m\u{202E}\u{200B}\u{7}\u{9B}\u{FEFF}é", x: 0, y: 0)
        #expect(frame.lines[0] == "·[31m·····é")
    }

    @Test func barsAreInEighths() {
        #expect(bar(0.5, width: 4) == "██")
        #expect(bar(0, width: 4) == "")
        #expect(bar(0.0001, width: 4) == "▏", "something is never drawn as nothing")
        #expect(bar(7, width: 2) == "██")
        #expect(bar(.nan, width: 2) == "")
    }

    @Test func gapsAreGaps() {
        var frame = Frame(width: 3, height: 1)
        frame.graph([4, 4, .nan, .nan, 0, 4], in: frame.bounds, scale: GraphScale(high: 4))
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

    /// What differs by less than a third has a band of its own, what hardly differs has none.
    @Test func bandsBeginWhereTheValuesDo() {
        let band = GraphScale(from: 116_000, to: 131_000)
        #expect(band.isBand && band.low == 110_000 && band.high == 135_000)
        #expect(!GraphScale(from: 50, to: 100).isBand)
        #expect(GraphScale(from: 0, to: 100) == GraphScale(high: 200))
        #expect(!GraphScale(from: 99, to: 100).isBand, "noise is no shape")
        // It holds still while the values stay inside, and goes when they leave it.
        #expect(band.next(from: 112_000, to: 134_000) == band)
        #expect(band.next(from: 112_000, to: 139_000).isBand)
        #expect(!band.next(from: 20_000, to: 139_000).isBand)
        #expect(!GraphScale(from: .infinity, to: .infinity).isBand)
        #expect(
            !GraphScale(from: 1e300, to: 1.2e300).isBand
                || GraphScale(from: 1e300, to: 1.2e300).low > 0)
    }

    @Test func sparksHaveAShape() {
        let (text, isFlat) = shapedSparkline([100, 110, 120, 130, 140, 150, 160, 170, 130])
        #expect(text == "▁▂▃▄▅▆▇█▄" && !isFlat)
        #expect(shapedSparkline([100, 101, 102, 100]) == ("▁▁▁▁", true))
        #expect(shapedSparkline([.nan, 0, 0, .nan]) == (" ▁▁ ", true))
        // The newest is not over: it is drawn in the scale of the others.
        #expect(shapedSparkline([1, 2, 3, 900]).text == "▁▅██")
        #expect(shapedSparkline([.infinity, 1, 2, 3]).text.count == 4)
    }

    @Test func aRampIsFilledAtHalfStrengthUnderItsLine() {
        var frame = Frame(width: 3, height: 6)
        frame.graph(
            [2, 2, 6, 6, 12, 12], in: frame.bounds, scale: GraphScale(high: 12), style: .ramp)
        #expect(frame[0, 5].role == .graphLow && frame[0, 4].scalar == " ")
        #expect(frame[1, 3].role == .graphMiddle && frame[1, 4].role == .graphFill)
        #expect(frame[2, 0].role == .graphHigh && frame[2, 5].role == .graphFill)
        // In a band the foot is the least value, not zero.
        var band = Frame(width: 1, height: 4)
        band.graph([105, 105], in: band.bounds, scale: GraphScale(low: 100, high: 110))
        #expect(band[0, 2].scalar == "⣿" && band[0, 1].scalar == " ")
    }

    /// A line without dots parts bands that stand on each other: colours are not needed.
    @Test func bandsAreToldApartWithoutColours() {
        var frame = Frame(width: 1, height: 3)
        frame.stack(
            [([4, 4], .graph), ([8, 8], .graphSecond)], in: frame.bounds,
            scale: GraphScale(high: 12))
        #expect(frame[0, 2].scalar == "⣿" && frame[0, 2].role == .graph)
        #expect(frame[0, 1].scalar == "⠿" && frame[0, 1].role == .graphSecond)
        #expect(frame[0, 0].scalar == "⣿")
    }
}
