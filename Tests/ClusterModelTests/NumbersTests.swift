// Figures for narrow columns: digits, units, and what has no figure.

import ClusterModel
import Testing

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
        let whole = [0, 511.6, 1_010, 9_503, 39_000, 1_020_000, 1_600_000].map {
            NumberFormat.wholeBytes($0)
        }
        #expect(whole == ["0", "512B", "1K", "9K", "38K", "996K", "2M"])
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
