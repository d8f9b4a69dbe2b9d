// Snapshots of clusters that chance made, as the documents that `highwater plan --from` reads.
import JSON
import Planning
import Simulation
import Testing

/// What chance may choose from.
struct ClusterShape {
    /// Brokers of each rack.
    var racks = [3, 3, 3]
    /// Of the last brokers, how many hold nothing.
    var empty = 0
    var partitions = 90
    var factors = [3]
    /// Share of replicas that are not in sync, of partitions that move, of brokers that are dead.
    var outOfSync = 0.0
    var moving = 0.0
    var dead = 0
    /// How much likelier some brokers are than others.
    var skew = 0.0
    /// Of a volume; 0: none is told.
    var capacity: Int64 = 0
    var largest: Int64 = 1_000_000
    /// Replicas stand in racks as they come, instead of spread.
    var ignoresRacks = false
}

/// A snapshot's text; the same for the same seed.
struct RandomSnapshot {
    var brokers: [String] = []
    var partitions: [String] = []
    var dirs: [String] = []

    init(_ shape: ClusterShape, seed: UInt64) {
        var chance = SeededGenerator(seed: seed)
        var rackOf: [Int] = []
        for (rack, count) in shape.racks.enumerated() {
            rackOf += [Int](repeating: rack, count: count)
        }
        let ids = Array(1...rackOf.count)
        let dead = Set(ids.prefix(shape.dead))
        let used = ids.dropLast(shape.empty)
        let weight = ids.map { _ in shape.skew == 0 ? 1 : 1 + shape.skew * chance.unit() * 4 }
        for id in ids {
            let rack = shape.racks.count == 1 ? "null" : "\"r\(rackOf[id - 1])\""
            let state = dead.contains(id) ? "missing" : "answering"
            brokers.append(#"{"id":\#(id),"rack":\#(rack),"state":"\#(state)"}"#)
            if shape.capacity > 0 {
                dirs.append(
                    #"{"broker":\#(id),"path":"/d","total_bytes":\#(shape.capacity),"#
                        + #""usable_bytes":\#(shape.capacity / 2)}"#)
            }
        }
        for number in 0..<shape.partitions {
            let topic = "t\(number / 7)"
            let factor = shape.factors[Int(chance.next() % UInt64(shape.factors.count))]
            let replicas = Self.replicas(
                factor, Array(used), rackOf, weight, shape.ignoresRacks, &chance)
            let inSync = replicas.filter {
                !dead.contains($0) && chance.unit() >= shape.outOfSync
            }
            let unit = chance.unit()
            let size = Int64(unit * unit * unit * Double(shape.largest))
            add(topic, number % 7, replicas, inSync, size, shape, Array(used), &chance)
        }
    }

    private mutating func add(
        _ topic: String, _ number: Int, _ replicas: [Int], _ inSync: [Int], _ size: Int64,
        _ shape: ClusterShape, _ used: [Int], _ chance: inout SeededGenerator
    ) {
        var all = replicas
        var (adding, removing): ([Int], [Int]) = ([], [])
        if chance.unit() < shape.moving, let other = used.first(where: { !replicas.contains($0) }) {
            all.append(replicas[0])
            all[0] = other
            (adding, removing) = ([other], [replicas[0]])
        }
        func list(_ ids: [Int]) -> String { ids.map(String.init).joined(separator: ",") }
        let leader = inSync.first.map(String.init) ?? "null"
        let states = all.map { #"{"broker":\#($0),"size_bytes":\#(size)}"# }
        partitions.append(
            #"{"topic":"\#(topic)","partition":\#(number),"leader":\#(leader),"#
                + #""replicas":[\#(list(all))],"isr":[\#(list(inSync))],"#
                + #""adding_replicas":[\#(list(adding))],"removing_replicas":[\#(list(removing))],"#
                + #""replica_states":[\#(states.joined(separator: ","))]}"#)
    }

    private static func replicas(
        _ factor: Int, _ used: [Int], _ rackOf: [Int], _ weight: [Double], _ ignoresRacks: Bool,
        _ chance: inout SeededGenerator
    ) -> [Int] {
        var result: [Int] = []
        while result.count < min(factor, used.count) {
            var counts: [Int: Int] = [:]
            for id in result { counts[rackOf[id - 1], default: 0] += 1 }
            let open = used.filter { !result.contains($0) }
            let fewest = open.map { counts[rackOf[$0 - 1]] ?? 0 }.min() ?? 0
            let fit =
                ignoresRacks
                ? open : open.filter { (counts[rackOf[$0 - 1]] ?? 0) == fewest }
            var at = chance.unit() * fit.reduce(0) { $0 + weight[$1 - 1] }
            var chosen = fit[fit.count - 1]
            for id in fit {
                at -= weight[id - 1]
                if at < 0 {
                    chosen = id
                    break
                }
            }
            result.append(chosen)
        }
        return result
    }

    /// The document; `isTurned` lists everything the other way round.
    func text(isTurned: Bool = false) -> String {
        let brokers = isTurned ? Array(brokers.reversed()) : brokers
        let partitions = isTurned ? Array(partitions.reversed()) : partitions
        return #"{"schema":"highwater.snapshot","schema_version":"1.1","cluster_id":"c1","#
            + #""taken_at":"2026-11-30T12:00:00.000Z","complete":true,"#
            + "\"brokers\":[\(brokers.joined(separator: ","))],"
            + "\"log_dirs\":[\(dirs.joined(separator: ","))],"
            + "\"partitions\":[\(partitions.joined(separator: ","))]}"
    }

    func model(isTurned: Bool = false) throws -> PlanningModel {
        try planningModel(text(isTurned: isTurned))
    }
}

func planningModel(_ text: String) throws -> PlanningModel {
    var reader = JSONReader(text)
    return try PlanningSnapshot(&reader).model
}

extension Plan {
    /// The plan as its document says it.
    func document() throws -> JSONValue {
        var bytes: [UInt8] = []
        try PlanDocument(self, toolVersion: "test", planningMs: 1).write { bytes += $0 }
        return try JSONValue(parsing: bytes)
    }
}
