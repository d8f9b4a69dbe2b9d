// Rates and lags over the last hours, in bounded memory, as a value that shares its structure with
// the clusters before it: appending a tick copies references, never samples.

/// Hours of cluster, broker, topic and group rates.
///
/// Three levels: 2 s steps for 5 minutes, 20 s for an hour, 2 minutes for six hours. Each tick is
/// spread over the steps it covers, weighted by time, so that the mean of a series over any stretch
/// is what really flowed, whatever the refresh interval; time that no tick covers is a gap.
package struct History: Sendable {
    /// The windows a graph can show.
    package enum Window: String, CaseIterable, Sendable {
        case fiveMinutes = "5 min"
        case oneHour = "1 h"
        case sixHours = "6 h"
        package var seconds: Double {
            switch self {
            case .fiveMinutes: 300
            case .oneHour: 3600
            case .sixHours: 21600
            }
        }
    }
    package enum Measure: Sendable, Hashable {
        case records, bytes
        /// Groups only: records behind, and records a second consumed.
        case lag, consumed
    }
    package enum Subject: Hashable, Sendable {
        case cluster
        case broker(BrokerID)
        case topic(historyIndex: Int)
        /// Kept only for partitions that were looked at (`Interest`).
        case partition(PartitionKey)
        case group(historyIndex: Int)
    }

    /// What was measured from one refresh to the next. Unknown is NaN.
    package struct Tick: Sendable {
        /// The stretch of time that the rates are averages over; `from` is the last tick's `to`
        /// unless nothing was measured in between.
        package var from: Instant
        package var to: Instant
        package var cluster = PartitionFlow(records: .nan, bytes: .nan)
        package var brokers: [(id: BrokerID, flow: PartitionFlow)] = []
        /// By history index, two floats each: records a second, bytes a second.
        package var topics: [Float] = []
        /// By history index: since when it belongs to its present topic (`HistoryIndexes.since`).
        package var topicsSince: [Instant] = []
        /// By history index, two floats each: lag, records a second consumed.
        package var groups: [Float] = []
        package var groupsSince: [Instant] = []
        /// The partitions that are being looked at.
        package var partitions: [PartitionKey: PartitionFlow] = [:]
        package init(from: Instant, to: Instant) {
            self.from = from
            self.to = to
        }
    }

    private var levels = [
        HistoryLevel(stepSeconds: 2, windowSeconds: 300),
        HistoryLevel(stepSeconds: 20, windowSeconds: 3_600),
        HistoryLevel(stepSeconds: 120, windowSeconds: 21_600),
    ]
    private var brokerColumns: [BrokerID: Int] = [:]
    private var topicsSince: [Instant] = []
    private var groupsSince: [Instant] = []
    /// The end of the newest tick.
    package private(set) var end = Instant.never
    private var lastTickSeconds = 0.0

    package init() {}

    /// What the samples take, without the open steps: for budgets.
    package var sizeBytes: Int { levels.reduce(0) { $0 + $1.sizeBytes } }

    /// Adds what a tick measured. Time before the newest tick's end is left out; time between it
    /// and `tick.from` becomes a gap.
    package mutating func append(_ tick: Tick) {
        let from = max(tick.from, end)
        guard tick.from.happened, tick.to > from else { return }
        var flows = [tick.cluster.records, tick.cluster.bytes]
        flows.append(contentsOf: repeatElement(.nan, count: 2 * brokerColumns.count))
        for (id, flow) in tick.brokers {
            if brokerColumns[id] == nil, brokerColumns.count < Limits.historyBrokers {
                brokerColumns[id] = brokerColumns.count
                flows += [.nan, .nan]
            }
            guard let historyIndex = brokerColumns[id] else { continue }
            flows[2 + 2 * historyIndex] = flow.records
            flows[3 + 2 * historyIndex] = flow.bytes
        }
        var sample = HistorySample(
            from: from, to: tick.to, flows: flows, topics: tick.topics, groups: tick.groups,
            partitions: tick.partitions)
        if tick.topics.count > 2 * Limits.historyIndexes {
            sample.topics = Array(tick.topics.prefix(2 * Limits.historyIndexes))
        }
        if tick.groups.count > 2 * Limits.historyIndexes {
            sample.groups = Array(tick.groups.prefix(2 * Limits.historyIndexes))
        }
        if tick.partitions.count > Limits.historyPartitions {
            let kept = tick.partitions.sorted { $0.key < $1.key }.prefix(Limits.historyPartitions)
            sample.partitions = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
        }
        for i in levels.indices { levels[i].add(sample) }
        topicsSince = tick.topicsSince
        groupsSince = tick.groupsSince
        end = tick.to
        lastTickSeconds = tick.to.seconds(since: from)
    }

    /// The samples of a window that ends now, evenly spaced, NaN for gaps and what was not kept.
    ///
    /// While the next tick is not overdue the window ends with the newest tick, so that a graph
    /// does not flicker at its edge; after that the time without knowledge shows as a gap.
    package func series(
        _ subject: Subject, _ measure: Measure, _ window: Window, now: Instant
    ) -> Series {
        let level =
            switch window {
            case .fiveMinutes: levels[0]
            case .oneHour: levels[1]
            case .sixHours: levels[2]
            }
        let stepSeconds = Double(level.stepNs) / 1e9
        let count = Int(window.seconds / stepSeconds)
        let grace = Limits.historyGraceTicks * max(lastTickSeconds, 1)
        let edge = end.happened && now.seconds(since: end) <= grace ? end : max(now, end)
        guard edge.happened, let reader = Reader(self, subject, measure) else {
            return Series(
                end: edge, stepSeconds: stepSeconds,
                values: Array(repeating: .nan, count: count))
        }
        let last = (edge.ns - 1) / level.stepNs
        var values: [Float] = []
        values.reserveCapacity(count)
        var hint = 0
        for back in stride(from: UInt64(count) - 1, through: 0, by: -1) {
            // Before the clock's zero, or before the history index's present owner.
            guard back <= last, (last - back) * level.stepNs >= reader.since.ns else {
                values.append(.nan)
                continue
            }
            values.append(reader.value(level, last - back, &hint))
            if back == 0 { break }
        }
        return Series(
            end: Instant(ns: (last + 1) * level.stepNs), stepSeconds: stepSeconds, values: values)
    }

    /// Where in a column a subject's measure stands.
    private struct Reader {
        enum Place {
            case flow(Int)
            case topic(Int)
            case group(Int)
            case partition(PartitionKey, isBytes: Bool)
        }
        var place: Place
        var since = Instant.never

        init?(_ history: History, _ subject: Subject, _ measure: Measure) {
            let isSecond = measure == .bytes || measure == .consumed
            let offset = isSecond ? 1 : 0
            switch (subject, measure) {
            case (.group(let historyIndex), .lag), (.group(let historyIndex), .consumed):
                place = .group(2 * historyIndex + offset)
                if history.groupsSince.indices.contains(historyIndex) {
                    since = history.groupsSince[historyIndex]
                }
            case (_, .lag), (_, .consumed), (.group, _):
                return nil
            case (.cluster, _):
                place = .flow(offset)
            case (.broker(let id), _):
                guard let historyIndex = history.brokerColumns[id] else { return nil }
                place = .flow(2 + 2 * historyIndex + offset)
            case (.topic(let historyIndex), _):
                place = .topic(2 * historyIndex + offset)
                if history.topicsSince.indices.contains(historyIndex) {
                    since = history.topicsSince[historyIndex]
                }
            case (.partition(let key), _):
                place = .partition(key, isBytes: isSecond)
            }
        }

        func value(_ level: HistoryLevel, _ step: UInt64, _ hint: inout Int) -> Float {
            if level.isOpen(step) {
                switch place {
                case .flow(let i): return level.openFlow(i)
                case .topic(let i): return level.openTopic(i)
                case .group(let i): return level.openGroup(i)
                case .partition(let key, let isBytes):
                    return pick(level.openPartition(key), isBytes)
                }
            }
            guard let column = level.column(at: step, hint: &hint) else { return .nan }
            switch place {
            case .flow(let i): return i < column.flows.count ? column.flows[i] : .nan
            case .topic(let i):
                return column.topics.indices.contains(i) ? column.topics[i].value : .nan
            case .group(let i):
                return column.groups.indices.contains(i) ? column.groups[i].value : .nan
            case .partition(let key, let isBytes): return pick(column.partitions[key], isBytes)
            }
        }

        private func pick(_ flow: PartitionFlow?, _ isBytes: Bool) -> Float {
            guard let flow else { return .nan }
            return isBytes ? flow.bytes : flow.records
        }
    }
}

/// Evenly spaced samples; NaN where nothing was known: a gap, to be drawn as a gap.
package struct Series: Sendable, Equatable {
    /// The moment of the last value's end.
    package var end: Instant
    package var stepSeconds: Double
    /// Oldest first; a second's rate averaged over the step.
    package var values: [Float]
    package init(end: Instant, stepSeconds: Double, values: [Float]) {
        self.end = end
        self.stepSeconds = stepSeconds
        self.values = values
    }
}
