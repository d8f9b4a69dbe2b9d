// DescribeConfigs: configs of topics, brokers and loggers with their sources and synonyms. Names,
// defaults and types are Kafka's (LogConfig, KafkaConfig).
import KafkaWire

/// One config as a broker knows it.
private struct KnownConfig {
    let name: String
    let initial: String?
    /// DescribeConfigs' number of the type: 1 boolean, 2 string, 3 int, 5 long, 6 double, 7 list.
    let type: Int8
    /// The broker config that a topic's default comes from.
    let brokerName: String?

    init(_ name: String, _ initial: String?, _ type: Int8, _ brokerName: String? = nil) {
        self.name = name
        self.initial = initial
        self.type = type
        self.brokerName = brokerName
    }
}

private let topicConfigs: [KnownConfig] = [
    KnownConfig("cleanup.policy", "delete", 7, "log.cleanup.policy"),
    KnownConfig("compression.type", "producer", 2, "compression.type"),
    KnownConfig("delete.retention.ms", "86400000", 5, "log.cleaner.delete.retention.ms"),
    KnownConfig("file.delete.delay.ms", "60000", 5, "log.segment.delete.delay.ms"),
    KnownConfig("flush.messages", "9223372036854775807", 5, "log.flush.interval.messages"),
    KnownConfig("flush.ms", "9223372036854775807", 5, "log.flush.interval.ms"),
    KnownConfig("follower.replication.throttled.replicas", "", 7),
    KnownConfig("index.interval.bytes", "4096", 3, "log.index.interval.bytes"),
    KnownConfig("leader.replication.throttled.replicas", "", 7),
    KnownConfig("max.compaction.lag.ms", "9223372036854775807", 5),
    KnownConfig("max.message.bytes", "1048588", 3, "message.max.bytes"),
    KnownConfig("message.timestamp.type", "CreateTime", 2, "log.message.timestamp.type"),
    KnownConfig("min.cleanable.dirty.ratio", "0.5", 6, "log.cleaner.min.cleanable.ratio"),
    KnownConfig("min.compaction.lag.ms", "0", 5, "log.cleaner.min.compaction.lag.ms"),
    KnownConfig("min.insync.replicas", "1", 3, "min.insync.replicas"),
    KnownConfig("preallocate", "false", 1, "log.preallocate"),
    KnownConfig("retention.bytes", "-1", 5, "log.retention.bytes"),
    KnownConfig("retention.ms", "604800000", 5, "log.retention.ms"),
    KnownConfig("segment.bytes", "1073741824", 3, "log.segment.bytes"),
    KnownConfig("segment.index.bytes", "10485760", 3, "log.index.size.max.bytes"),
    KnownConfig("segment.jitter.ms", "0", 5, "log.roll.jitter.ms"),
    KnownConfig("segment.ms", "604800000", 5, "log.roll.ms"),
    KnownConfig(
        "unclean.leader.election.enable", "false", 1, "unclean.leader.election.enable"),
]

private let brokerConfigs: [KnownConfig] = [
    KnownConfig("auto.create.topics.enable", "true", 1),
    KnownConfig("auto.leader.rebalance.enable", "true", 1),
    KnownConfig("background.threads", "10", 3),
    KnownConfig("default.replication.factor", "1", 3),
    KnownConfig("group.initial.rebalance.delay.ms", "3000", 3),
    KnownConfig("log.retention.bytes", "-1", 5),
    KnownConfig("log.retention.hours", "168", 3),
    KnownConfig("log.segment.bytes", "1073741824", 3),
    KnownConfig("message.max.bytes", "1048588", 3),
    KnownConfig("min.insync.replicas", "1", 3),
    KnownConfig("num.io.threads", "8", 3),
    KnownConfig("num.network.threads", "3", 3),
    KnownConfig("num.replica.fetchers", "1", 3),
    KnownConfig("offsets.topic.replication.factor", "3", 4),
    KnownConfig("replica.fetch.max.bytes", "1048576", 3),
    KnownConfig("ssl.keystore.password", nil, 9),
    KnownConfig("unclean.leader.election.enable", "false", 1),
]

extension Call {
    private enum Source {
        static let topic: Int8 = 1
        static let staticBroker: Int8 = 4
        static let initial: Int8 = 5
        static let logger: Int8 = 6
    }

    private enum Kind {
        static let topic: Int8 = 2
        static let broker: Int8 = 4
        static let logger: Int8 = 8
    }

    private typealias Config = DescribeConfigsResponse.Config

    func describeConfigs(_ request: DescribeConfigsRequest) -> DescribeConfigsResponse {
        var response = DescribeConfigsResponse()
        response.results = request.resources.map { resource in
            var result = DescribeConfigsResponse.Result()
            result.resourceType = resource.resourceType
            result.resourceName = resource.resourceName
            switch resource.resourceType {
            case Kind.topic: describeTopic(resource.resourceName, request, &result)
            case Kind.broker, Kind.logger: describeBroker(resource, request, &result)
            default:
                result.error = .invalidRequest
                result.errorMessage = "Unsupported resource type: \(resource.resourceType)"
            }
            if let keys = resource.configurationKeys, !(keys.isEmpty && shape.release > .v24) {
                result.configs.removeAll { !keys.contains($0.name) }
            }
            return result
        }
        return response
    }

