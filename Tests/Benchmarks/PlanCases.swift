// Plans of the clusters of all sizes that there are: bytes and replicas beside the proven least,
// time and memory.
import Glibc
import JSON
import Planning
import Simulation

/// One cluster as chance makes it: topics of few and of many partitions, small and large.
private struct PlanCluster {
    /// Brokers of each rack.
    var racks: [Int]
    var partitions: Int
    var factors = [3]
    /// Of the last brokers, how many hold nothing.
    var empty = 0
    /// How unevenly brokers are chosen: the spread of the logarithm of their weights.
    var skew = 0.0
    var leaders = Leaders.first
    var seed: UInt64 = 1

    enum Leaders {
        case first
        /// The replica with the lowest id leads.
        case lowest
        /// Fifty brokers were restarted: others lead for them.
        case bounced
    }

    /// A snapshot of it, and the model that is read of it.
    func model(_ report: inout Report, _ name: String) throws -> PlanningModel {
        let text = text()
        var at = 0
        var reader = JSONReader(pieces: {
            defer { at = min(text.count, at + 262_144) }
            return Array(text[at..<min(text.count, at + 262_144)])
        })
        let (spent, model) = try cost { try PlanningSnapshot(&reader).model }
        if partitions >= PlanBudget.largePartitions {
            report.time("\(name), snapshot read", spent.seconds)
        }
        return model
    }

