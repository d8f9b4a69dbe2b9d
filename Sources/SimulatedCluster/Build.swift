// Makes the inhabitants of a simulated cluster from its shape: widths and traffic after Zipf, names
// as people give them, replicas over racks.
import KafkaWire
import Simulation

extension Machine {
    mutating func build() {
        groupsOfSlot = Array(repeating: [], count: shape.offsetsPartitions)
        // A controller with eligible leader replicas keeps this one as all brokers' own.
        if shape.release == .v43, let value = usualMinInSync {
            defaultOverrides = [ConfigEntry("min.insync.replicas", value)]
        }
        buildBrokers()
        buildTopics()
        buildVolumes()
        buildGroups()
    }

    private mutating func buildBrokers() {
        for number in 0..<shape.brokers {
            let id = Int32(number + 1)
            let zone = Array("abcdefghijklmnopqrstuvwxyz")[number % min(shape.racks, 26)]
            brokers.append(
                SimulatedBroker(
                    id: id, rack: "eu-west-1\(zone)", host: "broker-\(id).simulated", port: 9092,
                    release: number < shape.upgradedBrokers ? nextRelease : shape.release))
        }
    }

    // MARK: Topics

    private struct Draft {
        var name: String
        var width: Int
        var replication: Int
        /// Records a second over all partitions.
        var rate: Double
        var bytesPerRecord: Double
        var retention: Double
        var overrides: [ConfigEntry] = []
    }

    private mutating func buildTopics() {
        var drafts = wantedTopics()
        let replication = min(3, shape.brokers)
        drafts.append(
            Draft(
                name: "__consumer_offsets", width: shape.offsetsPartitions,
                replication: replication, rate: Double(shape.groups) * 3, bytesPerRecord: 130,
                retention: 7 * 86_400,
                overrides: [
                    ConfigEntry("cleanup.policy", "compact"),
                    ConfigEntry("compression.type", "producer"),
                    ConfigEntry("segment.bytes", "104857600"),
                ]))
        drafts.sort { $0.name < $1.name }
        for draft in drafts { add(draft) }
        offsetsTopic = topicIndex["__consumer_offsets"] ?? 0
    }

    private static let domains = [
        "orders", "payments", "clickstream", "inventory", "shipping", "customers", "pricing",
        "search", "recommendations", "fraud", "email", "sessions", "catalog", "returns",
        "telemetry", "billing", "ledger", "adverts", "support", "loyalty",
    ]
    private static let events = [
        "created", "updated", "events", "raw", "enriched", "deleted", "snapshots", "audit",
        "commands", "dead-letter", "retries", "changelog",
    ]

    private func topicName(_ number: Int) -> String {
        let domain = Self.domains[number % Self.domains.count]
        // For one domain the event grows by one: no name comes twice in a round.
        let (turn, place) = number.quotientAndRemainder(dividingBy: Self.domains.count)
        let event = Self.events[(turn + place) % Self.events.count]
        let round = number / (Self.domains.count * Self.events.count)
        return round == 0 ? "\(domain).\(event)" : "\(domain).\(event).v\(round + 1)"
    }

    /// Topics until the partitions asked for are used up: few wide ones, many narrow ones.
    private mutating func wantedTopics() -> [Draft] {
        let widths = partitionWidths()
        let total = Double(shape.brokers) * 18_000
        let harmonic = (1...widths.count).reduce(0.0) { $0 + 1 / Double($1) }
        var drafts: [Draft] = []
        for (number, width) in widths.enumerated() {
            let isIdle = number > 3 && random.unit() < 0.2
            let share = 1 / Double(number + 1) / harmonic * (0.6 + 0.8 * random.unit())
            let bytes = [180.0, 320, 640, 1_100, 2_400][Int(random.next() % 5)]
            let days = [0.25, 1, 1, 3, 7][Int(random.next() % 5)]
            var draft = Draft(
                name: topicName(number), width: width, replication: min(3, shape.brokers),
                rate: isIdle ? 0 : total * share, bytesPerRecord: bytes,
                retention: days * 86_400)
            if days != 7 {
                draft.overrides.append(
                    ConfigEntry("retention.ms", "\(Int64(days * 86_400_000))"))
            }
            if draft.name.hasPrefix("ledger") || draft.name.contains("changelog") {
                draft.overrides.append(ConfigEntry("cleanup.policy", "compact"))
            }
            if number % 11 == 10 && draft.replication > 2 {
                draft.replication = 2
                draft.overrides.append(ConfigEntry("min.insync.replicas", "1"))
            }
            draft.overrides.sort { $0.name < $1.name }
            drafts.append(draft)
        }
        return drafts
    }

