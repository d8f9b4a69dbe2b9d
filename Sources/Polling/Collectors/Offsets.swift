// Offsets: what changes with every record written. Log ends of every replica from the broker that
// holds it, high watermarks and log starts from the leaders; large clusters are swept in pieces.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// Asks every listed broker for the log ends of its replicas and the high watermarks of the
/// partitions it leads: all of them where the cluster is small or the broker was never asked, else
/// those in view and the next piece of the sweep. Where all of them cost too much, partitions that
/// stand still are asked less often (`OffsetTurn`).
final class OffsetCollector: Collector {
    private unowned let observer: Observer
    private var sweep = OffsetSweep()
    private var layout: UInt64 = 0
    /// Brokers whose first question about all they hold has been answered.
    private var sweptBrokers: Set<BrokerID> = []
    /// Questions under way, by broker.
    private var underWay: [BrokerID: Int] = [:]
    /// When the offsets of this round were asked for.
    private(set) var askedAt: UInt64 = 0
    /// When each broker was asked in a round last.
    private var askedBroker: [BrokerID: UInt64] = [:]
    /// The shortest time between two rounds of one broker: longer than the refresh interval where a
    /// round takes longer.
    private var spacing: UInt64 = 0
    private var hasRetried = false
    private var lookedAt = Interest()
    /// Rounds so far.
    private var rounds: UInt64 = 0
    /// Brokers that are asked about all they hold next: they have missed a turn.
    private var missed: Set<BrokerID> = []
    private let slices: Slices

    init(_ observer: Observer) {
        self.observer = observer
        slices = Slices(observer, most: Limits.brokersPerSlice)
    }

    var isUnderWay: Bool { !underWay.isEmpty }

    func round(_ due: Due) {
        slices.finish()
        askedAt = observer.loop.now
        if layout != observer.working.cluster.layout {
            layout = observer.working.cluster.layout
            sweep.restartPasses()
        }
        let count = observer.working.cluster.partitions.replicaCount
        // A cluster without partitions has answered everything about their offsets.
        if count == 0 { observer.working.markAnswered(.offsets, at: observer.loop.now) }
        let isWhole = due == .once || !observer.isLarge
        let haste = observer.interest.wantsAllReplicas ? observer.budget.haste : 1
        let most = observer.budget.replicasPerRound * haste
        let rounds = isWhole ? 1 : (count + most - 1) / most
        let passNs = UInt64(rounds) * roundNs
        let turn = due == .live ? self.turn(of: isWhole ? roundNs : passNs, isWhole: isWhole) : nil
        observer.working.isSparing = turn != nil
        // Three of these are the age at which an offset is stale, and two that of a rate.
        observer.setInterval(.offsets, ns: max(passNs, turn == nil ? 0 : Limits.stillLeader / 2))
        let startsEvery = max(1, (Limits.logStartInterval + passNs - 1) / passNs)
        let withStarts = due == .once || sweep.pass % startsEvery == 0
        sweep.advance(
            count: observer.working.cluster.partitions.count, rounds: rounds,
            roundsPerPiece: observer.budget.roundsPerPiece)
        let inView = isWhole && turn == nil ? [:] : replicasInView(observer.interest)
        var spacing = UInt64.max
        var pieces: [() -> Void] = []
        for broker in observer.working.cluster.brokers where broker.isListed {
            guard let all = observer.working.rowsOfBroker[broker.id], !all.isEmpty else { continue }
            // One that has not answered the last piece is not burdened with the next; nor are we.
            if due == .live, underWay[broker.id] != nil {
                sweep.skip(broker.id)
                missed.insert(broker.id)
                continue
            }
            if let before = askedBroker[broker.id] { spacing = min(spacing, askedAt - before) }
            askedBroker[broker.id] = askedAt
            let ranges = sweep.take(broker.id, count: observer.working.cluster.partitions.count)
            var rows = all
            if !isWhole {
                let swept = ranges.map { $0.flatMap { replicas(all, ofPartitions: $0) } }
                rows = merge(swept ?? all, inView[broker.id] ?? [])
            }
            let isAll = ranges == nil || missed.remove(broker.id) != nil
            let seen = inView[broker.id] ?? []
            pieces.append { [unowned self, layout] in
                guard layout == observer.working.cluster.layout else {
                    missed.insert(broker.id)
                    return
                }
                if let turn, !isAll {
                    ask(broker.id, turn, of: rows, inView: seen)
                } else {
                    ask(broker.id, replicaRows: rows, withStarts: withStarts || isAll)
                }
            }
        }
        slices.start(pieces)
        if due == .live { askLastStable() }
        // Once nobody could be asked the time since the last round is none between two.
        if spacing < .max { self.spacing = min(spacing, Limits.longestSpacing) }
    }

