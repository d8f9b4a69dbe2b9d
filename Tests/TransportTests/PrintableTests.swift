// Hostile text: what a terminal acts on, what reorders or hides text, and what never ends.

import Testing
import Transport

@Suite struct PrintableTests {
    @Test func hostileTextIsHarmless() {
        let table: [(hostile: String, shown: String)] = [
            ("orders", "orders"), ("ünïcode 主題 🙂", "ünïcode 主題 🙂"), ("", ""),
            // C0, DEL and C1 controls: escape sequences, with and without ESC.
            ("evil\u{1b}[2J", "evil·[2J"), ("a\u{9b}31mb", "a·31mb"), ("bell\u{7}", "bell·"),
            ("a\nb\rc\td\u{0}e\u{7f}f", "a·b·c·d·e·f"), ("osc\u{9d}0;x\u{9c}", "osc·0;x·"),
            // Bidirectional marks, embeddings, overrides and isolates.
            ("\u{202e}gnp.exe", "·gnp.exe"), ("a\u{202a}\u{202b}\u{202c}\u{202d}b", "a····b"),
            ("\u{2066}\u{2067}\u{2068}\u{2069}", "····"), ("\u{200e}\u{200f}\u{61c}", "···"),
            // What takes no room: joiners, fillers, variation selectors, soft hyphen, BOM, tags.
            ("or\u{200b}ders", "or·ders"), ("\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}", "·····"),
            ("\u{34f}\u{115f}\u{3164}\u{ffa0}\u{180e}", "·····"), ("x\u{fe0f}", "x·"),
            ("\u{e0001}\u{e0041}\u{e0100}", "···"),
            // Blanks that are not the usual one.
            ("a\u{a0}b\u{2003}c", "a·b·c"), ("\u{3000}\u{2800}\u{1680}\u{202f}", "····"),
            // Line and paragraph separators, private use.
            ("a\u{2028}b\u{2029}c", "a·b·c"), ("\u{e000}\u{f8ff}\u{100000}", "···"),
        ]
        for (hostile, shown) in table {
            #expect(printable(hostile) == shown, "\(hostile.debugDescription)")
            #expect(printable(printable(hostile)) == shown)
        }
    }

    @Test func textHasAnEnd() {
        #expect(printable(String(repeating: "x", count: 50_000)).utf8.count == 2000)
    }

    @Test func durationsReadWell() {
        let cases: [(UInt64, String)] = [
            (3_000_000_000, "3 s"), (1_500_000_000, "1.5 s"), (40_000_000, "0 s"),
            (64_960_000_000, "65 s"),
        ]
        for (nanoseconds, text) in cases { #expect(readableSeconds(nanoseconds) == text) }
    }
}
