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
        let count = draft.cluster.partitions.replicaCount
        // A cluster without partitions has answered everything about their offsets.
        if count == 0 { draft.markAnswered(.offsets, at: loop.now) }
        let isWhole = isOnce || !isLarge
        // Every broker is through after so many rounds: pieces are rounded up.
        let most = budget.replicasPerRound * (interest.wantsAllReplicas ? budget.haste : 1)
        let rounds = isWhole ? 1 : (count + most - 1) / most
        let passNs = UInt64(rounds) * refreshNs
        setInterval(.offsets, ns: passNs)
        let startsEvery = max(1, (Limits.logStartInterval + passNs - 1) / passNs)
        let inView = isWhole ? [:] : replicasInView()
        for broker in draft.cluster.brokers where broker.isListed {
            guard let all = draft.rowsOfBroker[broker.id], !all.isEmpty else { continue }
            // One that has not answered the last piece is not burdened with the next; nor are we.
            if !isWhole, offsetsUnderWay[broker.id] != nil { continue }
            let known = offsetSweeps[broker.id]
            var sweep = known ?? Sweep()
            let piece = isWhole || known == nil ? all.count : (all.count + rounds - 1) / rounds
            let from = sweep.cursor < all.count && !isWhole ? sweep.cursor : 0
            let to = min(all.count, from + piece)
            let withStarts = isOnce || sweep.pass % startsEvery == 0
            sweep.cursor = to
            if to == all.count {
                sweep.cursor = 0
                sweep.pass += 1
            }
            offsetSweeps[broker.id] = sweep
            askOffsets(
                of: broker.id, replicaRows: merge(all[from..<to], inView[broker.id] ?? []),
                withStarts: withStarts)
        }
    }

    /// Too many replicas to ask about all of them in every round.
    var isLarge: Bool { draft.cluster.partitions.replicaCount > budget.replicasPerRound }

    /// After rows came or went: log starts are asked again with the next pass. The sweeps go on
    /// where they are, since topics that come and go all the time must not keep them at their
    /// beginning.
    func restartPasses() {
        for id in offsetSweeps.keys { offsetSweeps[id]?.pass = 0 }
    }

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
        offsetsUnderWay[broker, default: 0] += 1
        ask(
            .offsets, to: .broker(question.broker.value), subject: subject, { _ in request },
            failed: { [weak self] in
                guard let self else { return }
                offsetsEnded(broker)
                wantsWholeMetadata = true
                // A first pass that failed is begun anew: all the rest of it would be late.
                if offsetSweeps[question.broker]?.pass ?? 0 <= 1 {
                    offsetSweeps[question.broker] = nil
                }
            }
        ) { [weak self] answer in
            guard let self else { return }
            offsetsEnded(broker)
            let faults = question.fold(
                answer.value, asked: answer.sentAtNs, answered: answer.receivedAtNs, into: &draft)
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
        if draft.groupRowsLayout == draft.cluster.layout {
            for id in interest.groups {
                for row in draft.groupRows[id] ?? [] where row >= 0 { add(partition: Int(row)) }
            }
        }
        return rows
    }

    private func merge(_ sweep: ArraySlice<Int32>, _ extra: [Int32]) -> [Int32] {
        guard !extra.isEmpty else { return Array(sweep) }
        var all = Array(sweep) + extra
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
            { version in
                var request = MetadataRequest()
                request.allowAutoTopicCreation = version < 4
                request.topics = version == 0 ? [] : nil
                return request
            }
        ) { [weak self] answer in
            guard let self, !answer.value.brokers.isEmpty else { return }
            // Only now: without new leaders the failures stand.
            draft.failures = draft.failures.filter { $0.value.failure.api != "ListOffsets" }
            _ = draft.fold(brokers: answer.value.brokers, now: loop.now)
            _ = draft.fold(TopicAnswers(answer.value.topics), whole: true, now: loop.now)
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