    /// The time between two rounds: the refresh interval, or longer where answers take longer.
    private var roundNs: UInt64 {
        spacing > observer.refreshNs / 4 * 5 ? spacing : observer.refreshNs
    }

    /// The turn of this round, where not everything is asked in each of them.
    private func turn(of turnNs: UInt64, isWhole: Bool) -> OffsetTurn? {
        rounds &+= 1
        let table = observer.working.cluster.partitions
        let bytes = UInt64(table.replicaCount + table.count) * UInt64(Limits.offsetBytes)
        let most = UInt64(observer.budget.offsetBytesPerSecond)
        guard bytes * Limits.second / max(1, turnNs) > most else { return nil }
        return OffsetTurn(number: isWhole ? rounds : sweep.pass, ns: turnNs, now: askedAt)
    }

    private func ask(
        _ broker: BrokerID, _ turn: OffsetTurn, of rows: [Int32], inView: [Int32]
    ) {
        let working = observer.working
        let due = merge(
            rows.filter { turn.isDue(replica: Int($0), working) },
            inView.filter { turn.isDue(replica: Int($0), isInView: true, working) })
        ask(.logEnd, broker, due)
        ask(
            .highWatermark, broker,
            led(broker, due).filter { turn.isHighWatermarkDue(Int($0), working) })
        ask(.logStart, broker, led(broker, rows).filter { turn.isStartDue(Int($0), working) })
    }

    /// Asks at once what belongs beside a leader's end that has moved: what was read before it
    /// would look like lag.
    private func askWoken() {
        guard !observer.working.woken.isEmpty else { return }
        let table = observer.working.cluster.partitions
        var followers: [BrokerID: [Int32]] = [:]
        var leaders: [BrokerID: [Int32]] = [:]
        for row in observer.working.woken.sorted() {
            leaders[BrokerID(table.leader[Int(row)]), default: []].append(row)
            for replica in table.replicas(of: Int(row))
            where table.replicaBroker[replica] != table.leader[Int(row)] {
                followers[BrokerID(table.replicaBroker[replica]), default: []]
                    .append(Int32(replica))
            }
        }
        observer.working.woken = []
        // This runs after every answer: it must not walk over all brokers.
        for broker in Set(followers.keys).union(leaders.keys).sorted()
        where observer.working.cluster.broker(broker)?.isListed == true {
            ask(.logEnd, broker, followers[broker] ?? [])
            ask(.highWatermark, broker, leaders[broker] ?? [])
        }
    }

    /// A small cluster is asked about everything in each round, unless that costs too much.
    func lookAt(_ interest: Interest) {
        var interest = interest
        let before = lookedAt
        lookedAt = interest
        if !observer.isLarge {
            guard observer.working.isSparing else { return }
            // What stays in view has its turns like everything else.
            interest.topics.removeAll { before.topics.contains($0) }
            interest.partitions.removeAll { before.partitions.contains($0) }
            interest.groups.removeAll { before.groups.contains($0) }
        }
        let inView = replicasInView(interest)
        for broker in observer.working.cluster.brokers where broker.isListed {
            let rows = merge([], inView[broker.id] ?? [])
            if !rows.isEmpty { ask(broker.id, replicaRows: rows, withStarts: false) }
        }
    }

    /// Those of a broker's replica rows that are of the partition rows named.
    private func replicas(_ rows: [Int32], ofPartitions range: Range<Int>) -> ArraySlice<Int32> {
        let first = observer.working.cluster.partitions.firstReplica
        func place(_ row: Int) -> Int {
            var low = 0
            var high = rows.count
            while low < high {
                let middle = (low + high) / 2
                if rows[middle] < first[row] { low = middle + 1 } else { high = middle }
            }
            return low
        }
        return rows[place(range.lowerBound)..<place(range.upperBound)]
    }

