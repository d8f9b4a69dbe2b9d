// Plans of every kind on clusters that chance made, judged by their documents alone.
import JSON
import Planning
import Simulation
import Testing

/// Requests of every kind that make sense on a cluster of so many brokers.
private func requests(_ brokers: Int, _ shape: ClusterShape) -> [PlanRequest] {
    var requests = [PlanRequest.Kind.balance, .leaders, .elect, .racks].map { PlanRequest($0) }
    var request = PlanRequest(.drain)
    request.brokers = [Int32(brokers - 1), Int32(brokers)]
    requests.append(request)
    request = PlanRequest(.fill)
    request.brokers = [Int32(brokers)]
    requests.append(request)
    for factor in [1, 2, 3] {
        request = PlanRequest(.replication)
        request.factor = factor
        requests.append(request)
    }
    request = PlanRequest(.relieve)
    request.brokers = [Int32(brokers)]
    request.level = .bytes(1_000_000)
    requests.append(request)
    request = PlanRequest(.balance)
    request.topics = ["t1*"]
    request.excludedTopics = ["t11"]
    request.excludedBrokers = [2]
    requests.append(request)
    return requests
}

private let shapes: [ClusterShape] = [
    ClusterShape(),
    ClusterShape(racks: [4, 4, 4], empty: 2, skew: 0.8),
    ClusterShape(racks: [2, 5, 3], factors: [1, 2, 3], skew: 0.5),
    ClusterShape(racks: [9], partitions: 70, factors: [2, 3], skew: 0.7),
    ClusterShape(racks: [3, 3], factors: [3], outOfSync: 0.1, moving: 0.05, dead: 1),
    ClusterShape(racks: [2, 2, 2, 2, 2], factors: [2, 3], skew: 0.5, ignoresRacks: true),
    ClusterShape(racks: [3, 3, 3], partitions: 40, capacity: 60_000_000),
]

@Suite struct PlanPropertyTests {
    @Test(arguments: 0..<shapes.count, 0..<UInt64(3))
    func documentsAgree(_ index: Int, _ seed: UInt64) throws {
        let shape = shapes[index]
        let snapshot = RandomSnapshot(shape, seed: seed)
        let model = try snapshot.model()
        let turned = try snapshot.model(isTurned: true)
        let facts = try JSONValue(parsing: snapshot.text())
        for request in requests(shape.racks.reduce(0, +), shape) {
            let plan = try Plan(request, for: model)
            let document = try plan.document()
            let faults = PlanEvaluator(snapshot: facts, plan: document).faults
            let name = "\(request.kind) of shape \(index), seed \(seed)"
            #expect(faults.isEmpty, "\(name): \(faults.prefix(3))")
            // The order in which things are listed makes no difference.
            let isSame = try Plan(request, for: turned).document() == document
            #expect(isSame, "\(name): turned")
            // What is done need not be done again.
            let again = try Plan(request, for: model.applying(plan))
            let isDone = again.isEmpty
            #expect(isDone, "\(name): again \(again.totals)")
            #expect(plan.totals.replicas >= 0 && plan.minimum.replicas >= 0)
        }
    }

    @Test(arguments: 0..<UInt64(6))
    func forcedMovesAreTheLeast(_ seed: UInt64) throws {
        for shape in shapes {
            let model = try RandomSnapshot(shape, seed: seed).model()
            let brokers = Int32(shape.racks.reduce(0, +))
            var drain = PlanRequest(.drain)
            drain.brokers = [brokers]
            var more = PlanRequest(.replication)
            more.factor = 3
            for request in [drain, more, PlanRequest(.racks)] {
                let plan = try Plan(request, for: model)
                #expect(plan.totals.bytes == plan.minimum.bytes, "\(request.kind), seed \(seed)")
                #expect(plan.totals.replicas == plan.minimum.replicas)
            }
            // The same recomputed: every replica there, except what is refused.
            let plan = try Plan(drain, for: model)
            let refused = Set(plan.refused.compactMap(\.row))
            let place = try #require(model.brokerIndex(brokers))
            var bytes: Int64 = 0
            for row in 0..<model.count
            where model.replica[model.replicas(of: row)].contains(place)
                && !refused.contains(row)
            {
                bytes += model.size[row]
            }
            #expect(plan.totals.bytes == bytes)
            #expect(plan.brokers[Int(place)].replicasAfter == refused.count)
        }
    }

    /// Empty partitions count too: a real cluster of 410, 30 of them written, was left with 272,
    /// 398 and 150 replicas.
    @Test func fewerReplicasStayEven() throws {
        let partitions = (0..<120).map { row in
            let first = row % 3
            let replicas = (0..<3).map { (first + $0) % 3 + 1 }
            let size = row < 9 ? 1_000_000 : 0
            let states = replicas.map { #"{"broker":\#($0),"size_bytes":\#(size)}"# }
            return #"{"topic":"t","partition":\#(row),"leader":\#(replicas[0]),"replicas":"#
                + #"\#(replicas),"isr":\#(replicas),"replica_states":["#
                + states.joined(separator: ",") + "]}"
        }
        let brokers = (1...3).map { #"{"id":\#($0),"rack":"\#($0)","state":"answering"}"# }
        let text =
            #"{"schema":"highwater.snapshot","schema_version":"1.1","brokers":["#
            + brokers.joined(separator: ",") + #"],"partitions":["#
            + partitions.joined(separator: ",") + "]}"
        var request = PlanRequest(.replication)
        request.factor = 2
        let plan = try Plan(request, for: planningModel(text))
        #expect(plan.count == 120 && plan.totals.replicas == 0)
        #expect(plan.brokers.map(\.replicasAfter).allSatisfy { (79...81).contains($0) })
        // Within one partition of each other.
        #expect(
            plan.brokers.map(\.bytesAfter).allSatisfy { (5_000_000...7_000_000).contains($0) })
    }

    @Test(arguments: 0..<UInt64(6))
    func leadersAreExact(_ seed: UInt64) throws {
        let shape = ClusterShape(racks: [3, 3, 3], partitions: 203, skew: 0.6)
        let snapshot = RandomSnapshot(shape, seed: seed)
        let plan = try Plan(PlanRequest(.leaders), for: snapshot.model())
        let leads = PlanEvaluator(
            snapshot: try JSONValue(parsing: snapshot.text()), plan: try plan.document()
        ).leads.values
        #expect(leads.max() == 23 && leads.min() == 22, "\(leads)")
        #expect(plan.totals.leaders == plan.minimum.leaders)
        #expect(plan.totals.bytes == 0)
    }

    /// Fill and balance on clusters of ordinary sizes.
    @Test(arguments: 0..<UInt64(3))
    func balancesComeCloseToTheLeast(_ seed: UInt64) throws {
        let shape = ClusterShape(
            racks: [6, 6, 6], empty: 3, partitions: 2_000, largest: 10_000_000)
        let model = try RandomSnapshot(shape, seed: seed).model()
        var fill = PlanRequest(.fill)
        fill.brokers = [16, 17, 18]
        let filled = try Plan(fill, for: model)
        #expect(try #require(filled.bytesRatio) <= 1.02, "\(filled.totals) \(filled.minimum)")
        #expect(try #require(filled.replicasRatio) <= 1.05)
        let plan = try Plan(PlanRequest(.balance), for: model)
        #expect(try #require(plan.bytesRatio) <= 1.02, "\(plan.totals) \(plan.minimum)")
        #expect(try #require(plan.replicasRatio) <= 1.05)
        #expect(!plan.warnings.contains { $0.contains("cannot be brought") }, "\(plan.warnings)")
    }
}
