// One resolution of `History`: a ring of immutable columns, one a step of time, and the step that
// is still being filled. A copy of a level copies references; clusters share its samples.

/// What was measured over one stretch of time, by history index. Unknown is NaN.
struct HistorySample {
    var from: Instant
    var to: Instant
    /// Records and bytes, cluster first and then brokers: two floats each, by broker history index.
    var flows: [Float]
    /// Records and bytes, two floats a topic history index.
    var topics: [Float]
    /// Lag and consumption, two floats a group history index.
    var groups: [Float]
    var partitions: [PartitionKey: PartitionFlow]
}

/// Records and bytes a second of one partition; NaN unknown.
package struct PartitionFlow: Sendable, Equatable {
    package var records: Float
    package var bytes: Float
    package init(records: Float, bytes: Float) {
        self.records = records
        self.bytes = bytes
    }
}

/// The averages of one step of time. Immutable, so that every cluster may share it.
final class HistoryColumn: Sendable {
    let flows: [Float]
    let topics: [CompactRate]
    let groups: [CompactRate]
    let partitions: [PartitionKey: PartitionFlow]

    init(
        flows: [Float], topics: [CompactRate], groups: [CompactRate],
        partitions: [PartitionKey: PartitionFlow]
    ) {
        self.flows = flows
        self.topics = topics
        self.groups = groups
        self.partitions = partitions
    }

    var sizeBytes: Int { flows.count * 4 + (topics.count + groups.count) * 2 + 64 }
}

/// A number in 16 bits: 6 of exponent, 10 of mantissa, off by at most 1 part in 2,048. It halves
/// what ten thousand topics' hours cost. Holds 0 and 2^-10 to 2^52; negative and unknown are NaN.
struct CompactRate: Equatable {
    var code: UInt16
    static let unknown = CompactRate(code: .max)

    init(code: UInt16) { self.code = code }

    init(_ value: Float) {
        guard value >= 0 else {
            code = .max
            return
        }
        // Round to 10 bits of mantissa in the float's pattern; a carry goes into the exponent.
        let rounded = Int(value.bitPattern >> 13) + Int(value.bitPattern >> 12 & 1)
        let shifted = rounded - Self.bias
        code = shifted <= 0 ? 0 : UInt16(min(shifted, 0xFFFE))
    }

    var value: Float {
        if code == .max { return .nan }
        return code == 0 ? 0 : Float(bitPattern: UInt32(Int(code) + Self.bias) << 13)
    }

    /// The pattern of 2^-11, which stands for 0.
    private static let bias = (127 - 11) << 10
}

/// Sums of value × seconds and of seconds, for the step that is being filled.
private struct Accumulator {
    var sums: [Float] = []
    var seconds: [Float] = []

    mutating func add(_ values: [Float], seconds covered: Float) {
        if sums.count < values.count {
            let more = values.count - sums.count
            sums.append(contentsOf: repeatElement(0, count: more))
            seconds.append(contentsOf: repeatElement(0, count: more))
        }
        for i in values.indices where !values[i].isNaN {
            sums[i] += values[i] * covered
            seconds[i] += covered
        }
    }
    func average(_ i: Int) -> Float {
        i < sums.count && seconds[i] > 0 ? sums[i] / seconds[i] : .nan
    }
    var averages: [Float] { sums.indices.map(average) }
    var compactAverages: [CompactRate] { sums.indices.map { CompactRate(average($0)) } }
}

/// A ring of columns of one step.
struct HistoryLevel {
    let stepNs: UInt64
    let capacity: Int
    /// Ascending by step number; missing numbers are gaps.
    private(set) var closed: [(step: UInt64, column: HistoryColumn)] = []

    private var openStep: UInt64?
    private var flows = Accumulator()
    private var topics = Accumulator()
    private var groups = Accumulator()
    private var partitions: [PartitionKey: (records: Accumulator, bytes: Accumulator)] = [:]

    init(stepSeconds: UInt64, windowSeconds: UInt64) {
        stepNs = stepSeconds * 1_000_000_000
        // One more than the window: its newest step is seldom full.
        capacity = Int(windowSeconds / stepSeconds) + 1
    }

    var sizeBytes: Int { closed.reduce(0) { $0 + $1.column.sizeBytes } }

    /// Spreads a sample over the steps it covers. Nothing before an earlier sample's end may come.
    mutating func add(_ sample: HistorySample) {
        guard sample.to > sample.from else { return }
        let last = (sample.to.ns - 1) / stepNs
        // A stretch longer than the ring leaves only its end in it.
        let first = max(sample.from.ns / stepNs, last - min(last, UInt64(capacity)))
        var whole: HistoryColumn?
        var step = first
        while step <= last {
            let begin = max(step * stepNs, sample.from.ns)
            let end = min((step + 1) * stepNs, sample.to.ns)
            if openStep != step { close() }
            if openStep == nil, end - begin == stepNs {
                // The sample alone covers the step: all such steps share one column.
                let column = whole ?? Self.column(of: sample)
                whole = column
                append(step, column)
            } else {
                openStep = step
                accumulate(sample, seconds: Float(Double(end - begin) / 1e9))
                if end == (step + 1) * stepNs { close() }
            }
            step += 1
        }
    }

    /// The average of a step as `read` picks it from a column; NaN for a gap. `hint` is where the
    /// last call found its step.
    func column(at step: UInt64, hint: inout Int) -> HistoryColumn? {
        while hint < closed.count, closed[hint].step < step { hint += 1 }
        return hint < closed.count && closed[hint].step == step ? closed[hint].column : nil
    }

    /// The step being filled, where it is `step`.
    func isOpen(_ step: UInt64) -> Bool { openStep == step }
    func openFlow(_ i: Int) -> Float { flows.average(i) }
    func openTopic(_ i: Int) -> Float { topics.average(i) }
    func openGroup(_ i: Int) -> Float { groups.average(i) }
    func openPartition(_ key: PartitionKey) -> PartitionFlow? {
        partitions[key].map {
            PartitionFlow(records: $0.records.average(0), bytes: $0.bytes.average(0))
        }
    }

    private mutating func accumulate(_ sample: HistorySample, seconds: Float) {
        flows.add(sample.flows, seconds: seconds)
        topics.add(sample.topics, seconds: seconds)
        groups.add(sample.groups, seconds: seconds)
        for (key, flow) in sample.partitions {
            partitions[key, default: (Accumulator(), Accumulator())].records
                .add([flow.records], seconds: seconds)
            partitions[key, default: (Accumulator(), Accumulator())].bytes
                .add([flow.bytes], seconds: seconds)
        }
    }

    private mutating func close() {
        guard let step = openStep else { return }
        openStep = nil
        let column = HistoryColumn(
            flows: flows.averages, topics: topics.compactAverages, groups: groups.compactAverages,
            partitions: partitions.mapValues {
                PartitionFlow(records: $0.records.average(0), bytes: $0.bytes.average(0))
            })
        append(step, column)
        flows = Accumulator()
        topics = Accumulator()
        groups = Accumulator()
        partitions = [:]
    }

    private mutating func append(_ step: UInt64, _ column: HistoryColumn) {
        closed.append((step, column))
        let oldest = step >= UInt64(capacity) ? step - UInt64(capacity) + 1 : 0
        let gone = closed.prefix { $0.step < oldest }.count
        if gone > 0 { closed.removeFirst(gone) }
    }

    private static func column(of sample: HistorySample) -> HistoryColumn {
        HistoryColumn(
            flows: sample.flows, topics: sample.topics.map { CompactRate($0) },
            groups: sample.groups.map { CompactRate($0) }, partitions: sample.partitions)
    }
}
