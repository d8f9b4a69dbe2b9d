// Offsets: what changes with every record written. Log ends of every replica from the broker that
// holds it, high watermarks and log starts from the leaders; large clusters are swept in pieces.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

extension Observer {
    /// Asks every listed broker for the log ends of its replicas and the high watermarks of the
    /// partitions it leads: all of them where the cluster is small or the broker was never asked,
    /// else those in view and the next piece of the sweep.
    func askOffsets() {
        guard sections.contains(.offsets) else { return }
        askedAt = loop.now
        let count = draft.cluster.partitions.replicaCount
        // A cluster without partitions has answered everything about their offsets.
        if count == 0 { draft.markAnswered(.offsets, at: loop.now) }
        let isWhole = isOnce || !isLarge
        let most = budget.replicasPerRound * (interest.wantsAllReplicas ? budget.haste : 1)
        let rounds = isWhole ? 1 : (count + most - 1) / most
        let passNs = UInt64(rounds) * refreshNs
        setInterval(.offsets, ns: passNs)
        let startsEvery = max(1, (Limits.logStartInterval + passNs - 1) / passNs)
        let withStarts = isOnce || offsetSweep.pass % startsEvery == 0
        offsetSweep.advance(
            count: draft.cluster.partitions.count, rounds: rounds,
            roundsPerPiece: budget.roundsPerPiece)
        let inView = isWhole ? [:] : replicasInView()
        for broker in draft.cluster.brokers where broker.isListed {
            guard let all = draft.rowsOfBroker[broker.id], !all.isEmpty else { continue }
            // One that has not answered the last piece is not burdened with the next; nor are we.
            if !isWhole, offsetsUnderWay[broker.id] != nil {
                offsetSweep.skip(broker.id)
                continue
            }
            let pieces = offsetSweep.take(broker.id, count: draft.cluster.partitions.count)
            var rows = all
            if !isWhole {
                let swept = pieces.map { $0.flatMap { replicas(all, ofPartitions: $0) } }
                rows = merge(swept ?? all, inView[broker.id] ?? [])
            }
            askOffsets(
                of: broker.id, replicaRows: rows, withStarts: withStarts || pieces == nil)
        }
    }

