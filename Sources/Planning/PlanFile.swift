// Reads a `highwater.plan` document back, to carry it out: what moves, for which cluster, and
// whether it is still what was written.
package import JSON

/// What one partition is and what it is to be.
package struct PlannedMove: Hashable, Sendable {
    package var topic: String
    package var partition: Int32
    /// Broker ids, the preferred leader first.
    package var before: [Int32]
    package var after: [Int32]
    /// Nil: nobody led it, or who does is left to Kafka.
    package var leaderBefore: Int32?
    package var leaderAfter: Int32?
    /// Of all replicas that are new.
    package var bytes: Int64 = 0
    /// Brokers that an execution which this one takes back may have throttled for it.
    package var touched: [Int32] = []

    package init(
        topic: String, partition: Int32, before: [Int32], after: [Int32],
        leaderBefore: Int32? = nil, leaderAfter: Int32? = nil, bytes: Int64 = 0
    ) {
        self.topic = topic
        self.partition = partition
        self.before = before
        self.after = after
        self.leaderBefore = leaderBefore
        self.leaderAfter = leaderAfter
        self.bytes = bytes
    }

    /// Brokers that get a replica they have not.
    package var added: [Int32] { after.filter { !before.contains($0) } }
}

/// A plan as its document tells it, in the order in which it is carried out.
package struct PlanFile: Hashable, Sendable {
    /// What was planned: "drain", "balance".
    package private(set) var kind = ""
    package private(set) var clusterID: String?
    package private(set) var hash = ""
    /// Those of the first wave first.
    package private(set) var moves: [PlannedMove] = []
    /// Brokers that the plan empties.
    package private(set) var drained: [Int32] = []
    /// Bytes a second that the plan's time was reckoned with.
    package private(set) var throttle: Int64?
    /// By broker, how many bytes more than at the beginning it holds at most.
    package private(set) var peaks: [Int32: Int64] = [:]

    private var brokers: [Int32] = []
    private var waves: [Int] = []
    /// Brokers that hold nothing afterwards.
    private var empty: Set<Int32> = []

    /// A plan that was made here; nil for its throttle: none.
    package init(_ plan: Plan, throttle: Int64?) {
        let model = plan.model
        kind = plan.request.kind.rawValue
        clusterID = model.clusterID
        hash = plan.hash
        self.throttle = throttle
        let ids = model.brokers.map(\.id)
        for wave in plan.waves {
            for move in wave {
                let move = Int(move)
                let row = Int(plan.rows[move])
                let (before, after) = (model.leader[row], plan.leaderAfter[move])
                moves.append(
                    PlannedMove(
                        topic: model.topicName(row), partition: model.partition[row],
                        before: model.replicas(of: row).map { ids[Int(model.replica[$0])] },
                        after: plan.replicas(of: move).map { ids[Int($0)] },
                        leaderBefore: before < 0 ? nil : ids[Int(before)],
                        leaderAfter: after < 0 ? nil : ids[Int(after)], bytes: plan.bytes[move]))
            }
        }
        for (id, change) in zip(ids, plan.brokers) {
            if change.diskPeak > change.bytesBefore {
                peaks[id] = change.diskPeak - change.bytesBefore
            }
            if change.replicasAfter == 0 { empty.insert(id) }
        }
        if plan.request.kind == .drain { drained = plan.request.brokers.filter(empty.contains) }
    }

    /// - Parameter reader: at the beginning of the document.
    package init(_ reader: inout JSONReader) throws(JSONFault) {
        guard try reader.next() == .openObject else {
            throw reader.fault("a plan is an object with moves")
        }
        var schema: String?
        var version = ""
        var hasMoves = false
        while case .key(let key) = try reader.next() {
            switch (key, try reader.next()) {
            case ("schema", .string(let text)): schema = text
            case ("schema_version", .string(let text)): version = text
            case ("kind", .string(let text)): kind = text
            case ("cluster_id", .string(let text)): clusterID = text
            case ("hash", .string(let text)): hash = text
            case ("arguments", .openObject): try readArguments(&reader)
            case ("moves", .openArray):
                hasMoves = true
                try Self.each(&reader, "moves") { reader throws(JSONFault) in
                    moves.append(try Self.readMove(&reader))
                }
            case ("brokers", .openArray):
                try Self.each(&reader, "brokers") { reader throws(JSONFault) in
                    try readPeak(&reader)
                }
            case ("waves", .openArray): try readWaves(&reader)
            case ("eta", .openObject): try readThrottle(&reader)
            case (_, let token): try reader.skip(token)
            }
        }
        guard try reader.next() == .end else { throw reader.fault("more text behind the plan") }
        guard schema == PlanDocument.schema, hasMoves else {
            throw reader.fault("it is no \(PlanDocument.schema)")
        }
        guard version.split(separator: ".").first == "1" else {
            throw reader.fault("its schema_version is \(version), and this version reads 1")
        }
        try check(reader)
        if kind == PlanRequest.Kind.drain.rawValue {
            // What was left out of it stays where it is.
            drained = brokers.filter(empty.contains)
        }
    }

    /// Whether it is what was written, and then the order of its waves.
    private mutating func check(_ reader: JSONReader) throws(JSONFault) {
        var digest = PlanDigest(cluster: clusterID)
        var seen: Set<PlannedMove> = []
        for move in moves {
            digest.begin(move.topic, move.partition)
            for broker in move.before { digest.add(broker) }
            digest.add(-1)
            for broker in move.after { digest.add(broker) }
            digest.end(leaderAfter: move.leaderAfter ?? -1)
            let name = PlannedMove(
                topic: move.topic, partition: move.partition, before: [], after: [])
            guard seen.insert(name).inserted else {
                throw reader.fault("\(move.topic)-\(move.partition) is in it twice")
            }
        }
        guard digest.text == hash else {
            throw reader.fault(
                "its moves are not those of its hash: it was changed after it was planned")
        }
        if waves.count == moves.count, Set(waves) == Set(moves.indices) {
            moves = waves.map { moves[$0] }
        }
    }

    // MARK: Parts

    private static func each(
        _ reader: inout JSONReader, _ name: String,
        _ read: (inout JSONReader) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        while true {
            let token = try reader.next()
            if token == .closeArray { return }
            guard token == .openObject else {
                throw reader.fault("\(name) holds something that is no object")
            }
            try read(&reader)
        }
    }

    private static func readMove(_ reader: inout JSONReader) throws(JSONFault) -> PlannedMove {
        var move = PlannedMove(topic: "", partition: -1, before: [], after: [])
        while case .key(let key) = try reader.next() {
            switch (key, try reader.next()) {
            case ("topic", .string(let name)): move.topic = name
            case ("partition", .integer(let number)): move.partition = Int32(exactly: number) ?? -1
            case ("replicas_before", .openArray): move.before = try ids(&reader)
            case ("replicas_after", .openArray): move.after = try ids(&reader)
            case ("leader_before", .integer(let id)): move.leaderBefore = Int32(exactly: id)
            case ("leader_after", .integer(let id)): move.leaderAfter = Int32(exactly: id)
            case ("bytes", .integer(let bytes)):
                move.bytes = min(max(0, bytes), Limits.largestTotal)
            case (_, let token): try reader.skip(token)
            }
        }
        guard !move.topic.isEmpty, move.partition >= 0, !move.before.isEmpty,
            !move.after.isEmpty, Set(move.after).count == move.after.count,
            move.leaderAfter.map({ move.after.contains($0) }) ?? true
        else {
            throw reader.fault("a move has a topic, a partition, and replicas before and after")
        }
        return move
    }

    private static func ids(_ reader: inout JSONReader) throws(JSONFault) -> [Int32] {
        var ids: [Int32] = []
        while true {
            switch try reader.next() {
            case .closeArray: return ids
            case .integer(let id):
                guard id >= 0, let id = Int32(exactly: id), ids.count < Limits.replicasOfRow
                else { throw reader.fault("\(id) is no broker's id here") }
                ids.append(id)
            default: throw reader.fault("here stand ids of brokers")
            }
        }
    }

    private mutating func readArguments(_ reader: inout JSONReader) throws(JSONFault) {
        while case .key(let key) = try reader.next() {
            switch (key, try reader.next()) {
            case ("broker", .openArray): brokers = try Self.ids(&reader)
            case (_, let token): try reader.skip(token)
            }
        }
    }

    private mutating func readPeak(_ reader: inout JSONReader) throws(JSONFault) {
        var id: Int32?
        var (before, peak): (Int64, Int64) = (0, 0)
        var isEmpty = false
        while case .key(let key) = try reader.next() {
            switch (key, try reader.next()) {
            case ("id", .integer(let number)): id = Int32(exactly: number)
            case ("bytes_before", .integer(let bytes)):
                before = min(max(0, bytes), Limits.largestTotal)
            case ("disk_peak", .integer(let bytes)):
                peak = min(max(0, bytes), Limits.largestTotal)
            case ("replicas_after", .integer(let count)): isEmpty = count == 0
            case (_, let token): try reader.skip(token)
            }
        }
        if let id, peak > before { peaks[id] = peak - before }
        if let id, isEmpty { empty.insert(id) }
    }

    private mutating func readWaves(_ reader: inout JSONReader) throws(JSONFault) {
        while true {
            let token = try reader.next()
            if token == .closeArray { return }
            guard token == .openArray else { throw reader.fault("a wave is a list of moves") }
            wave: while true {
                switch try reader.next() {
                case .closeArray: break wave
                case .integer(let index): waves.append(Int(index))
                default: throw reader.fault("a wave names moves by their place")
                }
            }
        }
    }

    private mutating func readThrottle(_ reader: inout JSONReader) throws(JSONFault) {
        while case .key(let key) = try reader.next() {
            switch (key, try reader.next()) {
            case ("throttle_bytes_per_second", .integer(let rate)): throttle = rate
            case (_, let token): try reader.skip(token)
            }
        }
    }
}
