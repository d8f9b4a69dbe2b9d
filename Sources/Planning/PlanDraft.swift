// A plan before its operator: the plan itself with what else they must see of it, from the cluster
// it was made from. Exclusions and tolerance make another draft.
package import ClusterModel

/// One draft: immutable, shared by every closure that draws or sorts.
package final class PlanDraft: Sendable {
    /// What the plan does to the partitions of one topic.
    package struct TopicShare: Sendable, Equatable {
        /// Its place in the model.
        package var topic: Int32
        package var partitions = 0
        package var replicas = 0
        package var leaders = 0
        package var bytes: Int64 = 0
    }

    /// What it does to the brokers of one rack together.
    package struct RackShare: Sendable, Equatable {
        package var brokers = 0
        package var change = Plan.BrokerChange()
    }

    /// One thing that was looked at before it may begin.
    package struct Check: Sendable, Equatable {
        package enum Verdict: Sendable { case good, warning, bad, unknown }
        package var verdict: Verdict
        /// A sentence without a full stop.
        package var text: String
    }

    package let plan: Plan
    package let hash: String
    /// Those of which the plan moves anything.
    package let topics: [TopicShare]
    /// By the model's racks.
    package let racks: [RackShare]
    /// By wave its bytes.
    package let waveBytes: [Int64]
    /// By wave the bytes of the broker that has most to take or to send in it.
    package let slowestBytes: [Int64]
    /// By place of a move its wave.
    package let waveOfMove: [Int32]
    /// What is written meanwhile to replicas that move at the same time, for the broker where it is
    /// most, in bytes a second: with less of a throttle these never catch up.
    package let leastThrottle: Double
    /// Partitions that are copied and of which it is not known what is written to them.
    package let unknownFlows: Int
    package let checks: [Check]
    /// Partitions of which no size is known: they count as empty.
    package var unknownSizes: Int { model.unknownSizes }
    package var request: PlanRequest { plan.request }
    package var model: PlanningModel { plan.model }

    package init(_ request: PlanRequest, _ cluster: Cluster) throws(PlanningFault) {
        guard cluster.knowsPartitions, cluster.clusterID != nil else {
            throw PlanningFault("who holds what is not known yet")
        }
        let model = try PlanningModel(cluster, takenAt: cluster.takenAtWall.iso8601)
        let plan = try Plan(request, for: model)
        self.plan = plan
        hash = plan.hash
        topics = Self.topics(plan)
        racks = Self.racks(plan)
        waveBytes = plan.waves.map { $0.reduce(0) { $0 + plan.bytes[Int($1)] } }
        slowestBytes = Self.slowest(plan)
        var waveOfMove = [Int32](repeating: 0, count: plan.count)
        for (wave, moves) in plan.waves.enumerated() {
            for move in moves { waveOfMove[Int(move)] = Int32(wave) }
        }
        self.waveOfMove = waveOfMove
        let rows = Self.rows(plan, cluster)
        (leastThrottle, unknownFlows) = Self.flow(plan, cluster, rows)
        checks = Self.checks(plan, cluster, rows)
    }

    /// The plan as it is carried out; nil for the throttle: none.
    package func file(throttle: Int64?) -> PlanFile { PlanFile(plan, throttle: throttle) }

    // MARK: Sums

    private static func topics(_ plan: Plan) -> [TopicShare] {
        var shares: [TopicShare] = []
        // Moves are in the order of topics.
        for move in 0..<plan.count {
            let row = Int(plan.rows[move])
            let topic = plan.model.topic[row]
            if shares.last?.topic != topic { shares.append(TopicShare(topic: topic)) }
            let last = shares.count - 1
            shares[last].partitions += 1
            shares[last].replicas += plan.added(move).count
            shares[last].bytes += plan.bytes[move]
            if plan.leaderAfter[move] != plan.model.leader[row] { shares[last].leaders += 1 }
        }
        return shares
    }

    private static func racks(_ plan: Plan) -> [RackShare] {
        var shares = [RackShare](repeating: RackShare(), count: plan.model.racks.count)
        for (place, change) in plan.brokers.enumerated() {
            let rack = Int(plan.model.rackOf[place])
            guard shares.indices.contains(rack) else { continue }
            shares[rack].brokers += 1
            shares[rack].change.add(change)
        }
        return shares
    }

    private static func slowest(_ plan: Plan) -> [Int64] {
        var incoming = [Int64](repeating: 0, count: plan.brokers.count)
        var outgoing = incoming
        return plan.waves.map { wave in
            var touched: Set<Int> = []
            for move in wave {
                let row = Int(plan.rows[Int(move)])
                for broker in plan.added(Int(move)) {
                    incoming[Int(broker)] += plan.model.size[row]
                    touched.insert(Int(broker))
                }
                let leader = Int(plan.model.leader[row])
                if leader >= 0 {
                    outgoing[leader] += plan.bytes[Int(move)]
                    touched.insert(leader)
                }
            }
            return touched.reduce(0) { most, broker in
                defer { (incoming[broker], outgoing[broker]) = (0, 0) }
                return max(most, incoming[broker], outgoing[broker])
            }
        }
    }

    /// By place of a move the row of the cluster's table; -1 where there is none.
    private static func rows(_ plan: Plan, _ cluster: Cluster) -> [Int] {
        var topic: (place: Int32, index: Int?) = (-1, nil)
        return (0..<plan.count).map { move in
            let row = Int(plan.rows[move])
            let place = plan.model.topic[row]
            if place != topic.place {
                topic = (place, cluster.topicIndex(named: plan.model.topics[Int(place)]))
            }
            guard let index = topic.index else { return -1 }
            return cluster.row(ofPartition: plan.model.partition[row], topicIndex: index) ?? -1
        }
    }

    private static func flow(
        _ plan: Plan, _ cluster: Cluster, _ rows: [Int]
    ) -> (least: Double, unknown: Int) {
        let rates = cluster.partitions.bytesPerSecond
        var (incoming, outgoing) = (
            [Double](repeating: 0, count: plan.brokers.count),
            [Double](repeating: 0, count: plan.brokers.count)
        )
        var (least, unknown) = (0.0, 0)
        for wave in plan.waves {
            var touched: Set<Int> = []
            for move in wave {
                let added = plan.added(Int(move))
                guard !added.isEmpty else { continue }
                let at = rows[Int(move)]
                guard at >= 0, at < rates.count, rates[at] >= 0 else {
                    unknown += 1
                    continue
                }
                let rate = Double(rates[at])
                for broker in added {
                    incoming[Int(broker)] += rate
                    touched.insert(Int(broker))
                }
                let leader = plan.model.leader[Int(plan.rows[Int(move)])]
                guard leader >= 0 else { continue }
                outgoing[Int(leader)] += rate * Double(added.count)
                touched.insert(Int(leader))
            }
            for broker in touched {
                least = max(least, incoming[broker], outgoing[broker])
                (incoming[broker], outgoing[broker]) = (0, 0)
            }
        }
        return (least, unknown)
    }
}