    /// Those of a broker's replica rows that are of the partition rows named.
    private func replicas(_ rows: [Int32], ofPartitions range: Range<Int>) -> ArraySlice<Int32> {
        let first = draft.cluster.partitions.firstReplica
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

    /// Too many replicas to ask about all of them in every round.
    var isLarge: Bool { draft.cluster.partitions.replicaCount > budget.replicasPerRound }

    private func askOffsets(of broker: BrokerID, replicaRows: [Int32], withStarts: Bool) {
        let led = replicaRows.compactMap { replica -> Int32? in
            let row = draft.partitionOfReplica[Int(replica)]
            return draft.cluster.partitions.leader[Int(row)] == broker.value ? row : nil
        }
        send(.logEnd, broker, replicaRows)
        send(.highWatermark, broker, led)
        if withStarts { send(.logStart, broker, led) }
    }

    private func send(_ kind: OffsetAsk.Kind, _ broker: BrokerID, _ rows: [Int32]) {
        var from = 0
        while from < rows.count {
            let piece = Array(rows[from..<min(rows.count, from + budget.offsetsPerRequest)])
            send(
                OffsetAsk(
                    kind: kind, broker: broker, rows: piece, layout: draft.cluster.layout),
                subject: "\(kind.rawValue)/\(from)")
            from += budget.offsetsPerRequest
        }
    }

    private func send(_ question: OffsetAsk, subject: String) {
        // Built now, while the rows are those of this layout; sent when there is a connection.
        let request = question.request(draft)
        let broker = question.broker
        let piece = offsetSweep.piece
        offsetsUnderWay[broker, default: 0] += 1
        ask(
            .offsets, to: .broker(question.broker.value), subject: subject, { _ in request },
            failed: { [weak self] in
                guard let self else { return }
                offsetsEnded(broker)
                wantsWholeMetadata = true
                // A first pass that failed is begun anew: all the rest of it would be late.
                if sweptBrokers.contains(broker) {
                    offsetSweep.fail(broker, from: piece.lowerBound)
                } else {
                    offsetSweep.begin(broker)
                }
            }
        ) { [weak self] answer in
            guard let self else { return }
            offsetsEnded(broker)
            sweptBrokers.insert(broker)
            let faults = question.fold(
                answer.value, to: request, asked: answer.sentAtNs, answered: answer.receivedAtNs,
                into: &draft)
            if faults.needsMetadata { wantsWholeMetadata = true }
            report(faults, question, subject: subject)
            draft.markAnswered(.offsets, at: loop.now)
        }
    }

    private func offsetsEnded(_ broker: BrokerID) {
        let left = (offsetsUnderWay[broker] ?? 1) - 1
        offsetsUnderWay[broker] = left > 0 ? left : nil
    }

    private func report(_ faults: OffsetAsk.Faults, _ question: OffsetAsk, subject: String) {
        let asked = question.rows.count
        if let worst = faults.counts.max(by: { ($0.value, $1.key.code) < ($1.value, $0.key.code) })
        {
            let example = faults.example[worst.key].map { " (\($0) is one)" } ?? ""
            note(
                worst.key, api: "ListOffsets", broker: question.broker, section: .offsets,
                message: "Broker \(question.broker) gave no offset for \(worst.value) of "
                    + "\(asked) partitions\(example): \(worst.key).",
                subject: subject)
        } else if faults.missing > 0 {
            draft.note(
                ObservationFailure(
                    api: "ListOffsets", broker: question.broker, code: "INCOMPLETE_ANSWER",
                    message: "Broker \(question.broker) left \(faults.missing) of \(asked) "
                        + "partitions out of its answer.",
                    section: .offsets),
                subject: subject, at: loop.now)
        }
    }

    /// Replica rows that somebody looks at now, by broker.
    private func replicasInView() -> [BrokerID: [Int32]] {
        var rows: [BrokerID: [Int32]] = [:]
        func add(partition row: Int) {
            for replica in draft.cluster.partitions.replicas(of: row) {
                rows[BrokerID(draft.cluster.partitions.replicaBroker[replica]), default: []]
                    .append(Int32(replica))
            }
        }
        for name in interest.topics {
            guard let topic = draft.cluster.topic(named: name) else { continue }
            for row in topic.partitions { add(partition: row) }
        }
        for key in interest.partitions {
            if let row = draft.cluster.row(of: key) { add(partition: row) }
        }
        for id in interest.groups {
            guard let group = draft.cluster.group(id),
                group.offsetRowsLayout == draft.cluster.layout
            else { continue }
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

    /// What came into view is asked at once, not with the next round.
    func askOfInterest() {
        guard knowsBrokers, !isOnce else { return }
        if sections.contains(.offsets), isLarge {
            let inView = replicasInView()
            for broker in draft.cluster.brokers where broker.isListed {
                let rows = merge([], inView[broker.id] ?? [])
                if !rows.isEmpty {
                    askOffsets(of: broker.id, replicaRows: rows, withStarts: false)
                }
            }
        }
        askGroupsInView()
        // Whoever scrolls waits for no round.
        if isLarge { changed() }
    }

    /// In a snapshot: leaders that had moved when they were asked are asked once more.
    func retryStaleLeaders() -> Bool {
        guard isOnce, sections.contains(.offsets), !retriedOffsets else { return false }
        retriedOffsets = true
        let hasMoved = draft.failures.values.contains {
            $0.failure.api == "ListOffsets" && Self.movedLeader.contains($0.failure.code)
        }
        guard hasMoved else { return false }
        ask(
            .metadata, to: .any, timeoutNs: metadataPatience, tries: 2,
            { MetadataColumnsRequest(topics: nil, version: $0) }
        ) { [weak self] answer in
            guard let self, !answer.value.brokers.isEmpty else { return }
            // Only now: without new leaders the failures stand.
            draft.failures = draft.failures.filter { $0.value.failure.api != "ListOffsets" }
            _ = draft.fold(brokers: answer.value.brokers, now: loop.now)
            _ = draft.fold(TopicAnswers(answer.value), whole: true, now: loop.now)
            draft.reconcileBrokers(now: loop.now)
            askOffsets()
        }
        return true
    }

    private static let movedLeader: Set<String> = [
        "NOT_LEADER_OR_FOLLOWER", "LEADER_NOT_AVAILABLE", "REPLICA_NOT_AVAILABLE",
        "UNKNOWN_TOPIC_OR_PARTITION", "FENCED_LEADER_EPOCH",
    ]
}
