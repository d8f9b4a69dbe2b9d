// Asks the controllers of the KRaft quorum themselves. Brokers forward DescribeQuorum to the active
// controller: while that is frozen they wait for it for 30 s, long after another was elected. Who
// leads can be asked of every controller (KIP-919, Kafka 3.7): only the leader answers.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// The controllers' own listeners, on the loop's thread. Connections stand only while brokers do
/// not answer; a controller that cannot be reached is tried again rarely, and that is no failure of
/// the observation: the row of that controller says it.
final class ControllerQuestions {
    private unowned let observer: Observer
    /// Takes what the leader of the quorum answers.
    private let take: (DescribeQuorumResponse) -> Void
    private var client: KafkaClient?
    private var timer: TimerID?
    private var asks: [BrokerID: Ask] = [:]
    /// When the leader answered itself, last.
    private var answeredAt: UInt64 = 0
    private var isStopped = false
    /// What clients cost that are gone.
    private var spent = ClientCounters()

    private struct Ask {
        var isUnderWay = false
        var notBefore: UInt64 = 0
        var failures = 0
    }

    init(_ observer: Observer, take: @escaping (DescribeQuorumResponse) -> Void) {
        self.observer = observer
        self.take = take
    }

    /// The leader has just answered itself: that brokers did not is no failure.
    var isAnswering: Bool {
        answeredAt > 0
            && observer.loop.now &- answeredAt < 2 * Limits.controllerInterval
                &+ Limits.controllerTimeout
    }

    /// A question was sent to a broker: when it takes too long the controllers are asked.
    func watch() {
        guard timer == nil, isOfUse else { return }
        schedule(Limits.controllerPatience)
    }

    /// Brokers answer again.
    func stopAsking() {
        if let timer { observer.loop.cancel(timer) }
        timer = nil
        spent = counters
        client?.close()
        client = nil
        asks = asks.filter { $0.value.failures > 0 }
        for id in asks.keys { asks[id]?.isUnderWay = false }
        for index in observer.working.cluster.coordinator.controllers.indices {
            observer.working.cluster.coordinator.controllers[index].error = nil
            observer.working.cluster.coordinator.controllers[index].failingSince = .never
        }
    }

    func stop() {
        isStopped = true
        stopAsking()
    }

    /// What all of it has cost.
    var counters: ClientCounters {
        guard let now = client?.counters else { return spent }
        var sum = spent
        sum.requests += now.requests
        sum.bytesIn += now.bytesIn
        sum.bytesOut += now.bytesOut
        sum.overlongAnswers += now.overlongAnswers
        return sum
    }

    /// Their listeners have a security of their own, which clients' settings do not hold: only
    /// where clients speak plaintext is it worth a try.
    private var isOfUse: Bool {
        let config = observer.client.config
        return !isStopped && !observer.isOnce && config.security == .plaintext
            && config.makeLayer == nil && config.makeLogin == nil
            && !observer.working.cluster.coordinator.controllers.isEmpty
    }

    private func schedule(_ pause: UInt64) {
        timer = observer.loop.after(pause) { [weak self] in
            guard let self else { return }
            timer = nil
            guard isOfUse else { return }
            askAll()
            schedule(Limits.controllerInterval)
        }
    }

    private func askAll() {
        let now = observer.loop.now
        let client = self.client ?? makeClient()
        self.client = client
        let controllers = observer.working.cluster.coordinator.controllers
        client.updateBrokers(
            controllers.compactMap { controller in
                controller.address.map { BrokerAddress(id: controller.id.value, endpoint: $0) }
            })
        for controller in controllers where controller.address != nil {
            let ask = asks[controller.id] ?? Ask()
            guard !ask.isUnderWay, now >= ask.notBefore else { continue }
            asks[controller.id, default: Ask()].isUnderWay = true
            self.ask(controller.id, of: client)
        }
    }

    private func makeClient() -> KafkaClient {
        var config = observer.client.config
        config.bootstrap = []
        config.connectTimeoutNs = Limits.controllerTimeout
        config.settingsConnectNs = nil
        config.negotiateTimeoutNs = Limits.controllerTimeout
        config.silentCloseNs = Limits.controllerTimeout
        let client = KafkaClient(loop: observer.loop, config: config)
        client.expect(cluster: observer.working.cluster.clusterID, areControllers: true)
        return client
    }

    private func ask(_ id: BrokerID, of client: KafkaClient) {
        client.send(
            DescribeQuorumRequest.ofMetadataLog, to: .broker(id.value),
            timeoutNs: Limits.controllerTimeout
        ) { [weak self] result in
            guard let self, self.client === client else { return }
            asks[id]?.isUnderWay = false
            end(result, of: id)
        }
    }

    private func end(
        _ result: Result<Answer<DescribeQuorumResponse>, ClientError>, of id: BrokerID
    ) {
        switch result {
        case .success(let answer):
            asks[id]?.failures = 0
            note(nil, of: id)
            // All but the leader answer that they do not lead.
            guard answer.value.leaderPartition != nil else { return }
            answeredAt = observer.loop.now
            take(answer.value)
        case .failure(let error):
            let failures = (asks[id]?.failures ?? 0) + 1
            asks[id]?.failures = failures
            let pause = Limits.controllerRetry << UInt64(min(failures - 1, 3))
            asks[id]?.notBefore = observer.loop.now &+ pause
            note(error.sentence, of: id)
        }
    }

    private func note(_ error: String?, of id: BrokerID) {
        let controllers = observer.working.cluster.coordinator.controllers
        guard let index = controllers.firstIndex(where: { $0.id == id }),
            controllers[index].error != error
        else { return }
        observer.working.cluster.coordinator.controllers[index].error = error
        if error == nil {
            observer.working.cluster.coordinator.controllers[index].failingSince = .never
        } else if controllers[index].error == nil {
            observer.working.cluster.coordinator.controllers[index].failingSince = Instant(
                ns: observer.loop.now)
        }
        observer.changed()
    }
}

extension DescribeQuorumRequest {
    /// The one log that has a quorum.
    static var ofMetadataLog: DescribeQuorumRequest {
        var partition = Partition()
        partition.partitionIndex = 0
        var topic = Topic()
        topic.topicName = "__cluster_metadata"
        topic.partitions = [partition]
        var request = DescribeQuorumRequest()
        request.topics = [topic]
        return request
    }
}

extension DescribeQuorumResponse {
    /// The quorum as its leader answers; nil from anybody else.
    var leaderPartition: Partition? {
        guard !error.isError, let first = topics.first?.partitions.first, !first.error.isError
        else { return nil }
        return first
    }
}

extension ControllerAddress {
    /// Where it listens: "CONTROLLER://host:9093" or "CONTROLLER://[::1]:9093".
    var address: Endpoint? {
        endpoints.lazy.compactMap { try? Endpoint(parsing: $0) }.first
    }
}
