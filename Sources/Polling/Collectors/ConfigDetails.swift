// All configs of the one resource whose configs are in view, with their sources and documentation.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// Asks for every config of a topic, of a broker or of all brokers while they are in view.
final class ConfigDetailCollector: Collector {
    private unowned let observer: Observer
    private var clock = Clock()
    /// What was looked at last; what is known of it stays while something else is in view.
    private var resource: ObjectID?
    private var isInView = false
    /// What was asked last: where it failed and is not asked any more, that is no news for long.
    private var asked: QuestionKey?
    /// Its documentation was read: it stays the same and is ten times the rest.
    private var documentation: [String: String] = [:]

    init(_ observer: Observer) { self.observer = observer }

    var isSlow: Bool { false }

    func round(_ due: Due) {
        guard due == .live, isInView else { return }
        ask(at: observer.loop.now)
    }

    func lookAt(_ interest: Interest) {
        let wasInView = isInView
        isInView = interest.configDetails != nil
        if interest.configDetails != resource { forgetFailure() }
        guard let next = interest.configDetails, !wasInView || next != resource else { return }
        if next != resource {
            resource = next
            documentation = [:]
            observer.working.cluster.configsInView = ResourceConfigs(next)
        }
        clock.reset()
        ask(at: observer.loop.now)
    }

    private func forgetFailure() { asked.map { observer.working.settle($0) } }

    /// They were changed: they are read at once.
    func again() {
        clock.reset()
        ask(at: observer.loop.now)
    }

    private func ask(at now: UInt64) {
        guard let resource, let named = Self.resource(resource),
            clock.isDue(.live, every: Limits.configViewInterval, at: now)
        else { return }
        clock.start(at: now)
        // Only the broker itself tells its own configs.
        var target = Target.any
        if case .broker(let id) = resource { target = .broker(id.value) }
        var question = Question(.configs, to: target, subject: "details of \(resource)")
        question.timeoutNs = observer.patience(live: Limits.slowTimeout)
        question.isAlone = true
        let key = question.key(DescribeConfigsRequest.name)
        asked = key
        let wantsDocumentation = documentation.isEmpty
        observer.ask(
            question,
            { version in
                var request = DescribeConfigsRequest()
                request.resources = [named]
                request.includeSynonyms = true
                request.includeDocumentation = wantsDocumentation && version >= 3
                return request
            },
            failed: { [weak self] in self?.failed(resource, key) }
        ) { [weak self] answer in self?.fold(answer, of: resource) }
    }

    /// nil: it has no configs that are shown.
    private static func resource(_ id: ObjectID) -> DescribeConfigsRequest.Resource? {
        switch id {
        case .topic(let name): .init(resourceType: .topic, resourceName: name)
        case .broker(let id): .init(resourceType: .broker, resourceName: "\(id)")
        case .cluster: .init(resourceType: .broker, resourceName: "")
        default: nil
        }
    }

    private func failed(_ resource: ObjectID, _ key: QuestionKey) {
        if !isInView || self.resource != resource { observer.working.settle(key) }
        let what = "the configs of \(resource) were not answered: W says why"
        observer.working.cluster.configsInView?.fail(resource, what)
    }

    private func fold(_ answer: Answer<DescribeConfigsResponse>, of resource: ObjectID) {
        guard self.resource == resource, let result = answer.value.results.first else { return }
        if result.error.isError {
            let message = result.errorMessage.flatMap { $0.isEmpty ? nil : $0 }
            let need = result.error.isRefusal ? "; it needs DESCRIBE_CONFIGS" : ""
            observer.working.cluster.configsInView?.fail(
                resource, "\(result.error): \(message ?? result.error.reason)\(need)")
            return
        }
        for config in result.configs {
            if let text = config.documentation, !text.isEmpty { documentation[config.name] = text }
        }
        var told = ResourceConfigs(resource)
        told.answeredAt = Instant(ns: observer.loop.now)
        told.configs = result.configs.map { config in
            let isTold = answer.version >= 1
            var levels = config.synonyms.map {
                ConfigLevel($0.name, $0.value, ConfigSource(rawValue: $0.source) ?? .unknown)
            }
            // Brokers leave out what a time in ms falls back to where it is set in hours.
            if !levels.isEmpty, levels.allSatisfy({ $0.source == told.ownSource }),
                let usual = observer.working.inheritedTimes[config.name]
            {
                levels.append(ConfigLevel(config.name, usual, .unknown))
            }
            var described = DescribedConfig(
                config.name, config.value,
                isTold
                    ? ConfigSource(rawValue: config.configSource) ?? .unknown
                    : config.isDefault ? .initial : told.ownSource,
                levels: levels, isSensitive: config.isSensitive)
            described.isReadOnly = config.readOnly
            described.type = config.configType
            described.documentation = documentation[config.name]
            return described
        }.sorted { $0.name < $1.name }
        observer.working.cluster.configsInView = told
        if case .topic = resource {
            observer.working.fold(
                configs: result, version: answer.version, now: observer.loop.now)
        }
    }
}

extension ResourceConfigs {
    /// What was told before stays.
    fileprivate mutating func fail(_ resource: ObjectID, _ why: String) {
        if self.resource == resource { failure = why }
    }
}

extension Observer {
    /// These were changed: their configs are read at once.
    func readConfigs(of resources: [ObjectID]) {
        guard !isStopped, progress.knowsBrokers else { return }
        configs.ask(
            resources.compactMap { if case .topic(let name) = $0 { name } else { nil } })
        configDetails.again()
    }
}
