// What changes slowly or is answered slowly: quorum, reassignments, configs, log directories.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

extension Observer {
    /// The quorum and with it the active controller. Brokers forward the question to the
    /// controller: while that is frozen, nothing comes, so it goes on the slow connection with our
    /// own limit, and before that the controllers are asked themselves.
    func askQuorum() {
        guard sections.contains(.quorum) else { return }
        guard draft.cluster.kind != .zookeeper else {
            draft.cluster.sections[.quorum] = SectionHealth(
                state: .unsupported("This cluster keeps its state in ZooKeeper: no quorum."))
            return
        }
        let now = loop.now
        guard isOnce || quorumAt == 0 || now &- quorumAt >= Limits.quorumInterval,
            underWay.insert("quorum").inserted
        else { return }
        quorumAt = now
        ask(
            .quorum, to: .any, lane: .slow, timeoutNs: forwardedTimeout,
            { _ in DescribeQuorumRequest.ofMetadataLog },
            failed: { [weak self] in
                guard let self else { return }
                underWay.remove("quorum")
                if controllers.isTelling {
                    draft.settle(DescribeQuorumRequest.name, broker: nil)
                }
            }
        ) { [weak self] answer in
            guard let self else { return }
            underWay.remove("quorum")
            guard let told = answer.value.leadersWord else {
                let inner = answer.value.topics.first?.partitions.first?.error
                let error =
                    answer.value.error.isError
                    ? answer.value.error : inner ?? .unknownServerError
                note(
                    error, api: "DescribeQuorum", broker: nil, section: .quorum,
                    message: "The quorum could not be read through \(answer.endpoint): "
                        + "\(error). It needs DESCRIBE on the cluster.")
                return
            }
            controllers.rest()
            take(told, nodes: answer.value.nodes)
        }
        controllers.watch()
    }

    func askReassignments() {
        guard sections.contains(.reassignments) else { return }
        let now = loop.now
        guard
            isOnce || reassignmentsAt == 0
                || now &- reassignmentsAt >= Limits.reassignmentInterval,
            underWay.insert("reassignments").inserted
        else { return }
        reassignmentsAt = now
        let target: Target = draft.cluster.kind == .zookeeper ? .controller : .any
        ask(
            .reassignments, to: target, lane: .slow, timeoutNs: forwardedTimeout,
            { _ in
                var request = ListPartitionReassignmentsRequest()
                request.timeoutMs = Int32(Limits.forwardedTimeout / Limits.millisecond)
                request.topics = nil
                return request
            },
            failed: { [weak self] in
                self?.underWay.remove("reassignments")
                // In ZooKeeper mode the controller may be another by now.
                self?.wantsWholeMetadata = true
            }
        ) { [weak self] answer in
            guard let self else { return }
            underWay.remove("reassignments")
            guard !answer.value.error.isError else {
                if answer.value.error == .notController { wantsWholeMetadata = true }
                note(
                    answer.value.error, api: "ListPartitionReassignments", broker: nil,
                    section: .reassignments,
                    message: "Moves under way could not be listed: \(answer.value.error). It needs "
                        + "DESCRIBE on the cluster.")
                return
            }
            if draft.fold(reassignments: answer.value.topics, now: loop.now) {
                wantsWholeMetadata = true
            }
        }
    }

    private var forwardedTimeout: UInt64 {
        isOnce ? patience : Limits.forwardedTimeout
    }

    /// Overrides and min.insync.replicas of all topics, spread over the brokers.
    func askConfigs() {
        guard sections.contains(.configs) else { return }
        let now = loop.now
        guard !draft.cluster.topics.isEmpty else {
            draft.markAnswered(.configs, at: now)
            return
        }
        let isDue = isOnce || configsAt == 0 || now &- configsAt >= Limits.configInterval
        let hasNew =
            (configsLayout != draft.cluster.layout || lacksConfigs)
            && now &- newConfigsAt >= Limits.newConfigInterval
        if configQueue.isEmpty && (isDue || hasNew) {
            configsLayout = draft.cluster.layout
            newConfigsAt = now
            lacksConfigs = false
            if isDue { configsAt = now }
            setInterval(.configs, ns: Limits.configInterval)
            configQueue =
                draft.cluster.topics.filter { isDue || $0.overrideCount == nil }.map(\.name)[...]
        }
        guard !configQueue.isEmpty else { return }
        let brokers = draft.cluster.brokers.filter { $0.isListed && !$0.isIll }.map(\.id.value)
        let most = isOnce ? Int.max : budget.configRequestsPerRound
        var number = 0
        while number < most, let first = configQueue.first {
            let target: Target =
                brokers.isEmpty ? .any : .broker(brokers[number % brokers.count])
            askConfigs(
                Array(configQueue.prefix(budget.topicsPerConfigRequest)), target: target,
                subject: first)
            configQueue = configQueue.dropFirst(budget.topicsPerConfigRequest)
            number += 1
        }
    }

