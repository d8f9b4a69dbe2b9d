// Every number that a rule depends on and that a site may set otherwise: what it is called, its
// unit, what it is by itself and why. Settings, the README, `check --limits` and the rules read it.

/// A number that decides what a rule says.
package enum Threshold: Int, CaseIterable, Sendable {
    case volumeFull, volumeCritical, volumeFilling
    case hotRate, hotPartitionTimes, hotPartitionShare, hotBrokerTimes
    case skewTimes, skewLeast
    case moveStuck, leadersChanged, znodeSettled, voterLate, certificateEnds
    case groupBehind, groupLosing, groupCatchingUp, groupWindows
    case groupStopped, groupStalled, groupUnseen, groupUnseenAlone, groupRebalancing, groupLoss
    case clockApart

    /// What a value counts.
    package enum Unit: Sendable {
        /// Seconds; written `90`, `90s`, `2m`, `1h` or `3d`.
        case seconds
        /// A share of 1; written in percent, `85` or `85%`.
        case percent
        /// So many times something else.
        case times
        case count
        case recordsPerSecond
    }

    /// What a threshold is, described once for all who read it.
    package struct Entry: Sendable {
        /// The end of its key: `highwater.limit.` and this.
        package let name: String
        package let unit: Unit
        package let standard: Double
        package let allowed: ClosedRange<Double>
        /// What it decides, in a few words.
        package let meaning: String
        /// Where the standard value comes from.
        package let source: String
        /// Names of the rules that read it.
        package let rules: [String]
    }

    package static let keyPrefix = "highwater.limit."
    /// As settings name it.
    package var key: String { Self.keyPrefix + entry.name }
    package var entry: Entry { Self.entries[rawValue] }

    private static let day = 86_400.0

    private static let entries: [Entry] = allCases.map(describe)

    private static func describe(_ threshold: Threshold) -> Entry {
        switch threshold {
        case .volumeFull, .volumeCritical, .volumeFilling: ofVolumes(threshold)
        case .hotRate, .hotPartitionTimes, .hotPartitionShare, .hotBrokerTimes, .skewTimes,
            .skewLeast:
            ofLoad(threshold)
        case .moveStuck, .leadersChanged, .znodeSettled, .voterLate, .clockApart,
            .certificateEnds:
            ofCluster(threshold)
        default: ofGroups(threshold)
        }
    }

    private static func ofVolumes(_ threshold: Threshold) -> Entry {
        switch threshold {
        case .volumeFull:
            Entry(
                name: "volume.full", unit: .percent, standard: 0.85, allowed: 0.01...1,
                meaning: "a volume is nearly full", source: "MSK's alarm; Cruise Control 80 %",
                rules: ["volumes_full"])
        case .volumeCritical:
            Entry(
                name: "volume.critical", unit: .percent, standard: 0.95, allowed: 0.01...1,
                meaning: "it is about to stop its broker", source: "Kafka stops at 100 %",
                rules: ["volumes_full"])
        default:
            Entry(
                name: "volume.filling", unit: .seconds, standard: 3 * day,
                allowed: 3_600...(365 * day),
                meaning: "a volume is full that soon", source: "a weekend",
                rules: ["volumes_filling"])
        }
    }

    private static func ofLoad(_ threshold: Threshold) -> Entry {
        switch threshold {
        case .hotRate:
            Entry(
                name: "hot.rate", unit: .recordsPerSecond, standard: 1_000, allowed: 0...1e9,
                meaning: "with less no partition or broker is hot", source: "ours",
                rules: ["hot_partition", "hot_broker"])
        case .hotPartitionTimes:
            Entry(
                name: "hot.partition.times", unit: .times, standard: 3, allowed: 1...1_000,
                meaning: "the mean of the others of its topic", source: "ours",
                rules: ["hot_partition"])
        case .hotPartitionShare:
            Entry(
                name: "hot.partition.share", unit: .percent, standard: 0.25, allowed: 0.01...1,
                meaning: "of all that its broker takes", source: "ours", rules: ["hot_partition"])
        case .hotBrokerTimes:
            Entry(
                name: "hot.broker.times", unit: .times, standard: 2, allowed: 1...1_000,
                meaning: "the mean of the other brokers", source: "ours", rules: ["hot_broker"])
        case .skewTimes:
            Entry(
                name: "skew.times", unit: .times, standard: 1.5, allowed: 1...1_000,
                meaning: "the mean of leaders or replicas",
                source: "Cruise Control balances from 1.1 on",
                rules: ["leader_skew", "replica_skew"])
        default:
            Entry(
                name: "skew.least", unit: .count, standard: 20, allowed: 0...1e6,
                meaning: "and so many more than the mean", source: "ours",
                rules: ["leader_skew", "replica_skew"])
        }
    }

    private static func ofCluster(_ threshold: Threshold) -> Entry {
        switch threshold {
        case .moveStuck:
            Entry(
                name: "move.stuck", unit: .seconds, standard: 120, allowed: 10...day,
                meaning: "a replica being added got nothing for so long", source: "ours",
                rules: ["reassignment_stuck"])
        case .leadersChanged:
            Entry(
                name: "leaders.changed", unit: .seconds, standard: 300, allowed: 0...day,
                meaning: "a change of leader is told of for so long",
                source: "Kafka looks for leaders to give back every 300 s",
                rules: ["leaders_changed"])
        case .znodeSettled:
            Entry(
                name: "znode.settled", unit: .seconds, standard: 6, allowed: 1...3_600,
                meaning: "brokers know what ZooKeeper has after so long", source: "ours",
                rules: ["stored_state"])
        case .voterLate:
            Entry(
                name: "voter.late", unit: .seconds, standard: 3, allowed: 1...3_600,
                meaning: "a voter that fetched longer ago takes no part",
                source: "controller.quorum.fetch.timeout.ms is 2 s",
                rules: ["coordinator_member", "coordinator_quorum"])
        case .certificateEnds:
            Entry(
                name: "certificate.ends", unit: .seconds, standard: 30 * day,
                allowed: 3_600...(365 * day), meaning: "a broker's certificate ends that soon",
                source: "Strimzi warns 30 days before", rules: ["certificate_ends"])
        default:
            Entry(
                name: "clock.apart", unit: .seconds, standard: 5, allowed: 1...day,
                meaning: "the active controller's clock is off by so much",
                source: "MIT Kerberos allows 300 s, tokens less",
                rules: ["clock_apart"])
        }
    }

    private static func ofGroups(_ threshold: Threshold) -> Entry {
        switch threshold {
        case .groupBehind:
            Entry(
                name: "group.behind", unit: .seconds, standard: 10, allowed: 1...(30 * day),
                meaning: "nearer than this no group falls behind", source: "two commits of 5 s",
                rules: ["groups_behind"])
        case .groupLosing:
            Entry(
                name: "group.losing", unit: .seconds, standard: 1, allowed: 0.1...3_600,
                meaning: "it must lose so much within 2 minutes",
                source: "Burrow asks for any growth", rules: ["groups_behind"])
        case .groupCatchingUp:
            Entry(
                name: "group.catching.up", unit: .seconds, standard: 30, allowed: 1...(30 * day),
                meaning: "farther than this one that comes nearer is catching up", source: "ours",
                rules: [])
        case .groupWindows:
            Entry(
                name: "group.windows", unit: .count, standard: 3, allowed: 1...12,
                meaning: "windows in a row that change a verdict", source: "Ambari's check count",
                rules: [
                    "groups_stuck", "groups_behind", "groups_rebalancing", "groups_losing_data",
                ])
        case .groupStopped:
            Entry(
                name: "group.stopped", unit: .seconds, standard: 6, allowed: 1...(30 * day),
                meaning: "records wait so long and the whole group commits nothing",
                source: "auto.commit.interval.ms is 5 s", rules: ["groups_stuck"])
        case .groupStalled:
            Entry(
                name: "group.stalled", unit: .seconds, standard: 15, allowed: 1...(30 * day),
                meaning: "the same of a partition while others move",
                source: "three commits of 5 s", rules: ["groups_stuck"])
        case .groupUnseen:
            Entry(
                name: "group.unseen", unit: .seconds, standard: 75, allowed: 1...(30 * day),
                meaning: "the same of one never seen to commit",
                source: "sinks of Connect commit every 60 s", rules: ["groups_stuck"])
        case .groupUnseenAlone:
            Entry(
                name: "group.unseen.alone", unit: .seconds, standard: 120, allowed: 1...(30 * day),
                meaning: "the same without members", source: "Flink and Spark: a minute or two",
                rules: ["groups_stuck"])
        case .groupRebalancing:
            Entry(
                name: "group.rebalancing", unit: .seconds, standard: 60, allowed: 1...day,
                meaning: "a rebalance takes too long", source: "MSK: 1 to 2 minutes",
                rules: ["groups_rebalancing"])
        default:
            Entry(
                name: "group.loss", unit: .seconds, standard: 3_600, allowed: 60...(30 * day),
                meaning: "retention comes to what it has not read that soon", source: "ours",
                rules: ["groups_losing_data"])
        }
    }
}

