// Judges a plan by the two documents alone, the snapshot and the plan: nothing that the plan says
// of itself is taken over, and nothing of the planner is used.
import JSON
import Testing

/// What two documents say, and what is wrong with the one by the other.
struct PlanEvaluator {
    struct Partition {
        var replicas: [Int64]
        var leader: Int64?
        var inSync: Set<Int64>
        var size: Int64
        var sizes: [Int64: Int64]
    }

    let plan: JSONValue
    private(set) var partitions: [String: Partition] = [:]
    private(set) var racks: [Int64: String] = [:]
    private(set) var dead: Set<Int64> = []
    /// By partition what the plan makes of it.
    private(set) var after: [String: (replicas: [Int64], leader: Int64?)] = [:]
    private(set) var faults: [String] = []

    init(snapshot: JSONValue, plan: JSONValue) {
        self.plan = plan
        for broker in snapshot["brokers"]?.array ?? [] {
            let id = broker["id"]?.integer ?? -1
            racks[id] = broker["rack"]?.string ?? "none"
            if broker["state"]?.string != "answering" { dead.insert(id) }
        }
        for each in snapshot["partitions"]?.array ?? [] {
            let removing = Self.ids(each["removing_replicas"])
            let isMoving = !removing.isEmpty
            let leader = each["leader"]?.integer
            var sizes: [Int64: Int64] = [:]
            for state in each["replica_states"]?.array ?? [] {
                sizes[state["broker"]?.integer ?? -1] = state["size_bytes"]?.integer
            }
            let size = leader.flatMap { sizes[$0] } ?? sizes.values.max() ?? 0
            if isMoving { for id in sizes.keys { sizes[id] = size } }
            partitions[Self.name(each)] = Partition(
                replicas: Self.ids(each["replicas"]).filter { !removing.contains($0) },
                leader: leader, inSync: Set(Self.ids(each["isr"])), size: size, sizes: sizes)
        }
        for (name, partition) in partitions { after[name] = (partition.replicas, partition.leader) }
        judgeMoves()
        judgeSums()
        judgeBrokers()
        judgeWaves()
    }

    static func ids(_ value: JSONValue?) -> [Int64] { value?.array?.compactMap(\.integer) ?? [] }

    static func name(_ value: JSONValue) -> String {
        "\(value["topic"]?.string ?? "?")-\(value["partition"]?.integer ?? -1)"
    }

    private mutating func expect(_ isSo: Bool, _ fault: @autoclosure () -> String) {
        if !isSo { faults.append(fault()) }
    }

    var moves: [JSONValue] { plan["moves"]?.array ?? [] }
    var kind: String { plan["kind"]?.string ?? "" }

    // MARK: Moves

    private mutating func judgeMoves() {
        expect(plan["schema"]?.string == "highwater.plan", "schema")
        expect(plan["schema_version"]?.string == "1.0", "schema_version")
        var seen: Set<String> = []
        for move in moves {
            let name = Self.name(move)
            guard let partition = partitions[name] else {
                faults.append("\(name) is not in the snapshot")
                continue
            }
            expect(seen.insert(name).inserted, "\(name) moves twice")
            let replicas = Self.ids(move["replicas_after"])
            expect(Self.ids(move["replicas_before"]) == partition.replicas, "\(name) before")
            expect(move["leader_before"]?.integer == partition.leader, "\(name) leader before")
            expect(Set(replicas).count == replicas.count, "\(name) has a broker twice")
            let wanted = kind == "replication" ? plan["arguments"]?["factor"]?.integer : nil
            if !["move", "import"].contains(kind) {
                expect(
                    replicas.count == wanted.map(Int.init) ?? partition.replicas.count,
                    "\(name) has \(replicas.count) replicas")
            }
            let new = replicas.filter { !partition.replicas.contains($0) }
            for id in new {
                expect(racks[id] != nil && !dead.contains(id), "\(name) goes to broker \(id)")
            }
            expect(
                move["bytes"]?.integer == Int64(new.count) * partition.size, "\(name) bytes")
            let leader = move["leader_after"]?.integer
            expect(leader.map { replicas.contains($0) } ?? true, "\(name) leader after")
            if let leader, leader != partition.leader, partition.replicas.contains(leader),
                let before = partition.leader, replicas.contains(before)
            {
                expect(partition.inSync.contains(leader), "\(name) led by one not in sync")
            }
            expect(move["reason"]?.string?.isEmpty == false, "\(name) has no reason")
            expect(
                replicas != partition.replicas || leader != partition.leader,
                "\(name) does not change")
            judgeRacks(name, partition.replicas, replicas)
            after[name] = (replicas, leader)
        }
    }

    private mutating func judgeRacks(_ name: String, _ before: [Int64], _ now: [Int64]) {
        func counts(_ ids: [Int64]) -> [Int] {
            var counts: [String: Int] = [:]
            for id in ids { counts[racks[id] ?? "?", default: 0] += 1 }
            return counts.values.sorted(by: >)
        }
        let (was, has) = (counts(before), counts(now))
        let live = Set(racks.filter { !dead.contains($0.key) }.values).count
        let needed = live == 0 ? now.count : (now.count + live - 1) / live
        expect(has.first ?? 0 <= max(was.first ?? 0, needed), "\(name): a rack holds more of it")
        expect(has.count >= min(was.count, now.count), "\(name): fewer racks hold it")
    }

    // MARK: Arithmetic

