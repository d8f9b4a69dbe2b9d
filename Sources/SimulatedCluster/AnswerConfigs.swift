// DescribeConfigs: configs of topics, brokers and loggers with their sources and synonyms in order
// of precedence: the topic's own, the broker's, all brokers', its file, the default.
import KafkaConfigs
import KafkaWire

extension Handler {
    static let describeConfigs = reads(RequestContext.describeConfigs)
}

extension RequestContext {
    private enum Source {
        static let topic: Int8 = 1
        static let broker: Int8 = 2
        static let brokers: Int8 = 3
        static let staticBroker: Int8 = 4
        static let initial: Int8 = 5
        static let logger: Int8 = 6
    }

    private typealias Config = DescribeConfigsResponse.Config
    private typealias Synonym = DescribeConfigsResponse.Synonym

    func describeConfigs(_ request: DescribeConfigsRequest) -> DescribeConfigsResponse {
        var response = DescribeConfigsResponse()
        // What topics fall back to is the same for all of them.
        let known = ConfigCatalogue.of(shape.release.kafka).topics
        let hasTopics = request.resources.contains { $0.resourceType == ConfigResourceType.topic }
        let fallback = hasTopics ? known.map { ($0, $0.brokerName.map(brokerLevels) ?? []) } : []
        response.results = request.resources.map { resource in
            var result = DescribeConfigsResponse.Result()
            result.resourceType = resource.resourceType
            result.resourceName = resource.resourceName
            let asked = Wanted(resource, request, takesNone: shape.release == .v24)
            switch resource.resourceType {
            case ConfigResourceType.topic:
                describeTopic(resource.resourceName, asked, fallback, &result)
            case ConfigResourceType.broker, ConfigResourceType.brokerLogger:
                describeBroker(resource, asked, &result)
            default:
                result.refuse(.invalidRequest, Self.malformed)
            }
            // Where there is nothing to say it is "", but for the oldest.
            if shape.release > .v24, result.errorMessage == nil { result.errorMessage = "" }
            return result
        }
        return response
    }

    /// Which configs of a resource are wanted, and what of each.
    private struct Wanted {
        let keys: Set<String>?
        let hasSynonyms: Bool
        let hasDocumentation: Bool

        /// An empty list is none on 2.4 and everything later.
        init(
            _ resource: DescribeConfigsRequest.Resource, _ request: DescribeConfigsRequest,
            takesNone: Bool
        ) {
            keys = resource.configurationKeys.flatMap { $0.isEmpty && !takesNone ? nil : Set($0) }
            hasSynonyms = request.includeSynonyms
            hasDocumentation = request.includeDocumentation
        }

        func contains(_ name: String) -> Bool { keys?.contains(name) ?? true }
    }

    // MARK: Topics

    private func describeTopic(
        _ name: String, _ wanted: Wanted, _ fallback: [(KnownConfig, [Synonym])],
        _ result: inout DescribeConfigsResponse.Result
    ) {
        if shape.access.deniesConfigs || isHidden(topic: name) {
            return result.refuse(.topicAuthorizationFailed, "Topic authorization failed.")
        }
        guard let index = machine.topicIndex[name] else {
            return result.refuse(.unknownTopicOrPartition)
        }
        if machine.answersError { return result.refuse(.requestTimedOut) }
        let topic = machine.topics[index]
        for (known, usual) in fallback where wanted.contains(known.name) {
            var levels = usual
            if let set = topic.overrides.first(where: { $0.name == known.name }) {
                levels.insert(synonym(known.name, set.value, Source.topic), at: 0)
            }
            var config = described(known, levels, wanted)
            config.isDefault = config.configSource != Source.topic
            result.configs.append(config)
        }
    }

    private func synonym(_ name: String, _ value: String?, _ source: Int8) -> Synonym {
        var synonym = Synonym()
        synonym.name = name
        synonym.value = value
        synonym.source = source
        return synonym
    }

    /// What is set of one of the brokers' configs, the one in force first.
    private func brokerLevels(_ name: String) -> [Synonym] {
        var levels: [Synonym] = []
        if let set = broker.overrides.first(where: { $0.name == name }) {
            levels.append(synonym(name, set.value, Source.broker))
        }
        if let set = machine.defaultOverrides.first(where: { $0.name == name }) {
            levels.append(synonym(name, set.value, Source.brokers))
        }
        if let own = staticValue(name) { levels.append(synonym(name, own, Source.staticBroker)) }
        if let initial = ConfigCatalogue.of(shape.release.kafka).broker(name)?.initial {
            levels.append(synonym(name, initial, Source.initial))
        }
        // A time in ms that is set stands before the default of the same in hours.
        let hours = name.replacingEnd(".ms", with: ".hours")
        if !levels.isEmpty, let hours,
            let initial = ConfigCatalogue.of(shape.release.kafka).broker(hours)?.initial
        {
            levels.append(synonym(hours, initial, Source.initial))
        }
        return levels
    }

    private func described(_ known: KnownConfig, _ levels: [Synonym], _ wanted: Wanted) -> Config {
        var config = Config()
        config.name = known.name
        config.value = levels.first?.value ?? known.initial
        config.configSource = levels.first?.source ?? Source.initial
        config.isDefault = config.configSource == Source.initial
        config.configType = known.type.rawValue
        config.readOnly = known.access == .atStart
        // Passwords are never answered.
        config.isSensitive = known.type == .password
        if config.isSensitive { config.value = nil }
        if version >= 1, wanted.hasSynonyms { config.synonyms = levels }
        if version >= 3, wanted.hasDocumentation {
            config.documentation = ConfigDocumentation.text(known.name)
        }
        return config
    }