    private func text() -> [UInt8] {
        var chance = SeededGenerator(seed: seed)
        var members = racks.map { _ in [Int]() }
        var rackOf: [Int] = []
        var left = racks
        while rackOf.count < racks.reduce(0, +) {
            for rack in racks.indices where left[rack] > 0 {
                left[rack] -= 1
                rackOf.append(rack)
                if rackOf.count <= racks.reduce(0, +) - empty { members[rack].append(rackOf.count) }
            }
        }
        var bytes: [UInt8] = []
        func write(_ text: String) { bytes.append(contentsOf: text.utf8) }
        write(#"{"schema":"highwater.snapshot","schema_version":"1.1","brokers":["#)
        for (place, rack) in rackOf.enumerated() {
            let name = racks.count == 1 ? "null" : "\"r\(rack)\""
            write(place == 0 ? "" : ",")
            write(#"{"id":\#(place + 1),"rack":\#(name),"state":"answering"}"#)
        }
        write(#"],"partitions":["#)
        let chooser = Chooser(members, skew, &chance)
        var number = 0
        var topic = 0
        while number < partitions {
            // Most topics are narrow, a few have up to 2,000 partitions.
            let width = max(1, Int(pow(1 - chance.unit() * 0.995, -1 / 0.7)))
            let mean = 1e9 * exp(1.5 * chance.normal())
            let factor = factors[Int(chance.next() % UInt64(factors.count))]
            for partition in 0..<min(width, partitions - number) {
                let spread = exp(chance.normal() / 2)
                let size = topic % 20 == 7 ? chance.unit() * 1_000 : mean * spread
                let replicas = chooser.replicas(factor, &chance)
                write(number == 0 ? "" : ",")
                write(record(topic, partition, replicas, Int64(min(size, 1e13))))
                number += 1
            }
            topic += 1
        }
        write("]}")
        return bytes
    }

    private func record(
        _ topic: Int, _ partition: Int, _ replicas: [Int], _ size: Int64
    ) -> String {
        let leader =
            switch leaders {
            case .first: replicas[0]
            case .lowest: replicas.min() ?? 1
            case .bounced: replicas.first { $0 > 50 } ?? replicas[0]
            }
        let list = replicas.map(String.init).joined(separator: ",")
        let states = replicas.map { #"{"broker":\#($0),"size_bytes":\#(size)}"# }
        return #"{"topic":"topic-\#(topic)","partition":\#(partition),"leader":\#(leader),"#
            + #""replicas":[\#(list)],"isr":[\#(list)],"#
            + #""replica_states":[\#(states.joined(separator: ","))]}"#
    }
}

/// Chooses brokers by weights, in racks that differ as long as there are any.
private struct Chooser {
    private let members: [[Int]]
    /// By rack the sums of the weights so far.
    private let sums: [[Double]]

    init(_ members: [[Int]], _ skew: Double, _ chance: inout SeededGenerator) {
        self.members = members
        var sums: [[Double]] = []
        for rack in members {
            var sum = 0.0
            var list: [Double] = []
            for _ in rack {
                sum += skew == 0 ? 1 : exp(skew * chance.normal())
                list.append(sum)
            }
            sums.append(list)
        }
        self.sums = sums
    }

    func replicas(_ count: Int, _ chance: inout SeededGenerator) -> [Int] {
        var replicas: [Int] = []
        var open = members.indices.filter { !members[$0].isEmpty }
        while replicas.count < count {
            if open.isEmpty { open = members.indices.filter { !members[$0].isEmpty } }
            var at = chance.unit() * open.reduce(0) { $0 + (sums[$1].last ?? 0) }
            var place = open.count - 1
            for (index, rack) in open.enumerated() {
                at -= sums[rack].last ?? 0
                if at < 0 {
                    place = index
                    break
                }
            }
            let rack = members.count == 1 ? 0 : open.remove(at: place)
            var broker: Int
            repeat {
                let wanted = chance.unit() * (sums[rack].last ?? 0)
                broker = members[rack][sums[rack].firstIndex { $0 > wanted } ?? 0]
            } while replicas.contains(broker)
            replicas.append(broker)
        }
        return replicas
    }
}

extension SeededGenerator {
    /// Of the normal distribution.
    fileprivate mutating func normal() -> Double {
        (-2 * log(max(1e-300, unit()))).squareRoot() * cos(2 * .pi * unit())
    }
}

/// What plans may cost and move.
private enum PlanBudget {
    static let seconds = 0.5
    static let resident = 300.0 * 1_048_576
    static let bytesRatio = 1.01
    static let replicasRatio = 1.05
    static let largePartitions = 200_000
}

/// Makes the plan some times and reports what it costs and moves.
private func measure(
    _ report: inout Report, _ name: String, _ request: PlanRequest, _ model: PlanningModel,
    isForced: Bool = false
) throws {
    let spent = try best(of: 3) { try Plan(request, for: model) }
    let plan = try Plan(request, for: model)
    report.time("\(name), planning", spent.seconds, budget: PlanBudget.seconds)
    report.number("\(name), new replicas", Double(plan.totals.replicas))
    report.number(
        "\(name), bytes / least", plan.bytesRatio ?? 1,
        budget: isForced ? 1 : PlanBudget.bytesRatio)
    report.number(
        "\(name), replicas / least", plan.replicasRatio ?? 1,
        budget: isForced ? 1 : PlanBudget.replicasRatio)
    guard request.kind == .leaders else { return }
    let leads = plan.brokers.map(\.leadersAfter)
    report.number("\(name), leaders changed", Double(plan.totals.leaders))
    report.number(
        "\(name), leaders of brokers, most - least",
        Double((leads.max() ?? 0) - (leads.min() ?? 0)))
}

private func request(
    _ kind: PlanRequest.Kind, _ brokers: [Int32] = [], _ tolerance: Double = 0.05
) -> PlanRequest {
    var request = PlanRequest(kind)
    (request.brokers, request.tolerance) = (brokers, tolerance)
    return request
}

/// Plans of each kind, from 6 to 1,000 brokers.
func plans(_ report: inout Report) throws {
    var model = try PlanCluster(racks: [2, 2, 2], partitions: 300).model(&report, "S1")
    try measure(&report, "S1 6 brokers, drain", request(.drain, [3]), model, isForced: true)
    try measure(&report, "S1 6 brokers, balance", request(.balance), model)
    model = try PlanCluster(racks: [5, 5, 5], partitions: 2_000, empty: 3).model(&report, "S2")
    try measure(&report, "S2 15 brokers, fill 3", request(.fill, [13, 14, 15]), model)
    model = try PlanCluster(racks: [5, 10, 15], partitions: 20_000).model(&report, "S4")
    try measure(&report, "S4 30 brokers, unequal racks, balance", request(.balance), model)
    model = try PlanCluster(
        racks: [Int](repeating: 10, count: 10), partitions: 30_000, skew: 0.5
    ).model(&report, "S5")
    try measure(&report, "S5 100 brokers, skewed, balance", request(.balance), model)
    var more = request(.replication)
    more.factor = 3
    model = try PlanCluster(
        racks: [Int](repeating: 20, count: 5), partitions: 30_000, factors: [2]
    ).model(&report, "S7")
    try measure(&report, "S7 100 brokers, replication 3", more, model, isForced: true)
    try measureLarge(&report)
    report.bytes(
        "plans, resident at most", UInt64(peakResidentBytes()), budget: PlanBudget.resident,
        isExact: false)
}

private func measureLarge(_ report: inout Report) throws {
    let three = [334, 333, 333]
    let ten = [Int](repeating: 100, count: 10)
    let filled = (901...1_000).map(Int32.init)
    for (name, racks) in [("S9 3 racks", three), ("S10 10 racks", ten)] {
        let model = try PlanCluster(racks: racks, partitions: 200_000, empty: 100)
            .model(&report, name)
        try measure(&report, "\(name), fill 100 within 2 %", request(.fill, filled, 0.02), model)
    }
    var model = try PlanCluster(racks: three, partitions: 200_000, seed: 2).model(&report, "S11")
    try measure(
        &report, "S11 drain 10", request(.drain, (1...10).map(Int32.init), 0.05), model,
        isForced: true)
    let fifty = stride(from: 1, to: 150, by: 3).map(Int32.init)
    try measure(
        &report, "S11 drain 50 of a rack", request(.drain, fifty, 0.05), model, isForced: true)
    try measure(&report, "S11 balance", request(.balance, [], 0.05), model)
    try measure(&report, "S14 random, leaders", request(.leaders, [], 0.05), model, isForced: true)
    model = try PlanCluster(
        racks: [50, 100, 150, 200, 250, 250], partitions: 200_000
    ).model(&report, "S12")
    try measure(&report, "S12 six unequal racks, balance", request(.balance, [], 0.05), model)
    model = try PlanCluster(racks: ten, partitions: 200_000, skew: 0.35).model(&report, "S13")
    try measure(&report, "S13 skewed, 10 racks, balance", request(.balance, [], 0.05), model)
    for (name, leaders) in [("lowest id", PlanCluster.Leaders.lowest), ("bounced", .bounced)] {
        model = try PlanCluster(racks: three, partitions: 200_000, leaders: leaders)
            .model(&report, "S14 \(name)")
        try measure(
            &report, "S14 \(name), leaders", request(.leaders, [], 0.05), model, isForced: true)
    }
    model = try PlanCluster(racks: ten, partitions: 200_000, factors: [2], seed: 3)
        .model(&report, "S7 large")
    var more = request(.replication, [], 0.05)
    more.factor = 3
    try measure(&report, "S7 1,000 brokers, replication 3", more, model, isForced: true)
}

/// What this process has held in memory at most.
private func peakResidentBytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(0), &usage)
    return usage.ru_maxrss * 1_024
}
