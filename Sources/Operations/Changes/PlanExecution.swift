// A whole plan carried out: replicas onto other brokers in steps, under a throttle, leaders behind
// them. Sources: Kafka's AlterPartitionReassignmentsRequest.json, kafka-reassign-partitions.sh.
package import ClusterModel
package import JSON
package import KafkaClient
package import Planning

/// The moves of a plan, in the order in which they begin.
package struct PlanExecution: Operation {
    package static let kind = ChangeRequest.ofPlans
    /// What was planned: "drain", "balance"; "undo" takes another one back.
    package var plan: String
    package var hash: String
    package var moves: [PlannedMove]
    /// Bytes a second for each broker and direction; nil: no throttle.
    package var throttle: Int64?
    /// Brokers that are to hold nothing at the end.
    package var drained: [Int32] = []
    /// By broker, how many bytes more than now it holds at most.
    package var peaks: [Int32: Int64] = [:]
    /// Somebody else's moves of other partitions do not hinder it.
    package var runsAlongside = false
    /// The journal's id of the execution that it takes back.
    package var undoes: String?

    package init(plan: String, hash: String, moves: [PlannedMove], throttle: Int64?) {
        self.plan = plan
        self.hash = hash
        self.moves = moves
        self.throttle = throttle
    }

    package init(_ file: PlanFile, throttle: Int64?) {
        self.init(plan: file.kind, hash: file.hash, moves: file.moves, throttle: throttle)
        drained = file.drained
        peaks = file.peaks
    }

    package var summary: String {
        "carry out the plan \"\(plan)\" of \(counted(moves.count, "partition"))"
    }

    /// New replicas, and bytes of them.
    package var replicas: Int { moves.reduce(0) { $0 + $1.added.count } }
    package var bytes: Int64 { moves.reduce(0) { $0 &+ $1.bytes } }

    package var before: [Fact] {
        moves.flatMap { Self.facts($0, replicas: $0.before, leader: $0.leaderBefore) }
    }
    package var after: [Fact] {
        moves.flatMap { Self.facts($0, replicas: $0.after, leader: $0.leaderAfter) }
    }
    /// Bytes that move, and many partitions, are the cluster's concern.
    package var confirmation: Confirmation { .cluster }

    private static func facts(
        _ move: PlannedMove, replicas: [Int32], leader: Int32?
    ) -> [Fact] {
        let subject = "\(move.topic)-\(move.partition)"
        let list = Fact(subject, "replicas", replicas.map(String.init).joined(separator: ","))
        // Who leads moves by itself: it counts only where the plan changes it.
        guard move.leaderBefore != move.leaderAfter else { return [list] }
        return [list, Fact(subject, "leader", leader.map(String.init))]
    }

    /// All of it back, wherever each partition is when it is asked for.
    package var undo: PlanExecution? {
        let back = moves.map { move in
            let each = move.added.isEmpty ? 0 : move.bytes / Int64(move.added.count)
            var reverse = PlannedMove(
                topic: move.topic, partition: move.partition, before: move.after,
                after: move.before, leaderBefore: move.leaderAfter,
                leaderAfter: move.leaderBefore)
            reverse.bytes = each * Int64(reverse.added.count)
            if !move.added.isEmpty { reverse.touched = move.before + move.added }
            return reverse
        }
        var undo = PlanExecution(plan: "undo", hash: hash, moves: back, throttle: throttle)
        undo.runsAlongside = true
        return undo
    }

    package func restricted(to isWanted: (String) -> Bool) -> PlanExecution {
        var part = self
        part.moves = moves.filter { isWanted("\($0.topic)-\($0.partition)") }
        return part
    }

    /// What takes a plan back begins wherever its partitions are; a plan itself stands on what it
    /// was planned from, and only leaders, which move by themselves, may be others.
    package func rebased(on facts: [Fact]) -> PlanExecution {
        let now = FactTable(facts)
        var next = self
        next.moves = moves.compactMap { move in
            var move = move
            let subject = "\(move.topic)-\(move.partition)"
            let leader = now.value(
                subject, "leader", else: move.leaderBefore.map(String.init)
            ).flatMap { Int32($0) }
            if plan == Self.undoPlan {
                let text = now.value(subject, "replicas", else: nil) ?? ""
                move.before = text.split(separator: ",").compactMap { Int32($0) }
                move.leaderBefore = leader
                // A topic that is gone is not taken back; what is back already stays in it, since
                // its throttles may be there.
                return move.before.isEmpty ? nil : move
            }
            if move.leaderBefore != move.leaderAfter { move.leaderBefore = leader }
            return move
        }
        return next
    }

    package static let undoPlan = "undo"

    package func byHand(_ tools: KafkaTools) -> [String] {
        let file = "plan.json"
        var throttled = ["--reassignment-json-file", file, "--execute"]
        if let throttle { throttled += ["--throttle", "\(throttle)"] }
        let list =
            moves.count > Limits.movesByHand
            ? "# \(file) lies beside the journal, and highwater plan --format kafka writes it"
            : KafkaTools.write(Self.list(moves.map { ($0, $0.after) }).text, to: file)
        var lines = [
            list,
            tools.reassignPartitions(throttled),
            tools.reassignPartitions(["--reassignment-json-file", file, "--verify"]),
        ]
        let elected = moves.filter { $0.leaderAfter == $0.after.first && $0.leaderAfter != nil }
        if !elected.isEmpty, moves.count <= Limits.movesByHand {
            lines += tools.elections(
                "preferred",
                elected.map { PartitionKey(topic: $0.topic, partition: $0.partition) })
        }
        return lines
    }

    /// What kafka-reassign-partitions.sh takes.
    static func list(_ items: [(move: PlannedMove, replicas: [Int32])]) -> JSONValue {
        .object([
            .init("version", .integer(1)),
            .init(
                "partitions",
                .array(
                    items.map { item in
                        .object([
                            .init("topic", .string(item.move.topic)),
                            .init("partition", .integer(Int64(item.move.partition))),
                            .init("replicas", ids(item.replicas)),
                        ])
                    })),
        ])
    }

    private static func ids(_ brokers: [Int32]) -> JSONValue {
        .array(brokers.map { .integer(Int64($0)) })
    }
}

