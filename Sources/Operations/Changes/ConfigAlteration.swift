// Single configs of topics and brokers, set or deleted. Source: Kafka's
// IncrementalAlterConfigsRequest.json and kafka-configs.sh (ConfigCommand.scala).
package import ClusterModel
package import JSON
package import KafkaClient
internal import KafkaConfigs
package import Planning

/// Dynamic configs set to values, or deleted so that the default holds again.
package struct ConfigAlteration: Operation {
    /// One config of one resource; nil is "not set".
    package struct Item: Hashable, Sendable {
        package var resource: ConfigResource
        package var key: String
        package var before: String?
        package var after: String?

        package init(
            _ resource: ConfigResource, _ key: String, from before: String?, to after: String?
        ) {
            self.resource = resource
            self.key = key
            self.before = before
            self.after = after
        }
    }

    package static let kind = "alter_configs"
    package var items: [Item]

    package init(_ items: [Item]) { self.items = items }

    /// The resources, each once, in the order they are named first.
    var resources: [ConfigResource] {
        var seen: Set<ConfigResource> = []
        return items.map(\.resource).filter { seen.insert($0).inserted }
    }

    package var summary: String {
        let subject =
            resources.count == 1 ? resources[0].name : counted(resources.count, "resource")
        return "change \(counted(items.count, "config")) of \(subject)"
    }

    package var before: [Fact] { items.map { Fact($0.resource.name, $0.key, $0.before) } }
    package var after: [Fact] { items.map { Fact($0.resource.name, $0.key, $0.after) } }
    package var confirmation: Confirmation {
        resources.count > 1 || resources.contains(.allBrokers) ? .cluster : .yes
    }
    /// Nil where Kafka does not show what was set before.
    package var undo: ConfigAlteration? {
        if items.contains(where: { $0.before == KafkaClient.hiddenConfig }) { return nil }
        return ConfigAlteration(
            items.map { Item($0.resource, $0.key, from: $0.after, to: $0.before) })
    }

    package func restricted(to isWanted: (String) -> Bool) -> ConfigAlteration {
        ConfigAlteration(items.filter { isWanted($0.resource.name) })
    }

    package func rebased(on facts: [Fact]) -> ConfigAlteration {
        let now = FactTable(facts)
        return ConfigAlteration(
            items.compactMap { item in
                let before = now.value(item.resource.name, item.key, else: item.before)
                // What is so already need not be asked for.
                if before == item.after { return nil }
                return Item(item.resource, item.key, from: before, to: item.after)
            })
    }

    package func byHand(_ tools: KafkaTools) -> [String] {
        resources.enumerated().flatMap { index, resource in
            byHand(tools, resource, file: index == 0 ? "add.properties" : "add-\(index).properties")
        }
    }

    private func byHand(_ tools: KafkaTools, _ resource: ConfigResource, file: String) -> [String] {
        var entity: [String]
        switch resource {
        case .topic(let name): entity = ["--entity-type", "topics", "--entity-name", name]
        case .broker(let id): entity = ["--entity-type", "brokers", "--entity-name", "\(id)"]
        case .allBrokers: entity = ["--entity-type", "brokers", "--entity-default"]
        }
        entity.append("--alter")
        let own = items.filter { $0.resource == resource }
        let set = own.compactMap { item in item.after.map { (key: item.key, value: $0) } }
        var lines: [String] = []
        if set.allSatisfy({ Self.fitsList($0.value) }) {
            if !set.isEmpty {
                entity += [
                    "--add-config",
                    set.map { "\($0.key)=\(Self.listed($0.value))" }.joined(separator: ","),
                ]
            }
        } else {
            let text = set.map { Self.property($0.key, $0.value) }.joined(separator: "\n")
            lines.append(KafkaTools.write(text, to: file))
            entity += ["--add-config-file", file]
        }
        let deleted = own.filter { $0.after == nil }.map(\.key)
        if !deleted.isEmpty { entity += ["--delete-config", deleted.joined(separator: ",")] }
        return lines + [tools.configs(entity)]
    }

    /// The tool drops brackets and the blanks around a value of `--add-config`.
    private static func fitsList(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x5B && $0 != 0x5D }
    }

    /// A value with a comma or an equals sign stands in brackets.
    private static func listed(_ value: String) -> String {
        value.contains { $0 == "," || $0 == "=" } ? "[\(value)]" : value
    }

    /// One line of Java properties: ISO 8859-1 with everything but plain ASCII escaped.
    private static func property(_ key: String, _ value: String) -> String {
        var line = key + "="
        for (index, unit) in value.utf16.enumerated() {
            switch unit {
            case 0x5C: line += "\\\\"
            case 0x20 where index == 0: line += "\\ "
            case 0x20..<0x7F: line.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return line
    }

    package var document: JSONValue {
        .object([
            .init(
                "configs",
                .array(
                    items.map { item in
                        .object([
                            .init("resource", item.resource.document),
                            .init("key", .string(item.key)),
                            .init("before", item.before.map(JSONValue.string) ?? .null),
                            .init("after", item.after.map(JSONValue.string) ?? .null),
                        ])
                    }))
        ])
    }

    package init?(_ document: JSONValue) {
        guard let list = document["configs"]?.array else { return nil }
        items = []
        for entry in list {
            guard let resource = entry["resource"].flatMap(ConfigResource.init),
                let key = entry["key"]?.string, let before = entry["before"],
                let after = entry["after"], before == .null || before.string != nil,
                after == .null || after.string != nil
            else { return nil }
            items.append(Item(resource, key, from: before.string, to: after.string))
        }
    }
}

extension ConfigAlteration {
    /// Values set on topics, brokers or, with `.cluster`, on all brokers; what a broker's configs
    /// are now is not known before it is asked.
    package static func propose(_ request: ChangeRequest, in cluster: Cluster) -> Proposal {
        var items: [Item] = []
        var refusal: String?
        for subject in request.subjects {
            guard let resource = ConfigResource(subject) else {
                refusal = "\(subject) has no configs"
                continue
            }
            var overrides: [String: String] = [:]
            if let told = cluster.configsInView, told.resource == subject,
                told.answeredAt.happened
            {
                for config in told.configs {
                    overrides[config.name] = told.override(config).map {
                        $0.value ?? KafkaClient.hiddenConfig
                    }
                }
            } else if case .topic(let name) = resource {
                guard let index = cluster.topicIndex(named: name),
                    let known = cluster.overrides(topic: index)
                else {
                    refusal = "the overrides of \(name) are not known yet"
                    continue
                }
                for entry in known { overrides[entry.name] = entry.text }
            }
            items += request.values.map { value in
                Item(resource, value.key, from: overrides[value.key], to: value.value)
            }
        }
        var proposal = Proposal(ConfigAlteration(items))
        proposal.counts = [
            .init("configs", items.count), .init("resources", Set(items.map(\.resource)).count),
        ]
        proposal.refusal = refusal
        let release = cluster.kafkaVersion.flatMap { KafkaRelease($0) }
        proposal.warnings = risks(of: items, release)
        proposal.notes = notes(on: items, cluster.configsInView, release)
        return proposal
    }

    package func read(
        _ client: KafkaClient,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        client.readPartitions(ofTopics: []) { [self] result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let reading):
                let keys = Dictionary(grouping: items, by: \.resource).mapValues { $0.map(\.key) }
                read(
                    client, groups(of: Limits.topicsPerReading)[...], keys,
                    FactReading(clusterID: reading.clusterID, facts: []), completion)
            }
        }
    }

    /// Asks about one request's resources after the other's.
    private func read(
        _ client: KafkaClient, _ rest: ArraySlice<[ConfigResource]>,
        _ keys: [ConfigResource: [String]], _ reading: FactReading,
        _ completion: @escaping (Result<FactReading, ClientError>) -> Void
    ) {
        guard let group = rest.first else { return completion(.success(reading)) }
        let wanted = group.map { (resource: $0, keys: keys[$0] ?? []) }
        client.readConfigs(of: wanted) { [self] result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let values):
                var reading = reading
                for (item, told) in zip(wanted, values) {
                    reading.facts += item.keys.map { Fact(item.resource.name, $0, told[$0]) }
                }
                read(client, rest.dropFirst(), keys, reading, completion)
            }
        }
    }

    package var neededRights: [NeededRight] {
        NeededRight.topics(
            resources.compactMap { if case .topic(let name) = $0 { name } else { nil } },
            .alterConfigs)
    }
    package var neededRight: Rights.Operation? {
        items.allSatisfy { $0.resource.isTopic } ? nil : .alterConfigs
    }

    /// Topics together, and each broker by itself: nobody else takes its configs.
    package var steps: [Step] {
        let topics = resources.filter(\.isTopic)
        return batches(topics, of: Limits.topicsPerRequest, step)
            + resources.filter { !$0.isTopic }.map { step([$0]) }
    }

    private func step(_ resources: [ConfigResource]) -> Step {
        let settings = settings(of: resources)
        return Step(resources.map(\.name)) { client, completion in
            client.alterConfigs(settings) { result in
                completion(
                    result.map { outcomes in outcomes.map { StepOutcome($0) } })
            }
        }
    }
}

