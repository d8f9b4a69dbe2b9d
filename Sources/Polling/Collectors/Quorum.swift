// The KRaft quorum and with it the active controller, asked through the brokers and, while they do
// not answer, of the controllers themselves.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// Brokers forward the question to the controller: while that is frozen, nothing comes, so it goes
/// on the slow connection with our own limit, and before that the controllers are asked themselves.
final class QuorumCollector: Collector {
    private unowned let observer: Observer
    private var clock = Clock()
    /// The end of the metadata log as it was answered last, and when that was asked for.
    private var logEnd: (offset: Int64, askedAt: UInt64)?
    private lazy var controllers = ControllerQuestions(observer) { [weak self] in self?.take($0) }

    init(_ observer: Observer) { self.observer = observer }

    /// What asking the controllers themselves has cost.
    var counters: ClientCounters { controllers.counters }

    func stop() { controllers.stop() }

    func round(_ due: Due) {
        guard observer.working.cluster.kind != .zookeeper else {
            observer.working.cluster.sections[.quorum] = SectionHealth(
                state: .unsupported("This cluster keeps its state in ZooKeeper: no quorum."))
            return
        }
        let now = observer.loop.now
        guard clock.isDue(due, every: Limits.quorumInterval, at: now), ask() else { return }
        clock.start(at: now)
        observer.setInterval(.quorum, ns: Limits.quorumInterval)
        controllers.watch()
    }

    private func ask() -> Bool {
        var question = Question(.quorum)
        question.lane = .slow
        question.timeoutNs = observer.patience(live: Limits.forwardedTimeout)
        question.isAlone = true
        return observer.ask(
            question, { _ in DescribeQuorumRequest.ofMetadataLog },
            failed: { [weak self] in
                guard let self, controllers.isAnswering else { return }
                observer.working.settle(DescribeQuorumRequest.name, broker: nil)
            }
        ) { [weak self, question] answer in
            guard let self else { return }
            guard answer.value.leaderPartition != nil else {
                let inner = answer.value.topics.first?.partitions.first?.error
                let error =
                    answer.value.error.isError
                    ? answer.value.error : inner ?? .unknownServerError
                observer.note(
                    error, in: answer, to: question, api: DescribeQuorumRequest.name,
                    message: "The quorum could not be read through \(answer.endpoint): "
                        + "\(error.reason). It needs DESCRIBE on the cluster.")
                return
            }
            controllers.stopAsking()
            take(answer.value)
        }
    }

    /// Takes what the quorum's leader answers, through a broker or itself.
    private func take(_ answer: DescribeQuorumResponse) {
        guard let partition = answer.leaderPartition else { return }
        observer.working.wall = WallTime(ms: observer.loop.system.wallClockMs())
        observer.working.settle(DescribeQuorumRequest.name, broker: nil)
        let before = observer.working.cluster.quorum
        observer.working.fold(quorum: partition, nodes: answer.nodes, now: observer.loop.now)
        learnFeatures()
        lookAtGrowth(partition.highWatermark)
        if before?.leader != observer.working.cluster.quorum?.leader { observer.changed() }
    }

    /// A metadata log that has grown by more than an idle controller writes says that something has
    /// changed in the cluster, whatever it is: Metadata is read again.
    private func lookAtGrowth(_ offset: Int64) {
        let before = logEnd
        logEnd = (offset, clock.askedAt)
        guard let before, offset > before.offset, offset >= 0 else { return }
        let seconds = Double(observer.loop.now - min(observer.loop.now, before.askedAt)) / 1e9
        let idle = Int64((seconds * Limits.idleMetadataRecords).rounded(.up)) + 1
        if offset - before.offset > idle, !observer.isLarge { observer.metadata.wantsWhole = true }
    }

    /// Feature levels from the lists of APIs of all brokers that are known to us: what all of them
    /// support, and the newest levels in force.
    private func learnFeatures() {
        var finalized: [String: Int16] = [:]
        var epoch: Int64 = -1
        var supported: [String: ClosedRange<Int16>] = [:]
        let tables = observer.client.links.filter(\.isListed).compactMap(\.versions)
        for (number, table) in tables.enumerated() {
            if table.featuresEpoch > epoch {
                epoch = table.featuresEpoch
                finalized = table.finalizedFeatures
            }
            if number == 0 {
                supported = table.supportedFeatures
                continue
            }
            for (name, range) in supported {
                guard let other = table.supportedFeatures[name], other.overlaps(range) else {
                    supported[name] = nil
                    continue
                }
                supported[name] = range.clamped(to: other)
            }
        }
        let names = Set(finalized.keys).union(supported.keys).sorted()
        observer.working.cluster.coordinator.features = names.map {
            Feature(name: $0, finalized: finalized[$0], supported: supported[$0])
        }
        observer.working.cluster.coordinator.featuresEpoch = epoch >= 0 ? epoch : nil
    }
}

