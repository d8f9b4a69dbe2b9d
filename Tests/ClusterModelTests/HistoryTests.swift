// History: nothing is added or lost by steps, refresh intervals, pauses or indexes used again.

import ClusterModel
import ModelTesting
import Simulation
import Testing

@Suite struct Histories {
    private let start: UInt64 = 1_000_000_000_000

    private func at(_ seconds: Double) -> Instant {
        Instant(ns: start + UInt64((seconds * 1e9).rounded()))
    }

    private func tick(_ from: Double, _ to: Double, _ rate: Float) -> History.Tick {
        var tick = History.Tick(from: at(from), to: at(to))
        tick.cluster = PartitionFlow(records: rate, bytes: rate * 2)
        tick.brokers = [(BrokerID(7), PartitionFlow(records: rate, bytes: .nan))]
        tick.topics = [rate, .nan, 2 * rate, 3 * rate]
        tick.groups = [5 * rate, rate]
        tick.partitions = [PartitionKey(topic: "t", partition: 1): .init(records: rate, bytes: 1)]
        return tick
    }

    private func mean(_ values: some Sequence<Float>) -> Double {
        let known = values.filter { !$0.isNaN }.map(Double.init)
        return known.reduce(0, +) / Double(max(1, known.count))
    }

    /// Whatever the interval between refreshes, the mean of the series is what flowed.
    @Test(arguments: [0.3, 1, 2, 2.7, 5, 10, 60]) func meanIsTrue(_ interval: Double) {
        var generator = SeededGenerator(seed: UInt64(interval * 10))
        var history = History()
        var written = 0.0
        var time = 0.0
        while time < 280 {
            let next = min(280, time + interval * Double.random(in: 0.6...1.4, using: &generator))
            let rate = Float.random(in: 500...1_500, using: &generator)
            history.append(tick(time, next, rate))
            written += Double(rate) * (next - time)
            time = next
        }
        for window in [History.Window.fiveMinutes, .oneHour] {
            let series = history.series(.cluster, .records, window, now: at(280))
            #expect(abs(mean(series.values) - written / 280) < written / 280 * 0.01)
            #expect(series.values.count == Int(window.seconds / series.stepSeconds))
        }
        let topic = history.series(.topic(historyIndex: 1), .records, .fiveMinutes, now: at(280))
        #expect(abs(mean(topic.values) - 2 * written / 280) < written / 280 * 0.02)
    }

    @Test func everySubject() {
        var history = History()
        for second in stride(from: 0.0, to: 60, by: 2) {
            history.append(tick(second, second + 2, 8))
        }
        func last(_ subject: History.Subject, _ measure: History.Measure) -> Float? {
            history.series(subject, measure, .fiveMinutes, now: at(60)).values.last
        }
        #expect(last(.cluster, .records) == 8)
        #expect(last(.cluster, .bytes) == 16)
        #expect(last(.broker(BrokerID(7)), .records) == 8)
        #expect(last(.broker(BrokerID(7)), .bytes)?.isNaN == true)
        #expect(last(.broker(BrokerID(8)), .records)?.isNaN == true)
        #expect(last(.topic(historyIndex: 0), .records) == 8)
        #expect(last(.topic(historyIndex: 0), .bytes)?.isNaN == true)
        #expect(last(.topic(historyIndex: 1), .bytes) == 24)
        #expect(last(.topic(historyIndex: 99), .bytes)?.isNaN == true)
        #expect(last(.group(historyIndex: 0), .lag) == 40)
        #expect(last(.group(historyIndex: 0), .consumed) == 8)
        #expect(last(.group(historyIndex: 0), .records)?.isNaN == true)
        #expect(last(.partition(PartitionKey(topic: "t", partition: 1)), .bytes) == 1)
        #expect(last(.partition(PartitionKey(topic: "t", partition: 2)), .bytes)?.isNaN == true)
        #expect(last(.topic(historyIndex: -1), .records)?.isNaN == true)
    }

    @Test func pausesAreGaps() {
        var history = History()
        for second in stride(from: 0.0, to: 60, by: 2) {
            history.append(tick(second, second + 2, 8))
        }
        history.append(tick(100, 102, 4))
        let values = history.series(.cluster, .records, .fiveMinutes, now: at(102)).values
        #expect(values.suffix(21).map { $0.isNaN } == [Bool](repeating: true, count: 20) + [false])
        #expect(values.suffix(22).first == 8)
        // A minute later nothing new has come: the gap grows.
        let later = history.series(.cluster, .records, .fiveMinutes, now: at(162)).values
        #expect(later.suffix(30).allSatisfy { $0.isNaN })
        // Just before the next tick is due, no gap is drawn yet.
        let waiting = history.series(.cluster, .records, .fiveMinutes, now: at(103.5))
        #expect(waiting.values.last == 4)
        #expect(waiting.end == at(102))
    }

    /// A long stall covered by two good samples is one true average, in every step it covers.
    @Test func longTickFillsItsSteps() {
        var history = History()
        history.append(tick(0, 2, 10))
        history.append(tick(2, 62, 100))
        let values = history.series(.cluster, .records, .fiveMinutes, now: at(62)).values
        #expect(values.suffix(30).allSatisfy { $0 == 100 })
        #expect(values.suffix(31).first == 10)
    }