    private func describeTopic(
        _ name: String, _ request: DescribeConfigsRequest,
        _ result: inout DescribeConfigsResponse.Result
    ) {
        if shape.access.deniesConfigs || isHidden(topic: name) {
            result.error = .topicAuthorizationFailed
            result.errorMessage = "Topic authorization failed."
            return
        }
        guard let index = machine.topicIndex[name] else {
            result.error = .unknownTopicOrPartition
            result.errorMessage = "This server does not host this topic-partition."
            return
        }
        if machine.mishap {
            result.error = .requestTimedOut
            return
        }
        let topic = machine.topics[index]
        result.configs = topicConfigs.map { known in
            var config = Config()
            config.name = known.name
            var levels: [DescribeConfigsResponse.Synonym] = []
            func level(_ name: String, _ value: String?, _ source: Int8) {
                var synonym = DescribeConfigsResponse.Synonym()
                synonym.name = name
                synonym.value = value
                synonym.source = source
                levels.append(synonym)
            }
            if let set = topic.overrides.first(where: { $0.name == known.name }) {
                level(known.name, set.value, Source.topic)
            }
            if let brokerName = known.brokerName {
                if let own = staticValue(brokerName) {
                    level(brokerName, own, Source.staticBroker)
                }
                level(brokerName, known.initial, Source.initial)
            }
            config.value = levels.first?.value ?? known.initial
            config.configSource = levels.first?.source ?? Source.initial
            config.isDefault = config.configSource != Source.topic
            config.configType = known.type
            finish(&config, levels, request)
            return config
        }
    }

    private func finish(
        _ config: inout Config, _ levels: [DescribeConfigsResponse.Synonym],
        _ request: DescribeConfigsRequest
    ) {
        if version >= 1, request.includeSynonyms { config.synonyms = levels }
        if version >= 3, request.includeDocumentation { config.documentation = "" }
    }

    private func describeBroker(
        _ resource: DescribeConfigsRequest.Resource, _ request: DescribeConfigsRequest,
        _ result: inout DescribeConfigsResponse.Result
    ) {
        if shape.access.deniesConfigs {
            result.error = .clusterAuthorizationFailed
            result.errorMessage = "Cluster authorization failed."
            return
        }
        let isDefaultEntity =
            resource.resourceName.isEmpty && resource.resourceType == Kind.broker
        if isDefaultEntity { return }
        guard let id = Int32(resource.resourceName) else {
            result.error = .invalidRequest
            result.errorMessage = "Node id must be an integer, but it is: \(resource.resourceName)"
            return
        }
        guard id == broker.id else {
            result.error = .invalidRequest
            result.errorMessage =
                "Unexpected broker id, expected \(broker.id) or empty string, but received \(id)"
            return
        }
        if resource.resourceType == Kind.logger {
            result.configs = ["root", "kafka.controller", "kafka.request.logger"].map { name in
                var config = Config()
                config.name = name
                config.value = "INFO"
                config.configSource = Source.logger
                return config
            }
            return
        }
        result.configs = ownConfigs.map { name, value in
            described(name, value, Source.staticBroker, type: 2, isReadOnly: true, request)
        }
        for known in brokerConfigs where !result.configs.contains(where: { $0.name == known.name })
        {
            let own = staticValue(known.name)
            result.configs.append(
                described(
                    known.name, own ?? known.initial,
                    own == nil ? Source.initial : Source.staticBroker, type: known.type,
                    isReadOnly: false, request))
        }
        result.configs.sort { $0.name < $1.name }
    }

    private func described(
        _ name: String, _ value: String?, _ source: Int8, type: Int8, isReadOnly: Bool,
        _ request: DescribeConfigsRequest
    ) -> Config {
        var config = Config()
        config.name = name
        config.value = value
        config.configSource = source
        config.isDefault = source == Source.initial
        config.readOnly = isReadOnly
        config.isSensitive = value == nil
        config.configType = type
        var synonym = DescribeConfigsResponse.Synonym()
        synonym.name = name
        synonym.value = value
        synonym.source = source
        finish(&config, [synonym], request)
        return config
    }

    /// What stands in every broker's server.properties.
    private func staticValue(_ name: String) -> String? {
        switch name {
        case "min.insync.replicas": shape.brokers >= 3 ? "2" : nil
        case "default.replication.factor": "\(min(3, shape.brokers))"
        case "auto.create.topics.enable": "false"
        default: nil
        }
    }

    private var ownConfigs: [(String, String?)] {
        let lagMs = Int(shape.replicaLagSeconds * 1000)
        var configs: [(String, String?)] = [
            ("broker.id", "\(broker.id)"), ("broker.rack", broker.rack),
            ("log.dirs", broker.volumes.map(\.path).joined(separator: ",")),
            ("listeners", "PLAINTEXT://\(broker.host):\(broker.port)"),
            ("replica.lag.time.max.ms", "\(lagMs)"),
        ]
        if shape.coordination == .kraft {
            configs += [
                ("node.id", "\(broker.id)"), ("process.roles", "broker"),
                (
                    "controller.quorum.voters",
                    (3001...3003).map { "\($0)@controller-\($0).simulated:9093" }
                        .joined(separator: ",")
                ),
            ]
        } else {
            configs.append(("zookeeper.connect", machine.zooKeeperConnect))
        }
        return configs
    }
}