extension WorkingCluster {
    /// Folds the answer of the quorum's leader; `nodes` are the controllers' addresses (version 2).
    mutating func fold(
        quorum reported: DescribeQuorumResponse.Partition, nodes: [DescribeQuorumResponse.Node],
        now: UInt64
    ) {
        func replica(_ r: DescribeQuorumResponse.Replica) -> Quorum.Replica {
            Quorum.Replica(
                id: BrokerID(r.replicaID), logEndOffset: r.logEndOffset,
                lastFetchAt: r.lastFetchTimestamp >= 0 ? WallTime(ms: r.lastFetchTimestamp) : nil,
                lastCaughtUpAt: r.lastCaughtUpTimestamp >= 0
                    ? WallTime(ms: r.lastCaughtUpTimestamp) : nil)
        }
        let before = cluster.quorum
        let beforeAt = cluster.health(.quorum).answeredAt
        let quorum = Quorum(
            leader: BrokerID(reported.leaderID), leaderEpoch: reported.leaderEpoch,
            highWatermark: reported.highWatermark,
            voters: reported.currentVoters.map(replica).sorted { $0.id < $1.id },
            observers: reported.observers.map(replica).sorted { $0.id < $1.id })
        // Just after an election a broker may still forward to the leader before.
        if let before, quorum.leaderEpoch < before.leaderEpoch { return }
        cluster.quorum = quorum
        cluster.controller = reported.leaderID >= 0 ? BrokerID(reported.leaderID) : BrokerID.none
        cluster.controllerEpoch = reported.leaderEpoch
        if !nodes.isEmpty {
            let known = cluster.coordinator.controllers
            cluster.coordinator.controllers = nodes.map { node in
                var controller = ControllerAddress(
                    id: BrokerID(node.nodeID),
                    endpoints: node.listeners.map { "\($0.name)://\(host($0.host)):\($0.port)" })
                if let before = known.first(where: { $0.id == controller.id }) {
                    (controller.error, controller.failingSince) = (
                        before.error, before.failingSince
                    )
                }
                return controller
            }.sorted { $0.id < $1.id }
        }
        noteQuorum(quorum, before: before)
        let seconds = Instant(ns: now).seconds(since: beforeAt)
        if let before, beforeAt.happened, seconds > Limits.leastWatermarkSeconds,
            before.highWatermark >= 0, quorum.highWatermark >= before.highWatermark
        {
            let (grown, overflows) =
                quorum.highWatermark.subtractingReportingOverflow(before.highWatermark)
            cluster.coordinator.highWatermarkPerSecond = overflows ? nil : Double(grown) / seconds
        }
        markAnswered(.quorum, at: now)
        markAnswered(.coordinator, at: now)
    }

    private func host(_ name: String) -> String { name.contains(":") ? "[\(name)]" : name }

    /// Elections and voters that stopped or began to take part.
    private mutating func noteQuorum(_ quorum: Quorum, before: Quorum?) {
        let stamp = EventStamp(wall: wall, now: cluster.takenAt)
        func add(_ subject: ObjectID, _ change: ClusterEvent.Change) {
            note(subject, change, stamp, source: "DescribeQuorum")
        }
        guard let before else {
            cluster.coordinator.controllerSince = quorum.leader.exists ? wall : nil
            cluster.coordinator.isSinceSeen = true
            pendingEvents.idleVoters = idleVoters(quorum)
            return
        }
        if before.leader != quorum.leader || before.leaderEpoch != quorum.leaderEpoch {
            if quorum.leader.exists {
                cluster.coordinator.controllerSince = wall
                cluster.coordinator.isSinceSeen = false
                add(
                    .controller,
                    .elected(
                        quorum.leader, as: .voter, epoch: quorum.leaderEpoch,
                        before: before.leader))
            } else {
                cluster.coordinator.controllerSince = nil
                add(.controller, .controllerLost(before: before.leader, as: .voter))
            }
        }
        let (old, new) = (Set(before.voters.map(\.id)), Set(quorum.voters.map(\.id)))
        for id in new.subtracting(old).sorted() {
            add(.voter(id), .voterAdded)
        }
        for id in old.subtracting(new).sorted() {
            add(.voter(id), .voterRemoved)
        }
        let idle = idleVoters(quorum)
        defer { pendingEvents.idleVoters = idle }
        guard let wereIdle = pendingEvents.idleVoters else { return }
        for id in idle.subtracting(wereIdle).sorted() {
            add(.voter(id), .stoppedFetching)
        }
        for id in wereIdle.subtracting(idle).intersection(new).sorted() {
            add(.voter(id), .fetchesAgain)
        }
    }

    private func idleVoters(_ quorum: Quorum) -> Set<BrokerID> {
        let late = cluster.lateVoterMs
        let idle = quorum.voters.filter { quorum.isVoting($0, at: wall, lateMs: late) == false }
        return Set(idle.map(\.id))
    }
}