extension ConfigResource {
    var id: ObjectID {
        switch self {
        case .topic(let name): .topic(name)
        case .broker(let id): .broker(BrokerID(id))
        case .allBrokers: .cluster
        }
    }

    package init?(_ id: ObjectID) {
        switch id {
        case .topic(let name): self = .topic(name)
        case .broker(let id): self = .broker(id.value)
        case .cluster: self = .allBrokers
        default: return nil
        }
    }

    var isTopic: Bool { if case .topic = self { true } else { false } }

    var name: String {
        switch self {
        case .topic(let name): "topic \(name)"
        case .broker(let id): "broker \(id)"
        case .allBrokers: "all brokers"
        }
    }

    fileprivate var document: JSONValue {
        switch self {
        case .topic(let name): .object([.init("topic", .string(name))])
        case .broker(let id): .object([.init("broker", .integer(Int64(id)))])
        case .allBrokers: .object([.init("broker", .null)])
        }
    }

    fileprivate init?(_ document: JSONValue) {
        if let name = document["topic"]?.string {
            self = .topic(name)
        } else if let id = document["broker"]?.integer.flatMap({ Int32(exactly: $0) }) {
            self = .broker(id)
        } else if document["broker"] == .null {
            self = .allBrokers
        } else {
            return nil
        }
    }
}