    private func askConfigs(_ names: [String], target: Target, subject: String) {
        ask(
            .configs, to: target, lane: isOnce ? .fast : .slow,
            timeoutNs: isOnce ? patience : Limits.slowTimeout, fallsBack: true,
            subject: subject,
            { _ in
                var request = DescribeConfigsRequest()
                request.resources = names.map { name in
                    var resource = DescribeConfigsRequest.Resource()
                    resource.resourceType = 2
                    resource.resourceName = name
                    resource.configurationKeys = nil
                    return resource
                }
                return request
            },
            failed: { [weak self] in self?.lacksConfigs = true }
        ) { [weak self] answer in
            guard let self else { return }
            var refused: [KafkaError: Int] = [:]
            for result in answer.value.results {
                if result.error.isError {
                    refused[result.error, default: 0] += 1
                } else {
                    draft.fold(configs: result, version: answer.version, now: loop.now)
                }
            }
            refused[.unknownTopicOrPartition] = nil
            if let (error, count) = refused.max(by: { $0.value < $1.value }) {
                let isForbidden = error == .topicAuthorizationFailed
                if !isForbidden { lacksConfigs = true }
                note(
                    error, api: "DescribeConfigs", broker: nil, section: .configs,
                    message: "Configs of \(count) topics could not be read: \(error)."
                        + (isForbidden ? " It needs DESCRIBE_CONFIGS on the topic." : ""),
                    subject: subject)
            }
            let isRefused = refused.values.reduce(0, +) == answer.value.results.count
            if !isRefused || answer.value.results.isEmpty {
                draft.markAnswered(.configs, at: loop.now)
            }
        }
    }

    /// Sizes and volumes, from every broker: slow for the broker, so on its own connection. A
    /// broker that was silent when it was its turn is asked as soon as it answers again.
    func askLogDirs() {
        guard sections.contains(.logDirs) else { return }
        let now = loop.now
        if isLarge && !isOnce { return askLogDirsInTurn() }
        let isDue = isOnce || logDirsAt == 0 || now &- logDirsAt >= Limits.logDirInterval
        guard isDue || !logDirsFailedAt.isEmpty else { return }
        if isDue { logDirsAt = now }
        setInterval(.logDirs, ns: Limits.logDirInterval)
        for broker in draft.cluster.brokers where broker.isListed {
            let isBack =
                logDirsFailedAt[broker.id].map { now &- $0 >= Limits.logDirRetry } == true
                && broker.isAnswering
            if isDue || isBack { askLogDirs(of: broker.id) }
        }
    }

    /// In a large cluster some brokers a round, so that all have had their turn within the
    /// interval: sooner while sizes are in view, and the first time.
    private func askLogDirsInTurn() {
        let interval = interest.wantsSizes ? Limits.logDirInterval : Limits.longLogDirInterval
        setInterval(.logDirs, ns: interval)
        let listed = draft.cluster.brokers.filter(\.isListed)
        guard !listed.isEmpty else { return }
        let haste: UInt64 = logDirPass == 0 ? 12 : 1
        let rounds = Int(max(1, interval / haste / max(1, refreshNs)))
        let piece = (listed.count + rounds - 1) / rounds
        for step in 0..<piece {
            let broker = listed[(logDirCursor + step) % listed.count]
            // One that failed is asked again with its next turn, and that is soon enough.
            askLogDirs(of: broker.id)
        }
        logDirCursor += piece
        if logDirCursor >= listed.count {
            logDirCursor = 0
            logDirPass += 1
        }
    }

    private func askLogDirs(of id: BrokerID) {
        guard underWay.insert("log dirs \(id)").inserted else { return }
        ask(
            .logDirs, to: .broker(id.value), lane: .slow,
            timeoutNs: isOnce ? patience : Limits.slowTimeout,
            { _ in LogDirColumnsRequest() },
            failed: { [weak self] in
                guard let self else { return }
                underWay.remove("log dirs \(id)")
                logDirsFailedAt[id] = loop.now
            }
        ) { [weak self] answer in
            guard let self else { return }
            underWay.remove("log dirs \(id)")
            logDirsFailedAt[id] = nil
            let isMute = answer.version < 3 && answer.value.dirs.isEmpty
            let error = isMute ? KafkaError.clusterAuthorizationFailed : answer.value.error
            guard !error.isError else {
                note(
                    error, api: "DescribeLogDirs", broker: id, section: .logDirs,
                    message: "Broker \(id) did not list its log directories: \(error). It "
                        + "needs DESCRIBE on the cluster.")
                return
            }
            draft.fold(logDirs: answer.value, broker: id, now: loop.now)
        }
    }

    /// Fenced brokers, where DescribeCluster can list them (version 2, Kafka 4.0).
    func askFenced() {
        guard sections.contains(.brokers), draft.cluster.kind == .kraft else { return }
        let now = loop.now
        guard isOnce || fencedAt == 0 || now &- fencedAt >= Limits.fencedInterval else { return }
        fencedAt = now
        let canTell = draft.cluster.brokers.contains {
            (client.version(of: DescribeClusterRequest.self, broker: $0.id.value) ?? 0) >= 2
        }
        guard canTell else { return }
        ask(
            .brokers, to: .any,
            { version in
                var request = DescribeClusterRequest()
                request.includeFencedBrokers = version >= 2
                return request
            }
        ) { [weak self] answer in
            // An older broker lists the living only: that says nothing of the fenced ones.
            guard let self, !answer.value.error.isError, answer.version >= 2 else { return }
            draft.fold(fenced: answer.value.brokers, now: loop.now)
        }
    }

    /// How often each part of a section is asked: what counts as stale depends on it.
    func setInterval(_ section: Section, ns: UInt64) {
        var health = draft.cluster.health(section)
        health.intervalSeconds = Double(max(ns, refreshNs)) / 1e9
        draft.cluster.sections[section] = health
    }
}
