// Metadata: who is there, who leads, who is in sync. Asked of any broker, whole or for what is in
// view.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// Brokers in every round; all topics when it is time or something has changed, else the topics in
/// view.
final class MetadataCollector: Collector {
    private unowned let observer: Observer
    /// Of the answers that name all topics.
    private var wholeClock = Clock()
    /// All topics are asked for as soon as `leastInterval` allows.
    var wantsWhole = true
    /// How long an answer may take: short, so that a silent broker costs little, and longer after
    /// it was too short.
    private(set) var patience: UInt64
    /// What the last whole answer took, and the last about some topics.
    private var wholeBytes = 0
    private var partBytes = 0
    private var partClock = Clock()
    /// The least time before a whole answer that an event asks for.
    private var leastInterval = Limits.shortestMetadataInterval

    init(_ observer: Observer) {
        self.observer = observer
        patience = observer.isOnce ? observer.patience : Limits.fastTimeout
    }

    func round(_ due: Due) { ask(due) }

    /// Something says that Metadata has changed: all of it is asked for now, or soon.
    func request() {
        guard !observer.isOnce, !observer.isStopped else { return }
        wantsWhole = true
        leastInterval = Limits.shortestMetadataInterval
        if observer.progress.knowsBrokers { ask(.live) }
    }

    private func ask(_ due: Due) {
        let now = observer.loop.now
        let isDue = wholeClock.isDue(due, every: wholeInterval, at: now)
        let isWhole = isDue || mayAskWhole
        let topics =
            isWhole
            ? nil
            : topicsBetween(now)
        let changes = observer.working.changes
        var question = Question(.metadata)
        question.timeoutNs = patience
        question.tries = due == .once ? 1 : 3
        question.isAlone = true
        question.isLeading = true
        let isAsked = observer.ask(
            question, { MetadataColumnsRequest(MetadataRequest(topics: topics, version: $0)) },
            failed: { [weak self] in self?.wantsWhole = true }
        ) { [weak self] answer in
            guard let self else { return }
            let took = answer.receivedAtNs - answer.sentAtNs
            if due == .live {
                patience = min(Limits.slowTimeout, max(Limits.fastTimeout, 4 * took))
            }
            fold(answer, isWhole: isWhole)
            // Asking again and again because of a fault that stays (an offline directory, a replica
            // not made yet) would cost a large cluster megabytes a second.
            guard isWhole else {
                if topics?.isEmpty == false { partBytes = answer.sizeBytes }
                return
            }
            wholeBytes = answer.sizeBytes
            let isNews = observer.working.changes != changes
            leastInterval =
                isNews || isDue
                ? Limits.shortestMetadataInterval
                : min(Limits.longestMetadataInterval, leastInterval * 2)
            // What has begun to change goes on to: until nothing does.
            if isNews, !observer.isLarge { wantsWhole = true }
        }
        if isAsked, isWhole {
            wantsWhole = false
            wholeClock.start(at: now)
        }
    }

    private var mayAskWhole: Bool {
        wantsWhole && wholeClock.isDue(.live, every: leastInterval, at: observer.loop.now)
    }

    /// Small clusters are asked whole in every round; the interval grows with the answer's size.
    private var wholeInterval: UInt64 {
        let steps = UInt64(
            observer.working.cluster.partitions.count / observer.budget.wholeMetadataPartitions)
        let paced = Pace.interval(
            bytes: wholeBytes, bytesPerSecond: observer.budget.metadataBytesPerSecond, least: 0,
            most: Limits.longestPacedMetadata)
        return min(Limits.longestMetadataInterval, max(steps * observer.refreshNs, paced))
    }

    /// The topics asked about between two whole answers: those in view, and in a cluster that is
    /// not large those that are not well, since they are about to change.
    private func topicsBetween(_ now: UInt64) -> [String] {
        let interval = Pace.interval(
            bytes: partBytes, bytesPerSecond: observer.budget.metadataBytesPerSecond / 2, least: 0,
            most: Limits.longestViewMetadata)
        guard partClock.isDue(.live, every: interval, at: now) else { return [] }
        partClock.start(at: now)
        let most = observer.budget.topicsPerMetadataRequest
        var names = Array(observer.interest.topics.prefix(most))
        guard !observer.isLarge, names.count < most else { return names }
        let table = observer.working.cluster.partitions
        var known = Set(names)
        var partitions = 0
        for topic in observer.working.cluster.topics where names.count < most {
            let isIll = topic.partitions.contains { row in
                table.leader[row] < 0
                    || table.replicas(of: row).contains {
                        !table.replicaFlags[$0].contains(.inSync)
                    }
            }
            guard isIll, known.insert(topic.name).inserted else { continue }
            partitions += topic.partitionCount
            guard partitions <= Limits.illPartitions else { break }
            names.append(topic.name)
        }
        return names
    }