    private mutating func judgeSums() {
        var (replicas, bytes, leaders, reorders): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
        for (name, now) in after {
            guard let before = partitions[name] else { continue }
            let new = now.replicas.filter { !before.replicas.contains($0) }
            replicas += Int64(new.count)
            bytes += Int64(new.count) * before.size
            if now.leader != before.leader { leaders += 1 }
            if new.isEmpty, now.replicas.count == before.replicas.count,
                now.replicas != before.replicas || now.leader != before.leader
            {
                reorders += 1
            }
        }
        let totals = plan["totals"]
        expect(totals?["partitions"]?.integer == Int64(moves.count), "totals.partitions")
        expect(totals?["replicas"]?.integer == replicas, "totals.replicas is not \(replicas)")
        expect(totals?["bytes"]?.integer == bytes, "totals.bytes is not \(bytes)")
        expect(totals?["leaders"]?.integer == leaders, "totals.leaders is not \(leaders)")
        expect(totals?["reorders"]?.integer == reorders, "totals.reorders is not \(reorders)")
        for (key, value) in [("bytes", bytes), ("replicas", replicas)] {
            let least = plan["minimum"]?[key]?.integer ?? -1
            let ratio = number(plan["ratio"]?[key])
            if least > 0 {
                expect(
                    abs((ratio ?? 0) - Double(value) / Double(least)) < 1e-9, "ratio.\(key)")
            } else {
                expect(ratio == (value == 0 ? 1 : nil), "ratio.\(key) of none")
            }
        }
    }

    func number(_ value: JSONValue?) -> Double? {
        switch value {
        case .number(let number)?: number
        case .integer(let number)?: Double(number)
        default: nil
        }
    }

    private mutating func judgeBrokers() {
        var sums: [Int64: [String: Int64]] = [:]
        func add(_ id: Int64?, _ key: String, _ value: Int64) {
            if let id { sums[id, default: [:]][key, default: 0] += value }
        }
        for (name, before) in partitions {
            guard let now = after[name] else { continue }
            for id in before.replicas {
                add(id, "replicas_before", 1)
                add(id, "bytes_before", before.sizes[id] ?? before.size)
            }
            for id in now.replicas {
                add(id, "replicas_after", 1)
                let isOld = before.replicas.contains(id)
                add(id, "bytes_after", isOld ? before.sizes[id] ?? before.size : before.size)
                if !isOld {
                    add(id, "bytes_in", before.size)
                    add(before.leader, "bytes_out", before.size)
                }
            }
            add(before.leader, "leaders_before", 1)
            add(now.leader, "leaders_after", 1)
        }
        let keys = [
            "replicas_before", "replicas_after", "bytes_before", "bytes_after", "leaders_before",
            "leaders_after", "bytes_in", "bytes_out",
        ]
        let rows = plan["brokers"]?.array ?? []
        expect(rows.count == racks.count, "brokers: \(rows.count)")
        var most: Int64 = 0
        for row in rows {
            let id = row["id"]?.integer ?? -1
            for key in keys {
                let wanted = sums[id]?[key] ?? 0
                expect(row[key]?.integer == wanted, "broker \(id): \(key) is not \(wanted)")
            }
            most = max(most, sums[id]?["bytes_in"] ?? 0, sums[id]?["bytes_out"] ?? 0)
            let peak = row["disk_peak"]?.integer ?? -1
            let (before, now) = (sums[id]?["bytes_before"] ?? 0, sums[id]?["bytes_after"] ?? 0)
            expect(
                peak >= max(before, now) && peak <= before + (sums[id]?["bytes_in"] ?? 0),
                "broker \(id): disk_peak")
        }
        let rate = plan["eta"]?["throttle_bytes_per_second"]?.integer ?? 1
        let low = number(plan["eta"]?["low_seconds"]) ?? -1
        let high = number(plan["eta"]?["high_seconds"]) ?? -1
        expect(abs(low - Double(most) / Double(rate)) < 0.001, "eta.low_seconds")
        expect(high >= low, "eta.high_seconds")
    }

    // MARK: Waves

    private mutating func judgeWaves() {
        var seen = Set<Int64>()
        for wave in plan["waves"]?.array ?? [] {
            var (into, from): ([Int64: Int], [Int64: Int]) = ([:], [:])
            let indexes = wave.array?.compactMap(\.integer) ?? []
            expect(indexes.count <= 1_000 && !indexes.isEmpty, "a wave of \(indexes.count)")
            for index in indexes {
                guard moves.indices.contains(Int(index)), seen.insert(index).inserted else {
                    faults.append("waves: \(index)")
                    continue
                }
                let move = moves[Int(index)]
                let before = Self.ids(move["replicas_before"])
                let new = Self.ids(move["replicas_after"]).filter { !before.contains($0) }
                for id in new { into[id, default: 0] += 1 }
                if !new.isEmpty, let leader = move["leader_before"]?.integer {
                    from[leader, default: 0] += 1
                }
            }
            expect((into.values.max() ?? 0) <= 5, "a wave with \(into) to one broker")
            expect((from.values.max() ?? 0) <= 5, "a wave with \(from) from one leader")
        }
        expect(seen.count == moves.count, "waves do not hold all moves")
    }

    /// By broker what it leads after the plan.
    var leads: [Int64: Int] {
        var leads: [Int64: Int] = [:]
        for id in racks.keys where !dead.contains(id) { leads[id] = 0 }
        for now in after.values { if let leader = now.leader { leads[leader, default: 0] += 1 } }
        return leads
    }

    var least: (replicas: Int64, bytes: Int64) {
        (
            plan["minimum"]?["replicas"]?.integer ?? -1, plan["minimum"]?["bytes"]?.integer ?? -1
        )
    }

    var total: (replicas: Int64, bytes: Int64) {
        (plan["totals"]?["replicas"]?.integer ?? -1, plan["totals"]?["bytes"]?.integer ?? -1)
    }
}
