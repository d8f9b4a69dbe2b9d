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
    private lazy var controllers = ControllerAsk(observer) { [weak self] in self?.take($0) }

    init(_ observer: Observer) { self.observer = observer }

    /// What asking the controllers themselves has cost.
    var counters: ClientCounters { controllers.counters }

    func stop() { controllers.stop() }

    func round(_ due: Due) {
        guard observer.draft.cluster.kind != .zookeeper else {
            observer.draft.cluster.sections[.quorum] = SectionHealth(
                state: .unsupported("This cluster keeps its state in ZooKeeper: no quorum."))
            return
        }
        let now = observer.loop.now
        guard clock.isDue(due, every: Limits.quorumInterval, at: now), ask() else { return }
        clock.start(at: now)
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
                observer.draft.settle(DescribeQuorumRequest.name, broker: nil)
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
                        + "\(error). It needs DESCRIBE on the cluster.")
                return
            }
            controllers.stopAsking()
            take(answer.value)
        }
    }

    /// Takes what the quorum's leader answers, through a broker or itself.
    private func take(_ answer: DescribeQuorumResponse) {
        guard let partition = answer.leaderPartition else { return }
        observer.draft.wall = WallTime(ms: observer.loop.system.wallClockMs())
        observer.draft.settle(DescribeQuorumRequest.name, broker: nil)
        let before = observer.draft.cluster.quorum
        observer.draft.fold(quorum: partition, nodes: answer.nodes, now: observer.loop.now)
        observer.learnFeatures()
        if before?.leader != observer.draft.cluster.quorum?.leader { observer.changed() }
    }
}
