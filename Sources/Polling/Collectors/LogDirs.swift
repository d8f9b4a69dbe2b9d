// Log directories: sizes and volumes.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// Asks every broker for its log directories: slow for the broker, so on its own connection. A
/// broker that was silent when it was its turn is asked as soon as it answers again.
final class LogDirCollector: Collector {
    private unowned let observer: Observer
    private var clock = Clock()
    private var failedAt: [BrokerID: UInt64] = [:]
    /// In a large cluster: whose turn it is, and how many times all brokers have been asked.
    private var cursor = 0
    private var pass = 0

    init(_ observer: Observer) { self.observer = observer }

    var isSlow: Bool { true }

    func round(_ due: Due) {
        let now = observer.loop.now
        if observer.isLarge, due == .live { return askInTurn() }
        let isDue = clock.isDue(due, every: Limits.logDirInterval, at: now)
        guard isDue || !failedAt.isEmpty else { return }
        if isDue { clock.start(at: now) }
        observer.setInterval(.logDirs, ns: Limits.logDirInterval)
        for broker in observer.draft.cluster.brokers where broker.isListed {
            let isBack =
                failedAt[broker.id].map { now &- $0 >= Limits.logDirRetry } == true
                && broker.isAnswering
            if isDue || isBack { ask(broker.id) }
        }
    }

    /// In a large cluster some brokers a round, so that all have had their turn within the
    /// interval: sooner while sizes are in view, and the first time.
    private func askInTurn() {
        let interval =
            observer.interest.wantsSizes ? Limits.logDirInterval : Limits.longLogDirInterval
        observer.setInterval(.logDirs, ns: interval)
        let listed = observer.draft.cluster.brokers.filter(\.isListed)
        guard !listed.isEmpty else { return }
        let haste: UInt64 = pass == 0 ? 12 : 1
        let rounds = Int(max(1, interval / haste / max(1, observer.refreshNs)))
        let piece = (listed.count + rounds - 1) / rounds
        // One that failed is asked again with its next turn, and that is soon enough.
        for step in 0..<piece { ask(listed[(cursor + step) % listed.count].id) }
        cursor += piece
        if cursor >= listed.count {
            cursor = 0
            pass += 1
        }
    }

    private func ask(_ id: BrokerID) {
        var question = Question(.logDirs, to: .broker(id.value))
        question.lane = .slow
        question.timeoutNs = observer.patience(live: Limits.slowTimeout)
        question.isAlone = true
        observer.ask(
            question, { _ in LogDirColumnsRequest() },
            failed: { [weak self] in
                guard let self else { return }
                failedAt[id] = observer.loop.now
            }
        ) { [weak self, question] answer in
            guard let self else { return }
            failedAt[id] = nil
            // Before version 3 a broker answers whoever may not ask with nothing.
            let isMute = answer.version < 3 && answer.value.dirs.isEmpty
            let error = isMute ? KafkaError.clusterAuthorizationFailed : answer.value.error
            guard !error.isError else {
                // As soon as the refusal is over it is asked again.
                if error.isRefusal { failedAt[id] = observer.loop.now }
                observer.note(
                    error, in: answer, to: question, api: LogDirColumnsRequest.name,
                    message: "Broker \(id) did not list its log directories: \(error). It "
                        + "needs DESCRIBE on the cluster.")
                return
            }
            observer.draft.fold(logDirs: answer.value, broker: id, now: observer.loop.now)
        }
    }
}