    private func partitionWidths() -> [Int] {
        let common = [1, 3, 6, 12, 24, 32, 48, 64, 96, 128, 192, 256]
        let greatest = max(1, min(256, shape.partitions / 8))
        var widths: [Int] = []
        var left = shape.partitions
        while left > 0 {
            // 1/n^0.7 by two square roots: n^0.75.
            let root = Double(widths.count + 1).squareRoot()
            let wanted = Double(greatest) / (root * root.squareRoot())
            let width = common.last { Double($0) <= wanted } ?? [1, 1, 3][widths.count % 3]
            widths.append(min(width, left))
            left -= min(width, left)
        }
        return widths
    }

    private mutating func add(_ draft: Draft) {
        let index = topics.count
        let seconds = Double((shape.wallStartMs / 1000) % 86_400)
        let wave = Wave(seed: random.next(), dayPhase: seconds / 86_400)
        topics.append(
            SimulatedTopic(
                name: draft.name, id: KafkaUUID(high: random.next() | 1, low: random.next()),
                isInternal: draft.name.hasPrefix("__"), firstPartition: leader.count,
                partitionCount: draft.width, firstReplica: replicaBroker.count,
                replicationFactor: draft.replication, wave: wave,
                bytesPerRecord: draft.bytesPerRecord, retentionSeconds: draft.retention,
                overrides: draft.overrides))
        topicIndex[draft.name] = index
        topicOfID[topics[index].id] = index
        let start = Int(random.next() % UInt64(shape.brokers))
        let age = 86_400 * (3 + 120 * random.unit())
        let flown = wave.flown(0)
        // One partition in thirty has a key that everybody writes to.
        var shares = (0..<draft.width).map { _ in 0.85 + 0.3 * random.unit() }
        for share in shares.indices where random.unit() < 0.03 { shares[share] *= 2.5 }
        let whole = shares.reduce(0, +)
        for number in 0..<draft.width {
            let row = leader.count
            let rate = draft.rate * shares[number] / whole
            topicOf.append(Int32(index))
            place(row, start: start, number: number, count: draft.replication)
            epoch.append(Int32(random.next() % 40))
            usualRate.append(Float(rate))
            keptRecords.append(rate * draft.retention)
            current.append(
                Stretch(
                    time: 0, flown: self.flown(row, 0, topicFlown: flown),
                    end: (rate * age).rounded(.down), rate: Float(rate)))
        }
    }

    /// Brokers in turn; neighbours stand in different racks.
    private mutating func place(_ row: Int, start: Int, number: Int, count: Int) {
        let shift = number / shape.brokers
        for position in 0..<count {
            // Each further round over the brokers spreads the followers otherwise.
            let step = position == 0 ? 0 : position + shift * shape.racks
            var index = (start + number + step) % shape.brokers
            while replicaBroker.suffix(position).contains(Int32(index + 1)) {
                index = (index + 1) % shape.brokers
            }
            replicaBroker.append(Int32(index + 1))
            brokers[index].partitions.append(Int32(row))
        }
        leader.append(replicaBroker[replicaBroker.count - count])
        inSync.append(1 << UInt32(count) - 1)
    }

    // MARK: Volumes

    private mutating func buildVolumes() {
        let gigabyte = 1_073_741_824.0
        for index in brokers.indices {
            var used = Array(repeating: 0.0, count: shape.volumesPerBroker)
            for number in 0..<used.count {
                brokers[index].volumes.append(Volume(path: "/var/kafka/data\(number + 1)"))
            }
            for row in brokers[index].partitions {
                let partition = Int(row)
                let end = current[partition].end
                let kept = end - Double(logStart(partition, end: Int64(end)))
                used[volume(partition, index)] += kept * topic(of: partition).bytesPerRecord
            }
            for number in used.indices {
                let fill = 0.38 + 0.34 * random.unit()
                let wanted = max(100 * gigabyte, used[number] / fill)
                let total = (wanted / (50 * gigabyte)).rounded(.up) * 50 * gigabyte
                brokers[index].volumes[number].totalBytes = total
                brokers[index].volumes[number].otherBytes = 2 * gigabyte
            }
        }
        // One volume was bought too small.
        let last = brokers.count - 1
        let used = brokers[last].partitions.reduce(0.0) { sum, row in
            let partition = Int(row)
            guard volume(partition, last) == 0 else { return sum }
            let end = current[partition].end
            let kept = end - Double(logStart(partition, end: Int64(end)))
            return sum + kept * topic(of: partition).bytesPerRecord
        }
        brokers[last].volumes[0].totalBytes = max(10 * gigabyte, used / 0.86)
        brokers[last].volumes[0].otherBytes = 0
    }

