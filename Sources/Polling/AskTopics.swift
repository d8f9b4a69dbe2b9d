// Metadata: who is there, who leads, who is in sync. Asked of any broker, whole or for what is in
// view.
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
        let isDue = wholeMetadataAt == 0 || now &- wholeMetadataAt >= wholeMetadataInterval
        let whole = isDue || isOnce || mayWishMetadata
        let topics =
            whole ? nil : Array(interest.topics.prefix(budget.topicsPerMetadataRequest))
        let changes = draft.changes
        metadataUnderWay = true
        if whole {
            wantsWholeMetadata = false
            wholeMetadataAt = now
        }
        ask(
            .metadata, to: .any, timeoutNs: metadataPatience, tries: isOnce ? 2 : 3,
            { MetadataColumnsRequest(topics: topics, version: $0) },
            failed: { [weak self] in
                self?.metadataUnderWay = false
                self?.wantsWholeMetadata = true
            }
        ) { [weak self] answer in
            guard let self else { return }
            metadataUnderWay = false
            let took = answer.receivedAtNs - answer.sentAtNs
            if !isOnce {
                metadataPatience = min(Limits.slowTimeout, max(Limits.fastTimeout, 4 * took))
            }
            fold(metadata: answer, whole: whole)
            // Asking again and again because of a fault that stays (an offline directory, a replica
            // not made yet) would cost a large cluster megabytes a second.
            if whole {
                wishInterval =
                    draft.changes != changes || isDue
                    ? Limits.shortestMetadataInterval
                    : min(Limits.longestMetadataInterval, wishInterval * 2)
            }
        }
    }

    private var mayWishMetadata: Bool {
        wantsWholeMetadata && loop.now &- wholeMetadataAt >= wishInterval
    }

    /// Small clusters are asked whole in every round; the interval grows with the answer's size.
    private var wholeMetadataInterval: UInt64 {
        let steps = UInt64(draft.cluster.partitions.count / budget.wholeMetadataPartitions)
        return min(Limits.longestMetadataInterval, steps * refreshNs)
    }

    private func fold(metadata answer: Answer<MetadataColumns>, whole: Bool) {
        let told = answer.value
        let now = loop.now
        // A broker that has just started lists nobody, not even itself, and no topics.
        let isEmpty = told.brokers.isEmpty
        if told.error.isError || isEmpty {
            wantsWholeMetadata = true
            let why = isEmpty && !told.error.isError ? "it lists no brokers" : "\(told.error)"
            note(
                told.error, api: "Metadata", broker: nil, section: .metadata,
                message: "Metadata of \(answer.endpoint) cannot be used: \(why).")
            return
        }
        if let id = told.clusterID { draft.cluster.clusterID = id }
        if draft.fold(brokers: told.brokers, now: now) {
            draft.changes &+= 1
            wishInterval = Limits.shortestMetadataInterval
            if !whole { wantsWholeMetadata = true }
        }
        tellClient(told)
        if !told.topics.isEmpty || whole {
            let layout = draft.cluster.layout
            if !draft.fold(TopicAnswers(told), whole: whole, now: now) {
                wishInterval = Limits.shortestMetadataInterval
                wantsWholeMetadata = true
            }
            if draft.cluster.layout != layout { offsetSweep.restartPasses() }
        }
        draft.reconcileBrokers(now: now)
        setInterval(.metadata, ns: wholeMetadataInterval)
        if !knowsBrokers {
            knowsBrokers = true
            if !isOnce { publishNow() }
            askBody()
        } else if !whole && mayWishMetadata {
            askMetadata()
        }
    }

    private func tellClient(_ told: MetadataColumns) {
        client.updateBrokers(
            told.brokers.compactMap { broker in
                UInt16(exactly: broker.port).map {
                    BrokerAddress(
                        id: broker.nodeID, endpoint: Endpoint(host: broker.host, port: $0),
                        rack: broker.rack)
                }
            })
        learnKind()
        if draft.cluster.kind == .zookeeper, !draft.news.isWatched {
            draft.cluster.controller = told.controllerID >= 0 ? BrokerID(told.controllerID) : nil
        }
        updateRouting(told.controllerID)
    }

    /// Kind and release from every list of APIs known: the oldest release counts, since that is
    /// what all brokers can do.
    private func learnKind() {
        var oldest: String?
        // Bootstrap servers count only while nothing else is known: they are not asked again, and
        // the cluster may have been upgraded since.
        let known = client.links.filter { $0.isListed && $0.versions != nil }
        let lists = (known.isEmpty ? client.bootstrapLinks : known)
            .compactMap { $0.versions?.ranges }
        let before = draft.cluster.kind
        draft.cluster.kind = Fingerprint.kind(ofAll: lists) ?? before
        if !isOnce, before != nil, before != draft.cluster.kind { forgetCoordinator() }
        for apis in lists {
            guard let seen = Fingerprint.release(apis) else { continue }
            if oldest.map({ Fingerprint.isOlder(seen, than: $0) }) ?? true { oldest = seen }
        }
        draft.cluster.kafkaVersion = oldest ?? draft.cluster.kafkaVersion
    }

    /// The cluster has another coordinator than before: a migration has come to its end.
    private func forgetCoordinator() {
        ensemble?.stop()
        ensemble = nil
        draft.cluster.coordinator = Coordinator()
        draft.cluster.quorum = nil
        draft.news.isWatched = false
        for section in [Section.quorum, .coordinator] { draft.cluster.sections[section] = nil }
        draft.failures = draft.failures.filter { $0.value.failure.section != .coordinator }
    }

    /// KRaft brokers forward; in ZooKeeper mode only the controller itself takes such requests.
    private func updateRouting(_ controller: Int32) {
        switch draft.cluster.kind {
        case .kraft: client.updateController(.anyBroker)
        case .zookeeper where controller >= 0: client.updateController(.broker(controller))
        default: client.updateController(.unknown)
        }
    }
}