    // MARK: Brokers

    private func describeBroker(
        _ resource: DescribeConfigsRequest.Resource, _ wanted: Wanted,
        _ result: inout DescribeConfigsResponse.Result
    ) {
        if shape.access.deniesConfigs {
            return result.refuse(.clusterAuthorizationFailed, "Cluster authorization failed.")
        }
        if resource.resourceName.isEmpty, resource.resourceType == ConfigResourceType.broker {
            return describeDefaults(wanted, &result)
        }
        guard let id = Int32(resource.resourceName) else {
            return result.refuse(
                .invalidRequest,
                "Broker id must be an integer, but it is: \(resource.resourceName)")
        }
        guard id == broker.id else {
            return result.refuse(
                .invalidRequest,
                "Unexpected broker id, expected \(broker.id) or empty string, but received \(id)")
        }
        if machine.answersError { return result.refuse(.requestTimedOut) }
        if resource.resourceType == ConfigResourceType.brokerLogger {
            return describeLoggers(wanted, &result)
        }
        for known in ConfigCatalogue.of(shape.release.kafka).brokers
        where wanted.contains(known.name) {
            result.configs.append(described(known, brokerLevels(known.name), wanted))
        }
        for entry in broker.overrides + machine.defaultOverrides {
            let isNew = !result.configs.contains { $0.name == entry.name }
            if isNew, wanted.contains(entry.name) {
                result.configs.append(unlisted(entry.name, brokerLevels(entry.name), wanted))
            }
        }
        if shape.release == .v24 {
            // There the rates are always listed and never with a value.
            for name in ThrottleName.rates
            where wanted.contains(name) && !result.configs.contains(where: { $0.name == name }) {
                result.configs.append(unlisted(name, [], wanted))
            }
        }
    }

    /// A config that is none of the broker's own list: a throttle, or any name that somebody set.
    private func unlisted(_ name: String, _ levels: [Synonym], _ wanted: Wanted) -> Config {
        var config = Config()
        config.name = name
        let isRate = ThrottleName.rates.contains(name) && shape.release > .v24
        config.value = isRate ? levels.first?.value : nil
        config.configSource = levels.first?.source ?? Source.initial
        config.isDefault = levels.isEmpty
        config.configType = isRate ? 5 : 0
        config.readOnly = !isRate || shape.release < .v43
        config.isSensitive = !isRate
        if version >= 1, wanted.hasSynonyms {
            config.synonyms = levels.map { level in
                synonym(level.name, isRate ? level.value : nil, level.source)
            }
        }
        if version >= 3, wanted.hasDocumentation { config.documentation = "" }
        return config
    }

    /// What is set for all brokers.
    private func describeDefaults(
        _ wanted: Wanted, _ result: inout DescribeConfigsResponse.Result
    ) {
        for entry in machine.defaultOverrides where wanted.contains(entry.name) {
            let levels = [synonym(entry.name, entry.value, Source.brokers)]
            if let known = ConfigCatalogue.of(shape.release.kafka).broker(entry.name) {
                result.configs.append(described(known, levels, wanted))
            } else {
                result.configs.append(unlisted(entry.name, levels, wanted))
            }
        }
    }

    private func describeLoggers(
        _ wanted: Wanted, _ result: inout DescribeConfigsResponse.Result
    ) {
        for name in machine.loggerNames where wanted.contains(name) {
            var config = Config()
            config.name = name
            config.value = broker.loggers.first { $0.name == name }?.value ?? "INFO"
            config.configSource = Source.logger
            result.configs.append(config)
        }
    }

    /// What stands in every broker's server.properties.
    private func staticValue(_ name: String) -> String? {
        switch name {
        case "min.insync.replicas": machine.usualMinInSync
        case "default.replication.factor": "\(min(3, shape.brokers))"
        case "auto.create.topics.enable": "false"
        case "broker.id": "\(broker.id)"
        case "node.id" where shape.coordination == .kraft: "\(broker.id)"
        case "broker.rack": broker.rack
        case "log.dirs": broker.volumes.map(\.path).joined(separator: ",")
        case "listeners", "advertised.listeners": "PLAINTEXT://\(broker.host):\(broker.port)"
        case "replica.lag.time.max.ms": "\(Int(shape.replicaLagSeconds * 1000))"
        case "process.roles" where shape.coordination == .kraft: "broker"
        case "controller.quorum.voters" where shape.coordination == .kraft:
            (3001...3003).map { "\($0)@controller-\($0).simulated:9093" }.joined(separator: ",")
        case "zookeeper.connect" where shape.coordination == .zookeeper: machine.zooKeeperConnect
        default: nil
        }
    }
}

extension DescribeConfigsResponse.Result {
    fileprivate mutating func refuse(_ error: KafkaError, _ message: String? = nil) {
        self.error = error
        errorMessage = message
    }
}

extension Machine {
    /// min.insync.replicas of server.properties.
    var usualMinInSync: String? { shape.brokers >= 3 ? "2" : nil }
}

extension String {
    /// The text with another end, or nil where it does not end so.
    fileprivate func replacingEnd(_ end: String, with other: String) -> String? {
        hasSuffix(end) ? String(dropLast(end.count)) + other : nil
    }
}
