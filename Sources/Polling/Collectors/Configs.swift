// Overrides and min.insync.replicas of all topics.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// Asks for the configs of topics, many in a request, spread over the brokers.
final class ConfigCollector: Collector {
    private unowned let observer: Observer
    private var clock = Clock()
    private var newTopicsClock = Clock()
    private var viewClock = Clock()
    private var inView: [String] = []
    /// What was asked last of those in view: where it failed and is not asked any more, that is no
    /// news for long, since the sweep comes to them too.
    private var askedInView: QuestionKey?
    private var layout: UInt64 = 0
    /// Configs of some topics could not be read.
    private var lacksSome = false
    /// Topics whose configs are still to be asked in this pass.
    private var queue: ArraySlice<String> = []
    /// What an answer takes for one topic.
    private var topicBytes = MeanBytes()

    init(_ observer: Observer) { self.observer = observer }

    var isSlow: Bool { true }

    func round(_ due: Due) {
        let now = observer.loop.now
        guard !observer.working.cluster.topics.isEmpty else {
            observer.working.markAnswered(.configs, at: now)
            return
        }
        if due == .live { askInView() }
        if queue.isEmpty { fillQueue(due, now) }
        let brokers = observer.working.cluster.brokers.filter { $0.isListed && !$0.isIll }
        let size = observer.budget.topicsPerConfigRequest
        let most = due == .once ? Int.max : observer.budget.configRequestsPerRound
        var number = 0
        while number < most, !queue.isEmpty {
            let target: Target =
                brokers.isEmpty ? .any : .broker(brokers[number % brokers.count].id.value)
            ask(Array(queue.prefix(size)), target, due)
            queue = queue.dropFirst(size)
            number += 1
        }
    }

    func lookAt(_ interest: Interest) {
        guard interest.configs != inView else { return }
        if interest.configs.first != inView.first { forgetFailure() }
        inView = interest.configs
        viewClock.reset()
        askInView()
    }

    private func forgetFailure() {
        guard let key = askedInView else { return }
        askedInView = nil
        settleUnlessInView(key)
    }

    /// Topics in view are asked more often than the sweep comes to them.
    private func askInView() {
        let now = observer.loop.now
        guard !inView.isEmpty, viewClock.isDue(.live, every: Limits.configViewInterval, at: now)
        else { return }
        viewClock.start(at: now)
        let names = inView.prefix(observer.budget.topicsPerConfigRequest).filter { !isRefused($0) }
        if !names.isEmpty { ask(Array(names), .any, .live, isInView: true) }
    }

    /// Topics whose configs were changed just now.
    func ask(_ names: [String]) {
        var rest = names.filter { !isRefused($0) }[...]
        while !rest.isEmpty {
            ask(Array(rest.prefix(observer.budget.topicsPerConfigRequest)), .any, .live)
            rest = rest.dropFirst(observer.budget.topicsPerConfigRequest)
        }
    }

    private func isRefused(_ topic: String) -> Bool {
        observer.isRefused(
            QuestionKey(api: DescribeConfigsRequest.name, broker: nil, subject: topic))
    }

    /// All topics when it is time, else those that are new; none that were refused.
    private func fillQueue(_ due: Due, _ now: UInt64) {
        let interval = Pace.interval(
            bytes: topicBytes.of(observer.working.cluster.topics.count),
            bytesPerSecond: observer.budget.configBytesPerSecond, least: Limits.configInterval,
            most: Limits.longestConfigInterval)
        let isDue = clock.isDue(due, every: interval, at: now)
        let hasNew =
            (layout != observer.working.cluster.layout || lacksSome)
            && newTopicsClock.isDue(due, every: Limits.newConfigInterval, at: now)
        guard isDue || hasNew else { return }
        layout = observer.working.cluster.layout
        newTopicsClock.start(at: now)
        if isDue { clock.start(at: now) }
        observer.setInterval(.configs, ns: interval)
        let cluster = observer.working.cluster
        let names = cluster.topics.indices
            .filter { isDue || cluster.overrides(topic: $0) == nil }.map { cluster.topics[$0].name }
        queue = (observer.working.refusals.isEmpty ? names : names.filter { !isRefused($0) })[...]
        lacksSome = queue.count < names.count
    }