extension Threshold {
    /// The value written like this; nil: it is none, or not allowed.
    package func parse(_ text: String) -> Double? {
        var digits = text[...]
        var factor = 1.0
        let suffixes: [(String, Double)] =
            switch entry.unit {
            case .seconds:
                [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("d", Self.day)]
            case .percent: [("%", 1)]
            case .times: [("x", 1)]
            case .count, .recordsPerSecond: []
            }
        if let found = suffixes.first(where: { text.hasSuffix($0.0) }) {
            digits = text.dropLast(found.0.count)
            factor = found.1
        }
        while digits.last == " " { digits = digits.dropLast() }
        if entry.unit == .percent { factor /= 100 }
        // Not what Double takes besides: "inf", "0x1p3", "1e3".
        let isPlain = digits.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 }
        guard isPlain, let number = Double(digits), number.isFinite else { return nil }
        // A percentage as it is written must not fall out of its range by its rounding.
        let value = (number * factor * 1e9).nearestWhole / 1e9
        if entry.unit == .count, value.nearestWhole != value { return nil }
        return entry.allowed.contains(value) ? value : nil
    }

    /// A value as a person reads and writes it: "85 %", "3 d", "1.5".
    package func text(_ value: Double) -> String {
        switch entry.unit {
        case .seconds:
            return value < 1
                ? "\(Int((value * 1_000).nearestWhole)) ms" : NumberFormat.duration(value)
        case .percent: return NumberFormat.percent(value)
        case .times, .count, .recordsPerSecond:
            let whole = value.nearestWhole == value
            let number = whole ? NumberFormat.grouped(Int(value)) : "\(value)"
            return entry.unit == .times
                ? "\(number) times" : entry.unit == .count ? number : "\(number) rec/s"
        }
    }

    /// "1 % to 100 %".
    package var allowedText: String {
        "\(text(entry.allowed.lowerBound)) to \(text(entry.allowed.upperBound))"
    }

    /// Why a setting of it cannot be taken; nil: it can.
    package func fault(_ text: String) -> String? {
        guard parse(text) == nil else { return nil }
        let form =
            switch entry.unit {
            case .seconds: "a time such as 90s, 2m, 1h or 3d"
            case .percent: "a number of percent"
            case .times: "a number"
            case .count: "a whole number"
            case .recordsPerSecond: "a number of records a second"
            }
        return "\(text.isEmpty ? "an empty value" : text) is not \(form) from \(allowedText)"
    }
}

/// What every threshold is on this cluster: its standard value where nothing else was set. One
/// array that all clusters share.
package struct Thresholds: Sendable, Equatable {
    private var values: [Double] = Threshold.allCases.map(\.entry.standard)

    package static let standard = Thresholds()

    package subscript(_ threshold: Threshold) -> Double {
        get { values[threshold.rawValue] }
        set { values[threshold.rawValue] = newValue }
    }

    /// Those that were set to something else.
    package var changed: [Threshold] {
        Threshold.allCases.filter { self[$0] != $0.entry.standard }
    }
}
