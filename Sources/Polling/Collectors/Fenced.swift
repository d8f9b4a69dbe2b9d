// Fenced brokers: registered, and in no list of live brokers.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// Asks for them where DescribeCluster can list them (version 2, Kafka 4.0).
final class FencedCollector: Collector {
    private unowned let observer: Observer
    private var clock = Clock()

    init(_ observer: Observer) { self.observer = observer }

    func round(_ due: Due) {
        let now = observer.loop.now
        guard observer.draft.cluster.kind == .kraft,
            clock.isDue(due, every: Limits.fencedInterval, at: now)
        else { return }
        clock.start(at: now)
        let canAnswer = observer.draft.cluster.brokers.contains {
            let version = observer.client.version(
                of: DescribeClusterRequest.self, broker: $0.id.value)
            return (version ?? 0) >= 2
        }
        guard canAnswer else { return }
        observer.ask(
            Question(.brokers),
            { version in
                var request = DescribeClusterRequest()
                request.includeFencedBrokers = version >= 2
                return request
            }
        ) { [weak self] answer in
            // An older broker lists the living only: that says nothing of the fenced ones.
            guard let self, !answer.value.error.isError, answer.version >= 2 else { return }
            observer.draft.fold(fenced: answer.value.brokers, now: observer.loop.now)
        }
    }
}
