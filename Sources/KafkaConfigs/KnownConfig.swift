// What a config is: its type, default, bounds, unit, what may be done to it and what that risks.

/// The type of a config's values by Kafka's number (DescribeConfigs version 3 and later).
package enum ConfigType: Int8, Sendable {
    case unknown, boolean, string, int, short, long, double, list, `class`, password

    /// The letter that stands for it in the tables.
    fileprivate init?(letter: UInt8) {
        guard let place = Array("_bsihldLcp".utf8).firstIndex(of: letter) else { return nil }
        self.init(rawValue: Int8(place))
    }

    /// What a whole number of this type may be.
    var range: ClosedRange<Int64> {
        switch self {
        case .int: Int64(Int32.min)...Int64(Int32.max)
        case .short: Int64(Int16.min)...Int64(Int16.max)
        default: Int64.min...Int64.max
        }
    }
}

/// What a number of a config counts; Kafka says it in the key's last words only.
package enum ConfigUnit: Sendable {
    case none, milliseconds, seconds, minutes, hours, bytes, bytesPerSecond

    /// By the last words of a key.
    init(key: String) {
        let ends: [(String, ConfigUnit)] = [
            (".ms", .milliseconds), (".seconds", .seconds), (".minutes", .minutes),
            (".hours", .hours), (".bytes.per.second", .bytesPerSecond),
            (".throttled.rate", .bytesPerSecond), (".bytes", .bytes), (".buffer.size", .bytes),
        ]
        self = ends.first { key.hasSuffix($0.0) }?.1 ?? .none
    }

    /// Milliseconds in one; nil: it is no time.
    var milliseconds: Int64? {
        switch self {
        case .milliseconds: 1
        case .seconds: 1000
        case .minutes: 60_000
        case .hours: 3_600_000
        case .none, .bytes, .bytesPerSecond: nil
        }
    }
}

/// One config as a broker knows it.
package struct KnownConfig: Sendable {
    /// What a value must be, besides its type.
    package enum Rule: Sendable, Equatable {
        case any
        case from(Double, to: Double?)
        case oneOf([String])
        case throttledReplicas
    }

    /// Where a config of a broker may be changed while it runs.
    package enum Access: Sendable {
        /// Only in its file, read at its start.
        case atStart
        /// On one broker, not on all together.
        case oneBroker
        case anywhere
    }

    package let name: String
    package let type: ConfigType
    package let initial: String?
    /// Of a topic's config: the broker's that its default comes from.
    package let brokerName: String?
    package let access: Access
    package let rule: Rule
    package let releases: ClosedRange<KafkaRelease>

    /// "name type default third rule since until", where the third is the broker's config or the
    /// access; "-" is nothing.
    init?(_ line: Substring, isTopic: Bool) {
        let parts = line.split(separator: " ").map(String.init)
        guard parts.count == 7, let letter = parts[1].utf8.first,
            let type = ConfigType(letter: letter), let since = KafkaRelease(parts[5]),
            let until = KafkaRelease(parts[6]), since <= until
        else { return nil }
        name = parts[0]
        self.type = type
        initial =
            switch parts[2] {
            case "-": nil
            case "''": ""
            case "max": "\(Int64.max)"
            default: parts[2]
            }
        brokerName = isTopic && parts[3] != "-" ? parts[3] : nil
        access = isTopic || parts[3] == "w" ? .anywhere : parts[3] == "b" ? .oneBroker : .atStart
        rule = Self.rule(parts[4])
        releases = since...until
    }

    private static func rule(_ text: String) -> Rule {
        if let least = Double(text) { return .from(least, to: nil) }
        if text == "throttle" { return .throttledReplicas }
        if text == "stamp" { return .oneOf(["CreateTime", "LogAppendTime"]) }
        if text == "codec" {
            return .oneOf(["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])
        }
        if text.hasPrefix("in=") {
            return .oneOf(text.dropFirst(3).split(separator: ",").map(String.init))
        }
        let ends = text.split(separator: "~").compactMap { Double($0) }
        return ends.count == 2 ? .from(ends[0], to: ends[1]) : .any
    }

    package var unit: ConfigUnit { ConfigUnit(key: name) }

    /// What an operator should know before it is changed; nil: nothing out of the ordinary.
    package var risk: String? { ConfigCatalogue.risks[name] }

    /// What single values mean, in words.
    package var words: [ConfigWord] {
        switch name {
        case "retention.ms", "retention.bytes", "log.retention.ms", "log.retention.minutes",
            "log.retention.bytes":
            [ConfigWord(-1, "no limit")]
        case "local.retention.ms", "log.local.retention.ms":
            [ConfigWord(-2, "as retention.ms"), ConfigWord(-1, "no limit")]
        case "local.retention.bytes", "log.local.retention.bytes":
            [ConfigWord(-2, "as retention.bytes"), ConfigWord(-1, "no limit")]
        default:
            switch initial {
            case "\(Int64.max)": [ConfigWord(.max, "no limit")]
            case "\(Int32.max)": [ConfigWord(Int64(Int32.max), "no limit")]
            default: []
            }
        }
    }
}

/// What one value of a config means, in words that may be typed for it.
package struct ConfigWord: Sendable, Equatable {
    package var value: Int64
    package var text: String

    init(_ value: Int64, _ text: String) {
        self.value = value
        self.text = text
    }
}
