// All configs of one resource as its broker describes them: asked for while they are in view.

/// Who set a value, by Kafka's number (DescribeConfigs version 1 and later).
package enum ConfigSource: Int8, Sendable {
    /// Not told: version 0 says only whether a value is the default.
    case unknown = 0
    case topic, broker, allBrokers, file, initial, logger, clientMetrics, group
}

/// One value among those of which the first is in force.
package struct ConfigLevel: Sendable, Equatable {
    /// Under this name it is set there: `log.retention.ms` stands behind a topic's `retention.ms`.
    package var name: String
    /// nil where the broker told none.
    package var value: String?
    package var source: ConfigSource

    package init(_ name: String, _ value: String?, _ source: ConfigSource) {
        self.name = name
        self.value = value
        self.source = source
    }
}

/// One config as a broker describes it.
package struct DescribedConfig: Sendable, Equatable {
    package var name: String
    /// In force; nil where it is not set, or is not told, as of sensitive keys, whose values are
    /// never kept.
    package let value: String?
    package var source: ConfigSource
    /// The broker says that it is read at its start only.
    package var isReadOnly = false
    package let isSensitive: Bool
    /// Kafka's number of its type; 0 where it is not told (before 2.6).
    package var type: Int8 = 0
    /// From the one in force to the default; empty where they are not told (before 1.1).
    package let levels: [ConfigLevel]
    /// In Kafka's words; nil where they are not told (before 2.6).
    package var documentation: String?

    package init(
        _ name: String, _ value: String?, _ source: ConfigSource, levels: [ConfigLevel] = [],
        isSensitive: Bool = false
    ) {
        self.name = name
        self.value = isSensitive ? nil : value
        self.source = source
        self.isSensitive = isSensitive
        self.levels =
            isSensitive ? levels.map { ConfigLevel($0.name, nil, $0.source) } : levels
    }
}

/// The configs of a topic, of a broker or, as `.cluster`, the default of all brokers.
package struct ResourceConfigs: Sendable, Equatable {
    package var resource: ObjectID
    /// Ascending by name; of all brokers those that are set.
    package var configs: [DescribedConfig] = []
    /// When they were answered; never where they were not.
    package var answeredAt = Instant.never
    /// Why the last question was not answered, in a sentence; nil where it was.
    package var failure: String?

    package init(_ resource: ObjectID) { self.resource = resource }

    /// The source of values that are set on the resource itself.
    package var ownSource: ConfigSource { ConfigSource(settingOn: resource) }

    package subscript(_ name: String) -> DescribedConfig? {
        configs.first { $0.name == name }
    }

    /// What is set on the resource itself; nil where nothing is.
    package func override(_ config: DescribedConfig) -> ConfigLevel? {
        if let level = config.levels.first(where: { $0.source == ownSource }) { return level }
        return config.source == ownSource
            ? ConfigLevel(config.name, config.value, config.source) : nil
    }

    /// What would be in force without the override; nil where there is none, or it is not known.
    package func withoutOverride(_ config: DescribedConfig) -> ConfigLevel? {
        guard override(config) != nil else { return nil }
        return config.levels.first { $0.source != ownSource }
    }
}

extension ConfigSource {
    /// Of values that are set on this resource itself.
    fileprivate init(settingOn resource: ObjectID) {
        switch resource {
        case .topic: self = .topic
        case .broker: self = .broker
        default: self = .allBrokers
        }
    }

    /// Where a value is set, in words.
    package var text: String {
        switch self {
        case .unknown: "not told"
        case .topic: "topic"
        case .broker: "broker"
        case .allBrokers: "all brokers"
        case .file: "file"
        case .initial: "default"
        case .logger: "logger"
        case .clientMetrics: "metrics"
        case .group: "group"
        }
    }
}