    private func ask(_ broker: BrokerID, replicaRows: [Int32], withStarts: Bool) {
        let led = led(broker, replicaRows)
        ask(.logEnd, broker, replicaRows)
        ask(.highWatermark, broker, led)
        if withStarts { ask(.logStart, broker, led) }
        if observer.isOnce { ask(.lastStable, broker, led) }
    }

    /// Transactions matter where somebody looks at a partition.
    private func askLastStable() {
        let table = observer.working.cluster.partitions
        var rows: [BrokerID: Set<Int32>] = [:]
        // A screen of replicas names a partition more than once.
        for key in observer.interest.partitions.prefix(Limits.watchedStates) {
            guard let row = observer.working.cluster.row(of: key) else { continue }
            rows[BrokerID(table.leader[row]), default: []].insert(Int32(row))
        }
        for (broker, led) in rows.sorted(by: { $0.key < $1.key })
        where observer.working.cluster.broker(broker)?.isListed == true {
            ask(.lastStable, broker, led.sorted())
        }
    }

    /// The rows of the partitions that the broker leads, of those of which it holds these replicas.
    private func led(_ broker: BrokerID, _ replicaRows: [Int32]) -> [Int32] {
        let rowOf = observer.working.partitionOfReplica
        let leader = observer.working.cluster.partitions.leader
        return replicaRows.compactMap { replica in
            let row = rowOf[Int(replica)]
            return leader[Int(row)] == broker.value ? row : nil
        }
    }

    private func ask(_ kind: OffsetQuestion.Kind, _ broker: BrokerID, _ rows: [Int32]) {
        let size = observer.budget.offsetsPerRequest
        for from in stride(from: 0, to: rows.count, by: size) {
            let piece = Array(rows[from..<min(rows.count, from + size)])
            ask(
                OffsetQuestion(
                    kind: kind, broker: broker, rows: piece,
                    layout: observer.working.cluster.layout),
                subject: "\(kind.rawValue)/\(from)")
        }
    }

    /// Asks the leaders of partitions for their log ends now; `then` is handed those of each answer
    /// by the partition's row.
    func lookAgain(at rows: [Int32], then: @escaping ([Int32: Int64]) -> Void) {
        guard observer.plan.sections.contains(.offsets) else { return }
        let table = observer.working.cluster.partitions
        var replicas: [BrokerID: (rows: [Int32], replicas: [Int32])] = [:]
        for row in rows {
            guard let leader = table.leaderReplica(Int(row)) else { continue }
            replicas[BrokerID(table.leader[Int(row)]), default: ([], [])].rows.append(row)
            replicas[BrokerID(table.leader[Int(row)]), default: ([], [])].replicas
                .append(Int32(leader))
        }
        for (broker, asked) in replicas.sorted(by: { $0.key < $1.key }) {
            let question = OffsetQuestion(
                kind: .logEnd, broker: broker, rows: asked.replicas,
                layout: observer.working.cluster.layout)
            ask(question, subject: "again/\(asked.rows[0])") { [weak self] answer in
                guard let self else { return }
                then(question.ends(answer, observer.working))
            }
        }
    }

    private func ask(
        _ offsets: OffsetQuestion, subject: String,
        then: @escaping (OffsetColumns) -> Void = { _ in }
    ) {
        // Built now, while the rows are those of this layout; sent when there is a connection.
        let request = offsets.request(observer.working)
        let broker = offsets.broker
        let piece = sweep.piece
        let question = Question(.offsets, to: .broker(broker.value), subject: subject)
        let isAsked = observer.ask(
            question, { _ in request },
            failed: { [weak self] in
                guard let self else { return }
                ended(broker)
                missed.insert(broker)
                observer.metadata.wantsWhole = true
                // A first pass that failed is begun anew: all the rest of it would be late.
                if sweptBrokers.contains(broker) {
                    sweep.fail(broker, from: piece.lowerBound)
                } else {
                    sweep.begin(broker)
                }
            }
        ) { [weak self] answer in
            guard let self else { return }
            ended(broker)
            sweptBrokers.insert(broker)
            // Without what every exchange takes: on the side of the question, since the moment of
            // the answer is the age of what it says.
            let faults = offsets.fold(
                answer.value, to: request, asked: answer.receivedAtNs - observer.span(of: answer),
                answered: answer.receivedAtNs, into: &observer.working)
            if faults.needsMetadata { observer.metadata.wantsWhole = true }
            report(faults, offsets, subject: subject)
            askWoken()
            observer.working.markAnswered(.offsets, at: observer.loop.now)
            then(answer.value)
        }
        if isAsked { underWay[broker, default: 0] += 1 }
    }