// MARK: As a document

extension PlanExecution {
    package var document: JSONValue {
        func number(_ value: Int64?) -> JSONValue { value.map(JSONValue.integer) ?? .null }
        return .object([
            .init("plan", .string(plan)), .init("hash", .string(hash)),
            .init("throttle", number(throttle)),
            .init("drained", Self.ids(drained)),
            .init("alongside", .bool(runsAlongside)),
            .init("undoes", undoes.map(JSONValue.string) ?? .null),
            .init(
                "moves",
                .array(
                    moves.map { move in
                        .object([
                            .init("topic", .string(move.topic)),
                            .init("partition", .integer(Int64(move.partition))),
                            .init("before", Self.ids(move.before)),
                            .init("after", Self.ids(move.after)),
                            .init("leader_before", number(move.leaderBefore.map(Int64.init))),
                            .init("leader_after", number(move.leaderAfter.map(Int64.init))),
                            .init("bytes", .integer(move.bytes)),
                            .init("touched", Self.ids(move.touched)),
                        ])
                    })),
        ])
    }

    package init?(_ document: JSONValue) {
        guard let plan = document["plan"]?.string, let hash = document["hash"]?.string,
            let list = document["moves"]?.array
        else { return nil }
        self.init(
            plan: plan, hash: hash, moves: [], throttle: document["throttle"]?.integer)
        drained = Self.ids(document["drained"]) ?? []
        runsAlongside = document["alongside"]?.bool ?? false
        undoes = document["undoes"]?.string
        for entry in list {
            guard let key = PartitionKey(entry), let before = Self.ids(entry["before"]),
                let after = Self.ids(entry["after"]), !after.isEmpty
            else { return nil }
            moves.append(
                PlannedMove(
                    topic: key.topic, partition: key.partition, before: before, after: after,
                    leaderBefore: BrokerID(entry["leader_before"])?.value,
                    leaderAfter: BrokerID(entry["leader_after"])?.value,
                    bytes: max(0, entry["bytes"]?.integer ?? 0)))
            moves[moves.count - 1].touched = Self.ids(entry["touched"]) ?? []
        }
    }

