// Metadata and offsets: what changes with every record written.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

extension Observer {
    /// Brokers in every round; all topics when it is time or something has changed, else the topics
    /// in view.
    func askMetadata() {
        guard !metadataUnderWay else { return }
        let now = loop.now
        let sinceWhole = now &- wholeMetadataAt
        let isDue = wholeMetadataAt == 0 || sinceWhole >= wholeMetadataInterval
        let isWanted = wantsWholeMetadata && sinceWhole >= Limits.shortestMetadataInterval
        let whole = isDue || isWanted || isOnce
        let topics = whole ? nil : Array(interest.topics.prefix(Limits.topicsPerConfigRequest))
        metadataUnderWay = true
        if whole {
            wantsWholeMetadata = false
            wholeMetadataAt = now
        }
        ask(
            .metadata, to: .any, timeoutNs: whole ? Limits.slowTimeout : Limits.fastTimeout,
            tries: 3,
            { version in
                var request = MetadataRequest()
                request.allowAutoTopicCreation = version < 4
                if let topics {
                    request.topics = topics.map { name in
                        var topic = MetadataRequest.Topic()
                        topic.name = name
                        return topic
                    }
                } else {
                    // Version 0 has no null: an empty list means all topics there.
                    request.topics = version == 0 ? [] : nil
                }
                return request
            },
            failed: { [weak self] in
                self?.metadataUnderWay = false
                self?.wantsWholeMetadata = true
            }
        ) { [weak self] answer in
            self?.metadataUnderWay = false
            self?.fold(metadata: answer, whole: whole)
        }
    }

    /// Small clusters are asked whole in every round; the interval grows with the answer's size.
    private var wholeMetadataInterval: UInt64 {
        let steps = UInt64(draft.cluster.partitions.count / Limits.wholeMetadataPartitions)
        return min(Limits.longestMetadataInterval, steps * refreshNs)
    }

    private func fold(metadata answer: Answer<MetadataResponse>, whole: Bool) {
        let told = answer.value
        let now = loop.now
        if told.error.isError {
            note(
                told.error, api: "Metadata", broker: answer.brokerID.map { BrokerID($0) },
                section: .metadata,
                message: "Metadata was refused by \(answer.endpoint): \(told.error).")
            return
        }
        if let id = told.clusterID { draft.cluster.clusterID = id }
        let hasChanged = draft.fold(brokers: told.brokers, now: now)
        client.updateBrokers(
            told.brokers.compactMap { broker in
                UInt16(exactly: broker.port).map {
                    BrokerAddress(
                        id: broker.nodeID, endpoint: Endpoint(host: broker.host, port: $0),
                        rack: broker.rack)
                }
            })
        learnKind()
        if draft.cluster.kind == .zookeeper {
            draft.cluster.controller = told.controllerID >= 0 ? BrokerID(told.controllerID) : nil
        }
        updateRouting(told.controllerID)
        if !told.topics.isEmpty || whole {
            let layout = draft.cluster.layout
            if !draft.fold(TopicAnswers(told.topics), whole: whole, now: now) {
                wantsWholeMetadata = true
            }
            if draft.cluster.layout != layout { offsetCursor = [:] }
        }
        draft.reconcileBrokers(now: now)
        if hasChanged && !whole { wantsWholeMetadata = true }
        if !knowsBrokers {
            knowsBrokers = true
            if !isOnce { publishNow() }
            askBody()
        } else if wantsWholeMetadata && !whole {
            askMetadata()
        }
    }

    /// Kind and release from every list of APIs known: the oldest release counts, since that is what
    /// all brokers can do.
    private func learnKind() {
        var oldest: String?
        for link in client.links + client.bootstrapLinks {
            guard let apis = link.versions?.ranges else { continue }
            draft.cluster.kind = Fingerprint.kind(apis) ?? draft.cluster.kind
            guard let seen = Fingerprint.release(apis) else { continue }
            if oldest.map({ Fingerprint.isOlder(seen, than: $0) }) ?? true { oldest = seen }
        }
        draft.cluster.kafkaVersion = oldest ?? draft.cluster.kafkaVersion
    }

    /// KRaft brokers forward; in ZooKeeper mode only the controller itself takes such requests.
    private func updateRouting(_ controller: Int32) {
        switch draft.cluster.kind {
        case .kraft: client.updateController(.anyBroker)
        case .zookeeper where controller >= 0: client.updateController(.broker(controller))
        default: client.updateController(.unknown)
        }
    }

    // MARK: Offsets

