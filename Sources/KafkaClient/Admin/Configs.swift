// Verbs about configs in plain values: what is set on a topic, a broker or all brokers, and setting
// or deleting it.
internal import KafkaWire

/// What a config is set on.
package enum ConfigResource: Hashable, Sendable {
    case topic(String)
    case broker(Int32)
    /// The default of all brokers.
    case allBrokers

    /// Only the broker itself tells and takes its own configs.
    fileprivate var target: Target {
        if case .broker(let id) = self { .broker(id) } else { .any }
    }
    fileprivate var type: ConfigResourceType {
        if case .topic = self { .topic } else { .broker }
    }
    fileprivate var wireName: String {
        switch self {
        case .topic(let name): name
        case .broker(let id): "\(id)"
        case .allBrokers: ""
        }
    }
    /// DescribeConfigs' number of a value that is set on the resource itself.
    fileprivate var ownSource: Int8 {
        switch self {
        case .topic: 1
        case .broker: 2
        case .allBrokers: 3
        }
    }
}

/// A config set to a value or, with nil, deleted; or entries added to its list or taken from it.
package struct ConfigSetting: Hashable, Sendable {
    /// As IncrementalAlterConfigs numbers them.
    package enum Operation: Int8, Sendable { case set, delete, append, subtract }

    package var key: String
    package var value: String?
    package var operation: Operation

    package init(_ key: String, _ value: String?) {
        self.key = key
        self.value = value
        operation = value == nil ? .delete : .set
    }

    /// Whatever else the list holds stays. Kafka 2.4 adds nothing to a list that is not set.
    package init(_ key: String, append entries: [String]) {
        self.key = key
        value = entries.joined(separator: ",")
        operation = .append
    }

    package init(_ key: String, subtract entries: [String]) {
        self.key = key
        value = entries.joined(separator: ",")
        operation = .subtract
    }
}

/// One config as it is in force.
package struct ConfigInForce: Hashable, Sendable {
    package var name: String
    /// Nil where it is not set, or not told, as of sensitive keys.
    package var value: String?
    /// Who set it, in a word: "topic", "broker", "all brokers", "file", "default".
    package var sourceName: String
    /// It is set on the resource itself.
    package var isOwn: Bool
    package var isSensitive: Bool
    package var isReadOnly: Bool

    fileprivate init(_ config: DescribeConfigsResponse.Config, _ resource: ConfigResource) {
        name = config.name
        value = config.isSensitive ? nil : config.value
        isSensitive = config.isSensitive
        isReadOnly = config.readOnly
        isOwn =
            config.configSource == -1
            ? !config.isDefault : config.configSource == resource.ownSource
        sourceName =
            switch config.configSource {
            case 1: "topic"
            case 2: "broker"
            case 3: "all brokers"
            case 4: "file"
            case 5: "default"
            default: "not told"
            }
    }
}

/// What became of one resource of a request.
package struct ConfigOutcome: Hashable, Sendable {
    package var resource: ConfigResource
    /// Kafka's name of the error; nil: done.
    package var error: String?
    /// The broker's own sentence.
    package var message: String?
}

extension KafkaClient {
    /// Stands for a value that Kafka does not show, as those of passwords.
    package static let hiddenConfig = "(hidden)"

    /// Reads which of the keys are set on each resource itself, and to what; those that are not
    /// are missing. One broker must be able to tell of all of them: topics, or one broker.
    package func readConfigs(
        of wanted: [(resource: ConfigResource, keys: [String])],
        completion: @escaping (Result<[[String: String]], ClientError>) -> Void
    ) {
        var request = DescribeConfigsRequest()
        request.resources = wanted.map { item in
            .init(
                resourceType: item.resource.type, resourceName: item.resource.wireName,
                keys: item.keys)
        }
        send(request, to: wanted.first?.resource.target ?? .any) { result in
            completion(
                result.flatMap { answer in
                    let told = Dictionary(
                        answer.value.results.map { ($0.resourceName, $0) },
                        uniquingKeysWith: { first, _ in first })
                    var values: [[String: String]] = []
                    for item in wanted {
                        guard let result = told[item.resource.wireName] else {
                            values.append([:])
                            continue
                        }
                        if result.error.isError {
                            return .failure(Self.refused(item.resource, result))
                        }
                        values.append(Self.own(item.resource, result.configs))
                    }
                    return .success(values)
                })
        }
    }