    // MARK: Groups

    private static let oddities = [
        "\u{1b}[2J\u{07}", "\u{202e}", "漢字かな", "e\u{301}\u{301}\u{301}", "line\nbreak\t",
        "👩‍👩‍👧‍👦", String(repeating: "long", count: 60), "\u{9b}31m", "\u{0}", " ",
    ]

    private mutating func buildGroups() {
        let services = [
            "indexer", "billing", "notifier", "analytics", "archiver", "fraud-check", "etl",
            "dashboard", "mirror", "enricher",
        ]
        let readable = topics.indices.filter { !topics[$0].isInternal }
        guard !readable.isEmpty else { return }
        var names: Set<String> = []
        for number in 0..<shape.groups {
            let first = pick(readable)
            let domain = topics[first].name.split(separator: ".").first.map(String.init) ?? "app"
            var name = "\(domain)-\(services[number % services.count])"
            if shape.hasOddNames { name = Self.oddities[number % Self.oddities.count] + name }
            while !names.insert(name).inserted { name += "-\(number)" }
            var read: Set<Int> = [first]
            while Double(read.count) < 3, random.unit() < 0.3 { read.insert(pick(readable)) }
            let width = read.reduce(0) { $0 + topics[$1].partitionCount }
            let members = max(1, min(width, 1 + Int(random.next() % 8)))
            let isNew = shape.release == .v43 && random.unit() < 0.35
            var group = SimulatedGroup(
                id: name, type: groupType(number, isNew: isNew), topics: read.sorted(),
                memberCount: members,
                assignor: isNew
                    ? "uniform" : ["range", "cooperative-sticky"][Int(random.next() % 2)],
                delay: 0.05 + random.unit() * 0.6, commitInterval: random.unit() < 0.7 ? 1 : 5)
            season(&group, number)
            groups.append(group)
        }
        groups.sort { $0.id < $1.id }
        for (index, group) in groups.enumerated() {
            groupIndex[group.id] = index
            groupsOfSlot[slot(ofGroup: group.id)].append(index)
        }
    }

    /// Among many groups of a new release some are of the newest types.
    private func groupType(_ number: Int, isNew: Bool) -> SimulatedGroup.GroupType {
        if shape.release == .v43, number % 20 == 12 { return .share }
        if shape.release == .v43, number % 20 == 17 { return .streams }
        return isNew ? .consumer : .classic
    }

    /// Among many groups that do well there are always some that do not.
    private mutating func season(_ group: inout SimulatedGroup, _ number: Int) {
        switch number % 17 {
        case 3: group.rebalanceInterval = 420
        case 6: group.pace = Pace(since: 0, from: -2 - 40 * random.unit(), speed: 0.985)
        case 9:
            group.memberCount = 0
            group.pace = Pace(since: 0, from: -900 - 7_200 * random.unit(), speed: 0)
        case 14: group.rebalanceInterval = 900
        default: break
        }
    }

    /// Popular topics are read by more groups.
    private mutating func pick(_ indexes: [Int]) -> Int {
        let byTraffic = random.unit() < 0.5
        if byTraffic {
            var best = indexes[Int(random.next() % UInt64(indexes.count))]
            for _ in 0..<4 {
                let other = indexes[Int(random.next() % UInt64(indexes.count))]
                if rate(ofTopic: other) > rate(ofTopic: best) { best = other }
            }
            return best
        }
        return indexes[Int(random.next() % UInt64(indexes.count))]
    }

    func rate(ofTopic index: Int) -> Double {
        Double(usualRate[topics[index].firstPartition]) * Double(topics[index].partitionCount)
    }

    /// The partition of the offsets topic that keeps a group.
    func slot(ofGroup id: String) -> Int {
        let hash = javaHash(id)
        return Int(hash == .min ? 0 : abs(hash)) % shape.offsetsPartitions
    }
}
