// A finished plan: what moves, what it comes to for each broker, in which waves, how long.

/// A plan, beside the model it was made from.
package struct Plan: Sendable {
    /// What was asked for and is not in the plan.
    package struct Refusal: Sendable, Equatable {
        /// Nil where it is about no partition that there is.
        package var row: Int?
        /// The partition's, where the cluster has none by that name.
        package var name: (topic: String, partition: Int32)?
        /// Words without a full stop.
        package var reason: String

        package static func == (a: Refusal, b: Refusal) -> Bool {
            a.row == b.row && a.reason == b.reason && a.name?.topic == b.name?.topic
                && a.name?.partition == b.name?.partition
        }
    }

    /// What a plan comes to for one broker.
    package struct BrokerChange: Sendable, Equatable {
        package var replicasBefore = 0
        package var replicasAfter = 0
        package var bytesBefore: Int64 = 0
        package var bytesAfter: Int64 = 0
        package var leadersBefore = 0
        package var leadersAfter = 0
        /// Of the new replicas that it gets, and of those that it sends as their leader: followers
        /// copy from the leader, whoever gives a replica away.
        package var bytesIn: Int64 = 0
        package var bytesOut: Int64 = 0
        /// The most bytes of replicas that it holds at once: what leaves is deleted only when what
        /// comes in its place is there.
        package var diskPeak: Int64 = 0
    }

    package struct Totals: Sendable, Equatable {
        /// Partitions that are in the plan at all.
        package var partitions = 0
        /// New replicas.
        package var replicas = 0
        package var bytes: Int64 = 0
        /// Partitions that another broker will lead.
        package var leaders = 0
        /// Partitions whose replicas only change their order.
        package var reorders = 0
    }

    package let model: PlanningModel
    package let request: PlanRequest

    // One element a move, ordered by topic and partition.
    package internal(set) var rows: [Int32] = []
    /// `firstReplica[i] ..< firstReplica[i + 1]` of `replicas` are those after the move, in order.
    package internal(set) var firstReplica: [Int32] = [0]
    package internal(set) var replicas: [Int32] = []
    /// -1: nobody.
    package internal(set) var leaderAfter: [Int32] = []
    package internal(set) var bytes: [Int64] = []
    package internal(set) var reasons: [String] = []

    package internal(set) var totals = Totals()
    package internal(set) var minimum = Minimum()
    package internal(set) var brokers: [BrokerChange] = []
    /// Places of moves; those of one wave run together.
    package internal(set) var waves: [[Int32]] = []
    package internal(set) var eta = Eta()
    package internal(set) var refused: [Refusal] = []
    /// Sentences without a full stop.
    package internal(set) var warnings: [String] = []

    /// Makes the plan.
    package init(_ request: PlanRequest, for model: PlanningModel) throws(PlanningFault) {
        var maker = try PlanMaker(model, request)
        try maker.run()
        self.model = model
        self.request = request
        minimum = maker.minimum
        refused = maker.refused
        warnings = maker.warnings
        take(maker.placement)
        schedule()
    }

    package var isEmpty: Bool { rows.isEmpty }
    package var count: Int { rows.count }
    /// Nothing of what was asked for can be done.
    package var isRefused: Bool { isEmpty && !refused.isEmpty }

    package func replicas(of move: Int) -> ArraySlice<Int32> {
        replicas[Int(firstReplica[move])..<Int(firstReplica[move + 1])]
    }

    /// What is moved as a multiple of the least; nil where the least is nothing and more is moved.
    package var bytesRatio: Double? { ratio(Double(totals.bytes), Double(minimum.bytes)) }
    package var replicasRatio: Double? { ratio(Double(totals.replicas), Double(minimum.replicas)) }

    private func ratio(_ moved: Double, _ least: Double) -> Double? {
        if least > 0 { return moved / least }
        return moved == 0 ? 1 : nil
    }

    // MARK: Taking over

    private mutating func take(_ placement: Placement) {
        brokers = (0..<placement.brokers).map { broker in
            var change = BrokerChange()
            change.replicasAfter = Int(placement.replicas[broker])
            change.bytesAfter = placement.bytes[broker]
            return change
        }
        for row in 0..<placement.rows {
            let leader = model.leader[row]
            let after = placement.leaderAfter(row)
            if leader >= 0 { brokers[Int(leader)].leadersBefore += 1 }
            if after >= 0 { brokers[Int(after)].leadersAfter += 1 }
            for index in model.replicas(of: row) {
                brokers[Int(model.replica[index])].replicasBefore += 1
                brokers[Int(model.replica[index])].bytesBefore += model.replicaSize[index]
            }
            takeRow(row, placement, leader, after)
        }
        totals.partitions = rows.count
    }

    private mutating func takeRow(
        _ row: Int, _ placement: Placement, _ leader: Int32, _ after: Int32
    ) {
        let slots = placement.slots(row)
        let before = model.replicas(of: row)
        var isSame = slots.count == before.count && after == leader
        var added = 0
        for (slot, index) in zip(slots, before)
        where placement.replica[slot] != model.replica[index] { isSame = false }
        guard !isSame else { return }
        for slot in slots where placement.bytesBefore(row, on: placement.replica[slot]) == nil {
            added += 1
            brokers[Int(placement.replica[slot])].bytesIn += model.size[row]
        }
        let size = Int64(added) * model.size[row]
        if leader >= 0 { brokers[Int(leader)].bytesOut += size }
        totals.replicas += added
        totals.bytes += size
        if after != leader { totals.leaders += 1 }
        if added == 0, slots.count == before.count { totals.reorders += 1 }
        rows.append(Int32(row))
        for slot in slots { replicas.append(placement.replica[slot]) }
        firstReplica.append(Int32(replicas.count))
        leaderAfter.append(after)
        bytes.append(size)
        reasons.append(text(placement.reason[row], placement.reasonBroker[row]))
    }

    private func text(_ reason: MoveReason, _ broker: Int32) -> String {
        let id = broker >= 0 ? "broker \(model.brokers[Int(broker)].id)" : "a broker"
        switch reason {
        case .none: return "moved on the way of others"
        case .drain: return "drain \(id)"
        case .racks:
            let rack = broker >= 0 ? model.rackName(Int(model.rackOf[Int(broker)])) : "a rack"
            return "\(rack) holds more of it than must be"
        case .more: return "replicas are added"
        case .fewer: return "replicas are taken away"
        case .overBytes: return "\(id) holds too many bytes"
        case .overReplicas: return "\(id) holds too many replicas"
        case .underBytes: return "\(id) holds too few bytes"
        case .underReplicas: return "\(id) holds too few replicas"
        case .relieve: return "relieve \(id)"
        case .leaders: return "leaders are shared evenly"
        case .preferred: return "its first replica leads"
        case .asked: return "asked for"
        }
    }

    /// Tells two plans apart: it is over what would be done, and to which cluster.
    package var hash: String {
        var digest = PlanDigest(cluster: model.clusterID)
        let ids = model.brokers.map(\.id)
        for move in 0..<count {
            let row = Int(rows[move])
            digest.begin(model.topicName(row), model.partition[row])
            for index in model.replicas(of: row) { digest.add(ids[Int(model.replica[index])]) }
            digest.add(-1)
            for broker in replicas(of: move) { digest.add(ids[Int(broker)]) }
            digest.end(leaderAfter: leaderAfter[move] < 0 ? -1 : ids[Int(leaderAfter[move])])
        }
        return digest.text
    }
}
