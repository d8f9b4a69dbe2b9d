// Moments as people type them: ISO 8601 with its zone, milliseconds since 1970, or how long ago.
internal import KafkaConfigs

/// A moment in milliseconds since 1970.
package enum Moment {
    /// What may be typed, for messages.
    package static let forms =
        "2026-11-23T12:48:00Z, 2026-11-23T13:48+01:00, milliseconds since 1970, or 2h for as long "
        + "ago"

    /// Nil where the text is no moment. A time of day without its zone is none: nobody knows which.
    package static func milliseconds(_ text: String, nowMs: Int64) -> Int64? {
        if let number = Int64(text) { return number >= 0 ? number : nil }
        if let ago = ago(text) { return max(0, nowMs - ago) }
        return iso(text)
    }

    private static func ago(_ text: String) -> Int64? {
        let form = ConfigForm("retention.ms", ConfigCatalogue.topic("retention.ms", nil))
        guard text.first?.isNumber == true, !text.contains("T"), let raw = try? form.raw(text),
            let ms = Int64(raw), ms >= 0, ms <= Limits.moments.upperBound
        else { return nil }
        return ms
    }

    private static func iso(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count,
                bytes[range].allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            return Int64(String(decoding: bytes[range], as: UTF8.self))
        }
        func has(_ sign: Character, at place: Int) -> Bool {
            place < bytes.count && bytes[place] == sign.asciiValue
        }
        guard let year = number(0..<4), has("-", at: 4), let month = number(5..<7),
            has("-", at: 7), let day = number(8..<10), has("T", at: 10) || has(" ", at: 10),
            let hour = number(11..<13), has(":", at: 13), let minute = number(14..<16),
            year >= 1970, (1...12).contains(month), (1...days(month, year)).contains(day),
            hour < 24, minute < 60
        else { return nil }
        var place = 16
        var ms: Int64 = 0
        if has(":", at: place) {
            guard let second = number(place + 1..<place + 3), second < 60 else { return nil }
            ms = second * 1000
            place += 3
            if has(".", at: place) {
                var end = place + 1
                while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
                guard end > place + 1, end <= place + 4, let part = number(place + 1..<end) else {
                    return nil
                }
                ms += part * [100, 10, 1][end - place - 2]
                place = end
            }
        }
        guard let zone = zone(bytes[place...], number, place) else { return nil }
        let moment = (dayNumber(year, month, day) * 24 + hour) * 60 + minute - zone
        let all = moment * 60_000 + ms
        return all >= 0 ? all : nil
    }

    /// Minutes east of Greenwich: "Z", "+01:00", "-0530".
    private static func zone(
        _ text: ArraySlice<UInt8>, _ number: (Range<Int>) -> Int64?, _ place: Int
    ) -> Int64? {
        if text.elementsEqual("Z".utf8) { return 0 }
        guard let sign = text.first, sign == 0x2B || sign == 0x2D,
            text.count == 6 || text.count == 5
        else { return nil }
        let isSplit = text.count == 6
        guard !isSplit || text[place + 3] == 0x3A, let hours = number(place + 1..<place + 3),
            let minutes = number(place + (isSplit ? 4 : 3)..<place + (isSplit ? 6 : 5)),
            hours <= 14, minutes < 60
        else { return nil }
        return (sign == 0x2D ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func days(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01; years are counted from March, so that the leap day is the last.
    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let from = month <= 2 ? year - 1 : year
        let era = from / 400
        let ofEra = from - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }
}