    /// Asks every listed broker for the log ends of its replicas and the high watermarks of the
    /// partitions it leads: all of them where the cluster is small, else those in view and the next
    /// piece of the sweep.
    func askOffsets() {
        guard sections.contains(.offsets) else { return }
        let table = draft.cluster.partitions
        // A cluster without partitions has answered everything about their offsets.
        if table.count == 0 { draft.markAnswered(.offsets, at: loop.now) }
        let isWhole = isOnce || table.replicaCount <= Limits.replicasPerRound
        let share = Double(Limits.replicasPerRound) / Double(max(1, table.replicaCount))
        setInterval(.offsets, rounds: isWhole ? 1 : 1 / share)
        let starts = isOnce || loop.now &- logStartsAt >= Limits.logStartInterval
        if starts { logStartsAt = loop.now }
        for broker in draft.cluster.brokers where broker.isListed {
            guard let all = draft.rowsOfBroker[broker.id], !all.isEmpty else { continue }
            let rows: [Int32]
            if isWhole {
                rows = all
            } else {
                let piece = max(1, Int(Double(all.count) * share))
                let from = (offsetCursor[broker.id] ?? 0) % all.count
                offsetCursor[broker.id] = from + piece >= all.count ? 0 : from + piece
                rows = merge(all[from..<min(all.count, from + piece)], inView(of: broker.id))
            }
            askOffsets(of: broker.id, replicaRows: rows, withStarts: starts)
        }
    }

    private func askOffsets(of broker: BrokerID, replicaRows: [Int32], withStarts: Bool) {
        let table = draft.cluster.partitions
        let led = replicaRows.compactMap { replica -> Int32? in
            let row = draft.partitionOfReplica[Int(replica)]
            return table.leader[Int(row)] == broker.value ? row : nil
        }
        send(.logEnd, broker, replicaRows)
        send(.highWatermark, broker, led)
        if withStarts { send(.logStart, broker, led) }
    }

    private func send(_ kind: OffsetAsk.Kind, _ broker: BrokerID, _ rows: [Int32]) {
        var from = 0
        while from < rows.count {
            let piece = Array(rows[from..<min(rows.count, from + Limits.offsetsPerRequest)])
            send(
                OffsetAsk(
                    kind: kind, broker: broker, rows: piece, layout: draft.cluster.layout),
                subject: "\(kind.rawValue)/\(from)")
            from += Limits.offsetsPerRequest
        }
    }

    private func send(_ question: OffsetAsk, subject: String) {
        let request = question.request(draft)
        ask(
            .offsets, to: .broker(question.broker.value), subject: subject, { _ in request },
            failed: { [weak self] in self?.wantsWholeMetadata = true }
        ) { [weak self] answer in
            guard let self else { return }
            let faults = question.fold(
                answer.value, asked: answer.sentAtNs, answered: answer.receivedAtNs, into: &draft)
            if faults.needsMetadata { wantsWholeMetadata = true }
            report(faults, question, subject: subject)
            draft.markAnswered(.offsets, at: loop.now)
        }
    }

    private func report(_ faults: OffsetAsk.Faults, _ question: OffsetAsk, subject: String) {
        guard let worst = faults.counts.max(by: { $0.value < $1.value }) else { return }
        let example = faults.example[worst.key].map { " (\($0) is one)" } ?? ""
        note(
            worst.key, api: "ListOffsets", broker: question.broker, section: .offsets,
            message: "Broker \(question.broker) gave no offset for \(worst.value) of "
                + "\(faults.total) partitions\(example): \(worst.key).",
            subject: subject)
    }

    /// Replica rows on a broker that somebody looks at now.
    private func inView(of broker: BrokerID) -> [Int32] {
        var rows: [Int32] = []
        func add(partition row: Int) {
            if let replica = draft.replicaRow(partition: row, broker: broker) {
                rows.append(Int32(replica))
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
            for row in draft.groupRows[id] ?? [] where row >= 0 { add(partition: Int(row)) }
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
        guard knowsBrokers, !isOnce, sections.contains(.offsets) else { return }
        if draft.cluster.partitions.replicaCount > Limits.replicasPerRound {
            for broker in draft.cluster.brokers where broker.isListed {
                let rows = merge([], inView(of: broker.id))
                if !rows.isEmpty {
                    askOffsets(of: broker.id, replicaRows: rows, withStarts: false)
                }
            }
        }
        askGroupsInView()
    }

    /// In a snapshot: leaders that had moved when they were asked are asked once more.
    func retryStaleLeaders() -> Bool {
        guard isOnce, sections.contains(.offsets), !retriedOffsets, wantsWholeMetadata else {
            return false
        }
        retriedOffsets = true
        guard draft.failures.values.contains(where: { Self.movedLeader.contains($0.code) }) else {
            return false
        }
        draft.failures = draft.failures.filter { $0.value.api != "ListOffsets" }
        askMetadataAgain()
        return true
    }

    private static let movedLeader: Set<String> = [
        "NOT_LEADER_OR_FOLLOWER", "LEADER_NOT_AVAILABLE", "REPLICA_NOT_AVAILABLE",
        "UNKNOWN_TOPIC_OR_PARTITION", "FENCED_LEADER_EPOCH",
    ]

    private func askMetadataAgain() {
        ask(
            .metadata, to: .any, tries: 3,
            { version in
                var request = MetadataRequest()
                request.allowAutoTopicCreation = version < 4
                request.topics = version == 0 ? [] : nil
                return request
            }
        ) { [weak self] answer in
            guard let self else { return }
            _ = draft.fold(brokers: answer.value.brokers, now: loop.now)
            _ = draft.fold(TopicAnswers(answer.value.topics), whole: true, now: loop.now)
            askOffsets()
        }
    }
}
