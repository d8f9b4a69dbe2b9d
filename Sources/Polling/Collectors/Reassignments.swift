// Moves of partitions under way.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// Asks for the complete list of moves: the controller where only that answers, else any broker,
/// which forwards the question.
final class ReassignmentCollector: Collector {
    private unowned let observer: Observer
    private var clock = Clock()

    init(_ observer: Observer) { self.observer = observer }

    func round(_ due: Due) {
        let now = observer.loop.now
        if clock.isDue(due, every: Limits.reassignmentInterval, at: now), ask() {
            clock.start(at: now)
        }
    }

    private func ask() -> Bool {
        let target: Target = observer.draft.cluster.kind == .zookeeper ? .controller : .any
        var question = Question(.reassignments, to: target)
        question.lane = .slow
        question.timeoutNs = observer.patience(live: Limits.forwardedTimeout)
        question.isAlone = true
        return observer.ask(
            question,
            { _ in
                var request = ListPartitionReassignmentsRequest()
                request.timeoutMs = Int32(Limits.forwardedTimeout / Limits.millisecond)
                request.topics = nil
                return request
            },
            // In ZooKeeper mode the controller may be another by now.
            failed: { [weak self] in self?.observer.metadata.wantsWhole = true }
        ) { [weak self, question] answer in
            guard let self else { return }
            let error = answer.value.error
            guard !error.isError else {
                if error == .notController { observer.metadata.wantsWhole = true }
                observer.note(
                    error, in: answer, to: question, api: ListPartitionReassignmentsRequest.name,
                    message: "Moves under way could not be listed: \(error). It needs "
                        + "DESCRIBE on the cluster.")
                return
            }
            if observer.draft.fold(reassignments: answer.value.topics, now: observer.loop.now) {
                observer.metadata.wantsWhole = true
            }
        }
    }
}
