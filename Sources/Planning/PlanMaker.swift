// From a request and a model to a plan: who may be touched, the planner of the kind, and what is
// said about the result.
internal import ClusterModel

/// A plan in the making.
struct PlanMaker {
    let model: PlanningModel
    let request: PlanRequest
    let placement: Placement
    private let scope: [Bool]
    /// Rows that are left as they are.
    private let pinned: Set<Int>
    var minimum = Minimum()
    var refused: [Plan.Refusal] = []
    var warnings: [String] = []

    var tolerance: Double { request.tolerance }

    init(_ model: PlanningModel, _ request: PlanRequest) throws(PlanningFault) {
        self.model = model
        self.request = request
        for id in request.brokers + request.excludedBrokers where model.brokerIndex(id) == nil {
            throw PlanningFault("there is no broker \(id)")
        }
        scope = try Self.scope(model, request)
        pinned = Set(
            request.excludedPartitions.compactMap {
                model.row(topic: $0.topic, partition: $0.partition)
            })
        var refusing = Set(request.excludedBrokers)
        if request.kind == .drain || request.kind == .relieve {
            refusing.formUnion(request.brokers)
        }
        let asked = request.moves.map { $0.replicas.count + $0.coming.count + $0.leaving.count }
        placement = Placement(
            model,
            mostReplicas: min(Limits.replicasOfRow, max(request.factor ?? 0, asked.max() ?? 0)),
            refusing: refusing, isInScope: scope, pinned: pinned)
    }

    private static func scope(
        _ model: PlanningModel, _ request: PlanRequest
    ) throws(PlanningFault) -> [Bool] {
        for pattern in request.topics
        where !model.topics.contains(where: { matches($0, pattern: pattern) }) {
            throw PlanningFault("no topic is called \(pattern)")
        }
        return model.topics.map { name in
            (request.topics.isEmpty
                || request.topics.contains { matches(name, pattern: $0) })
                && !request.excludedTopics.contains { matches(name, pattern: $0) }
        }
    }

    func isInScope(_ row: Int) -> Bool {
        scope[Int(model.topic[row])] && (pinned.isEmpty || !pinned.contains(row))
    }

    /// In scope, and with a leader to copy from; where it has none, that is said.
    mutating func isReachable(_ row: Int) -> Bool {
        guard isInScope(row) else { return false }
        guard model.leader[row] >= 0 else {
            refuse(row, "nobody leads it: there is nothing to copy from")
            return false
        }
        return true
    }

    func isInSync(_ row: Int, _ broker: Int32) -> Bool {
        model.replicas(of: row).contains { model.replica[$0] == broker && model.isInSync[$0] }
    }

    mutating func refuse(_ row: Int, _ reason: String) {
        refused.append(.init(row: row, reason: reason))
    }

    // MARK: Planning

    mutating func run() throws(PlanningFault) {
        warnAboutModel()
        switch request.kind {
        case .drain: drain(try named("drain"))
        case .fill: try fill()
        case .balance: balance()
        case .leaders: balanceLeaders()
        case .elect: electPreferred()
        case .relieve: try relieve()
        case .racks: repairRacks()
        case .replication:
            guard let factor = request.factor, factor > 0, factor <= Limits.replicasOfRow else {
                throw PlanningFault("a replication factor is a number from 1 on")
            }
            setReplication(factor)
        case .move, .import: try moveAsAsked()
        }
        warnAboutRest()
    }

    private func named(_ verb: String) throws(PlanningFault) -> Set<Int32> {
        guard !request.brokers.isEmpty else { throw PlanningFault("\(verb) which broker?") }
        return Set(request.brokers.compactMap { model.brokerIndex($0) })
    }

    private mutating func balance() {
        let (balancer, bands) = balanced { bands in
            BalanceWish(bands: bands, gives: bands.takesPart, takes: bands.takesPart)
        }
        minimum.leaders = leastLeaderChanges()
        balanceLeadersWithin(tolerance)
        warn(about: balancer)
        warnAboutRacks(bands)
    }

    private mutating func fill() throws(PlanningFault) {
        let filled = try named("fill")
        for broker in filled where !placement.receives[Int(broker)] {
            throw PlanningFault(
                "broker \(model.brokers[Int(broker)].id) \(fitnessText(broker)): it takes nothing")
        }
        let isFilled = (0..<Int32(placement.brokers)).map { filled.contains($0) }
        let (balancer, bands) = balanced { bands in
            BalanceWish(
                bands: bands, gives: zip(bands.takesPart, isFilled).map { $0 && !$1 },
                takes: isFilled)
        }
        warn(about: balancer)
        warnAboutRacks(bands)
    }

    /// Moves what the wish asks for; bands are made anew until nothing moves any more, since where
    /// the largest replicas are decides what others should hold.
    private mutating func balanced(
        _ wish: (Bands) -> BalanceWish
    ) -> (balancer: Balancer, bands: Bands) {
        let bands = Bands(placement, tolerance: tolerance)
        let lists = ReplicaLists(placement)
        var balancer = Balancer(placement, wish(bands), lists)
        minimum = Minimum(balancer)
        for _ in 0..<Limits.bandRounds where balancer.run() {
            balancer = Balancer(placement, wish(Bands(placement, tolerance: tolerance)), lists)
        }
        return (balancer, bands)
    }