    private static func ids(_ document: JSONValue?) -> [Int32]? {
        guard let list = document?.array else { return nil }
        let ids = list.compactMap { BrokerID($0)?.value }
        return ids.count == list.count ? ids : nil
    }
}

// MARK: On the road

extension PlanExecution {
    package static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal {
        guard let plan = request.plan else {
            var proposal = Proposal(PlanExecution(plan: "", hash: "", moves: [], throttle: nil))
            proposal.refusal = "a plan is carried out as it was planned: none was given"
            return proposal
        }
        var proposal = Proposal(PlanExecution(plan, throttle: plan.throttle))
        if plan.clusterID != nil, plan.clusterID != cluster.clusterID {
            proposal.refusal = "the plan is for cluster \(plan.clusterID ?? "?")"
        }
        return proposal
    }

    package func describe(_ proposal: inout Proposal, in cluster: Cluster) {
        proposal.counts = [
            .init("partitions", moves.count), .init("replicas", replicas),
            .init("leaders", moves.count { $0.leaderBefore != $0.leaderAfter }),
        ]
        proposal.notes = [
            "\(readableBytes(bytes)) are copied, "
                + (throttle.map { "at no more than \(readableBytes($0))/s for each broker" }
                    ?? "without a throttle")
        ]
    }

    package func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        client.readMoving(Set(moves.map(\.name)), isWhole: false) { [moves] result in
            completion(
                result.map { reading in
                    FactReading(
                        clusterID: reading.clusterID,
                        facts: moves.flatMap { move in
                            let now = reading.states[move.name]
                            let subject = move.name.resource
                            return [
                                Fact(
                                    subject, "replicas",
                                    now.map {
                                        $0.replicas.map(String.init).joined(separator: ",")
                                    }),
                                Fact(subject, "leader", now?.leader.map(String.init)),
                            ]
                        })
                })
        }
    }

    package var neededRight: Rights.Operation? { .alter }
    /// Its requests follow from what the cluster says: `PlanRun` sends them.
    package var steps: [Step] { [] }
    package static var isChecked: Bool { true }
    package static var readAgainAfterNs: [UInt64] { [] }

    /// What stands against it in the cluster as it is now.
    package func validate(
        _ client: KafkaClient,
        _ completion: @escaping (Result<[StepOutcome], ClientError>) -> Void
    ) {
        // What stands there of the execution that it takes back is no earlier throttle.
        let known = undoes == nil ? nil : ExecutionNote()
        PreFlight.read(self, known: known, client) { result in
            completion(
                result.map { flight in
                    flight.obstacles.map { StepOutcome("plan", error: "HINDERED", message: $0) }
                        + flight.warnings.map { StepOutcome("plan", message: $0) }
                })
        }
    }
}

/// "1.92 TB", "50 MB", "612 bytes".
package func readableBytes(_ bytes: Int64) -> String {
    let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3)]
    guard let (unit, size) = units.first(where: { Double(bytes) >= $0.1 }) else {
        return "\(bytes) bytes"
    }
    let hundredths = Int((Double(bytes) / size * 100).rounded())
    let (whole, part) = (hundredths / 100, hundredths % 100)
    if whole >= 100 || part == 0 { return "\(whole) \(unit)" }
    return "\(whole).\(part < 10 ? "0" : "")\(part) \(unit)"
}