    /// Reads all configs of a resource: the value in force of each, and who set it. Of all brokers
    /// only what is set.
    package func readConfigs(
        inForceOf resource: ConfigResource,
        completion: @escaping (Result<[ConfigInForce], ClientError>) -> Void
    ) {
        var request = DescribeConfigsRequest()
        request.resources = [
            .init(resourceType: resource.type, resourceName: resource.wireName, keys: nil)
        ]
        send(request, to: resource.target) { result in
            completion(
                result.flatMap { answer in
                    let told = answer.value.results.first
                    if let told, told.error.isError {
                        return .failure(Self.refused(resource, told))
                    }
                    return .success(
                        (told?.configs ?? []).map { ConfigInForce($0, resource) }
                            .sorted { $0.name < $1.name })
                })
        }
    }

    /// What is set on the resource itself.
    private static func own(
        _ resource: ConfigResource, _ configs: [DescribeConfigsResponse.Config]
    ) -> [String: String] {
        let own = configs.filter { config in
            config.configSource == -1
                ? !config.isDefault : config.configSource == resource.ownSource
        }
        return Dictionary(
            own.map { ($0.name, $0.value ?? Self.hiddenConfig) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func refused(
        _ resource: ConfigResource, _ told: DescribeConfigsResponse.Result
    ) -> ClientError {
        var broker: Int32?
        if case .broker(let id) = resource { broker = id }
        let message = told.errorMessage.map { " (\($0))" } ?? ""
        return ClientError(
            code: .kafkaError, api: DescribeConfigsRequest.name,
            action: DescribeConfigsRequest.verb,
            brokerID: broker, what: "\(told.error)\(message)", advice: "")
    }

    /// Sets and deletes configs of resources that one broker may answer for: of topics, of one
    /// broker, or of the default of all. Each resource is changed as a whole or not at all. Kafka
    /// 2.3 and later.
    /// - Parameter validatesOnly: the broker says whether it would take them, and changes nothing.
    package func alterConfigs(
        _ settings: [(resource: ConfigResource, settings: [ConfigSetting])],
        validatesOnly: Bool = false,
        completion: @escaping (Result<[ConfigOutcome], ClientError>) -> Void
    ) {
        var request = IncrementalAlterConfigsRequest()
        request.validateOnly = validatesOnly
        request.resources = settings.map { item in
            var resource = IncrementalAlterConfigsRequest.Resource()
            resource.resourceType = item.resource.type
            resource.resourceName = item.resource.wireName
            resource.configs = item.settings.map { setting in
                var config = IncrementalAlterConfigsRequest.Config()
                config.name = setting.key
                config.operation = setting.operation.rawValue
                config.value = setting.value
                return config
            }
            return resource
        }
        let resources = settings.map(\.resource)
        send(request, to: resources.first?.target ?? .any, lane: .slow) { result in
            completion(
                result.map { answer in
                    resources.map { resource in
                        let told = answer.value.results.first {
                            $0.resourceType == resource.type && $0.resourceName == resource.wireName
                        }
                        guard let told else {
                            return ConfigOutcome(
                                resource: resource, error: "\(KafkaError.unknownServerError)",
                                message: "the answer does not name this resource")
                        }
                        return ConfigOutcome(
                            resource: resource, error: told.error.isError ? "\(told.error)" : nil,
                            message: told.error.isError ? told.errorMessage : nil)
                    }
                })
        }
    }
}