    private func ended(_ broker: BrokerID) {
        let left = (underWay[broker] ?? 1) - 1
        underWay[broker] = left > 0 ? left : nil
    }

    private func report(_ faults: OffsetQuestion.Faults, _ offsets: OffsetQuestion, subject: String)
    {
        let asked = offsets.rows.count
        if let worst = faults.counts.max(by: { ($0.value, $1.key.code) < ($1.value, $0.key.code) })
        {
            observer.note(
                worst.key, api: "ListOffsets", broker: offsets.broker, section: .offsets,
                share: FailedShare(
                    before: "Broker \(offsets.broker) gave no offset for ", worst.value,
                    of: asked, "partition",
                    example: faults.example[worst.key].map { "\($0)" },
                    after: ": \(worst.key.reason)."),
                subject: subject)
        } else if faults.missing > 0 {
            observer.working.note(
                ObservationFailure(
                    api: "ListOffsets", broker: offsets.broker, code: "INCOMPLETE_ANSWER",
                    share: FailedShare(
                        before: "Broker \(offsets.broker) left ", faults.missing, of: asked,
                        "partition", after: " out of its answer."),
                    section: .offsets),
                subject: subject, at: observer.loop.now)
        }
    }

    /// Replica rows in view, by broker.
    private func replicasInView(_ interest: Interest) -> [BrokerID: [Int32]] {
        let cluster = observer.working.cluster
        var rows: [BrokerID: [Int32]] = [:]
        func add(partition row: Int) {
            for replica in cluster.partitions.replicas(of: row) {
                rows[BrokerID(cluster.partitions.replicaBroker[replica]), default: []]
                    .append(Int32(replica))
            }
        }
        for name in interest.topics {
            guard let topic = cluster.topic(named: name) else { continue }
            for row in topic.partitions { add(partition: row) }
        }
        for key in interest.partitions {
            if let row = cluster.row(of: key) { add(partition: row) }
        }
        for id in interest.groups {
            guard let group = cluster.group(id), group.offsetRowsLayout == cluster.layout else {
                continue
            }
            for row in group.offsetRows where row >= 0 { add(partition: Int(row)) }
        }
        return rows
    }

    private func merge(_ sweep: [Int32], _ extra: [Int32]) -> [Int32] {
        guard !extra.isEmpty else { return sweep }
        var all = sweep + extra
        all.sort()
        var unique: [Int32] = []
        unique.reserveCapacity(all.count)
        for row in all where row != unique.last { unique.append(row) }
        return unique
    }

    /// In a snapshot: leaders that had moved when they were asked are asked once more. True where
    /// there are any.
    func retryStaleLeaders() -> Bool {
        guard observer.plan.sections.contains(.offsets), !hasRetried else { return false }
        hasRetried = true
        let hasMoved = observer.working.failures.values.contains {
            $0.failure.api == "ListOffsets" && Self.movedLeader.contains($0.failure.code)
        }
        guard hasMoved else { return false }
        observer.metadata.readLeadersAgain { [weak self] in
            guard let self else { return }
            // Only now: without new leaders the failures stand.
            observer.working.failures = observer.working.failures.filter {
                $0.value.failure.api != "ListOffsets"
            }
            round(.once)
        }
        return true
    }

    private static let movedLeader: Set<String> = [
        "NOT_LEADER_OR_FOLLOWER", "LEADER_NOT_AVAILABLE", "REPLICA_NOT_AVAILABLE",
        "UNKNOWN_TOPIC_OR_PARTITION", "FENCED_LEADER_EPOCH",
    ]
}
