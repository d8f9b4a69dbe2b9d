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

@Suite struct Figures {
    @Test func counts() {
        for (value, text) in [
            (0.0, "0"), (7, "7"), (999, "999"), (999.4, "999"), (999.6, "1K"), (1000, "1K"),
            (1234, "1.23K"), (12_345, "12.3K"), (99_950, "100K"), (123_456, "123K"),
            (999_499, "999K"), (999_500, "1M"), (1.2e6, "1.2M"), (-1234, "-1.23K"), (9e18, "9E"),
        ] {
            #expect(NumberFormat.count(value) == text)
        }
        #expect(NumberFormat.count(nil as Double?) == "?")
        #expect(NumberFormat.count(Double.nan) == "?")
        #expect(NumberFormat.count(1e300) == "huge" && NumberFormat.bytes(-1e300) == "-huge")
        #expect(NumberFormat.count(Double.infinity) == "never")
        #expect(NumberFormat.percent(1e300) == "99999 %")
        #expect(NumberFormat.count(Int64.max) == "9.22E")
        #expect(NumberFormat.count(Int64.min) == "-9.22E")
    }

    @Test("no figure is wider than its column") func widths() {
        var value = 0.001
        while value < 1e18 {
            #expect(NumberFormat.count(value).count <= 5)
            #expect(NumberFormat.rate(value).count <= 5)
            #expect(NumberFormat.bytes(value).count <= 5)
            #expect(NumberFormat.shortDuration(value).count <= 5)
            #expect(NumberFormat.duration(value).count <= 11)
            value *= 1.07
        }
    }

    @Test func ratesBytesAndTimes() {
        for (value, text) in [
            (0.0, "0"), (0.001, "0.01"), (0.25, "0.25"), (3.4, "3.4"), (9.999, "10"), (12, "12"),
            (12.34, "12.3"), (99.96, "100"), (0.1, "0.1"), (-0.5, "-0.5"), (650_200, "650K"),
        ] {
            #expect(NumberFormat.rate(value) == text)
        }
        #expect(NumberFormat.signedRate(2_100) == "+2.1K")
        #expect(NumberFormat.signedRate(-900) == "-900")
        #expect(NumberFormat.bytes(12_240_656_794.0) == "11.4G")
        #expect(NumberFormat.bytes(512.0) == "512B")
        #expect(NumberFormat.bytes(Int64(1_048_576)) == "1M")
        #expect(NumberFormat.grouped(20_412) == "20,412")
        #expect(NumberFormat.grouped(-1_000) == "-1,000")
        #expect(NumberFormat.grouped(Int64.min) == "-9,223,372,036,854,775,808")
        #expect(NumberFormat.percent(0.999) == "99 %")
        #expect(NumberFormat.percent(1) == "100 %")
        #expect(NumberFormat.percent(0.001) == "1 %")
        #expect(NumberFormat.percent(nil) == "?")
        for (seconds, text) in [
            (0.4, "0.4 s"), (12.0, "12 s"), (99.6, "1 m"), (2_460, "41 m"), (7_680, "2 h 8 m"),
            (187_200, "2 d 4 h"), (.infinity, "never"), (-1, "0 s"), (1e15, "years"),
        ] {
            #expect(NumberFormat.duration(seconds) == text)
        }
        #expect(NumberFormat.duration(nil) == "?")
        #expect(NumberFormat.clock(secondsOfDay: 46_083) == "12:48:03")
        #expect(NumberFormat.clock(secondsOfDay: -1) == "23:59:59")
        #expect(NumberFormat.clock(secondsOfDay: 86_400 * 3 + 60, withSeconds: false) == "00:01")
    }
}

@Suite struct Glyphs {
    @Test("every twin is ASCII, every glyph one column, none listed twice") func twins() {
        for twin in glyphTwins {
            #expect(twin.ascii.isASCII && twin.ascii.value >= 0x20)
            #expect(!twin.glyph.isASCII && displayWidth(of: twin.glyph) == 1)
            #expect(harmless(twin.glyph) == twin.glyph)
            #expect(asciiTwin(of: twin.glyph) == twin.ascii)
        }
        #expect(Set(glyphTwins.map(\.glyph)).count == glyphTwins.count)
        for value in UInt32(0x2800)...0x28FF {
            let twin = Unicode.Scalar(value).map(asciiTwin)
            #expect(twin?.isASCII == true)
        }
        #expect(asciiTwin(of: "日") == "?")
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