    private func ask(_ names: [String], _ target: Target, _ due: Due, isInView: Bool = false) {
        var question = Question(.configs, to: target, subject: names.first ?? "")
        question.lane = due == .once ? .fast : .slow
        question.timeoutNs = observer.patience(live: Limits.slowTimeout)
        question.fallsBack = true
        let key = question.key(DescribeConfigsRequest.name)
        if isInView { askedInView = key }
        observer.ask(
            question,
            { _ in
                var request = DescribeConfigsRequest()
                request.resources = names.map { name in
                    var resource = DescribeConfigsRequest.Resource()
                    resource.resourceType = .topic
                    resource.resourceName = name
                    resource.configurationKeys = nil
                    return resource
                }
                return request
            },
            failed: { [weak self] in
                self?.lacksSome = true
                if isInView { self?.settleUnlessInView(key) }
            }
        ) { [weak self, question] answer in
            self?.fold(answer, question)
            if isInView { self?.settleUnlessInView(key) }
        }
    }

    /// Nobody looks at them any more: nothing asks this question again. What was refused stays
    /// known: it holds whoever looks.
    private func settleUnlessInView(_ key: QuestionKey) {
        if askedInView != key, !observer.isRefused(key) { observer.working.settle(key) }
    }

    private func fold(_ answer: Answer<DescribeConfigsResponse>, _ question: Question) {
        var anyBroker = question
        anyBroker.target = .any
        topicBytes.note(answer.sizeBytes, of: answer.value.results.count)
        var failed: [KafkaError: [String]] = [:]
        for result in answer.value.results {
            observer.answered(
                result.resourceName, of: anyBroker, api: DescribeConfigsRequest.name)
            if result.error.isError {
                failed[result.error, default: []].append(result.resourceName)
            } else {
                observer.working.fold(
                    configs: result, version: answer.version, now: observer.loop.now)
            }
        }
        failed[.unknownTopicOrPartition] = nil
        // Refused topics are remembered each; of other errors the one of most topics is said.
        for (error, names) in failed where error.isRefusal {
            observer.note(
                error, of: names.sorted(), in: anyBroker, api: DescribeConfigsRequest.name,
                by: answer.brokerID.map { BrokerID($0) }, share: Self.share(error, names.count))
        }
        if !failed.isEmpty { lacksSome = true }
        let others = failed.filter { !$0.key.isRefusal }
        if let (error, names) = others.max(by: { $0.value.count < $1.value.count }) {
            observer.note(
                error, api: DescribeConfigsRequest.name, broker: nil, section: .configs,
                share: Self.share(error, names.count), subject: question.subject)
        }
        let count = failed.values.reduce(0) { $0 + $1.count }
        if count < answer.value.results.count || answer.value.results.isEmpty {
            observer.working.markAnswered(.configs, at: observer.loop.now)
        }
    }

    private static func share(_ error: KafkaError, _ count: Int) -> FailedShare {
        let need =
            error == .topicAuthorizationFailed ? " It needs DESCRIBE_CONFIGS on the topic." : ""
        return FailedShare(
            before: "Configs of ", count, "topic",
            after: " could not be read: \(error.reason).\(need)")
    }
}

extension WorkingCluster {
    /// Folds the configs of one topic as a broker describes them.
    mutating func fold(
        configs result: DescribeConfigsResponse.Result, version: Int16, now: UInt64
    ) {
        guard let index = topicNames.find(result.resourceName) else { return }
        var overrides: [ConfigOverride] = []
        var least: Int?
        for config in result.configs {
            let source = ConfigOverride.Source(rawValue: config.configSource)
            let isOverride = version >= 1 ? source == .topic : !config.isDefault
            if isOverride {
                overrides.append(
                    ConfigOverride(
                        name: config.name, value: config.value,
                        source: version >= 1 ? .topic : .unknown,
                        isSensitive: config.isSensitive))
            }
            if !isOverride, config.name.hasSuffix(".ms"),
                inheritedTimes[config.name] != config.value
            {
                inheritedTimes[config.name] = config.value
            }
            if config.name == "min.insync.replicas", let value = config.value { least = Int(value) }
        }
        noteOverrides(
            overrides, topic: index, EventStamp(wall: wall, now: Instant(ns: now)),
            source: DescribeConfigsRequest.name)
        cluster.setOverrides(overrides, topic: index, minInsyncReplicas: least)
    }
}