    private func fold(_ answer: Answer<MetadataColumns>, isWhole: Bool) {
        let value = answer.value
        let now = observer.loop.now
        // A broker that has just started lists nobody, not even itself, and no topics.
        let isEmpty = value.brokers.isEmpty
        if value.error.isError || isEmpty {
            wantsWhole = true
            let listsNobody = isEmpty && !value.error.isError
            observer.note(
                listsNobody ? .brokerNotAvailable : value.error, api: "Metadata", broker: nil,
                section: .metadata,
                message: "Metadata of \(answer.endpoint) cannot be used: "
                    + (listsNobody ? "it lists no brokers." : "\(value.error.reason)."))
            return
        }
        guard observer.isOfThisCluster(value.clusterID, answer.brokerID, answer.endpoint) else {
            wantsWhole = true
            return
        }
        if observer.working.fold(brokers: value.brokers, now: now) {
            observer.working.changes &+= 1
            leastInterval = Limits.shortestMetadataInterval
            if !isWhole { wantsWhole = true }
        }
        updateClient(value)
        if !value.topics.isEmpty || isWhole {
            if !observer.working.fold(topics: value, whole: isWhole, now: now) {
                leastInterval = Limits.shortestMetadataInterval
                wantsWhole = true
            }
        }
        observer.working.reconcileBrokers(now: now)
        observer.setInterval(.metadata, ns: wholeInterval)
        if !observer.progress.knowsBrokers {
            observer.proveBootstrap(except: answer.endpoint)
            observer.brokersAreKnown()
        } else if !isWhole && mayAskWhole {
            ask(.live)
        }
    }

    /// In a snapshot: reads the leaders once more, because some had moved; `then` runs where that
    /// gave new ones.
    func readLeadersAgain(then: @escaping () -> Void) {
        observer.ask(
            Question(.metadata),
            { MetadataColumnsRequest(MetadataRequest(topics: nil, version: $0)) }
        ) { [weak self] answer in
            guard let self, !answer.value.brokers.isEmpty,
                observer.isOfThisCluster(
                    answer.value.clusterID, answer.brokerID, answer.endpoint)
            else { return }
            let now = observer.loop.now
            _ = observer.working.fold(brokers: answer.value.brokers, now: now)
            _ = observer.working.fold(topics: answer.value, whole: true, now: now)
            observer.working.reconcileBrokers(now: now)
            then()
        }
    }

    // MARK: The client and the kind of cluster

    private func updateClient(_ value: MetadataColumns) {
        observer.client.updateBrokers(
            value.brokers.compactMap { broker in
                UInt16(exactly: broker.port).map {
                    BrokerAddress(
                        id: broker.nodeID, endpoint: Endpoint(host: broker.host, port: $0),
                        rack: broker.rack)
                }
            })
        learnKind()
        if observer.working.cluster.kind == .zookeeper, !observer.working.pendingEvents.isWatched {
            observer.working.cluster.controller =
                value.controllerID >= 0 ? BrokerID(value.controllerID) : nil
        }
        updateRouting(value.controllerID)
    }

    /// Kind and release from every list of APIs known: the oldest release counts, since that is
    /// what all brokers can do.
    private func learnKind() {
        var oldest: String?
        // Bootstrap servers count only while nothing else is known: they are not asked again, and
        // the cluster may have been upgraded since.
        let known = observer.client.links.filter { $0.isListed && $0.versions != nil }
        let lists = (known.isEmpty ? observer.client.bootstrapLinks : known)
            .compactMap { $0.versions?.ranges }
        let before = observer.working.cluster.kind
        observer.working.cluster.kind = Fingerprint.kind(ofAll: lists) ?? before
        if !observer.isOnce, before != nil, before != observer.working.cluster.kind {
            observer.ensemble.forget()
        }
        for link in known {
            guard let place = observer.working.cluster.brokerIndex(BrokerID(link.id)) else {
                continue
            }
            observer.working.cluster.brokers[place].release =
                link.versions.flatMap { Fingerprint.release($0.ranges) }
        }
        for apis in lists {
            guard let seen = Fingerprint.release(apis) else { continue }
            if oldest.map({ Fingerprint.isOlder(seen, than: $0) }) ?? true { oldest = seen }
        }
        observer.working.cluster.kafkaVersion = oldest ?? observer.working.cluster.kafkaVersion
        // Of brokers of two releases the older ones may lead.
        observer.working.cluster.capsMinISR =
            observer.working.cluster.kafkaVersion.map {
                !Fingerprint.isOlder($0, than: Fingerprint.capsMinISR)
            } ?? true
    }

    /// KRaft brokers forward; in ZooKeeper mode only the controller itself takes such requests.
    private func updateRouting(_ controller: Int32) {
        switch observer.working.cluster.kind {
        case .kraft: observer.client.updateController(.anyBroker)
        case .zookeeper where controller >= 0:
            observer.client.updateController(.broker(controller))
        default: observer.client.updateController(.unknown)
        }
    }
}
