// All that can be done on tiny clusters, tried one by one: no plan moves more than the best of
// them, and no bound is above it.
import Simulation
import Testing

@testable import Planning

/// Every assignment of a tiny cluster that keeps racks as good and uses live brokers.
private struct EveryAssignment {
    let model: PlanningModel
    /// By row all sets of brokers it may be on.
    let choices: [[[Int32]]]

    init(_ model: PlanningModel, factor: Int? = nil) {
        self.model = model
        choices = (0..<model.count).map { row in
            let before = Array(model.replica[model.replicas(of: row)])
            return Self.sets(Int32(model.brokers.count), factor ?? before.count).filter { set in
                set.allSatisfy {
                    before.contains($0) || model.brokers[Int($0)].fitness.receives
                } && Self.isNoWorse(model, before, set)
            }
        }
    }

    private static func sets(_ brokers: Int32, _ count: Int) -> [[Int32]] {
        if count == 0 { return [[]] }
        return sets(brokers, count - 1).flatMap { set in
            ((set.last ?? -1) + 1..<brokers).map { set + [$0] }
        }
    }

    static func isNoWorse(_ model: PlanningModel, _ before: [Int32], _ now: [Int32]) -> Bool {
        func counts(_ set: [Int32]) -> [Int] {
            model.racks.indices.map { rack in set.count { model.rackOf[Int($0)] == Int32(rack) } }
                .sorted(by: >)
        }
        // No sum of the fullest racks grows.
        var (was, has) = (0, 0)
        for (a, b) in zip(counts(before), counts(now)) {
            (was, has) = (was + a, has + b)
            if has > was { return false }
        }
        return true
    }

    /// The least bytes and the fewest replicas with which `isGood` holds; nil where nothing is.
    func least(_ isGood: ([[Int32]]) -> Bool) -> (bytes: Int64, replicas: Int)? {
        var best: (bytes: Int64, replicas: Int)?
        var chosen = [[Int32]](repeating: [], count: model.count)
        func visit(_ row: Int, _ bytes: Int64, _ replicas: Int) {
            if let best, bytes >= best.bytes, replicas >= best.replicas { return }
            if row == model.count {
                guard isGood(chosen) else { return }
                best = (min(best?.bytes ?? .max, bytes), min(best?.replicas ?? .max, replicas))
                return
            }
            let before = model.replica[model.replicas(of: row)]
            for set in choices[row] {
                let new = set.count { !before.contains($0) }
                chosen[row] = set
                visit(row + 1, bytes + Int64(new) * model.size[row], replicas + new)
            }
        }
        visit(0, 0, 0)
        return best
    }
}

@Suite struct TinyPlanTests {
    private func model(_ seed: UInt64) throws -> PlanningModel {
        var chance = SeededGenerator(seed: seed)
        let shapes: [[Int]] = [[2, 2], [3], [1, 1, 2], [2, 1], [1, 2, 2]]
        var shape = ClusterShape(
            racks: shapes[Int(chance.next() % UInt64(shapes.count))],
            partitions: 3 + Int(chance.next() % 2), factors: [1, 2], largest: 20)
        shape.ignoresRacks = chance.unit() < 0.3
        return try RandomSnapshot(shape, seed: seed).model()
    }

    @Test(arguments: 0..<UInt64(16))
    func drainsMoveTheLeast(_ seed: UInt64) throws {
        let model = try model(seed)
        let drained = Int32(model.brokers.count - 1)
        var request = PlanRequest(.drain)
        request.brokers = [model.brokers[Int(drained)].id]
        let plan = try Plan(request, for: model)
        let best = EveryAssignment(model).least { $0.allSatisfy { !$0.contains(drained) } }
        if let best {
            #expect(plan.refused.isEmpty, "\(plan.refused)")
            #expect(plan.totals.bytes == best.bytes && plan.totals.replicas == best.replicas)
        } else {
            #expect(!plan.refused.isEmpty)
        }
    }

