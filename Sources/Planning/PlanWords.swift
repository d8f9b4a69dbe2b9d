// How shares, rates and replicas of a plan are written: the command line, the keys of the console
// and what both print say it alike.

/// Reads and writes the values of a plan's request.
package enum PlanWords {
    /// "5%", "2.5 %", "0.05"; nil for anything else.
    package static func share(_ text: String) -> Double? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard digits.first?.isNumber == true, let number = Double(digits) else { return nil }
        switch text.dropFirst(digits.count) {
        case "%", " %": return number / 100
        case "": return number < 1 ? number : nil
        default: return nil
        }
    }

    /// "50MB", "1.5GiB", "1000"; nil for anything else.
    package static func bytes(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard digits.first?.isNumber == true, let number = Double(digits) else { return nil }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        let size: Double
        switch unit {
        case "", "B": size = 1
        case "kB", "KB": size = 1e3
        case "MB": size = 1e6
        case "GB": size = 1e9
        case "TB": size = 1e12
        case "KiB": size = 0x1p10
        case "MiB": size = 0x1p20
        case "GiB": size = 0x1p30
        case "TiB": size = 0x1p40
        default: return nil
        }
        let bytes = (number * size).rounded()
        return bytes < 0x1p57 ? Int64(bytes) : nil
    }

    /// "50MB", "50 MB/s": bytes a second; nil for anything else.
    package static func rate(_ text: String) -> Int64? {
        let rate = text.hasSuffix("/s") ? String(text.dropLast(2)) : text
        return bytes(rate).flatMap { $0 > 0 ? $0 : nil }
    }

    /// "50 MB/s", in units of thousands as they are typed.
    package static func text(rate: Int64) -> String {
        bytesText(rate).replacing(".0 ", with: " ") + "/s"
    }

    /// "5 %".
    package static func text(share: Double) -> String { shareText(share) }

    /// The replicas of a move: "1,5,9" is all of them in order, "-3,+12" is 12 in the place of 3.
    package static func wish(
        _ text: String, topic: String, partition: Int32
    ) -> PlanRequest.WantedMove? {
        var move = PlanRequest.WantedMove(topic: topic, partition: partition, replicas: [])
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let digits = item.drop { $0 == "+" || $0 == "-" }
            guard item.count - digits.count <= 1, let id = Int32(digits), id >= 0 else {
                return nil
            }
            switch item.first {
            case "+": move.coming.append(id)
            case "-": move.leaving.append(id)
            default: move.replicas.append(id)
            }
        }
        let isChange = !move.coming.isEmpty || !move.leaving.isEmpty
        return isChange != !move.replicas.isEmpty ? move : nil
    }
}
