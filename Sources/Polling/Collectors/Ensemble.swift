// Finds the ensemble of a cluster in ZooKeeper mode: where the operator says, else where a broker
// says it is.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport
import ZooKeeperClient

/// What the coordinator of a cluster in ZooKeeper mode keeps.
final class EnsembleCollector: Collector {
    private unowned let observer: Observer
    /// From when it is known where the ensemble is.
    private var watch: EnsembleWatch?
    private var clock = Clock()
    private var isAskingBrokers = false

    init(_ observer: Observer) { self.observer = observer }

    func stop() {
        watch?.stop()
        watch = nil
    }

    /// The partitions whose stored state is wanted.
    func setStates(_ partitions: [PartitionKey]) { watch?.setStates(partitions) }

    func round(_ due: Due) {
        guard observer.working.cluster.kind == .zookeeper else { return }
        if let watch { return watch.round() }
        if let text = observer.plan.ensemble.connectString {
            return start(text, origin: observer.plan.ensemble.origin)
        }
        let now = observer.loop.now
        guard clock.isDue(due, every: Limits.connectInterval, at: now), !isAskingBrokers else {
            return
        }
        clock.start(at: now)
        isAskingBrokers = true
        askConnectString()
    }

    /// What it keeps is being read for the first time.
    var isReading: Bool { watch?.isReading ?? false }

    /// Answers with bytes behind their record, which were passed over.
    var overlongAnswers: UInt64 { watch?.session.overlongAnswers ?? 0 }

    /// The cluster has another coordinator than before: a migration has come to its end.
    func forget() {
        stop()
        observer.working.cluster.coordinator = Coordinator()
        observer.working.cluster.quorum = nil
        observer.working.pendingEvents.isWatched = false
        for section in [Section.quorum, .coordinator] {
            observer.working.cluster.sections[section] = nil
        }
        observer.working.failures = observer.working.failures.filter {
            $0.value.failure.section != .coordinator
        }
        observer.working.refusals.lapse(at: observer.loop.now)
    }

    /// Reads `zookeeper.connect` of a broker, which only that broker answers: of one that has
    /// answered something, and of another when it fails.
    private func askConnectString(without tried: [BrokerID] = []) {
        let brokers = observer.working.cluster.brokers.filter { broker in
            broker.isListed && !broker.isIll && !tried.contains(broker.id)
        }
        let best =
            brokers.first { observer.client.link($0.id.value)?.lastAnswerAtNs != nil }
            ?? brokers.first
        let name = "zookeeper.connect"
        guard let broker = best, tried.count < Limits.connectBrokers else {
            isAskingBrokers = false
            return
        }
        var question = Question(.coordinator, to: .broker(broker.id.value), subject: name)
        question.isLeading = true
        question.hasOthers = true
        let isAsked = observer.ask(
            question,
            { _ in
                var resource = DescribeConfigsRequest.Resource()
                resource.resourceType = .broker
                resource.resourceName = "\(broker.id)"
                resource.configurationKeys = [name]
                var request = DescribeConfigsRequest()
                request.resources = [resource]
                return request
            },
            failed: { [weak self] in self?.askConnectString(without: tried + [broker.id]) }
        ) { [weak self] answer in
            guard let self else { return }
            isAskingBrokers = false
            for broker in tried {
                observer.working.settle(
                    DescribeConfigsRequest.name, broker: broker, subject: name)
            }
            take(answer, of: broker.id, name)
        }
        if !isAsked { isAskingBrokers = false }
    }

    private func take(
        _ answer: Answer<DescribeConfigsResponse>, of broker: BrokerID, _ name: String
    ) {
        let result = answer.value.results.first
        let error = result?.error ?? .unknownServerError
        let text = result?.configs.first { $0.name == name }?.value
        if !error.isError, let text, !text.isEmpty {
            return start(text, origin: "zookeeper.connect of broker \(broker)")
        }
        if error.isRefusal {
            observer.remember(
                [QuestionKey(api: DescribeConfigsRequest.name, broker: broker, subject: name)],
                refusedBy: broker)
        }
        observer.working.note(
            ObservationFailure(
                api: DescribeConfigsRequest.name, broker: broker,
                code: error.isError ? error.description : "NOT_TOLD",
                message: "Where the ensemble is could not be read of broker \(broker): "
                    + (error.isError
                        ? "\(error.reason). It needs DESCRIBE_CONFIGS on the cluster"
                        : "it does not tell zookeeper.connect")
                    + "; give --zookeeper HOST:PORT.", section: .coordinator),
            subject: name, at: observer.loop.now)
    }

    private func start(_ text: String, origin: String) {
        guard watch == nil, !observer.isStopped else { return }
        do throws(ConnectStringFault) {
            let servers = try ZooKeeperServers(parsing: text)
            observer.working.cluster.coordinator.origin = origin
            let watch = EnsembleWatch(observer, servers, observer.plan.ensemble)
            self.watch = watch
            watch.start()
            watch.setStates(observer.interest.partitions)
        } catch {
            observer.working.note(
                ObservationFailure(
                    api: "ZooKeeper", broker: nil, code: "BAD_CONNECT_STRING",
                    message: "From \(origin): \(error).", section: .coordinator),
                subject: "connect", at: observer.loop.now)
        }
    }
}