    @Test(arguments: 0..<UInt64(16))
    func rackRepairsMoveTheLeast(_ seed: UInt64) throws {
        let model = try model(seed)
        let plan = try Plan(PlanRequest(.racks), for: model)
        let racks = model.racks.count
        let best = EveryAssignment(model).least { sets in
            sets.allSatisfy { set in
                let most =
                    (0..<racks).map { rack in
                        set.count { model.rackOf[Int($0)] == Int32(rack) }
                    }.max() ?? 0
                // Small racks hold no more than their brokers.
                var needed = 1
                let sizes = (0..<racks).map { rack in model.rackOf.count { $0 == Int32(rack) } }
                while sizes.reduce(0, { $0 + min($1, needed) }) < set.count { needed += 1 }
                return most <= needed
            }
        }
        let found = try #require(best)
        #expect(plan.refused.isEmpty)
        #expect(plan.totals.bytes == found.bytes && plan.totals.replicas == found.replicas)
    }

    /// The proven least of a balance is never above the best that there is.
    @Test(arguments: 0..<UInt64(16))
    func boundsAreBounds(_ seed: UInt64) throws {
        let model = try model(seed)
        for tolerance in [0.1, 0.3] {
            var request = PlanRequest(.balance)
            request.tolerance = tolerance
            let plan = try Plan(request, for: model)
            let scope = [Bool](repeating: true, count: model.topics.count)
            let bands = Bands(Placement(model, isInScope: scope), tolerance: tolerance)
            let best = EveryAssignment(model).least { sets in
                var replicas = [Int32](repeating: 0, count: model.brokers.count)
                var bytes = [Int64](repeating: 0, count: model.brokers.count)
                for (row, set) in sets.enumerated() {
                    for broker in set {
                        replicas[Int(broker)] += 1
                        bytes[Int(broker)] += model.size[row]
                    }
                }
                return replicas.indices.allSatisfy {
                    replicas[$0] >= bands.leastReplicas[$0]
                        && replicas[$0] <= bands.mostReplicas[$0]
                        && bytes[$0] >= bands.leastBytes[$0] && bytes[$0] <= bands.mostBytes[$0]
                }
            }
            guard let best else { continue }
            #expect(plan.minimum.bytes <= best.bytes, "\(plan.minimum) \(best)")
            #expect(plan.minimum.replicas <= best.replicas, "\(plan.minimum) \(best)")
        }
    }

    /// All choices of leaders: the plan's are as even as any, with as few changes.
    @Test(arguments: 0..<UInt64(16))
    func leadersAreTheBest(_ seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let brokers = 3 + Int(chance.next() % 3)
        let shape = ClusterShape(
            racks: [brokers], partitions: 4 + Int(chance.next() % 4),
            factors: chance.unit() < 0.5 ? [2] : [1, 2, 3], skew: 1)
        let model = try RandomSnapshot(shape, seed: seed).model()
        var best: (loads: [Int], changes: Int)?
        var loads = [Int](repeating: 0, count: brokers)
        func visit(_ row: Int, _ changes: Int) {
            if row == model.count {
                // Fullest first: the smaller list is the more even one.
                let now = (loads.sorted(by: >), changes)
                if let known = best {
                    let isBetter =
                        now.0.lexicographicallyPrecedes(known.loads)
                        || now.0 == known.loads && changes < known.changes
                    if isBetter { best = now }
                } else {
                    best = now
                }
                return
            }
            for index in model.replicas(of: row) {
                loads[Int(model.replica[index])] += 1
                visit(row + 1, changes + (model.replica[index] == model.leader[row] ? 0 : 1))
                loads[Int(model.replica[index])] -= 1
            }
        }
        visit(0, 0)
        let plan = try Plan(PlanRequest(.leaders), for: model)
        let found = try #require(best)
        #expect(plan.brokers.map(\.leadersAfter).sorted(by: >) == found.loads, "seed \(seed)")
        #expect(plan.totals.leaders == found.changes, "seed \(seed)")
    }
}