    @Test func overlapsAndBackwardTimeAreLeftOut() {
        var history = History()
        history.append(tick(0, 10, 10))
        history.append(tick(4, 8, 99))
        history.append(tick(4, 12, 20))
        history.append(tick(20, 12, 99))
        let values = history.series(.cluster, .records, .fiveMinutes, now: at(12)).values
        #expect(values.suffix(6) == [10, 10, 10, 10, 10, 20])
    }

    @Test func unknownPartsWeighNothing() {
        var history = History()
        history.append(tick(0, 1, 10))
        history.append(tick(1, 2, .nan))
        history.append(tick(2, 3, .nan))
        history.append(tick(3, 4, 30))
        let series = history.series(.cluster, .records, .oneHour, now: at(4))
        #expect(series.values.last == 20)
    }

    @Test func reusedSlotInheritsNothing() {
        var historyIndexes = HistoryIndexes()
        let historyIndex = historyIndexes.take(at: at(0))
        var history = History()
        history.append(tick(0, 10, 8))
        historyIndexes.giveBack(historyIndex)
        #expect(historyIndexes.take(at: at(10)) == historyIndex)
        var next = tick(10, 14, 3)
        next.topicsSince = historyIndexes.since
        history.append(next)
        let values = history.series(
            .topic(historyIndex: historyIndex), .records, .fiveMinutes, now: at(14)
        ).values
        #expect(values.suffix(2) == [3, 3])
        #expect(values.dropLast(2).allSatisfy { $0.isNaN })
        #expect(historyIndexes.count == 1)
    }

    @Test func oldPicturesKeepTheirHistory() {
        var history = History()
        history.append(tick(0, 2, 8))
        let old = history
        for second in stride(from: 2.0, to: 400, by: 2) {
            history.append(tick(second, second + 2, 9))
        }
        #expect(old.series(.cluster, .records, .fiveMinutes, now: at(2)).values.last == 8)
        #expect(old.end == at(2))
        #expect(!history.series(.cluster, .records, .fiveMinutes, now: at(400)).values.contains(8))
    }

    @Test func compactRates() {
        for value: Float in [0, 0.001, 0.5, 1, 7.3, 123.4, 65_504, 1e6, 3.3e9, 2e15] {
            let back = series(of: value)
            #expect(abs(back - value) <= max(0.001, value / 2_000), "\(value) came back as \(back)")
        }
        #expect(series(of: .nan).isNaN)
        #expect(series(of: -1).isNaN)
        #expect(series(of: .infinity) > 1e15)
    }

    private func series(of value: Float) -> Float {
        var history = History()
        var tick = History.Tick(from: at(0), to: at(10))
        tick.topics = [value, 0]
        history.append(tick)
        return history.series(.topic(historyIndex: 0), .records, .fiveMinutes, now: at(10)).values
            .last
            ?? -1
    }

    /// 10,000 topics, 1,000 brokers and 10,000 groups for six hours: at most 60 MB.
    @Test func memoryIsBounded() {
        let (topics, brokers, groups) = (100, 10, 100)
        var history = History()
        for hour in 0..<8 {
            // One long tick an hour fills every step there is.
            var tick = History.Tick(
                from: at(Double(hour) * 3_600), to: at(Double(hour + 1) * 3_600))
            tick.brokers = (0..<brokers).map { (BrokerID(Int32($0)), .init(records: 1, bytes: 1)) }
            tick.topics = Array(repeating: 1, count: 2 * topics)
            tick.groups = Array(repeating: 1, count: 2 * groups)
            history.append(tick)
        }
        #expect(history.sizeBytes * 100 <= 60_000_000 + 513 * 64 * 100)
        #expect(history.sizeBytes > 100_000)
        let values = history.series(.cluster, .records, .sixHours, now: at(8 * 3_600)).values
        #expect(values.count == 180)
    }

    /// From a picture to its tick: what is stale is a gap, not a zero and not the last value.
    @Test func picturesAreRemembered() {
        var cluster = SampleCluster.ill()
        cluster.history = History()
        let from = Instant(ns: cluster.takenAt.ns - 2_000_000_000)
        let keys = ["orders", "clicks", "nowhere"].map { PartitionKey(topic: $0, partition: 0) }
        cluster.remember(from: from, watched: keys)
        func last(_ subject: History.Subject, _ measure: History.Measure = .records) -> Float {
            cluster.history.series(subject, measure, .fiveMinutes, now: cluster.takenAt)
                .values.last ?? -1
        }
        let total = Float(cluster.totals.recordsPerSecond ?? -1)
        #expect(last(.cluster) == total && total > 0)
        #expect(last(.broker(BrokerID(1))) == Float(cluster.brokers[0].recordsPerSecond ?? -1))
        #expect(last(.broker(BrokerID(3))).isNaN)
        #expect(last(.broker(BrokerID(9))).isNaN)
        #expect(last(.partition(keys[0])) == 15_000)
        #expect(last(.partition(keys[1])).isNaN)
        #expect(last(.partition(keys[2])).isNaN)
        let billing = cluster.group("billing")
        let lag = last(.group(historyIndex: billing?.historyIndex ?? -1), .lag)
        #expect(abs(lag - Float(billing?.lag ?? -1)) <= lag / 1_000)
        // One partition's lag is unknown: the sum would be a drop that did not happen.
        let clicks = cluster.group("click-stream")?.historyIndex ?? -1
        #expect(last(.group(historyIndex: clicks), .lag).isNaN)
    }
}
