// Finding the coordinator of a cluster in ZooKeeper mode: where the operator says, else where a
// broker says it is.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport
import ZooKeeperClient

extension Observer {
    /// Once a round.
    func askCoordinator() {
        guard sections.contains(.coordinator), draft.cluster.kind == .zookeeper else { return }
        if let ensemble {
            ensemble.round()
            return
        }
        if let text = ensembleConfig.connectString {
            watchEnsemble(text, origin: ensembleConfig.origin)
            return
        }
        let now = loop.now
        guard isOnce || connectAskedAt == 0 || now &- connectAskedAt >= Limits.connectInterval,
            underWay.insert("zookeeper.connect").inserted
        else { return }
        connectAskedAt = now
        askConnectString()
    }

    /// Reads `zookeeper.connect` of a broker, which only that broker tells: of one that has
    /// answered something, and of another when it fails.
    private func askConnectString(without tried: [BrokerID] = []) {
        let brokers = draft.cluster.brokers.filter { broker in
            broker.isListed && !broker.isIll && !tried.contains(broker.id)
        }
        let best =
            brokers.first { client.link($0.id.value)?.lastAnswerAtNs != nil } ?? brokers.first
        guard let broker = best, tried.count < Limits.connectBrokers else {
            underWay.remove("zookeeper.connect")
            return
        }
        let name = "zookeeper.connect"
        ask(
            .coordinator, to: .broker(broker.id.value), timeoutNs: patience, subject: name,
            { _ in
                var resource = DescribeConfigsRequest.Resource()
                resource.resourceType = 4
                resource.resourceName = "\(broker.id)"
                resource.configurationKeys = [name]
                var request = DescribeConfigsRequest()
                request.resources = [resource]
                return request
            },
            failed: { [weak self] in self?.askConnectString(without: tried + [broker.id]) }
        ) { [weak self] answer in
            guard let self else { return }
            underWay.remove(name)
            for broker in tried {
                draft.settle(DescribeConfigsRequest.name, broker: broker, subject: name)
            }
            let result = answer.value.results.first
            let error = result?.error ?? .unknownServerError
            let text = result?.configs.first { $0.name == name }?.value
            guard !error.isError, let text, !text.isEmpty else {
                note(
                    error, api: "ZooKeeper", broker: nil, section: .coordinator,
                    message: "Where the ensemble is could not be read of broker \(broker.id): "
                        + (error.isError
                            ? "\(error). It needs DESCRIBE_CONFIGS on the cluster"
                            : "it does not tell zookeeper.connect")
                        + "; give --zookeeper HOST:PORT.", subject: name)
                return
            }
            watchEnsemble(text, origin: "zookeeper.connect of broker \(broker.id)")
        }
    }

    private func watchEnsemble(_ text: String, origin: String) {
        guard ensemble == nil, !isStopped else { return }
        do throws(ConnectStringFault) {
            let servers = try ZooKeeperServers(parsing: text)
            draft.cluster.coordinator.origin = origin
            let watch = EnsembleWatch(self, servers, ensembleConfig)
            ensemble = watch
            watch.start()
            watch.setStates(interest.partitions)
        } catch {
            draft.note(
                ObservationFailure(
                    api: "ZooKeeper", broker: nil, code: "BAD_CONNECT_STRING",
                    message: "From \(origin): \(error).", section: .coordinator),
                subject: "connect", at: loop.now)
        }
    }
}
