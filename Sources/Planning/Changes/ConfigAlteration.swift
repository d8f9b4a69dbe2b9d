// Single configs of topics and brokers, set or deleted. Source: Kafka's
// IncrementalAlterConfigsRequest.json and kafka-configs.sh (ConfigCommand.scala).
package import JSON

/// Dynamic configs set to values, or deleted so that the default holds again.
package struct ConfigAlteration: Change {
    /// What the config belongs to.
    package enum Resource: Hashable, Sendable {
        case topic(String)
        case broker(Int32)
        /// The default of all brokers.
        case allBrokers

        package var name: String {
            switch self {
            case .topic(let name): "topic \(name)"
            case .broker(let id): "broker \(id)"
            case .allBrokers: "all brokers"
            }
        }
    }

    /// One config of one resource; nil is "not set".
    package struct Item: Hashable, Sendable {
        package var resource: Resource
        package var key: String
        package var before: String?
        package var after: String?

        package init(_ resource: Resource, _ key: String, from before: String?, to after: String?) {
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
    private var resources: [Resource] {
        var seen: Set<Resource> = []
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
    package var undo: ConfigAlteration? {
        ConfigAlteration(
            items.map { Item($0.resource, $0.key, from: $0.after, to: $0.before) })
    }

    package func byHand(_ tools: KafkaTools) -> [String] {
        resources.enumerated().flatMap { index, resource in
            byHand(tools, resource, file: index == 0 ? "add.properties" : "add-\(index).properties")
        }
    }

    private func byHand(_ tools: KafkaTools, _ resource: Resource, file: String) -> [String] {
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
            guard let resource = entry["resource"].flatMap(Resource.init),
                let key = entry["key"]?.string, let before = entry["before"],
                let after = entry["after"], before == .null || before.string != nil,
                after == .null || after.string != nil
            else { return nil }
            items.append(Item(resource, key, from: before.string, to: after.string))
        }
    }
}

extension ConfigAlteration.Resource {
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