    /// What brokers lead above and below the tolerance.
    private func leastLeaderChanges() -> Int {
        var leads = [Int](repeating: 0, count: placement.brokers)
        for leader in model.leader where leader >= 0 { leads[Int(leader)] += 1 }
        let live = leads.indices.filter { placement.receives[$0] }
        guard !live.isEmpty else { return 0 }
        let each = Double(live.reduce(0) { $0 + leads[$1] }) / Double(live.count)
        let least = Int(min(each.rounded(.down), (each * (1 - tolerance)).rounded(.up)))
        let most = Int(max(each.rounded(.up), (each * (1 + tolerance)).rounded(.down)))
        return max(
            live.reduce(0) { $0 + max(0, leads[$1] - most) },
            live.reduce(0) { $0 + max(0, least - leads[$1]) })
    }

    // MARK: What is said

    /// "brokers 3, 4 and 7", "12 brokers (3, 4, 5, 6, 7, …)".
    func brokerNames(_ ids: [Int32]) -> String {
        let named = ids.prefix(Limits.namedInSentence).map(String.init).joined(separator: ", ")
        if ids.count == 1 { return "broker \(named)" }
        return ids.count > Limits.namedInSentence
            ? "\(ids.count) brokers (\(named), …)" : "brokers \(named)"
    }

    func fitnessText(_ broker: Int32) -> String {
        if case .refuses(let state) = model.brokers[Int(broker)].fitness { return "is \(state)" }
        return "is excluded"
    }

    private mutating func warnAboutModel() {
        if model.unknownSizes > 0 {
            warnings.append(
                "the size of \(counted(model.unknownSizes, "partition")) is not known: each counts "
                    + "as empty")
        }
        let moving = model.isMoving.count { $0 }
        if moving > 0 {
            warnings.append(
                "\(counted(moving, "partition")) being moved: each counts where it is going to, "
                    + "and only what must go is sent elsewhere")
        }
        for state in model.unknownStates {
            warnings.append("what the state \"\(state)\" means is not known: no replica goes there")
        }
        var dead: [Int32] = []
        for (place, broker) in model.brokers.enumerated()
        where !broker.fitness.receives && placement.replicas[place] > 0 {
            dead.append(broker.id)
        }
        if !dead.isEmpty {
            warnings.append("\(brokerNames(dead)): no replica goes there, as not in service")
        }
    }

    private mutating func warn(about balancer: Balancer) {
        var off: [Int32] = []
        for group in balancer.groups {
            for broker in group
            where balancer.replicasOff(broker) != 0 || balancer.bytesOff(broker) != 0 {
                off.append(model.brokers[Int(broker)].id)
            }
        }
        if !off.isEmpty {
            warnings.append(
                "\(brokerNames(off.sorted())) cannot be brought within "
                    + "\(shareText(tolerance)) with what is movable: as near as was found")
        }
        for giant in balancer.wish.bands.giants.prefix(Limits.namedInSentence) {
            warnings.append(
                "broker \(model.brokers[Int(giant.broker)].id) holds one replica of "
                    + "\(bytesText(giant.bytes)), more than its share: the others share the rest")
        }
    }

    /// Where racks are unequal, so are their brokers, whatever is moved.
    private mutating func warnAboutRacks(_ bands: Bands) {
        var live: [Int] = []
        for rack in 0..<placement.racks {
            let isLive = (0..<placement.brokers).contains {
                placement.rack[$0] == Int32(rack) && placement.receives[$0]
            }
            if isLive { live.append(rack) }
        }
        let shares = live.map { bands.bytesPerBroker[$0] }
        guard let most = shares.max(), let least = shares.min(),
            most > least * (1 + tolerance), least > 0
        else { return }
        let text = zip(live, shares).prefix(Limits.namedInSentence).map { rack, share in
            "\(bytesText(Int64(share))) in \(model.rackName(rack))"
        }.joined(separator: ", ")
        warnings.append("racks are unequal, so what a broker should hold is too: \(text)")
    }

    private mutating func warnAboutRest() {
        guard request.kind != .racks else { return }
        let most = MostInRack(placement)
        var crowded = 0
        for row in 0..<placement.rows {
            let limit = most.replicas(placement.count[row])
            if placement.slots(row).contains(where: {
                placement.rackCount(row, placement.rack[Int(placement.replica[$0])]) > limit
            }) {
                crowded += 1
            }
        }
        if crowded > 0, placement.racks > 1 {
            warnings.append(
                "\(counted(crowded, "partition")) with more replicas in a rack than must be there: "
                    + "highwater plan racks")
        }
    }
}

/// "5 %", "2.5 %".
func shareText(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return (tenths == tenths.rounded() ? String(Int(tenths)) : String(tenths)) + " %"
}

/// "38.2 GB": bytes in thousands.
func bytesText(_ bytes: Int64) -> String {
    let units = ["B", "KB", "MB", "GB", "TB", "PB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 999.5, unit + 1 < units.count {
        value /= 1000
        unit += 1
    }
    if unit == 0 || value >= 99.95 { return "\(Int(value.rounded())) \(units[unit])" }
    return "\((value * 10).rounded() / 10) \(units[unit])"
}