extension Plan {
    /// Places of the brokers that a move brings a replica to.
    package func added(_ move: Int) -> [Int32] {
        let before = model.replica[model.replicas(of: Int(rows[move]))]
        return replicas(of: move).filter { !before.contains($0) }
    }

    /// Places of the brokers that it takes a replica from.
    package func removed(_ move: Int) -> [Int32] {
        let after = replicas(of: move)
        return model.replica[model.replicas(of: Int(rows[move]))].filter { !after.contains($0) }
    }
}

extension Plan.BrokerChange {
    fileprivate mutating func add(_ other: Plan.BrokerChange) {
        replicasBefore += other.replicasBefore
        replicasAfter += other.replicasAfter
        bytesBefore += other.bytesBefore
        bytesAfter += other.bytesAfter
        leadersBefore += other.leadersBefore
        leadersAfter += other.leadersAfter
        bytesIn += other.bytesIn
        bytesOut += other.bytesOut
        diskPeak += other.diskPeak
    }
}

/// How much a plan moves at one tolerance.
package struct PlanCost: Sendable, Equatable {
    package var tolerance: Double
    package var bytes: Int64
    package var replicas: Int

    /// The tolerances that are shown beside each other.
    package static let tolerances = [0.01, 0.02, 0.05, 0.1]

    /// What the same request moves at another tolerance; nil where it cannot be planned.
    package init?(_ request: PlanRequest, at tolerance: Double, for model: PlanningModel) {
        var request = request
        request.tolerance = tolerance
        guard let plan = try? Plan(request, for: model) else { return nil }
        self.tolerance = tolerance
        (bytes, replicas) = (plan.totals.bytes, plan.totals.replicas)
    }
}

/// What comes back to who asked for a plan.
package enum PlanAnswer: Sendable {
    case draft(PlanDraft)
    /// Nothing can be planned: why, without a full stop.
    case fault(PlanRequest, String)
    /// What the request moves at other tolerances.
    case costs(PlanRequest, [PlanCost])

    package var request: PlanRequest {
        switch self {
        case .draft(let draft): draft.request
        case .fault(let request, _), .costs(let request, _): request
        }
    }
}

extension PlanRequest {
    /// How much it moves depends on its tolerance.
    package var hasTolerance: Bool { kind == .balance || kind == .fill }

    /// "drain broker 3", "balance leaders".
    package var title: String {
        let ids = brokers.prefix(Limits.namedInSentence).map(String.init).joined(separator: ", ")
        let more = brokers.count > Limits.namedInSentence ? ", …" : ""
        let names = (brokers.count == 1 ? "broker " : "brokers ") + ids + more
        switch kind {
        case .drain, .fill, .relieve: return "\(kind.rawValue) \(names)"
        case .balance: return "balance replicas, bytes and leaders"
        case .leaders: return "balance leaders"
        case .elect: return "elect preferred leaders"
        case .racks: return "repair racks"
        case .replication: return "replication factor \(factor ?? 0)"
        case .move: return "move \(counted(moves.count, "partition"))"
        case .import: return "reassignment of \(counted(moves.count, "partition"))"
        }
    }
}
